"""Companies that the vendor talks to itself."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import User
from core import clock
from core.database import Base


class OwnOpportunity(Base):
    """A company that one of the vendor's people talks to until ``holds_until``; known by domain, tax number or both.

    Partners learn the class and the date, nothing else. Of one company there is at most one that has not ended.
    """

    __tablename__ = "referrals_own_opportunity"
    __table_args__ = (
        sa.CheckConstraint("domain IS NOT NULL OR tax_key IS NOT NULL", name="is_known_by_something"),
        sa.Index(
            "uq_referrals_own_opportunity_domain",
            "domain",
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
        sa.Index(
            "uq_referrals_own_opportunity_tax_key",
            "tax_key",
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
        sa.Index("ix_referrals_own_opportunity_until", "ended_at", "holds_until", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    company: Mapped[str]
    domain: Mapped[str | None]
    #: Country and number, as :class:`core.taxids.TaxId` has them.
    tax_key: Mapped[str | None]
    country: Mapped[str | None]
    responsible_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts_user.id"), index=True)
    note: Mapped[str] = mapped_column(default="")
    holds_until: Mapped[datetime]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    responsible: Mapped[User] = relationship()

    @property
    def holds(self) -> bool:
        """It has neither been ended nor run out."""
        return self.ended_at is None and self.holds_until > clock.now()


class OwnOpportunityKey(Base):
    """An own opportunity is known by a key, as leads and deals are."""

    __tablename__ = "referrals_own_opportunity_key"

    opportunity_id: Mapped[int] = mapped_column(
        sa.ForeignKey("referrals_own_opportunity.id"), primary_key=True
    )
    key_id: Mapped[int] = mapped_column(
        sa.ForeignKey("referrals_identity_key.id"), primary_key=True, index=True
    )

    @property
    def id(self) -> None:
        """A row is known by its company and its key."""
        return None
