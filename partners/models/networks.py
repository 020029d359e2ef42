"""A whole network as files: firms that came in by one, and everything that goes out in one."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import User
from core.database import Base
from core.imports import BEFORE_TAKING, ImportedFile
from core.imports import ImportStatus as S


class NetworkImport(ImportedFile):
    """One file of firms: taken in, and taken back if it was a mistake."""

    __tablename__ = "partners_network_import"

    AFTER: ClassVar[Mapping[S, frozenset[S]]] = {
        **BEFORE_TAKING,
        S.TAKING: frozenset({S.DONE, S.UNDOING}),
        S.DONE: frozenset({S.UNDOING}),
        S.UNDOING: frozenset({S.UNDONE}),
        S.UNDONE: frozenset(),
    }

    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts_user.id"))
    created_by: Mapped[User | None] = relationship()
    #: Whether wrong rows are left out, instead of nothing being taken in.
    leaves_out_wrong: Mapped[bool] = mapped_column(default=False)
    #: Whether the admins named in the file are invited by mail.
    invites_admins: Mapped[bool] = mapped_column(default=False)
    invited: Mapped[int] = mapped_column(default=0)
    #: After it was undone: firms forgotten, firms ended, and firms that stay since something was done with them.
    forgotten: Mapped[int] = mapped_column(default=0)
    ended: Mapped[int] = mapped_column(default=0)
    kept: Mapped[int] = mapped_column(default=0)


class NetworkExport(Base):
    """Everything that is known of the network, as one ZIP of CSV files; asked for by somebody, made by a job."""

    __tablename__ = "partners_network_export"

    id: Mapped[int] = mapped_column(primary_key=True)
    asked_at: Mapped[datetime]
    asked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts_user.id"))
    asked_by_name: Mapped[str]
    finished_at: Mapped[datetime | None]
    #: Where the file lies until it is removed after some days.
    file_key: Mapped[str | None]
    size: Mapped[int] = mapped_column(default=0)
    #: Rows by the name of each table in it.
    tables: Mapped[dict[str, Any]] = mapped_column(default=dict)
