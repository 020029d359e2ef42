"""Starting the whole portal with one command: database, demo, web server and worker."""

import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
from flask import Flask
from prometheus_client import values

from core.collecting import settle
from core.database import transaction
from core.durability import refuse_a_forgetful_database
from core.migrating import migrate
from core.slow_clients import FROM_ONE_ADDRESS, THREADS, BodiesFirst


def init_app(app: Flask) -> None:
    @app.cli.command("migrate")
    def migrate_command() -> None:
        """Bring the database to the code's own shape, with what every programme has from its first day."""
        prepare_database()
        click.echo("The database is up to date.")

    @app.cli.command("backup")
    @click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
    def backup_command(target: Path) -> None:
        """Write the database and every stored file into TARGET, while people go on working."""
        from core.backup import CannotBackUp, make_backup

        try:
            manifest = make_backup(target)
        except CannotBackUp as problem:
            raise click.ClickException(str(problem)) from problem
        click.echo(f"{target}: the database ({manifest.database}) and {manifest.files} files.")

    @app.cli.command("restore")
    @click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option("--replace", is_flag=True, help="Overwrite what is here.")
    @click.pass_context
    def restore_command(context: click.Context, source: Path, replace: bool) -> None:
        """Put a backup in the place of what is here, bring it up to date, and audit the books."""
        from core.backup import CannotBackUp, restore_backup

        try:
            manifest = restore_backup(source, replace=replace)
        except CannotBackUp as problem:
            raise click.ClickException(str(problem)) from problem
        migrate()
        click.echo(f"Everything is as of {manifest.made_at}, with {manifest.files} files.")
        books: Any = app.cli.commands["commissions"]
        context.invoke(books.commands["audit"])
        click.echo("If money was sent after that, look at it now: flask commissions reconcile")

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
        from accounts.views.public import set_up_code
        from commissions.ledger.ownership import refuse_to_serve_as_owner

        os.environ.setdefault("BASE_URL", f"http://localhost:{port}")
        app.config["BASE_URL"] = os.environ["BASE_URL"].rstrip("/")  # read before the port was known
        _share_figures(app.config["VAR"] / "metrics")
        prepare_database()
        refuse_to_serve_as_owner(app)
        refuse_a_forgetful_database(app)
        with transaction():
            is_empty = nobody_is_here_yet()
        if app.config["KIND"] == "demo":
            if is_empty:
                click.echo("Making the demo network …")
                demo.make()
            click.echo(demo.sign_ins())
        elif is_empty:
            click.echo("Nobody is here yet. Open /set-up and type this code, or invite somebody by mail:\n")
            click.echo(f"  {set_up_code()}")
            click.echo("  flask --app app accounts invite-admin EMAIL")
        click.echo(f"\nGuildhall is at http://localhost:{port}\n")
        _serve(host, port, workers)


def served_app() -> Flask:
    """The application in one of the server's own processes, which ends when the server is killed and frees the port."""
    if sys.platform == "linux":
        import ctypes

        die_with_parent = 1  # PR_SET_PDEATHSIG of prctl(2)
        ctypes.CDLL(None).prctl(die_with_parent, signal.SIGKILL)
    from app import create_app
    from commissions.ledger.ownership import refuse_to_serve_as_owner

    app = create_app()
    refuse_to_serve_as_owner(app)
    refuse_a_forgetful_database(app)
    # Behind a proxy everybody comes from its address; it is the proxy that reads drips first.
    most = THREADS if app.config["TRUSTED_PROXIES"] else FROM_ONE_ADDRESS
    app.wsgi_app = BodiesFirst(  # type: ignore[method-assign]
        app.wsgi_app, longest=app.config["MAX_CONTENT_LENGTH"], from_one_address=most
    )
    settle()
    return app


def _share_figures(folder: Path) -> None:
    """Lets the web processes and the worker add their figures up (core/metrics.py); those of the last run are gone."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
        # The library looks at that only once, when it is imported.
        values.ValueClass = values.get_value_class()  # type: ignore[no-untyped-call]


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

    # This process may have made the demo, and so used libraries whose threads a forked process would wait for in vain
    # (the file store's): web processes start afresh.
    multiprocessing.set_start_method("spawn", force=True)
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
        blocking_threads=THREADS,
        websockets=False,
        log_access=False,
        # It warns of so many threads; they wait for bodies, core/slow_clients.py says how few work
        log_level="error",  # type: ignore[arg-type]
    )
    server.on_shutdown(stop_the_worker)
    try:
        server.serve()
    finally:
        stop_the_worker()
        worker.wait(timeout=20)
