"""Posting what partners earn: each line of earnings becomes one journal entry, once."""

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from commissions import ledger
from commissions.ledger import AccountCode, Draft
from commissions.models import BeneficiaryType, Entry, EntryHold, EntryKind, JournalKind
from commissions.signals import HoldLifted, HoldPlaced
from core import clock
from core.activity import Actor
from core.database import session
from core.errors import Refusal
from core.i18n import gettext as _
from core.signals import announce

# What the vendor's side of a line is booked on.
_AGAINST = {
    EntryKind.COMMISSION: "expense:commission",
    EntryKind.SPLIT: "expense:share",
    EntryKind.REVERSAL: "expense:commission",
    EntryKind.BONUS: "expense:bonus",
    EntryKind.ADJUSTMENT: "expense:adjustment",
    EntryKind.REIMBURSEMENT: "expense:event",
}
_JOURNAL_KINDS = {
    EntryKind.COMMISSION: JournalKind.ACCRUAL,
    EntryKind.SPLIT: JournalKind.SPLIT,
    EntryKind.REVERSAL: JournalKind.REVERSAL,
    EntryKind.BONUS: JournalKind.BONUS,
    EntryKind.ADJUSTMENT: JournalKind.ADJUSTMENT,
    EntryKind.REIMBURSEMENT: JournalKind.REIMBURSEMENT,
    EntryKind.SET_OFF: JournalKind.SET_OFF,
}


def post_entries(entries: Sequence[Entry], *, by: Actor | None) -> list[Entry]:
    """Adds lines of earnings and posts each to the books; answers them as stored, in the order given.

    A line that is there already, known by its key, is left as it is, so that the same fact twice changes nothing.
    Raises Refusal when the same line comes again with another amount.
    """
    for entry in entries:
        entry.beneficiary_type = entry.beneficiary_type or BeneficiaryType.PARTNER
        entry.key = entry.key or entry.say_key()
    known = _known([entry.key for entry in entries])
    fresh: dict[str, Entry] = {}
    for entry in entries:
        first = known.get(entry.key) or fresh.setdefault(entry.key, entry)
        if first.amount_minor != entry.amount_minor or first.currency != entry.currency:
            raise Refusal(_("The line %(key)s is in the books already, with another amount.", key=entry.key))
    for entry in fresh.values():
        entry.created_at = clock.now()
        session.add(entry)
    session.flush()
    kinds = _kinds_of([entry.corrects_id for entry in fresh.values()])
    ledger.post_many([_draft(entry, kinds) for entry in fresh.values()], by=by)
    return [known.get(entry.key) or fresh[entry.key] for entry in entries]


def _known(keys: list[str]) -> dict[str, Entry]:
    found: dict[str, Entry] = {}
    with session.no_autoflush:
        for start in range(0, len(keys), 500):
            query = sa.select(Entry).where(Entry.key.in_(keys[start : start + 500]))
            found.update((entry.key, entry) for entry in session.scalars(query))
    return found


def _kinds_of(ids: Iterable[int | None]) -> dict[int, EntryKind]:
    """The kinds of the lines that others correct."""
    wanted = sorted({entry_id for entry_id in ids if entry_id is not None})
    kinds: dict[int, EntryKind] = {}
    for start in range(0, len(wanted), 500):
        query = sa.select(Entry.id, Entry.kind).where(Entry.id.in_(wanted[start : start + 500]))
        kinds.update((entry_id, kind) for entry_id, kind in session.execute(query))
    return kinds


def _draft(entry: Entry, kinds: dict[int, EntryKind]) -> Draft:
    """The journal entry of a line: the partner's own account against what the vendor spends or keeps."""
    currency, amount = entry.currency, entry.amount_minor
    if entry.partner_id is None:
        lines = (
            (AccountCode.vendor("asset:projects", currency), amount),
            (AccountCode.vendor("income:share", currency), -amount),
        )
    else:
        kind = kinds.get(entry.corrects_id or 0, entry.kind)
        own = AccountCode.of_a_line(entry.partner_id, currency, amount)
        if entry.kind is EntryKind.SET_OFF:
            against = AccountCode.vendor("expense:adjustment", currency)
        elif entry.kind is EntryKind.SPLIT and amount < 0 and entry.corrects_id is None:
            # The vendor's part of what the partner billed: income, owed by the partner.
            against = AccountCode.vendor("income:share", currency)
        else:
            against = AccountCode.vendor(_AGAINST[kind], currency)
        lines = ((against, amount), (own, -amount))
    return Draft(
        f"entry:{entry.id}", _JOURNAL_KINDS[entry.kind], f"entry:{entry.id}", lines, entry.received_at
    )


def hold_entries(entries: Sequence[Entry], *, cause: str, reason: str, by: Actor | None) -> None:
    """Lets lines wait until :func:`lift_holds` of the same ``cause`` (``chargeback:dp_1``); once each."""
    already = set(
        session.scalars(
            sa.select(EntryHold.entry_id).where(
                EntryHold.cause == cause, EntryHold.entry_id.in_([entry.id for entry in entries])
            )
        )
    )
    for entry in entries:
        if entry.id not in already:
            session.add(EntryHold(entry_id=entry.id, cause=cause, reason=reason, placed_at=clock.now()))
            announce(HoldPlaced(entry, by, cause=cause, reason=reason))


def lift_holds(cause: str, *, by: Actor | None) -> None:
    """Ends every hold of ``cause``, and no other."""
    holds = session.scalars(
        sa.select(EntryHold).where(EntryHold.cause == cause, EntryHold.lifted_at.is_(None))
    )
    for hold in holds.all():
        hold.lifted_at = clock.now()
        announce(HoldLifted(session.get_one(Entry, hold.entry_id), by, cause=cause))


def adjust_by_hand(
    *, partner_id: int, amount_minor: int, currency: str, kind: EntryKind, reason: str, key: str, by: Actor
) -> Entry:
    """A bonus or a correction with its reason in words, payable at once. ``key`` makes it happen once."""
    entry = Entry(
        kind=kind,
        partner_id=partner_id,
        amount_minor=amount_minor,
        currency=currency,
        rule=reason,
        cause=key,
        received_at=clock.now(),
        available_at=clock.now(),
        proof={"formula": reason, "rounding": "none", "exact": str(amount_minor), "by": str(by.name)},
    )
    return post_entries([entry], by=by)[0]
