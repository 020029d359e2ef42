"""What an order that somebody gave is worth, by each of the nine ways that Moodle knows.

Items are numbered by their right place, so the right order is 0, 1, 2, …; a given order is a permutation of it.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise

Order = Sequence[int]


def _all_or_nothing(order: Order) -> Fraction:
    return Fraction(int(list(order) == sorted(order)))


def _absolute_position(order: Order) -> Fraction:
    return Fraction(sum(place == item for place, item in enumerate(order)), len(order))


def _relative_to_correct(order: Order) -> Fraction:
    """The nearer to its place, the more; the farthest it could be gives nothing."""
    most = len(order) - 1
    near = sum(most - abs(place - item) for place, item in enumerate(order))
    return Fraction(near, most * len(order))


def _neighbours(order: Order, step: int) -> dict[int, int | None]:
    """Whom each item has at its side: the next (1) or the one before (-1)."""
    whole = list(order)
    return {
        item: whole[place + step] if 0 <= place + step < len(whole) else None
        for place, item in enumerate(whole)
    }


def _agreeing(order: Order, step: int) -> set[int]:
    given, right = _neighbours(order, step), _neighbours(sorted(order), step)
    return {item for item in order if given[item] == right[item]}


def _next_exclude_last(order: Order) -> Fraction:
    return Fraction(len(_agreeing(order, 1) - {max(order)}), len(order) - 1)


def _next_include_last(order: Order) -> Fraction:
    return Fraction(len(_agreeing(order, 1)), len(order))


def _one_previous_and_next(order: Order) -> Fraction:
    return Fraction(len(_agreeing(order, 1)) + len(_agreeing(order, -1)), 2 * len(order))


def _all_previous_and_next(order: Order) -> Fraction:
    """How many pairs stand the right way round."""
    pairs = [(one, other) for place, one in enumerate(order) for other in order[place + 1 :]]
    return Fraction(sum(one < other for one, other in pairs), len(pairs))


def _longest_ordered_subset(order: Order) -> Fraction:
    """The most items that could stay where they are while the others are moved."""
    lengths: list[int] = []
    for place, item in enumerate(order):
        before = [lengths[earlier] for earlier in range(place) if order[earlier] < item]
        lengths.append(1 + max(before, default=0))
    longest = max(lengths)
    return Fraction(longest if longest > 1 else 0, len(order))


def _longest_contiguous_subset(order: Order) -> Fraction:
    longest = run = 1
    for one, other in pairwise(order):
        run = run + 1 if other == one + 1 else 1
        longest = max(longest, run)
    return Fraction(longest if longest > 1 else 0, len(order))


GRADINGS: dict[str, Callable[[Order], Fraction]] = {
    "ALL_OR_NOTHING": _all_or_nothing,
    "ABSOLUTE_POSITION": _absolute_position,
    "RELATIVE_TO_CORRECT": _relative_to_correct,
    "RELATIVE_NEXT_EXCLUDE_LAST": _next_exclude_last,
    "RELATIVE_NEXT_INCLUDE_LAST": _next_include_last,
    "RELATIVE_ONE_PREVIOUS_AND_NEXT": _one_previous_and_next,
    "RELATIVE_ALL_PREVIOUS_AND_NEXT": _all_previous_and_next,
    "LONGEST_ORDERED_SUBSET": _longest_ordered_subset,
    "LONGEST_CONTIGUOUS_SUBSET": _longest_contiguous_subset,
}
USUAL = "ABSOLUTE_POSITION"

#: What older files of Moodle's call them.
_OTHER_NAMES = {
    "": USUAL, "ABS": USUAL, "ABSOLUTE": USUAL, "REL": "RELATIVE_NEXT_EXCLUDE_LAST",
    "RELATIVE": "RELATIVE_NEXT_EXCLUDE_LAST",
}  # fmt: skip


def grading_named(name: str) -> str | None:
    """The way of grading that a file means by ``name``; ``None`` for a name nobody knows."""
    plain = name.strip().upper()
    plain = _OTHER_NAMES.get(plain, plain)
    return plain if plain in GRADINGS else None


def worth(order: Order, grading: str) -> Fraction:
    """What a given order gets, 0 to 1. Raises ValueError unless it is a permutation of 0, 1, 2, …"""
    if sorted(order) != list(range(len(order))) or len(order) < 2:
        raise ValueError("not an order")
    return GRADINGS[grading](order)
