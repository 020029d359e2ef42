"""Plans, their versions, which version holds for a customer–partner pair, and what a sale was assessed by."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import Base
from core.triggers import refuse_when


class PlanVersionStatus(StrEnum):
    """A draft changes, a published version never does; a superseded one still holds for pairs bound to it."""

    DRAFT = "draft"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"


class Plan(Base):
    """A plan that partners are on, by its code; it comes to life with its first version."""

    __tablename__ = "commissions_plan"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]

    versions: Mapped[list["PlanVersion"]] = relationship(order_by="PlanVersion.number", back_populates="plan")


class PlanVersion(Base):
    """One version: its definition as the API, the page and TOML write it, read by ``commissions.rates.parse``."""

    __tablename__ = "commissions_plan_version"
    __table_args__ = (
        sa.UniqueConstraint("plan_id", "number"),
        sa.Index("ix_commissions_plan_version_live", "plan_id", "effective_from", "number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(sa.ForeignKey("commissions_plan.id"))
    number: Mapped[int]
    status: Mapped[PlanVersionStatus] = mapped_column(default=PlanVersionStatus.DRAFT)
    name: Mapped[str]
    currency: Mapped[str]
    effective_from: Mapped[datetime]
    definition: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None]
    simulated_at: Mapped[datetime | None]
    #: The report: of every partner what would change, so long, and read where it is shown alone.
    simulation: Mapped[dict[str, Any] | None] = mapped_column(deferred=True)
    published_at: Mapped[datetime | None]
    published_by_id: Mapped[int | None]

    plan: Mapped[Plan] = relationship(back_populates="versions")

    @property
    def report(self) -> dict[str, Any] | None:
        """What a simulation found, once it is done."""
        return self.simulation if self.simulated_at is not None else None

    @property
    def label(self) -> str:
        """``standard/3``, as the API names it."""
        return f"{self.plan.code}/{self.number}"

    @property
    def is_draft(self) -> bool:
        return self.status is PlanVersionStatus.DRAFT


class Pair(Base):
    """A customer and a partner on a plan: since when, and by which version they began and go on."""

    __tablename__ = "commissions_pair"
    __table_args__ = (sa.UniqueConstraint("customer_id", "partner_id", "plan_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(sa.ForeignKey("referrals_customer.id"))
    partner_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_partner.id"), index=True)
    plan_id: Mapped[int] = mapped_column(sa.ForeignKey("commissions_plan.id"))
    plan_version_id: Mapped[int] = mapped_column(sa.ForeignKey("commissions_plan_version.id"), index=True)
    first_sale_at: Mapped[datetime]
    first_sale_id: Mapped[int] = mapped_column(sa.ForeignKey("referrals_sale.id"))
    created_at: Mapped[datetime]

    plan_version: Mapped[PlanVersion] = relationship()


class Assessment(Base):
    """By what a sale is computed: the version, the pair, and the partner as it was before the sale.

    What changes about a partner later (its tier, its type) moves no sale that was assessed.
    """

    __tablename__ = "commissions_assessment"
    __table_args__ = (sa.Index("ix_commissions_assessment_pair", "pair_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    sale_id: Mapped[int] = mapped_column(sa.ForeignKey("referrals_sale.id"), unique=True)
    pair_id: Mapped[int] = mapped_column(sa.ForeignKey("commissions_pair.id"))
    plan_version_id: Mapped[int] = mapped_column(sa.ForeignKey("commissions_plan_version.id"), index=True)
    partner: Mapped[dict[str, Any]]
    customer: Mapped[dict[str, Any]]
    #: ``{"from", "to", "rate", "source", "day", "noted_at"}`` of a sale in another currency than its plan pays in.
    conversion: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime]

    pair: Mapped[Pair] = relationship()
    plan_version: Mapped[PlanVersion] = relationship()


class CapUse(Base):
    """What one sale used of a rule's cap. Sales count in the order of their moments, then of their names."""

    __tablename__ = "commissions_cap_use"
    __table_args__ = (
        sa.UniqueConstraint("sale_id", "cap_key"),
        sa.Index("ix_commissions_cap_use_order", "cap_key", "occurred_at", "sale_name"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sale_id: Mapped[int] = mapped_column(sa.ForeignKey("referrals_sale.id"))
    cap_key: Mapped[str]
    occurred_at: Mapped[datetime]
    sale_name: Mapped[str]
    amount_minor: Mapped[int]


class PartnerBook(Base):
    """A row a partner that is held while its earnings are worked out, so that it happens one sale after another."""

    __tablename__ = "commissions_partner_book"

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_partner.id"), unique=True)


_VERSION: sa.Table = PlanVersion.__table__  # type: ignore[assignment]
refuse_when(
    _VERSION,
    "UPDATE",
    "keeps_what_was_published",
    [
        (
            "a published plan version never changes",
            "OLD.status <> 'draft' AND (NEW.plan_id <> OLD.plan_id OR NEW.number <> OLD.number "
            "OR CAST(NEW.definition AS TEXT) <> CAST(OLD.definition AS TEXT) OR NEW.currency <> OLD.currency "
            "OR NEW.effective_from <> OLD.effective_from OR NEW.status = 'draft')",
        )
    ],
)
refuse_when(
    _VERSION, "DELETE", "stays", [("a published plan version is never removed", "OLD.status <> 'draft'")]
)
