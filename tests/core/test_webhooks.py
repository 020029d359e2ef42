"""Web hooks out: what is told, signed, delivered, tried again, and never sent into our own network."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import sqlalchemy as sa
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from core import clock
from core.database import session
from core.errors import InvalidInput
from core.webhooks import Delivery, DeliveryStatus, Endpoint, addresses, calling, delivering, emit, publishes
from core.webhooks.addresses import NotAllowed, check, is_public
from tests.browser import Browser

publishes("test.happened", "Something happened", data=lambda _signal: {})


@dataclass
class Receiver:
    """Another system's end: keeps what came, and answers what it is told to."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"ok"
    came: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def a_receiver() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.came.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(receiver.answers.pop(0) if receiver.answers else 200)
            for name, value in receiver.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(receiver.body)

        def log_message(self, *_arguments: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}/hooks?x=1"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def receiver(app: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setitem(app.config, "WEBHOOK_PRIVATE_ADDRESSES", ["127.0.0.0/8"])
    with a_receiver() as one:
        yield one


def an_endpoint(receiver: Receiver, *types: str) -> tuple[Endpoint, str]:
    return delivering.make_endpoint(
        name="CRM", url=receiver.url, event_types=list(types or ("test.happened",)), by=None
    )


def the_delivery() -> Delivery:
    return session.scalars(sa.select(Delivery).order_by(Delivery.id.desc())).first()  # type: ignore[return-value]


# Telling


def test_a_message_arrives_and_its_signature_verifies(receiver: Receiver, run_jobs: Any) -> None:
    _endpoint, secret = an_endpoint(receiver)
    emit("test.happened", lambda: {"id": "7", "name": "Müller"})
    run_jobs()
    ((headers, body),) = receiver.came
    told = Webhook(secret).verify(body, headers)
    assert told["type"] == "test.happened" and told["data"] == {"id": "7", "name": "Müller"}
    assert told["timestamp"] == clock.now().isoformat(timespec="seconds")
    assert the_delivery().status is DeliveryStatus.DELIVERED


def test_nobody_is_told_what_they_did_not_ask_for(receiver: Receiver, run_jobs: Any) -> None:
    an_endpoint(receiver, "test.happened")
    emit("deal.approved", dict)
    run_jobs()
    assert receiver.came == []


def test_a_forged_or_old_message_does_not_verify(receiver: Receiver, run_jobs: Any) -> None:
    _endpoint, secret = an_endpoint(receiver)
    emit("test.happened", dict)
    run_jobs()
    ((headers, body),) = receiver.came
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body + b" ", headers)
    stale = {**headers, "webhook-timestamp": str(int(headers["webhook-timestamp"]) - 301)}
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body, stale)


def test_after_a_change_both_secrets_hold_for_a_day(
    receiver: Receiver, run_jobs: Any, time: Any, pia: Any
) -> None:
    endpoint, old = an_endpoint(receiver)
    new = delivering.change_secret(endpoint, by=pia)
    emit("test.happened", dict)
    run_jobs()
    headers, body = receiver.came[-1]
    Webhook(old).verify(body, headers)
    Webhook(new).verify(body, headers)
    time.move(days=1)
    emit("test.happened", dict)
    run_jobs()
    headers, body = receiver.came[-1]
    Webhook(new).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(old).verify(body, headers)


def test_the_secret_is_not_readable_in_the_database(receiver: Receiver) -> None:
    endpoint, secret = an_endpoint(receiver)
    assert secret not in endpoint.sealed_secret and endpoint.secrets() == [secret]


# Trying again


def test_a_failed_message_is_tried_again_with_the_same_id_and_growing_pauses(
    receiver: Receiver, run_jobs: Any, time: Any
) -> None:
    an_endpoint(receiver)
    receiver.answers = [500, 503, 200]
    emit("test.happened", dict)
    run_jobs()
    assert the_delivery().last_status == 500
    time.move(seconds=5)
    run_jobs()
    time.move(seconds=299)
    run_jobs()
    assert len(receiver.came) == 2, "the third try comes five minutes after the second"
    time.move(seconds=1)
    run_jobs()
    assert the_delivery().status is DeliveryStatus.DELIVERED and the_delivery().attempts == 3
    assert len({headers["webhook-id"] for headers, _body in receiver.came}) == 1
    assert len({body for _headers, body in receiver.came}) == 1


def test_it_gives_up_after_three_days(receiver: Receiver, run_jobs: Any, time: Any) -> None:
    an_endpoint(receiver)
    receiver.answers = [500] * 20
    emit("test.happened", dict)
    began = time.moment
    run_jobs()
    while (moment := the_delivery().next_at) is not None:
        time.move_to(moment)
        run_jobs()
    assert the_delivery().status is DeliveryStatus.GIVEN_UP
    assert 3 <= (time.moment - began).total_seconds() / 86_400 < 3.5


def test_a_busy_receiver_says_when_to_come_back(receiver: Receiver, run_jobs: Any) -> None:
    an_endpoint(receiver)
    receiver.answers, receiver.headers = [429], {"Retry-After": "3600"}
    emit("test.happened", dict)
    run_jobs()
    next_at = the_delivery().next_at
    assert next_at is not None and (next_at - clock.now()).total_seconds() == 3600


def test_a_receiver_that_is_gone_is_stopped_and_somebody_hears_of_it(
    receiver: Receiver, run_jobs: Any, mails: Any, pia: Any
) -> None:
    endpoint, _secret = an_endpoint(receiver)
    receiver.answers = [410]
    emit("test.happened", dict)
    run_jobs()
    assert endpoint.disabled_at is not None
    assert any("was stopped" in mail["subject"] for mail in mails(to=pia.email))


def test_five_days_without_an_arrival_stop_an_endpoint(receiver: Receiver, run_jobs: Any, time: Any) -> None:
    endpoint, _secret = an_endpoint(receiver)
    receiver.answers = [500] * 99
    emit("test.happened", dict)
    run_jobs()
    time.move(days=4)
    emit("test.happened", dict)
    run_jobs()
    assert endpoint.disabled_at is None
    time.move(days=1)
    emit("test.happened", dict)
    run_jobs()
    assert endpoint.disabled_at is not None and "five days" in endpoint.disabled_because


def test_a_redirect_is_a_failure(receiver: Receiver, run_jobs: Any) -> None:
    an_endpoint(receiver)
    receiver.answers, receiver.headers = [302], {"Location": "http://169.254.169.254/latest/meta-data"}
    emit("test.happened", dict)
    run_jobs()
    assert the_delivery().last_status == 302 and the_delivery().status is DeliveryStatus.WAITING
    assert len(receiver.came) == 1


def test_of_a_huge_answer_only_the_beginning_is_read(receiver: Receiver, run_jobs: Any) -> None:
    an_endpoint(receiver)
    receiver.body = b"x" * 5_000_000
    emit("test.happened", dict)
    run_jobs()
    assert the_delivery().status is DeliveryStatus.DELIVERED and len(the_delivery().last_answer) == 2000


def test_a_receiver_that_drips_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calling, "MOST_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            there, _address = server.accept()
            with there:
                try:
                    for _ in range(100):
                        there.sendall(b"H")
                        threading.Event().wait(0.1)
                except OSError:
                    return

        threading.Thread(target=drip, daemon=True).start()
        port = server.getsockname()[1]
        answer = calling.post(
            addresses.Target("127.0.0.1", "localhost", port, "/", is_https=False), b"{}", {}
        )
    assert answer.status == 0


# Where it may go


@pytest.mark.pure
@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
     "255.255.255.255", "198.18.0.1", "::1", "::", "fe80::1", "fc00::1", "fd12::1", "ff02::1", "::ffff:10.0.0.1",
     "::ffff:8.8.8.8", "64:ff9b::a00:1", "2002:a00:1::", "2001:0:a00:1::"],
)  # fmt: skip
def test_inner_addresses_are_not_public(address: str) -> None:
    import ipaddress

    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.pure
def test_outer_addresses_are_public() -> None:
    import ipaddress

    assert is_public(ipaddress.ip_address("8.8.8.8")) and is_public(ipaddress.ip_address("2606:4700::1"))


@pytest.mark.parametrize(
    "url",
    ["http://example.com/", "https://example.com:22/", "ftp://example.com/", "https://user:pw@example.com/", "https://",
     "javascript:alert(1)", "https://127.0.0.1/", "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://2130706433/",
     "https://0x7f.1/", "https://localhost/", "https://example.com:99999/"],
)  # fmt: skip
def test_other_addresses_are_refused_at_their_field(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # The resolver of this machine, but for the one name that would be asked of the network
    real = socket.getaddrinfo
    fake = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.215.14", 443))]
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *rest, **how: fake if host == "example.com" else real(host, *rest, **how),
    )
    with pytest.raises(InvalidInput) as caught:
        delivering.make_endpoint(name="x", url=url, event_types=["test.happened"], by=None)
    assert "url" in caught.value.problems


def test_a_name_with_one_inner_address_among_others_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    both = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443))
        for address in ("93.184.215.14", "10.0.0.1")
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_rest, **_how: both)
    with pytest.raises(NotAllowed):
        check("https://rebinding.example/")


def test_a_name_that_turns_inward_later_is_refused_at_delivery(
    receiver: Receiver, app: Any, run_jobs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    an_endpoint(receiver)
    monkeypatch.setitem(app.config, "WEBHOOK_PRIVATE_ADDRESSES", [])
    emit("test.happened", dict)
    run_jobs()
    assert (
        receiver.came == [] and the_delivery().last_status is None and "https" in the_delivery().last_answer
    )


def test_the_connection_goes_to_the_address_that_was_checked(
    receiver: Receiver, app: Any, run_jobs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = receiver.url.partition("127.0.0.1:")[2].partition("/")[0]
    receiver.url = f"http://rebinding.example:{port}/"
    asked: list[str] = []

    def resolve(host: str, *_rest: Any, **_how: Any) -> Any:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", int(port)))]

    monkeypatch.setattr("core.webhooks.addresses.socket.getaddrinfo", resolve)
    target = delivering.where(receiver.url)
    assert target.address == "127.0.0.1" and asked == ["rebinding.example"]


# Pages


def test_an_admin_adds_an_endpoint_sends_a_test_and_sends_again(
    browser: Browser, pia: Any, receiver: Receiver, run_jobs: Any
) -> None:
    browser.sign_in(pia).open("/staff/webhooks").click("Add an endpoint")
    browser.fill("Name", "CRM").fill("Address", receiver.url).fill(
        "Hears of", "Something happened (test.happened)"
    )
    browser.press("Add the endpoint")
    assert "whsec_" in browser.html
    browser.open("/staff/webhooks").click("CRM").press("Send a test")
    assert "whsec_" not in browser.html
    run_jobs()
    browser.open(browser.url)
    assert browser.sees("webhook.test") and browser.sees("Arrived")
    browser.press("Send again")
    run_jobs()
    assert len(receiver.came) == 2
    assert receiver.came[0][0]["webhook-id"] == receiver.came[1][0]["webhook-id"]
    browser.press("Stop sending")
    assert browser.sees("Stopped by Pia Programme.")
    browser.press("Start again")
    assert json.loads(receiver.came[0][1])["type"] == "webhook.test"


def test_a_partner_manager_does_not_see_them(browser: Browser, mona: Any) -> None:
    browser.sign_in(mona).open("/staff/webhooks", expect=403)
