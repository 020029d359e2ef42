"""Working all sales out again: the list, the progress and what differed."""

from typing import Any

from flask import abort, flash, redirect, render_template, url_for

from accounts.access import confirms_password, requires, signed_in_user
from accounts.permissions import Permission
from commissions.models import LongRunStatus, Recomputation
from commissions.operations import recomputations as operations
from commissions.queries import recomputations as asked
from commissions.views import pages
from core.database import session
from core.i18n import gettext as _
from core.pagination import paginate


@pages.get("/staff/recomputations")
@requires(Permission.LEDGER_READ)
def recomputations() -> Any:
    """What was worked out again, and when."""
    return render_template(
        "commissions/proof/recomputations.html",
        page=paginate(asked.recomputations_visible_to(signed_in_user())),
        may_write=signed_in_user().may(Permission.SALES_WRITE),
    )


@pages.post("/staff/recomputations")
@requires(Permission.SALES_WRITE)
@confirms_password
def new_recomputation() -> Any:
    """Begins one, or leads to the one that is under way."""
    before = operations.running_recomputation()
    run = operations.start_recomputation(by=signed_in_user())
    if before is None:
        operations.recompute_later(run)
    return redirect(url_for("commissions.recomputation", run_id=run.id))


@pages.get("/staff/recomputations/<int:run_id>")
@requires(Permission.LEDGER_READ)
def recomputation(run_id: int) -> Any:
    """How far it is; at its end, what was posted and which sales said something else before."""
    return render_template(
        "commissions/proof/recomputation.html",
        run=_run(run_id),
        states=LongRunStatus,
        may_write=signed_in_user().may(Permission.SALES_WRITE),
    )


@pages.post("/staff/recomputations/<int:run_id>/stop")
@requires(Permission.SALES_WRITE)
def stop_recomputation(run_id: int) -> Any:
    """Ends it after the running step."""
    operations.stop_recomputation(_run(run_id))
    flash(_("Stopped. What was posted so far stays, and it can go on from here."), "good")
    return redirect(url_for("commissions.recomputation", run_id=run_id))


@pages.post("/staff/recomputations/<int:run_id>/resume")
@requires(Permission.SALES_WRITE)
def resume_recomputation(run_id: int) -> Any:
    """Lets it go on."""
    run = _run(run_id)
    operations.resume_recomputation(run)
    operations.recompute_later(run)
    return redirect(url_for("commissions.recomputation", run_id=run_id))


def _run(run_id: int) -> Recomputation:
    query = asked.recomputations_visible_to(signed_in_user()).where(Recomputation.id == run_id)
    return session.scalar(query) or abort(404)
