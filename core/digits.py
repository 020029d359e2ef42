"""Whole numbers written in digits, as addresses, forms, files and machines send them.

``int()`` alone takes more than anybody means: ``²`` is no number for it but ``١`` is one, as are ``1_000`` and `` 7 ``,
and a number of a thousand digits breaks the database that is asked for it.
"""

from collections.abc import Iterable

#: The most digits that every whole number of a database column holds.
MOST_DIGITS = 18


def number_in(text: str | None, *, most_digits: int = MOST_DIGITS) -> int | None:
    """The number that ``text`` writes in the digits 0 to 9 and nothing else; ``None`` for any other text."""
    if text is None or not (text.isascii() and text.isdigit() and len(text) <= most_digits):
        return None
    return int(text)


def numbers_in(texts: Iterable[str]) -> list[int]:
    """The numbers among ``texts``, in their order."""
    return [number for number in map(number_in, texts) if number is not None]
