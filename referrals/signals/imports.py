"""What imports of leads announce."""

from dataclasses import dataclass
from typing import Any, ClassVar

from core.i18n import lazy_pgettext
from core.signals import Signal
from referrals.models.imports import LeadImport


@dataclass(frozen=True)
class LeadsUploaded(Signal[LeadImport]):
    """A file came in, to be looked at."""

    said: ClassVar[Any] = lazy_pgettext("deed", "File of leads uploaded")

    rows: int


@dataclass(frozen=True)
class LeadsTaken(Signal[LeadImport]):
    """Somebody decided to take the file in, without so many rows that are wrong."""

    said: ClassVar[Any] = lazy_pgettext("deed", "File of leads taken in")

    leaves_out: int


@dataclass(frozen=True)
class LeadsImported(Signal[LeadImport]):
    """Every lead of the file has been taken in and routed."""

    said: ClassVar[Any] = lazy_pgettext("deed", "File of leads imported")

    taken: int
    repeated: int


@dataclass(frozen=True)
class LeadsStopped(Signal[LeadImport]):
    """Somebody stopped the routing of the file; so many of its leads wait."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Routing of a file stopped")

    waiting: int


class LeadsGoOn(Signal[LeadImport]):
    """The routing of the file goes on."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Routing of a file gone on with")


class ImportUndone(Signal[LeadImport]):
    """Somebody took the file back; partners keep what they have answered."""

    said: ClassVar[Any] = lazy_pgettext("deed", "File of leads taken back")


@dataclass(frozen=True)
class LeadsTakenBack(Signal[LeadImport]):
    """The file is back: all its leads went but those ``kept``, and with them so many offers."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Leads of a file taken back")

    kept: int
    withdrawn: int
