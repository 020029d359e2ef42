"""Makers of tier rules, through the operations that pages use."""

from typing import Any

from core.database import session
from partners import operations
from partners.models import TierRules
from partners.queries import standing
from tests import cast


def a_draft(*asks: tuple[Any, ...], by: Any = None) -> TierRules:
    """A draft of (tier, measure, value, {more}); what the rules in force ask for is left out."""
    rules = standing.draft_rules() or operations.begin_draft(by=by)
    for row in list(rules.requirements):
        operations.remove_requirement(row, by=by)
    for tier, measure, value, *more in asks:
        operations.save_requirement(
            rules, tier=tier, measure=measure, value=value, by=by, **(more[0] if more else {})
        )
    session.flush()
    return rules


def live_rules(*asks: tuple[Any, ...], by: Any = None) -> TierRules:
    """The same, tried and published."""
    by = by or cast.a_user("Petra Publisher", cast.Role.PROGRAMME_ADMIN)
    rules = a_draft(*asks, by=by)
    operations.carry_out_dry_run(operations.ask_dry_run(rules, by=by))
    operations.publish_rules(rules, note="The rules of this test.", by=by)
    return rules
