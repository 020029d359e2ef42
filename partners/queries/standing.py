"""Where firms stand: tier rules, what they measure for all firms at once, and what was decided."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from core.database import session
from partners.models import (
    Partner,
    RulesStatus,
    TierDecision,
    TierDryRun,
    TierDryRunRow,
    TierEvaluation,
    TierGrace,
    TierHold,
    TierRequirement,
    TierRules,
    TierRun,
)
from partners.queries.catalogue import tiers
from partners.queries.measures import (
    Lapse,
    Measured,
    lapses,
    measure_of,
    people_by_firm,
    programme_today,
    remaining,
    values_over,
)
from partners.queries.reach import reach_of
from partners.settings import GRACE_DAYS
from partners.tiers.deciding import Asked, Hold, is_met
from partners.tiers.foresight import Foresight, Gap, foresee
from partners.tiers.windows import Comparison, Per, Period, Span, Window


def ranks() -> list[str]:
    """The codes of the tiers from the ground up."""
    return [tier.code for tier in tiers()]


def rules_in_force() -> TierRules | None:
    """The published version with its requirements; ``None`` before the first."""
    return session.scalar(_rules().where(TierRules.status == RulesStatus.PUBLISHED))


def draft_rules() -> TierRules | None:
    """The version that is being written, if there is one."""
    return session.scalar(_rules().where(TierRules.status == RulesStatus.DRAFT))


def all_rules() -> sa.Select[TierRules]:
    """Every version, latest first."""
    return _rules().order_by(TierRules.number.desc())


def _rules() -> sa.Select[TierRules]:
    return sa.select(TierRules).options(
        selectinload(TierRules.requirements).joinedload(TierRequirement.tier_row)
    )


def digest_of(rules: TierRules) -> str:
    """A short hash of what a version asks for, by which a dry run says of what it was made."""
    parts = sorted(
        (row.tier, row.measure, row.course, row.window, row.days or 0, row.comparison, row.value, row.per)
        for row in rules.requirements
    )
    return hashlib.sha256(repr([tuple(map(str, part)) for part in parts]).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Line:
    """One requirement of one firm: how it stands, and from what that was found."""

    asked: Asked
    evidence: dict[str, Any]


class Assessment:
    """All requirements measured for all firms (or ``firms``): one statement for each thing measured.

    Requirements that share measure, course and window share the statement; what lapses takes one more each. By the
    setting, what adds up is added up over a firm and its branches.
    """

    def __init__(self, requirements: Sequence[TierRequirement], firms: Iterable[int] | None = None) -> None:
        self.requirements = list(requirements)
        self.today = programme_today()
        chosen = firms if firms is None or isinstance(firms, range) else list(firms)
        self._reach = reach_of(chosen)
        self._people = people_by_firm(chosen, self._reach)
        self._values: dict[tuple[str, str, Span], dict[int, tuple[Measured, Period]]] = {}
        self._lapses: dict[int, dict[int, Lapse]] = {}
        for row in self.requirements:
            measure = measure_of(row.measure)
            if measure is None:
                self._values.setdefault(row.subject, {})
                continue
            if row.subject not in self._values:
                self._values[row.subject] = values_over(
                    measure, row.course, row.span, firms=chosen, reach=self._reach
                )
            if row.comparison is Comparison.AT_LEAST and row.value > 0:
                self._lapses[row.id] = lapses(
                    measure,
                    row.course,
                    row.span,
                    row.value,
                    per_person=row.per is Per.PERSON,
                    firms=chosen,
                    reach=self._reach,
                )

    def lines(self, firm: int) -> list[Line]:
        """Every requirement of one firm, in the order of the rules."""
        return [self._line(firm, row) for row in self.requirements]

    def _line(self, firm: int, row: TierRequirement) -> Line:
        found = self._values[row.subject].get(firm)
        measure = measure_of(row.measure)
        value = found[0].value if found is not None else None
        if value is None and measure is not None and measure.adds_up:
            value = 0
        people = self._people.get(firm, 0)
        needed = row.value * max(people, 1) if row.per is Per.PERSON else row.value
        met = is_met(value, needed, at_most=row.comparison is Comparison.AT_MOST)
        lapse = self._lapses.get(row.id, {}).get(firm) if met else None
        period = found[1] if found is not None else None
        ends, remains = (lapse.day, lapse.remains) if lapse is not None else (None, None)
        if met and ends is None and period is not None and period.kept_until is not None and needed > 0:
            ends, remains = period.kept_until, 0
        evidence: dict[str, Any] = {
            "from": period.first.isoformat() if period is not None and period.first is not None else None,
            "until": self.today.isoformat(),
            "counted": found[0].counted if found is not None else 0,
        }
        if row.per is Per.PERSON:
            evidence["people"] = people
        others = self._reach.number_for(firm) if self._reach is not None else 0
        if others and measure is not None and measure.adds_up:
            evidence["firms"] = others + 1
        return Line(Asked(row.id, row.tier, value, needed, met, ends, remains), evidence)


def firms_counted(partner: Partner) -> list[int]:
    """The numbers of the firms whose figures count for the firm's tier, itself first."""
    reach = reach_of([partner.id])
    return [partner.id] if reach is None else reach.firms_for(partner.id)


def said_of(row: TierRequirement, asked: Asked) -> dict[str, Any]:
    """A requirement and how it stood, in plain values, to be kept with a decision for good."""
    return {
        "requirement": row.id,
        "tier": row.tier,
        "measure": row.measure,
        "course": row.course,
        "window": str(row.window),
        "days": row.days,
        "comparison": str(row.comparison),
        "per": str(row.per),
        "value": asked.value,
        "needed": asked.needed,
        "met": asked.met,
    }


def span_of(said: dict[str, Any]) -> Span:
    """The window of what :func:`said_of` kept."""
    return Span(Window(said["window"]), said["days"])


def evaluations_of(partner: Partner) -> list[TierEvaluation]:
    """The firm's rows of the last evaluation under the rules in force, in the order of the rules. One statement."""
    return list(
        session.scalars(
            sa.select(TierEvaluation)
            .join(TierEvaluation.requirement)
            .join(TierRequirement.rules)
            .options(joinedload(TierEvaluation.requirement).joinedload(TierRequirement.tier_row))
            .where(TierEvaluation.partner_id == partner.id, TierRules.status == RulesStatus.PUBLISHED)
            .order_by(TierRequirement.position, TierRequirement.id)
        )
    )


def asked_of(rows: Iterable[TierEvaluation]) -> list[Asked]:
    """Kept rows as the pure rules take them."""
    return [
        Asked(
            row.requirement_id,
            row.requirement.tier,
            row.value,
            row.needed,
            row.met,
            row.lapses_on,
            row.remains,
        )
        for row in rows
    ]


def standing_hold(partner: Partner) -> TierHold | None:
    """The tier that was set by hand and still holds."""
    return session.scalar(
        sa.select(TierHold)
        .options(joinedload(TierHold.tier_row))
        .where(
            TierHold.partner_id == partner.id,
            TierHold.ended_at.is_(None),
            TierHold.until >= programme_today(),
        )
    )


def as_hold(row: TierHold | None) -> Hold | None:
    """A kept hold as the pure rules take it."""
    return None if row is None else Hold(row.tier, row.kind == "exact", row.until)


def open_grace(partner: Partner) -> TierGrace | None:
    """The announced grace that runs."""
    return session.scalar(
        sa.select(TierGrace).where(TierGrace.partner_id == partner.id, TierGrace.closed_on.is_(None))
    )


@dataclass(frozen=True)
class Standing:
    """All that a page says about a firm's tier."""

    rules: TierRules | None
    rows: list[TierEvaluation]
    grace: TierGrace | None
    hold: TierHold | None
    foresight: Foresight | None

    @property
    def day(self) -> date | None:
        """When the rows were made."""
        return self.rows[0].day if self.rows else None

    def rows_of(self, tier: str) -> list[TierEvaluation]:
        """The rows of one tier."""
        return [row for row in self.rows if row.requirement.tier == tier]

    def row(self, requirement: int) -> TierEvaluation:
        """The row of one requirement."""
        return next(row for row in self.rows if row.requirement_id == requirement)


def standing_of(partner: Partner) -> Standing:
    """How the firm stands, with what is about to be lost and the way up: from the rows of the last evaluation."""
    rules, rows = rules_in_force(), evaluations_of(partner)
    grace, hold = open_grace(partner), standing_hold(partner)
    foresight = None
    order = ranks()
    if rows and partner.tier in order:
        foresight = foresee(
            order,
            partner.tier,
            asked_of(rows),
            grace_ends=grace.ends_on if grace is not None else None,
            hold=as_hold(hold),
            today=programme_today(),
            grace_days=GRACE_DAYS.value(),
        )
        foresight = _with_exact_gaps(foresight, partner, rows)
    return Standing(rules, rows, grace, hold, foresight)


def _with_exact_gaps(seen: Foresight, partner: Partner, rows: list[TierEvaluation]) -> Foresight:
    """The same, with what will be missing on the day of the loss: by then more may have run out than on the first."""
    if seen.loss is None:
        return seen
    by_id = {row.requirement_id: row.requirement for row in rows}
    because = []
    for gap in seen.loss.because:
        asked = by_id[gap.requirement]
        measure = measure_of(asked.measure)
        if measure is not None and measure.adds_up and asked.window is not Window.YEAR:
            (left,) = remaining(
                measure, asked.course, asked.span, firms_counted(partner), [seen.loss.lost_on]
            )
            because.append(Gap(gap.requirement, max(gap.needed - left, 1), left, gap.needed))
        else:
            because.append(gap)
    return replace(seen, loss=replace(seen.loss, because=because))


def what_runs_out(partner: Partner, row: TierEvaluation, days: Sequence[date]) -> list[int]:
    """What would be left of a row's value on each of ``days`` if nothing new came; empty where that can't be said."""
    measure = measure_of(row.requirement.measure)
    if (
        measure is None
        or not measure.adds_up
        or row.lapses_on is None
        or row.requirement.window is Window.YEAR
    ):
        return []
    return remaining(
        measure, row.requirement.course, row.requirement.span, firms_counted(partner), list(days)
    )


def decisions_of(partner: Partner) -> sa.Select[TierDecision]:
    """Everything that was decided about the firm's tier, latest first."""
    return (
        sa.select(TierDecision).where(TierDecision.partner_id == partner.id).order_by(TierDecision.id.desc())
    )


def last_run() -> TierRun | None:
    """The latest evaluation of all firms."""
    return session.scalar(
        sa.select(TierRun).where(TierRun.finished_at.is_not(None)).order_by(TierRun.id.desc()).limit(1)
    )


def last_dry_run(rules: TierRules) -> TierDryRun | None:
    """The latest dry run of a version, finished or not."""
    return session.scalar(
        sa.select(TierDryRun).where(TierDryRun.rules_id == rules.id).order_by(TierDryRun.id.desc()).limit(1)
    )


def dry_run_rows(run: TierDryRun, way: str = "") -> sa.Select[TierDryRunRow]:
    """Whom a dry run would move: down first, the longest way first; ``way`` is ``up`` or ``down`` for those only."""
    rows = (
        sa.select(TierDryRunRow)
        .options(joinedload(TierDryRunRow.partner).joinedload(Partner.tier_row))
        .where(TierDryRunRow.dry_run_id == run.id)
        .order_by(TierDryRunRow.step, TierDryRunRow.id)
    )
    if way == "up":
        return rows.where(TierDryRunRow.step > 0)
    return rows.where(TierDryRunRow.step < 0) if way == "down" else rows
