"""What comes in can be kept: text without NUL and half signs, numbers with an end, JSON of a sensible depth."""

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from marshmallow import ValidationError

from core.api import Moment
from core.inputs import MOST_DEPTH, UnkeepableText, UnreadableJSON, read_json
from tests.browser import Browser


@pytest.mark.pure
@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"nothing", b'{"a": NaN}', b"[Infinity]", b"[1e400]", b"[" * 100_000, b"\xff", b"{}{}",
        b"[" * (MOST_DEPTH + 1) + b"]" * (MOST_DEPTH + 1), b"9" * 5000,
    ],
)  # fmt: skip
def test_what_is_no_document_is_refused(body: bytes) -> None:
    with pytest.raises(UnreadableJSON):
        read_json(body)


@pytest.mark.pure
@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (rb'{"a": [{"b/c": "x\u0000"}]}', "/a/0/b~1c"),
        (rb'"\ud800"', ""),
        (rb'{"a": {"x\udfff": 1}}', "/a"),
    ],
)
def test_a_sign_that_no_database_keeps_is_refused_where_it_stands(body: bytes, pointer: str) -> None:
    with pytest.raises(UnkeepableText) as raised:
        read_json(body)
    assert raised.value.pointer == pointer


@pytest.mark.pure
def test_everything_else_is_read_as_it_is() -> None:
    deep = b"[" * MOST_DEPTH + b"]" * MOST_DEPTH
    assert read_json(deep) is not None
    assert read_json(b'{"a": [' + b"[]," * 500 + b"[]]}") == {"a": [[]] * 501}
    assert read_json(rb'{"a": [1, 2.5, "\ud83d\ude00 \\u0000", null, true]}') == {
        "a": [1, 2.5, "😀 \\u0000", None, True]
    }


def test_an_address_with_a_number_that_no_row_has_does_not_exist(app: Flask, mona: Any) -> None:
    browser = Browser(app).sign_in(mona)
    for path in (
        f"/staff/partners/{10**18}",
        f"/staff/partners/{'9' * 40}",
        "/staff/partners/٣",
        "/staff/%00",
    ):
        assert browser._ask(path).status_code == 404, path


def test_nul_in_a_field_or_an_argument_is_left_out(app: Flask, mona: Any) -> None:
    browser = Browser(app).sign_in(mona)
    browser.open("/staff/partners?q=%00Ac%00me")
    assert 'value="Acme"' in browser.html
    answer = browser._ask("/sign-in", method="POST", data={"email": "no\x00body", "password": "x"})
    assert answer.status_code < 500


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 302),
        ({"Sec-Fetch-Site": "none"}, 302),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "http://localhost"}, 302),
        ({"Origin": "null"}, 302),
        ({}, 302),
        # The browser's own word counts for more than the origin
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 302),
    ],
)
def test_what_another_sites_page_sends_is_refused_even_with_the_token(
    app: Flask, mona: Any, headers: dict[str, str], status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = Browser(app).sign_in(mona)
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    answer = browser._ask("/language", method="POST", data={"locale": "ru"}, headers=headers)
    assert answer.status_code == status
    if status == 403:
        assert "Another site sent this" in answer.text


def test_what_proves_itself_may_come_from_another_site(app: Flask, programme: None) -> None:
    elsewhere = {"Sec-Fetch-Site": "cross-site", "Origin": "https://vendor.example"}
    for path in ("/embed/lead", "/webhooks/stripe", "/api/v1/leads"):
        answer = app.test_client().post(path, headers=elsewhere)
        assert "Another site sent this" not in answer.text, path


@pytest.mark.pure
@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_a_moment_that_no_calendar_has_in_utc_is_refused_at_its_field(moment: str) -> None:
    with pytest.raises(ValidationError):
        Moment().deserialize(moment)


@pytest.mark.pure
def test_a_moment_is_the_same_whatever_its_offset() -> None:
    assert Moment().deserialize("2026-03-31T12:00:05+02:00") == datetime(2026, 3, 31, 10, 0, 5, tzinfo=UTC)
