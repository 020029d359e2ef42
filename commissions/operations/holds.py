"""What makes the lines of a sale wait: an open chargeback, or a milestone that is not reached."""

from commissions.models import Entry, EntryKind
from commissions.operations.entries import hold_entries, lift_holds
from commissions.queries import plans as queries
from core.activity import Actor
from core.database import session
from referrals.models import ChargebackStatus, Sale
from referrals.queries.milestones import milestones_to_come, times_undone


def place_holds(sale: Sale, entries: list[Entry], *, by: Actor | None) -> None:
    """While a chargeback is open the sale's lines wait; won or lost, they wait for it no longer."""
    for chargeback in sale.settled_chargebacks:
        cause = f"chargeback:{chargeback.source}:{chargeback.external_id}"
        if chargeback.status is ChargebackStatus.OPENED:
            theirs = [entry for entry in entries if entry.partner_id is not None]
            hold_entries(theirs, cause=cause, reason="chargeback", by=by)
        else:
            lift_holds(cause, by=by)
    place_milestone_holds(sale, by=by)


def renew_holds(sale: Sale, *, by: Actor | None) -> None:
    """As :func:`place_holds` for a sale whose books say what they should: only what holds its lines may lag behind."""
    if sale.deal_id is not None or sale.settled_chargebacks:
        place_holds(sale, list(session.scalars(queries.entries_of_sale(sale.id))), by=by)


def place_milestone_holds(sale: Sale, *, by: Actor | None) -> None:
    """Shares of a project wait until its milestones are accepted or paid, and no longer."""
    if sale.deal_id is None:
        return
    times = times_undone(sale.deal_id)
    if not milestones_to_come(sale):
        for earlier in range(times + 1):
            lift_holds(f"milestones:{sale.id}:{earlier}", by=by)
        return
    shares = queries.entries_of_sale(sale.id).where(
        Entry.kind == EntryKind.SPLIT, Entry.partner_id.is_not(None), Entry.amount_minor > 0
    )
    # What was noted by mistake is held anew, under a name of its own: a hold is lifted once.
    cause = f"milestones:{sale.id}:{times}"
    hold_entries(session.scalars(shares).all(), cause=cause, reason="milestone", by=by)
