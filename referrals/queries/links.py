"""Every question about referral links, and about what they brought."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from accounts.models import User
from accounts.permissions import Permission
from core.database import session
from partners.models import Partner
from partners.queries import rows_visible_to
from referrals.matching import KeyKind
from referrals.models.codes import ReferralCode
from referrals.models.deals import Deal
from referrals.models.identity import IdentityKey, LeadKey
from referrals.models.leads import Lead, LeadStatus
from referrals.models.links import LeadTouch, LinkClick, ReferralLink
from referrals.models.sales import AttributionSource, Sale
from referrals.queries.codes import KnownCode, codes_named, gaps_of, not_ended_at


def links_visible_to(user: User) -> sa.Select[ReferralLink]:
    """A partner: its own; the vendor's people: all. The newest first."""
    return (
        sa.select(ReferralLink)
        .where(rows_visible_to(user, ReferralLink.partner_id, Permission.DEALS_READ))
        .options(joinedload(ReferralLink.partner))
        .order_by(ReferralLink.id.desc())
    )


def codes_visible_to(user: User) -> sa.Select[ReferralCode]:
    """The same for referral codes."""
    return (
        sa.select(ReferralCode)
        .where(rows_visible_to(user, ReferralCode.partner_id, Permission.DEALS_READ))
        .options(joinedload(ReferralCode.partner))
        .order_by(ReferralCode.id.desc())
    )


def links_matching(
    rows: sa.Select[ReferralLink], *, partner_id: int | None = None, words: str = ""
) -> sa.Select[ReferralLink]:
    """``rows`` of one partner, and those with ``words`` in what they are for, their page or their address."""
    if partner_id is not None:
        rows = rows.where(ReferralLink.partner_id == partner_id)
    words = words.strip().rpartition("/r/")[2]
    if words:
        fits = (ReferralLink.campaign, ReferralLink.path, ReferralLink.token)
        rows = rows.where(sa.or_(*(one.icontains(words, autoescape=True) for one in fits)))
    return rows


def codes_matching(
    rows: sa.Select[ReferralCode], *, partner_id: int | None = None, words: str = ""
) -> sa.Select[ReferralCode]:
    """The same for codes: those with ``words`` in them."""
    if partner_id is not None:
        rows = rows.where(ReferralCode.partner_id == partner_id)
    if words.strip():
        rows = rows.where(ReferralCode.code.contains(words.strip().upper(), autoescape=True))
    return rows


def number_of_live_links(partner: Partner) -> int:
    """How many links of ``partner`` have not ended."""
    query = sa.select(sa.func.count(ReferralLink.id))
    return session.scalars(
        query.where(ReferralLink.partner_id == partner.id, ReferralLink.ended_at.is_(None))
    ).one()


def link_with_token(token: str) -> ReferralLink | None:
    """The link behind ``/r/<token>``, ended or not."""
    return session.scalar(
        sa.select(ReferralLink).where(ReferralLink.token == token).options(joinedload(ReferralLink.partner))
    )


def links_with_tokens(tokens: Collection[str]) -> list[ReferralLink]:
    """The links with these tokens."""
    if not tokens:
        return []
    return list(
        session.scalars(
            sa.select(ReferralLink)
            .where(ReferralLink.token.in_(tokens))
            .options(joinedload(ReferralLink.partner))
        )
    )


@dataclass
class Brought:
    """What a link or a code came to; ``sold`` is minor units by currency, void sales not counted."""

    clicks: int = 0
    leads: int = 0
    deals: int = 0
    sales: int = 0
    sold: dict[str, int] = field(default_factory=dict)


def brought_by_links(link_ids: Iterable[int]) -> Mapping[int, Brought]:
    """Clicks → leads → deals → sales of each link; four statements, however many links."""
    ids = list(link_ids)
    found: dict[int, Brought] = defaultdict(Brought)
    if not ids:
        return found
    clicks = sa.select(LinkClick.link_id, sa.func.count()).where(LinkClick.link_id.in_(ids))
    for link_id, number in session.execute(clicks.group_by(LinkClick.link_id)):
        found[link_id].clicks = number
    credited = sa.select(LeadTouch.link_id, sa.func.count()).where(
        LeadTouch.link_id.in_(ids), LeadTouch.counts
    )
    leads = credited.join(Lead, Lead.id == LeadTouch.lead_id).where(
        Lead.status.not_in([LeadStatus.SPAM, LeadStatus.DUPLICATE])
    )
    for link_id, number in session.execute(leads.group_by(LeadTouch.link_id)):
        found[link_id].leads = number
    deals = credited.join(Deal, Deal.lead_id == LeadTouch.lead_id)
    for link_id, number in session.execute(deals.group_by(LeadTouch.link_id)):
        found[link_id].deals = number
    by_link = sa.func.coalesce(Sale.link_id, LeadTouch.link_id).label("by_link")
    sales = (
        sa.select(by_link, Sale.currency, sa.func.count(), sa.func.sum(Sale.total_minor))
        .outerjoin(Deal, Deal.id == Sale.deal_id)
        .outerjoin(LeadTouch, sa.and_(LeadTouch.lead_id == Deal.lead_id, LeadTouch.counts))
        .where(sa.or_(Sale.link_id.in_(ids), LeadTouch.link_id.in_(ids)), Sale.voided_at.is_(None))
        .group_by(by_link, Sale.currency)
    )
    for link_id, currency, number, total in session.execute(sales):
        found[link_id].sales += number
        found[link_id].sold[currency] = int(total)
    return found


def brought_by_codes(codes: Iterable[ReferralCode]) -> Mapping[str, Brought]:
    """Leads → deals → sales of each code, as far as it lived; four statements, however many codes."""
    rows = {code.code: code for code in codes}
    wanted = list(rows)
    found: dict[str, Brought] = defaultdict(Brought)
    if not wanted:
        return found
    gaps = gaps_of(rows.values())
    known = [KnownCode(row, gaps.get(row.id, ())) for row in rows.values()]
    code: Any = Lead.referral_code
    it_lived = sa.or_(
        *(
            sa.and_(
                code == one.row.code,
                Lead.received_at >= one.row.created_at,
                not_ended_at(one, Lead.received_at),
            )
            for one in known
        )
    )
    leads = sa.select(code, sa.func.count()).where(
        code.in_(wanted),
        it_lived,
        Lead.status.not_in([LeadStatus.SPAM, LeadStatus.DUPLICATE]),
    )
    for word, number in session.execute(leads.group_by(code)):
        found[word].leads = number
    deals = sa.select(code, sa.func.count()).join(Deal, Deal.lead_id == Lead.id)
    deals = deals.where(code.in_(wanted), it_lived)
    for word, number in session.execute(deals.group_by(code)):
        found[word].deals = number
    sold_by = sa.func.upper(sa.func.coalesce(Sale.referral_code, Lead.referral_code))
    was_named = Sale.referral_code.is_not(None)
    came_at = sa.case((was_named, Sale.occurred_at), else_=Lead.received_at)
    # A sale stays with the number that its partner had before a merge; the code is the survivor's by now.
    firm = sa.func.coalesce(Partner.merged_into_id, Partner.id)
    it_counts = sa.or_(
        *(
            sa.and_(
                sold_by == one.row.code,
                firm == one.row.partner_id,
                sa.or_(was_named, Lead.received_at >= one.row.created_at),
                not_ended_at(one, came_at),
            )
            for one in known
        )
    )
    partners = {row.partner_id for row in rows.values()}
    numbers = sa.select(Partner.id).where(
        sa.or_(Partner.id.in_(partners), Partner.merged_into_id.in_(partners))
    )
    sales = (
        sa.select(sold_by, Sale.currency, sa.func.count(), sa.func.sum(Sale.total_minor))
        .join(Partner, Partner.id == Sale.partner_id)
        .outerjoin(Deal, Deal.id == Sale.deal_id)
        .outerjoin(Lead, Lead.id == Deal.lead_id)
        .where(Sale.partner_id.in_(numbers), sold_by.in_(wanted), it_counts, Sale.voided_at.is_(None))
        .group_by(sold_by, Sale.currency)
    )
    for word, currency, number, total in session.execute(sales):
        found[word].sales += number
        found[word].sold[currency] = int(total)
    return found


def leads_of_company(
    keys: Mapping[KeyKind, str], *, since: datetime, until: datetime, limit: int = 20
) -> list[Lead]:
    """The leads of a company, repeats among them, spam not, that came in between two moments; the earliest first."""
    certain = [(kind.value, keys[kind]) for kind in (KeyKind.TAX_ID, KeyKind.DOMAIN) if keys.get(kind)]
    if not certain:
        return []
    return list(
        session.scalars(
            sa.select(Lead)
            .where(
                Lead.id.in_(
                    sa.select(LeadKey.lead_id)
                    .join(IdentityKey, IdentityKey.id == LeadKey.key_id)
                    .where(sa.tuple_(IdentityKey.kind, IdentityKey.value).in_(certain))
                ),
                Lead.received_at >= since,
                Lead.received_at <= until,
                Lead.status != LeadStatus.SPAM,
            )
            .order_by(Lead.received_at, Lead.id)
            .limit(limit)
        )
    )


def touches_of_leads(lead_ids: Collection[int]) -> list[LeadTouch]:
    """Every click that led to one of these leads, the earliest first."""
    if not lead_ids:
        return []
    return list(
        session.scalars(
            sa.select(LeadTouch)
            .where(LeadTouch.lead_id.in_(lead_ids))
            .options(joinedload(LeadTouch.link).joinedload(ReferralLink.partner))
            .order_by(LeadTouch.at, LeadTouch.id)
        )
    )


def bringer_of(lead: Lead) -> tuple[Partner, AttributionSource, str] | None:
    """Who brought the lead: the owner of its code, or else of the link that counts; and the code or the link's path.

    What counts is whether the code lived when the lead came; a code that ends later keeps what it brought.
    """
    return bringers_of([lead]).get(lead.id)


def bringers_of(leads: Sequence[Lead]) -> dict[int, tuple[Partner, AttributionSource, str]]:
    """The same for many leads, by their ids; one that nobody brought is missing."""
    codes = codes_named({lead.referral_code for lead in leads if lead.referral_code})
    found = {
        lead.id: (codes[lead.referral_code].partner, AttributionSource.CODE, lead.referral_code)
        for lead in leads
        if lead.referral_code in codes and codes[lead.referral_code].brought(lead)
    }
    for touch in touches_of_leads([lead.id for lead in leads if lead.id not in found]):
        if touch.counts:
            word = touch.link.campaign or touch.link.path
            found.setdefault(touch.lead_id, (touch.link.partner, AttributionSource.LINK, word))
    return found


def link_names(link_ids: Iterable[Any]) -> dict[int, str]:
    """Links by number as a line of text: the campaign, or the path."""
    ids = {int(one) for one in link_ids if one}
    if not ids:
        return {}
    rows = session.execute(
        sa.select(ReferralLink.id, ReferralLink.campaign, ReferralLink.path).where(ReferralLink.id.in_(ids))
    )
    return {int(key): campaign or path for key, campaign, path in rows}
