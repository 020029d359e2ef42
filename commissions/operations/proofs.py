"""The nightly check: lines are worked out again from their stored proofs, and every difference is an alarm."""

from datetime import timedelta
from typing import Any

from commissions import rates
from commissions.models import Entry, ProofCheck
from commissions.queries import proofs as asked
from commissions.signals import ProofsDiffer
from core import clock
from core.activity import Actor
from core.database import current_database, reading, session
from core.jobs import enqueue, job
from core.signals import announce

YOUNG = timedelta(days=366)
AT_ONCE = 5000
CHECK_JOB = "commissions.check-proofs"


def check_proofs(*, by: Actor | None, everything: bool = False) -> ProofCheck:
    """Works out again every open line and those of the last twelve months, or all; writes down and tells what differs.

    Lines are read in thousands on a connection of its own that only reads, so that nobody waits for it.
    """
    started_at = clock.now()
    since = started_at.min.replace(tzinfo=started_at.tzinfo) if everything else started_at - YOUNG
    differing: list[dict[str, Any]] = []
    lines = last = 0
    with reading(), current_database().new_session() as own:
        while rows := own.execute(asked.lines_to_prove(since, last, AT_ONCE)).all():
            lines += len(rows)
            last = rows[-1][0]
            differing += [found for row in rows if (found := _difference(*row)) is not None]
    known = _known()
    check = ProofCheck(
        started_at=started_at,
        finished_at=clock.now(),
        since=since,
        lines=lines,
        last_entry_id=last,
        differing=differing,
    )
    session.add(check)
    session.flush()
    for found in differing:
        if found["entry_id"] not in known:
            announce(ProofsDiffer(session.get_one(Entry, found["entry_id"]), by))
    return check


def _difference(entry_id: int, amount_minor: int, proof: dict[str, Any]) -> dict[str, Any] | None:
    """What a line comes to when it is worked out again, if that is not its amount, or if it can't be."""
    try:
        again: int | None = rates.recompute(proof)
    except (ArithmeticError, KeyError, LookupError, TypeError, ValueError):
        again = None
    if again == amount_minor:
        return None
    return {"entry_id": entry_id, "amount_minor": amount_minor, "again_minor": again}


def _known() -> set[int]:
    """The lines that the last check told of already."""
    before = asked.last_check()
    return {found["entry_id"] for found in before.differing} if before is not None else set()


def check_proofs_soon(*, by: Actor | None) -> None:
    """Leaves a check to the worker, once a minute at most."""
    minute = clock.now().replace(second=0, microsecond=0).isoformat()
    enqueue(CHECK_JOB, {"by_id": by.id if by is not None else None}, key=f"{CHECK_JOB}:{minute}")


@job(CHECK_JOB)
def check_proofs_now(_payload: dict[str, Any]) -> None:
    """A check that somebody asked for."""
    check_proofs(by=None)
