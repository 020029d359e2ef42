"""The README's one command on a machine that has nothing yet, seen from a real Chromium."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests.portal import PEOPLE, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.pure, pytest.mark.timeout(200)]

ROOT = Path(__file__).parents[2]


def _is_open(port: int) -> bool:
    with closing(socket.socket()) as knock:
        return knock.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def started(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """``run-portal`` with an empty folder for everything, once it answers; and its port."""
    with closing(socket.socket()) as any_port:
        any_port.bind(("127.0.0.1", 0))
        port = any_port.getsockname()[1]
    settings = {
        "GUILDHALL_ENV": "demo",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'first.db'}",
        "GUILDHALL_VAR": str(tmp_path),
    }
    with (tmp_path / "log").open("wb") as log:
        portal = subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "app", "run-portal", "--port", str(port)],
            cwd=ROOT, env=os.environ | settings, stdout=log, stderr=log,
        )  # fmt: skip
    try:
        for _turn in range(300):
            if portal.poll() is not None:
                break
            try:
                urlopen(f"http://localhost:{port}/healthz", timeout=10).close()
                break
            except (URLError, ConnectionError):
                time.sleep(0.5)
        assert portal.poll() is None and _is_open(port), (tmp_path / "log").read_text()
        yield portal, port
    finally:
        portal.kill()
        portal.wait(10)


def test_everything_answers_at_once_and_ends_at_once(
    started: tuple[subprocess.Popen[bytes], int], chromium: Any
) -> None:
    """What the demo stored is read by web processes (forked ones hang); killed, the portal leaves nothing behind."""
    portal, port = started
    address = f"http://localhost:{port}"
    with closing(chromium.new_context()) as context:
        page = context.new_page()
        sign_in(page, address, PEOPLE["finance"])
        for number in (1, 2, 1, 2, 1, 2):
            answer = page.request.get(f"{address}/funding/files/{number}", timeout=10_000)
            assert answer.ok and "attachment" in answer.headers["content-disposition"], number
    portal.send_signal(signal.SIGKILL)
    portal.wait(10)
    for _turn in range(100):
        if not _is_open(port):
            break
        time.sleep(0.1)
    assert not _is_open(port), "a killed portal frees its port"
