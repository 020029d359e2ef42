"""Signatures that only this installation can make: a document that carries one can prove that it came from here."""

import hashlib
import hmac

from flask import current_app


def sign(purpose: str, text: str) -> str:
    """The signature of ``text``: HMAC-SHA256 in hex, under a key of its own for each ``purpose``."""
    secret = str(current_app.config["SECRET_KEY"]).encode()
    key = hmac.new(secret, f"guildhall:{purpose}".encode(), hashlib.sha256).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def same(one: str, other: str) -> bool:
    """Whether two signatures are the same, in a time that tells nothing of where they differ."""
    return hmac.compare_digest(one.encode(), other.strip().lower().encode())


def is_genuine(purpose: str, text: str, signature: str) -> bool:
    """Whether ``signature`` was made here for this very ``text``."""
    return same(sign(purpose, text), signature)
