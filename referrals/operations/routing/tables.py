"""The candidate table of a decision: written in one piece, and read back row by row.

A large network has thousands of candidates a lead. So the table is one document: those who were scored, by rank, each
with the places of its figures in a list that holds equal figures once; and those who were filtered out, each as one
sign, which stands for all that kept it out, at the place of its number. Only who was asked has a row of its own, which
says who may see the lead.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from referrals.models.routing import RoutingCandidate, RoutingDecision
from referrals.queries.candidates import LeftOut, Sorted
from referrals.queries.decisions import candidates_of
from referrals.routing import Factor, Filter, Filtered, Row, Scored

#: What stands for the filters that keep a partner out: letters and the like, none of which JSON has to write otherwise.
_SIGNS = [chr(number) for number in range(0x30, 0xD800) if number != 0x5C and not 0x7F <= number <= 0xA0]
#: The place of who is not among the left out.
_NOBODY = " "
#: Signs are not written when fewer than one of so many numbers would be a partner's.
_SPARSE = 8


def table_text(ranked: Sequence[Row], network: Sorted) -> str:
    """``figures``: [value, params]; ``rows``: [partner, points, chosen, places of its figures …], by rank;
    ``waived``: the filters that the first went past.

    ``left_out``: [filters, sign], and ``signs``: one for every number from ``first`` on. Where numbers lie too far
    apart for that, ``left_out`` is [filters, partners], as it was in older decisions.
    """
    factors = [(scored.factor.value, scored.weight) for scored in ranked[0].factors] if ranked else []
    # Scores are shared between candidates, so the same object is the same figure.
    columns = list(zip(*[row.factors for row in ranked], strict=True))
    figures: dict[int, Scored] = {}
    for column in columns:
        figures.update(zip(map(id, column), column, strict=True))
    place_of = dict(zip(figures, range(len(figures)), strict=True)).__getitem__
    names = [(int(row.partner_id), row.points, int(row.chosen)) for row in ranked]
    places = [map(place_of, map(id, column)) for column in columns]
    rows = (
        [(*name, *each) for name, each in zip(names, zip(*places, strict=True), strict=True)]
        if columns
        else names
    )
    return json.dumps(
        {
            "factors": factors,
            "figures": [(scored.value, scored.params) for scored in figures.values()],
            "rows": rows,
            "waived": [filtered_json(one) for row in ranked[:1] for one in row.waived],
        }
        | _left_out_text(network.left_out),
        separators=(",", ":"),
        ensure_ascii=False,
    )


def _left_out_text(left_out: Sequence[LeftOut]) -> dict[str, Any]:
    filters = [[filtered_json(one) for one in entry.failed] for entry in left_out]
    first = min((min(entry.partner_ids) for entry in left_out), default=0)
    last = max((max(entry.partner_ids) for entry in left_out), default=0)
    number = sum(len(entry.partner_ids) for entry in left_out)
    if last - first > _SPARSE * number or len(left_out) > len(_SIGNS):
        lists = [",".join(map(str, entry.partner_ids)) for entry in left_out]
        return {"left_out": list(zip(filters, lists, strict=True))}
    places = [_NOBODY] * (last - first + 1)
    for sign, entry in zip(_SIGNS, left_out, strict=False):
        for partner_id in entry.partner_ids:
            places[partner_id - first] = sign
    return {
        "left_out": list(zip(filters, _SIGNS, strict=False)),
        "first": first,
        "signs": "".join(places),
    }


def ranking_of(decision: RoutingDecision) -> list[Row]:
    """Everybody who was scored, by rank."""
    if not decision.ranking:
        return [_row_of(candidate) for candidate in candidates_of(decision)]
    stored = json.loads(decision.ranking)
    return [_scored_row(stored, rank) for rank in range(1, len(stored["rows"]) + 1)]


def _scored_row(stored: dict[str, Any], rank: int) -> Row:
    """Who has this place in a stored table."""
    partner_id, points, chosen, *places = stored["rows"][rank - 1]
    figures = [stored["figures"][place] for place in places]
    return Row(
        partner_id=str(partner_id),
        eligible=True,
        filtered_by=(),
        factors=tuple(
            Scored(Factor(name), value, weight, params)
            for (name, weight), (value, params) in zip(stored["factors"], figures, strict=True)
        ),
        points=points,
        rank=rank,
        chosen=bool(chosen),
        waived=tuple(_filtered_from(one) for one in stored["waived"]) if rank == 1 else (),
    )


@dataclass(frozen=True)
class OwnPlace:
    """One partner's row of a table (None: it was not asked), the best one's, and how many were scored."""

    own: Row | None
    best: Row | None
    of: int


def place_of(decision: RoutingDecision, partner_id: int) -> OwnPlace:
    """Where one partner stood, without the rows of thousands of others being made."""
    if not decision.ranking:
        rows = rows_of(decision)
        own = next((row for row in rows if row.partner_id == str(partner_id)), None)
        scored = [row for row in rows if row.rank is not None]
        return OwnPlace(own, scored[0] if scored else None, len(scored))
    stored = json.loads(decision.ranking)
    of = len(stored["rows"])
    best = _scored_row(stored, 1) if of else None
    rank = next((rank for rank, row in enumerate(stored["rows"], start=1) if row[0] == partner_id), None)
    if rank is not None:
        return OwnPlace(_scored_row(stored, rank), best, of)
    failed = _what_kept_out(stored, partner_id)
    left_out = Row(partner_id=str(partner_id), eligible=False, filtered_by=failed) if failed else None
    return OwnPlace(left_out, best, of)


def _what_kept_out(stored: dict[str, Any], partner_id: int) -> tuple[Filtered, ...]:
    if "signs" not in stored:
        lists = ((failed, written.split(",")) for failed, written in stored["left_out"])
        kept_out: list[dict[str, Any]] = next((failed for failed, ids in lists if str(partner_id) in ids), [])
        return tuple(_filtered_from(one) for one in kept_out)
    place = partner_id - stored["first"]
    sign = stored["signs"][place] if 0 <= place < len(stored["signs"]) else _NOBODY
    kept_out = next((failed for failed, each in stored["left_out"] if each == sign), [])
    return tuple(_filtered_from(one) for one in kept_out)


def left_out_of(decision: RoutingDecision) -> list[tuple[tuple[Filtered, ...], list[int]]]:
    """Everybody who was filtered out: the filters that did, and the partners; who got the lead past them is not."""
    if not decision.ranking:
        return [((_filtered_from(entry),), entry["partner_ids"]) for entry in decision.filtered_out]
    stored = json.loads(decision.ranking)
    past = stored["rows"][0][0] if stored["waived"] else None
    groups = [
        (tuple(_filtered_from(one) for one in failed), [one for one in ids if one != past])
        for failed, ids in _left_out_lists(stored)
    ]
    return [(failed, ids) for failed, ids in groups if ids]


def _left_out_lists(stored: dict[str, Any]) -> list[tuple[list[dict[str, Any]], list[int]]]:
    if "signs" not in stored:
        return [(failed, sorted(map(int, written.split(",")))) for failed, written in stored["left_out"]]
    by_sign: dict[str, list[int]] = defaultdict(list)
    for partner_id, sign in enumerate(stored["signs"], start=stored["first"]):
        by_sign[sign].append(partner_id)
    return [(failed, by_sign[sign]) for failed, sign in stored["left_out"]]


def left_out_by_reason(decision: RoutingDecision) -> list[tuple[Filtered, list[int]]]:
    """The same by single reasons, in the order of the filters: who was kept out by several stands in several."""
    entries: dict[str, tuple[Filtered, list[int]]] = {}
    for failed, ids in left_out_of(decision):
        for one in failed:
            entries.setdefault(json.dumps(filtered_json(one)), (one, []))[1].extend(ids)
    order = list(Filter)
    return sorted(entries.values(), key=lambda entry: order.index(entry[0].filter))


def rows_of(decision: RoutingDecision) -> list[Row]:
    """The whole table of a decision: the scored by rank, then the filtered out by partner."""
    failures: dict[int, tuple[Filtered, ...]] = {}
    for failed, ids in left_out_of(decision):
        for partner_id in ids:
            failures[partner_id] = failures.get(partner_id, ()) + failed
    return ranking_of(decision) + [
        Row(partner_id=str(partner_id), eligible=False, filtered_by=failures[partner_id])
        for partner_id in sorted(failures)
    ]


def _row_of(candidate: RoutingCandidate) -> Row:
    """A candidate of a decision that was kept row by row, as they once all were."""
    names = ("factors", "points", "rank", "chosen", "waived")
    stored = {name: getattr(candidate, name) for name in names}
    return Row.from_json(
        {**stored, "partner_id": str(candidate.partner_id), "eligible": True, "filtered_by": []}
    )


def reasons(network: Sorted) -> list[dict[str, Any]]:
    """How many each filter kept out, in the order of the filters."""
    numbers = {
        filter_: sum(
            len(entry.partner_ids)
            for entry in network.left_out
            if any(one.filter is filter_ for one in entry.failed)
        )
        for filter_ in Filter
    }
    return [{"filter": filter_.value, "number": number} for filter_, number in numbers.items() if number]


def filtered_json(entry: Filtered) -> dict[str, Any]:
    """One reason as it is stored."""
    return {"filter": entry.filter.value, "params": dict(entry.params)}


def _filtered_from(stored: dict[str, Any]) -> Filtered:
    return Filtered(Filter(stored["filter"]), stored["params"])
