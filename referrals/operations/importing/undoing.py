"""An import taken back: what no partner has answered goes, and whoever was turned away for its sake is let in.

Three steps, each in jobs of so many leads, which find by the rows themselves what is left to do: so a worker that dies
loses nothing and repeats nothing.

1. Leads that look for a partner are closed, and their offers withdrawn, in a handful of statements.
2. Leads that came another way and were taken for repeats of one that goes are looked at again.
3. Leads that nobody was ever asked to take are removed.

A partner who answers at the same moment either comes first, and keeps the lead, or finds it closed: both hold its row.
"""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from core import clock
from core.activity import Actor, Deed
from core.bulk import among
from core.database import lock, note_a_hold, session
from core.imports import ImportStatus, is_at, next_job
from core.signals import announce, announce_together
from referrals import matching
from referrals.models.identity import LeadKey
from referrals.models.imports import IMPORT_UNDONE, LeadImport
from referrals.models.leads import SEEKING, Lead, LeadStatus
from referrals.models.routing import Offer, OfferStatus, RoutingDecision
from referrals.operations.holding import sort_lead
from referrals.operations.identity import identity_of, lead_hits
from referrals.queries.imports import offers_withdrawn_with
from referrals.signals.imports import ImportUndone, LeadsTakenBack
from referrals.signals.leads import LeadSorted, LeadsSortedOut, OffersWithdrawn, OfferWithdrawn

#: So many leads a job.
CLOSED_AT_ONCE = FORGOTTEN_AT_ONCE = 1000
#: Who is let in is routed, which asks the whole network for each.
LET_IN_AT_ONCE = 50

_CLOSED = (LeadStatus.DUPLICATE, LeadStatus.UNQUALIFIED, LeadStatus.SPAM)


def start_undoing(row: LeadImport, *, by: Actor | None) -> None:
    """Begins to take the leads of the file back. Raises Refusal."""
    lock(row)
    row.become(ImportStatus.UNDOING)
    row.read_to, row.resumes_at = 1, None
    announce(ImportUndone(row, by))
    next_job("referrals.undo-leads", row)


def undo_some(row: LeadImport) -> bool:
    """Takes the next leads back; tells whether there may be more."""
    if not is_at(row, ImportStatus.UNDOING):
        return False
    if _close_some(row) or _let_some_in(row) or _forget_some(row):
        return True
    kept = sa.select(sa.func.count()).where(
        Lead.import_id == row.id, sa.func.coalesce(Lead.reason, "") != IMPORT_UNDONE
    )
    row.kept = int(session.scalar(kept) or 0)
    row.end(ImportStatus.UNDONE)
    announce(LeadsTakenBack(row, None, kept=row.kept, withdrawn=offers_withdrawn_with(row)))
    return False


# Closing


def _close_some(row: LeadImport) -> bool:
    """Closes the next leads that look for a partner; who is just taking one is waited for, and keeps it."""
    ids = _held(sa.select(Lead.id).where(Lead.import_id == row.id, Lead.status.in_(SEEKING)), CLOSED_AT_ONCE)
    if not ids:
        return False
    moment = clock.now()
    _withdraw_offers(ids, moment)
    session.execute(
        sa.update(Lead)
        .where(among(Lead.id, ids))
        .values(
            status=LeadStatus.UNQUALIFIED, reason=IMPORT_UNDONE, closed_at=moment, last_activity_at=moment
        )
        .execution_options(synchronize_session=False)
    )
    row.read_to += len(ids)
    session.flush()
    session.expire_all()
    said = {"status": LeadStatus.UNQUALIFIED.value, "reason": IMPORT_UNDONE}
    announce_together(
        LeadsSortedOut(ids, None), [Deed(LeadSorted.verb, "lead", one, details=said) for one in ids]
    )
    return True


def _withdraw_offers(lead_ids: Sequence[int], moment: datetime) -> None:
    """Takes back whatever of these leads is being offered; ``moment`` is that at which they are closed."""
    withdrawn = session.execute(
        sa.update(Offer)
        .where(among(Offer.lead_id, lead_ids), Offer.status == OfferStatus.OFFERED)
        .values(status=OfferStatus.WITHDRAWN, answered_at=moment)
        .returning(Offer.id, Offer.partner_id)
        .execution_options(synchronize_session=False)
    ).all()
    announce_together(
        OffersWithdrawn([offer_id for offer_id, _partner_id in withdrawn], None),
        [
            Deed(OfferWithdrawn.verb, "offer", offer_id, partner_id, {"reason": IMPORT_UNDONE})
            for offer_id, partner_id in withdrawn
        ],
    )


def _held(ids: sa.Select[int], most: int) -> list[int]:
    """The first of these leads, held in the order of their numbers until the transaction ends."""
    found = list(session.scalars(ids.order_by(Lead.id).limit(most).with_for_update(of=Lead)))
    note_a_hold()
    return found


# Letting in


def _let_some_in(row: LeadImport) -> bool:
    """Leads that came another way and were taken for a repeat of one that goes are looked at again."""
    repeats_what_goes = Lead.duplicate_of_id.in_(_those_that_go(row))
    came_another_way = sa.or_(Lead.import_id.is_(None), Lead.import_id != row.id)
    turned_away = sa.select(Lead.id).where(
        repeats_what_goes, Lead.status == LeadStatus.DUPLICATE, came_another_way
    )
    ids = _held(turned_away, LET_IN_AT_ONCE)
    for lead_id in ids:
        _look_again(session.get_one(Lead, lead_id, populate_existing=True))
    return bool(ids)


def _those_that_go(row: LeadImport) -> sa.Select[int]:
    lead = sa.orm.aliased(Lead)
    decided = sa.exists().where(RoutingDecision.lead_id == lead.id)
    never_routed = sa.and_(lead.status.in_(_CLOSED), sa.not_(decided))
    return sa.select(lead.id).where(
        lead.import_id == row.id, sa.or_(lead.reason == IMPORT_UNDONE, never_routed)
    )


def _look_again(lead: Lead) -> None:
    """It is a real one now, unless it repeats another that is open (that was let in just before, say)."""
    earlier = matching.duplicate_of(lead_hits(identity_of(lead), but=lead), completed_at=clock.now())
    if earlier is None:
        sort_lead(lead, "genuine", by=None)
        return
    first = session.get_one(Lead, int(earlier.reference.partition(":")[2]))
    sort_lead(lead, "duplicate", reason=earlier.kind.value, duplicate_of=first, by=None)


# Forgetting


def _forget_some(row: LeadImport) -> bool:
    """Nobody was ever asked to take these leads, so that nothing is left of them but their rows in the trail."""
    decided = sa.exists().where(RoutingDecision.lead_id == Lead.id)
    never_routed = sa.select(Lead.id).where(
        Lead.import_id == row.id, Lead.status.in_(_CLOSED), sa.not_(decided)
    )
    ids = _held(never_routed, FORGOTTEN_AT_ONCE)
    if not ids:
        return False
    not_counted = sa.select(sa.func.count()).where(
        among(Lead.id, ids), sa.func.coalesce(Lead.reason, "") != IMPORT_UNDONE
    )
    row.read_to += int(session.scalar(not_counted) or 0)
    for gone in (
        sa.delete(LeadKey).where(among(LeadKey.lead_id, ids)),
        sa.update(Lead).where(among(Lead.duplicate_of_id, ids)).values(duplicate_of_id=None),
        sa.delete(Lead).where(among(Lead.id, ids)),
    ):
        session.execute(gone.execution_options(synchronize_session=False))
    session.flush()
    session.expire_all()
    return True
