"""Posting what partners earn: each line of earnings becomes one journal entry, once."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import sqlalchemy as sa

from commissions import ledger
from commissions.ledger import AccountCode, Draft
from commissions.models import BeneficiaryType, Entry, EntryHold, EntryKind, JournalKind
from commissions.signals import HoldLifted, HoldPlaced
from core import clock
from core.activity import Actor
from core.bulk import portions
from core.database import session
from core.errors import Refusal
from core.i18n import gettext as _
from core.signals import announce
from core.webhooks import emit_each

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
    ledger.post_many([draft_of(entry, kinds) for entry in fresh.values()], by=by)
    emit_each([_event_of(entry) for entry in fresh.values() if entry.partner_id is not None])
    return [known.get(entry.key) or fresh[entry.key] for entry in entries]


def _event_of(entry: Entry) -> tuple[str, Callable[[], dict[str, Any]]]:
    """What other systems are told of a partner's new line."""
    name = "commission.reversed" if entry.kind is EntryKind.REVERSAL else "commission.accrued"
    return name, lambda: {
        "id": str(entry.id),
        "partner_id": str(entry.partner_id),
        "sale_id": str(entry.sale_id) if entry.sale_id is not None else None,
        "kind": entry.kind.value,
        "amount_minor": entry.amount_minor,
        "currency": entry.currency,
        "rule": entry.rule,
        "available_at": entry.available_at.isoformat(),
    }


def tell_sums(lines: Iterable[tuple[int | None, str, int, int]]) -> None:
    """Tells other systems of many new lines, (partner, currency, amount, id) each: one message a partner and currency.

    Its ``amount_minor`` is the sum and ``lines`` says of how many, so that adding up what was told stays right.
    """
    sums: dict[tuple[int, str], list[int]] = {}
    for partner_id, currency, amount_minor, entry_id in lines:
        if partner_id is not None:
            amount, number, first, _last = sums.get((partner_id, currency), [0, 0, entry_id, entry_id])
            sums[partner_id, currency] = [amount + amount_minor, number + 1, first, entry_id]
    emit_each([("commission.accrued", partial(_sum_told, *key, *value)) for key, value in sums.items()])


def _sum_told(
    partner_id: int, currency: str, amount_minor: int, lines: int, first: int, last: int
) -> dict[str, Any]:
    return {
        "id": None,
        "partner_id": str(partner_id),
        "sale_id": None,
        "kind": "several",
        "amount_minor": amount_minor,
        "currency": currency,
        "lines": lines,
        "first_id": str(first),
        "last_id": str(last),
    }


def _known(keys: list[str]) -> dict[str, Entry]:
    found: dict[str, Entry] = {}
    with session.no_autoflush:
        for some in portions(keys, 500):
            query = sa.select(Entry).where(Entry.key.in_(some))
            found.update((entry.key, entry) for entry in session.scalars(query))
    return found


def _kinds_of(ids: Iterable[int | None]) -> dict[int, EntryKind]:
    """The kinds of the lines that others correct."""
    wanted = sorted({entry_id for entry_id in ids if entry_id is not None})
    kinds: dict[int, EntryKind] = {}
    for some in portions(wanted, 500):
        query = sa.select(Entry.id, Entry.kind).where(Entry.id.in_(some))
        kinds.update((entry_id, kind) for entry_id, kind in session.execute(query))
    return kinds


def draft_of(entry: Entry, kinds: dict[int, EntryKind]) -> Draft:
    """The journal entry of a line: the partner's own account against what the vendor spends or keeps."""
    corrects = kinds.get(entry.corrects_id, entry.kind) if entry.corrects_id is not None else None
    amount = entry.amount_minor
    debit, credit = sides_of(entry.kind, corrects, entry.partner_id, entry.currency, amount)
    source = f"entry:{entry.id}"
    return Draft(
        source, journal_kind(entry.kind), source, ((debit, amount), (credit, -amount)), entry.received_at
    )


def journal_kind(kind: EntryKind) -> JournalKind:
    """What the journal calls a line of that kind."""
    return _JOURNAL_KINDS[kind]


def sides_of(
    kind: EntryKind, corrects: EntryKind | None, partner_id: int | None, currency: str, amount_minor: int
) -> tuple[AccountCode, AccountCode]:
    """On which accounts a line stands: with its amount, and against it. ``corrects`` is the kind that it corrects."""
    if partner_id is None:
        return AccountCode.vendor("asset:projects", currency), AccountCode.vendor("income:share", currency)
    own = AccountCode.of_a_line(partner_id, currency, amount_minor)
    if kind is EntryKind.SET_OFF:
        return AccountCode.vendor("expense:adjustment", currency), own
    if kind is EntryKind.SPLIT and amount_minor < 0 and corrects is None:
        # The vendor's part of what the partner billed: income, owed by the partner.
        return AccountCode.vendor("income:share", currency), own
    against = kind if kind is EntryKind.ADJUSTMENT or corrects is None else corrects
    return AccountCode.vendor(_AGAINST[against], currency), own


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
