"""What people read when something is refused or fails: in their language, with what to do next."""

import logging
import re
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from accounts.access import public
from accounts.models import User
from core.database import session
from tests.browser import Browser


def test_an_address_with_nothing_is_told_in_the_language_of_who_is_signed_in(
    browser: Browser, acme: Any, ada: User
) -> None:
    browser.open("/no-such-page", expect=404)
    assert browser.heading == "Nothing here"
    browser.sign_in(ada)
    ada.locale = "ru"
    session.commit()
    browser.open("/no-such-page", expect=404)
    assert browser.heading == "Здесь ничего нет"


def test_who_looks_as_another_can_leave_from_an_address_with_nothing(
    browser: Browser, acme: Any, mona: User, ada: User
) -> None:
    browser.sign_in(mona).open(f"/staff/partners/{acme.id}").press("See as they do")
    browser.open("/no-such-page", expect=404).press("Back to my own view")
    assert browser.sees("You see the portal as yourself again.")


def test_a_form_that_is_too_large_says_how_much_is_taken(own_app: Flask) -> None:
    sent = {"email": "x" * (own_app.config["MAX_CONTENT_LENGTH"] + 1)}
    answer = own_app.test_client().post(
        "/sign-in", data=sent, headers={"Referer": "http://localhost/sign-in"}
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 413 and "12 MB at once" in page
    assert 'href="/sign-in"' in page and "Back to where you were" in page


def test_a_failure_has_a_number_that_the_log_knows(own_app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    @own_app.get("/test-failure")
    @public
    def fail() -> str:
        raise ValueError("the secret of the house")

    with caplog.at_level(logging.ERROR):
        page = own_app.test_client().get("/test-failure").get_data(as_text=True)
    number = re.search(r'class="mono">([0-9a-f]{8})<', page)
    assert number is not None and number[1] in caplog.text


def test_a_page_whose_database_was_away_is_tried_again_where_it_was(own_app: Flask) -> None:
    @own_app.get("/test-away")
    @public
    def away() -> str:
        raise sa.exc.OperationalError("select", {}, Exception("away"))

    answer = own_app.test_client().get("/test-away?page=2")
    assert answer.status_code == 503 and 'href="/test-away?page=2"' in answer.get_data(as_text=True)
