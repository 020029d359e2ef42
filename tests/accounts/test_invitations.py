"""How somebody new comes in, and how a forgotten password comes back."""

import re
from typing import Any

import pytest

from accounts import operations, queries
from accounts.models import TokenPurpose
from accounts.permissions import Role
from core.errors import InvalidInput, Refusal
from tests.browser import PASSWORD, Browser


def link_in(mail: dict[str, Any]) -> str:
    """The path of the first link of a mail."""
    found = re.search(r"http://localhost(/\S+)", mail["text"])
    assert found is not None, mail["text"]
    return found[1]


def test_an_invited_colleague_sets_a_password_and_is_in(browser: Browser, pia: Any, mails: Any) -> None:
    browser.sign_in(pia).open("/staff/people/new")
    browser.fill("Name", "Nina New").fill("E-mail", "nina@meridian.example").fill("Role", "Finance")
    browser.press("Send the invitation", expect=200)
    assert browser.sees("Nina New") and browser.sees("Invited")
    (mail,) = mails(to="nina@meridian.example")
    browser.press("Sign out").open(link_in(mail))
    browser.fill("New password", PASSWORD).fill("The same again", PASSWORD).press(
        "Set the password and enter"
    )
    assert browser.url == "/" and "Nina New" in browser.html


def test_an_invitation_works_once(browser: Browser, mona: Any) -> None:
    _user, secret = operations.invite_person(email="n@x.example", name="N", role=Role.FINANCE, by=mona)
    token = queries.good_token(TokenPurpose.INVITATION, secret)
    assert token is not None
    operations.accept_invitation(token, name="N", password=PASSWORD)
    browser.open(f"/invitation/{secret}", expect=404)
    with pytest.raises(Refusal):
        operations.spend_token(token)


def test_an_invitation_lasts_seven_days(browser: Browser, mona: Any, time: Any) -> None:
    _user, secret = operations.invite_person(email="n@x.example", name="N", role=Role.FINANCE, by=mona)
    time.move(days=6, hours=23)
    assert queries.good_token(TokenPurpose.INVITATION, secret) is not None
    time.move(hours=1)
    browser.open(f"/invitation/{secret}", expect=404)
    assert browser.sees("Ask for a new link")


def test_a_weak_password_is_refused_at_its_field(browser: Browser, mona: Any) -> None:
    _user, secret = operations.invite_person(email="nora@x.example", name="Nora", role=Role.FINANCE, by=mona)
    for weak in (
        "short",
        "passwordpassword",
        "abcabcabcabcabc",
        "123456789012",
        "nora-nora-nora",
        "lovergirl123",
    ):
        browser.open(f"/invitation/{secret}").fill("New password", weak).fill("The same again", weak)
        browser.press("Set the password and enter", expect=422)
        assert "aria-invalid" in browser.html, weak


def test_a_forgotten_password_is_answered_the_same_for_everyone(
    browser: Browser, mona: Any, mails: Any, run_jobs: Any
) -> None:
    said = []
    for email in (mona.email, "nobody@meridian.example"):
        browser.open("/password-reset").fill("E-mail", email).press("Mail me a link")
        said.append(browser.text.replace(email, ""))
    assert said[0] == said[1]
    run_jobs()
    assert "works once" in mails(to=mona.email)[0]["text"]
    assert "nobody signs in" in mails(to="nobody@meridian.example")[0]["text"]


def test_a_reset_ends_every_session_and_is_told_by_mail(
    browser: Browser, app: Any, mona: Any, mails: Any
) -> None:
    other = Browser(app).sign_in(mona)
    secret = operations.issue_token(mona, TokenPurpose.PASSWORD_RESET)
    browser.open(f"/password-reset/{secret}")
    browser.fill("New password", "another good pass phrase").fill(
        "The same again", "another good pass phrase"
    )
    browser.press("Set the password")
    assert browser.url == "/"
    assert other.open("/account").heading == "Sign in"
    assert any("was changed" in mail["subject"] for mail in mails(to=mona.email))


def test_reset_links_are_made_from_the_configured_address(browser: Browser, mona: Any, mails: Any) -> None:
    browser.open("/password-reset")
    answer = browser.client.post(
        "/password-reset", data={"email": mona.email}, headers={"Host": "evil.example"}
    )
    assert answer.status_code == 400
    assert mails() == []


def test_the_old_password_is_asked_for_before_a_new_one(mona: Any) -> None:
    with pytest.raises(InvalidInput) as caught:
        operations.change_password(mona, old="wrong", new="another good pass phrase")
    assert "old_password" in caught.value.problems


def test_the_last_programme_admin_stays(pia: Any, mona: Any) -> None:
    with pytest.raises(Refusal):
        operations.suspend_person(pia, by=mona)
    with pytest.raises(Refusal):
        operations.change_person(pia, name="Pia", role=Role.FINANCE, by=pia)


def test_the_first_start_makes_an_admin_once(browser: Browser, app: Any) -> None:
    from accounts.views.public import set_up_code

    browser.open("/sign-in")
    assert browser.url == "/set-up"
    for label, value in {
        "Your company": "Globex", "Your name": "Gina", "Your e-mail": "gina@globex.example", "New password": PASSWORD,
        "The same again": PASSWORD, "Time zone of the programme": "Europe/Vienna",
    }.items():  # fmt: skip
        browser.fill(label, value)
    browser.fill("Set-up code", "not it").press("Set up the programme", expect=422)
    assert browser.sees("That is not the code")
    for label in ("New password", "The same again"):
        browser.fill(label, "short")
    browser.fill("Set-up code", "not it").press("Set up the programme", expect=422)
    assert browser.sees("That is not the code") and browser.sees("at least 12 characters".capitalize())
    for label in ("New password", "The same again"):
        browser.fill(label, PASSWORD)
    browser.fill("Set-up code", set_up_code()).press("Set up the programme")
    assert browser.url == "/" and "Globex" in browser.html
    assert browser.sees("The programme is yours.")
    assert browser.sees("Invite your colleagues") and browser.sees("Publish a plan")
    Browser(app).open("/set-up", expect=404)
