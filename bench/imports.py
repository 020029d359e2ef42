"""A network that comes in by a file, against the bare INSERT of the rows it makes; and everything out as one file."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa
from flask import Flask

from accounts import operations as accounts
from accounts.models import User
from accounts.permissions import Role
from bench.measure import Figure, at_most
from core import jobs
from core.activity import Activity
from core.bulk import insert_rows, new_ids
from core.database import Base, session, transaction
from partners.models import AgreementAcceptance, Member, NetworkExport, NetworkImport, Partner
from partners.operations import network_exports, network_imports

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


def _jobs(number: int, step: Callable[[NetworkImport], bool]) -> list[float]:
    """How long each job of a step takes, until there are no more."""
    spans: list[float] = []
    goes_on = True

    def one() -> None:
        nonlocal goes_on
        with transaction():
            goes_on = step(session.get_one(NetworkImport, number))

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
