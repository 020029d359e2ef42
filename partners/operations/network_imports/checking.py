"""A file comes in, its columns are agreed, and every row is looked at before any firm is made of it."""

from collections.abc import Iterable, Sequence
from itertools import takewhile

import sqlalchemy as sa

from accounts.models import User
from accounts.permissions import Permission
from core.activity import Actor
from core.bulk import among, plain_rows
from core.database import session
from core.errors import InvalidInput
from core.i18n import gettext as _
from core.imports import (
    ImportStatus,
    begin_checking,
    goes_on,
    is_at,
    keep_problems,
    keep_sheet,
    next_job,
    sheet_of,
    some_records,
)
from core.sheets import Problems, Record, records
from core.signals import announce
from partners import queries, signals
from partners.models import NetworkImport, Partner
from partners.operations.firms import Catalogue
from partners.operations.network_imports.columns import FirmRow, Known, columns, firm_row
from partners.queries.plans import plans_on_offer

MOST_FIRMS = 50_000
#: So many rows a job: some seconds of work. Each reads the names of all rows before its own.
CHECKED_AT_ONCE = 2_000


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
    """What names in a file are looked up by: a handful of statements."""
    products, services = queries.products_by_code(), queries.services_by_code()
    staff = session.scalars(
        sa.select(User).where(User.suspended_at.is_(None), User.password_hash.is_not(None))
    )
    return Known(
        {word.casefold(): code for code, row in products.items() for word in (code, row.name)},
        {word.casefold(): code for code, row in services.items() for word in (code, row.name)},
        {user.email: user for user in staff if user.is_staff and user.may(Permission.PARTNERS_WRITE)},
        Catalogue(frozenset(queries.tiers_by_code()), frozenset(products)),
        {code.casefold(): code for code in plans_on_offer()},
        queries.current_agreement(),
    )


class Twins:
    """Finds rows whose firm stands in an earlier row of the file."""

    def __init__(self, earlier: Iterable[Record]) -> None:
        self._seen: dict[str, int] = {}
        for record in earlier:
            self.note(record)

    def note(self, record: Record) -> int | None:
        """Remembers the row; answers the earlier one with the same tax number, site, admin, or name and city."""
        first = None
        for key in _keys(record):
            first = first or self._seen.get(key)
            self._seen.setdefault(key, record.number)
        return first


def _keys(record: Record) -> list[str]:
    site = (
        record.get("website").casefold().removeprefix("https://").removeprefix("http://").removeprefix("www.")
    )
    name = _plain(record.get("name"))
    found = {
        "tax": _plain(record.get("tax_id")),
        "site": site.split("/", maxsplit=1)[0],
        "name": name and f"{name}|{_plain(record.get('city'))}",
        "admin": record.get("admin_email").casefold(),
    }
    return [f"{kind}:{value}" for kind, value in found.items() if value]


def _plain(text: str) -> str:
    return "".join([sign for sign in text.casefold() if sign.isalnum()])


class Taken:
    """What is in the portal already of what some rows say: firms by tax number and site, people by address."""

    def __init__(self, rows: Sequence[FirmRow]) -> None:
        self._firms: dict[tuple[str, str], str] = {}
        for name, column in (("tax_key", Partner.tax_key), ("domain", Partner.domain)):
            said = {row.values[name] for row in rows if row.values.get(name)}
            there = sa.select(column, Partner.name).where(among(column, said)).order_by(Partner.id.desc())
            self._firms |= {(name, str(value)): firm for value, firm in session.execute(there)}
        addresses = {row.admin_email for row in rows if row.admin_email}
        self._addresses = set(session.scalars(sa.select(User.email).where(among(User.email, addresses))))

    def problems(self, row: FirmRow) -> dict[str, str]:
        """What speaks against the row, by column."""
        problems = {}
        for name in ("tax_key", "domain"):
            there = self._firms.get((name, row.values.get(name) or ""))
            if there is not None:
                problems["name"] = _("%(name)s is a partner already, by tax number or site.", name=there)
                break
        if row.admin_email in self._addresses:
            problems["admin_email"] = _("Somebody signs in with this address already.")
        return problems


def looked_at(row: NetworkImport, read: Sequence[Record]) -> list[FirmRow | InvalidInput]:
    """Of each row what a firm can be made of, or by column why not."""
    known, twins = known_now(), Twins(_earlier(row))
    found = [_as_firm(record, known) for record in read]
    taken = Taken([one for one in found if isinstance(one, FirmRow)])
    answers = []
    for record, one in zip(read, found, strict=True):
        first = twins.note(record)
        if isinstance(one, FirmRow):
            problems = taken.problems(one)
            if first is not None:
                problems["name"] = _("The same firm as in row %(row)s.", row=first)
            answers.append(InvalidInput(problems) if problems else one)
        else:
            answers.append(one)
    return answers


def _as_firm(record: Record, known: Known) -> FirmRow | InvalidInput:
    try:
        return firm_row(record, known)
    except InvalidInput as problem:
        return problem


def _earlier(row: NetworkImport) -> Iterable[Record]:
    """The rows before those of the present job, as far as they say which firm it is."""
    places = {name: place for name, place in row.places.items() if name in _TELLING}
    return takewhile(lambda record: record.number <= row.read_to, records(sheet_of(row), places))


_TELLING = frozenset({"name", "city", "website", "tax_id", "admin_email"})


def check_rows(row: NetworkImport) -> bool:
    """Looks at the next rows, and notes what is wrong with which; tells whether there are more.

    At the end somebody decides.
    """
    if not is_at(row, ImportStatus.CHECKING):
        return False
    read = some_records(row, CHECKED_AT_ONCE)
    found = Problems()
    with plain_rows():
        for record, one in zip(read, looked_at(row, read), strict=True):
            if isinstance(one, InvalidInput):
                for column, sentence in one.problems.items():
                    found.add(record.number, column, sentence)
    keep_problems(row, found)
    if goes_on(row, read, CHECKED_AT_ONCE):
        return True
    row.become(ImportStatus.CHECKED)
    return False
