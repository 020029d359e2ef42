"""Eight sellers who race for the same leads: over HTTP, against the driver doing the same statements."""

import gc
import multiprocessing
import re
import time
from collections.abc import Callable
from typing import Any

import psycopg
import sqlalchemy as sa
from flask import Flask

from bench.measure import Figure, at_least
from bench.network import PASSWORD, a_lead
from bench.recorded import Deed, Step, recording
from core.database import current_database, session, transaction
from referrals.models import Lead, LeadClaim, LeadStatus

_LEADS = 120
_SELLERS = 8

# The first number of the leads here: in nothing that is written about one does another number begin so
_FIRST = 7_310_000


def pools() -> tuple[list[int], list[int], list[list[int]]]:
    """Leads that every seller may claim: as many for us as for the driver, and three for each seller to learn on."""
    # The number stands in a lead's company and address too, so that the driver writes as many different ones
    session.execute(
        sa.text(f"SELECT setval(pg_get_serial_sequence('referrals_lead', 'id'), {_FIRST}, false)")
    )
    numbers = range(_FIRST, _FIRST + 2 * _LEADS + 3 * _SELLERS)
    made = [a_lead(number, source="shop").id for number in numbers]
    assert made == list(numbers)
    to_learn = made[2 * _LEADS :]
    return (
        made[:_LEADS],
        made[_LEADS : 2 * _LEADS],
        [to_learn[at : at + 3] for at in range(0, len(to_learn), 3)],
    )


def measure(
    app: Flask, sellers: list[tuple[str, int]], ids: list[int], again: list[int], to_learn: list[list[int]]
) -> list[Figure]:
    """Each lead is claimed once, by whoever comes first."""
    emails = [email for email, _partner in sellers]
    ours = _race(
        app, [(_over_http, email, own[:1], ids) for email, own in zip(emails, to_learn, strict=True)]
    )
    _all_claimed(app, ids)
    raw = _race(
        app, [(_by_the_driver, email, own[1:], again) for email, own in zip(emails, to_learn, strict=True)]
    )
    _all_claimed(app, again)
    note = (
        f"8 processes on {multiprocessing.cpu_count()} cores, {_LEADS} leads; the driver does the statements that it "
        "saw our requests do, a winner's and a loser's."
    )
    return [at_least("claims with 8 clients racing", _LEADS / ours, _LEADS / raw, 0.2, "claims", note)]


def _all_claimed(app: Flask, ids: list[int]) -> None:
    with app.app_context(), transaction():
        claimed = sa.select(sa.func.count()).where(Lead.id.in_(ids), Lead.status == LeadStatus.CLAIMED)
        won = session.scalar(claimed)
        claims = session.scalar(sa.select(sa.func.count()).where(LeadClaim.lead_id.in_(ids)))
    if (won, claims) != (_LEADS, _LEADS):
        raise AssertionError(f"{won} of {_LEADS} leads were claimed, with {claims} claims.")


def _race(app: Flask, runners: list[Any]) -> float:
    """Seconds from the start of all to the end of the last."""
    # Else the collector walks through all that the children were given, and so copies it for each of them.
    gc.freeze()
    context = multiprocessing.get_context("fork")
    start, times = context.Barrier(len(runners) + 1), context.Queue()
    with app.app_context():
        current_database().engine.dispose()
    crew = [
        context.Process(target=run, args=(app, email, own, ids, start, times), daemon=True)
        for run, email, own, ids in runners
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


def _over_http(app: Flask, email: str, own: list[int], ids: list[int], start: Any, times: Any) -> None:
    """Wins and loses once before it counts: a web process compiles its templates and statements once in its life."""
    claim = _a_seller(app, email)
    assert [claim(own[0]), claim(own[0])] == [302, 409]
    start.wait(120)
    for lead_id in ids:
        assert claim(lead_id) in {302, 409}
    times.put(True)


def _by_the_driver(app: Flask, email: str, own: list[int], ids: list[int], start: Any, times: Any) -> None:
    """Does what it has seen the same seller's requests do. Who finds no free lead goes on as who lost."""
    claim = _a_seller(app, email)
    seen: list[list[Step]] = []
    for lead_id, expected in [(own[0], 302), (own[0], 409), (own[1], 302), (own[1], 409)]:
        with recording(app) as steps:
            assert claim(lead_id) == expected
        seen.append(steps)
    win, loss = Deed(seen[0], own[0], seen[2], own[1]), Deed(seen[1], own[0], seen[3], own[1])
    same = zip(win.steps, loss.steps, strict=False)
    parting = next(at for at, (one, other) in enumerate(same) if one.statement != other.statement)
    with app.app_context():
        url = current_database().engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url) as connection:
        start.wait(120)
        for lead_id in ids:
            rows: list[list[Any]] = []
            if not all(win.does(connection, at, lead_id, rows) for at in range(len(win.steps))):
                for at in range(parting, len(loss.steps)):
                    loss.does(connection, at, lead_id, rows)
    times.put(True)


def _a_seller(app: Flask, email: str) -> Callable[[int], int]:
    """Signs in, in a process of its own. What is returned claims a lead, and returns the status of the answer."""
    with app.app_context():
        current_database().engine.dispose(close=False)
    client = app.test_client()
    page = client.get("/sign-in").get_data(as_text=True)
    client.post("/sign-in", data={"email": email, "password": PASSWORD, "csrf_token": _token(page)})
    token = _token(client.get("/leads?tab=pool").get_data(as_text=True))
    return lambda lead_id: client.post(f"/leads/{lead_id}/claim", data={"csrf_token": token}).status_code


def _token(page: str) -> str:
    found = re.search(r'name="csrf-token" content="([^"]+)"', page)
    assert found is not None, page[:500]
    return found[1]
