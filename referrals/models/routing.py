"""How a lead finds its partner: the policy, the decision with every candidate, the offers, the claim."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import User
from core.database import Base
from core.i18n import lazy_gettext as _l
from core.triggers import append_only
from partners.models import Partner
from referrals.models.leads import Lead


class PolicyStatus(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"


class RoutingPolicy(Base):
    """One version of how leads are routed. A published one never changes; a newer one takes its place."""

    __tablename__ = "referrals_routing_policy"
    __table_args__ = (
        sa.UniqueConstraint("code", "version"),
        sa.Index(
            "uq_referrals_routing_policy_published",
            "code",
            unique=True,
            sqlite_where=sa.text("status = 'published'"),
            postgresql_where=sa.text("status = 'published'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(default="standard")
    version: Mapped[int]
    status: Mapped[PolicyStatus]
    definition: Mapped[dict[str, Any]]
    note: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    published_by_name: Mapped[str] = mapped_column(default="")

    @property
    def name(self) -> str:
        """``standard/4``, as decisions and the API name it."""
        return f"{self.code}/{self.version}"


class RoutingDecision(Base):
    """One routing of a lead: under which policy, by which seed, with which outcome.

    Who was filtered out stands here by reason (``filtered_out``: filter, its figures, the partners), since that is
    nearly everybody and nearly always for one of few reasons; whoever was scored has a :class:`RoutingCandidate`.
    """

    __tablename__ = "referrals_routing_decision"

    id: Mapped[int] = mapped_column(primary_key=True)
    lead_id: Mapped[int] = mapped_column(sa.ForeignKey("referrals_lead.id"), index=True)
    policy_id: Mapped[int] = mapped_column(sa.ForeignKey("referrals_routing_policy.id"))
    policy: Mapped[str]
    mode: Mapped[str]
    choice: Mapped[str]
    seed: Mapped[int]
    made_at: Mapped[datetime]
    overrides: Mapped[list[dict[str, Any]]]
    filtered_out: Mapped[list[dict[str, Any]]]
    partners_asked: Mapped[int]

    lead: Mapped[Lead] = relationship()
    candidates: Mapped[list["RoutingCandidate"]] = relationship(
        order_by="RoutingCandidate.rank", viewonly=True
    )


append_only(RoutingDecision.__table__)  # type: ignore[arg-type]


class RoutingCandidate(Base):
    """A partner who passed every filter: each factor, the score, the rank, and whether it was chosen."""

    __tablename__ = "referrals_routing_candidate"
    __table_args__ = (sa.Index("ix_referrals_routing_candidate_partner", "partner_id", "decision_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    decision_id: Mapped[int] = mapped_column(sa.ForeignKey("referrals_routing_decision.id"), index=True)
    partner_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_partner.id"))
    points: Mapped[int]
    score: Mapped[float]
    factors: Mapped[list[dict[str, Any]]]
    waived: Mapped[list[dict[str, Any]]]
    rank: Mapped[int]
    chosen: Mapped[bool]

    partner: Mapped[Partner] = relationship()


append_only(RoutingCandidate.__table__)  # type: ignore[arg-type]


class OfferStatus(StrEnum):
    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"


class DeclineReason(StrEnum):
    NO_CAPACITY = "no_capacity"
    OUTSIDE_FIELD = "outside_field"
    OUTSIDE_AREA = "outside_area"
    UNCLEAR = "unclear"
    DUPLICATE_OF_OURS = "duplicate_of_ours"
    SPAM = "spam"
    OTHER = "other"

    @property
    def label(self) -> Any:
        return DECLINE_LABELS[self]


DECLINE_LABELS: dict[DeclineReason, Any] = {
    DeclineReason.NO_CAPACITY: _l("No capacity"),
    DeclineReason.OUTSIDE_FIELD: _l("Outside our field"),
    DeclineReason.OUTSIDE_AREA: _l("Outside our area"),
    DeclineReason.UNCLEAR: _l("Problem unclear"),
    DeclineReason.DUPLICATE_OF_OURS: _l("Duplicate of ours"),
    DeclineReason.SPAM: _l("It is spam"),
    DeclineReason.OTHER: _l("Something else"),
}


class Offer(Base):
    """A lead shown to one partner, who has until ``due_at`` (in its own working hours) to answer."""

    __tablename__ = "referrals_offer"
    __table_args__ = (
        sa.Index(
            "uq_referrals_offer_open",
            "lead_id",
            "partner_id",
            unique=True,
            sqlite_where=sa.text("status = 'offered'"),
            postgresql_where=sa.text("status = 'offered'"),
        ),
        sa.Index("ix_referrals_offer_partner", "partner_id", "status", "due_at"),
        sa.Index("ix_referrals_offer_due", "status", "due_at"),
        sa.Index("ix_referrals_offer_lately", "offered_at", "partner_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    lead_id: Mapped[int] = mapped_column(sa.ForeignKey("referrals_lead.id"), index=True)
    partner_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_partner.id"))
    decision_id: Mapped[int | None] = mapped_column(sa.ForeignKey("referrals_routing_decision.id"))
    status: Mapped[OfferStatus] = mapped_column(default=OfferStatus.OFFERED)
    offered_at: Mapped[datetime]
    due_at: Mapped[datetime]
    remind_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts_user.id"))
    #: Working hours from the offer to its answer.
    answer_hours: Mapped[float | None]
    decline_reason: Mapped[DeclineReason | None]
    decline_note: Mapped[str | None]

    lead: Mapped[Lead] = relationship()
    partner: Mapped[Partner] = relationship()

    @property
    def is_open(self) -> bool:
        return self.status is OfferStatus.OFFERED


class ClaimWay(StrEnum):
    """How a partner came to hold a lead."""

    POOL = "pool"
    OFFER = "offer"


class LeadClaim(Base):
    """Who holds a lead since when. At most one claim of a lead is active; the database sees to it."""

    __tablename__ = "referrals_lead_claim"
    __table_args__ = (
        sa.Index(
            "uq_referrals_lead_claim_active",
            "lead_id",
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
        sa.Index("ix_referrals_lead_claim_partner", "partner_id", "claimed_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    lead_id: Mapped[int] = mapped_column(sa.ForeignKey("referrals_lead.id"), index=True)
    partner_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_partner.id"))
    claimed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts_user.id"))
    way: Mapped[ClaimWay]
    claimed_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None]

    lead: Mapped[Lead] = relationship()
    partner: Mapped[Partner] = relationship()
    claimed_by: Mapped[User | None] = relationship()
