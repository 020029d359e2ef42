"""The programme's public page says what it is, what the tiers give, and how long answers take, measured."""

from typing import Any

import pytest

from accounts.models import User
from partners import operations
from tests.browser import Browser
from tests.partners.cast import an_application

pytestmark = pytest.mark.usefixtures("programme")


def test_a_stranger_at_the_front_door_reads_the_programme(browser: Browser, mona: User) -> None:
    browser.open("/")
    assert browser.url == "/programme"
    assert browser.heading == "We bring you customers. You make their project work."
    for words in ("Nine tenths are yours", "12 ways to earn", "Platinum", "Implementation", "Mona Manager"):
        assert browser.sees(words), words
    assert "Apply to join" in browser.links


def test_answer_times_are_not_claimed_before_they_are_measured(
    browser: Browser, mona: User, time: Any
) -> None:
    assert browser.open("/programme").sees("Not measured yet")
    for number in range(5):
        application = an_application(f"Firm{number}")
        time.move(hours=1)
        operations.reject_application(application, reason="coverage", by=mona)
    assert not browser.open("/programme").sees("Not measured yet")


def test_the_pages_for_strangers_speak_russian(browser: Browser) -> None:
    browser.open("/programme?lang=ru")
    assert browser.heading == "Мы приводим клиентов. Вы делаете их проект."
    assert browser.open("/apply?lang=ru").heading == "Подать заявку"


def test_what_is_offered_to_strangers_costs_few_questions(browser: Browser) -> None:
    browser.open("/programme")
    assert browser.queries <= 12
