"""Rewards that did not come, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from commissions.models import Entry, EntryKind
from core import activity
from core.activity import Activity
from core.database import session
from core.i18n import lazy_pgettext
from partners.models import Partner
from partners.queries.partners import numbers_of
from referrals.models import Lead

#: In the trail of a lead, which is where it is kept; ``partner_id`` is who would have earned.
REFUSED = "reward refused"
activity.SAID[REFUSED] = lazy_pgettext("deed", "No reward for a lead of one's own")


@dataclass(frozen=True)
class RefusedReward:
    """A lead that its bringer earns nothing for. ``because`` is a word of ``why_its_own``."""

    lead_id: int
    lead_number: str
    received_at: datetime
    #: The code or the link by which it came.
    word: str
    because: str


def is_refused(lead: Lead) -> bool:
    """Whether it was written down already."""
    said = sa.select(Activity.id).where(
        Activity.subject_type == "lead", Activity.subject_id == lead.id, Activity.verb == REFUSED
    )
    return session.scalar(said.limit(1)) is not None


def refused_rewards(partner: Partner, *, most: int = 10) -> Sequence[RefusedReward]:
    """The latest leads of a partner's own that it brought, with the reason for no reward; one statement.

    Without those that earned one after all, when they were judged anew. What one earned before that, and lost, stays
    as well: it is what the reason is asked for.
    """
    cause = sa.literal("lead:") + sa.cast(Lead.id, sa.Text)
    granted_later = sa.exists().where(
        Entry.cause == cause,
        Entry.sale_id.is_(None),
        Entry.kind == EntryKind.COMMISSION,
        Entry.received_at >= Activity.at,
    )
    rows = session.execute(
        sa.select(Lead, Activity.details)
        .join(Activity, sa.and_(Activity.subject_type == "lead", Activity.subject_id == Lead.id))
        .where(Activity.verb == REFUSED, Activity.partner_id.in_(numbers_of(partner)))
        .where(sa.not_(granted_later))
        .order_by(Activity.id.desc())
        .limit(most)
    )
    return [
        RefusedReward(
            lead.id, lead.number, lead.received_at, details.get("word", ""), details.get("reason", "")
        )
        for lead, details in rows
    ]
