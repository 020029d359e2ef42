"""One file that holds everything: the database as of one moment, and every stored file.

A tar with ``manifest.json`` first: what it was made from, and the SHA-256 of each part. SQLite is copied by its own
online backup, PostgreSQL by ``pg_dump``, so nobody has to stop working meanwhile. Files are read after the database:
they are never changed, only added, so whatever the database names is there.
"""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import sqlalchemy as sa

from core import clock, storage
from core.database import current_database, reading, session, transaction

FORMAT = 1
_DATABASES = {"sqlite": "database.sqlite", "postgresql": "database.dump"}


class CannotBackUp(RuntimeError):
    """A backup cannot be made or read like this; the message says what to do."""


@dataclass(frozen=True)
class Manifest:
    """What a backup says about itself. ``parts`` maps each name in the tar to its SHA-256."""

    format: int
    made_at: str
    database: str
    revision: str
    parts: dict[str, str]

    @property
    def files(self) -> int:
        return sum(name.startswith("files/") for name in self.parts)


def _digest(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _kind() -> str:
    return "sqlite" if current_database().is_sqlite else "postgresql"


def _revision() -> str:
    with reading(), transaction():
        try:
            return str(session.scalar(sa.text("SELECT version_num FROM alembic_version")) or "")
        except sa.exc.SQLAlchemyError:
            return ""


def make_backup(target: Path) -> Manifest:
    """Writes a backup to ``target``, which only its owner can read. Raises CannotBackUp."""
    if target.exists():
        raise CannotBackUp(f"{target} is there already; choose another name.")
    with tempfile.TemporaryDirectory(dir=target.absolute().parent, prefix=".backup-") as folder:
        parts = {_DATABASES[_kind()]: Path(folder) / "database"}
        _copy_database_to(parts[_DATABASES[_kind()]])
        for number, key in enumerate(storage.keys()):
            parts[f"files/{key}"] = Path(folder) / f"file-{number}"
            parts[f"files/{key}"].write_bytes(storage.read(key))
        manifest = Manifest(
            FORMAT,
            clock.real_now().isoformat(timespec="seconds"),
            _kind(),
            _revision(),
            {name: _digest(path) for name, path in parts.items()},
        )
        written = Path(folder) / "manifest"
        written.write_text(json.dumps(asdict(manifest), indent=1))
        packed = Path(folder) / "packed"
        handle = os.open(packed, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as out, tarfile.open(fileobj=out, mode="w") as tar:
            tar.add(written, "manifest.json")
            for name, path in parts.items():
                tar.add(path, name)
        packed.replace(target)
    return manifest


def read_manifest(source: Path) -> Manifest:
    """What the backup at ``source`` says about itself, every part of which was found whole. Raises CannotBackUp."""
    try:
        with tarfile.open(source, "r:") as tar:
            content = tar.extractfile("manifest.json")
            manifest = Manifest(**json.load(content)) if content is not None else None
            if manifest is None or manifest.format != FORMAT:
                raise CannotBackUp(f"{source} is not a backup of this portal.")
            for name, right in manifest.parts.items():
                part = tar.extractfile(name)
                if part is None or hashlib.file_digest(part, "sha256").hexdigest() != right:  # type: ignore[arg-type]
                    raise CannotBackUp(f"{name} in {source} is damaged.")
    except (OSError, KeyError, ValueError, TypeError, tarfile.TarError) as error:
        raise CannotBackUp(f"{source} is not a backup of this portal.") from error
    return manifest


def restore_backup(source: Path, *, replace: bool = False) -> Manifest:
    """Puts the backup at ``source`` in the place of what is here. Raises CannotBackUp.

    Only into an empty database, unless ``replace``. Stop the portal first: it would go on with what it remembers.
    """
    manifest = read_manifest(source)
    if manifest.database != _kind():
        raise CannotBackUp(f"The backup is of {manifest.database}, and DATABASE_URL is {_kind()}.")
    if not replace and not _is_empty():
        raise CannotBackUp("Somebody is here already. Restore with --replace to overwrite everything.")
    with tempfile.TemporaryDirectory() as folder, tarfile.open(source, "r:") as tar:
        for name in manifest.parts:
            if name.startswith("files/"):
                storage.put(name.removeprefix("files/"), _read(tar, name))
        database = Path(folder) / "database"
        with database.open("wb") as out, closing(_part(tar, _DATABASES[_kind()])) as part:
            shutil.copyfileobj(part, out)
        _copy_database_from(database)
    return manifest


def _part(tar: tarfile.TarFile, name: str) -> "tarfile.ExFileObject":
    part = tar.extractfile(name)
    if part is None:
        raise CannotBackUp(f"{name} is not in the backup.")
    return part  # type: ignore[return-value]


def _read(tar: tarfile.TarFile, name: str) -> bytes:
    with closing(_part(tar, name)) as part:
        return part.read()


def _is_empty() -> bool:
    with reading(), transaction():
        tables = sa.inspect(session.connection()).get_table_names()
        if "accounts_user" not in tables:
            return True
        return not session.scalar(sa.text("SELECT count(*) FROM accounts_user"))


def _sqlite_file() -> str:
    return str(current_database().url.database)


def _copy_database_to(target: Path) -> None:
    if current_database().is_sqlite:
        with closing(sqlite3.connect(_sqlite_file())) as here, closing(sqlite3.connect(target)) as there:
            here.backup(there)
        return
    with _connection_for_tools() as (environment, address):
        _run(
            ["pg_dump", "--format=custom", "--no-owner", f"--file={target}", f"--dbname={address}"],
            environment,
        )


def _copy_database_from(source: Path) -> None:
    database = current_database()
    if database.is_sqlite:
        database.engine.dispose()
        with closing(sqlite3.connect(source)) as there, closing(sqlite3.connect(_sqlite_file())) as here:
            there.backup(here)
        return
    with _connection_for_tools() as (environment, address):
        how = ["--clean", "--if-exists", "--no-owner", "--single-transaction", "--exit-on-error"]
        _run(["pg_restore", *how, f"--dbname={address}", str(source)], environment)


@contextmanager
def _connection_for_tools() -> Iterator[tuple[dict[str, str], str]]:
    """The address for PostgreSQL's own tools, and the password apart from it: other users see the arguments."""
    url = current_database().url
    environment = {**os.environ, **({"PGPASSWORD": str(url.password)} if url.password else {})}
    yield environment, url.set(drivername="postgresql", password=None).render_as_string()


def _run(command: list[str], environment: dict[str, str]) -> None:
    if shutil.which(command[0], path=environment.get("PATH")) is None:
        raise CannotBackUp(
            f"{command[0]} is not here. Install PostgreSQL's client programs of the server's version."
        )
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    if done.returncode != 0:
        raise CannotBackUp(f"{command[0]} refused: {done.stderr.strip()[:500]}")
