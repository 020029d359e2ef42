"""A database server that is stopped and started again, and a disk whose fsync fails: for real, not made up."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from accounts.access import public
from core import jobs
from core.clock import DemoClock
from core.database import Base, current_database, session, transaction
from tests.conftest import make_app
from tests.services import EmbeddedServer, a_server_to_stop

ROOT = Path(__file__).parents[2]


@pytest.fixture
def server() -> Iterator[EmbeddedServer]:
    """One that waits for the disk, other than that of the other tests, so that what it confirmed outlives it."""
    with a_server_to_stop() as started:
        admin = sa.create_engine(started.url, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(sa.text("ALTER DATABASE postgres SET synchronous_commit = on"))
        admin.dispose()
        yield started


@pytest.fixture
def portal(server: EmbeddedServer, tmp_path: Path) -> Iterator[Flask]:
    """An application on that server, with one row to count in, and a page that adds one."""
    app = make_app(server.url.render_as_string(hide_password=False), tmp_path)
    tables = [Base.metadata.tables[name] for name in ("core_demo_clock", "core_job", "core_setting")]

    def add() -> str:
        session.get_one(DemoClock, 1).seconds_ahead += 1
        session.flush()
        app.extensions["test-before-the-end"]()
        session.scalar(sa.text("SELECT 1"))
        return "kept"

    app.extensions["test-before-the-end"] = lambda: None
    app.add_url_rule("/test-add", view_func=public(add), methods=["POST"])
    app.extensions["csrf"].exempt(add)
    with app.app_context():
        Base.metadata.create_all(current_database().engine, tables=tables)
        with transaction():
            session.add(DemoClock(id=1, seconds_ahead=0))
    yield app
    app.extensions["database"].engine.dispose()


def counted(app: Flask) -> int:
    with app.app_context(), transaction():
        return session.get_one(DemoClock, 1).seconds_ahead


@pytest.mark.pure
def test_a_server_that_stops_is_survived_without_a_restart_of_the_portal(
    server: EmbeddedServer, portal: Flask
) -> None:
    client = portal.test_client()
    assert client.post("/test-add").text == "kept"

    def restart() -> None:
        portal.extensions["test-before-the-end"] = lambda: None
        server.stop()
        server.start()

    portal.extensions["test-before-the-end"] = restart
    # Stopped and started in the middle of a request: that is done again, whole, and counts once.
    assert client.post("/test-add").text == "kept"
    assert counted(portal) == 2
    # Away: a page that says so and keeps what was typed; a job is not lost.
    with portal.app_context(), transaction():
        jobs.enqueue("test.add")
    server.stop()
    answer = client.post("/test-add", data={"note": "typed"})
    assert answer.status_code == 503 and answer.headers["Retry-After"]
    assert "typed" in answer.text and client.get("/healthz").status_code == 200
    with portal.app_context(), pytest.raises(sa.exc.OperationalError):
        jobs.run_next()
    # Back: the same processes go on, pages and jobs alike.
    server.start()
    assert client.post("/test-add").text == "kept"
    done: list[Any] = []
    jobs.job("test.add")(lambda _payload: done.append("done"))
    with portal.app_context():
        assert jobs.run_next()
    del jobs._handlers["test.add"]
    assert counted(portal) == 3 and done == ["done"]


#: From now on the kernel answers fsync and fdatasync of this process with EIO (seccomp): what a broken disk says.
PORTAL_ON_A_DISK = """
import ctypes, pathlib, platform, struct, sys
import sqlalchemy as sa
from core.clock import DemoClock
from core.database import Base, current_database, session, transaction
from tests.conftest import make_app

def break_the_disk():
    fsync, fdatasync = {"x86_64": (74, 75), "aarch64": (82, 83)}[platform.machine()]
    load, equal, answer, allow, eio = 0x20, 0x15, 0x06, 0x7FFF0000, 0x00050005
    program = b"".join(struct.pack("HBBI", *step) for step in (
        (load, 0, 0, 0), (equal, 1, 0, fsync), (equal, 0, 1, fdatasync), (answer, 0, 0, eio), (answer, 0, 0, allow),
    ))
    kept = ctypes.create_string_buffer(program)
    whole = ctypes.create_string_buffer(struct.pack("HxxxxxxP", 5, ctypes.addressof(kept)))
    prctl = getattr(ctypes.CDLL(None), "prctl", lambda *_: -1)
    if prctl(38, 1, 0, 0, 0) or prctl(22, 2, whole, 0, 0):
        sys.exit("this kernel takes no filters")

folder = pathlib.Path(sys.argv[1])
app = make_app(f"sqlite:///{folder / 'portal.db'}", folder)
with app.app_context():
    Base.metadata.create_all(current_database().engine, tables=[DemoClock.__table__])
    with transaction():
        session.add(DemoClock(id=1, seconds_ahead=7))
    break_the_disk()
    try:
        with transaction():
            session.get_one(DemoClock, 1).seconds_ahead = 8
    finally:
        print("went on")
"""


@pytest.mark.pure
def test_a_disk_whose_fsync_fails_ends_the_process_at_once(tmp_path: Path) -> None:
    """On SQLite; PostgreSQL ends itself, and then it is a server that stops.

    Where the kernel lets nobody filter its answers, test_durability.py makes the failure up, and that has to do.
    """
    ended = subprocess.run(
        [sys.executable, "-c", PORTAL_ON_A_DISK, tmp_path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if "this kernel takes no filters" in ended.stderr:
        return
    assert ended.returncode == 74, ended.stderr
    assert "went on" not in ended.stdout and "disk has failed" in ended.stderr
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'portal.db'}")
    with engine.connect() as connection:
        # What was never confirmed may be there or not; what was, is, and the file is whole.
        assert connection.scalar(sa.text("SELECT seconds_ahead FROM core_demo_clock")) in {7, 8}
        assert connection.scalar(sa.text("PRAGMA integrity_check")) == "ok"
    engine.dispose()
