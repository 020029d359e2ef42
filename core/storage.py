"""Where uploaded and generated files lie: a local folder, or any S3-compatible store; only a setting differs."""

import secrets
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
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


def forget(key: str) -> None:
    """Removes what is stored under ``key``; nothing happens if it is gone already."""
    import obstore

    try:
        obstore.delete(_store(current_app.config["STORAGE_URL"]), key)
    except FileNotFoundError:
        return
