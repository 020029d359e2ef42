"""A file comes in, its columns are agreed, and every row is looked at before any firm is made of it."""

from collections.abc import Iterable
from itertools import takewhile

import sqlalchemy as sa

from accounts.models import User
from accounts.permissions import Permission
from core.activity import Actor
from core.database import session
from core.errors import InvalidInput
from core.i18n import gettext as _
from core.imports import (
    ImportStatus,
    begin_checking,
    goes_on,
    is_at,
    keep_sheet,
    look_at,
    next_job,
    sheet_of,
    some_records,
)
from core.sheets import Record, records
from core.signals import announce
from partners import queries, signals
from partners.models import NetworkImport, Partner
from partners.operations.firms import checked_firm
from partners.operations.network_imports.columns import FirmRow, Known, columns, firm_row

MOST_FIRMS = 50_000
#: So many rows a job.
CHECKED_AT_ONCE = 500


def upload_firms(content: bytes, name: str, *, by: Actor | None) -> NetworkImport:
    """Keeps a file of firms and guesses its columns; nothing is made of it yet. Raises InvalidInput at ``file``."""
    row = keep_sheet(
        NetworkImport, content, name, folder="network-imports", columns=columns(), most=MOST_FIRMS, by=by
    )
    announce(signals.FirmsUploaded(row, by, rows=row.row_count))
    return row


def check_with(row: NetworkImport, places: dict[str, int], *, by: Actor | None) -> None:
    """Agrees on the columns and begins to look at the rows. Raises InvalidInput at a column that will not do."""
    begin_checking(row, places, columns())
    next_job("partners.check-firms", row)


def known_now() -> Known:
    """What names in a file are looked up by: three statements."""
    products, services = queries.products_by_code(), queries.services_by_code()
    staff = session.scalars(
        sa.select(User).where(User.suspended_at.is_(None), User.password_hash.is_not(None))
    )
    return Known(
        {word.casefold(): code for code, row in products.items() for word in (code, row.name)},
        {word.casefold(): code for code, row in services.items() for word in (code, row.name)},
        {user.email: user for user in staff if user.is_staff and user.may(Permission.PARTNERS_WRITE)},
    )


class Twins:
    """Finds rows whose firm, or whose admin, is there already: in the portal, or in an earlier row of the file."""

    def __init__(self, earlier: Iterable[Record], rows: Iterable[Record]) -> None:
        self._seen: dict[str, int] = {}
        for record in earlier:
            self._note(record)
        addresses = {record.get("admin_email").casefold() for record in rows} - {""}
        self._taken = set(
            session.scalars(
                sa.select(sa.func.lower(User.email)).where(sa.func.lower(User.email).in_(addresses))
            )
        )

    def _note(self, record: Record) -> int | None:
        """Remembers the row; answers the earlier one with the same tax number, site, or name and city."""
        first = None
        for key in _keys(record):
            first = first or self._seen.get(key)
            self._seen.setdefault(key, record.number)
        return first

    def problems(self, record: Record, values: dict[str, object]) -> dict[str, str]:
        """What speaks against the row, by column."""
        problems: dict[str, str] = {}
        first = self._note(record)
        if first is not None:
            problems["name"] = _("The same firm as in row %(row)s.", row=first)
        same = [
            column == values[name]
            for name, column in (("tax_key", Partner.tax_key), ("domain", Partner.domain))
            if values.get(name)
        ]
        there = session.scalar(sa.select(Partner.name).where(sa.or_(*same)).limit(1)) if same else None
        if there is not None:
            problems["name"] = _("%(name)s is a partner already, by tax number or site.", name=there)
        if record.get("admin_email").casefold() in self._taken:
            problems["admin_email"] = _("Somebody signs in with this address already.")
        return problems


def _keys(record: Record) -> list[str]:
    def plain(text: str) -> str:
        return "".join(sign for sign in text.casefold() if sign.isalnum())

    site = (
        record.get("website").casefold().removeprefix("https://").removeprefix("http://").removeprefix("www.")
    )
    found = {
        "tax": plain(record.get("tax_id")),
        "site": site.split("/", maxsplit=1)[0],
        "name": plain(record.get("name")) and f"{plain(record.get('name'))}|{plain(record.get('city'))}",
        "admin": record.get("admin_email").casefold(),
    }
    return [f"{kind}:{value}" for kind, value in found.items() if value]


def looked_at(record: Record, known: Known, twins: Twins) -> FirmRow:
    """The row, when a firm can be made of it. Raises InvalidInput by column."""
    row = firm_row(record, known)
    problems = twins.problems(record, checked_firm(**row.firm))
    if row.is_signed and queries.current_agreement() is None:
        problems["signed"] = _("Publish the partner agreement first.")
    if problems:
        raise InvalidInput(problems)
    return row


def earlier_records(row: NetworkImport) -> Iterable[Record]:
    """The rows before those of the present job."""
    return takewhile(lambda record: record.number <= row.read_to, records(sheet_of(row), row.places))


def check_rows(row: NetworkImport) -> bool:
    """Looks at the next rows, and notes what is wrong with which; tells whether there are more.

    At the end somebody decides.
    """
    if not is_at(row, ImportStatus.CHECKING):
        return False
    read = some_records(row, CHECKED_AT_ONCE)
    known, twins = known_now(), Twins(earlier_records(row), read)
    look_at(row, read, lambda record: looked_at(record, known, twins))
    if goes_on(row, read, CHECKED_AT_ONCE):
        return True
    row.become(ImportStatus.CHECKED)
    return False
