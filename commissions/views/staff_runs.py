"""For the vendor's people: one payout run, from the proposal to the last payment, and its files for the bank."""

from typing import Any

import sqlalchemy as sa
from flask import Response, abort, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import joinedload

from accounts.access import confirms_password, requires, signed_in_user
from accounts.permissions import Permission
from commissions.forms.payouts import AgainForm, ApprovalForm, ExecutionForm, ReasonForm
from commissions.gateways import gateway_for
from commissions.models import EntryKind, PaymentFile, Payout, PayoutRun, PayoutStatus, RunStatus
from commissions.operations import payouts as sending
from commissions.operations import runs
from commissions.operations.documents import movement_word
from commissions.queries import payouts as queries
from commissions.queries.proposals import LeftOut
from commissions.queries.unusual import unusual_in_run
from commissions.views import pages
from commissions.views.staff_payouts import SOME_LEFT_OUT
from core.database import session
from core.digits import number_in, numbers_in
from core.exports import csv_response
from core.forms import SelectChoice
from core.i18n import format_money
from core.i18n import gettext as _
from core.pagination import page_of, paginate
from partners.models import Partner


def _run(run_id: int) -> PayoutRun:
    found: PayoutRun | None = session.scalar(
        queries.runs_visible_to(signed_in_user()).where(PayoutRun.id == run_id)
    )
    return found or abort(404)


@pages.get("/staff/payouts/runs/<int:run_id>")
@requires(Permission.RUNS_READ)
def run(run_id: int) -> Any:
    """One run: what is unusual, who is left out, what changed since the last one, and whose turn it is."""
    return _run_page(_run(run_id))


def _run_page(found: PayoutRun, **forms: Any) -> Any:
    before = queries.run_before(found)
    status = next((form.status for form in forms.values()), 200)
    number, new_partners = queries.partner_counts(found, before)
    person = signed_in_user()
    states = queries.states_in(found)
    may_fix = found.status is RunStatus.DRAFT and person.may(Permission.RUNS_PROPOSE)
    set_off, set_off_partners = queries.set_off_in(found)
    counts = queries.line_counts(found)
    left_out = [LeftOut.from_json(left) for left in found.left_out]
    left_out_alone = request.args.get("list") == "left-out"
    page = page_of(left_out) if left_out_alone else paginate(_asked_payouts(found))
    return render_template(
        "commissions/payouts/staff/run.html",
        run=found,
        before=before,
        looks=unusual_in_run(found) if found.status in _UNDECIDED else None,
        left_out=left_out,
        left_out_alone=left_out_alone,
        some_left_out=left_out[:SOME_LEFT_OUT],
        page=page,
        partners=number,
        new_partners=new_partners,
        gone=queries.partners_gone(found, before),
        amounts_before={}
        if left_out_alone
        else queries.amounts_in(before, [payout.partner_id for payout in page.items]),
        states=[(state, states[state]) for state in PayoutStatus if state in states],
        settled=sum(states.get(state, 0) for state in _OVER),
        frozen=session.scalars(queries.frozen_payouts(found).limit(20)).all(),
        can_send_more=found.status in _UNDER_WAY
        and session.scalar(queries.sendable_payouts(found).limit(1)) is not None,
        parts=queries.net_of_run(found),
        change=_change(found, before),
        set_off=set_off,
        set_off_partners=set_off_partners,
        line_count=sum(counts.values()),
        commission_count=counts.get(EntryKind.COMMISSION, 0),
        methods=_methods(found),
        files=queries.files_of_run(found),
        approval=ApprovalForm(formdata=None, data={"digest": found.digest, "total_minor": found.total_minor}),
        again=_again_form(found) if may_fix else None,
        dropped=_dropped(found) if may_fix else [],
        reason=forms.get("reason") or ReasonForm(formdata=None),
        execution=forms.get("execution"),
        execution_form=_execution_form,
        may_approve=person.may(Permission.RUNS_APPROVE) and found.proposed_by_id != person.id,
    ), status


def _asked_payouts(found: PayoutRun) -> Any:
    """The run's payouts, of the state and the partner that the address asks for."""
    rows = queries.payouts_of_run(found)
    state, name = request.args.get("state", ""), request.args.get("q", "").strip()
    if state in set(PayoutStatus):
        rows = rows.where(Payout.status == PayoutStatus(state))
    if name:
        rows = rows.join(Payout.partner).where(
            sa.func.lower(Partner.name).contains(name.lower(), autoescape=True)
        )
    return rows


_OVER = (PayoutStatus.PAID, PayoutStatus.FAILED, PayoutStatus.REVERSED)
_UNDECIDED = (RunStatus.DRAFT, RunStatus.PROPOSED, RunStatus.APPROVED)
_UNDER_WAY = (RunStatus.SENDING, RunStatus.PARTLY_SENT)
# Beyond this, single payouts of a file are refused on their own pages, not in one list.
_MOST_CHOICES = 300


def _change(found: PayoutRun, before: PayoutRun | None) -> list[tuple[str, int]]:
    """What the total differs by, kind by kind."""
    if before is None:
        return []
    now, then = queries.sums_by_kind(found), queries.sums_by_kind(before)
    return [
        (movement_word(str(kind)), now.get(kind, 0) - then.get(kind, 0))
        for kind in EntryKind
        if now.get(kind, 0) != then.get(kind, 0)
    ]


def _methods(found: PayoutRun) -> list[Any]:
    return list(
        session.execute(
            sa.select(
                Payout.method, sa.func.count(), sa.cast(sa.func.sum(Payout.amount_minor), sa.BigInteger)
            )
            .where(Payout.run_id == found.id)
            .group_by(Payout.method)
            .order_by(Payout.method)
        )
    )


def _again_form(found: PayoutRun) -> AgainForm:
    """Proposing again, without those whom the address names: so it holds from page to page of a long list."""
    return AgainForm(formdata=None, data={"drop": ",".join(str(one.partner_id) for one in _dropped(found))})


def _dropped(found: PayoutRun) -> list[Payout]:
    """The payouts that finance is about to take out of a draft."""
    asked = numbers_in(request.args.getlist("drop"))
    return list(session.scalars(queries.payouts_of_run(found).where(Payout.partner_id.in_(asked[:200]))))


def _execution_form(file: PaymentFile, *, sent: bool = False) -> ExecutionForm:
    form = (
        ExecutionForm(prefix=f"file-{file.id}-")
        if sent
        else ExecutionForm(formdata=None, prefix=f"file-{file.id}-")
    )
    if len(file.payout_ids) > _MOST_CHOICES:
        del form.refused, form.reason
        return form
    payouts = session.scalars(
        sa.select(Payout)
        .where(Payout.id.in_(file.payout_ids))
        .options(joinedload(Payout.partner))
        .order_by(Payout.id)
    )
    form.refused.choices = [
        SelectChoice(str(one.id), f"{one.partner.name}, {format_money(one.net_minor, one.currency)}")
        for one in payouts
    ]
    return form


@pages.post("/staff/payouts/runs/<int:run_id>/approval")
@requires(Permission.RUNS_APPROVE)
@confirms_password
def run_approval(run_id: int) -> Any:
    """The second person approves exactly what they saw."""
    found = _run(run_id)
    form = ApprovalForm()
    total_minor = number_in(form.total_minor.data)
    if not form.was_sent_and_holds() or total_minor is None:
        abort(400)
    runs.approve_run(found, digest=form.digest.data, total_minor=total_minor, by=signed_in_user())
    flash(
        _("Approved %(sum)s. Finance can send it now.", sum=format_money(found.total_minor, found.currency)),
        "good",
    )
    return redirect(url_for("commissions.run", run_id=run_id))


@pages.post("/staff/payouts/runs/<int:run_id>/return")
@requires(Permission.RUNS_APPROVE)
def run_return(run_id: int) -> Any:
    """The second person sends it back with a word why."""
    found = _run(run_id)
    form = ReasonForm()
    if not form.was_sent_and_holds():
        return _run_page(found, reason=form)
    runs.send_back(found, note=form.reason.data, by=signed_in_user())
    flash(_("Sent back."), "good")
    return redirect(url_for("commissions.run", run_id=run_id))


@pages.post("/staff/payouts/runs/<int:run_id>/proposal")
@requires(Permission.RUNS_PROPOSE)
def run_again(run_id: int) -> Any:
    """Proposes a run again that was sent back, perhaps without somebody."""
    found = _run(run_id)
    form = AgainForm()
    if not form.was_sent_and_holds():
        abort(400)
    runs.propose_again(found, drop=form.partner_ids, by=signed_in_user())
    flash(_("Proposed. Now a second person looks at it."), "good")
    return redirect(url_for("commissions.run", run_id=run_id))


@pages.post("/staff/payouts/runs/<int:run_id>/withdrawal")
@requires(Permission.RUNS_READ)
def run_withdrawal(run_id: int) -> Any:
    """Gives up a draft, or stops an approved run before anything was sent."""
    runs.withdraw_run(_run(run_id), by=signed_in_user())
    flash(_("Withdrawn. Everything in it is payable again."), "good")
    return redirect(url_for("commissions.run", run_id=run_id))


@pages.post("/staff/payouts/runs/<int:run_id>/sending")
@requires(Permission.RUNS_PROPOSE)
@confirms_password
def run_sending(run_id: int) -> Any:
    """Starts to send an approved run."""
    sending.start_sending(_run(run_id), by=signed_in_user())
    flash(_("The money is on its way. What is left to do stands below."), "good")
    return redirect(url_for("commissions.run", run_id=run_id))


@pages.get("/staff/payouts/runs/<int:run_id>/lines.csv")
@requires(Permission.RUNS_READ)
def run_lines(run_id: int) -> Response:
    """Every line of a run, as a file."""
    found = _run(run_id)
    head = [
        _("Partner"),
        _("Payout"),
        _("Line"),
        _("What"),
        _("Rule"),
        _("Amount, minor units"),
        _("Currency"),
    ]
    lines = [
        [
            payout.partner.name,
            payout.id,
            entry.id,
            movement_word(str(entry.kind)),
            entry.rule,
            entry.amount_minor,
            entry.currency,
        ]
        for entry, payout in session.execute(queries.lines_of_run(found))
    ]
    return csv_response(f"payout-run-{found.id}", head, lines)


def _file(file_id: int) -> PaymentFile:
    found = session.get(PaymentFile, file_id) or abort(404)
    _run(found.run_id)
    return found


@pages.get("/staff/payouts/files/<int:file_id>/document")
@requires(Permission.RUNS_PROPOSE)
@confirms_password
def payment_file(file_id: int) -> Any:
    """The file for the bank, the same to the byte each time."""
    found = _file(file_id)
    extension = gateway_for(found.method).extension
    kind = "application/xml" if extension == "xml" else "text/plain"
    answer = Response(sending.document_of(found), mimetype=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{found.message_id}.{extension}"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@pages.post("/staff/payouts/files/<int:file_id>/execution")
@requires(Permission.RUNS_PROPOSE)
def file_execution(file_id: int) -> Any:
    """The bank carried the file out, perhaps without some payouts."""
    found = _file(file_id)
    form = _execution_form(found, sent=True)
    if form.was_sent_and_holds():
        refused = {}
        if "refused" in form:
            reason = form.reason.data or _("Refused by the bank.")
            refused = {int(payout_id): reason for payout_id in form.refused.data or []}
        sending.execute_file(found, reference=form.reference.data, refused=refused, by=signed_in_user())
        flash(_("Written down. The partners have been told."), "good")
        return redirect(url_for("commissions.run", run_id=found.run_id))
    return _run_page(found.run, execution=form)
