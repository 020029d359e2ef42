"""Starting the whole portal with one command: database, demo, web server and worker."""

import os
import signal
import subprocess
import sys
from typing import Any

import click
from flask import Flask

from core.database import transaction
from core.migrating import migrate, write_migration


def init_app(app: Flask) -> None:
    @app.cli.command("migrate")
    def migrate_command() -> None:
        """Bring the database to the code's own shape, with what every programme has from its first day."""
        prepare_database()
        click.echo("The database is up to date.")

    @app.cli.command("write-migration")
    @click.argument("message")
    def migration_command(message: str) -> None:
        """Write a migration from what the models say; the database has to be up to date."""
        write_migration(message)

    @app.cli.command("run-portal")
    @click.option("--port", default=8000, show_default=True)
    @click.option("--host", default="127.0.0.1", show_default=True)
    @click.option(
        "--workers", default=1, show_default=True, help="Web processes; more than one on PostgreSQL only."
    )
    def run_portal(port: int, host: str, workers: int) -> None:
        """Migrate, make the demo if this is one and empty, then serve pages and carry out jobs."""
        import demo
        from accounts.queries import nobody_is_here_yet

        os.environ.setdefault("BASE_URL", f"http://localhost:{port}")
        prepare_database()
        with transaction():
            is_empty = nobody_is_here_yet()
        if app.config["KIND"] == "demo":
            if is_empty:
                click.echo("Making the demo network …")
                demo.make()
            click.echo(demo.sign_ins())
        elif is_empty:
            click.echo("Nobody is here yet: flask --app app accounts invite-admin EMAIL")
        click.echo(f"\nGuildhall is at http://localhost:{port}\n")
        _serve(host, port, workers)


def served_app() -> Flask:
    """The application in one of the server's own processes, which ends when the server is killed and frees the port."""
    if sys.platform == "linux":
        import ctypes

        die_with_parent = 1  # PR_SET_PDEATHSIG of prctl(2)
        ctypes.CDLL(None).prctl(die_with_parent, signal.SIGKILL)
    from app import create_app

    return create_app()


def prepare_database() -> None:
    """Migrates, and on a fresh database sets up tiers, services and the first agreement."""
    from partners.operations.programme import is_set_up, set_up_programme

    migrate()
    with transaction():
        if not is_set_up():
            set_up_programme(by=None)


def _serve(host: str, port: int, workers: int) -> None:
    """Granian in this process, the worker beside it; both stop together."""
    from granian import Granian
    from granian.constants import Interfaces

    # Should this process be killed, the worker notices and ends as well.
    command = [sys.executable, "-m", "flask", "--app", "app", "jobs", "run", "--beside", str(os.getpid())]
    worker = subprocess.Popen(command)  # noqa: S603 - our own program

    def stop_the_worker(*_: Any) -> None:
        if worker.poll() is None:
            worker.send_signal(signal.SIGTERM)

    server = Granian(
        "serving:served_app",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        factory=True,
        workers=workers,
        blocking_threads=4,
        websockets=False,
        log_access=False,
        log_level="warning",  # type: ignore[arg-type]
    )
    server.on_shutdown(stop_the_worker)
    try:
        server.serve()
    finally:
        stop_the_worker()
        worker.wait(timeout=20)
