"""Lists of leads from a file: what they came to, beside what is known of every file that comes in."""

from collections.abc import Mapping
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import User
from core.imports import BEFORE_TAKING, ImportedFile
from core.imports import ImportStatus as S

#: The reason of a lead that was closed since its file was taken back.
IMPORT_UNDONE = "import_undone"


class LeadImport(ImportedFile):
    """One file of leads: taken in, then routed, and taken back if it was a mistake.

    While it is taken back, ``read_to`` counts the leads that went, not rows.
    """

    __tablename__ = "referrals_lead_import"

    AFTER: ClassVar[Mapping[S, frozenset[S]]] = {
        **BEFORE_TAKING,
        S.TAKING: frozenset({S.ROUTING, S.UNDOING}),
        S.ROUTING: frozenset({S.DONE, S.UNDOING}),
        S.DONE: frozenset({S.UNDOING}),
        S.UNDOING: frozenset({S.UNDONE}),
        S.UNDONE: frozenset(),
    }

    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts_user.id"))
    created_by: Mapped[User | None] = relationship()
    #: Said of every lead whose row says nothing else.
    source: Mapped[str] = mapped_column(default="")
    campaign: Mapped[str] = mapped_column(default="")
    #: Whether wrong rows are left out, instead of nothing being taken in.
    leaves_out_wrong: Mapped[bool] = mapped_column(default=False)
    repeated: Mapped[int] = mapped_column(default=0)
    routed: Mapped[int] = mapped_column(default=0)
    #: Leads that stay after it was undone, since a partner has answered them.
    kept: Mapped[int] = mapped_column(default=0)
