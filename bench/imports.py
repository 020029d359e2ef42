"""A network that comes in by a file, against the bare INSERT of the rows it makes; everything out as one file; and a
file of sales, against INSERT … SELECT of the same sales and books."""

import random
import time
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask

from accounts import operations as accounts
from accounts.models import User
from accounts.permissions import Role
from bench import commissions
from bench.measure import Figure, at_least, at_most, memory_at_most
from commissions import ledger
from commissions.models import Entry, PlanVersion, SaleImport
from commissions.operations import sale_imports
from core import jobs
from core.activity import Activity
from core.bulk import insert_rows, new_ids
from core.database import Base, session, transaction
from partners.models import AgreementAcceptance, Member, NetworkExport, NetworkImport, Partner
from partners.operations import network_exports, network_imports
from referrals.models import Sale, SaleLine

_CITIES = (
    ("Germany", "Hamburg"),
    ("NO", "Bergen"),
    ("France", "Lyon"),
    ("PL", "Kraków"),
    ("Italy", "Milano"),
)
_HEADINGS = "Name;Country;City;Website;Tier;Services;Languages;Contact;E-mail;Agreement signed"


def measure(app: Flask, firms: int) -> list[Figure]:
    """Looks at a file of ``firms`` rows, takes it in with an admin each, and takes it back; each job a transaction."""
    with app.app_context():
        with transaction():
            manager = accounts.make_user(
                email="imports@bench.example", name="Imports", role=Role.PARTNER_MANAGER, locale="en"
            )
            row = network_imports.upload_firms(_file(firms).encode(), "network.csv", by=manager)
            network_imports.check_with(row, row.places, by=manager)
            number = row.id
        checked = _jobs(number, network_imports.check_rows)
        with transaction():
            row = session.get_one(NetworkImport, number)
            network_imports.start_taking(row, invite_admins=True, by=row.created_by)
        taken = _jobs(number, network_imports.take_rows)
        bare = _bare_inserts(number)
        with transaction():
            network_exports.ask_export(by=None)
        out = _timed(_export)
        with transaction():
            network_imports.start_undoing(session.get_one(NetworkImport, number), by=None)
        undone = _jobs(number, network_imports.undo_some)
    note = "the reference is one COPY a table of the same firms, people, signatures and rows of the trail"
    return [
        at_most(f"{firms:,} firms of a file taken in", sum(taken), bare, 10, note),
        at_most("the longest of its jobs, against a tenth of a lease", max(taken), _tenth_of_a_lease(), 1),
        at_most(f"every row of {firms:,} looked at", sum(checked), bare, 10, "against the same"),
        at_most("the longest of its jobs, against a tenth of a lease", max(checked), _tenth_of_a_lease(), 1),
        at_most(f"{firms:,} firms taken back", sum(undone), bare, 10, "against the same"),
        at_most("everything as one file, against five minutes", out, 300, 1),
    ]


def _file(firms: int) -> str:
    lines = [_HEADINGS]
    for number in range(firms):
        country, city = _CITIES[number % len(_CITIES)]
        signed = "yes" if number % 5 else ""
        lines.append(
            f"Import {number};{country};{city};www.import-{number}.example;silver;training, implementation;en;"
            f"Person {number};p{number}@import-{number}.example;{signed}"
        )
    return "\n".join(lines)


def _tenth_of_a_lease() -> float:
    return jobs.LEASE.total_seconds() / 10


def _timed(deed: Callable[[], object]) -> float:
    begun = time.perf_counter()
    deed()
    return time.perf_counter() - begun


def measure_sales(app: Flask, lines: int) -> list[Figure]:
    """Takes a file of ``lines`` rows in, four a sale, in no order of their dates; each job a transaction."""
    with app.app_context():
        with transaction():
            version_id = commissions._plan().id
            sellers = list(session.scalars(sa.select(Partner.id).order_by(Partner.id)))
        with transaction():
            row = sale_imports.upload_sales(_sales_file(sellers, lines), "sales.csv", by=None)
            sale_imports.check_with(row, row.places)
            number = row.id
        begun = commissions._memory_from_here()
        checked = _jobs(number, sale_imports.check_rows, SaleImport)
        with transaction():
            sale_imports.start_taking(session.get_one(SaleImport, number), leave_out_wrong=False)
        taken = _jobs(number, sale_imports.take_rows, SaleImport)
        most = commissions._most_memory()
        with transaction():
            row = session.get_one(SaleImport, number)
            if (row.taken, row.left_out, ledger.audit()) != (lines // len(commissions._KINDS), 0, []):
                raise AssertionError(f"{row.taken} sales were taken in, {row.left_out} left out.")
        bare = _bare_sales(version_id)
    longest, memory = max(*checked, *taken), f"Memory: {begun} MiB before, {most} MiB at the peak."
    note = (
        "recorded, attributed and worked out, with proofs, postings and the trail; the reference is one chain of "
        f"INSERT … SELECT of the same customers, sales, lines and books, without proofs, messages or trail. {memory}"
    )
    size = f"{lines:,} lines of sales of a file"
    return [
        at_least(f"{size} taken in", lines / sum(taken), lines / bare, 0.2, "lines", note),
        at_least(f"{size} looked at", lines / sum(checked), lines / bare, 0.2, "lines", "against the same"),
        at_most("the longest of these jobs, against a tenth of a lease", longest, _tenth_of_a_lease(), 1),
        memory_at_most("memory that looking and taking in take", most - begun, 300),
    ]


#: Days lie in four seasons, none of which begins a year after another, so that no hour decides about a first year.
_SEASONS, _BETWEEN_SEASONS, _OF_A_SEASON = 4, 200, 30


def _sales_file(sellers: list[int], lines: int) -> bytes:
    chance = random.Random(5)
    kinds = [kind.value for kind in commissions._KINDS]
    sales = lines // len(kinds)
    customers = max(1, sales // 4)
    rows = ["Sale number;Sold on;Customer;Partner's number;Kind of line;Unit price without tax"]
    for place in range(sales):
        days = chance.randrange(_SEASONS) * _BETWEEN_SEASONS + chance.randrange(_OF_A_SEASON)
        customer = chance.randrange(customers)
        about = f"{place};{date(2024, 2, 1) + timedelta(days=days)};Firm {customer};{sellers[customer % len(sellers)]}"
        rows += [f"{about};{kind};{chance.randrange(10_000, 2_000_000) / 100:.2f}" for kind in kinds]
    return "\n".join(rows).encode()


def _bare_sales(version_id: int) -> float:
    """The same facts and books once more, for customers of their own, by one chain of INSERT … SELECT; undone."""
    same = ", ".join(
        column.name
        for column in Sale.__table__.columns
        if column.name not in {"id", "source", "external_id", "customer_id"}
    )
    of_a_line = ", ".join(
        f"l.{column.name}" for column in SaleLine.__table__.columns if column.name not in {"id", "sale_id"}
    )
    into_a_line = of_a_line.replace("l.", "")
    facts = (
        "INSERT INTO referrals_customer (external_id, name, country, name_key, created_at) "
        "SELECT 'again_' || id, name, country, name_key, created_at FROM referrals_customer",
        f"INSERT INTO referrals_sale (source, external_id, customer_id, {same}) "
        f"SELECT 'bench', s.external_id, c.id, {', '.join(f's.{name}' for name in same.split(', '))} "
        "FROM referrals_sale s JOIN referrals_customer c ON c.external_id = 'again_' || s.customer_id "
        "WHERE s.source = 'csv' ORDER BY s.id",
        f"INSERT INTO referrals_sale_line (sale_id, {into_a_line}) SELECT again.id, {of_a_line} "
        "FROM referrals_sale s JOIN referrals_sale_line l ON l.sale_id = s.id "
        "JOIN referrals_sale again ON again.source = 'bench' AND again.external_id = s.external_id "
        "WHERE s.source = 'csv' ORDER BY l.id",
    )
    try:
        with transaction():
            version = session.get_one(PlanVersion, version_id)
            ours = _earned()
            begun = time.perf_counter()
            commissions._write_books(version, facts)
            for statement in commissions._BOOKS:
                # Only of the copies; ours stand in the books.
                commissions._write_books(version, [_of_copies(statement)])
            span = time.perf_counter() - begun
            both = _earned()
            if both != (2 * ours[0], 2 * ours[1]):
                raise AssertionError(f"The two ways differ: {ours}, {both}")
            raise _Undo
    except _Undo:
        return span


def _of_copies(statement: str) -> str:
    """A statement of the books, for those lines of earnings alone that it wrote itself: they have no proof."""
    bare = "CAST(proof AS text) = '{}'"
    for plain in ("WHERE sale_id IS NOT NULL", "WHERE partner_id IS NOT NULL"):
        statement = statement.replace(plain, f"{plain} AND {bare}")
    statement = statement.replace("WHERE e.sale_id IS NOT NULL", f"WHERE e.sale_id IS NOT NULL AND {bare}")
    return statement.replace(
        "WHERE key LIKE 'entry:%'",
        "j WHERE key LIKE 'entry:%' AND NOT EXISTS (SELECT FROM commissions_journal_seal s "
        "WHERE s.journal_entry_id = j.id)",
    )


def _earned() -> tuple[int, int]:
    """How many lines of earnings of sales there are, and what they come to."""
    [found] = session.execute(
        sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(Entry.amount_minor), 0)).where(
            Entry.sale_id.is_not(None)
        )
    )
    return int(found[0]), int(found[1])


def _jobs(number: int, step: Callable[[Any], bool], table: type[Base] = NetworkImport) -> list[float]:
    """How long each job of a step takes, until there are no more."""
    spans: list[float] = []
    goes_on = True

    def one() -> None:
        nonlocal goes_on
        with transaction():
            goes_on = step(session.get_one(table, number))

    while goes_on:
        spans.append(_timed(one))
    return spans


def _export() -> None:
    with transaction():
        network_exports.make_export(session.scalars(sa.select(NetworkExport)).one())


class _Undo(Exception):
    pass


def _bare_inserts(number: int) -> float:
    """The same rows once more under other numbers, with nothing looked at or worked out; undone."""
    try:
        with transaction():
            firms = dict(_numbers(Partner, Partner.import_id == number))
            people = sa.select(Member.user_id).where(Member.partner_id.in_(firms))
            users = dict(_numbers(User, User.id.in_(people)))
            rows = [
                _rows(Partner, Partner.import_id == number, id=firms),
                _rows(User, User.id.in_(users), id=users, email=_another),
                _rows(Member, Member.partner_id.in_(firms), id=None, user_id=users, partner_id=firms),
                _rows(
                    AgreementAcceptance, AgreementAcceptance.partner_id.in_(firms), id=None, partner_id=firms
                ),
                _rows(Activity, Activity.partner_id.in_(firms), id=None),
            ]
            begun = time.perf_counter()
            for table, names, values in rows:
                insert_rows(table, names, values)
            span = time.perf_counter() - begun
            raise _Undo
    except _Undo:
        return span


def _another(email: str) -> str:
    return f"again-{email}"


def _numbers(table: Any, which: sa.ColumnElement[bool]) -> list[tuple[int, int]]:
    """(number, a new one) of each of these rows."""
    old = list(session.scalars(sa.select(table.id).where(which).order_by(table.id)))
    return list(zip(old, new_ids(table, len(old)), strict=True))


def _rows(
    table: type[Base], which: sa.ColumnElement[bool], **changed: Any
) -> tuple[type[Base], list[str], list[Sequence[Any]]]:
    """The rows as they stand, but for columns that are left out (``None``), mapped or worked out."""
    columns: sa.Table = table.__table__  # type: ignore[assignment]
    names = [column.name for column in columns.c if changed.get(column.name, column) is not None]
    found = session.execute(
        sa.select(*[columns.c[name] for name in names]).where(which).order_by(columns.c.id)
    )

    def value(name: str, held: Any) -> Any:
        change = changed.get(name)
        if change is None:
            return held
        return change(held) if callable(change) else change[held]

    return table, names, [[value(*pair) for pair in zip(names, row, strict=True)] for row in found]
