"""Measures, requirements, gaps and what is foreseen, as sentences in the reader's language."""

from decimal import Decimal
from typing import Any

from core.database import session
from core.i18n import (
    current_locale,
    format_day,
    format_money,
    format_number,
    format_percent,
    format_short_money,
    gettext,
    ngettext,
)
from core.settings import PROGRAMME_CURRENCY
from partners.models import TierEvaluation, TierRequirement
from partners.queries import tiers_by_code
from partners.queries.measures import MeasureUnit, course_titles, measure_of
from partners.queries.standing import Standing, said_of, span_of
from partners.tiers.deciding import Asked
from partners.tiers.foresight import Gap

HOUR = 60


def value_words(code: str, value: int | None) -> str:
    """A value in its unit: ``€4,100.00``, ``7``, ``62 %``, ``3 h 20 min``, ``4.5 of 5``."""
    if value is None:
        return gettext("not measured")
    measure = measure_of(code)
    unit = measure.unit if measure is not None else MeasureUnit.COUNT
    if unit is MeasureUnit.MONEY:
        return format_money(value, PROGRAMME_CURRENCY.value())
    if unit is MeasureUnit.SHARE:
        return format_percent(Decimal(value) / 10_000)
    if unit is MeasureUnit.MINUTES:
        return minutes_words(value)
    if unit is MeasureUnit.STARS:
        return gettext("%(stars)s of 5", stars=format_number(Decimal(value) / 100))
    return format_number(value)


def short_value_words(code: str, value: int) -> str:
    """The same for the axis of a chart, where money has no room for its cents: ``€160K``."""
    measure = measure_of(code)
    if measure is not None and measure.unit is MeasureUnit.MONEY:
        return format_short_money(value, PROGRAMME_CURRENCY.value())
    return value_words(code, value)


def minutes_words(minutes: int) -> str:
    """``3 h 20 min`` of working time."""
    hours, rest = divmod(minutes, HOUR)
    if not hours:
        return gettext("%(minutes)s min", minutes=rest)
    if not rest:
        return gettext("%(hours)s h", hours=hours)
    return gettext("%(hours)s h %(minutes)s min", hours=hours, minutes=rest)


def measure_words(code: str, course: str = "") -> str:
    """``Certified people: Selling Meridian``."""
    measure = measure_of(code)
    label = str(measure.label) if measure is not None else code
    if not course:
        return label
    title = course_titles(measure).get(course, course) if measure is not None else course
    return gettext("%(measure)s: %(course)s", measure=label, course=title)


def window_words(said: dict[str, Any]) -> str:
    """Over which time; empty for what counts today."""
    measure = measure_of(said["measure"])
    return "" if measure is not None and measure.stands else span_of(said).label


def rule_words(row: TierRequirement) -> str:
    """A requirement as the rules have it, before anybody is held against it."""
    value = value_words(row.measure, row.value)
    measure = measure_words(row.measure, row.course)
    words = (
        gettext("%(measure)s: at most %(value)s", measure=measure, value=value)
        if row.comparison == "at_most"
        else gettext("%(measure)s: at least %(value)s", measure=measure, value=value)
    )
    if row.per == "person":
        words = gettext("%(words)s for each person of the firm", words=words)
    about = measure_of(row.measure)
    if about is None or not about.stands:
        words = gettext("%(words)s, %(window)s", words=words, window=row.span.label)
    return words


def evidence_words(said: dict[str, Any]) -> str:
    """One line of a decision: ``Won deals, the last 365 days: 3, needed 5``."""
    what = measure_words(said["measure"], said["course"])
    window = window_words(said)
    if window:
        what = gettext("%(what)s, %(window)s", what=what, window=window)
    numbers = {
        "what": what,
        "value": value_words(said["measure"], said["value"]),
        "needed": value_words(said["measure"], said["needed"]),
    }
    if said["comparison"] == "at_most":
        return gettext("%(what)s: %(value)s, at most %(needed)s", **numbers)
    return gettext("%(what)s: %(value)s, needed %(needed)s", **numbers)


def said_of_row(row: TierEvaluation) -> dict[str, Any]:
    """A row of the last evaluation as it would be kept with a decision."""
    return said_of(
        row.requirement,
        Asked(row.requirement_id, row.requirement.tier, row.value, row.needed, row.met),
    )


def gap_words(said: dict[str, Any], missing: int) -> str:
    """What is missing: ``€4,100.00 more licence revenue``, ``2 more certified people``, a median to come down to."""
    code, measure = said["measure"], measure_of(said["measure"])
    name = measure_words(code, said["course"])
    if measure is None:
        return name
    if measure.more is not None:
        words = measure.more(missing)
        title = course_titles(measure).get(said["course"], said["course"])
        return gettext("%(words)s: %(course)s", words=words, course=title) if title else words
    name = within_a_sentence(name)
    if measure.unit is MeasureUnit.MONEY:
        return gettext("%(amount)s more: %(measure)s", amount=value_words(code, missing), measure=name)
    if measure.adds_up:
        return ngettext("%(num)s more: %(measure)s", "%(num)s more: %(measure)s", missing, measure=name)
    if said["comparison"] == "at_most":
        return gettext(
            "%(measure)s down to %(needed)s", measure=name, needed=value_words(code, said["needed"])
        )
    return gettext("%(measure)s up to %(needed)s", measure=name, needed=value_words(code, said["needed"]))


def within_a_sentence(name: str) -> str:
    """A name as it stands within a sentence; ``NPS`` stays."""
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]


def gaps_words(standing: Standing, gaps: list[Gap]) -> str:
    """Several gaps in one sentence part, joined by *and*."""
    parts = [gap_words(said_of_row(standing.row(gap.requirement)), gap.missing) for gap in gaps]
    if len(parts) < 2:
        return parts[0] if parts else ""
    return gettext("%(first)s and %(last)s", first=", ".join(parts[:-1]), last=parts[-1])


def foresight_words(standing: Standing) -> list[str]:
    """What the days to come bring if nothing new happens: what is kept, what is lost and how to keep it, the way up."""
    seen = standing.foresight
    if seen is None:
        return []
    name = tier_name(seen.tier)
    words: list[str] = []
    if seen.held is not None:
        words.append(
            gettext(
                "%(tier)s is held by hand until %(day)s, whatever the figures say.",
                tier=tier_name(seen.held.tier), day=format_day(seen.held.until),
            )
        )  # fmt: skip
    loss = seen.loss
    if loss is None:
        words.append(
            gettext(
                "You keep %(tier)s: nothing that counts for it runs out before %(day)s.",
                tier=name, day=format_day(seen.looks_until),
            )
        )  # fmt: skip
    else:
        need = gaps_words(standing, loss.because)
        if seen.in_grace or any(not standing.row(gap.requirement).met for gap in loss.because):
            words.append(
                gettext("%(tier)s is lost on %(day)s unless you reach: %(gaps)s.",
                        tier=name, day=format_day(loss.lost_on), gaps=need)
            )  # fmt: skip
        else:
            words.append(
                gettext("You meet %(tier)s until %(day)s.", tier=name, day=format_day(loss.lapses_on))
            )
            words.append(
                gettext("After that grace runs, and %(tier)s is lost on %(day)s unless you reach by then: %(gaps)s.",
                        tier=name, day=format_day(loss.lost_on), gaps=need)
            )  # fmt: skip
        words.append(gettext("You would then be %(tier)s.", tier=tier_name(loss.falls_to)))
    if seen.up is not None:
        up = tier_name(seen.up.tier)
        if seen.up.gaps:
            words.append(
                gettext(
                    "The shortest way up to %(tier)s: %(gaps)s.",
                    tier=up,
                    gaps=gaps_words(standing, seen.up.gaps),
                )
            )
        else:
            words.append(gettext("You meet everything for %(tier)s; it comes with the next review.", tier=up))
    return words


def tier_name(code: str) -> str:
    """The name of a tier, asked once a request and language."""
    known: dict[str, dict[str, str]] = session.info.setdefault("partners.tier_names", {})
    locale = current_locale()
    if locale not in known:
        known[locale] = {one: tier.label for one, tier in tiers_by_code().items()}
    return known[locale].get(code, code)
