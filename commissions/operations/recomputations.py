"""Working all sales out again: in steps, by the worker or at the command line, one such work at a time."""

from typing import Any

import sqlalchemy as sa

from accounts.models import User
from commissions.models import LongRunStatus, Recomputation
from commissions.operations.bulk import DIFFERENCES_KEPT, Accrual
from commissions.queries import bulk as queries
from commissions.signals import SalesRecomputed
from core import clock
from core.activity import Actor
from core.database import lock, session, write_once
from core.errors import Refusal
from core.i18n import gettext as _
from core.jobs import enqueue, job
from core.signals import announce

STEP = 10_000
RECOMPUTE_JOB = "commissions.recompute"


def running_recomputation() -> Recomputation | None:
    """The one that is under way."""
    return session.scalar(sa.select(Recomputation).where(Recomputation.status == LongRunStatus.RUNNING))


def start_recomputation(*, by: Actor | None) -> Recomputation:
    """Begins to work all sales out again; where somebody has begun already, that one is answered."""
    until = queries.last_sale_id()
    write_once(
        Recomputation,
        {
            "status": LongRunStatus.RUNNING,
            "of": queries.number_of_sales(until),
            "done": 0,
            "created_at": clock.now(),
            "by_id": by.id if by is not None else None,
            "by_name": str(by.name) if by is not None else "",
            "until_sale_id": until,
            "last_sale_id": 0,
            "lines": 0,
            "posted": 0,
            "differences": 0,
            "differing": [],
        },
        unique=["status"],
        where=sa.text("status = 'running'"),
    )
    run = running_recomputation()
    assert run is not None, "it was written, or somebody else's is there"
    return run


def recompute_further(run: Recomputation) -> bool:
    """Works out the next sales; tells whether there are more. Two at once follow one another."""
    lock(run)
    if run.status is not LongRunStatus.RUNNING:
        return False
    sale_ids = queries.sales_to_compute(after=run.last_sale_id, until=run.until_sale_id, most=STEP)
    by = session.get(User, run.by_id) if run.by_id is not None else None
    outcome = Accrual(by=by, cause=f"recomputation:{run.id}").go_over(sale_ids)
    run.done += outcome.sales
    run.lines += outcome.lines
    run.posted += outcome.posted
    run.differences += outcome.differences
    run.differing = [*run.differing, *outcome.differing][:DIFFERENCES_KEPT]
    if len(sale_ids) == STEP:
        run.last_sale_id = sale_ids[-1]
        session.flush()
        return True
    run.last_sale_id = run.until_sale_id
    run.status = LongRunStatus.DONE
    run.finished_at = clock.now()
    session.flush()
    announce(SalesRecomputed(run, by, sales=run.done, posted=run.posted, differences=run.differences))
    return False


def stop_recomputation(run: Recomputation) -> None:
    """Ends it after the step that is being done; what was posted stays."""
    lock(run)
    if run.status is not LongRunStatus.RUNNING:
        raise Refusal(_("This is not under way."))
    run.status = LongRunStatus.STOPPED


def resume_recomputation(run: Recomputation) -> None:
    """Lets it go on where it was."""
    lock(run)
    if run.status is not LongRunStatus.STOPPED:
        raise Refusal(_("This was not stopped."))
    if running_recomputation() is not None:
        raise Refusal(_("Another one is under way. Let it finish first."))
    run.status = LongRunStatus.RUNNING


def recompute_later(run: Recomputation) -> None:
    """Leaves the next step to the worker."""
    enqueue(RECOMPUTE_JOB, {"id": run.id})


@job(RECOMPUTE_JOB)
def carry_a_recomputation_on(payload: dict[str, Any]) -> None:
    """A step a job, so that progress can be seen, and a crash loses no more than that."""
    run = session.get_one(Recomputation, payload["id"])
    if recompute_further(run):
        recompute_later(run)
