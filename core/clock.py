"""What time it is: the one place that asks, so that the demo and the tests can move it.

``CLOCK_OFFSET`` (seconds) and the demo clock (``flask clock advance 31d``) shift it; production refuses both.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import click
import sqlalchemy as sa
from flask import Flask, current_app, has_app_context
from flask.cli import AppGroup
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Moment, session, transaction

_frozen: ContextVar[datetime | None] = ContextVar("guildhall_frozen_clock", default=None)


class DemoClock(Base):
    """How far the demonstration's clock is ahead of the world's, in seconds; one row, read by web and worker alike."""

    __tablename__ = "core_demo_clock"

    id: Mapped[int] = mapped_column(primary_key=True)
    seconds_ahead: Mapped[int] = mapped_column(default=0)


_SECONDS_AHEAD = sa.select(DemoClock.seconds_ahead)


def real_now() -> datetime:
    """The world's time, for leases and limits that must not move with the demo."""
    return datetime.now(UTC)


def now() -> datetime:
    """This moment, aware, in UTC."""
    frozen = _frozen.get()
    if frozen is not None:
        return frozen
    ahead = _seconds_ahead()
    return real_now() + timedelta(seconds=ahead) if ahead else real_now()


def when_asked(ahead: timedelta = timedelta()) -> sa.BindParameter[datetime]:
    """This moment and ``ahead`` in a statement that is kept: not of its building, but of each time it is asked."""
    return sa.bindparam(None, callable_=lambda: now() + ahead, type_=Moment(), unique=True)


def today(zone: str) -> date:
    """The calendar day in ``zone`` (an IANA name)."""
    return now().astimezone(ZoneInfo(zone)).date()


def _seconds_ahead() -> int:
    try:
        # Looked up once: a page asks what time it is a hundred times
        config = current_app._get_current_object().config  # type: ignore[attr-defined]
    except RuntimeError:
        return 0
    offset = int(config["CLOCK_OFFSET"])
    if not config["CLOCK_MOVES"]:
        return offset
    known = session.info
    if "seconds_ahead" not in known:
        known["seconds_ahead"] = session.scalar(_SECONDS_AHEAD) or 0
    return offset + int(known["seconds_ahead"])


def received_at(told: datetime | None) -> datetime:
    """When something came in: now. Outside production the sender may say otherwise, so that history can be replayed."""
    if told is None or not has_app_context() or not current_app.config["CLOCK_MOVES"]:
        return now()
    return told.astimezone(UTC)


@contextmanager
def frozen_at(moment: datetime) -> Iterator[None]:
    """Inside, it is ``moment`` and stays so: for the demo's history and for tests."""
    token = _frozen.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _frozen.reset(token)


_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def parse_span(text: str) -> timedelta:
    """``31d``, ``8h``, ``90m``, ``2w`` as a length of time. Raises ValueError."""
    match = re.fullmatch(r"(-?\d{1,6})([smhdw])", text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a length of time such as 31d or 8h")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def advance(span: timedelta) -> datetime:
    """Moves the demo clock; answers the new now."""
    row = session.get(DemoClock, 1)
    if row is None:
        row = DemoClock(id=1, seconds_ahead=0)
        session.add(row)
    row.seconds_ahead += int(span.total_seconds())
    session.flush()
    session.info.pop("seconds_ahead", None)
    return now()


def init_app(app: Flask) -> None:
    group = AppGroup("clock", help="The demo's clock.")

    @group.command("advance")
    @click.argument("span")
    def advance_command(span: str) -> None:
        """Move the clock of the demo, say 31d, 8h or -1d."""
        if not app.config["CLOCK_MOVES"]:
            raise click.ClickException("The clock moves in the demo and in tests only.")
        try:
            length = parse_span(span)
        except ValueError as error:
            raise click.BadParameter(str(error)) from error
        with transaction():
            moment = advance(length)
        click.echo(f"It is now {moment.isoformat(timespec='seconds')}.")

    @group.command("show")
    def show_command() -> None:
        """What time the portal thinks it is."""
        click.echo(now().isoformat(timespec="seconds"))

    app.cli.add_command(group)
