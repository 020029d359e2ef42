"""What is known of a file that comes in, whatever its rows are: its columns, how far it is, and what is wrong."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.database import Base
from core.errors import Refusal
from core.i18n import gettext as _


class ImportStatus(StrEnum):
    """From a file to what its rows become, step by step. Which steps there are, each kind of import says."""

    UPLOADED = "uploaded"
    """Its columns are to be agreed."""
    CHECKING = "checking"
    CHECKED = "checked"
    """Somebody decides whether it is taken in."""
    TAKING = "taking"
    ROUTING = "routing"
    """What was taken in looks for its place."""
    WORKING_OUT = "working_out"
    """All of it is there; what follows from it is worked out."""
    STOPPED = "stopped"
    """Somebody ended the taking in; it can go on where it was."""
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"


S = ImportStatus

#: What every import goes through until it is taken in.
BEFORE_TAKING: Mapping[ImportStatus, frozenset[ImportStatus]] = {
    S.UPLOADED: frozenset({S.CHECKING}),
    S.CHECKING: frozenset({S.CHECKED}),
    S.CHECKED: frozenset({S.CHECKING, S.TAKING}),
}


class ImportedFile(Base):
    """One file. ``read_to`` is the last row that its present step has finished, as a spreadsheet counts."""

    __abstract__ = True

    #: Which step may follow which.
    AFTER: ClassVar[Mapping[ImportStatus, frozenset[ImportStatus]]]

    id: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[ImportStatus] = mapped_column(default=ImportStatus.UPLOADED)
    name: Mapped[str]
    #: Empty once the file is not kept any more.
    file_key: Mapped[str]
    encoding: Mapped[str]
    delimiter: Mapped[str]
    header: Mapped[list[str]]
    row_count: Mapped[int]
    #: The place of each column by what it holds.
    places: Mapped[dict[str, Any]]
    read_to: Mapped[int] = mapped_column(default=1)
    #: ``{"row", "column", "sentence"}`` of what is wrong, as far as it is kept; and how much there is in all.
    problems: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    problem_count: Mapped[int] = mapped_column(default=0)
    wrong_rows: Mapped[int] = mapped_column(default=0)
    taken: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    #: Whose it is; the domain ties both to its people.
    created_by_id: Mapped[int | None]
    created_by: Any
    created_by_name: Mapped[str]
    finished_at: Mapped[datetime | None]

    @property
    def unit_count(self) -> int:
        """How many things the rows are about; of these ``wrong_rows`` are wrong."""
        return self.row_count

    @property
    def language(self) -> str | None:
        """In which it is told what is wrong with the file: that of whoever brought it."""
        return self.created_by.locale if self.created_by is not None else None

    @property
    def is_moving(self) -> bool:
        """Jobs are at work on it."""
        return self.status in {S.CHECKING, S.TAKING, S.ROUTING, S.WORKING_OUT, S.UNDOING}

    @property
    def is_to_be_agreed_on(self) -> bool:
        """Its columns can be chosen, for the first time or anew."""
        return S.CHECKING in self.AFTER[self.status] and bool(self.file_key)

    @property
    def may_be_undone(self) -> bool:
        return S.UNDOING in self.AFTER[self.status]

    def become(self, status: ImportStatus) -> None:
        """Changes the step, which begins at the first row unless it was stopped in between.

        Raises Refusal when the one does not lead to the other.
        """
        if status not in self.AFTER[self.status]:
            raise Refusal(_("This import has moved on in the meantime. Load the page again."))
        if S.STOPPED not in {status, self.status}:
            self.read_to = 1
        self.status = status

    def end(self, status: ImportStatus) -> None:
        """The last step is done. Raises Refusal as :meth:`become`."""
        self.become(status)
        self.finished_at = clock.now()
