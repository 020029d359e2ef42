"""No page breaks at what stands in its address, and nothing of the inside can be fetched or asked for."""

import re
from collections.abc import Callable
from io import RawIOBase
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from werkzeug.test import create_environ
from werkzeug.wrappers import Response

from accounts.permissions import Role
from tests import cast
from tests.architecture.test_access import addresses
from tests.architecture.tree import ROOT
from tests.browser import Browser

#: How views ask for an argument of their address.
ASKED = re.compile(r"""\bargs(?:\.get|\.getlist|\.pop)?[(\[]\s*["'](\w+)["']""")
#: What would order ``url_for`` about, if a page led on with the arguments it came with.
ORDERS = {"_external", "_scheme", "_anchor", "_method", "_block_vars", "endpoint", "values"}
HOSTILE = ["javascript", "9" * 30, "\ud83d\ude00'\"<%00-1", "2026-99-99\x00"]


def argument_names() -> set[str]:
    """Every argument that any view asks for."""
    sources = [path.read_text("utf-8") for path in ROOT.glob("*/views/**/*.py")]
    sources += [path.read_text("utf-8") for path in ROOT.glob("core/*.py")]
    return (
        {name for source in sources for name in ASKED.findall(source)}
        | {"page", "q", "sort", "status"}
        | ORDERS
    )


@pytest.fixture
def without_limits(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    from accounts.limits import limiter

    return lambda: monkeypatch.setattr(limiter, "enabled", False)


@pytest.mark.timeout(600)  # some six hundred pages
@pytest.mark.parametrize("role", [Role.PROGRAMME_ADMIN, Role.FINANCE, Role.PARTNER_ADMIN])
def test_no_page_breaks_at_its_arguments(
    app: Flask, programme: None, pia: Any, role: Role, without_limits: Callable[[], None]
) -> None:
    if role is Role.PARTNER_ADMIN:
        person = cast.a_member(cast.a_partner("Third"), "Some Body", role)
    else:
        person = pia if role is Role.PROGRAMME_ADMIN else cast.a_user("Some Body", role)
    browser = Browser(app).sign_in(person)
    without_limits()
    names = argument_names()
    assert len(names) > 30
    pages = {url for method, url, _endpoint in addresses(app, of_the_api=False) if method == "GET"}
    broken = set()
    for url in sorted(pages - {"/sign-out"}):
        if browser._ask(url).status_code != 200:
            continue  # not for this person, or about nothing that is here
        for hostile in HOSTILE:
            query = urlencode(dict.fromkeys(sorted(names), hostile), errors="surrogatepass")
            answer = browser._ask(f"{url}?{query}")
            if answer.status_code >= 500:
                broken.add(f"{url} at {hostile[:12]!r}: {answer.status_code}")
            if hostile == "javascript" and b"javascript://" in answer.get_data():
                broken.add(f"{url} writes a link that it was told")
            answer.close()
    assert broken == set()


@pytest.mark.parametrize(
    "path",
    [
        "/.git/config", "/.env", "/app.py", "/static/../app.py", "/static/%2e%2e/app.py", "/static/etc/passwd",
        "/static/js/menus.js.map", "/console", "/debug", "/admin", "/var/guildhall.db", "/docs/running.md",
        "/server-status",
    ],
)  # fmt: skip
def test_nothing_of_the_inside_can_be_fetched(app: Flask, path: str) -> None:
    answer = app.test_client().get(path)
    assert answer.status_code == 404
    assert "Traceback" not in answer.text and "werkzeug" not in answer.text.lower()


def test_a_request_for_another_host_is_refused(app: Flask, pia: Any) -> None:
    client = Browser(app).open("/sign-in").client
    for host in ("evil.example", "localhost.evil.example", "localhost@evil.example", "evil.example:80"):
        assert client.get("/sign-in", headers={"Host": host}).status_code == 400, host
    # Nobody asks a proxy's word for the host
    with app.app_context():
        forwarded = {"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
        answer = client.get("/sign-in", headers=forwarded)
    assert answer.status_code == 200 and "evil.example" not in answer.text


class Endless(RawIOBase):
    """A body without an end, which counts what is read of it."""

    taken = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.taken += len(buffer)
        buffer[:] = b"x" * len(buffer)
        return len(buffer)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/sign-in", "application/x-www-form-urlencoded"),
        ("/sign-in", "multipart/form-data; boundary=x"),
        ("/api/v1/leaked-keys", "application/json"),
    ],
)
def test_of_a_body_that_is_too_large_hardly_anything_is_read(
    app: Flask, pia: Any, path: str, kind: str
) -> None:
    for length in (2 * 1024**3, 13 * 1024**2):
        body = Endless()
        environ = create_environ(path, "http://localhost", method="POST", content_type=kind)
        environ |= {"wsgi.input": body, "CONTENT_LENGTH": str(length)}
        with app.app_context():
            answer = Response.from_app(app.wsgi_app, environ)
        assert answer.status_code == 413
        assert body.taken < 1024**2


def a_form(fields: dict[str, str]) -> bytes:
    """The fields as a browser sends them beside a file."""
    part = '--x\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
    return ("".join(part.format(name, value) for name, value in fields.items()) + "--x--\r\n").encode()


@pytest.mark.parametrize(
    "fields", [{f"field{number}": "x" for number in range(10_000)}, {"email": "x" * 2_000_000}]
)
def test_a_form_of_too_many_parts_or_of_one_that_is_too_long_is_refused(
    app: Flask, pia: Any, fields: dict[str, str]
) -> None:
    kind = "multipart/form-data; boundary=x"
    answer = app.test_client().post("/sign-in", data=a_form(fields), content_type=kind)
    assert answer.status_code == 413
