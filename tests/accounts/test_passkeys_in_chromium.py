"""Passkeys as people use them: a real Chromium with an authenticator of its own (CDP's virtual one)."""

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from accounts.models import SignIn
from accounts.models.people import FRESH_FOR
from accounts.permissions import Role
from core import clock
from core.database import session, transaction
from tests import cast
from tests.browser import PASSWORD
from tests.portal import Watch, a_portal

pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def address(own_app: Flask) -> Iterator[str]:
    with own_app.app_context(), transaction():
        cast.a_user("Mona Manager", Role.PARTNER_MANAGER)
    with a_portal(own_app) as portal:
        yield portal.address


def test_a_passkey_is_added_then_signs_in_and_confirms(address: str, chromium: Any) -> None:
    page = chromium.new_page()
    watch = Watch(page)
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})

    page.goto(f"{address}/sign-in")
    page.get_by_label("E-mail").fill("mona@meridian.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.goto(f"{address}/account/two-factor")
    page.get_by_label("Name of the passkey").fill("Laptop")
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_role("heading", name="Your recovery codes").wait_for()
    assert page.locator("ol.codes li").count() == 10

    page.get_by_role("button", name="Sign out").first.click()
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(f"{address}/")

    page.get_by_role("button", name="Sign out").first.click()
    page.get_by_label("E-mail").fill("mona@meridian.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(f"{address}/")

    page.goto(f"{address}/confirm-password?next=/account")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(f"{address}/account")
    assert watch.complaints == []
    page.close()


def test_without_a_passkey_the_page_says_so(address: str, chromium: Any) -> None:
    page = chromium.new_page()
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "usb", "automaticPresenceSimulation": True}
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    page.goto(f"{address}/sign-in")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_text("No passkey was shown.").wait_for()

    page.close()


def test_what_was_sent_too_late_goes_on_by_itself(address: str, own_app: Flask, chromium: Any) -> None:
    page = chromium.new_page()
    watch = Watch(page)
    page.goto(f"{address}/sign-in")
    page.get_by_label("E-mail").fill("mona@meridian.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.goto(f"{address}/account/two-factor")
    page.get_by_label("Name of the app").fill("My old phone")
    with own_app.app_context(), transaction():
        session.execute(sa.update(SignIn).values(confirmed_at=clock.now() - FRESH_FOR))
    page.get_by_role("button", name="Show the QR code").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("heading", name="Set up My old phone").wait_for()
    assert watch.complaints == []
    page.close()
