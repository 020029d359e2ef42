"""Clocks and figures: how long something takes, what it is held against, and how that is written down."""

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Figure:
    """One measured thing. ``ratio`` is ours against the reference, ``target`` what it must reach, ``holds`` whether."""

    what: str
    ours: str
    reference: str
    ratio: str
    target: str
    holds: bool
    note: str = ""


def seconds(deed: Callable[[], Any], *, times: int = 1, warm: int = 0) -> float:
    """The median time of ``deed`` over ``times`` runs, after ``warm`` runs that do not count."""
    for _turn in range(warm):
        deed()
    taken = []
    gc.collect()
    for _turn in range(times):
        begun = time.perf_counter()
        deed()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


def at_most(what: str, ours: float, reference: float, times: float, note: str = "") -> Figure:
    """Ours may take ``times`` as long as the reference."""
    ratio = ours / reference
    return Figure(
        what, _said(ours), _said(reference), f"{ratio:.1f} ×", f"≤ {times:g} ×", ratio <= times, note
    )


def at_least(what: str, ours: float, reference: float, share: float, unit: str, note: str = "") -> Figure:
    """Ours must reach ``share`` of the reference's pace; both in ``unit`` a second."""
    ratio = ours / reference
    said = f"{ratio:.0%}" if share <= 1 else f"{ratio:.0f} ×"
    target = f"≥ {share:.0%}" if share <= 1 else f"≥ {share:g} ×"
    return Figure(
        what, f"{ours:,.0f} {unit}/s", f"{reference:,.0f} {unit}/s", said, target, ratio >= share, note
    )


def memory_at_most(what: str, ours: int, limit: int) -> Figure:
    """Ours may take ``limit`` MiB."""
    ratio = ours / limit
    return Figure(what, f"{ours} MiB", f"{limit} MiB", f"{ratio:.2f} ×", "≤ 1 ×", ratio <= 1)


def _said(span: float) -> str:
    return f"{span * 1000:,.1f} ms" if span < 10 else f"{span:,.1f} s"


def as_markdown(heading: str, figures: list[Figure]) -> str:
    """The table of a run, ratios first."""
    lines = [heading, "", "| what | ratio | must be | | ours | reference |", "|---|---:|---:|---|---:|---:|"]
    lines += [
        f"| {one.what} | **{one.ratio}** | {one.target} | {'holds' if one.holds else '**missed**'} | {one.ours} | "
        f"{one.reference} |"
        for one in figures
    ]
    notes = [f"- {one.what}: {one.note}" for one in figures if one.note]
    return "\n".join([*lines, "", *notes]) + "\n"
