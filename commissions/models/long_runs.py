"""Work over many sales that takes a while: it is done in steps, each kept with how far it got.

A step is one transaction. Whoever is killed within one leaves the last step as it was, and the next one begins there.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base
from core.i18n import lazy_pgettext


class LongRunStatus(StrEnum):
    """Where the work stands. What was stopped can go on."""

    RUNNING = "running"
    STOPPED = "stopped"
    DONE = "done"

    @property
    def label(self) -> Any:
        return _STATUSES[self]


_STATUSES = {
    LongRunStatus.RUNNING: lazy_pgettext("long run", "Under way"),
    LongRunStatus.STOPPED: lazy_pgettext("long run", "Stopped"),
    LongRunStatus.DONE: lazy_pgettext("long run", "Done"),
}


class _LongRun:
    """How far the work is, and who wanted it."""

    id: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[LongRunStatus]
    #: So much is to do, and so much of it is done; of an import, rows.
    of: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    by_id: Mapped[int | None]
    by_name: Mapped[str] = mapped_column(default="")

    @property
    def is_open(self) -> bool:
        """Something is left to do."""
        return self.status is not LongRunStatus.DONE


class Recomputation(_LongRun, Base):
    """All sales worked out again by what is known of them: what the books lack is posted, what differs is told.

    One at a time. It goes through the sales that were there when it began; later ones are computed when they come.
    """

    __tablename__ = "commissions_recomputation"
    __table_args__ = (
        sa.Index(
            "uq_commissions_recomputation_one_at_a_time",
            "status",
            unique=True,
            postgresql_where=sa.text("status = 'running'"),
            sqlite_where=sa.text("status = 'running'"),
        ),
    )

    until_sale_id: Mapped[int]
    last_sale_id: Mapped[int] = mapped_column(default=0)
    lines: Mapped[int] = mapped_column(default=0)
    posted: Mapped[int] = mapped_column(default=0)
    differences: Mapped[int] = mapped_column(default=0)
    #: The first of them: ``{"sale_id", "external_id", "currency", "was_minor", "is_minor"}``.
    differing: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
