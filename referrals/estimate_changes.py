"""What differs between two versions of an estimate, line by line. Values in, values out.

A line is the same line while its kind, product and description stay; where one of them changed, it is the next line of
the same kind that is left over, so that a description mended is a change and not a line less and a line more.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

What = Literal["added", "removed", "changed"]
T = TypeVar("T")

LINE_FIELDS = (
    "kind",
    "product",
    "description",
    "quantity",
    "unit_price_minor",
    "discount_percent",
    "recurring",
)
MILESTONE_FIELDS = ("name", "amount_minor", "due_on", "document")


@dataclass(frozen=True, slots=True)
class Change(Generic[T]):
    """One line or milestone that is not as it was; ``fields`` names what differs when both are there."""

    before: T | None
    after: T | None
    fields: tuple[str, ...] = ()

    @property
    def what(self) -> What:
        if self.before is None:
            return "added"
        return "removed" if self.after is None else "changed"

    @property
    def either(self) -> T:
        """The thing as it is now, or as it was last."""
        found = self.after if self.after is not None else self.before
        assert found is not None
        return found


def line_changes(before: Sequence[T], after: Sequence[T]) -> list[Change[T]]:
    """The lines that were added, removed or changed, in the order of the newer version, removed ones last."""
    ways: list[Callable[[Any], Hashable]] = [
        lambda line: (line.kind, line.product, line.description),
        lambda line: (line.kind, line.product),
        lambda line: line.kind,
    ]
    return list(_changes(before, after, ways, LINE_FIELDS))


def milestone_changes(before: Sequence[T], after: Sequence[T]) -> list[Change[T]]:
    """The same for milestones, which are known by their names."""
    ways: list[Callable[[Any], Hashable]] = [
        lambda one: one.name,
        lambda one: (one.amount_minor, one.due_on, one.document),
    ]
    return list(_changes(before, after, ways, MILESTONE_FIELDS))


def _changes(
    before: Sequence[T],
    after: Sequence[T],
    ways: Iterable[Callable[[Any], Hashable]],
    fields: tuple[str, ...],
) -> Iterator[Change[T]]:
    pairs = _paired(before, after, ways)
    for number, one in enumerate(after):
        if number not in pairs:
            yield Change(None, one)
            continue
        was = before[pairs[number]]
        different = tuple(name for name in fields if getattr(was, name) != getattr(one, name))
        if different:
            yield Change(was, one, different)
    kept = set(pairs.values())
    for number, was in enumerate(before):
        if number not in kept:
            yield Change(was, None)


def _paired(
    before: Sequence[T], after: Sequence[T], ways: Iterable[Callable[[Any], Hashable]]
) -> dict[int, int]:
    """Which of ``after`` is which of ``before``, by the first way in which they are alike; each has one partner."""
    pairs: dict[int, int] = {}
    for way in ways:
        open_ones: dict[Hashable, list[int]] = {}
        taken = set(pairs.values())
        for number, was in enumerate(before):
            if number not in taken:
                open_ones.setdefault(way(was), []).append(number)
        for number, one in enumerate(after):
            candidates = open_ones.get(way(one)) if number not in pairs else None
            if candidates:
                pairs[number] = candidates.pop(0)
    return pairs
