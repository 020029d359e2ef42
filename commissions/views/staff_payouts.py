"""For the vendor's people: what is payable, payout runs, what became of each payout, and the books."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from flask import Response, abort, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import joinedload

from accounts.access import confirms_password, requires, signed_in_user
from accounts.permissions import Permission
from commissions import ledger
from commissions.forms.payouts import (
    AgainForm,
    ApprovalForm,
    ExecutionForm,
    ProposalForm,
    ReasonForm,
    ReferenceForm,
)
from commissions.models import (
    Account,
    CachedBalance,
    Entry,
    EntryKind,
    JournalEntry,
    JournalLine,
    PaymentFile,
    Payout,
    PayoutRun,
    PayoutStatus,
    Statement,
)
from commissions.operations import payouts as sending
from commissions.operations import runs
from commissions.operations.documents import movement_word
from commissions.queries import payouts as queries
from commissions.queries.earnings import (
    EntryState,
    balances,
    currencies_owed,
    entries_visible_to,
    entries_with_state,
    in_state,
    sums_by_state,
)
from commissions.queries.proposals import LeftOut, proposal, unusual_in_proposal, unusual_in_run
from commissions.views import pages
from commissions.wording import said_account
from core import clock
from core.database import session
from core.exports import csv_response
from core.forms import SelectChoice
from core.i18n import format_money
from core.i18n import gettext as _
from core.pagination import paginate
from core.settings import PROGRAMME_CURRENCY
from partners.models import Partner
from partners.queries import partners_visible_to
from referrals.models import Sale


@pages.get("/staff/payouts")
@requires(Permission.RUNS_READ)
def staff_payouts() -> Any:
    """What is payable in each currency, and every run."""
    owed = _owed_by_currency()
    return render_template(
        "commissions/payouts/staff/payouts.html",
        owed=owed,
        page=paginate(queries.runs_visible_to(signed_in_user())),
        in_the_air=session.scalars(
            queries.payouts_in_the_air().options(joinedload(Payout.partner)).limit(20)
        ).all(),
        failed=session.scalars(
            sa.select(Payout)
            .where(Payout.status == PayoutStatus.FAILED, Payout.released_at.is_(None))
            .options(joinedload(Payout.partner))
            .order_by(Payout.id)
            .limit(20)
        ).all(),
    )


def _owed_by_currency() -> list[Any]:
    """(currency, held, payable, in a run, paid) over all partners."""
    sums = sums_by_state(clock.now()).subquery()
    columns = [
        sa.cast(sa.func.sum(sums.c[name]), sa.BigInteger) for name in ("held", "payable", "in_run", "paid")
    ]
    rows = session.execute(
        sa.select(sums.c.currency, *columns).group_by(sums.c.currency).order_by(sums.c.currency)
    )
    return list(rows)


def _asked_currency() -> str:
    known = currencies_owed()
    asked = request.args.get("currency", "")
    main = PROGRAMME_CURRENCY.value()
    return asked if asked in known else main if main in known or not known else known[0]


@pages.route("/staff/payouts/proposal", methods=["GET", "POST"])
@requires(Permission.RUNS_PROPOSE)
def run_proposal() -> Any:
    """Everything payable in a currency, who is left out and why, and the button that proposes exactly that."""
    currency = _asked_currency()
    form = ProposalForm()
    planned = proposal(currency)
    form.leave_out.choices = [
        SelectChoice(str(candidate.partner.id), candidate.partner.name) for candidate in planned.candidates
    ]
    if request.method == "GET":
        form.digest.data = planned.digest
    elif form.was_sent_and_holds():
        left_out = [int(partner_id) for partner_id in form.leave_out.data or []]
        made = runs.propose_run(
            currency, leave_out=left_out, seen_digest=form.digest.data, by=signed_in_user()
        )
        flash(_("Proposed. Now a second person looks at it."), "good")
        return redirect(url_for("commissions.run", run_id=made.id))
    return render_template(
        "commissions/payouts/staff/proposal.html",
        planned=planned,
        looks=unusual_in_proposal(planned),
        form=form,
        currencies=currencies_owed(),
    ), form.status


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
    partners, partners_before = queries.partners_in(found), queries.partners_in(before)
    set_off, set_off_partners = queries.set_off_in(found)
    counts = queries.line_counts(found)
    return render_template(
        "commissions/payouts/staff/run.html",
        run=found,
        before=before,
        looks=unusual_in_run(found),
        left_out=[LeftOut.from_json(left) for left in found.left_out],
        page=paginate(queries.payouts_of_run(found)),
        partners=partners,
        new_partners=len(partners.keys() - partners_before.keys()),
        change=_change(found, before),
        set_off=set_off,
        set_off_partners=set_off_partners,
        line_count=sum(counts.values()),
        commission_count=counts.get(EntryKind.COMMISSION, 0),
        methods=_methods(found),
        files=queries.files_of_run(found),
        approval=ApprovalForm(formdata=None, data={"digest": found.digest, "total_minor": found.total_minor}),
        again=_again_form(found),
        reason=forms.get("reason") or ReasonForm(formdata=None),
        execution=forms.get("execution"),
        execution_form=_execution_form,
        may_approve=signed_in_user().may(Permission.RUNS_APPROVE)
        and found.proposed_by_id != signed_in_user().id,
    ), status


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


def _choices_of(payouts: Any, *, by_partner: bool) -> list[SelectChoice]:
    return [
        SelectChoice(
            str(payout.partner_id if by_partner else payout.id),
            f"{payout.partner.name}, {format_money(payout.amount_minor, payout.currency)}",
        )
        for payout in payouts
    ]


def _again_form(found: PayoutRun, *, sent: bool = False) -> AgainForm:
    form = AgainForm() if sent else AgainForm(formdata=None)
    form.drop.choices = _choices_of(session.scalars(queries.payouts_of_run(found)), by_partner=True)
    return form


def _execution_form(file: PaymentFile, *, sent: bool = False) -> ExecutionForm:
    form = (
        ExecutionForm(prefix=f"file-{file.id}-")
        if sent
        else ExecutionForm(formdata=None, prefix=f"file-{file.id}-")
    )
    payouts = session.scalars(
        sa.select(Payout)
        .where(Payout.id.in_(file.payout_ids))
        .options(joinedload(Payout.partner))
        .order_by(Payout.id)
    )
    form.refused.choices = _choices_of(payouts, by_partner=False)
    return form


@pages.post("/staff/payouts/runs/<int:run_id>/approval")
@requires(Permission.RUNS_APPROVE)
@confirms_password
def run_approval(run_id: int) -> Any:
    """The second person approves exactly what they saw."""
    found = _run(run_id)
    form = ApprovalForm()
    if not form.was_sent_and_holds() or not str(form.total_minor.data).lstrip("-").isdigit():
        abort(400)
    runs.approve_run(
        found, digest=form.digest.data, total_minor=int(form.total_minor.data), by=signed_in_user()
    )
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
    form = _again_form(found, sent=True)
    if not form.was_sent_and_holds():
        abort(400)
    runs.propose_again(
        found, drop=[int(partner_id) for partner_id in form.drop.data or []], by=signed_in_user()
    )
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


@pages.get("/staff/payouts/files/<int:file_id>.xml")
@requires(Permission.RUNS_PROPOSE)
@confirms_password
def payment_file(file_id: int) -> Any:
    """The file for the bank, the same to the byte each time."""
    found = _file(file_id)
    answer = Response(sending.document_of(found), mimetype="application/xml")
    answer.headers["Content-Disposition"] = f'attachment; filename="{found.message_id}.xml"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@pages.post("/staff/payouts/files/<int:file_id>/execution")
@requires(Permission.RUNS_PROPOSE)
def file_execution(file_id: int) -> Any:
    """The bank carried the file out, perhaps without some payouts."""
    found = _file(file_id)
    form = _execution_form(found, sent=True)
    if form.was_sent_and_holds():
        reason = form.reason.data or _("Refused by the bank.")
        refused = {int(payout_id): reason for payout_id in form.refused.data or []}
        sending.execute_file(found, reference=form.reference.data, refused=refused, by=signed_in_user())
        flash(_("Written down. The partners have been told."), "good")
        return redirect(url_for("commissions.run", run_id=found.run_id))
    return _run_page(found.run, execution=form)


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
        attempts=queries.attempts_of(found),
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


@pages.post("/staff/payouts/<int:payout_id>/release")
@requires(Permission.RUNS_PROPOSE)
def payout_release(payout_id: int) -> Any:
    """Gives it up; its lines are payable again."""
    sending.release_payout(_payout(payout_id), by=signed_in_user())
    flash(_("Given up. Its lines are payable again, in a later run."), "good")
    return redirect(url_for("commissions.staff_payout", payout_id=payout_id))


@pages.get("/staff/books")
@requires(Permission.LEDGER_READ)
def books() -> Any:
    """The journal, latest first, and what stands on the vendor's accounts."""
    entries = sa.select(JournalEntry).options(joinedload(JournalEntry.lines)).order_by(JournalEntry.id.desc())
    query = request.args.get("q", "").strip()
    if query:
        entries = entries.where(
            sa.or_(JournalEntry.key.contains(query, autoescape=True), JournalEntry.source == query)
        )
    sums = session.execute(
        sa.select(
            Account.code, Account.currency, sa.cast(sa.func.sum(JournalLine.amount_minor), sa.BigInteger)
        )
        .join(JournalLine, JournalLine.account_id == Account.id)
        .where(Account.partner_id.is_(None))
        .group_by(Account.id, Account.code, Account.currency)
        .order_by(Account.currency, Account.code)
    ).all()
    owed = session.execute(
        sa.select(Account.currency, sa.cast(-sa.func.sum(CachedBalance.amount_minor), sa.BigInteger))
        .join(CachedBalance, CachedBalance.account_id == Account.id)
        .group_by(Account.currency)
        .order_by(Account.currency)
    ).all()
    page = paginate(entries)
    return render_template(
        "commissions/payouts/staff/books.html",
        page=page,
        sums=sums,
        owed=owed,
        account_word=said_account,
        partner_names=_names_in(page.items),
    )


def _names_in(entries: Sequence[JournalEntry]) -> dict[int | None, str]:
    """The firms whose accounts stand in these entries."""
    ids = {line.account.partner_id for entry in entries for line in entry.lines}
    rows = session.execute(sa.select(Partner.id, Partner.name).where(Partner.id.in_(ids)))
    return {row.id: row.name for row in rows}


@pages.post("/staff/books/audit")
@requires(Permission.LEDGER_READ)
def books_audit() -> Any:
    """Asks the books for proof, now."""
    problems = ledger.audit()
    if problems:
        flash(_("The books break a rule: %(problem)s", problem=problems[0]), "bad")
    else:
        flash(_("Every rule of the books holds."), "good")
    return redirect(url_for("commissions.books"))


@pages.get("/staff/earnings")
@requires(Permission.BALANCES_READ)
def staff_earnings() -> Any:
    """Every line of earnings of every partner, the latest first."""
    lines = entries_visible_to(signed_in_user(), Permission.BALANCES_READ)
    rows = entries_with_state(lines).options(joinedload(Entry.sale).joinedload(Sale.customer))
    state = request.args.get("state", "")
    if state in set(EntryState):
        rows = in_state(rows, EntryState(state))
    return render_template(
        "commissions/payouts/staff/earnings.html",
        page=paginate(rows, scalars=False),
        states=[str(one) for one in EntryState],
        word=movement_word,
    )


@pages.get("/staff/partners/<int:partner_id>/earnings")
@requires(Permission.BALANCES_READ)
def partner_earnings(partner_id: int) -> Any:
    """What one partner earned, for the vendor's people."""
    partner = session.scalar(partners_visible_to(signed_in_user()).where(Partner.id == partner_id)) or abort(
        404
    )
    lines = entries_visible_to(signed_in_user(), Permission.BALANCES_READ).where(
        Entry.partner_id == partner.id
    )
    return render_template(
        "commissions/payouts/staff/partner_earnings.html",
        partner=partner,
        balances=balances(partner),
        page=paginate(
            entries_with_state(lines).options(joinedload(Entry.sale).joinedload(Sale.customer)), scalars=False
        ),
        statements=session.scalars(
            queries.statements_visible_to(signed_in_user())
            .where(Statement.partner_id == partner.id)
            .limit(24)
        ).all(),
        profile=queries.profile_of(partner),
        word=movement_word,
    )
