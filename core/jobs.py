"""The outbox and its worker: what must happen after the commit, once in effect, however often the worker dies.

A job is a row written in the same transaction as its cause. A worker leases the row, carries it out in a transaction
of its own, and marks it done in that same transaction. A worker that dies leaves a lease that runs out. A job that
keeps failing is parked, and shown to the staff. Recurring work is a job a slot of time, made unique by its key.
"""

import logging
import os
import signal
import threading
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import click
import sqlalchemy as sa
from flask import Flask
from flask.cli import AppGroup
from sqlalchemy.orm import Mapped, mapped_column

from core import clock, races
from core.collecting import settle
from core.database import Base, session, transaction, write_once

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
MOST_ATTEMPTS = 12


class Job(Base):
    """One deed to carry out after the commit."""

    __tablename__ = "core_job"
    __table_args__ = (
        sa.Index(
            "ix_core_job_waiting",
            "run_at",
            "id",
            postgresql_where=sa.text("finished_at IS NULL AND parked_at IS NULL"),
            sqlite_where=sa.text("finished_at IS NULL AND parked_at IS NULL"),
        ),
        sa.Index("ix_core_job_parked_at", "parked_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    payload: Mapped[dict[str, Any]]
    key: Mapped[str | None] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    run_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    leased_until: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    parked_at: Mapped[datetime | None]
    last_error: Mapped[str | None]


Handler = Callable[[dict[str, Any]], None]

#: Told of each job that was tried: its kind, and ``done`` or ``failed``.
observers: list[Callable[[str, str], None]] = []
_handlers: dict[str, Handler] = {}


@dataclass(frozen=True)
class Recurring:
    """Work that comes back: every ``every``, or daily at ``at`` o'clock in the programme's time zone."""

    kind: str
    every: timedelta | None = None
    at: str | None = None

    def latest_slot(self, moment: datetime) -> datetime:
        """The start of the slot that ``moment`` lies in."""
        if self.every is not None:
            seconds = int(self.every.total_seconds())
            return datetime.fromtimestamp(int(moment.timestamp()) // seconds * seconds, tz=moment.tzinfo)
        from core.settings import PROGRAMME_TIME_ZONE

        hour, minute = (int(part) for part in str(self.at).split(":"))
        local = moment.astimezone(ZoneInfo(PROGRAMME_TIME_ZONE.value()))
        slot = local.replace(hour=hour, minute=minute, second=0, microsecond=0)
        return slot if slot <= local else slot - timedelta(days=1)


_recurring: dict[str, Recurring] = {}


def job(kind: str) -> Callable[[Handler], Handler]:
    """Registers the decorated function as what carries out jobs of ``kind``; it gets the payload."""

    def register(handler: Handler) -> Handler:
        _handlers[kind] = handler
        return handler

    return register


def recurring(
    kind: str, *, every: timedelta | None = None, at: str | None = None
) -> Callable[[Handler], Handler]:
    """Registers the decorated function as recurring work. It gets ``{"slot": …}`` and must be safe to run late."""

    def register(handler: Handler) -> Handler:
        _recurring[kind] = Recurring(kind, every, at)
        return job(kind)(handler)

    return register


def enqueue(
    kind: str,
    payload: dict[str, Any] | None = None,
    *,
    key: str | None = None,
    run_at: datetime | None = None,
) -> None:
    """Writes a job in the running transaction. With a ``key``, a second job of that key is not written."""
    values = {
        "kind": kind,
        "payload": payload or {},
        "key": key,
        "created_at": clock.now(),
        "run_at": run_at or clock.now(),
        "attempts": 0,
    }
    if key is None:
        session.add(Job(**values))
        return
    write_once(Job, values, unique=["key"])


def enqueue_many(kind: str, payloads: Mapping[str, dict[str, Any]]) -> None:
    """Writes a job for each of ``payloads`` (by key, none of which was written before) in a handful of statements."""
    now = clock.now()
    rows = [
        {"kind": kind, "payload": payload, "key": key, "created_at": now, "run_at": now, "attempts": 0}
        for key, payload in payloads.items()
    ]
    for start in range(0, len(rows), 1000):
        session.execute(sa.insert(Job), rows[start : start + 1000])


def enqueue_recurring() -> None:
    """Writes the job of every slot that has begun and has none yet."""
    moment = clock.now()
    for work in _recurring.values():
        slot = work.latest_slot(moment)
        key = f"{work.kind}@{slot.isoformat()}"
        if session.scalar(sa.select(Job.id).where(Job.key == key)) is None:
            enqueue(work.kind, {"slot": slot.isoformat()}, key=key)


def _lease_next() -> tuple[int, str, dict[str, Any]] | None:
    """Takes the next job that is due and free, for :data:`LEASE`."""
    with transaction():
        free_from = clock.real_now()
        row = session.scalar(
            sa.select(Job)
            .where(
                Job.finished_at.is_(None),
                Job.parked_at.is_(None),
                Job.run_at <= clock.now(),
                sa.or_(Job.leased_until.is_(None), Job.leased_until < free_from),
            )
            .order_by(Job.run_at, Job.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if row is None:
            return None
        row.leased_until = free_from + LEASE
        row.attempts += 1
        return row.id, row.kind, dict(row.payload)


def run_next() -> bool:
    """Carries out one job, if one is due; tells whether there was one."""
    leased = races.repeated(_lease_next, what="lease")
    if leased is None:
        return False
    job_id, kind, payload = leased
    try:
        races.repeated(lambda: _carry_out(job_id, kind, payload), what=kind)
    except Exception as error:
        log.warning("job %s (%s) failed: %s", job_id, kind, error)
        said = "".join(traceback.format_exception_only(error)).strip()
        races.repeated(lambda: _put_back(job_id, said), what="put back")
        outcome = "failed"
    else:
        outcome = "done"
    for observer in observers:
        observer(kind, outcome)
    return True


def _carry_out(job_id: int, kind: str, payload: dict[str, Any]) -> None:
    with transaction():
        handler = _handlers.get(kind)
        if handler is None:
            raise LookupError(f"Nothing carries out jobs of kind {kind!r}.")
        handler(payload)
        done = session.get(Job, job_id)
        if done is not None:
            done.finished_at = clock.now()
            done.leased_until = None
            done.last_error = None


def _put_back(job_id: int, error: str) -> None:
    with transaction():
        row = session.get_one(Job, job_id)
        row.leased_until = None
        row.last_error = error[:2000]
        if row.attempts >= MOST_ATTEMPTS:
            row.parked_at = clock.now()
        else:
            row.run_at = clock.now() + timedelta(seconds=min(5 * 2**row.attempts, 6 * 3600))


def run_until_idle(most: int = 100_000) -> int:
    """Carries out everything that is due, then stops; answers how many jobs that was."""
    with transaction():
        enqueue_recurring()
    done = 0
    while done < most and run_next():
        done += 1
    return done


def retry_job(row: Job) -> None:
    """Gives a parked job another series of attempts."""
    row.parked_at = None
    row.attempts = 0
    row.run_at = clock.now()


class Worker:
    """The loop of a worker: one thread, woken every ``pause`` seconds, stopped by :meth:`stop`.

    With ``parent``, the id of a process, it also stops when that process is no longer its parent.
    """

    def __init__(self, app: Flask, pause: float = 0.5, parent: int | None = None) -> None:
        self.app = app
        self.pause = pause
        self.parent = parent
        self._stopping = threading.Event()

    def run(self) -> None:
        """Works until stopped. A database that is away is waited for."""
        while not self._stopping.is_set() and self.parent in (None, os.getppid()):
            try:
                with self.app.app_context():
                    run_until_idle(most=50)
            except Exception:
                log.exception("the worker will try again")
                self._stopping.wait(5)
            self._stopping.wait(self.pause)

    def stop(self) -> None:
        self._stopping.set()


def init_app(app: Flask) -> None:
    group = AppGroup("jobs", help="The outbox and its worker.")

    @group.command("run")
    @click.option("--until-idle", is_flag=True, help="Stop when nothing is due.")
    @click.option("--beside", type=int, help="The process that started this one: stop when it has ended.")
    def run_command(until_idle: bool, beside: int | None) -> None:
        """Carry out jobs, for ever or until nothing is due."""
        if until_idle:
            click.echo(f"{run_until_idle()} jobs done.")
            return
        worker = Worker(app, parent=beside)
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, lambda *_: worker.stop())
        settle()
        worker.run()

    app.cli.add_command(group)


@recurring("core.forget-finished-jobs", at="03:40")
def forget_finished_jobs(_payload: dict[str, Any]) -> None:
    """Finished jobs are kept a month."""
    session.execute(sa.delete(Job).where(Job.finished_at < clock.now() - timedelta(days=31)))
