"""Eight sellers who race for the same leads: over HTTP, against the driver doing the statements that decide."""

import gc
import multiprocessing
import re
import time
from functools import partial
from typing import Any

import sqlalchemy as sa
from flask import Flask

from bench.measure import Figure, at_least
from bench.network import PASSWORD, a_lead
from core.database import current_database, session, transaction
from referrals.models import Lead, LeadStatus

_LEADS = 120
_SELLERS = 8

_TAKE = "UPDATE referrals_lead SET status = 'claimed', last_activity_at = now() WHERE id = %s AND status = 'available'"
_HOLD = "UPDATE referrals_lead SET partner_id = %s, held_since = now(), contact_due_at = now() WHERE id = %s"
_CLAIM = (
    "INSERT INTO referrals_lead_claim (lead_id, partner_id, way, claimed_at) VALUES (%s, %s, 'pool', now())"
)
_TRAIL = """INSERT INTO core_activity (at, actor_name, verb, subject_type, subject_id, partner_id, details)
            VALUES (now(), '', 'lead claimed', 'lead', %s, %s, '{}')"""


def pools() -> tuple[list[int], list[int], list[int]]:
    """Leads that every seller may claim: as many for us as for the driver, and one for each to get warm with."""
    made = [a_lead(10_000 + number, source="shop").id for number in range(2 * _LEADS + _SELLERS)]
    return made[:_LEADS], made[_LEADS : 2 * _LEADS], made[2 * _LEADS :]


def measure(
    app: Flask, sellers: list[tuple[str, int]], ids: list[int], again: list[int], first: list[int]
) -> list[Figure]:
    """Each lead is claimed once, by whoever comes first."""
    warm_up = dict(zip((email for email, _partner in sellers), first, strict=True))
    ours = _race(
        app, [(partial(_over_http, warm_up[email]), email, partner, ids) for email, partner in sellers]
    )
    with app.app_context(), transaction():
        claimed = sa.select(sa.func.count()).where(Lead.id.in_(ids), Lead.status == LeadStatus.CLAIMED)
        won = session.scalar(claimed)
    if won != _LEADS:
        raise AssertionError(f"{won} of {_LEADS} leads were claimed.")
    raw = _race(app, [(_by_the_driver, email, partner, again) for email, partner in sellers])
    note = (
        f"8 processes on {multiprocessing.cpu_count()} cores, {_LEADS} leads; ours also checks the session and the "
        "token, opens the deal and answers with a page's redirect, losers read a sentence."
    )
    return [at_least("claims with 8 clients racing", _LEADS / ours, _LEADS / raw, 0.2, "claims", note)]


def _race(app: Flask, runners: list[Any]) -> float:
    """Seconds from the start of all to the end of the last."""
    # Else the collector walks through all that the children were given, and so copies it for each of them.
    gc.freeze()
    context = multiprocessing.get_context("fork")
    start, times = context.Barrier(len(runners) + 1), context.Queue()
    with app.app_context():
        current_database().engine.dispose()
    crew = [
        context.Process(target=run, args=(app, email, partner, ids, start, times), daemon=True)
        for run, email, partner, ids in runners
    ]
    for one in crew:
        one.start()
    start.wait(120)
    begun = time.perf_counter()
    for _one in crew:
        times.get(timeout=180)
    span = time.perf_counter() - begun
    for one in crew:
        one.join(30)
    return span


def _over_http(
    first: int, app: Flask, email: str, _partner: int, ids: list[int], start: Any, times: Any
) -> None:
    """Wins and loses once before it counts: a web process compiles its templates and statements once in its life."""
    with app.app_context():
        current_database().engine.dispose(close=False)
    client = app.test_client()
    page = client.get("/sign-in").get_data(as_text=True)
    client.post("/sign-in", data={"email": email, "password": PASSWORD, "csrf_token": _token(page)})
    token = _token(client.get("/leads?tab=pool").get_data(as_text=True))
    for expected in (302, 409):
        answer = client.post(f"/leads/{first}/claim", data={"csrf_token": token})
        assert answer.status_code == expected, answer.status_code
    start.wait(120)
    for lead_id in ids:
        answer = client.post(f"/leads/{lead_id}/claim", data={"csrf_token": token})
        assert answer.status_code in {302, 303, 404, 409}, answer.status_code
    times.put(True)


def _token(page: str) -> str:
    found = re.search(r'name="csrf-token" content="([^"]+)"', page)
    assert found is not None, page[:500]
    return found[1]


def _by_the_driver(app: Flask, _email: str, partner: int, ids: list[int], start: Any, times: Any) -> None:
    import psycopg

    with app.app_context():
        url = current_database().engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url) as connection:
        start.wait(120)
        for lead_id in ids:
            connection.execute("SELECT id FROM partners_partner WHERE id = %s FOR UPDATE", (partner,))
            connection.execute(
                "SELECT count(*) FROM referrals_lead WHERE partner_id = %s", (partner,)
            ).fetchone()
            if connection.execute(_TAKE, (lead_id,)).rowcount == 1:
                connection.execute(_HOLD, (partner, lead_id))
                connection.execute(_CLAIM, (lead_id, partner))
                connection.execute(_TRAIL, (lead_id, partner))
                connection.commit()
            else:
                connection.rollback()
    times.put(True)
