"""By what a company is recognised: one row a key, shared by the leads that have it."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base


class IdentityKey(Base):
    """A tax id, domain, e-mail, phone, name with postcode, or bare name, in its normal form.

    Two transactions that bring the same key meet at this row: the second waits for the first, and then sees what it
    wrote. So two equal leads at one moment are one lead and one duplicate.
    """

    __tablename__ = "referrals_identity_key"
    __table_args__ = (sa.UniqueConstraint("kind", "value"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    value: Mapped[str]
    #: Of a bare name: how many trigrams it has.
    trigram_count: Mapped[int] = mapped_column(default=0)


class NameTrigram(Base):
    """Three letters of a bare name, so that similar names are found on any database."""

    __tablename__ = "referrals_name_trigram"

    trigram: Mapped[str] = mapped_column(primary_key=True)
    key_id: Mapped[int] = mapped_column(
        sa.ForeignKey("referrals_identity_key.id"), primary_key=True, index=True
    )

    @property
    def id(self) -> None:
        """A row is known by its letters and its name."""
        return None


class LeadKey(Base):
    """A lead is known by a key."""

    __tablename__ = "referrals_lead_key"

    lead_id: Mapped[int] = mapped_column(sa.ForeignKey("referrals_lead.id"), primary_key=True)
    key_id: Mapped[int] = mapped_column(
        sa.ForeignKey("referrals_identity_key.id"), primary_key=True, index=True
    )

    @property
    def id(self) -> None:
        """A row is known by its lead and its key."""
        return None
