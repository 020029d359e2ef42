"""For the vendor's people: one payout, its attempts, and what became of it."""

from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from sqlalchemy.orm import joinedload

from accounts.access import confirms_password, requires, signed_in_user
from accounts.permissions import Permission
from commissions.forms.payouts import ReasonForm, ReferenceForm
from commissions.models import Entry, Payout, PayoutStatus
from commissions.operations import payouts as sending
from commissions.operations.documents import movement_word
from commissions.queries import payouts as queries
from commissions.views import pages
from core.database import session
from core.i18n import gettext as _
from core.pagination import paginate
from partners.models import PAID
from referrals.models import Sale

_NOT_SENT = (PayoutStatus.PENDING, PayoutStatus.SENDING, PayoutStatus.UNKNOWN, PayoutStatus.FAILED)


def _payout(payout_id: int) -> Payout:
    found: Payout | None = session.scalar(
        queries.payouts_visible_to(signed_in_user(), Permission.RUNS_READ).where(Payout.id == payout_id)
    )
    return found or abort(404)


@pages.get("/staff/payouts/<int:payout_id>")
@requires(Permission.RUNS_READ)
def staff_payout(payout_id: int) -> Any:
    """One payout: its lines, every attempt, and what can be done."""
    return _payout_page(_payout(payout_id))


def _payout_page(found: Payout, **forms: Any) -> Any:
    status = next((form.status for form in forms.values()), 200)
    lines = queries.entries_of_payout(found).options(joinedload(Entry.sale).joinedload(Sale.customer))
    return render_template(
        "commissions/payouts/staff/payout.html",
        payout=found,
        page=paginate(lines),
        taxes=queries.taxes_of(found),
        services=queries.services_of(found),
        attempts=queries.attempts_of(found),
        is_frozen=found.partner.status not in PAID and found.status in _NOT_SENT and not found.released_at,
        word=movement_word,
        payment=forms.get("payment") or ReferenceForm(formdata=None),
        failure=forms.get("failure") or ReasonForm(formdata=None),
    ), status


@pages.post("/staff/payouts/<int:payout_id>/payment")
@requires(Permission.RUNS_PROPOSE)
def payout_payment(payout_id: int) -> Any:
    """Somebody paid it by hand."""
    found = _payout(payout_id)
    form = ReferenceForm()
    if not form.was_sent_and_holds():
        return _payout_page(found, payment=form)
    sending.pay_by_hand(found, reference=form.reference.data, by=signed_in_user())
    flash(_("Marked as paid. The partner has been told."), "good")
    return redirect(url_for("commissions.staff_payout", payout_id=payout_id))


@pages.post("/staff/payouts/<int:payout_id>/failure")
@requires(Permission.RUNS_PROPOSE)
def payout_failure(payout_id: int) -> Any:
    """It did not arrive, or came back."""
    found = _payout(payout_id)
    form = ReasonForm()
    if not form.was_sent_and_holds():
        return _payout_page(found, failure=form)
    if found.status is PayoutStatus.UNKNOWN:
        sending.declare_not_sent(found, reason=form.reason.data, by=signed_in_user())
    else:
        sending.fail_by_hand(found, reason=form.reason.data, by=signed_in_user())
    flash(_("Written down."), "good")
    return redirect(url_for("commissions.staff_payout", payout_id=payout_id))


@pages.post("/staff/payouts/<int:payout_id>/repetition")
@requires(Permission.RUNS_PROPOSE)
@confirms_password
def payout_repetition(payout_id: int) -> Any:
    """Sends it once more, to the same place."""
    sending.retry_payout(_payout(payout_id), by=signed_in_user())
    flash(_("It is being sent once more."), "good")
    return redirect(url_for("commissions.staff_payout", payout_id=payout_id))


@pages.post("/staff/payouts/<int:payout_id>/return")
@requires(Permission.RUNS_PROPOSE)
@confirms_password
def payout_return(payout_id: int) -> Any:
    """Asks Stripe to take a paid transfer back."""
    found = _payout(payout_id)
    form = ReasonForm()
    if not form.was_sent_and_holds():
        return _payout_page(found, failure=form)
    sending.take_back(found, reason=form.reason.data, by=signed_in_user())
    flash(_("Stripe is being asked for the money. What comes back is owed again."), "good")
    return redirect(url_for("commissions.staff_payout", payout_id=payout_id))


@pages.post("/staff/payouts/<int:payout_id>/release")
@requires(Permission.RUNS_PROPOSE)
def payout_release(payout_id: int) -> Any:
    """Gives it up; its lines are payable again."""
    sending.release_payout(_payout(payout_id), by=signed_in_user())
    flash(_("Given up. Its lines are payable again, in a later run."), "good")
    return redirect(url_for("commissions.staff_payout", payout_id=payout_id))
