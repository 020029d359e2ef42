"""The partner agreement in its versions, and who accepted which."""

import hashlib
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import Base
from core.triggers import append_only
from partners.models.catalogue import said
from partners.models.firms import Partner


class Agreement(Base):
    """A version of the partner agreement. Published once, never changed after."""

    __tablename__ = "partners_agreement"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(unique=True)
    text: Mapped[str]
    text_ru: Mapped[str]
    summary: Mapped[str] = mapped_column(default="")
    summary_ru: Mapped[str] = mapped_column(default="")
    text_hash: Mapped[str]
    #: Until when partners with an earlier version may still accept; ``None`` for the first one.
    accept_by: Mapped[date | None]
    published_at: Mapped[datetime]
    published_by_id: Mapped[int | None]

    @property
    def said_text(self) -> str:
        return said(self.text, self.text_ru)

    @property
    def said_summary(self) -> str:
        return said(self.summary, self.summary_ru)


append_only(Agreement.__table__)  # type: ignore[arg-type]


def hash_of_texts(*texts: str) -> str:
    """SHA-256 over texts, each ended by a zero byte: what was agreed to, in one line."""
    return hashlib.sha256(b"".join(text.encode() + b"\0" for text in texts)).hexdigest()


class AgreementAcceptance(Base):
    """Who accepted which version for which firm, when, in which language, and the hash of what they read."""

    __tablename__ = "partners_agreement_acceptance"
    __table_args__ = (sa.UniqueConstraint("partner_id", "agreement_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_partner.id"))
    agreement_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_agreement.id"), index=True)
    accepted_at: Mapped[datetime]
    accepted_by_id: Mapped[int | None]
    accepted_by_name: Mapped[str]
    #: Signed outside the portal and noted by the vendor.
    on_paper: Mapped[bool] = mapped_column(default=False)
    locale: Mapped[str]
    text_hash: Mapped[str]

    partner: Mapped[Partner] = relationship()
    agreement: Mapped[Agreement] = relationship()


append_only(AgreementAcceptance.__table__)  # type: ignore[arg-type]
