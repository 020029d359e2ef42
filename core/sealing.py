"""Secrets that the portal has to read again, kept so that a copy of the database alone does not hold them.

Shared secrets of authenticator apps and of web hooks cannot be digests. They are encrypted (JWE, AES-256-GCM) under a
key made from ``SECRET_KEY``, another for each purpose; who changes ``SECRET_KEY`` loses them.
"""

import hashlib
import hmac

from flask import current_app
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

_HOW = {"alg": "dir", "enc": "A256GCM"}


class CannotUnseal(RuntimeError):
    """The text was sealed under another ``SECRET_KEY`` or for another purpose."""


def _key(purpose: str) -> OctKey:
    secret = str(current_app.config["SECRET_KEY"]).encode()
    return OctKey.import_key(hmac.new(secret, f"guildhall:seal:{purpose}".encode(), hashlib.sha256).digest())


def seal(purpose: str, text: str) -> str:
    """``text``, readable only by :func:`unseal` with the same ``purpose`` on this installation."""
    return jwe.encrypt_compact(_HOW, text.encode(), _key(purpose))


def unseal(purpose: str, sealed: str) -> str:
    """The text that was sealed. Raises CannotUnseal."""
    try:
        plaintext = jwe.decrypt_compact(sealed, _key(purpose)).plaintext
    except (JoseError, ValueError) as error:
        raise CannotUnseal("SECRET_KEY is not the one this was kept under.") from error
    return (plaintext or b"").decode()
