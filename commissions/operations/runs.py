"""A payout run: proposed by one, approved by another, for exactly the list whose digest both saw."""

from collections.abc import Iterable, Iterator, Sequence
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
from commissions.operations.bulk import hold_books
from commissions.operations.entries import post_entries
from commissions.queries.payouts import parts_of, run_digest
from commissions.queries.proposals import Proposal, proposal
from commissions.queries.vat import NO_VAT
from commissions.signals import RunApproved, RunProposed, RunSentBack, RunWithdrawn
from core import clock
from core.activity import Actor
from core.bulk import insert_rows, know_sizes, new_ids, portions
from core.database import lock, session
from core.errors import Refusal
from core.i18n import gettext as _
from core.signals import announce
from partners.models import Member

# How many payouts are gone through at a time, so that no run is too long for the memory.
_BATCH = 1000


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
    """Writes the payouts and their lines in bulk, whatever their number."""
    ids = new_ids(Payout, len(planned.candidates))
    deferred = _defer(planned, run, by)
    now = clock.now()
    insert_rows(
        Payout,
        (
            "id", "run_id", "partner_id", "currency", "amount_minor", "vat_minor", "withheld_minor", "fee_minor",
            "method", "destination", "status", "attempt",
        ),
        (
            (
                payout_id, run.id, candidate.partner_id, run.currency, candidate.amount_minor,
                candidate.parts.vat_minor, candidate.parts.withheld_minor, candidate.parts.fee_minor,
                candidate.method, candidate.destination, PayoutStatus.PENDING, 0,
            )
            for payout_id, candidate in zip(ids, planned.candidates, strict=True)
        ),
    )  # fmt: skip
    insert_rows(
        PayoutLine,
        ("payout_id", "entry_id", "amount_minor", "vat_bp", "vat_minor", "frozen_at"),
        (
            (payout_id, *line, now)
            for payout_id, candidate in zip(ids, planned.candidates, strict=True)
            for line in (*candidate.lines, *deferred.get(candidate.partner_id, ()))
        ),
    )
    know_sizes(Payout, PayoutLine)
    run.left_out = [left.as_json() for left in planned.left_out]


def _defer(planned: Proposal, run: PayoutRun, by: Actor) -> dict[int, list[tuple[int, int, int, int]]]:
    """What is beyond the share that one payout may set off: added now, taken again from tomorrow on.

    Answers the lines (entry id, amount, no VAT) that join the payouts, by partner.
    """
    found: dict[int, list[tuple[int, int, int, int]]] = {}
    beyond = [candidate for candidate in planned.candidates if candidate.deferred_minor]
    for batch in portions(beyond, _BATCH):
        now = [
            _set_off(one.partner_id, one.deferred_minor, run, f"run:{run.id}:deferred", 0) for one in batch
        ]
        later = [
            _set_off(one.partner_id, -one.deferred_minor, run, f"run:{run.id}:carried", 1) for one in batch
        ]
        posted = post_entries([*now, *later], by=by)
        for one, entry in zip(batch, posted, strict=False):
            found[one.partner_id] = [(entry.id, entry.amount_minor, *NO_VAT)]
    return found


def _set_off(partner_id: int, amount: int, run: PayoutRun, cause: str, available_in: int) -> Entry:
    return Entry(
        kind=EntryKind.SET_OFF,
        partner_id=partner_id,
        amount_minor=amount,
        currency=run.currency,
        rule="set-off",
        cause=cause,
        received_at=clock.now(),
        available_at=clock.now() + timedelta(days=available_in),
        proof={"formula": "set off in a later payout", "exact": str(amount), "rounding": "none"},
    )


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
    paid = sa.select(Payout.partner_id).where(Payout.run_id == run.id)
    own = session.scalar(
        sa.select(Member.id).where(Member.user_id == by.id, Member.partner_id.in_(paid)).limit(1)
    )
    if own is not None:
        raise Refusal(_("You belong to a firm that this run pays, so somebody else must approve it."))
    run.status = RunStatus.APPROVED
    run.approved_by_id = by.id
    run.approved_at = clock.now()
    session.flush()
    for batch in _partner_batches(run):
        _set_aside(batch, by)
    announce(RunApproved(run, by, total_minor=run.total_minor, digest=str(run.digest)))


def _partner_batches(run: PayoutRun) -> Iterator[list[Payout]]:
    """The payouts of a run, some at a time, in the order of partners: as everybody takes partners' books."""
    after = 0
    while batch := list(
        session.scalars(
            sa.select(Payout)
            .where(Payout.run_id == run.id, Payout.partner_id > after)
            .order_by(Payout.partner_id)
            .limit(_BATCH)
        )
    ):
        after = batch[-1].partner_id
        yield batch


def _set_aside(payouts: Sequence[Payout], by: Actor) -> None:
    """Takes what these payouts settle off the partners' own accounts, in a handful of statements."""
    hold_books([payout.partner_id for payout in payouts])
    parts = parts_of([payout.id for payout in payouts])
    now = clock.now()
    ledger.post_new(
        [
            ledger.Draft(
                f"payout:{payout.id}:reserved",
                JournalKind.PAYOUT_RESERVED,
                f"payout:{payout.id}",
                _set_aside_lines(payout, *parts[payout.id]),
                now,
            )
            for payout in payouts
        ],
        by=by,
    )


def _give_back(payouts: Sequence[Payout], by: Actor) -> None:
    """Mirrors what :func:`_set_aside` posted, where it did."""
    hold_books([payout.partner_id for payout in payouts])
    parts = parts_of([payout.id for payout in payouts])
    keys = [f"payout:{payout.id}:reserved" for payout in payouts]
    rows = session.execute(sa.select(JournalEntry.key, JournalEntry.id).where(JournalEntry.key.in_(keys)))
    reserved = {row.key: row.id for row in rows}
    now = clock.now()
    ledger.post_many(
        [
            ledger.Draft(
                f"{key}:undone",
                JournalKind.PAYOUT_RELEASED,
                f"payout:{payout.id}",
                tuple((account, -amount) for account, amount in _set_aside_lines(payout, *parts[payout.id])),
                now,
                reverses_id=reserved[key],
            )
            for key, payout in zip(keys, payouts, strict=True)
            if key in reserved
        ],
        by=by,
    )


def _set_aside_lines(payout: Payout, earned: int, taken: int) -> tuple[tuple[AccountCode, int], ...]:
    in_run = AccountCode.in_run(payout.partner_id, payout.currency)
    return (*owed_lines(payout, earned, taken), (in_run, -payout.amount_minor))


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
    for batch in _partner_batches(run):
        _give_back(batch, by)
    run.status = RunStatus.WITHDRAWN
    session.flush()
    session.execute(
        sa.update(PayoutLine)
        .where(
            PayoutLine.payout_id.in_(sa.select(Payout.id).where(Payout.run_id == run.id)),
            PayoutLine.released_at.is_(None),
        )
        .values(released_at=clock.now())
        .execution_options(synchronize_session=False)
    )
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
