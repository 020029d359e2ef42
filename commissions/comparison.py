"""What changed between two versions of a plan: rules and splits by their names, and what stands at the top."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from commissions.rates.plan import PlanVersion, Rule, Split

Part = TypeVar("Part", Rule, Split)
ChangeKind = Literal["added", "removed", "changed", "moved", "same"]


@dataclass(frozen=True)
class Change(Generic[Part]):
    """One rule or split before and after; places count from 1."""

    kind: ChangeKind
    name: str
    old: Part | None
    new: Part | None
    old_place: int | None
    new_place: int | None


def compare(old: Sequence[Part], new: Sequence[Part]) -> list[Change[Part]]:
    """Every rule or split of both, in the new order, what is gone at the place where it stood.

    *Moved* is one whose order among those that stayed is another.
    """
    before = {part.name: (place, part) for place, part in enumerate(old, 1)}
    after = {part.name: (place, part) for place, part in enumerate(new, 1)}
    stayed = [part.name for part in old if part.name in after]
    still = _longest_run([stayed.index(part.name) for part in new if part.name in before])
    unmoved = {stayed[index] for index in still}
    changes: list[Change[Part]] = []
    for name, (place, part) in after.items():
        if name not in before:
            changes.append(Change("added", name, None, part, None, place))
            continue
        old_place, old_part = before[name]
        kind: ChangeKind = "changed" if old_part != part else "same" if name in unmoved else "moved"
        changes.append(Change(kind, name, old_part, part, old_place, place))
    for name, (place, part) in before.items():
        if name not in after:
            changes.insert(min(place - 1, len(changes)), Change("removed", name, part, None, place, None))
    return changes


def _longest_run(order: Sequence[int]) -> list[int]:
    """The longest increasing part of ``order``: what can be said to have stayed in place."""
    best: list[list[int]] = []
    for value in order:
        ends = [run for run in best if run[-1] < value]
        best.append([*max(ends, key=len, default=[]), value])
    return max(best, key=len, default=[])


def is_same_head(old: PlanVersion, new: PlanVersion) -> bool:
    """Whether currency, conversion, order, hold and rebinding are as before."""
    before, after = (
        (one.currency, one.converts, one.match, one.hold_days, one.rebinds) for one in (old, new)
    )
    return before == after
