"""A payout run: proposed by one, approved by another, for exactly the list whose digest both saw."""

from collections.abc import Iterable
from datetime import timedelta

import sqlalchemy as sa

from accounts.models import User
from accounts.permissions import Permission
from commissions import ledger
from commissions.ledger import AccountCode
from commissions.models import (
    Entry,
    EntryKind,
    JournalEntry,
    JournalKind,
    Payout,
    PayoutLine,
    PayoutRun,
    PayoutStatus,
    RunStatus,
)
from commissions.operations.entries import post_entries
from commissions.queries.payouts import parts_of, run_digest
from commissions.queries.proposals import Candidate, Proposal, proposal
from commissions.signals import RunApproved, RunProposed, RunSentBack, RunWithdrawn
from core import clock
from core.activity import Actor
from core.database import lock, session
from core.errors import Refusal
from core.i18n import gettext as _
from core.signals import announce
from partners.models import Member


def propose_run(
    currency: str, *, by: User, leave_out: Iterable[int] = (), seen_digest: str | None = None
) -> PayoutRun:
    """Freezes everything payable in ``currency`` into a run and proposes it.

    ``seen_digest`` is of the :func:`proposal` that was shown; Refusal when it is another one by now, when there is
    nothing to pay, or when the books do not prove themselves.
    """
    _need(by, Permission.RUNS_PROPOSE)
    planned = proposal(currency)
    if seen_digest is not None and planned.digest != seen_digest:
        raise Refusal(_("What is payable has changed since this page was opened. Look at the list again."))
    planned = planned.without(leave_out)
    if not planned.candidates:
        raise Refusal(_("Nothing is payable in %(currency)s now.", currency=currency))
    problems = ledger.audit()
    if problems:
        raise Refusal(
            _("The books do not prove themselves, so nothing is proposed: %(problem)s", problem=problems[0])
        )
    run = PayoutRun(
        currency=currency, status=RunStatus.DRAFT, created_at=clock.now(), total_minor=0, note="", left_out=[]
    )
    session.add(run)
    session.flush()
    _fill(run, planned, by)
    _propose(run, by)
    return run


def _fill(run: PayoutRun, planned: Proposal, by: Actor) -> None:
    """Writes the payouts and their lines, in two statements whatever their number."""
    deferred = {candidate.partner.id: _defer(candidate, run, by) for candidate in planned.candidates}
    payouts = [
        Payout(
            run_id=run.id,
            partner_id=candidate.partner.id,
            currency=run.currency,
            amount_minor=candidate.amount_minor,
            method=candidate.profile.method,
            destination=candidate.profile.destination,
            status=PayoutStatus.PENDING,
            attempt=0,
        )
        for candidate in planned.candidates
    ]
    session.add_all(payouts)
    session.flush()
    ids = {payout.partner_id: payout.id for payout in payouts}
    lines = [
        {
            "payout_id": ids[candidate.partner.id],
            "entry_id": entry_id,
            "amount_minor": amount,
            "frozen_at": clock.now(),
        }
        for candidate in planned.candidates
        for entry_id, amount in (*candidate.lines, *deferred[candidate.partner.id])
    ]
    session.execute(sa.insert(PayoutLine), lines)
    run.left_out = [left.as_json() for left in planned.left_out]


def _defer(candidate: Candidate, run: PayoutRun, by: Actor) -> list[tuple[int, int]]:
    """What is beyond the share that one payout may set off: added now, taken again from tomorrow on."""
    if not candidate.deferred_minor:
        return []

    def part(amount: int, cause: str, available_in: int) -> Entry:
        return Entry(
            kind=EntryKind.SET_OFF,
            partner_id=candidate.partner.id,
            amount_minor=amount,
            currency=run.currency,
            rule="set-off",
            cause=cause,
            received_at=clock.now(),
            available_at=clock.now() + timedelta(days=available_in),
            proof={"formula": "set off in a later payout", "exact": str(amount), "rounding": "none"},
        )

    pair = [
        part(candidate.deferred_minor, f"run:{run.id}:deferred", 0),
        part(-candidate.deferred_minor, f"run:{run.id}:carried", 1),
    ]
    now, _later = post_entries(pair, by=by)
    return [(now.id, now.amount_minor)]


def _propose(run: PayoutRun, by: User) -> None:
    run.total_minor = int(
        session.scalar(
            sa.select(sa.cast(sa.func.coalesce(sa.func.sum(Payout.amount_minor), 0), sa.BigInteger)).where(
                Payout.run_id == run.id
            )
        )
        or 0
    )
    run.proposed_by_id = by.id
    run.proposed_at = clock.now()
    session.flush()
    run.digest = run_digest(run)
    run.status = RunStatus.PROPOSED
    run.note = ""
    session.flush()
    announce(RunProposed(run, by, total_minor=run.total_minor, digest=str(run.digest)))


def propose_again(run: PayoutRun, *, drop: Iterable[int] = (), by: User) -> None:
    """Proposes a run that was sent back, without the partners in ``drop``."""
    _need(by, Permission.RUNS_PROPOSE)
    lock(run)
    _step(run, RunStatus.PROPOSED)
    dropped = set(drop)
    gone = sa.select(Payout.id).where(Payout.run_id == run.id, Payout.partner_id.in_(dropped))
    session.execute(sa.delete(PayoutLine).where(PayoutLine.payout_id.in_(gone)))
    session.execute(sa.delete(Payout).where(Payout.id.in_(gone)))
    session.expire(run, ["payouts"])
    if session.scalar(sa.select(Payout.id).where(Payout.run_id == run.id).limit(1)) is None:
        raise Refusal(_("Nobody would be left in the run. Withdraw it instead."))
    _propose(run, by)


def send_back(run: PayoutRun, *, note: str, by: User) -> None:
    """The second person does not approve: it is a draft again, with a word why."""
    _need(by, Permission.RUNS_APPROVE)
    lock(run)
    _step(run, RunStatus.DRAFT)
    if not note.strip():
        raise Refusal(_("Write what should be looked at again."))
    run.status = RunStatus.DRAFT
    run.digest = None
    run.note = note.strip()
    session.flush()
    announce(RunSentBack(run, by, note=run.note))


def approve_run(run: PayoutRun, *, digest: str, total_minor: int, by: User) -> None:
    """The second person approves exactly the list that was shown, and the books set the money aside.

    Refusal when the list or its sum is not what the approver saw, when the approver proposed it, or belongs to a firm
    that it pays.
    """
    _need(by, Permission.RUNS_APPROVE)
    lock(run)
    _step(run, RunStatus.APPROVED)
    if run.proposed_by_id == by.id:
        raise Refusal(_("You proposed this run, so somebody else must approve it."))
    if digest != run.digest or total_minor != run.total_minor or digest != run_digest(run):
        raise Refusal(_("This run is not the list that you were shown. Look at it again."))
    payouts = session.scalars(
        sa.select(Payout).where(Payout.run_id == run.id).order_by(Payout.partner_id)
    ).all()
    own = session.scalar(
        sa.select(Member.id)
        .where(Member.user_id == by.id, Member.partner_id.in_([payout.partner_id for payout in payouts]))
        .limit(1)
    )
    if own is not None:
        raise Refusal(_("You belong to a firm that this run pays, so somebody else must approve it."))
    run.status = RunStatus.APPROVED
    run.approved_by_id = by.id
    run.approved_at = clock.now()
    session.flush()
    parts = parts_of([payout.id for payout in payouts])
    ledger.post_many(
        [
            ledger.Draft(
                f"payout:{payout.id}:reserved",
                JournalKind.PAYOUT_RESERVED,
                f"payout:{payout.id}",
                (
                    *owed_lines(payout, *parts[payout.id]),
                    (AccountCode.in_run(payout.partner_id, payout.currency), -payout.amount_minor),
                ),
                clock.now(),
            )
            for payout in payouts
        ],
        by=by,
    )
    announce(RunApproved(run, by, total_minor=run.total_minor, digest=str(run.digest)))


def owed_lines(payout: Payout, earned: int, taken: int, sign: int = 1) -> list[tuple[AccountCode, int]]:
    """What a payout takes off the partner's own accounts; with ``sign`` -1, what comes back to them."""
    lines = [
        (AccountCode.payable(payout.partner_id, payout.currency), sign * earned),
        (AccountCode.receivable(payout.partner_id, payout.currency), -sign * taken),
    ]
    return [(account, amount) for account, amount in lines if amount]


def withdraw_run(run: PayoutRun, *, by: User) -> None:
    """Gives up a draft, or stops an approved run before anything was sent; its lines are payable again."""
    if not by.may(Permission.RUNS_PROPOSE) and not by.may(Permission.RUNS_APPROVE):
        raise Refusal(_("Your role does not decide about payout runs."))
    lock(run)
    _step(run, RunStatus.WITHDRAWN)
    keys = [f"payout:{payout.id}:reserved" for payout in run.payouts]
    for reserved in session.scalars(sa.select(JournalEntry).where(JournalEntry.key.in_(keys))).all():
        ledger.reverse(reserved, key=f"{reserved.key}:undone", by=by, kind=JournalKind.PAYOUT_RELEASED)
    run.status = RunStatus.WITHDRAWN
    session.flush()
    release_lines([payout.id for payout in run.payouts])
    announce(RunWithdrawn(run, by))


def release_lines(payout_ids: list[int]) -> None:
    """Makes the lines of these payouts payable again."""
    session.execute(
        sa.update(PayoutLine)
        .where(PayoutLine.payout_id.in_(payout_ids), PayoutLine.released_at.is_(None))
        .values(released_at=clock.now())
        .execution_options(synchronize_session=False)
    )


def _need(by: User, permission: Permission) -> None:
    if not by.may(permission):
        raise Refusal(_("Your role does not do this with payout runs."))


def _step(run: PayoutRun, status: RunStatus) -> None:
    if not run.may_become(status):
        raise Refusal(_("This run has moved on in the meantime. Load the page again."))
