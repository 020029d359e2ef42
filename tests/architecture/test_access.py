"""Every route as every role: the door opens for whom the permissions page says, and for nobody else."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from accounts.access import door_of
from accounts.permissions import MATRIX, SCOPES, Permission, Role
from tests import cast
from tests.browser import Browser
from tests.conftest import Machine

STAFF = [role for role in Role if role.is_staff]
PARTNERS = [Role.PARTNER_ADMIN, Role.SELLER, Role.ENGINEER, Role.PARTNER_FINANCE]
NOWHERE = {
    "int": "999999999",
    "default": "nothing-like-this",
    "string": "nothing-like-this",
    "path": "nothing",
}


def addresses(app: Flask, *, of_the_api: bool) -> Iterator[tuple[str, str, str]]:
    """Every route as (method, an address with ids of nothing, endpoint)."""
    for rule in app.url_map.iter_rules():
        is_ours = rule.rule.startswith("/api/") is of_the_api
        if rule.endpoint in {"static", "bootstrap.static", "core.readyz"} or not is_ours:
            continue
        adapter = app.url_map.bind("localhost")
        values = {
            name: NOWHERE["int"]
            if type(rule._converters[name]).__name__ == "IntegerConverter"
            else NOWHERE["default"]
            for name in rule.arguments
        }
        url = adapter.build(rule.endpoint, values, method=next(iter(rule.methods or {"GET"})))
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield method, url, rule.endpoint


def test_every_route_says_who_may_open_it(app: Flask) -> None:
    doors = {endpoint: door_of(view) for endpoint, view in app.view_functions.items()}
    assert all(door in {"public", "signed in"} or isinstance(door, Permission) for door in doors.values())


def test_an_application_with_an_undeclared_door_does_not_start(app: Flask) -> None:
    from accounts.access import refuse_undeclared_doors

    class Open:
        view_functions = {"open": lambda: "anyone"}

    with pytest.raises(RuntimeError, match="open"):
        refuse_undeclared_doors(Open())  # type: ignore[arg-type]


@pytest.fixture
def without_tokens(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Doors are tested by themselves; tokens and limits have tests of their own. Called after signing in."""
    from accounts.limits import limiter

    def let_go() -> None:
        monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
        monkeypatch.setattr(limiter, "enabled", False)

    return let_go


def is_turned_away(response: Any) -> bool:
    return response.status_code == 302 and "/sign-in" in response.headers.get("Location", "")


def test_a_stranger_is_asked_to_sign_in(app: Flask, pia: Any, without_tokens: Callable[[], None]) -> None:
    browser = Browser(app)
    without_tokens()
    for method, url, endpoint in addresses(app, of_the_api=False):
        answer = browser._ask(url, method=method)
        if door_of(app.view_functions[endpoint]) == "public":
            assert not is_turned_away(answer) or endpoint in {"accounts.sign_out"}, f"{method} {url}"
        else:
            assert is_turned_away(answer), f"{method} {url} answered {answer.status_code}"
        assert answer.status_code < 500, f"{method} {url}"


@pytest.mark.parametrize("role", [*STAFF, *PARTNERS])
def test_a_role_opens_what_the_matrix_says(
    app: Flask, programme: None, pia: Any, role: Role, without_tokens: Callable[[], None]
) -> None:
    if role.is_staff:
        person = pia if role is Role.PROGRAMME_ADMIN else cast.a_user("Some Body", role)
    else:
        person = cast.a_member(cast.a_partner("Third"), "Some Body", role)
    browser = Browser(app).sign_in(person)
    without_tokens()
    for method, url, endpoint in addresses(app, of_the_api=False):
        door = door_of(app.view_functions[endpoint])
        if endpoint == "accounts.sign_out":
            continue
        answer = browser._ask(url, method=method)
        assert answer.status_code < 500, f"{method} {url}"
        assert not is_turned_away(answer), f"{method} {url}"
        if isinstance(door, Permission):
            is_closed = answer.status_code == 403
            assert is_closed is (door not in MATRIX[role]), f"{method} {url} answered {answer.status_code}"


def test_the_api_wants_a_key_and_ignores_cookies(
    app: Flask, pia: Any, without_tokens: Callable[[], None]
) -> None:
    browser = Browser(app).sign_in(pia)
    without_tokens()
    for method, url, endpoint in addresses(app, of_the_api=True):
        answer = browser._ask(url, method=method, json={})
        is_public = door_of(app.view_functions[endpoint]) == "public"
        assert (answer.status_code == 401) is not is_public, f"{method} {url} answered {answer.status_code}"


@pytest.mark.parametrize("scope", sorted(SCOPES))
def test_a_scope_opens_what_it_grants(app: Flask, programme: None, machine: Any, scope: str) -> None:
    caller: Machine = machine(scope)
    for method, url, endpoint in addresses(app, of_the_api=True):
        door = door_of(app.view_functions[endpoint])
        answer = caller(method, url.removeprefix("/api/v1"), {} if method != "GET" else None)
        if door == "public" or url == "/api/docs":
            continue
        assert answer.status_code < 500, f"{method} {url}"
        assert (answer.status_code == 403) is (door not in SCOPES[scope]), (
            f"{method} {url}: {answer.status_code}"
        )


def test_every_unsafe_page_wants_a_token(app: Flask, pia: Any) -> None:
    browser = Browser(app).sign_in(pia)
    # The lead form has a signed token of its own, since it also stands on other sites; web hooks are signed.
    with_tokens_of_their_own = ("/embed/", "/contact", "/webhooks/")
    for method, url, _endpoint in addresses(app, of_the_api=False):
        if method == "GET" or url.startswith(with_tokens_of_their_own):
            continue
        answer = browser._ask(url, method=method)
        assert answer.status_code in {400, 404, 429}, (
            f"{method} {url} answered {answer.status_code} without a token"
        )


def test_headers_stand_on_every_answer(app: Flask, pia: Any) -> None:
    browser = Browser(app).sign_in(pia)
    for url in ("/", "/account", "/nothing-here", "/static/css/tokens.css", "/healthz"):
        answer = browser._ask(url)
        answer.close()
        headers = answer.headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "unsafe-inline" not in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert browser._ask("/account").headers["Cache-Control"] == "no-store"
