"""What is logged: one line an event, and no secret in it."""

import io
import json
import logging
from pathlib import Path

import pytest
from flask import Flask

from core import logs
from core.logs import without_secrets

SECRET = "aB3" + "x" * 40

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    "said",
    [
        "ghk_" + SECRET,
        f"GET /password-reset/{SECRET} 200",
        "Authorization: Bearer abc.def-1",
        "sk_live_" + "1" * 20,
        "whsec_" + "c2VjcmV0" * 4,
        "postgresql://portal:hunter2@db/portal",
    ],
)
def test_what_opens_something_is_not_written(said: str) -> None:
    clean = without_secrets(said)
    assert "…" in clean
    assert not any(part in clean for part in (SECRET, "abc.def", "1" * 20, "c2VjcmV0", "hunter2"))


@pytest.mark.parametrize(
    "said", ["accounts.views.public.sign_in", "a1" * 32, "job 17 (core.mail) failed: no route"]
)
def test_what_one_needs_to_find_a_fault_stays(said: str) -> None:
    assert without_secrets(said) == said


def test_in_production_a_line_is_json_and_clean_down_to_the_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", list(root.handlers))
    level = root.level
    app = Flask("test")
    app.config["KIND"] = "production"
    written = io.StringIO()
    monkeypatch.setattr("sys.stderr", written)
    logs.init_app(app)
    try:
        try:
            raise ValueError(f"no token {SECRET}")
        except ValueError:
            logging.getLogger("test").exception("unexpected error at %s", f"/invitation/{SECRET}")
    finally:
        root.setLevel(level)
    (line,) = written.getvalue().splitlines()
    assert SECRET not in line
    said = json.loads(line)
    assert said["event"] == "unexpected error at /invitation/…" and said["level"] == "error"
    assert said["exception"][0]["exc_type"] == "ValueError"
