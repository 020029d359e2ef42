"""Before something that matters one shows once more who one is; what was typed meanwhile is not lost."""

import io
import re
from typing import Any

from accounts import operations, queries
from accounts.held import HeldForm, opened_for, sealed_for
from accounts.models import ApiKey
from core.database import session
from tests.accounts.authenticator import an_app
from tests.accounts.test_second_factors import a_passkey, options
from tests.browser import PASSWORD, Browser


def a_stale_key_form(browser: Browser, pia: Any, time: Any) -> Browser:
    """Somebody who thought for eleven minutes about the scopes of a key, and then sent it."""
    browser.sign_in(pia).open("/staff/api-keys").fill("Name", "Büro & Shop").fill(
        "Scopes", ["leads:read", "deals:write"]
    )
    time.move(minutes=11)
    return browser.press("Make the key")


def token_of(browser: Browser) -> str:
    """The token of the page at hand, for what only a script sends."""
    found = re.search(r'name="csrf-token" content="([^"]+)"', browser.html)
    assert found is not None
    return found[1]


def keys() -> list[ApiKey]:
    return list(session.scalars(queries.api_keys()))


def test_what_was_typed_waits_and_goes_on(browser: Browser, pia: Any, time: Any) -> None:
    a_stale_key_form(browser, pia, time)
    assert browser.status == 403 and browser.heading == "Confirm that it is you"
    assert keys() == [], "nothing is done before"
    browser.fill("Password", PASSWORD).press("Go on")
    assert browser.heading == "You are confirmed"
    browser.press("Go on")
    assert "ghk_" in browser.html
    (key,) = keys()
    assert key.user.name == "Büro & Shop" and key.scopes == ["deals:write", "leads:read"]


def test_a_wrong_password_loses_nothing_either(browser: Browser, pia: Any, time: Any) -> None:
    a_stale_key_form(browser, pia, time)
    browser.fill("Password", "not my password").press("Go on", expect=422)
    assert browser.sees("That is not your password.")
    browser.fill("Password", PASSWORD).press("Go on").press("Go on")
    assert len(keys()) == 1


def test_a_passkey_lets_it_go_on_too(browser: Browser, pia: Any, time: Any) -> None:
    totp, _codes = an_app(pia)
    key = a_passkey(pia)
    browser.sign_in(pia)
    browser.fill("Six digits from the app, or a recovery code", totp.now()).press("Go on")
    browser.open("/staff/api-keys").fill("Name", "Shop").fill("Scopes", ["leads:read"])
    time.move(minutes=11)
    browser.press("Make the key")
    held = re.search(r'name="held" value="([^"]+)"', browser.html)
    assert held is not None
    sent = {
        "csrf_token": [token_of(browser)],
        "held": [held[1]],
        "credential": [key.show(options(browser, "confirmation"))],
    }
    browser._go("POST", "/confirm-password", sent, None).press("Go on")
    assert len(keys()) == 1


def test_a_file_is_asked_for_again_and_said_so(browser: Browser, acme: Any, ada: Any, time: Any) -> None:
    browser.sign_in(ada).open("/payout-profile")
    time.move(minutes=11)
    sent = {"csrf_token": token_of(browser), "kind": "w9", "file": (io.BytesIO(b"%PDF-1.4"), "w9.pdf")}
    browser._go("POST", "/payout-profile/tax-papers", sent, None)
    assert browser.heading == "Confirm that it is you" and browser.sees("Files have to be chosen again.")
    browser.fill("Password", PASSWORD).press("Go on")
    assert browser.url == "/payout-profile"


def test_a_held_form_is_its_senders_alone(pia: Any, mona: Any) -> None:
    sealed = sealed_for(pia, HeldForm("/staff/api-keys", [("name", "Shop")]))
    assert "Shop" not in sealed
    assert opened_for(pia, sealed) == HeldForm("/staff/api-keys", [("name", "Shop")])
    assert opened_for(mona, sealed) is None
    assert opened_for(pia, sealed[:-4] + "AAAA") is None
    assert opened_for(pia, "") is None


def test_a_forged_one_is_left_aside(browser: Browser, pia: Any) -> None:
    browser.sign_in(pia).open("/confirm-password?next=/account")
    sent = {"csrf_token": [token_of(browser)], "held": ["nonsense"], "password": [PASSWORD]}
    assert browser._go("POST", "/confirm-password?next=/account", sent, None).url == "/account"


def test_passkeys_still_open_when_the_codes_are_used_up(browser: Browser, mona: Any) -> None:
    an_app(mona)
    key = a_passkey(mona)
    browser.sign_in(mona)
    for _ in range(5):
        browser.fill("Six digits from the app, or a recovery code", "000000").press("Go on")
    assert browser.press("Go on").status == 429
    browser.open("/sign-in/second-factor")
    sent = {"csrf_token": [token_of(browser)], "credential": [key.show(options(browser, "second_factor"))]}
    assert browser._go("POST", "/sign-in/second-factor", sent, None).url == "/"


def test_the_welcome_of_the_first_entry_is_seen(browser: Browser, pia: Any) -> None:
    _user, secret = operations.invite_person(
        email="nora@meridian.example", name="Nora", role=pia.role, by=pia
    )
    browser.open(f"/invitation/{secret}").fill("New password", PASSWORD).fill("The same again", PASSWORD)
    browser.press("Set the password and enter")
    assert browser.sees("Welcome, Nora.")
