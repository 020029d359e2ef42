"""Where firms stand: the nightly evaluation, announced grace, tiers held by hand, every decision, dry runs."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import Base
from core.i18n import lazy_gettext
from core.triggers import append_only, refuse_when
from partners.models.catalogue import Tier
from partners.models.firms import Partner
from partners.models.tier_rules import TierRequirement, TierRules


class TierRun(Base):
    """One evaluation of all firms under the rules in force."""

    __tablename__ = "partners_tier_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    rules_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_tier_rules.id"), index=True)
    day: Mapped[date]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    firms: Mapped[int] = mapped_column(default=0)
    promoted: Mapped[int] = mapped_column(default=0)
    demoted: Mapped[int] = mapped_column(default=0)
    warned: Mapped[int] = mapped_column(default=0)

    rules: Mapped[TierRules] = relationship()


class TierEvaluation(Base):
    """How one firm stands on one requirement, as of the last evaluation: one row each, replaced every night.

    ``value`` is ``None`` where nothing could be measured. ``lapses_on`` is the first day on which it would no longer be
    met if nothing new came, ``remains`` what would be left that day. What a decision was made from is kept with it for
    good, in :class:`TierDecision`.
    """

    __tablename__ = "partners_tier_evaluation"
    __table_args__ = (
        sa.UniqueConstraint("partner_id", "requirement_id"),
        sa.Index("ix_partners_tier_evaluation_lapses", "requirement_id", "lapses_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_partner.id"))
    requirement_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_tier_requirement.id"))
    day: Mapped[date]
    value: Mapped[int | None]
    needed: Mapped[int]
    met: Mapped[bool]
    lapses_on: Mapped[date | None]
    remains: Mapped[int | None]
    #: ``{"from": day, "until": day, "counted": how many facts, "people": how many, "firms": how many}``.
    evidence: Mapped[dict[str, Any]]

    requirement: Mapped[TierRequirement] = relationship()
    partner: Mapped[Partner] = relationship()


class HoldKind(StrEnum):
    """Set by hand: not below this tier, or exactly in it."""

    FLOOR = "floor"
    EXACT = "exact"

    @property
    def label(self) -> Any:
        return _HOLD_KINDS[self]


_HOLD_KINDS = {
    HoldKind.FLOOR: lazy_gettext("At least this tier; higher when it is earned"),
    HoldKind.EXACT: lazy_gettext("Exactly this tier"),
}


class TierHold(Base):
    """A tier given by hand until a day, with its reason. A firm has one at most."""

    __tablename__ = "partners_tier_hold"
    __table_args__ = (
        sa.Index(
            "uq_partners_tier_hold_standing",
            "partner_id",
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_partner.id"), index=True)
    tier: Mapped[str] = mapped_column(sa.ForeignKey("partners_tier.code"))
    kind: Mapped[HoldKind]
    reason: Mapped[str]
    #: The last day on which it holds.
    until: Mapped[date]
    set_at: Mapped[datetime]
    set_by_name: Mapped[str]
    ended_at: Mapped[datetime | None]

    partner: Mapped[Partner] = relationship()
    tier_row: Mapped[Tier] = relationship()


class TierGrace(Base):
    """A firm was told that it no longer meets its tier, and until when it may keep it. One at most is open.

    ``missing`` holds what was missing when it was announced: requirement, value, needed.
    """

    __tablename__ = "partners_tier_grace"
    __table_args__ = (
        sa.Index(
            "uq_partners_tier_grace_open",
            "partner_id",
            unique=True,
            sqlite_where=sa.text("closed_on IS NULL"),
            postgresql_where=sa.text("closed_on IS NULL"),
        ),
        sa.Index("ix_partners_tier_grace_ends", "closed_on", "ends_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_partner.id"), index=True)
    tier: Mapped[str] = mapped_column(sa.ForeignKey("partners_tier.code"))
    falls_to: Mapped[str] = mapped_column(sa.ForeignKey("partners_tier.code"))
    announced_on: Mapped[date]
    ends_on: Mapped[date]
    missing: Mapped[list[dict[str, Any]]]
    closed_on: Mapped[date | None]
    outcome: Mapped[str] = mapped_column(default="")

    partner: Mapped[Partner] = relationship()


_GRACE: sa.Table = TierGrace.__table__  # type: ignore[assignment]
refuse_when(
    _GRACE,
    "UPDATE",
    "keeps_its_days",
    [
        (
            "an announced grace is only closed",
            "OLD.closed_on IS NOT NULL OR NEW.announced_on <> OLD.announced_on OR NEW.ends_on < OLD.ends_on "
            "OR NEW.partner_id <> OLD.partner_id",
        )
    ],
)


class DecisionKind(StrEnum):
    """What was decided about a firm's tier."""

    PROMOTED = "promoted"
    DEMOTED = "demoted"
    WARNED = "warned"
    RECOVERED = "recovered"
    HELD = "held"
    RELEASED = "released"
    BY_HAND = "by_hand"

    @property
    def label(self) -> Any:
        return _DECISIONS[self]


_DECISIONS = {
    DecisionKind.PROMOTED: lazy_gettext("Moved up"),
    DecisionKind.DEMOTED: lazy_gettext("Moved down"),
    DecisionKind.WARNED: lazy_gettext("Grace announced"),
    DecisionKind.RECOVERED: lazy_gettext("Requirements met again"),
    DecisionKind.HELD: lazy_gettext("Held by hand"),
    DecisionKind.RELEASED: lazy_gettext("No longer held by hand"),
    DecisionKind.BY_HAND: lazy_gettext("Changed by hand"),
}


class TierDecision(Base):
    """Everything that was ever decided about a firm's tier, with what it was decided from."""

    __tablename__ = "partners_tier_decision"
    __table_args__ = (sa.Index("ix_partners_tier_decision_partner", "partner_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_partner.id"))
    at: Mapped[datetime]
    kind: Mapped[DecisionKind]
    before: Mapped[str]
    after: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    rules_id: Mapped[int | None] = mapped_column(sa.ForeignKey("partners_tier_rules.id"), index=True)
    #: Every requirement with value, needed and evidence as they stood.
    evidence: Mapped[list[dict[str, Any]]]
    by_name: Mapped[str] = mapped_column(default="")

    partner: Mapped[Partner] = relationship()
    rules: Mapped[TierRules | None] = relationship()


append_only(TierDecision.__table__)  # type: ignore[arg-type]


class TierDryRun(Base):
    """What a draft of the rules would do to all firms. ``digest`` says of which state of the draft."""

    __tablename__ = "partners_tier_dry_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    rules_id: Mapped[int] = mapped_column(
        sa.ForeignKey("partners_tier_rules.id", ondelete="CASCADE"), index=True
    )
    digest: Mapped[str]
    asked_at: Mapped[datetime]
    asked_by_name: Mapped[str]
    finished_at: Mapped[datetime | None]
    #: ``{"firms": n, "up": n, "down": n, "now": {tier: n}, "then": {tier: n}}``
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)


class TierDryRunRow(Base):
    """A firm that a draft would move. ``anyway``: the rules in force would move it there as well."""

    __tablename__ = "partners_tier_dry_run_row"
    __table_args__ = (sa.Index("ix_partners_tier_dry_run_row_list", "dry_run_id", "step", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    dry_run_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_tier_dry_run.id", ondelete="CASCADE"))
    partner_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_partner.id"), index=True)
    before: Mapped[str]
    after: Mapped[str]
    #: How many ranks up (above 0) or down.
    step: Mapped[int]
    anyway: Mapped[bool]
    #: What is missing for the tier it has: requirement, value, needed.
    missing: Mapped[list[dict[str, Any]]]

    partner: Mapped[Partner] = relationship()
