"""Exchange rates of the day: typed in or imported from the European Central Bank's CSV, and kept.

A rate says how many units of ``quote`` one unit of ``base`` costs. A day without one (a weekend, a holiday) uses the
last rate before it, at most a week old. What is converted keeps the rate it was converted by.
"""

import csv
import io
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa
from flask import Flask
from flask.cli import AppGroup
from sqlalchemy.orm import Mapped, mapped_column

from core import activity, clock
from core.activity import Actor
from core.database import Base, session, transaction
from core.errors import InvalidInput
from core.i18n import gettext as _
from core.money import currencies

OLDEST = timedelta(days=7)
_DIGITS = Decimal("0.0000000001")
_LEAST, _MOST = Decimal("1e-9"), Decimal("1e9")


class ExchangeRate(Base):
    """What one unit of ``base`` cost in ``quote`` on a day. ``rate`` is a decimal text."""

    __tablename__ = "core_exchange_rate"
    __table_args__ = (
        sa.UniqueConstraint("base", "quote", "day"),
        sa.Index("ix_core_exchange_rate_day", "day", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date]
    base: Mapped[str]
    quote: Mapped[str]
    rate: Mapped[str]
    source: Mapped[str]
    noted_at: Mapped[datetime]


def _stored(day: date, base: str, quote: str) -> Fraction | None:
    text = session.scalar(
        sa.select(ExchangeRate.rate)
        .where(
            ExchangeRate.base == base,
            ExchangeRate.quote == quote,
            ExchangeRate.day <= day,
            ExchangeRate.day >= day - OLDEST,
        )
        .order_by(ExchangeRate.day.desc())
        .limit(1)
    )
    return Fraction(text) if text is not None else None


def _either_way(day: date, base: str, quote: str) -> Fraction | None:
    direct = _stored(day, base, quote)
    if direct is not None:
        return direct
    inverse = _stored(day, quote, base)
    return 1 / inverse if inverse is not None else None


def rate_on(day: date, base: str, quote: str, *, via: str = "EUR") -> str | None:
    """Units of ``quote`` for one of ``base``, a decimal text of ten places; ``None`` when no rate is known.

    Found as stored, else turned round, else through ``via``.
    """
    if base == quote:
        return "1"
    found = _either_way(day, base, quote)
    if found is None and via not in (base, quote):
        first, second = _either_way(day, base, via), _either_way(day, via, quote)
        if first is not None and second is not None:
            found = first * second
    if found is None:
        return None
    rounded = (Decimal(found.numerator) / Decimal(found.denominator)).quantize(_DIGITS)
    return format(rounded, "f").rstrip("0").rstrip(".") if rounded else None


def rates() -> sa.Select[ExchangeRate]:
    """Every rate, latest day first."""
    return sa.select(ExchangeRate).order_by(ExchangeRate.day.desc(), ExchangeRate.base, ExchangeRate.quote)


def set_rate(
    day: date, base: str, quote: str, rate: Decimal, *, source: str, by: Actor | None
) -> ExchangeRate:
    """Notes a day's rate, or corrects it. What was converted before keeps its own. Raises InvalidInput by field."""
    problems = {}
    for field, code in (("base", base), ("quote", quote)):
        if code not in currencies():
            problems[field] = _("Choose a currency by its code, such as USD.")
    if base == quote:
        problems["quote"] = _("Choose two currencies.")
    if not rate.is_finite() or not _LEAST < rate < _MOST:
        problems["rate"] = _("Type a rate above zero, such as 1.0842.")
    if day > clock.now().date() + timedelta(days=1):
        problems["day"] = _("Choose a day that has come.")
    if problems:
        raise InvalidInput(problems)
    row = session.scalar(
        sa.select(ExchangeRate).where(
            ExchangeRate.day == day, ExchangeRate.base == base, ExchangeRate.quote == quote
        )
    )
    before = row.rate if row is not None else None
    if row is None:
        row = ExchangeRate(day=day, base=base, quote=quote)
        session.add(row)
    row.rate = format(rate, "f")
    row.source = source
    row.noted_at = clock.now()
    session.flush()
    if before != row.rate:
        details = {"day": day.isoformat(), "base": base, "quote": quote, "before": before, "after": row.rate}
        activity.record("exchange rate set", row, by=by, details=details)
    return row


def import_ecb(text: str, *, by: Actor | None) -> int:
    """Reads the European Central Bank's table: a column ``Date``, then one per currency, each for one euro.

    Answers how many rates it holds. Raises InvalidInput at ``file`` when it is anything else.
    """
    wanted: list[tuple[date, str, Decimal]] = []
    reader = csv.reader(io.StringIO(text.lstrip("\N{ZERO WIDTH NO-BREAK SPACE}")))
    head = [cell.strip() for cell in next(reader, [])]
    if not head or head[0] != "Date" or len(head) < 2:
        raise InvalidInput(
            {"file": _("This is not the bank's table: it begins with “Date” and the currencies.")}
        )
    for number, row in enumerate(reader, start=2):
        if not row or not row[0].strip():
            continue
        day = _day(row[0].strip(), number)
        for code, cell in zip(head[1:], row[1:], strict=False):
            value = cell.strip()
            if not code or code not in currencies() or value in {"", "N/A"}:
                continue
            try:
                rate = Decimal(value)
            except InvalidOperation:
                rate = Decimal(0)
            if not rate.is_finite() or not _LEAST < rate < _MOST:
                raise InvalidInput(
                    {
                        "file": _(
                            "Line %(number)s: “%(value)s” is not a rate.", number=number, value=value[:40]
                        )
                    }
                )
            wanted.append((day, code, rate))
    _keep_all(wanted, by=by)
    return len(wanted)


def _keep_all(wanted: list[tuple[date, str, Decimal]], *, by: Actor | None) -> None:
    """Writes the bank's rates in bulk, corrects those that differ, and notes it once: the history is 280,000 rates."""
    known: dict[tuple[date, str], tuple[int, str]] = {}
    if wanted:
        days = [day for day, _code, _rate in wanted]
        stored = sa.select(ExchangeRate.id, ExchangeRate.day, ExchangeRate.quote, ExchangeRate.rate).where(
            ExchangeRate.base == "EUR", ExchangeRate.day.between(min(days), max(days))
        )
        known = {(row.day, row.quote): (row.id, row.rate) for row in session.execute(stored)}
    now = clock.now()
    fresh: dict[tuple[date, str], dict[str, Any]] = {}
    corrected: dict[int, dict[str, Any]] = {}
    for day, code, rate in wanted:
        told = {"rate": format(rate, "f"), "source": "ECB", "noted_at": now}
        before = known.get((day, code))
        if before is None:
            fresh[day, code] = {"day": day, "base": "EUR", "quote": code, **told}
        elif before[1] != told["rate"]:
            corrected[before[0]] = {"id": before[0], **told}
    if fresh:
        session.execute(sa.insert(ExchangeRate), list(fresh.values()))
    if corrected:
        session.execute(sa.update(ExchangeRate), list(corrected.values()))
    session.expire_all()
    details = {"rates": len(wanted), "new": len(fresh), "corrected": len(corrected)}
    activity.record("exchange rates imported", None, by=by, details=details)


def _day(text: str, number: int) -> date:
    for pattern in ("%Y-%m-%d", "%d %B %Y"):
        try:
            return datetime.strptime(text, pattern).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    raise InvalidInput(
        {"file": _("Line %(number)s: “%(value)s” is not a day.", number=number, value=text[:40])}
    )


def init_app(app: Flask) -> None:
    group = AppGroup("rates", help="Exchange rates of the day.")

    @group.command("import")
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    def import_command(file: Path) -> None:
        """Read the European Central Bank's CSV."""
        try:
            with transaction():
                count = import_ecb(file.read_text(encoding="utf-8"), by=None)
        except InvalidInput as problem:
            raise click.ClickException(" ".join(problem.problems.values())) from problem
        click.echo(f"{count} rates read.")

    app.cli.add_command(group)
