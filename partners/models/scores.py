"""The scorecard's figures of every firm, worked out every night so that pages only read them."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base


class Score(Base):
    """One figure of one firm over the last 365 days, and its place among the firms of its tier.

    ``place`` is the share of those firms, 0 to 100, that do less well; ``peers`` how many they are. No names are kept.
    """

    __tablename__ = "partners_score"
    __table_args__ = (
        sa.UniqueConstraint("partner_id", "measure"),
        sa.Index("ix_partners_score_measure", "measure", "value"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_partner.id"))
    measure: Mapped[str]
    day: Mapped[date]
    value: Mapped[int]
    #: The same over the 365 days before; ``None`` where that cannot be said.
    before: Mapped[int | None]
    place: Mapped[int | None]
    peers: Mapped[int]
