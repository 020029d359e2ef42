"""How a firm stands in the public finder."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import Base
from partners.models.catalogue import said
from partners.models.firms import Partner


class FinderEntry(Base):
    """What a firm says of itself in the finder, or that it stays out of it. No row: listed, without a word."""

    __tablename__ = "partners_finder_entry"

    partner_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_partner.id"), primary_key=True)
    is_listed: Mapped[bool]
    summary: Mapped[str] = mapped_column(default="")
    summary_ru: Mapped[str] = mapped_column(default="")

    partner: Mapped[Partner] = relationship()

    @property
    def id(self) -> int:
        """One a firm: its number is the firm's."""
        return self.partner_id

    @property
    def said_summary(self) -> str:
        return said(self.summary, self.summary_ru)
