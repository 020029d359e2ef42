"""What proves a certificate: a serial nobody can guess, and a check code over everything that is printed."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence

#: Crockford's alphabet: no letter is mistaken for a figure when it is read out.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_serial() -> str:
    """100 random bits in five groups of four: ``7K2M-9QXD-4TVB-0ZHA-RW3C``."""
    return _grouped("".join(secrets.choice(_ALPHABET) for _ in range(20)), 4)


def tidy_code(text: str) -> str:
    """A serial or a check code as it was meant: capitals, the look-alikes I, L, O set right, grouped by fours."""
    plain = "".join(sign for sign in text.upper() if sign.isalnum())
    return _grouped(plain.translate(str.maketrans("ILO", "110"))[:40], 4)


def check_code(secret: str, statement: Sequence[str]) -> str:
    """Twelve signs (60 bits of an HMAC-SHA256) over every word that a certificate states.

    Whoever edits the paper cannot make the code that would go with it.
    """
    key = hmac.new(secret.encode(), b"certificate", hashlib.sha256).digest()
    said = "".join(f"{len(word.encode())}:{word}" for word in statement).encode()
    number = int.from_bytes(hmac.new(key, said, hashlib.sha256).digest()[:8]) >> 4
    return _grouped("".join(_ALPHABET[(number >> shift) & 31] for shift in range(55, -1, -5)), 4)


def is_the_code(secret: str, statement: Sequence[str], code: str) -> bool:
    """Whether ``code``, however it was typed, belongs to ``statement``; takes as long for a wrong one."""
    return hmac.compare_digest(tidy_code(code).encode(), check_code(secret, statement).encode())


def _grouped(text: str, size: int) -> str:
    return "-".join(text[start : start + size] for start in range(0, len(text), size))
