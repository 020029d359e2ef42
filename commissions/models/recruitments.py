"""Who brought a partner into the programme: that firm gets the recruiter's shares, and the reward for bringing it."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import Base
from core.triggers import refuse_when
from partners.models import Partner


class Recruitment(Base):
    """A partner and the one who recruited it. What was put right keeps its row, with its end."""

    __tablename__ = "commissions_recruitment"
    __table_args__ = (
        sa.CheckConstraint("partner_id <> recruiter_id", name="somebody_else"),
        sa.Index(
            "ux_commissions_recruitment_partner",
            "partner_id",
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
        sa.Index("ix_commissions_recruitment_recruiter", "recruiter_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_partner.id"))
    recruiter_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_partner.id"))
    #: How it is known: a person's reason, or what the applicant said.
    because: Mapped[str]
    noted_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    partner: Mapped[Partner] = relationship(foreign_keys=[partner_id])
    recruiter: Mapped[Partner] = relationship(foreign_keys=[recruiter_id])


_RECRUITMENT: sa.Table = Recruitment.__table__  # type: ignore[assignment]
refuse_when(
    _RECRUITMENT,
    "UPDATE",
    "is_only_ended",
    [
        (
            "who recruited whom is ended once and otherwise stays as it is",
            "NEW.id <> OLD.id OR NEW.partner_id <> OLD.partner_id OR NEW.recruiter_id <> OLD.recruiter_id "
            "OR NEW.noted_at <> OLD.noted_at OR OLD.ended_at IS NOT NULL OR NEW.ended_at IS NULL",
        )
    ],
)
refuse_when(_RECRUITMENT, "DELETE", "stays", [("who recruited whom is never removed", "TRUE")])
