"""Where the marks of a chart stand: numbers in, coordinates out; the components draw them as SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

Number = int | float | Decimal

_STEPS = tuple(Decimal(step) for step in ("1", "1.2", "1.6", "2", "2.4", "3", "4", "5", "6", "8", "10"))
_TOP, _FOOT = 20, 30


@dataclass(frozen=True, slots=True)
class Rule:
    """A horizontal line with the value it stands for."""

    y: float
    value: Decimal


@dataclass(frozen=True, slots=True)
class Bar:
    """One rectangle; ``series`` counts from 1 and chooses the colour."""

    x: float
    y: float
    width: float
    height: float
    series: int


@dataclass(frozen=True, slots=True)
class Tick:
    """A name under the horizontal axis; ``anchor`` is SVG's text-anchor."""

    x: float
    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Bars:
    """A drawn bar chart: stacked when there are several series."""

    width: int
    height: int
    left: int
    bars: tuple[Bar, ...]
    rules: tuple[Rule, ...]
    ticks: tuple[Tick, ...]


@dataclass(frozen=True, slots=True)
class Lines:
    """A drawn line chart: one string of points a series, as SVG's polyline wants it."""

    width: int
    height: int
    left: int
    lines: tuple[str, ...]
    ends: tuple[tuple[float, float], ...]
    rules: tuple[Rule, ...]
    ticks: tuple[Tick, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """Bars that lie, to the right of ``zero`` for more and to the left for less; one a line, 26 high."""

    width: int
    height: int
    zero: float
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Gauge:
    """A value on a scale with one reference mark; everything in a drawing 280 wide."""

    value_x: float
    mark_x: float
    mark_anchor: str
    text_x: float
    text_anchor: str


def nice_top(highest: Number) -> Decimal:
    """The lowest round number that is not below ``highest`` and has a round half; 1 for nothing."""
    value = Decimal(str(highest))
    if value <= 0:
        return Decimal(1)
    power = Decimal(10) ** value.adjusted()
    return next(step * power for step in _STEPS if step * power >= value)


def bars_of(
    names: Sequence[str],
    series: Sequence[Sequence[Number]],
    *,
    width: int = 640,
    height: int = 190,
    left: int = 52,
) -> Bars:
    """Bars for ``series`` of equal length, the first on top of the second and so on, as wide as there is room for."""
    count = len(names)
    totals = [sum((Decimal(str(one[index])) for one in series), Decimal(0)) for index in range(count)]
    top = nice_top(max(totals, default=Decimal(0)))
    ground = height - _FOOT
    scale = float(ground - _TOP) / float(top)
    pitch = (width - left) / max(count, 1)
    bar_width = round(min(pitch * 0.68, 48), 1)
    bars: list[Bar] = []
    for index in range(count):
        x = round(left + pitch * index + (pitch - bar_width) / 2, 1)
        floor = float(ground)
        for place in range(len(series) - 1, -1, -1):
            tall = float(series[place][index]) * scale
            if tall <= 0:
                continue
            gap = 1 if floor < ground and tall > 2 else 0
            bars.append(Bar(x, round(floor - tall, 1), bar_width, round(tall - gap, 1), place + 1))
            floor -= tall
    centres = [left + pitch * (index + 0.5) for index in range(count)]
    return Bars(width, height, left, tuple(bars), _rules(top, ground), _ticks(names, centres, width, left))


def line_of(
    names: Sequence[str],
    series: Sequence[Sequence[Number]],
    *,
    width: int = 640,
    height: int = 190,
    left: int = 52,
) -> Lines:
    """Lines for ``series`` of equal length, from the left edge to the right one."""
    count = len(names)
    top = nice_top(max((Decimal(str(value)) for one in series for value in one), default=Decimal(0)))
    ground = height - _FOOT
    scale = float(ground - _TOP) / float(top)
    inset = 8
    step = (width - left - 2 * inset) / max(count - 1, 1)
    xs = [left + inset + step * index for index in range(count)]
    points = [
        [(round(x, 1), round(ground - float(value) * scale, 1)) for x, value in zip(xs, one, strict=True)]
        for one in series
    ]
    lines = tuple(" ".join(f"{x},{y}" for x, y in one) for one in points)
    ends = tuple(one[-1] for one in points if one)
    return Lines(width, height, left, lines, ends, _rules(top, ground), _ticks(names, xs, width, left))


def gauge_of(value: Number, mark: Number, highest: Number) -> Gauge:
    """Where ``value`` and the reference ``mark`` stand on a scale from 0 to ``highest``, and where their words fit."""

    def place(number: Number) -> float:
        return round(280 * max(0.0, min(1.0, float(number) / float(highest))), 1)

    value_x, mark_x = place(value), place(mark)
    text_x, text_anchor = (value_x + 8, "start") if value_x < 210 else (value_x - 8, "end")
    if text_anchor == "start" and value_x < mark_x < value_x + 60:
        text_x = mark_x + 8
    mark_anchor = "start" if mark_x < 50 else "end" if mark_x > 230 else "middle"
    return Gauge(value_x, mark_x, mark_anchor, round(text_x, 1), text_anchor)


def changes_of(
    names: Sequence[str], values: Sequence[Number], *, width: int = 640, left: int = 200, right: int = 110
) -> Changes:
    """A bar a line for ``values`` above and below 0, from a common zero; ``left`` and ``right`` are for the words."""
    row, gap = 26, 8
    highest = max((Decimal(str(value)) for value in values), default=Decimal(0))
    lowest = min((Decimal(str(value)) for value in values), default=Decimal(0))
    above, below = max(highest, Decimal(0)), max(-lowest, Decimal(0))
    span = above + below or Decimal(1)
    room = width - left - right
    zero = round(left + float(below / span) * room, 1)
    bars = []
    for index, value in enumerate(values):
        long = round(float(abs(Decimal(str(value))) / span) * room, 1)
        x = zero if value >= 0 else round(zero - long, 1)
        bars.append(Bar(x, index * row + gap / 2, long, row - gap, 1 if value >= 0 else 2))
    return Changes(width, max(len(names), 1) * row, zero, tuple(bars))


def _rules(top: Decimal, ground: int) -> tuple[Rule, ...]:
    middle = (_TOP + ground) / 2
    return (Rule(_TOP + 0.5, top), Rule(middle + 0.5, top / 2), Rule(ground + 0.5, Decimal(0)))


def _ticks(names: Sequence[str], centres: Sequence[float], width: int, left: int) -> tuple[Tick, ...]:
    """As many names as fit without touching, the first and the last always."""
    if not names:
        return ()
    room = max(len(name) for name in names) * 7 + 16
    fits = max(2, int((width - left) / room))
    stride = max(1, int((Decimal(len(names) - 1) / max(fits - 1, 1)).to_integral_value(ROUND_CEILING)))
    last = len(names) - 1
    chosen = [
        index
        for index in range(0, len(names), stride)
        if index == last or (last - index) * (width - left) / len(names) >= room
    ]
    if last not in chosen:
        chosen.append(last)
    ticks = []
    for index in chosen:
        half = len(names[index]) * 3.5
        x, anchor = centres[index], "middle"
        if x + half > width:
            x, anchor = float(width), "end"
        elif x - half < left - 8 and index == 0:
            x, anchor = float(left), "start"
        ticks.append(Tick(round(x, 1), names[index], anchor))
    return tuple(ticks)
