"""Mail that a real mail server (on loopback) takes, refuses for good, or refuses for now."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller

from core import mail
from core.bounces import Bounce
from core.database import session
from core.jobs import Job
from tests.browser import Browser


class Postmaster:
    """Knows nobody called "gone", and is busy for "later"."""

    def __init__(self) -> None:
        self.taken: list[Any] = []

    async def handle_RCPT(  # noqa: N802 - aiosmtpd calls it so
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if address.startswith("gone"):
            return "550 5.1.1 No such user here"
        if address.startswith("later"):
            return "451 4.3.0 Try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.taken.append(envelope)
        return "250 OK"


@pytest.fixture
def postmaster(app: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Postmaster]:
    handler = Postmaster()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    monkeypatch.setitem(app.config, "MAIL_URL", f"smtp://127.0.0.1:{port}")
    yield handler
    controller.stop()


def write(to: str) -> None:
    mail.send("accounts/emails/no_account", to=to, locale="en", url=mail.absolute_url("/programme"))


def test_mail_is_handed_over(postmaster: Postmaster, run_jobs: Any) -> None:
    write("ada@acme.example")
    run_jobs()
    (envelope,) = postmaster.taken
    assert envelope.rcpt_tos == ["ada@acme.example"] and b"Auto-Submitted: auto-generated" in envelope.content


def test_what_is_refused_for_good_is_shown_where_somebody_can_act(
    browser: Browser, postmaster: Postmaster, run_jobs: Any, pia: Any, mona: Any
) -> None:
    mona.email = "gone@meridian.example"
    write("gone@meridian.example")
    run_jobs()
    job = session.scalars(sa.select(Job).where(Job.kind == "core.mail")).one()
    assert job.finished_at is not None, "nobody tries again what is refused for good"
    browser.sign_in(pia)
    assert browser.sees("1 mail came back")
    browser.click("1 mail came back")
    assert browser.sees("550 5.1.1 No such user here") and "Mona Manager" in browser.links
    browser.open("/staff/people")
    assert browser.sees("Mail comes back")
    browser.open("/staff/bounced-mail").press("Seen to")
    assert browser.sees("No mail came back")


def test_what_is_refused_for_now_is_tried_again(postmaster: Postmaster, run_jobs: Any) -> None:
    write("later@acme.example")
    run_jobs()
    job = session.scalars(sa.select(Job).where(Job.kind == "core.mail")).one()
    assert job.finished_at is None and job.attempts == 1 and session.scalar(sa.select(Bounce)) is None
