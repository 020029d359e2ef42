"""What answers are worth, how an exam is drawn from the bank, and when it is passed: values in, values out.

A question as it was shown is a dictionary: ``kind``, ``text``, ``explanation``, and by kind

* ``single``, ``multiple``: ``choices`` of ``{"id", "text", "weight"}``,
* ``true_false``: ``truth``,
* ``numeric``: ``accepted`` of ``{"least", "most", "weight"}`` (decimal texts),
* ``short_text``: ``accepted`` of ``{"text", "weight"}``, where ``*`` stands for anything,
* ``matching``: ``pairs`` of ``{"id", "left", "right_id", "right"}``,
* ``ordering``: ``items`` of ``{"id", "text", "place"}``, where ``place`` is the right one, and ``grading``.

Weights are per cent as decimal texts; ``points`` are what the whole question is worth, 1 when left out. What somebody
gave is ``{"value": …}``: an id, a list of ids, a text, a dictionary of ids for matching, and one of places by id for
ordering.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import Any, TypeVar

from academy import ordering
from core.digits import number_in

Item = TypeVar("Item")
WHOLE = 10_000
DISTINCTION = Fraction(95, 100)


def weight(text: str) -> Fraction:
    """Per cent as a share of one. Rounded thirds, sixths and the like mean what they stand for: 33.33333 is 1/3."""
    share = Fraction(text) / 100
    near = share.limit_denominator(20)
    return near if abs(near - share) < Fraction(1, 20_000) else share


def share_of(shown: Mapping[str, Any], given: Mapping[str, Any] | None) -> Fraction:
    """What share of the question's worth an answer gets: 0 to 1. No answer, or one nobody offered, gets nothing."""
    value = (given or {}).get("value")
    if value in (None, "", [], {}):
        return Fraction(0)
    earned = _EARNED[str(shown["kind"])](shown, value)
    return min(max(earned, Fraction(0)), Fraction(1))


def _single(shown: Mapping[str, Any], value: Any) -> Fraction:
    weights = {choice["id"]: weight(choice["weight"]) for choice in shown["choices"]}
    return weights.get(str(value), Fraction(0))


def _multiple(shown: Mapping[str, Any], value: Any) -> Fraction:
    chosen = set(value) if isinstance(value, list) else {str(value)}
    return sum(
        (weight(choice["weight"]) for choice in shown["choices"] if choice["id"] in chosen), start=Fraction(0)
    )


def _true_false(shown: Mapping[str, Any], value: Any) -> Fraction:
    return Fraction(int(str(value) == ("true" if shown["truth"] else "false")))


def number_from(text: str) -> Fraction | None:
    """``1 234,5``, ``1,234.5``, ``−3``, ``1/4`` or ``80 %`` as an exact number; ``None`` when it is none."""
    plain = re.sub(r"[\s\u00a0\u202f'%]", "", str(text)).replace("\u2212", "-")
    if len(plain) > 40:
        return None
    if "," in plain and "." in plain:
        thousands = "," if plain.rfind(",") < plain.rfind(".") else "."
        plain = plain.replace(thousands, "")
    plain = plain.replace(",", ".")
    if not re.fullmatch(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d{1,2})?(/0*[1-9]\d*)?", plain) or (
        "/" in plain and ("." in plain or "e" in plain.lower())
    ):
        return None
    return Fraction(plain)


def _numeric(shown: Mapping[str, Any], value: Any) -> Fraction:
    number = number_from(value)
    if number is None:
        return Fraction(0)
    return max(
        (
            weight(range_["weight"])
            for range_ in shown["accepted"]
            if Fraction(range_["least"]) <= number <= Fraction(range_["most"])
        ),
        default=Fraction(0),
    )


def tidy(text: str) -> str:
    """How words are compared: without case, doubled spaces, a full stop at the end, or the dots of ё."""
    return " ".join(str(text).casefold().replace("ё", "е").split()).rstrip(".")


def _short_text(shown: Mapping[str, Any], value: Any) -> Fraction:
    plain = tidy if not shown.get("case") else _tidy_with_case
    typed = plain(str(value)[:500])
    return max(
        (weight(word["weight"]) for word in shown["accepted"] if _fits(plain(word["text"]), typed)),
        default=Fraction(0),
    )


def _tidy_with_case(text: str) -> str:
    return " ".join(str(text).split()).rstrip(".")


def _fits(pattern: str, typed: str) -> bool:
    """Whether ``typed`` is ``pattern``, where ``*`` stands for any text. Takes time linear in both."""
    first, *rest = pattern.split("*")
    if not rest:
        return typed == first
    last = rest.pop()
    if not typed.startswith(first) or len(typed) < len(first) + len(last) or not typed.endswith(last):
        return False
    position, end = len(first), len(typed) - len(last)
    for part in rest:
        found = typed.find(part, position, end)
        if found < 0:
            return False
        position = found + len(part)
    return True


def _matching(shown: Mapping[str, Any], value: Any) -> Fraction:
    pairs = shown["pairs"]
    if not isinstance(value, dict) or not pairs:
        return Fraction(0)
    # Two lefts may share a right text, which then stands in the list once.
    right = sum(1 for pair in pairs if value.get(pair["id"]) == pair["right_id"])
    return Fraction(right, len(pairs))


def _ordering(shown: Mapping[str, Any], value: Any) -> Fraction:
    if not isinstance(value, dict):
        return Fraction(0)
    return ordering.worth([item["place"] for item in as_ordered(shown["items"], value)], shown["grading"])


def as_ordered(items: Sequence[Mapping[str, Any]], places: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The items as somebody put them: by the place they gave each; equal and missing ones as the page shows them."""

    def key(item: Mapping[str, Any]) -> int:
        place = number_in(str(places.get(item["id"], "")), most_digits=3)
        return place if place is not None else len(items) + 1

    return sorted(items, key=key)


_EARNED = {
    "single": _single,
    "multiple": _multiple,
    "true_false": _true_false,
    "numeric": _numeric,
    "short_text": _short_text,
    "matching": _matching,
    "ordering": _ordering,
}


@dataclass(frozen=True)
class Topic:
    """What somebody got of one topic's worth; ``is_weak`` when it is below the pass mark."""

    tag: str
    score: Fraction
    is_weak: bool


@dataclass(frozen=True)
class Result:
    """An attempt as scored. ``score`` is exact."""

    score: Fraction
    has_passed: bool
    topics: list[Topic]

    @property
    def is_distinction(self) -> bool:
        return self.has_passed and self.score >= DISTINCTION


@dataclass(frozen=True)
class Marked:
    """One question of an attempt: its topic, the share of its worth that was earned, its points, and whether
    anything was answered at all."""

    tag: str
    share: Fraction
    points: Fraction = Fraction(1)
    is_answered: bool = True

    def earned(self, penalty: Fraction) -> Fraction:
        """Points earned; a wrong answer takes ``penalty`` of the question's worth away, an open question nothing."""
        if self.is_answered and self.share == 0:
            return -penalty * self.points
        return self.share * self.points


def result_of(items: Sequence[Marked], pass_mark: int, *, penalty_percent: int = 0) -> Result:
    """The result of an attempt: what was earned of all points, never below nothing. An empty exam fails."""
    mark, penalty = Fraction(pass_mark, 100), Fraction(penalty_percent, 100)
    by_tag: dict[str, list[Marked]] = {}
    for item in items:
        by_tag.setdefault(item.tag, []).append(item)
    score = _score(items, penalty)
    topics = []
    for tag, marked in by_tag.items():
        own = _score(marked, penalty)
        topics.append(Topic(tag, own, own < mark))
    return Result(score, bool(items) and score >= mark, topics)


def _score(items: Sequence[Marked], penalty: Fraction) -> Fraction:
    whole = sum((item.points for item in items), start=Fraction(0))
    earned = sum((item.earned(penalty) for item in items), start=Fraction(0))
    return max(earned / whole, Fraction(0)) if whole else Fraction(0)


def points_of(shown: Mapping[str, Any]) -> Fraction:
    """What a question is worth as a whole."""
    return Fraction(str(shown.get("points", "1")))


def ten_thousandths(share: Fraction) -> int:
    """A share of one as it is kept: rounded down, so that 79.999 % is never shown as 80 %."""
    return share.numerator * WHOLE // share.denominator


def draw(
    tags_of: Mapping[int, Sequence[str]], wanted: Sequence[tuple[str, int]], chance: Random
) -> list[tuple[int, str]] | None:
    """Draws questions by chance: (question, the topic it stands for), in random order, no question twice.

    ``wanted`` says how many of each tag. Finds a draw whenever there is one, also where questions carry several tags;
    ``None`` when the bank is too small.
    """
    places = [tag for tag, count in wanted for _ in range(count)]
    questions = list(tags_of)
    chance.shuffle(questions)
    holder: dict[int, int] = {}

    def seat(place: int, tried: set[int]) -> bool:
        for question in questions:
            if question in tried or places[place] not in tags_of[question]:
                continue
            tried.add(question)
            if question not in holder or seat(holder[question], tried):
                holder[question] = place
                return True
        return False

    if not all(seat(place, set()) for place in range(len(places))):
        return None
    drawn = [(question, places[place]) for question, place in holder.items()]
    chance.shuffle(drawn)
    return drawn


def shuffled(items: Sequence[Item], chance: Random) -> list[Item]:
    """The same items in a random order."""
    mixed = list(items)
    chance.shuffle(mixed)
    return mixed
