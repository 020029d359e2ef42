"""A process that is prepared once and then carries out one step after another, killed with -9 at any place of each.

Starting Python and the application takes seconds, killing it at a place milliseconds: so the process forks for each
place, and only the fork dies. A place is a statement, before and after it, or a commit.

The child is a module of its own, run as ``python -m MODULE …``, that calls :func:`carry_out`; the test holds a
:class:`Doomed`.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import configure_mappers

from core.database import current_database

ROOT = Path(__file__).parents[1]
Step = Callable[[], Any]


class Doomed:
    """The process that is killed again and again."""

    def __init__(self, module: str, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self._hear() == "ready"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_failure: object) -> None:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(timeout=60)
        self.process.stdout.close()

    def _hear(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def do(self, step: str, place: int = 0) -> bool:
        """Does ``step``, killed at ``place`` (0: nowhere); tells whether it lived to its end."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{step} {place}\n")
        self.process.stdin.flush()
        code = int(self._hear())
        assert code in {0, -signal.SIGKILL}
        return code == 0


def carry_out(app: Flask, steps: Mapping[str, Step], watch: Callable[[Step], None] | None = None) -> None:
    """Reads lines ``step place`` from the input, forks for each, and answers the fork's exit code.

    ``watch`` is given what counts a place, to count what is no statement as well, such as calls to another server.
    """
    # Done once here, and not in every fork.
    configure_mappers()
    print("ready", flush=True)  # noqa: T201 - the answer
    for line in sys.stdin:
        step, place = line.split()
        child = os.fork()
        if not child:
            with app.app_context():
                _die_at(int(place), watch)
                steps[step]()
            os._exit(0)
        _pid, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201


def _die_at(place: int, watch: Callable[[Step], None] | None) -> None:
    """From here on, the process kills itself at its ``place``-th place."""
    passed = 0

    def count(*_: Any) -> None:
        nonlocal passed
        passed += 1
        if passed == place:
            os.kill(os.getpid(), signal.SIGKILL)

    engine = current_database().engine
    for moment in ("before_cursor_execute", "after_cursor_execute", "commit"):
        event.listen(engine, moment, count)
    if watch is not None:
        watch(count)
