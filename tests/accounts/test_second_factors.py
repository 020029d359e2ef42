"""Authenticator apps, passkeys and recovery codes: adding, using, losing."""

import json
import re
from typing import Any

import pytest
import sqlalchemy as sa

from accounts import operations, queries
from accounts.models import Ceremony, Passkey
from accounts.operations import factors, passkeys
from core import settings
from core.activity import Activity
from core.database import session
from core.errors import InvalidInput, Refusal
from tests.accounts.authenticator import SecurityKey, an_app
from tests.browser import PASSWORD, Browser


def a_passkey(user: Any, **about: Any) -> SecurityKey:
    key = SecurityKey(**about)
    passkeys.add_passkey(user, key.make(passkeys.enrolment_options(user)), name="Blue key")
    session.flush()
    return key


def require_it() -> None:
    settings.change_setting(settings.DECLARED["accounts.second_factor"], "required", by=None)


def post(browser: Browser, url: str, **fields: str) -> Browser:
    """Sends a form as the script does, with the token of the page at hand."""
    token = re.search(r'name="csrf-token" content="([^"]+)"', browser.html)
    assert token is not None
    return browser._go("POST", url, {"csrf_token": [token[1]], **{n: [v] for n, v in fields.items()}}, None)


def options(browser: Browser, ceremony: str) -> dict[str, Any]:
    token = re.search(r'name="csrf-token" content="([^"]+)"', browser.html)
    assert token is not None
    headers = {"X-CSRFToken": token[1], "Referer": "http://localhost/"}
    session.commit()
    answer = browser._ask(f"/passkey-options/{ceremony}", method="POST", headers=headers)
    session.expire_all()
    assert answer.status_code == 200, answer.data
    return dict(json.loads(answer.data))


# Adding one


def test_an_app_is_set_up_by_its_digits_and_brings_recovery_codes(
    browser: Browser, mona: Any, mails: Any
) -> None:
    browser.sign_in(mona).open("/account").click("Add a second factor")
    browser.fill("Name of the app", "My phone").press("Show the QR code")
    assert "data:image/svg+xml" in browser.html
    browser.fill("Six digits from the app", "000000").press("Use this app", expect=422)
    assert browser.sees("not the digits the app shows now")
    app = session.scalars(sa.select(factors.AuthenticatorApp)).one()
    import pyotp

    browser.fill("Six digits from the app", pyotp.TOTP(factors.secret_of(app)).now()).press("Use this app")
    codes = re.findall(r"<li>((?:[0-9A-Z]{4}-){3}[0-9A-Z]{4})</li>", browser.html)
    assert len(set(codes)) == 10
    browser.click("I have kept them")
    assert browser.sees("My phone") and browser.sees("10 codes are left.")
    assert any("was added" in mail["subject"] for mail in mails(to=mona.email))


def test_the_secret_of_an_app_is_not_readable_in_the_database(mona: Any) -> None:
    app = factors.begin_app(mona, name="Phone")
    assert factors.secret_of(app) not in app.sealed_secret


def test_a_passkey_is_made_and_signs_in_by_itself(browser: Browser, mona: Any, app: Any) -> None:
    browser.sign_in(mona).open("/account/two-factor")
    key = SecurityKey()
    answer = key.make(options(browser, "enrolment"))
    post(browser, "/account/two-factor/passkeys", credential=answer, passkey_name="Blue key")
    assert browser.heading == "Your recovery codes"
    other = Browser(app).open("/sign-in")
    post(other, "/sign-in/passkey", credential=key.show(options(other, "sign_in")))
    assert other.url == "/" and "Mona Manager" in other.html


def test_a_factor_is_named_and_removed(browser: Browser, mona: Any) -> None:
    a_passkey(mona)
    an_app(mona)
    browser.sign_in(mona)
    post(
        browser.open("/sign-in/second-factor"), "/sign-in/second-factor", code=an_app(mona, "Spare")[0].now()
    )
    browser.open("/account/two-factor").fill("Name", "Work laptop").press("Save")
    assert browser.sees("Work laptop")
    browser.press("Delete Work laptop")
    assert not browser.sees("Work laptop removed") and session.scalar(sa.select(Passkey)) is None


# Signing in with one


def test_a_password_alone_no_longer_opens_anything(browser: Browser, mona: Any) -> None:
    totp, _codes = an_app(mona)
    browser.sign_in(mona)
    assert browser.heading == "Your second factor"
    browser.open("/account")
    assert browser.heading == "Sign in"
    browser.sign_in(mona)
    browser.fill("Six digits from the app, or a recovery code", totp.now()).press("Go on")
    assert browser.url == "/"


def test_digits_are_good_once(mona: Any) -> None:
    totp, _codes = an_app(mona)
    digits = totp.now()
    factors.spend_code(mona, digits)
    with pytest.raises(InvalidInput):
        factors.spend_code(mona, digits)


def test_a_recovery_code_is_good_once_and_told_by_mail(mona: Any, mails: Any) -> None:
    _totp, codes = an_app(mona)
    factors.spend_code(mona, codes[0].lower().replace("-", " "))
    with pytest.raises(InvalidInput):
        factors.spend_code(mona, codes[0])
    assert queries.recovery_codes_left(mona) == 9
    assert any("recovery code" in mail["subject"] for mail in mails(to=mona.email))


def test_somebody_elses_recovery_code_opens_nothing(mona: Any, finn: Any) -> None:
    _totp, codes = an_app(mona)
    an_app(finn)
    with pytest.raises(InvalidInput):
        factors.spend_code(finn, codes[0])


def test_five_wrong_codes_close_the_door_for_a_while(browser: Browser, mona: Any) -> None:
    an_app(mona)
    browser.sign_in(mona)
    for _ in range(5):
        browser.fill("Six digits from the app, or a recovery code", "000000").press("Go on", expect=422)
    browser.fill("Six digits from the app, or a recovery code", "000000").press("Go on", expect=429)


def test_half_a_session_lasts_ten_minutes(browser: Browser, mona: Any, time: Any) -> None:
    totp, _codes = an_app(mona)
    browser.sign_in(mona)
    time.move(minutes=10)
    browser.fill("Six digits from the app, or a recovery code", totp.now()).press("Go on")
    assert browser.heading == "Sign in"


def test_a_reset_password_does_not_skip_the_second_factor(browser: Browser, mona: Any) -> None:
    from accounts.models import TokenPurpose

    an_app(mona)
    secret = operations.issue_token(mona, TokenPurpose.PASSWORD_RESET)
    browser.open(f"/password-reset/{secret}")
    for label in ("New password", "The same again"):
        browser.fill(label, "another good pass phrase")
    browser.press("Set the password")
    assert browser.heading == "Your second factor"


def test_a_passkey_is_a_second_factor_too(browser: Browser, mona: Any) -> None:
    key = a_passkey(mona, verifies_its_owner=False)
    browser.sign_in(mona)
    post(browser, browser.url, credential=key.show(options(browser, "second_factor")))
    assert browser.url == "/"


# What a passkey is not fooled by


def refused(answer: str, ceremony: Ceremony, user: Any = None) -> bool:
    with pytest.raises(InvalidInput) as caught:
        passkeys.use_passkey(answer, ceremony, user)
    return "credential" in caught.value.problems


def test_an_answer_is_good_once(mona: Any) -> None:
    key = a_passkey(mona)
    answer = key.show(passkeys.use_options(Ceremony.SIGN_IN, None))
    assert passkeys.use_passkey(answer, Ceremony.SIGN_IN) is mona
    assert refused(answer, Ceremony.SIGN_IN)


def test_a_challenge_lasts_five_minutes(mona: Any, time: Any) -> None:
    key = a_passkey(mona)
    answer = key.show(passkeys.use_options(Ceremony.SIGN_IN, None))
    time.move(minutes=5)
    assert refused(answer, Ceremony.SIGN_IN)


def test_an_imitation_of_the_portal_gets_nothing(mona: Any) -> None:
    key = a_passkey(mona)
    key.origin = "http://localhost.evil.example"
    assert refused(key.show(passkeys.use_options(Ceremony.SIGN_IN, None)), Ceremony.SIGN_IN)


def test_a_passkey_without_finger_or_pin_does_not_sign_in_alone(mona: Any) -> None:
    key = a_passkey(mona, verifies_its_owner=False)
    assert refused(key.show(passkeys.use_options(Ceremony.SIGN_IN, None)), Ceremony.SIGN_IN)


def test_a_copied_key_that_counts_backwards_is_refused(mona: Any) -> None:
    key = a_passkey(mona)
    passkeys.use_passkey(key.show(passkeys.use_options(Ceremony.SIGN_IN, None)), Ceremony.SIGN_IN)
    key.count = 0
    assert refused(key.show(passkeys.use_options(Ceremony.SIGN_IN, None)), Ceremony.SIGN_IN)


def test_an_answer_to_another_question_is_refused(mona: Any, finn: Any) -> None:
    key, theirs = a_passkey(mona), a_passkey(finn)
    for_signing_in = passkeys.use_options(Ceremony.SIGN_IN, None)
    assert refused(key.show(for_signing_in), Ceremony.CONFIRMATION, mona)
    for_mona = passkeys.use_options(Ceremony.SECOND_FACTOR, mona)
    assert refused(theirs.show(for_mona), Ceremony.SECOND_FACTOR, mona)
    for rubbish in ("", "[]", "{}", '{"response": {"clientDataJSON": "!"}}', "not json"):
        assert refused(rubbish, Ceremony.SIGN_IN)


def test_a_suspended_persons_passkey_opens_nothing(mona: Any, pia: Any) -> None:
    key = a_passkey(mona)
    operations.suspend_person(mona, by=pia)
    assert refused(key.show(passkeys.use_options(Ceremony.SIGN_IN, None)), Ceremony.SIGN_IN)


# Who has to have one


def test_staff_without_a_factor_get_no_further_than_the_page_that_adds_one(
    browser: Browser, mona: Any, ada: Any, sam: Any, app: Any
) -> None:
    require_it()
    for person in (mona, ada):
        other = Browser(app).sign_in(person)
        assert other.heading == "Second factor" and other.sees("Your role needs a second factor.")
        assert other.open("/account").heading == "Second factor"
    assert browser.sign_in(sam).url == "/", "who touches no bank details is left alone"


def test_the_last_factor_stays_where_the_role_needs_one(mona: Any, sam: Any) -> None:
    for person in (mona, sam):
        an_app(person)
    require_it()
    with pytest.raises(Refusal):
        factors.remove_factor(session.scalars(queries.apps_of(mona)).one(), by=mona)
    factors.remove_factor(session.scalars(queries.apps_of(sam)).one(), by=sam)
    assert not sam.has_two_factors and queries.recovery_codes_left(sam) == 0


# Losing it, and showing it again


def test_an_admin_takes_a_lost_factor_away(
    browser: Browser, app: Any, pia: Any, ada: Any, mails: Any
) -> None:
    an_app(ada)
    browser.sign_in(pia).open("/staff/people?side=partner").click("Ada Lovelace")
    browser.press("Take every second factor away")
    assert not ada.has_two_factors and queries.factors_of(ada) == 0
    assert any("taken away" in mail["subject"] for mail in mails(to=ada.email))
    assert session.scalar(sa.select(Activity).where(Activity.verb == "factors reset")) is not None
    assert Browser(app).sign_in(ada).url == "/"


def test_what_matters_asks_for_both_again(browser: Browser, pia: Any, time: Any) -> None:
    totp, codes = an_app(pia)
    browser.sign_in(pia).fill("Six digits from the app, or a recovery code", totp.now()).press("Go on")
    time.move(minutes=11)
    browser.open("/staff/api-keys").fill("Password", PASSWORD)
    browser.fill("Six digits from the app, or a recovery code", "111111").press("Go on", expect=422)
    browser.fill("Password", PASSWORD)
    browser.fill("Six digits from the app, or a recovery code", codes[0]).press("Go on")
    assert browser.url == "/staff/api-keys"


def test_a_passkey_confirms_by_itself(browser: Browser, pia: Any, time: Any) -> None:
    key = a_passkey(pia)
    browser.open("/sign-in")
    post(browser, "/sign-in/passkey", credential=key.show(options(browser, "sign_in")))
    time.move(minutes=11)
    browser.open("/staff/api-keys")
    post(browser, browser.url, credential=key.show(options(browser, "confirmation")))
    assert browser.url == "/staff/api-keys"


def test_nobody_touches_anothers_factor(browser: Browser, ada: Any, rex: Any) -> None:
    a_passkey(ada)
    theirs = session.scalars(queries.passkeys_of(ada)).one()
    browser.sign_in(rex).open("/account/two-factor")
    post(browser, f"/account/two-factor/passkeys/{theirs.id}/removal")
    assert browser.status == 404


# What the page says


def test_the_last_factor_that_a_role_needs_is_not_offered_for_removal(browser: Browser, mona: Any) -> None:
    totp, _codes = an_app(mona)
    browser.sign_in(mona)
    browser.fill("Six digits from the app, or a recovery code", totp.now()).press("Go on")
    assert "Delete Phone" in browser.open("/account/two-factor").buttons
    require_it()
    browser.open("/account/two-factor")
    assert "Delete Phone" not in browser.buttons and browser.sees("so the last one stays")
    a_passkey(mona)
    assert "Delete Phone" in browser.open("/account/two-factor").buttons


def test_a_factor_without_a_name_keeps_the_old_one_and_says_why(browser: Browser, mona: Any) -> None:
    a_passkey(mona)
    totp, _codes = an_app(mona, "Spare")
    browser.sign_in(mona)
    browser.fill("Six digits from the app, or a recovery code", totp.now()).press("Go on")
    browser.open("/account/two-factor").fill("Name", " ").press("Save")
    assert browser.sees("Type a name.") and browser.sees("Blue key")


def test_who_was_kept_out_goes_in_after_keeping_the_codes(browser: Browser, mona: Any) -> None:
    require_it()
    browser.sign_in(mona)
    assert browser.heading == "Second factor"
    browser.fill("Name of the app", "Phone").press("Show the QR code")
    app = session.scalars(sa.select(factors.AuthenticatorApp)).one()
    assert 'href="otpauth://totp/' in browser.html, "whose app is on this very device cannot photograph it"
    import pyotp

    browser.fill("Six digits from the app", pyotp.TOTP(factors.secret_of(app)).now()).press("Use this app")
    browser.click("I have kept them")
    assert browser.url == "/"


def test_a_closed_door_says_when_it_opens(browser: Browser, mona: Any) -> None:
    an_app(mona)
    browser.sign_in(mona)
    for _ in range(6):
        browser.fill("Six digits from the app, or a recovery code", "000000").press("Go on")
    assert browser.status == 429 and browser.sees("Try again in 5 minutes.")
    assert browser.response.headers["Retry-After"] == "300"
