"""Lists of leads from a file: what they came to, beside what is known of every file that comes in."""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import User
from core import clock
from core.imports import BEFORE_TAKING, ImportedFile
from core.imports import ImportStatus as S

#: The reason of a lead that was closed since its file was taken back.
IMPORT_UNDONE = "import_undone"


class LeadImport(ImportedFile):
    """One file of leads: taken in, then routed, and taken back if it was a mistake.

    While its leads are routed, ``read_to`` is the last of them that was looked at; while it is taken back, it counts
    the leads that went.
    """

    __tablename__ = "referrals_lead_import"

    AFTER: ClassVar[Mapping[S, frozenset[S]]] = {
        **BEFORE_TAKING,
        S.TAKING: frozenset({S.ROUTING, S.UNDOING}),
        S.ROUTING: frozenset({S.STOPPED, S.DONE, S.UNDOING}),
        S.STOPPED: frozenset({S.ROUTING, S.UNDOING}),
        # A partner gave one of its leads back, and nobody had room for it that day.
        S.DONE: frozenset({S.UNDOING, S.ROUTING}),
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
    #: When its leads last began to be routed, today or after a stop, and how many had been by then.
    run_began_at: Mapped[datetime | None]
    run_began_with: Mapped[int] = mapped_column(default=0, server_default="0")
    #: Leads since the last one that found a partner with room.
    without_room: Mapped[int] = mapped_column(default=0, server_default="0")
    #: Partners have no more room today: when its next leads look for one.
    resumes_at: Mapped[datetime | None]
    #: Leads that stay after it was undone, since a partner has answered them.
    kept: Mapped[int] = mapped_column(default=0)

    @property
    def waiting(self) -> int:
        """Leads that have not found a place yet."""
        return self.taken - self.routed

    @property
    def routed_in_run(self) -> int:
        """Since its leads last began to be routed."""
        return self.routed - self.run_began_with

    @property
    def working_days_left(self) -> int | None:
        """After today, with as many a day as today; None on a day on which none found a place."""
        return -(-self.waiting // self.routed_in_run) if self.routed_in_run > 0 else None

    @property
    def done_at(self) -> datetime | None:
        """When all will have been routed, at the pace so far; None while there is none to go by."""
        if self.run_began_at is None or self.routed_in_run <= 0:
            return None
        return clock.now() + (clock.now() - self.run_began_at) * self.waiting / self.routed_in_run
