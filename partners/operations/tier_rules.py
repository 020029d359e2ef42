"""What tiers ask for: drafted, tried on all firms, published; one version after the other."""

from typing import Any

import sqlalchemy as sa

from accounts.models import User
from core import clock, jobs
from core.activity import Actor
from core.database import lock, session
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from core.signals import announce
from partners import signals
from partners.models import RulesStatus, TierDryRun, TierRequirement, TierRules
from partners.queries import standing
from partners.queries.measures import Measure, MeasureUnit, measure_of
from partners.tiers.windows import Comparison, Per, Window

MOST_REQUIREMENTS = 60


def begin_draft(*, by: Actor | None) -> TierRules:
    """A draft that begins as the rules in force are. There is one draft at a time."""
    if standing.draft_rules() is not None:
        raise Refusal(_("There is a draft already. Publish or discard it first."))
    number = (session.scalar(sa.select(sa.func.max(TierRules.number))) or 0) + 1
    rules = TierRules(
        number=number,
        status=RulesStatus.DRAFT,
        created_at=clock.now(),
        created_by_name=by.name if by is not None else "",
    )
    session.add(rules)
    session.flush()
    current = standing.rules_in_force()
    for row in current.requirements if current is not None else ():
        names = ("tier", "position", "measure", "course", "window", "days", "comparison", "value", "per")
        rules.requirements.append(TierRequirement(**{name: getattr(row, name) for name in names}))
    session.flush()
    return rules


def save_requirement(
    rules: TierRules,
    requirement: TierRequirement | None = None,
    *,
    tier: str,
    measure: str,
    value: int | None,
    course: str = "",
    window: Window | str = Window.ROLLING,
    days: int | None = 365,
    per: Per | str = Per.FIRM,
    by: Actor | None,
) -> TierRequirement:
    """Adds a requirement to a draft, or changes one. Raises InvalidInput by field.

    Less is better for some measures (the answer time): those are compared with *at most*, all others with *at least*.
    """
    lock(rules)
    rules.check_is_draft()
    if requirement is None and len(rules.requirements) >= MOST_REQUIREMENTS:
        raise Refusal(_("A version holds at most %(most)s requirements.", most=MOST_REQUIREMENTS))
    about = measure_of(measure)
    problems = _problems(about, tier, course, window, days, value, per)
    if problems:
        raise InvalidInput(problems)
    assert about is not None and value is not None
    kind = Window.LIFETIME if about.stands else Window(window)
    values: dict[str, Any] = {
        "tier": tier,
        "measure": measure,
        "course": course,
        "window": kind,
        "days": days if kind is Window.ROLLING else None,
        "comparison": Comparison.AT_MOST if about.less_is_better else Comparison.AT_LEAST,
        "value": value,
        "per": Per(per),
    }
    if requirement is None:
        last = max((row.position for row in rules.requirements), default=0)
        requirement = TierRequirement(position=last + 1, **values)
        rules.requirements.append(requirement)
    else:
        for name, content in values.items():
            setattr(requirement, name, content)
    session.flush()
    session.expire(requirement, ["tier_row"])
    return requirement


def _problems(
    about: Measure | None, tier: str, course: str, window: str, days: int | None, value: int | None, per: str
) -> dict[str, str]:
    problems: dict[str, str] = {}
    ranks = standing.ranks()
    if tier not in ranks[1:]:
        problems["tier"] = _("Choose a tier above the lowest: that one is everybody's.")
    if about is None or not about.for_tiers:
        problems["measure"] = _("Choose one of the list.")
        return problems
    if course and course not in dict(about.courses() if about.courses is not None else ()):
        problems["course"] = _("Choose one of the list.")
    if window not in set(Window):
        problems["window"] = _("Choose one of the list.")
    elif not about.stands and window == Window.ROLLING and not 1 <= (days or 0) <= 3660:
        problems["days"] = _("Between 1 and 3,660 days.")
    if per not in set(Per):
        problems["per"] = _("Choose one of the list.")
    elif per == Per.PERSON and not about.adds_up:
        problems["per"] = _("A share, a median or a mark is the firm's as a whole.")
    if value is None or not 0 < value < 10**12:
        problems["value"] = _("Type a number above zero.")
    elif about.unit is MeasureUnit.SHARE and value > 10_000:
        problems["value"] = _("A share is at most 100.")
    elif about.unit is MeasureUnit.STARS and value > 500:
        problems["value"] = _("At most five stars.")
    return problems


def remove_requirement(requirement: TierRequirement, *, by: Actor | None) -> None:
    """Takes a requirement out of a draft."""
    rules = lock(requirement.rules)
    rules.check_is_draft()
    rules.requirements.remove(requirement)
    session.flush()


def discard_draft(rules: TierRules, *, by: Actor | None) -> None:
    """Throws a draft away with its dry runs."""
    lock(rules)
    rules.check_is_draft()
    for run in session.scalars(sa.select(TierDryRun).where(TierDryRun.rules_id == rules.id)):
        session.delete(run)
    session.flush()
    session.delete(rules)
    session.flush()


def publish_rules(rules: TierRules, *, note: str, by: User) -> TierRules:
    """Puts a draft in force: from tonight firms are held against it. Only after a dry run of exactly this draft."""
    current = standing.rules_in_force()
    if current is not None:
        lock(current)
    lock(rules)
    rules.check_is_draft()
    if not rules.requirements:
        raise Refusal(_("This draft asks for nothing."))
    if len(note.strip()) < 3:
        raise InvalidInput({"note": _("Say why, in a sentence.")})
    tried = standing.last_dry_run(rules)
    if tried is None or tried.finished_at is None or tried.digest != standing.digest_of(rules):
        raise Refusal(_("Try this draft on all partners first: nobody should be surprised."))
    if current is not None:
        current.status = RulesStatus.SUPERSEDED
        session.flush()
    rules.status = RulesStatus.PUBLISHED
    rules.note = note.strip()
    rules.published_at = clock.now()
    rules.published_by_name = by.name
    session.flush()
    jobs.enqueue("partners.evaluate-tiers")
    announce(signals.TierRulesPublished(rules, by))
    return rules


def tier_requirement(rules: TierRules, requirement_id: int) -> TierRequirement | None:
    """A requirement of this very version."""
    return next((row for row in rules.requirements if row.id == requirement_id), None)
