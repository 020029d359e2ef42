"""Where uploaded and generated files lie: a local folder, or any S3-compatible store; only a setting differs."""

import io
import secrets
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import urlsplit

from flask import current_app

if TYPE_CHECKING:
    from obstore.store import ObjectStore


@cache
def _store(url: str) -> "ObjectStore":
    import obstore.store

    if url.startswith("file://"):
        folder = Path(urlsplit(url).path)
        folder.mkdir(parents=True, exist_ok=True)
        return obstore.store.LocalStore(prefix=folder)
    return obstore.store.from_url(url)


def keep(content: bytes, *, folder: str) -> str:
    """Stores ``content`` under a name nobody can guess; answers its key."""
    import obstore

    key = f"{folder}/{secrets.token_urlsafe(24)}"
    obstore.put(_store(current_app.config["STORAGE_URL"]), key, content)
    return key


def put(key: str, content: bytes) -> None:
    """Stores ``content`` under a ``key`` that :func:`keep` gave once: for a restored backup."""
    import obstore

    obstore.put(_store(current_app.config["STORAGE_URL"]), key, content)


def keys() -> Iterator[str]:
    """The keys of everything that is stored."""
    import obstore

    for batch in obstore.list(_store(current_app.config["STORAGE_URL"])):
        yield from (str(entry["path"]) for entry in batch)


def read(key: str) -> bytes:
    """The bytes stored under ``key``. Raises FileNotFoundError."""
    import obstore

    return bytes(obstore.get(_store(current_app.config["STORAGE_URL"]), key).bytes())


def opened(key: str, place: int = 0) -> BinaryIO:
    """What is stored under ``key``, from byte ``place`` on, fetched piece by piece. Raises FileNotFoundError."""
    import obstore

    reader = obstore.open_reader(_store(current_app.config["STORAGE_URL"]), key, buffer_size=_PIECE)
    reader.seek(place)
    return io.BufferedReader(_Stored(reader), _PIECE)


_PIECE = 256 * 1024


class _Stored(io.RawIOBase):
    """A stored file as Python reads files."""

    def __init__(self, reader: Any) -> None:
        self._reader = reader

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = bytes(self._reader.read(len(buffer)))
        buffer[: len(piece)] = piece
        return len(piece)


def forget(key: str) -> None:
    """Removes what is stored under ``key``; nothing happens if it is gone already."""
    import obstore

    try:
        obstore.delete(_store(current_app.config["STORAGE_URL"]), key)
    except FileNotFoundError:
        return
