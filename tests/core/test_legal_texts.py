"""Privacy notice, terms, imprint: written by the programme, in one language or both, and asked for while missing."""

import re
from typing import Any

import pytest

from accounts.models import User
from core.settings import LEGAL, change_setting, legal_text
from core.waiting import waiting_for
from demonstration import accounts_legal
from tests.browser import Browser


def as_seen_by(locale: str, app: Any) -> Browser:
    browser = Browser(app)
    browser.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = locale
    return browser


def test_a_text_is_read_in_the_reader_s_language_or_as_it_is(app: Any) -> None:
    written, in_russian = LEGAL["imprint"]
    change_setting(written, "Meridian GmbH, **Hamburg**", by=None)
    assert as_seen_by("ru", app).open("/legal/imprint").sees("Meridian GmbH, Hamburg")
    change_setting(in_russian, "Meridian GmbH, Гамбург", by=None)
    russian = as_seen_by("ru", app).open("/legal/imprint")
    assert russian.sees("Гамбург") and not russian.sees("Hamburg")
    assert as_seen_by("en", app).open("/legal/imprint").sees("Hamburg")
    change_setting(written, "", by=None)
    assert as_seen_by("en", app).open("/legal/imprint").sees("Гамбург")


def test_nothing_leads_to_a_text_that_nobody_wrote(browser: Browser) -> None:
    browser.open("/legal/terms", expect=404)
    change_setting(LEGAL["imprint"][0], "Here.", by=None)
    browser.open("/sign-in")
    assert re.findall(r'href="(/legal/\w+)"', browser.html) == ["/legal/imprint"]


def test_what_is_missing_waits_for_whoever_may_write_it(browser: Browser, pia: User, mona: User) -> None:
    browser.sign_in(pia).open("/")
    assert browser.sees("Still missing: Privacy notice, Terms, Imprint.")
    browser.click("Write them")
    assert browser.heading == "Settings" and 'id="s-legal-privacy"' in browser.html
    accounts_legal.make_demo()
    browser.open("/")
    assert not browser.sees("Still missing")


@pytest.mark.parametrize("page", LEGAL)
def test_the_demo_has_each_in_both_languages(app: Any, page: str) -> None:
    accounts_legal.make_demo()
    english, russian = (as_seen_by(wish, app).open(f"/legal/{page}") for wish in ("en", "ru"))
    assert english.sees("Meridian")
    assert russian.sees("Meridian") and re.search("[А-Яа-я]{5}", russian.text)
    assert legal_text(page)


def test_partners_people_are_not_asked_to_write_them(mona: User, ada: User, app: Any) -> None:
    with app.test_request_context():
        for person in (mona, ada):
            assert not [one for one in waiting_for(person) if "/staff/settings" in one.url]
