"""What customers say of the partner they bought from: asked once a deal, answered once by a signed link."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import Base
from core.triggers import refuse_when
from partners.models import Partner
from referrals.models.customers import Customer
from referrals.models.deals import Deal

#: The most stars there are.
MOST_STARS = 5


class Rating(Base):
    """One question to a customer about one won deal, and the answer if one came.

    ``partner_id`` is the firm that is rated. An answer that says another firm did the work counts for nobody. What a
    person of the vendor has set aside counts for nobody either, with the reason beside it.
    """

    __tablename__ = "referrals_rating"
    __table_args__ = (
        sa.Index("ix_referrals_rating_partner", "partner_id", "answered_at"),
        sa.Index("ix_referrals_rating_answered", "answered_at", "id"),
        sa.Index("ix_referrals_rating_email", "email"),
        sa.CheckConstraint(f"stars BETWEEN 1 AND {MOST_STARS}", name="one_to_five"),
        sa.CheckConstraint("(answered_at IS NULL) = (stars IS NULL)", name="stars_with_the_answer"),
        sa.CheckConstraint("(answered_at IS NULL) = (was_partner IS NULL)", name="whose_with_the_answer"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    deal_id: Mapped[int] = mapped_column(sa.ForeignKey("referrals_deal.id"), unique=True)
    partner_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_partner.id"))
    customer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("referrals_customer.id"), index=True)
    #: Whom we asked, lower case; gone when their data is erased.
    email: Mapped[str | None]
    asked_at: Mapped[datetime]
    #: Until when the link takes an answer.
    open_until: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    stars: Mapped[int | None]
    was_partner: Mapped[bool | None]
    text: Mapped[str] = mapped_column(default="")
    #: They want no more questions.
    stopped_at: Mapped[datetime | None]
    set_aside_at: Mapped[datetime | None]
    set_aside_because: Mapped[str] = mapped_column(default="")
    set_aside_by_name: Mapped[str] = mapped_column(default="")

    deal: Mapped[Deal] = relationship()
    partner: Mapped[Partner] = relationship()
    customer: Mapped[Customer | None] = relationship()

    @property
    def counts(self) -> bool:
        """It is part of the partner's rating."""
        return self.answered_at is not None and bool(self.was_partner) and self.set_aside_at is None


_table: sa.Table = Rating.__table__  # type: ignore[assignment]
refuse_when(
    _table,
    "UPDATE",
    "says_what_it_said",
    [
        (
            "an answer of a customer does not change",
            "OLD.deal_id <> NEW.deal_id OR (OLD.answered_at IS NOT NULL AND (NEW.answered_at IS NULL "
            "OR OLD.answered_at <> NEW.answered_at OR OLD.stars <> NEW.stars "
            "OR OLD.was_partner <> NEW.was_partner))",
        )
    ],
)
