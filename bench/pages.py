"""A list page under load, against a bare view that runs the same statements with the driver and answers the same bytes.

Both are served by Granian with the same settings, a process for each core, and asked by wrk over 16 connections, one
after the other.
"""

import os
import pickle
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask

from bench.claims import _token
from bench.measure import Figure, at_least
from bench.network import PASSWORD
from bench.recorded import COMMIT, ROLLBACK, recording
from core.database import current_database, session, transaction
from referrals.models import Lead

_SECONDS = 8
_PATH = "/staff/leads"


def measure(app: Flask) -> list[Figure]:
    """The manager's list of leads. Nothing without wrk, and that is said."""
    if shutil.which("wrk") is None:
        print("wrk is missing, so no page was measured under load: apt-get install wrk", flush=True)
        return []
    with app.app_context(), transaction():
        listed = session.scalar(sa.select(sa.func.count(Lead.id)))
        url = current_database().engine.url.render_as_string(hide_password=False)
    cookie, statements, body = _the_page(app)
    folder = Path(app.config["VAR"])
    page = folder / "page.pickle"
    page.write_bytes(pickle.dumps((statements, body)))
    here = {"BENCH_DATABASE": url, "BENCH_FOLDER": str(folder), "BENCH_PAGE": str(page)}
    with _served("portal", here) as address:
        ours = _requests_a_second(address + _PATH, cookie)
    with _served("bare", here) as address:
        reference = _requests_a_second(address + "/", cookie)
    listing = f"{len(statements)} statements, {len(body) // 1024} KiB, {listed:,} leads in the table"
    text = f"{listing}; wrk, 16 connections, {os.cpu_count()} processes"
    return [at_least("a list page under load", ours, reference, 0.5, "pages", text)]


def _the_page(app: Flask) -> tuple[str, list[tuple[str, Any]], bytes]:
    """A manager's cookie, and what the page asks the database and answers when everything is warm."""
    client = app.test_client()
    form = client.get("/sign-in").get_data(as_text=True)
    person = {"email": "manager@bench.example", "password": PASSWORD, "csrf_token": _token(form)}
    client.post("/sign-in", data=person)
    client.get(_PATH)
    with recording(app) as steps:
        body = client.get(_PATH).get_data()
    statements = [
        (step.statement, step.parameters) for step in steps if step.statement not in (COMMIT, ROLLBACK)
    ]
    assert b"Handel" in body
    kept = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
    assert kept is not None
    return f"{kept.key}={kept.value}", statements, body


@contextmanager
def _served(what: str, environment: dict[str, str]) -> Iterator[str]:
    """The address at which Granian serves ``bench.served``'s ``what``, in a process of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--interface", "wsgi", "--factory", "--blocking-threads", "4", "--log-level", "error"]
    options += ["--workers", str(os.cpu_count() or 1)]
    command = [sys.executable, "-m", "granian", *options, "--port", str(port), f"bench.served:{what}"]
    process = subprocess.Popen(command, env={**os.environ, **environment}, start_new_session=True)
    try:
        _wait_for(port)
        yield f"http://localhost:{port}"
    finally:
        # The whole group, since its own processes sometimes outlive a server that is told to stop under load.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=20)


def _wait_for(port: int) -> None:
    for _turn in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("Granian did not begin to serve.")


def _requests_a_second(address: str, cookie: str) -> float:
    """What wrk counts, after seconds that do not count: each process compiles its templates and statements once."""
    for span in (5, _SECONDS):
        command = ["wrk", "-t1", "-c16", f"-d{span}s", "--timeout", "20s", "-H", f"Cookie: {cookie}", address]
        said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=90).stdout
    assert "Non-2xx" not in said, said
    found = re.search(r"Requests/sec:\s+([\d.]+)", said)
    assert found is not None, said
    return float(found[1])
