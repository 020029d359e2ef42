"""The ground every test stands on: one application, one schema, and a transaction undone at each test's end.

``TEST_ON`` is sqlite (the default) or postgresql. The clock stands still on a Monday morning until a test moves it.
"""

import os
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from sqlalchemy import event, make_url
from sqlalchemy.engine import Engine

from accounts import passwords
from app import create_app
from core import clock
from core.database import Base, current_database, session
from tests.browser import Browser

pytest_plugins = ["tests.services", "tests.people"]

MONDAY_MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

# Hashing is slow on purpose; here it only has to be hashing.
passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@event.listens_for(Engine, "connect")
def _promise_no_order(connection: Any, _record: Any) -> None:
    """Rows nobody put in order come the other way round, so a test that leans on luck fails here, not one day."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA reverse_unordered_selects=ON")


hypothesis_settings.register_profile(
    "tests", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
hypothesis_settings.load_profile("tests")


class Time:
    """The test's own clock."""

    def __init__(self) -> None:
        self.moment = MONDAY_MORNING

    def move(self, **span: float) -> datetime:
        """Moves on by ``timedelta(**span)``."""
        return self.move_to(self.moment + timedelta(**span))

    def move_to(self, moment: datetime) -> datetime:
        self.moment = moment
        clock._frozen.set(moment)
        return moment


@pytest.fixture
def time() -> Iterator[Time]:
    """Moves the clock: ``time.move(days=3)``."""
    yield Time()
    clock._frozen.set(None)


@contextmanager
def an_empty_database(folder: Path) -> Iterator[str]:
    """The address of a database of its own, on whatever ``TEST_ON`` says."""
    if os.environ.get("TEST_ON", "sqlite") == "postgresql":
        from tests.services import a_postgresql_database

        with a_postgresql_database() as url:
            yield url
    else:
        yield f"sqlite:///{folder / f'{uuid.uuid4().hex}.db'}"


@contextmanager
def a_copy_of(url: str, folder: Path) -> Iterator[str]:
    """The address of a copy of the database at ``url``, to which nobody may be connected."""
    if url.startswith("sqlite"):
        copy = folder / f"{uuid.uuid4().hex}.db"
        with (
            closing(sqlite3.connect(make_url(url).database or "")) as source,
            closing(sqlite3.connect(copy)) as target,
        ):
            source.backup(target)
        yield f"sqlite:///{copy}"
    else:
        from tests.services import a_postgresql_database

        with a_postgresql_database(like=url) as address:
            yield address


def make_app(url: str, folder: Path, **overrides: Any) -> Flask:
    """The application on the database at ``url``, with files and mail under ``folder``."""
    os.environ.setdefault("GUILDHALL_ENV", "test")
    return create_app(
        {
            "KIND": "test",
            "TESTING": True,
            "CLOCK_MOVES": True,
            "SECRET_KEY": "known to the tests",
            "DATABASE_URL": url,
            "VAR": folder,
            "BASE_URL": "http://localhost",
            "MAIL_URL": f"file://{folder / 'mail'}",
            "STORAGE_URL": f"file://{folder / 'files'}",
            "PROPAGATE_EXCEPTIONS": False,
            **overrides,
        }
    )


@pytest.fixture(scope="session")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """One application with the whole schema, for all tests of this process."""
    folder = tmp_path_factory.mktemp("portal")
    with an_empty_database(folder) as url:
        app = make_app(url, folder)
        with app.app_context():
            database = current_database()
            Base.metadata.create_all(database.engine)
        yield app
        database.engine.dispose()


@pytest.fixture(autouse=True)
def _in_a_transaction(request: pytest.FixtureRequest) -> Iterator[None]:
    """Everything a test writes is undone. Tests marked ``pure`` or with their own database do without."""
    if "own_app" in request.fixturenames or request.node.get_closest_marker("pure"):
        yield
        return
    application: Flask = request.getfixturevalue("application")
    database = application.extensions["database"]
    clock._frozen.set(MONDAY_MORNING)
    with database.engine.connect() as connection:
        outer = connection.begin()
        database.bound_to = connection
        try:
            with application.app_context():
                yield
                session.remove()
        finally:
            outer.rollback()
            database.bound_to = None
            clock._frozen.set(None)


@pytest.fixture
def app(application: Flask) -> Flask:
    return application


@pytest.fixture(scope="session")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a database with the whole schema and no rows, to be copied: table by table is slow."""
    folder = tmp_path_factory.mktemp("schema")
    with an_empty_database(folder) as url:
        app = make_app(url, folder)
        with app.app_context():
            database = current_database()
            Base.metadata.create_all(database.engine)
            database.engine.dispose()
        yield url


@pytest.fixture
def own_app(schema: str, tmp_path: Path) -> Iterator[Flask]:
    """An application on a database of its own, where commits are real: for races, crashes and commands."""
    with a_copy_of(schema, tmp_path) as url:
        app = make_app(url, tmp_path)
        yield app
        app.extensions["database"].engine.dispose()


@pytest.fixture
def browser(app: Flask) -> Browser:
    """A browser nobody is signed in with."""
    return Browser(app)


@pytest.fixture
def run_jobs(app: Flask) -> Any:
    """Carries out everything the outbox holds and is due; answers how many jobs that was."""

    def run() -> int:
        from core.jobs import run_until_idle

        session.commit()
        with app.app_context():
            done = run_until_idle()
        session.expire_all()
        return done

    return run


@pytest.fixture
def mails() -> Any:
    """The mails in the outbox, oldest first: ``mails()`` or ``mails(to="ada@…")``, as their payloads."""

    def read(to: str | None = None) -> list[dict[str, Any]]:
        import sqlalchemy as sa

        from core.jobs import Job

        rows = session.scalars(sa.select(Job).where(Job.kind == "core.mail").order_by(Job.id))
        return [row.payload for row in rows if to is None or row.payload["to"] == to]

    return read


class Machine:
    """A program that talks to the API with a key."""

    def __init__(self, app: Flask, key: str) -> None:
        self.app = app
        self.client = app.test_client(use_cookies=False)
        self.headers = {"Authorization": f"Bearer {key}"}

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The response to ``method`` on ``/api/v1<path>``; ``response.json`` is its body."""
        session.commit()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        with self.app.app_context():
            response = self.client.open(
                f"/api/v1{path}", method=method, json=body, headers={**self.headers, **named}
            )
        session.expire_all()
        return response

    def get(self, path: str) -> Any:
        return self("GET", path)

    def post(self, path: str, body: Any, **headers: str) -> Any:
        return self("POST", path, body, **headers)


@pytest.fixture
def machine(app: Flask) -> Any:
    """Makes a machine of the vendor: ``machine("leads:write", "leads:read").post("/leads", {…})``."""

    def make(*scopes: str) -> Machine:
        from accounts.operations import make_api_key

        _key, secret = make_api_key(name="Test", scopes=list(scopes), by=None)
        return Machine(app, secret)

    return make


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A real browser, one for the whole run: Playwright does not start twice in one process."""
    from tests.portal import a_chromium

    with a_chromium() as browser:
        yield browser
