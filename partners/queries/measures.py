"""What can be measured about firms: a registry that the domains above fill, each measure a ``Select`` keyed by firm.

One measure serves tiers, scorecard, development plans and the concentration report, so that all of them say the same
figure. A measure is made of *facts* (they add up, and each leaves a window some day) or of *levels* (a share, a median,
a mark, worked out anew for each period). Every question here is set-based: one statement for all firms, or for one.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from accounts.models import User
from accounts.permissions import PARTNER_ROLES
from core import clock
from core.database import session
from core.i18n import current_locale
from core.settings import PROGRAMME_TIME_ZONE
from partners.models import Member
from partners.queries.reach import Reach, among, pairs_within
from partners.settings import YEAR_STARTS
from partners.tiers.windows import Period, Span, Window


class MeasureUnit(StrEnum):
    """In what a measure is counted; values are whole numbers of the part that stands behind it."""

    MONEY = "money"  # minor units of the programme's currency
    COUNT = "count"
    SHARE = "share"  # hundredths of a per cent
    MINUTES = "minutes"  # of working time
    STARS = "stars"  # hundredths


#: From a period (its first moment, its end) and a course to rows of a firm.
Facts = Callable[["Between", str], sa.Select[*tuple[Any, ...]]]


@dataclass(frozen=True)
class Between:
    """A period in moments: ``since`` is included (``None``: from the beginning), ``until`` is not."""

    since: datetime | None
    until: datetime

    def covers(self, column: Any) -> sa.ColumnElement[bool]:
        """The condition that ``column`` lies in it."""
        before: sa.ColumnElement[bool] = column < self.until
        return before if self.since is None else sa.and_(column >= self.since, before)


@dataclass(frozen=True)
class Measure:
    """Something to measure.

    ``facts`` answers (partner_id, amount, turns): ``turns`` is when it happened or, where ``stands`` is set, until when
    it holds, whatever the period (a certificate). ``levels`` answers (partner_id, value, counted) for a period.
    ``endpoint`` is the firm's page that shows what it is made of.
    """

    code: str
    label: Any
    unit: MeasureUnit
    how: Any
    order: int
    facts: Facts | None = None
    levels: Facts | None = None
    stands: bool = False
    less_is_better: bool = False
    for_tiers: bool = True
    endpoint: str = ""
    #: (code, title) of what it can be narrowed to.
    courses: Callable[[], list[tuple[str, str]]] | None = None
    #: So many more of it, as people say it: "2 more won deals".
    more: Callable[[int], str] | None = None

    @property
    def adds_up(self) -> bool:
        return self.facts is not None


_measures: dict[str, Measure] = {}


def measures_by(measure: Measure) -> None:
    """Adds a measure, once."""
    if (measure.facts is None) == (measure.levels is None):
        raise TypeError(f"{measure.code} is measured by facts or by levels.")
    _measures[measure.code] = measure


def measures() -> list[Measure]:
    """Everything that can be measured in this installation, in order."""
    return sorted(_measures.values(), key=lambda one: (one.order, one.code))


def measure_of(code: str) -> Measure | None:
    """The measure of that code; ``None`` when nobody measures it."""
    return _measures.get(code)


def course_titles(measure: Measure) -> dict[str, str]:
    """The titles by code of what a measure can be narrowed to, asked once a request and language."""
    if measure.courses is None:
        return {}
    known: dict[tuple[str, str], dict[str, str]] = session.info.setdefault("partners.measures.titles", {})
    key = (measure.code, current_locale())
    if key not in known:
        known[key] = dict(measure.courses())
    return known[key]


@dataclass(frozen=True)
class Measured:
    """A value, and of how many facts it is made."""

    value: int
    counted: int


def programme_today() -> date:
    """Today in the programme's zone."""
    return clock.today(PROGRAMME_TIME_ZONE.value())


def moment_of(day: date) -> datetime:
    """The first moment of a day in the programme's zone."""
    return datetime.combine(day, time(0), ZoneInfo(PROGRAMME_TIME_ZONE.value()))


def day_of(moment: datetime) -> date:
    """The programme's day that a moment lies in."""
    return moment.astimezone(ZoneInfo(PROGRAMME_TIME_ZONE.value())).date()


def between(period: Period) -> Between:
    """A period of days in moments; it never reaches beyond this moment."""
    since = moment_of(period.first) if period.first is not None else None
    return Between(since, min(moment_of(period.end), clock.now() + timedelta(microseconds=1)))


def last_days(days: int, *, back: int = 0) -> Between:
    """The last ``days`` days including today, moved ``back`` by so many days."""
    end = programme_today() + timedelta(days=1 - back)
    return between(Period(end - timedelta(days=days), end))


def _facts_of(
    measure: Measure, course: str, about: Between, firms: Iterable[int] | None, reach: Reach | None
) -> sa.Subquery:
    """(partner_id, amount, turns) of ``firms``; with a ``reach``, a fact stands there for each firm it counts for.

    The condition stands on the facts themselves, so that the database looks at these firms' rows only.
    """
    assert measure.facts is not None
    facts = measure.facts(about, course).subquery()
    if reach is None:
        rows = sa.select(facts.c.partner_id, facts.c.amount, facts.c.turns)
        return (rows if firms is None else rows.where(among(facts.c.partner_id, firms))).subquery()
    pairs = pairs_within(firms)
    rows = sa.select(pairs.c.counts_for.label("partner_id"), facts.c.amount, facts.c.turns).join(
        pairs, pairs.c.partner_id == facts.c.partner_id
    )
    if firms is not None:
        rows = rows.where(sa.or_(among(facts.c.partner_id, firms), facts.c.partner_id.in_(reach.strangers)))
    return rows.subquery()


def values(
    measure: Measure,
    course: str,
    about: Between,
    *,
    firms: Iterable[int] | None = None,
    reach: Reach | None = None,
) -> dict[int, Measured]:
    """The value of every firm that has any (of ``firms`` only), in one statement.

    With a ``reach``, what adds up is added up over the firms that count; a share, a median or a mark stays the firm's.
    """
    if measure.facts is not None:
        facts = _facts_of(measure, course, about, firms, reach)
        rows = sa.select(facts.c.partner_id, sa.func.sum(facts.c.amount), sa.func.count()).group_by(
            facts.c.partner_id
        )
    else:
        assert measure.levels is not None
        facts = measure.levels(about, course).subquery()
        rows = sa.select(facts.c.partner_id, facts.c.value, facts.c.counted)
        if firms is not None:
            rows = rows.where(among(facts.c.partner_id, firms))
    return {
        partner_id: Measured(int(value), int(counted))
        for partner_id, value, counted in session.execute(rows)
        if partner_id is not None and value is not None
    }


def values_over(
    measure: Measure,
    course: str,
    span: Span,
    *,
    firms: Iterable[int] | None = None,
    reach: Reach | None = None,
) -> dict[int, tuple[Measured, Period]]:
    """The value over a window with the period it was found in; of two periods the better one."""
    best: dict[int, tuple[Measured, Period]] = {}
    for period in span.periods(programme_today(), YEAR_STARTS.value()):
        of_period = values(measure, course, between(period), firms=firms, reach=reach)
        for partner_id, found in of_period.items():
            known = best.get(partner_id)
            if known is None or _is_better(measure, found, known[0]):
                best[partner_id] = (found, period)
    return best


def _is_better(measure: Measure, one: Measured, other: Measured) -> bool:
    return one.value < other.value if measure.less_is_better else one.value > other.value


@dataclass(frozen=True)
class Lapse:
    """On ``day`` the value falls to ``remains``, below what is needed, if nothing new comes."""

    day: date
    remains: int


def lapses(
    measure: Measure,
    course: str,
    span: Span,
    needed: sa.ColumnElement[int] | int,
    *,
    per_person: bool,
    firms: Iterable[int] | None = None,
    reach: Reach | None = None,
) -> dict[int, Lapse]:
    """For every firm that meets ``needed`` now by facts that leave one by one: when it first would not.

    One statement: facts in the order in which they leave, with the sum of what is gone by then.
    """
    if measure.facts is None or not (measure.stands or span.window is Window.ROLLING):
        return {}
    (period,) = span.periods(programme_today(), YEAR_STARTS.value())[:1]
    facts = _facts_of(measure, course, between(period), firms, reach)
    whole = sa.func.sum(facts.c.amount).over(partition_by=facts.c.partner_id)
    gone = sa.func.sum(facts.c.amount).over(partition_by=facts.c.partner_id, order_by=facts.c.turns)
    running = sa.select(
        facts.c.partner_id, facts.c.turns, whole.label("whole"), (whole - gone).label("remains")
    ).subquery()
    bar: Any = sa.literal(needed) if isinstance(needed, int) else needed
    source: Any = running
    if per_person:
        people = people_of_firms(firms, reach).subquery()
        source = running.outerjoin(people, people.c.partner_id == running.c.partner_id)
        bar = bar * sa.func.coalesce(people.c.people, 1)
    failing = (
        sa.select(
            running.c.partner_id,
            running.c.turns,
            running.c.remains,
            sa.func.row_number()
            .over(partition_by=running.c.partner_id, order_by=running.c.turns)
            .label("place"),
        )
        .select_from(source)
        .where(running.c.whole >= bar, running.c.remains < bar)
        .subquery()
    )
    first = sa.select(failing.c.partner_id, failing.c.turns, failing.c.remains).where(failing.c.place == 1)
    return {
        partner_id: Lapse(leaves_on(measure, span, turns), int(remains))
        for partner_id, turns, remains in session.execute(first)
        if partner_id is not None
    }


def leaves_on(measure: Measure, span: Span, turns: datetime) -> date:
    """The first day on which a fact no longer counts: the day it ends, or so many days after it happened."""
    day = day_of(turns)
    return day if measure.stands else day + timedelta(days=span.days or 0)


def remaining(measure: Measure, course: str, span: Span, firms: Sequence[int], days: list[date]) -> list[int]:
    """What would be left on each of ``days`` of the firms' value together if nothing new came, in one statement."""
    assert measure.facts is not None
    (period,) = span.periods(programme_today(), YEAR_STARTS.value())[:1]
    facts = measure.facts(between(period), course).subquery()
    shift = timedelta(days=0 if measure.stands else (span.days or 0))
    parts = [
        sa.func.coalesce(
            sa.func.sum(
                sa.case(
                    (facts.c.turns >= moment_of(day - shift + timedelta(days=1)), facts.c.amount), else_=0
                )
            ),
            0,
        )
        for day in days
    ]
    row = session.execute(sa.select(*parts).where(facts.c.partner_id.in_(firms))).one()
    return [int(value) for value in row]


def by_month(measure: Measure, firm: int | sa.Select[int], months: int = 12) -> list[tuple[date, int]]:
    """The value in each of the last ``months`` months, the running one last, of one firm or of several added up.

    Nothing counts as 0. A level, of one firm only, is worked out for each month by itself; facts take one statement.
    """
    starts = month_starts(programme_today(), months)
    if measure.facts is None:
        if not isinstance(firm, int):
            raise TypeError("Levels of several firms do not add up.")
        ends = [*starts[1:], programme_today() + timedelta(days=1)]
        found = []
        for first, end in zip(starts, ends, strict=True):
            known = values(measure, "", between(Period(first, end)), firms=[firm]).get(firm)
            found.append((first, known.value if known is not None else 0))
        return found
    facts = measure.facts(between(Period(starts[0], programme_today() + timedelta(days=1))), "").subquery()
    year, month = sa.extract("year", facts.c.turns), sa.extract("month", facts.c.turns)
    rows = session.execute(
        sa.select(year, month, sa.func.sum(facts.c.amount))
        .where(facts.c.partner_id.in_([firm] if isinstance(firm, int) else firm))
        .group_by(year, month)
    )
    sums = {(int(a), int(b)): int(value) for a, b, value in rows}
    return [(first, sums.get((first.year, first.month), 0)) for first in starts]


def month_starts(today: date, months: int) -> list[date]:
    """The first days of the last ``months`` months, the running one last."""
    count = today.year * 12 + today.month - 1
    return [date(number // 12, number % 12 + 1, 1) for number in range(count - months + 1, count + 1)]


def people_of_firms(firms: Iterable[int] | None = None, reach: Reach | None = None) -> sa.Select[int, int]:
    """(partner_id, people): how many can sign in for each firm, with a ``reach`` for those that count as well."""
    whose: Any = Member.partner_id
    rows = sa.select(whose.label("partner_id"), sa.func.count().label("people"))
    if reach is not None:
        pairs = pairs_within(firms)
        whose = pairs.c.counts_for
        rows = (
            sa.select(whose.label("partner_id"), sa.func.count().label("people"))
            .select_from(Member)
            .join(pairs, pairs.c.partner_id == Member.partner_id)
        )
    rows = rows.join(User, User.id == Member.user_id).where(
        Member.left_at.is_(None), User.suspended_at.is_(None), User.role.in_(PARTNER_ROLES)
    )
    return (rows if firms is None else rows.where(among(whose, firms))).group_by(whose)


def people_by_firm(firms: Iterable[int] | None = None, reach: Reach | None = None) -> dict[int, int]:
    """The same as a mapping; firms without people are missing."""
    return {int(firm): int(people) for firm, people in session.execute(people_of_firms(firms, reach))}


def measured_by_partner(measure: Measure, about: Between, course: str = "") -> sa.Subquery:
    """(partner_id, value) as a subquery, for lists that sort by it."""
    if measure.facts is not None:
        facts = measure.facts(about, course).subquery()
        return (
            sa.select(facts.c.partner_id, sa.func.sum(facts.c.amount).label("value"))
            .where(facts.c.partner_id.is_not(None))
            .group_by(facts.c.partner_id)
            .subquery()
        )
    assert measure.levels is not None
    return measure.levels(about, course).subquery()
