"""The worker as a process of its own: it ends when told, and when the server beside it is killed."""

import os
import signal
import subprocess
import sys
import time as real_time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import an_empty_database

pytestmark = pytest.mark.pure

#: Starts a worker beside itself, says its number, and waits to be killed.
PARENT = """
import os, subprocess, sys, time
command = [sys.executable, "-m", "flask", "--app", "app", "jobs", "run", "--beside", str(os.getpid())]
worker = subprocess.Popen(command)
print(worker.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    with an_empty_database(tmp_path) as url:
        said = {**os.environ, "GUILDHALL_ENV": "test", "GUILDHALL_VAR": str(tmp_path), "DATABASE_URL": url}
        subprocess.run(
            [sys.executable, "-m", "flask", "--app", "app", "migrate"], env=said, check=True, timeout=60
        )
        yield said


def is_alive(number: int) -> bool:
    """Whether a process still runs; a finished one that nobody has asked about is over."""
    try:
        return "Z" not in Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False


def ends(number: int, seconds: float = 30) -> bool:
    """Whether the process ends within ``seconds``."""
    for _ in range(int(seconds * 10)):
        if not is_alive(number):
            return True
        real_time.sleep(0.1)
    return False


def test_a_worker_ends_when_it_is_told_to(environment: dict[str, str]) -> None:
    worker = subprocess.Popen([sys.executable, "-m", "flask", "--app", "app", "jobs", "run"], env=environment)
    real_time.sleep(2)
    worker.send_signal(signal.SIGTERM)
    # Told while it was still starting, it ends by the signal itself.
    assert worker.wait(30) in {0, -signal.SIGTERM}


def test_a_worker_does_not_outlive_the_server_it_stands_beside(environment: dict[str, str]) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT], env=environment, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    number = int(parent.stdout.readline())
    real_time.sleep(2)
    assert is_alive(number)
    parent.kill()
    parent.wait(10)
    parent.stdout.close()
    assert ends(number)
