"""Papers of a firm that both sides keep at hand: contracts, certificates of registration, licences."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import User
from core import clock
from core.database import Base
from core.errors import Refusal
from core.i18n import gettext as _
from core.i18n import lazy_pgettext
from partners.models.firms import Partner


class DocumentKind(StrEnum):
    CONTRACT = "contract"
    REGISTRATION = "registration"
    LICENCE = "licence"
    INSURANCE = "insurance"
    AUTHORITY = "authority"
    OTHER = "other"

    @property
    def label(self) -> Any:
        return _KINDS[self]


_KINDS = {
    DocumentKind.CONTRACT: lazy_pgettext("document", "Contract"),
    DocumentKind.REGISTRATION: lazy_pgettext("document", "Certificate of registration"),
    DocumentKind.LICENCE: lazy_pgettext("document", "Licence or permit"),
    DocumentKind.INSURANCE: lazy_pgettext("document", "Proof of insurance"),
    DocumentKind.AUTHORITY: lazy_pgettext("document", "Power of attorney"),
    DocumentKind.OTHER: lazy_pgettext("document", "Another document"),
}


class Document(Base):
    """A file about a firm, as it was uploaded. It is withdrawn, never deleted; long after, its file goes.

    ``sha256`` is of what was uploaded, ``name`` what the file was called there: text to show, never a path.
    """

    __tablename__ = "partners_document"
    __table_args__ = (
        sa.Index("ix_partners_document_list", "partner_id", "withdrawn_at", "id"),
        sa.Index("ix_partners_document_valid_until", "valid_until"),
        sa.Index("ix_partners_document_withdrawn_at", "withdrawn_at"),
        sa.CheckConstraint(
            "storage_key IS NOT NULL OR withdrawn_at IS NOT NULL", name="is_there_while_it_holds"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_partner.id"))
    kind: Mapped[DocumentKind]
    title: Mapped[str]
    #: The last day on which it holds; ``None``: without an end.
    valid_until: Mapped[date | None]
    #: Where the file lies; ``None`` once its time was over.
    storage_key: Mapped[str | None]
    name: Mapped[str]
    content_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    uploaded_at: Mapped[datetime]
    uploaded_by_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts_user.id"), index=True)
    #: The vendor put it there, so only the vendor takes it away.
    from_vendor: Mapped[bool]
    withdrawn_at: Mapped[datetime | None]

    partner: Mapped[Partner] = relationship()
    uploaded_by: Mapped[User] = relationship()

    def shown_status(self, today: date) -> str:
        """The state as a pill shows it: ``withdrawn``, ``expired`` or ``valid``."""
        if self.withdrawn_at is not None:
            return "withdrawn"
        return "expired" if self.valid_until is not None and self.valid_until < today else "valid"

    def describe(self, kind: DocumentKind, title: str, valid_until: date | None) -> None:
        """Says better what it is and until when it holds; the file stays as it was uploaded."""
        if self.withdrawn_at is not None:
            raise Refusal(_("This document is withdrawn already."))
        self.kind, self.title, self.valid_until = kind, title, valid_until

    def withdraw(self) -> None:
        """It is no longer in force, or was put there by mistake."""
        if self.withdrawn_at is not None:
            raise Refusal(_("This document is withdrawn already."))
        self.withdrawn_at = clock.now()
