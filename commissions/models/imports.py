"""Sales from a file: what they came to, beside what is known of every file that comes in."""

from collections.abc import Mapping
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import User
from core.imports import BEFORE_TAKING, ImportedFile
from core.imports import ImportStatus as S


class SaleImport(ImportedFile):
    """One file of sales, a row a line. What is being taken in can be stopped; nothing is taken back.

    While its sales are worked out, ``read_to`` is the last of them that was looked at.
    """

    __tablename__ = "commissions_sale_import"

    AFTER: ClassVar[Mapping[S, frozenset[S]]] = {
        **BEFORE_TAKING,
        S.TAKING: frozenset({S.STOPPED, S.WORKING_OUT, S.DONE}),
        S.STOPPED: frozenset({S.TAKING}),
        S.WORKING_OUT: frozenset({S.DONE}),
        S.DONE: frozenset(),
    }

    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts_user.id"), index=True)
    created_by: Mapped[User | None] = relationship()
    #: Sales found when it was checked, and how many of them were there already with the same contents.
    sales: Mapped[int] = mapped_column(default=0)
    known: Mapped[int] = mapped_column(default=0)
    left_out: Mapped[int] = mapped_column(default=0)

    @property
    def unit_count(self) -> int:
        """Rows with the same number are one sale."""
        return self.sales
