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
from referrals.models.imports import IMPORT_UNDONE
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


class RoutingCircle(Base):
    """A set of partners who may claim a lead from the pool; every lead that just these may claim shares it.

    A large network has thousands of them a lead, and the same ones for thousands of leads.
    """

    __tablename__ = "referrals_routing_circle"

    id: Mapped[int] = mapped_column(primary_key=True)
    #: Of the numbers of its partners, in their order.
    digest: Mapped[str] = mapped_column(unique=True)
    made_at: Mapped[datetime]


append_only(RoutingCircle.__table__)  # type: ignore[arg-type]


class CircleMember(Base):
    """A partner of a circle. Written with the circle in one go; no row of either ever goes or changes.

    So its circle needs no foreign key, which would be looked up once for each of thousands of rows.
    """

    __tablename__ = "referrals_routing_circle_member"
    __table_args__ = (sa.Index("ix_referrals_routing_circle_member_partner", "partner_id", "circle_id"),)

    circle_id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    partner_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_partner.id"), primary_key=True)

    @property
    def id(self) -> None:
        """A row is known by its circle and its partner."""
        return None


append_only(CircleMember.__table__)  # type: ignore[arg-type]


class RoutingDecision(Base):
    """One routing of a lead: under which policy, by which seed, with which outcome.

    ``ranking`` is the whole table in one piece (:mod:`referrals.operations.routing.tables`); ``filtered_out`` says how
    many each filter kept out. Who may claim it from the pool is its circle; who is asked has a row of its own. Older
    decisions have an empty ``ranking``: their candidates all have rows, and ``filtered_out`` holds the partners by
    reason.
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
    ranking: Mapped[str] = mapped_column(default="", server_default="")
    partners_asked: Mapped[int]
    circle_id: Mapped[int | None] = mapped_column(sa.ForeignKey("referrals_routing_circle.id"))

    lead: Mapped[Lead] = relationship()
    candidates: Mapped[list["RoutingCandidate"]] = relationship(
        order_by="RoutingCandidate.rank", viewonly=True
    )


append_only(RoutingDecision.__table__)  # type: ignore[arg-type]


class RoutingCandidate(Base):
    """A partner that a decision chose to be asked, who therefore may see the lead.

    Of older decisions also the partners of the pool, and those who were not chosen, with their factors; now the ones
    stand in the decision's circle, the others in its ranking.
    """

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

    @property
    def went_with_its_import(self) -> bool:
        """It was withdrawn since the file that its lead had come with was taken back."""
        closed_by_that = self.lead.reason == IMPORT_UNDONE and self.answered_at == self.lead.closed_at
        return self.status is OfferStatus.WITHDRAWN and closed_by_that


class ClaimWay(StrEnum):
    """How a partner came to hold a lead."""

    POOL = "pool"
    OFFER = "offer"


#: A claim that ended so was undone at once: it counts as never made.
MISTAKE = "claimed_by_mistake"


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
        sa.Index("ix_referrals_lead_claim_lately", "claimed_at", "way", "partner_id"),
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

    @staticmethod
    def was_meant() -> sa.ColumnElement[bool]:
        """The condition that a claim was not undone as a mistake."""
        return sa.or_(LeadClaim.end_reason.is_(None), LeadClaim.end_reason != MISTAKE)


class PolicyReplay(Base):
    """Past leads given out again under a draft and under the policy in force, to see who would gain and who lose."""

    __tablename__ = "referrals_policy_replay"

    id: Mapped[int] = mapped_column(primary_key=True)
    policy_id: Mapped[int] = mapped_column(sa.ForeignKey("referrals_routing_policy.id"), index=True)
    against_id: Mapped[int] = mapped_column(sa.ForeignKey("referrals_routing_policy.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    #: Of so many leads so many were replayed until now, evenly taken; the last of them came in then.
    leads: Mapped[int] = mapped_column(default=0)
    replayed: Mapped[int] = mapped_column(default=0)
    played_to_at: Mapped[datetime | None]
    played_to_id: Mapped[int | None]
    #: What the next piece has to know of those before; empty when it is finished.
    memory: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    #: ``{partner: [in force, draft, really received]}``.
    outcome: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: ``{"pooled": [in force, draft], "nobody": [in force, draft]}``.
    others: Mapped[dict[str, Any]] = mapped_column(default=dict)
    asked_at: Mapped[datetime]
    asked_by_name: Mapped[str]
    finished_at: Mapped[datetime | None]

    policy: Mapped[RoutingPolicy] = relationship(foreign_keys=policy_id)
    against: Mapped[RoutingPolicy] = relationship(foreign_keys=against_id)
