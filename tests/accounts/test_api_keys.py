"""Keys of machines: how often they may call, from where, until when, and what becomes of one that leaked."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from accounts import limits
from accounts.models import ApiKey
from accounts.operations import make_api_key
from core.activity import Activity
from core.database import session, transaction
from tests.conftest import Machine


@pytest.fixture(autouse=True)
def _no_slices() -> None:
    limits._slices.clear()


def ask(app: Any, secret: str | None, path: str = "/partners", **how: Any) -> Any:
    caller = Machine(app, secret or "")
    if secret is None:
        caller.headers = {}
    return caller("GET", path, **how)


def knock(app: Any, secret: str) -> Any:
    """A request of its own, with commits that are real."""
    headers = {"Authorization": f"Bearer {secret}"}
    return app.test_client(use_cookies=False).get("/api/v1/partners", headers=headers)


def two_keys(app: Any) -> list[str]:
    with app.app_context(), transaction():
        return [make_api_key(name=name, scopes=["partners:read"], by=None)[1] for name in ("Shop", "CRM")]


def test_a_key_that_calls_too_often_waits_and_others_do_not(own_app: Any) -> None:
    own_app.config["API_REQUESTS_PER_MINUTE"] = 20
    busy, calm = two_keys(own_app)
    assert [knock(own_app, busy).status_code for _ in range(21)] == [200] * 20 + [429]
    refused = knock(own_app, busy)
    assert refused.mimetype == "application/problem+json" and refused.json["status"] == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert knock(own_app, calm).status_code == 200
    # Another process, which has no count of its own yet, asks the database and refuses as well
    limits._slices.clear()
    assert knock(own_app, busy).status_code == 429


def test_a_key_is_counted_in_the_database_once_in_a_hundredth_of_its_minute(own_app: Any) -> None:
    own_app.config["API_REQUESTS_PER_MINUTE"] = 1000
    secret, _other = two_keys(own_app)
    for _ in range(11):
        assert knock(own_app, secret).status_code == 200
    with own_app.app_context(), transaction():
        assert session.scalar(sa.select(limits.LimitCount.hits)) == 20


def test_whoever_guesses_keys_is_stopped_by_address(app: Any, monkeypatch: Any) -> None:
    monkeypatch.setitem(app.config, "API_REQUESTS_PER_MINUTE", 50)
    guesses = [Machine(app, f"ghk_guess{number}").post("/partners", {}) for number in range(6)]
    assert [answer.status_code for answer in guesses] == [401] * 5 + [429]


def test_a_key_works_from_its_addresses_and_until_its_end(app: Any, pia: Any, time: Any) -> None:
    end = time.moment + timedelta(days=1)
    _one, away = make_api_key(name="Away", scopes=["partners:read"], addresses=["203.0.113.9"], by=pia)
    _two, brief = make_api_key(name="Brief", scopes=["partners:read"], expires_at=end, by=pia)
    assert ask(app, away).status_code == 401
    assert ask(app, brief).status_code == 200
    time.move(days=1, seconds=1)
    assert ask(app, brief).status_code == 401


def test_whoever_finds_a_key_in_the_open_can_stop_it_and_its_owners_are_told(
    app: Any, pia: Any, mona: Any, mails: Any
) -> None:
    key, secret = make_api_key(name="Shop", scopes=["partners:read"], by=mona)
    finder = Machine(app, "")
    finder.headers = {}
    assert finder.post("/leaked-keys", {"key": secret[:-1]}).json == {"stopped": False}
    assert ask(app, secret).status_code == 200
    assert finder.post("/leaked-keys", {"key": secret}).json == {"stopped": True}
    assert ask(app, secret).status_code == 401
    assert session.get_one(ApiKey, key.id).revoked_at is not None
    assert {mail["to"] for mail in mails()} == {pia.email, mona.email}
    assert all(secret not in str(mail) and "Shop" in str(mail) for mail in mails())
    verbs = set(session.scalars(sa.select(Activity.verb).where(Activity.subject_id == key.id)))
    assert {"key revoked", "key leaked"} <= verbs
    # Once more, or after that: it is stopped already, and nobody is written to again
    assert finder.post("/leaked-keys", {"key": secret}).json == {"stopped": False}
    assert len(mails()) == 2


def test_a_key_may_be_reported_by_who_has_one_too(own_app: Any) -> None:
    """The address is counted aside from the request: the note that the key was used may not stand in the way."""
    found, finder = two_keys(own_app)
    answer = own_app.test_client(use_cookies=False).post(
        "/api/v1/leaked-keys", json={"key": found}, headers={"Authorization": f"Bearer {finder}"}
    )
    assert (answer.status_code, answer.json) == (200, {"stopped": True})
    assert (knock(own_app, found).status_code, knock(own_app, finder).status_code) == (401, 200)
    with own_app.app_context(), transaction():
        key = session.scalars(sa.select(ApiKey).where(ApiKey.name == "CRM")).one()
        assert key.last_used_at is not None
