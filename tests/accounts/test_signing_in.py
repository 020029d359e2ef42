"""Signing in and out."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from accounts import operations, queries
from accounts.models import SignIn
from core import clock
from core.database import session
from tests.browser import PASSWORD, Browser


def test_the_right_password_opens_the_home_page(browser: Browser, mona: Any) -> None:
    browser.sign_in(mona)
    assert browser.url == "/"
    assert "Mona Manager" in browser.html


def test_a_wrong_password_and_an_unknown_address_get_the_same_sentence(browser: Browser, mona: Any) -> None:
    said = []
    for email in (mona.email, "nobody@meridian.example"):
        browser.open("/sign-in").fill("E-mail", email).fill("Password", "something else").press(
            "Sign in", expect=422
        )
        said.append(browser.text.replace(email, ""))
        assert browser.sees("E-mail and password do not go together.")
    assert said[0] == said[1]


def test_signing_in_changes_the_cookie(browser: Browser, mona: Any) -> None:
    browser.open("/sign-in")
    before = browser.client.get_cookie("guildhall")
    browser.sign_in(mona)
    after = browser.client.get_cookie("guildhall")
    assert before is not None and after is not None and before.value != after.value


def test_signing_out_ends_the_session_on_the_server(browser: Browser, mona: Any) -> None:
    browser.sign_in(mona)
    stolen = browser.client.get_cookie("guildhall")
    browser.press("Sign out")
    assert stolen is not None
    browser.client.set_cookie("guildhall", stolen.value)
    browser.open("/account")
    assert browser.heading == "Sign in"


def test_a_session_ends_after_two_weeks(browser: Browser, mona: Any, time: Any) -> None:
    browser.sign_in(mona)
    time.move(days=15)
    browser.open("/account")
    assert browser.heading == "Sign in"


def test_a_suspended_person_is_out_at_once(browser: Browser, mona: Any, pia: Any) -> None:
    browser.sign_in(mona)
    operations.suspend_person(mona, by=pia)
    browser.open("/account")
    assert browser.heading == "Sign in"


def test_a_page_asked_for_before_signing_in_comes_after_it(browser: Browser, mona: Any) -> None:
    browser.open("/account")
    browser.fill("E-mail", mona.email).fill("Password", PASSWORD).press("Sign in")
    assert browser.url == "/account"


def test_the_way_back_never_leads_to_another_site(browser: Browser, mona: Any) -> None:
    for bad in ("//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"):
        browser.open(f"/sign-in?next={bad}")
        browser.fill("E-mail", mona.email).fill("Password", PASSWORD).press("Sign in")
        assert browser.url == "/"
        browser.press("Sign out")


def test_ten_wrong_tries_close_an_account_for_five_minutes(browser: Browser, mona: Any) -> None:
    for _ in range(10):
        browser.open("/sign-in").fill("E-mail", mona.email).fill("Password", "wrong").press(
            "Sign in", expect=422
        )
    browser.open("/sign-in").fill("E-mail", mona.email).fill("Password", PASSWORD).press(
        "Sign in", expect=429
    )
    assert browser.response.headers["Retry-After"]


def test_the_cookie_is_kept_only_as_a_digest(browser: Browser, mona: Any) -> None:
    _user, secret = operations.sign_in(mona.email, PASSWORD, address="", browser="")
    assert session.scalar(sa.select(SignIn).where(SignIn.token_digest == secret)) is None
    assert queries.open_sign_in(secret) is not None


def test_a_password_counts_as_fresh_for_ten_minutes(mona: Any, time: Any) -> None:
    _user, secret = operations.sign_in(mona.email, PASSWORD, address="", browser="")
    row = queries.open_sign_in(secret)
    assert row is not None and row.is_fresh
    time.move(minutes=10)
    assert not row.is_fresh
    assert row.expires_at - clock.now() > timedelta(days=13)
