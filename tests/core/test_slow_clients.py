"""Whoever sends in drips waits alone."""

import threading
from io import BytesIO
from typing import Any

import pytest
from werkzeug.test import create_environ
from werkzeug.wrappers import Request, Response

from core.slow_clients import BodiesFirst

pytestmark = pytest.mark.pure


class Dripping:
    """A body that stops in the middle until it is told to go on."""

    def __init__(self, rest: bytes) -> None:
        self.rest, self.begun, self.goes_on = rest, threading.Event(), threading.Event()

    def read(self, size: int) -> bytes:
        if not self.begun.is_set():
            self.begun.set()
            return b"x"
        assert self.goes_on.wait(30)
        piece, self.rest = self.rest[:size], self.rest[size:]
        return piece


@Request.application
def echo(request: Request) -> Response:
    return Response(request.get_data())


def send(layer: BodiesFirst, body: Any, length: int, address: str = "203.0.113.9") -> Response:
    environ = create_environ("/", method="POST")
    environ |= {"wsgi.input": body, "CONTENT_LENGTH": str(length), "REMOTE_ADDR": address}
    return Response.from_app(layer, environ, buffered=True)


def test_others_are_served_while_bodies_drip_and_these_are_served_when_complete() -> None:
    layer = BodiesFirst(echo, longest=1000, places=1, from_one_address=3)
    slow = [Dripping(b"yz") for _ in range(3)]
    answers: list[bytes] = []
    threads = [
        threading.Thread(target=lambda one=one: answers.append(send(layer, one, 3).data)) for one in slow
    ]
    for thread in threads:
        thread.start()
    assert all(one.begun.wait(30) for one in slow)
    assert send(layer, BytesIO(b"abc"), 3, "198.51.100.7").data == b"abc"
    # A fourth from the same address is not waited for
    refused = send(layer, BytesIO(b"abc"), 3)
    assert refused.status_code == 503 and refused.headers["Retry-After"] == "5"
    for one in slow:
        one.goes_on.set()
    for thread in threads:
        thread.join(30)
    assert answers == [b"xyz"] * 3
    assert send(layer, BytesIO(b"abc"), 3).data == b"abc"
    assert not layer._on_their_way


def test_no_more_than_the_places_work_at_once() -> None:
    working, most, counting = [0], [0], threading.Lock()

    @Request.application
    def work(_request: Request) -> Response:
        with counting:
            working[0] += 1
            most[0] = max(most[0], working[0])
        threading.Event().wait(0.02)
        with counting:
            working[0] -= 1
        return Response("done")

    layer = BodiesFirst(work, longest=1000, places=2, from_one_address=50)
    threads = [threading.Thread(target=send, args=(layer, BytesIO(b"abc"), 3)) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert most[0] == 2


@pytest.mark.parametrize("length", ["0", "", "-5", "x", "1001", "9" * 40])
def test_what_is_none_or_too_long_is_left_to_the_application(length: str) -> None:
    seen: list[Any] = []

    def look(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        seen.append(environ["wsgi.input"])
        start_response("200 OK", [])
        return [b""]

    body = BytesIO(b"abc")
    environ = create_environ("/", method="POST")
    environ |= {"wsgi.input": body, "CONTENT_LENGTH": length}
    Response.from_app(BodiesFirst(look, longest=1000), environ)
    assert seen == [body]


@pytest.mark.parametrize(("sent", "said"), [(b"abc" * 300, "900"), (b"x" * 5000, "1001")])
def test_a_body_that_does_not_say_its_length_gets_one(sent: bytes, said: str) -> None:
    seen: list[Any] = []

    def look(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        seen.append((environ["CONTENT_LENGTH"], "HTTP_TRANSFER_ENCODING" in environ))
        start_response("200 OK", [])
        return [b""]

    environ = create_environ("/", method="POST")
    environ |= {"wsgi.input": BytesIO(sent), "HTTP_TRANSFER_ENCODING": "chunked"}
    Response.from_app(BodiesFirst(look, longest=1000), environ)
    assert seen == [(said, False)]


def test_a_client_that_gives_up_in_the_middle_is_served_what_came() -> None:
    assert send(BodiesFirst(echo, longest=1000), BytesIO(b"ab"), 3).status_code in {200, 400}
