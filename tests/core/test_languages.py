"""Which languages a programme offers, and in which it speaks to whoever wishes none of them."""

from typing import Any

import pytest

from accounts.models import User
from core import mail
from core.database import session
from core.errors import InvalidInput
from core.i18n import current_locale, default_locale, offered_locales, speaking, spoken_to
from core.settings import DEFAULT_LANGUAGE, LANGUAGES, StoredSetting, change_setting
from tests.browser import Browser


@pytest.fixture
def only_russian(pia: User) -> None:
    change_setting(LANGUAGES, "ru", by=pia)


def test_as_installed_both_are_offered_and_english_comes_first() -> None:
    assert list(offered_locales()) == ["en", "ru"] and default_locale() == "en"
    assert [spoken_to(wish) for wish in ("ru", "en", "de", None)] == ["ru", "en", "en", "en"]


def test_one_at_least_stays(pia: User) -> None:
    for typed, why in ((" , ", "at least one"), ("ru,de", "from the list")):
        with pytest.raises(InvalidInput, match=why):
            change_setting(LANGUAGES, typed, by=pia)
    change_setting(LANGUAGES, "ru", by=pia)
    assert list(offered_locales()) == ["ru"] and default_locale() == "ru"


def test_the_first_language_is_one_of_those_offered(pia: User, only_russian: None) -> None:
    with pytest.raises(InvalidInput, match="that are offered"):
        change_setting(DEFAULT_LANGUAGE, "en", by=pia)
    change_setting(DEFAULT_LANGUAGE, "ru", by=pia)
    change_setting(LANGUAGES, "en,ru", by=pia)
    assert default_locale() == "ru"


def test_mail_goes_out_in_a_language_that_is_offered(ada: User, only_russian: None, mails: Any) -> None:
    ada.locale = "en"
    mail.send("accounts/emails/password_changed", to=ada.email, locale=ada.locale, name="Ada", url="/")
    [letter] = mails(to=ada.email)
    assert "Здравствуйте" in letter["text"]
    with speaking(None):
        assert current_locale() == "ru", "who wishes nothing is spoken to in the first language"
    with speaking("en"):
        assert current_locale() == "en", "a paper is printed in its own language, whatever is offered today"


def test_with_one_language_nobody_is_asked_which(browser: Browser, ada: User, pia: User) -> None:
    ada.locale = "en"
    browser.sign_in(ada).open("/account")
    assert 'action="/language"' in browser.html
    change_setting(LANGUAGES, "ru", by=pia)
    stranger = Browser(browser.app)
    stranger.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en-GB,en"
    stranger.open("/sign-in?lang=en")
    assert '<html lang="ru"' in stranger.html and 'action="/language"' not in stranger.html
    browser.open("/account")
    assert '<html lang="ru"' in browser.html and 'action="/language"' not in browser.html
    assert 'value="en"' not in browser.html.partition('name="locale"')[2].partition("</select>")[0]


def test_the_browser_s_wish_is_met_among_those_offered(browser: Browser, pia: User) -> None:
    change_setting(DEFAULT_LANGUAGE, "ru", by=pia)
    for wish, spoken in (("de,en;q=0.5", "en"), ("de", "ru"), ("ru", "ru")):
        browser.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = wish
        browser.open("/sign-in")
        assert f'<html lang="{spoken}"' in browser.html


def test_languages_are_ticked_on_the_page_of_settings(browser: Browser, pia: User) -> None:
    pia.locale = "en"
    browser.sign_in(pia).open("/staff/settings")
    browser.typed["programme.languages"] = [""]  # what a browser sends when no box is ticked
    browser.press("Save the settings", expect=422)
    assert browser.sees("Choose at least one.")
    browser.open("/staff/settings").fill("Languages", ["Русский"]).press("Save the settings", expect=422)
    assert browser.sees("Choose one of the languages that are offered.") and len(offered_locales()) == 2
    browser.open("/staff/settings").fill("Languages", ["Русский"]).fill("First language", "Русский")
    browser.press("Save the settings")
    session.info.pop("settings", None)
    assert list(offered_locales()) == ["ru"]
    browser.open("/staff/settings/history")
    assert "English, Русский" in browser.text


def test_zone_country_and_currency_are_chosen_from_lists(browser: Browser, pia: User) -> None:
    browser.sign_in(pia).open("/staff/settings")
    browser.fill("Time zone of the programme", "Asia/Almaty")
    browser.fill("Country whose working days the vendor keeps", "Kazakhstan")
    browser.fill("Main currency", "KZT – Kazakhstani Tenge").press("Save the settings")
    browser.open("/staff/settings/history")
    assert browser.sees("Germany Kazakhstan") and browser.sees("EUR – Euro KZT")


@pytest.mark.parametrize(
    ("key", "typed"),
    [("programme.country", "XX"), ("programme.currency", "DEM"), ("programme.time_zone", "Mars/Olympus")],
)
def test_what_is_not_on_the_list_is_refused_and_never_held(pia: User, key: str, typed: str) -> None:
    from core.settings import DECLARED

    setting = DECLARED[key]
    with pytest.raises(InvalidInput, match=key):
        change_setting(setting, typed, by=pia)
    change_setting(
        setting, {"programme.time_zone": "UTC"}.get(key, "USD" if "currency" in key else "AT"), by=pia
    )
    session.get_one(StoredSetting, key).value = typed  # as an earlier release took it
    session.flush()
    session.info.pop("settings", None)
    assert setting.value() == setting.default


def test_a_colleague_s_language_is_chosen_among_those_offered(browser: Browser, pia: User) -> None:
    browser.sign_in(pia)
    change_setting(LANGUAGES, "ru", by=pia)
    browser.open("/staff/people/new")
    assert "English" not in browser.html.partition('name="locale"')[2].partition("</select>")[0]
