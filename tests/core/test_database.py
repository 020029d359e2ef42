"""The ground rules of writing: a GET cannot, the edge decides what stays, writers queue, moments are UTC."""

import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from accounts.models import User
from accounts.operations import make_user
from accounts.permissions import Role
from core import settings
from core.activity import Activity
from core.clock import DemoClock
from core.database import Database, aside, reading, session, transaction, write_once
from core.errors import Refusal


def test_a_request_that_only_reads_cannot_write() -> None:
    with reading(), pytest.raises(RuntimeError, match="only reads"):
        make_user(email="x@x.example", name="X", role=Role.FINANCE)


def test_a_request_that_only_reads_cannot_update_in_bulk_either(mona: User) -> None:
    with reading(), pytest.raises(RuntimeError, match="only reads"):
        session.execute(sa.update(User).values(name="X"))


def test_a_moment_needs_a_zone_and_comes_back_in_utc(mona: User) -> None:
    in_samara = timezone(timedelta(hours=4))
    mona.suspended_at = datetime(2026, 3, 29, 2, 30, tzinfo=in_samara)
    session.commit()
    assert mona.suspended_at == datetime(2026, 3, 28, 22, 30, tzinfo=UTC)
    assert mona.suspended_at.tzinfo is UTC
    mona.suspended_at = datetime(2026, 3, 29, 2, 30)  # noqa: DTZ001
    with pytest.raises(sa.exc.StatementError, match="time zone"), session.begin_nested():
        session.flush()


def test_what_a_refused_request_did_is_undone(own_app: Flask) -> None:
    from accounts.access import public

    @own_app.post("/test-refusal")
    @public
    def refuse() -> str:
        settings.change_setting(settings.VENDOR_NAME, "Half done", by=None)
        raise Refusal("Not now.")

    own_app.extensions["csrf"].exempt(refuse)
    answer = own_app.test_client().post("/test-refusal")
    assert answer.status_code == 409 and b"Not now." in answer.data
    with own_app.app_context():
        assert settings.VENDOR_NAME.value() == "Guildhall"


def test_an_unexpected_error_tells_nothing_of_the_inside(own_app: Flask) -> None:
    from accounts.access import public

    @own_app.get("/test-failure")
    @public
    def fail() -> str:
        raise ValueError("the secret of the house")

    answer = own_app.test_client().get("/test-failure")
    assert answer.status_code == 500
    assert b"secret of the house" not in answer.data
    assert b"Something broke on our side" in answer.data


def test_a_counter_aside_stays_when_the_request_fails(own_app: Flask) -> None:
    with own_app.app_context():
        with aside() as own:
            own.add(DemoClock(id=1, seconds_ahead=5))
        with pytest.raises(ValueError), transaction():
            settings.change_setting(settings.VENDOR_NAME, "Never", by=None)
            raise ValueError
        assert session.scalar(sa.select(DemoClock.seconds_ahead)) == 5
        assert settings.VENDOR_NAME.value() == "Guildhall"


def test_writers_wait_for_each_other_and_lose_nothing(own_app: Flask) -> None:
    """Reading and then writing back is safe: writers take their turn before they read."""
    with own_app.app_context(), transaction():
        session.add(DemoClock(id=1, seconds_ahead=0))

    def count_up() -> None:
        for _ in range(20):
            with own_app.app_context(), transaction():
                row = session.scalars(sa.select(DemoClock).with_for_update()).one()
                row.seconds_ahead += 1

    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with own_app.app_context():
        assert session.scalar(sa.select(DemoClock.seconds_ahead)) == 80


def test_a_row_written_once_is_written_once(app: Flask) -> None:
    for seconds in (1, 2):
        write_once(DemoClock, {"id": 1, "seconds_ahead": seconds}, unique=["id"])
    assert session.scalar(sa.select(DemoClock.seconds_ahead)) == 1


@pytest.mark.pure
def test_sqlite_keeps_what_it_confirmed(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'portal.db'}")
    with database.engine.connect() as connection:
        values = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    database.engine.dispose()
    assert values == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_every_deed_leaves_a_trail_with_its_author(mona: User, pia: Any) -> None:
    from accounts.operations import suspend_person

    suspend_person(mona, by=pia)
    row = session.scalars(sa.select(Activity).where(Activity.verb == "person suspended")).one()
    assert (row.actor_id, row.actor_name, row.subject_type, row.subject_id) == (
        pia.id,
        pia.name,
        "user",
        mona.id,
    )
