"""Signing in at the vendor's identity provider, a real one on loopback."""

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from joserfc.jwk import RSAKey

from accounts import queries
from accounts.models import WaitingForm
from accounts.permissions import Role
from core.database import session
from tests.accounts.identity_provider import CLIENT, SECRET, IdentityProvider, an_identity_provider
from tests.browser import Browser


@pytest.fixture
def idp(app: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[IdentityProvider]:
    with an_identity_provider() as provider:
        for name, value in {
            "OIDC_ISSUER": provider.issuer, "OIDC_CLIENT_ID": CLIENT, "OIDC_CLIENT_SECRET": SECRET,
            "OIDC_NAME": "Meridian ID", "OIDC_NEW_ROLE": "", "OIDC_DOMAINS": [],
        }.items():  # fmt: skip
            monkeypatch.setitem(app.config, name, value)
        yield provider


def leave_for(browser: Browser, path: str = "/sign-in/provider") -> str:
    """The provider's address that the portal sends the browser to."""
    session.commit()
    answer = browser._ask(path, method="GET")
    assert answer.status_code == 302, answer.data
    return str(answer.headers["Location"])


def come_back(browser: Browser, address: str) -> Browser:
    return browser.open(address.removeprefix("http://localhost"))


def signed_in_as(browser: Browser, idp: IdentityProvider, **who: Any) -> Browser:
    return come_back(browser, idp.sign_in(leave_for(browser), **who))


def test_a_colleague_is_linked_by_the_verified_address_then_known_by_the_number(
    browser: Browser, app: Any, idp: IdentityProvider, mona: Any
) -> None:
    browser.open("/sign-in?next=/account")
    assert "Sign in with Meridian ID" in browser.links
    address = leave_for(browser, "/sign-in/provider?next=/account")
    come_back(browser, idp.sign_in(address, email=mona.email.upper(), name="Mona"))
    assert browser.url == "/account"
    assert mona.provider_subject == f"{idp.issuer}|8f14e45f"
    other = signed_in_as(Browser(app), idp, email="another@elsewhere.example")
    assert "Mona Manager" in other.html, "the number counts, whatever the address has become"


@pytest.mark.parametrize(
    "who",
    [
        {"email": "nobody@meridian.example"},
        {"email": "mona@meridian.example", "email_verified": False},
        {"email": "ada@acme.example"},
        {"email": "mona@meridian.example", "aud": "somebody else"},
        {"email": "mona@meridian.example", "iss": "https://evil.example"},
        {"email": "mona@meridian.example", "nonce": "of another day"},
        {"email": "mona@meridian.example", "exp": 1},
    ],
    ids=["a stranger", "unverified", "a partner's", "for another", "by another", "another nonce", "stale"],
)
def test_who_is_not_vouched_for_stays_outside(
    browser: Browser, idp: IdentityProvider, mona: Any, ada: Any, who: dict[str, Any]
) -> None:
    signed_in_as(browser, idp, **who)
    assert browser.heading == "Sign in" and mona.provider_subject is None and ada.provider_subject is None


def test_a_token_signed_by_another_key_is_not_believed(
    browser: Browser, idp: IdentityProvider, mona: Any
) -> None:
    idp.signs_with = RSAKey.generate_key(2048, parameters={"kid": "one"})
    signed_in_as(browser, idp, email=mona.email)
    assert browser.sees("Meridian ID has not let you in.")


def test_an_answer_that_another_browser_asked_for_is_refused(
    browser: Browser, app: Any, idp: IdentityProvider, mona: Any
) -> None:
    answer = idp.sign_in(leave_for(browser), email=mona.email)
    victim = come_back(Browser(app), answer)
    assert victim.heading == "Sign in" and victim.sees("was not begun in this browser")
    come_back(browser, answer.replace("state=", "state=x"))
    assert browser.heading == "Sign in"


def test_the_provider_away_is_said_and_nothing_breaks(
    browser: Browser, app: Any, monkeypatch: pytest.MonkeyPatch, mona: Any
) -> None:
    monkeypatch.setitem(app.config, "OIDC_ISSUER", "http://127.0.0.1:9")
    monkeypatch.setitem(app.config, "OIDC_CLIENT_ID", CLIENT)
    browser.open("/sign-in/provider")
    assert browser.sees("127.0.0.1 does not answer.")


def test_new_colleagues_come_in_where_a_rule_says_so(
    browser: Browser, app: Any, idp: IdentityProvider, mona: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "OIDC_NEW_ROLE", "author")
    monkeypatch.setitem(app.config, "OIDC_DOMAINS", ["meridian.example"])
    signed_in_as(browser, idp, email="nina@meridian.example", name="Nina New")
    nina = queries.user_by_email("nina@meridian.example")
    assert nina is not None and nina.role is Role.AUTHOR and nina.has_signed_up
    other = signed_in_as(Browser(app), idp, email="eve@evil.example", sub="other")
    assert other.heading == "Sign in"


def test_what_matters_is_confirmed_at_the_provider_too(
    browser: Browser, idp: IdentityProvider, pia: Any, time: Any
) -> None:
    signed_in_as(browser, idp, email=pia.email)
    time.move(minutes=11)
    browser.open("/staff/api-keys")
    assert "Confirm with Meridian ID" in browser.links
    asked = "/sign-in/provider?confirm=1&next=/staff/api-keys"
    address = leave_for(browser, asked)
    assert "prompt=login" in address and "max_age=0" in address
    come_back(browser, idp.sign_in(address, email=pia.email, auth_time=1))
    assert browser.sees("did not ask you again")
    come_back(browser, idp.sign_in(leave_for(browser, asked), email=pia.email))
    assert browser.url == "/staff/api-keys"


def a_late_form(browser: Browser, idp: IdentityProvider, pia: Any, time: Any) -> Browser:
    """Somebody who signs in at the provider alone, and sends the form of a key after eleven minutes."""
    pia.password_hash = None
    signed_in_as(browser, idp, email=pia.email)
    browser.open("/staff/api-keys").fill("Name", "Büro & Shop").fill("Scopes", ["leads:read"])
    time.move(minutes=11)
    browser.press("Make the key")
    assert browser.status == 403 and browser.sees("What you sent waits here and goes on by itself.")
    return browser.press("Confirm with Meridian ID")


def on_to_the_provider(browser: Browser) -> str:
    """The provider's address behind the page that leads there by itself."""
    assert browser.heading == "On to Meridian ID"
    url = browser.response.headers["Refresh"].removeprefix("0; url=")
    assert "Go on" in browser.links, "for whoever is not led on by itself"
    return leave_for(browser, url)


def test_a_late_form_waits_for_the_provider_and_goes_on(
    browser: Browser, idp: IdentityProvider, pia: Any, time: Any
) -> None:
    address = on_to_the_provider(a_late_form(browser, idp, pia, time))
    assert "prompt=login" in address and "max_age=0" in address
    assert key_names() == [], "nothing is done before"
    come_back(browser, idp.sign_in(address, email=pia.email))
    assert browser.heading == "You are confirmed"
    assert session.scalars(sa.select(WaitingForm)).all() == [], "it goes on once"
    browser.press("Go on")
    assert "ghk_" in browser.html and key_names() == ["Büro & Shop"]


def test_who_was_not_asked_again_finds_the_form_still_waiting(
    browser: Browser, idp: IdentityProvider, pia: Any, time: Any
) -> None:
    address = on_to_the_provider(a_late_form(browser, idp, pia, time))
    come_back(browser, idp.sign_in(address, email=pia.email, auth_time=1))
    assert browser.heading == "Confirm that it is you" and browser.sees("did not ask you again")
    address = on_to_the_provider(browser.press("Confirm with Meridian ID"))
    come_back(browser, idp.sign_in(address, email=pia.email)).press("Go on")
    assert key_names() == ["Büro & Shop"]


def test_a_form_waits_for_its_own_session_and_an_hour(
    browser: Browser, idp: IdentityProvider, pia: Any, mona: Any, time: Any, run_jobs: Any
) -> None:
    a_late_form(browser, idp, pia, time)
    browser.open("/confirm-password?form=1")
    assert 'name="held"' in browser.html
    own = browser.html
    other = Browser(browser.app).sign_in(mona).open("/confirm-password?form=1")
    assert 'name="held"' not in other.html
    time.move(minutes=61)
    browser.open("/confirm-password?form=1")
    assert 'name="held"' in own and 'name="held"' not in browser.html
    run_jobs()
    assert session.scalars(sa.select(WaitingForm)).all() == []


def key_names() -> list[str]:
    return [key.name for key in session.scalars(queries.api_keys())]
