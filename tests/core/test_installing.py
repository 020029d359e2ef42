"""The command that Flask would keep for itself is the portal's, from the shell as well."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.installing import install_commands
from tests.architecture.tree import ROOT

pytestmark = pytest.mark.pure


@pytest.mark.parametrize("again", [False, True])
def test_flask_routes_is_told_to_machines_from_the_shell(tmp_path: Path, again: bool) -> None:
    packages = tmp_path / "packages"
    packages.mkdir()
    install_commands(packages)
    if again:
        before = {file: file.stat().st_mtime_ns for file in packages.rglob("*")}
        install_commands(packages)
        assert {file: file.stat().st_mtime_ns for file in packages.rglob("*")} == before
    environment = {
        **os.environ,
        "PYTHONPATH": str(packages),
        "GUILDHALL_ENV": "test",
        "GUILDHALL_VAR": str(tmp_path),
    }
    command = [sys.executable, "-m", "flask", "--app", "app", "routes", "--json"]
    said = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    rows = {row["rule"]: row for row in json.loads(said.stdout)}
    assert rows["/api/v1/leads/<number>/claim"]["scopes"] == ["leads:write"]
