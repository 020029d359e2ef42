"""Papers that go with a statement: the acceptance act and the self-billing invoice, each made once."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from commissions.models.statements import Statement
from core.database import Base
from core.i18n import lazy_gettext
from core.triggers import append_only


class PaperKind(StrEnum):
    """What a paper is for."""

    ACT = "act"
    SELF_BILLING = "self_billing"

    @property
    def label(self) -> Any:
        return _KINDS[self]


_KINDS = {
    PaperKind.ACT: lazy_gettext("Acceptance act"),
    PaperKind.SELF_BILLING: lazy_gettext("Self-billing invoice"),
}


#: What a partner did for the vendor. What it was given back for an event, and what moved between firms, is none of it.
SERVICES = ("commission", "split", "bonus", "adjustment", "reversal")


class StatementPaper(Base):
    """A paper as it was made, for good: what it says, in which language, and the hash of its PDF.

    ``content`` holds ``facts`` (values) and ``words`` (what is printed); ``sha256`` is of the bytes of the PDF.
    """

    __tablename__ = "commissions_statement_paper"
    __table_args__ = (sa.UniqueConstraint("statement_id", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    statement_id: Mapped[int] = mapped_column(sa.ForeignKey("commissions_statement.id"))
    kind: Mapped[PaperKind]
    number: Mapped[str] = mapped_column(unique=True)
    locale: Mapped[str]
    content: Mapped[dict[str, Any]]
    storage_key: Mapped[str]
    sha256: Mapped[str]
    made_at: Mapped[datetime]

    statement: Mapped[Statement] = relationship()


append_only(StatementPaper.__table__)  # type: ignore[arg-type]
