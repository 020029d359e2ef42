"""Nobody learns from outside who signs in: not by words, not by status, not by how much the server has to do."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from accounts import operations, passwords
from accounts.models import User
from accounts.permissions import Role
from core.database import session
from tests.browser import Browser

NOBODY = "nobody@meridian.example"


@contextmanager
def what_is_done(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The statements that the database gets, and each hash that is worked out: together what takes the time."""
    done: list[str] = []
    real = passwords._hasher.verify

    class Counting:
        def verify(self, *about: Any) -> bool:
            done.append("argon2")
            return real(*about)

    connection = app.extensions["database"].bound_to

    def listener(*about: Any) -> None:
        if "SAVEPOINT" not in about[2]:  # those of the tests themselves, numbered
            done.append(about[2])

    with monkeypatch.context() as patched:
        patched.setattr(passwords, "_hasher", Counting())
        sa.event.listen(connection, "before_cursor_execute", listener)
        try:
            yield done
        finally:
            sa.event.remove(connection, "before_cursor_execute", listener)


@pytest.fixture
def addresses(mona: User, pia: User) -> list[str]:
    """Somebody who works here, one who was invited, one who was suspended, and nobody."""
    invited, _secret = operations.invite_person(
        email="nora@meridian.example", name="Nora", role=Role.FINANCE, by=pia
    )
    gone, _secret = operations.invite_person(
        email="gus@meridian.example", name="Gus", role=Role.FINANCE, by=pia
    )
    operations.suspend_person(gone, by=pia)
    session.flush()
    return [mona.email, invited.email, gone.email, NOBODY]


def answers(
    app: Flask, monkeypatch: pytest.MonkeyPatch, path: str, button: str, typed: dict[str, str], email: str
) -> tuple[int, str, list[str]]:
    """Status, words and work of sending a form for one address."""
    passwords._nobodys_hash()  # worked out once a process
    browser = Browser(app).open(path).fill("E-mail", email)
    for label, value in typed.items():
        browser.fill(label, value)
    session.expire_all()
    with what_is_done(app, monkeypatch) as done:
        browser.press(button)
    return browser.status, browser.text.replace(email, ""), list(done)


def test_a_wrong_password_costs_the_same_whoever_it_is(
    app: Flask, addresses: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = [
        answers(app, monkeypatch, "/sign-in", "Sign in", {"Password": "not the right one"}, email)
        for email in addresses
    ]
    assert told[0][0] == 422 and told[0][2].count("argon2") == 1
    for one in told:
        assert one == told[0]


def test_asking_for_a_link_costs_the_same_whoever_it_is(
    app: Flask, addresses: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = [answers(app, monkeypatch, "/password-reset", "Mail me a link", {}, email) for email in addresses]
    assert told[0][0] == 200
    for one in told:
        assert one == told[0]
    assert not any("accounts_user" in statement for statement in told[0][2]), "a job looks who it is"


def test_beginning_an_application_costs_the_same_whoever_it_is(
    app: Flask, programme: None, addresses: list[str], monkeypatch: pytest.MonkeyPatch, time: Any
) -> None:
    told = []
    for email in addresses:
        browser = Browser(app).open("/apply").fill("Company", "Nordvik").fill("Country", "Norway")
        browser.fill("Your name", "Nina").fill("Business e-mail", email)
        time.move(minutes=1)
        session.expire_all()
        with what_is_done(app, monkeypatch) as done:
            browser.press("Begin the application")
        told.append((browser.status, list(done)))
    for one in told:
        assert one == told[0]


def test_an_admin_of_a_firm_does_not_try_out_addresses_by_inviting(
    app: Flask, ada: User, browser: Browser
) -> None:
    browser.sign_in(ada)
    for number in range(30):
        browser.open("/members/new").fill("Name", "N").fill("E-mail", f"p{number}@acme.example")
        browser.fill("Role", "Seller").press("Send the invitation", expect=200)
    browser.open("/members/new").fill("Name", "N").fill("E-mail", "one@acme.example").fill("Role", "Seller")
    browser.press("Send the invitation", expect=429)


@pytest.mark.pure
def test_a_password_counts_to_its_last_sign() -> None:
    """Bcrypt would stop at 72 bytes; argon2id does not."""
    long = "р" * 150
    kept = passwords.hash_password(long + "a")
    assert passwords.verify(kept, long + "a") and not passwords.verify(kept, long + "b")


@pytest.mark.pure
def test_passwords_are_kept_by_argon2id_as_the_rule_says() -> None:
    """In a process of its own, since the tests hash faster here."""
    asked = "from accounts import passwords; print(passwords.hash_password('x'))"
    kept = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.pure
@pytest.mark.parametrize("leaked", ["lovergirl123", "LoverGirl123", "administrator1", "iloveyou1234"])
def test_passwords_that_leaked_are_refused(leaked: str) -> None:
    from flask import Flask as Bare
    from flask_babel import Babel

    bare = Bare("bare")
    Babel(bare)
    with bare.test_request_context():
        assert passwords.weakness(leaked) is not None
        assert passwords.weakness("wooden horse in a rainy yard") is None
