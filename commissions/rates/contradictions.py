"""Conditions that can never hold: a tree is written as alternatives, and one that is possible looked for."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from commissions.rates.conditions import Field, field_named
from commissions.rates.plan import Condition, Group

MOST_ALTERNATIVES = 4096
"""Trees with more alternatives than this are taken to be possible: the search must end."""

Pointer = str
Placed = tuple[Pointer, Condition]


@dataclass(slots=True)
class Possibility:
    """What one fact can still be, after some of the conditions on it."""

    fact: Field
    among: set[object] | None = None
    not_among: set[object] = field(default_factory=set)
    at_least: int | None = None
    at_most: int | None = None
    contains: list[object] = field(default_factory=list)
    is_known: bool | None = None

    def __post_init__(self) -> None:
        if self.fact.choices:
            self.among = set(self.fact.choices)
        self.at_least = self.fact.minimum
        if self.fact.is_always_known:
            self.is_known = True

    def narrow(self, condition: Condition) -> bool:
        """Take one more condition into account; whether the fact can still be anything."""
        value = condition.value
        match condition.op:
            case "ne":
                self.not_among.add(_key(value))
            case "not_in":
                assert isinstance(value, tuple)
                self.not_among |= {_key(each) for each in value}
            case "exists":
                if self.is_known not in (None, value):
                    return False
                self.is_known = bool(value)
            case positive:
                if self.is_known is False:
                    return False
                self.is_known = True
                self._narrow_known(positive, value)
        return self._is_possible()

    def _narrow_known(self, op: str, value: object) -> None:
        if op == "contains":
            self.contains.append(value)
        elif op in ("eq", "in"):
            wanted = {_key(each) for each in (value if isinstance(value, tuple) else (value,))}
            self.among = wanted if self.among is None else self.among & wanted
        else:
            assert isinstance(value, int)
            if op in ("gt", "gte"):
                bound = value + 1 if op == "gt" else value
                self.at_least = bound if self.at_least is None else max(self.at_least, bound)
            else:
                bound = value - 1 if op == "lt" else value
                self.at_most = bound if self.at_most is None else min(self.at_most, bound)

    def _is_possible(self) -> bool:
        if self.is_known is not True:
            return True
        if self.among is not None:
            return any(self._allows(value) for value in self.among)
        if self.at_least is None or self.at_most is None:
            return True
        room = range(self.at_least, self.at_most + 1)
        return any(number not in self.not_among for number in islice(room, len(self.not_among) + 1))

    def _allows(self, value: object) -> bool:
        if value in self.not_among:
            return False
        if isinstance(value, str) and any(
            isinstance(part, str) and part not in value for part in self.contains
        ):
            return False
        if self.at_least is not None and not (type(value) is int and value >= self.at_least):
            return False
        return self.at_most is None or (type(value) is int and value <= self.at_most)


def _key(value: object) -> object:
    """A value to compare by, where ``True`` is not 1."""
    return ("bool", value) if isinstance(value, bool) else value


def impossible_parts(tree: Group, pointer: Pointer, given: Iterable[Condition] = ()) -> list[Pointer]:
    """Where a tree, or a branch of an *any* in it, can never hold; ``given`` is what holds besides.

    Empty when every part can hold. When the whole tree is impossible, the place is the first condition that
    contradicts the ones before it.
    """
    alternatives = list(islice(_alternatives(tree, pointer), MOST_ALTERNATIVES + 1))
    if len(alternatives) > MOST_ALTERNATIVES:
        return []
    premises = [("", condition) for condition in given]
    used: set[Pointer] = set()
    clashes: list[Pointer] = []
    for alternative in alternatives:
        clash = _first_clash([*premises, *alternative])
        if clash is None:
            used.update(place for place, _condition in alternative)
        else:
            clashes.append(clash)
    if not clashes:
        return []
    if len(clashes) == len(alternatives):
        return [clashes[0] or pointer]
    places = dict.fromkeys(place for each in alternatives for place, _condition in each)
    return [place for place in places if place not in used]


def _alternatives(node: Condition | Group, pointer: Pointer) -> Iterator[list[Placed]]:
    """The tree as an *any* of *alls*, each condition with its place."""
    if isinstance(node, Condition):
        yield [(pointer, node)]
        return
    places = [f"{pointer}/{node.mode}/{index}" for index in range(len(node.parts))]
    if node.mode == "any":
        for part, place in zip(node.parts, places, strict=True):
            yield from _alternatives(part, place)
        return
    yield from _combined(list(zip(node.parts, places, strict=True)))


def _combined(parts: list[tuple[Condition | Group, Pointer]]) -> Iterator[list[Placed]]:
    if not parts:
        yield []
        return
    (first, place), rest = parts[0], parts[1:]
    for head in _alternatives(first, place):
        for tail in _combined(rest):
            yield [*head, *tail]


def _first_clash(conditions: list[Placed]) -> Pointer | None:
    """The place of the first condition that can't hold together with the ones before it."""
    possible: dict[str, Possibility] = {}
    for place, condition in conditions:
        found = field_named(condition.field)
        assert found is not None
        if condition.field not in possible:
            possible[condition.field] = Possibility(found)
        if not possible[condition.field].narrow(condition):
            return place
    return None
