"""What is confirmed is on the disk; a full disk is said and survived, a failing one ends the process."""

import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from accounts.access import public
from core.clock import DemoClock
from core.config import Misconfigured
from core.database import Database, current_database, session, transaction
from core.durability import forgetful_settings, refuse_a_forgetful_database


def a_page_that_writes(app: Flask, before: Any = lambda: None) -> None:
    """A page for one test: adds one to a row, and keeps as much text as it is sent."""

    def write() -> str:
        from flask import request

        before()
        session.get_one(DemoClock, 1).seconds_ahead += 1
        size = int(request.args.get("size", 0))
        session.execute(sa.text("INSERT INTO test_paper (text) VALUES (:text)"), {"text": "x" * size})
        session.info["has_written"] = True
        return "kept"

    app.add_url_rule("/test-writing", view_func=public(write), methods=["POST"])
    app.extensions["csrf"].exempt(write)
    with app.app_context(), transaction():
        session.execute(sa.text("CREATE TABLE test_paper (text TEXT)"))
        session.add(DemoClock(id=1, seconds_ahead=0))


def count(app: Flask) -> tuple[int, int]:
    with app.app_context(), transaction():
        papers = session.scalar(sa.text("SELECT count(*) FROM test_paper"))
        return int(session.scalar(sa.select(DemoClock.seconds_ahead)) or 0), int(papers or 0)


def set_room(app: Flask, is_there: bool) -> None:
    """Limits the database file to what it holds now, or lets it grow again."""
    database = app.extensions["database"]
    database.engine.dispose()
    sa.event.listen(database.engine, "connect", lambda one, _record: limit(one, is_there))


def limit(connection: Any, is_there: bool) -> None:
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count={10**9 if is_there else pages}")


def test_on_a_full_disk_nothing_is_half_done_and_it_goes_on_when_there_is_room(own_app: Flask) -> None:
    """SQLite's own limit stands for the disk; PostgreSQL says by its SQLSTATE what it says of a full disk."""
    full = [True]

    def refuse_on_postgresql() -> None:
        if not current_database().is_sqlite and full:
            session.execute(sa.text("UPDATE core_demo_clock SET seconds_ahead = 9"))
            session.execute(sa.text("DO $$ BEGIN RAISE EXCEPTION 'full' USING ERRCODE = '53100'; END $$"))

    a_page_that_writes(own_app, refuse_on_postgresql)
    client = own_app.test_client()
    if own_app.extensions["database"].is_sqlite:
        set_room(own_app, False)
    refused = client.post("/test-writing?size=2000000", data={"note": "typed"})
    assert refused.status_code == 503 and refused.headers["Retry-After"]
    assert "disk is full" in refused.text and "Send it again" in refused.text
    assert count(own_app) == (0, 0)
    assert client.get("/healthz").status_code == 200
    full.clear()
    if own_app.extensions["database"].is_sqlite:
        set_room(own_app, True)
    assert client.post("/test-writing?size=2000000").text == "kept"
    assert count(own_app) == (1, 1)


@pytest.mark.pure
@pytest.mark.parametrize("code", [1034, 1290])
def test_after_a_failed_fsync_the_process_ends_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    ended: list[int] = []
    monkeypatch.setattr(os, "_exit", ended.append)
    monkeypatch.setattr("logging.shutdown", lambda: None)
    database = Database(f"sqlite:///{tmp_path / 'portal.db'}")

    def fail(*_: Any) -> None:
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = code
        raise error

    sa.event.listen(database.engine, "do_execute", fail)
    with database.engine.connect() as connection, pytest.raises(sa.exc.OperationalError):
        connection.exec_driver_sql("SELECT 1")
    database.engine.dispose()
    assert ended == [74]


def test_production_refuses_a_database_that_forgets(own_app: Flask) -> None:
    """The PostgreSQL of the tests is told not to wait for the disk, and says so."""
    is_sqlite = own_app.extensions["database"].is_sqlite
    lax = [] if is_sqlite else ["fsync=off", "full_page_writes=off", "synchronous_commit=off"]
    with own_app.extensions["database"].engine.connect() as connection:
        assert forgetful_settings(connection) == lax
    refuse_a_forgetful_database(own_app)
    own_app.config["KIND"] = "production"
    if lax:
        with pytest.raises(Misconfigured, match="fsync=off"):
            refuse_a_forgetful_database(own_app)
    else:
        refuse_a_forgetful_database(own_app)


@pytest.mark.pure
def test_a_file_that_is_not_waited_for_is_found_out(tmp_path: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'lax.db'}")
    sa.event.listen(engine, "connect", lambda one, _record: one.execute("PRAGMA synchronous=NORMAL"))
    with engine.connect() as connection:
        assert forgetful_settings(connection) == ["synchronous=1"]
    engine.dispose()


def test_an_error_of_the_database_never_tells_what_was_typed(own_app: Flask) -> None:
    with own_app.app_context(), pytest.raises(sa.exc.DBAPIError) as raised, transaction():
        session.execute(
            sa.text("SELECT nothing_like_this FROM core_job WHERE kind = :typed"), {"typed": "my secret"}
        )
    assert "my secret" not in str(raised.value) and "nothing_like_this" in str(raised.value)
