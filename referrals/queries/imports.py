"""Every question about imports of leads."""

from collections import defaultdict
from collections.abc import Collection, Sequence

import sqlalchemy as sa

from accounts.models import User
from accounts.permissions import Permission
from core.database import session
from partners.models import Partner, PartnerStatus
from referrals.models.imports import IMPORT_UNDONE, LeadImport
from referrals.models.leads import Lead, LeadStatus
from referrals.models.routing import Offer, OfferStatus
from referrals.queries.figures import open_lead_counts
from referrals.routing import files_part


def imports_visible_to(user: User) -> sa.Select[LeadImport]:
    """For the vendor's people who may bring leads in: all, latest first."""
    rows = sa.select(LeadImport).order_by(LeadImport.id.desc())
    return rows if user.is_staff and user.may(Permission.LEADS_WRITE) else rows.where(sa.false())


def import_counts(row: LeadImport) -> dict[str, int]:
    """What has become of the leads of a file, by state."""
    rows = session.execute(
        sa.select(Lead.status, sa.func.count()).where(Lead.import_id == row.id).group_by(Lead.status)
    )
    return {status.value: int(number) for status, number in rows}


def waiting_in(row: LeadImport) -> int:
    """How many leads of the file have not looked for a partner yet."""
    waiting = sa.select(sa.func.count()).where(Lead.import_id == row.id, Lead.status == LeadStatus.QUALIFIED)
    return int(session.scalar(waiting) or 0)


def free_places(open_cap: int, daily_cap: int, day: int) -> tuple[int, int, int]:
    """Partners who take leads now; between them, how many of files they take on the day of this number, and their
    free places for open leads.

    ``open_cap`` and ``daily_cap`` are the policy's; a partner's own count where they are lower.
    """
    firms = session.execute(
        sa.select(Partner.id, Partner.open_lead_cap, Partner.daily_lead_cap).where(
            Partner.status == PartnerStatus.ACTIVE, Partner.paused_at.is_(None)
        )
    ).all()
    opened = open_lead_counts()
    places = sum(max(0, min(firm.open_lead_cap, open_cap) - opened.get(firm.id, 0)) for firm in firms)
    a_day = sum(files_part(min(firm.daily_lead_cap, daily_cap), day + firm.id) for firm in firms)
    return len(firms), a_day, places


def has_asked_itself(lead: Lead) -> bool:
    """Whether the company of a file's lead has asked by itself since: on the form, say, or at a partner's page."""
    asked = sa.select(Lead.id).where(Lead.duplicate_of_id == lead.id, Lead.import_id.is_(None))
    return session.scalar(asked.limit(1)) is not None


def _withdrawn_with(import_id: int) -> tuple[sa.ColumnElement[bool], ...]:
    """Offers of a file's leads that were withdrawn in the moment in which its undoing closed these leads.

    What had been withdrawn before that, for another reason, is told apart by its moment.
    """
    return (
        Lead.import_id == import_id,
        Lead.reason == IMPORT_UNDONE,
        Offer.status == OfferStatus.WITHDRAWN,
        Offer.answered_at == Lead.closed_at,
    )


def offers_withdrawn_with(row: LeadImport) -> int:
    """How many offers were withdrawn when the file was taken back."""
    rows = sa.select(sa.func.count()).select_from(Offer).join(Offer.lead).where(*_withdrawn_with(row.id))
    return int(session.scalar(rows) or 0)


def firms_withdrawn_from(import_id: int, *, after: int, most: int) -> Sequence[int]:
    """The partners whose offers were withdrawn with the file: the next by number behind ``after``."""
    rows = (
        sa.select(Offer.partner_id)
        .join(Offer.lead)
        .where(*_withdrawn_with(import_id), Offer.partner_id > after)
        .distinct()
        .order_by(Offer.partner_id)
        .limit(most)
    )
    return session.scalars(rows).all()


def leads_withdrawn_from(
    import_id: int, partner_ids: Collection[int], *, most: int
) -> dict[int, tuple[int, list[Lead]]]:
    """By partner: of how many leads its offers were withdrawn with the file, and the first ``most`` of these."""
    numbered = (
        sa.select(
            Offer.partner_id,
            Offer.lead_id,
            sa.func.row_number().over(partition_by=Offer.partner_id, order_by=Offer.id).label("place"),
            sa.func.count().over(partition_by=Offer.partner_id).label("number"),
        )
        .join(Offer.lead)
        .where(*_withdrawn_with(import_id), Offer.partner_id.in_(partner_ids))
        .subquery()
    )
    rows = session.execute(
        sa.select(numbered.c.partner_id, numbered.c.number, Lead)
        .join(Lead, Lead.id == numbered.c.lead_id)
        .where(numbered.c.place <= most)
        .order_by(numbered.c.partner_id, numbered.c.place)
    ).all()
    numbers = {partner_id: int(number) for partner_id, number, _lead in rows}
    leads: dict[int, list[Lead]] = defaultdict(list)
    for partner_id, _number, lead in rows:
        leads[partner_id].append(lead)
    return {partner_id: (number, leads[partner_id]) for partner_id, number in numbers.items()}
