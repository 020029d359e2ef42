"""What the tiers ask of a firm in certified people, measured now: before the night's evaluation decides by it."""

from dataclasses import dataclass
from datetime import date

from academy.queries.courses import live_versions
from core.database import session
from partners.models import Partner, Tier
from partners.queries import tiers
from partners.queries.standing import Assessment, rules_in_force

#: The measure that the academy adds to those of the programme.
MEASURE = "certified_people"


@dataclass(frozen=True)
class TierNeed:
    """So many people certified (in ``course``, or in anything when it is empty) that ``tier`` asks for.

    ``until`` is the day from which, as things stand, it is met no more.
    """

    tier: Tier
    is_own: bool
    course: str
    have: int
    needed: int
    until: date | None

    @property
    def missing(self) -> int:
        return max(0, self.needed - self.have)


def what_tiers_need(partner: Partner) -> list[TierNeed]:
    """The firm's tier and those above, the nearest first. The same few queries whatever the size of the firm."""
    rules = rules_in_force()
    asked = [row for row in rules.requirements if row.measure == MEASURE] if rules is not None else []
    if not asked:
        return []
    order = {tier.code: tier for tier in tiers()}
    mine = order[partner.tier].rank if partner.tier in order else 0
    titles = {version.course.code: version.title for version in session.scalars(live_versions())}
    known = {row.id: row for row in asked}
    needs = []
    for line in Assessment(asked, [partner.id]).lines(partner.id):
        row = known[line.asked.requirement]
        tier = order.get(row.tier)
        if tier is None or tier.rank < mine:
            continue
        course = titles.get(row.course, row.course)
        have = line.asked.value or 0
        needs.append(
            TierNeed(tier, tier.code == partner.tier, course, have, line.asked.needed, line.asked.lapses_on)
        )
    return sorted(needs, key=lambda need: (need.tier.rank, need.course))
