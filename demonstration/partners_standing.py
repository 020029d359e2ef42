"""Where the firms of the demo stand: tier rules in force, an evaluation, a draft to try, a plan of both sides."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from accounts import queries as people
from accounts.models import User
from accounts.permissions import Role
from core import clock
from core.database import session
from partners import operations, queries
from partners.models import Partner, TierRules
from partners.queries.measures import measure_of, programme_today

_YEAR = {"window": "rolling", "days": 365}
#: tier, measure, value, and over which time.
ASKED: tuple[tuple[str, str, int, dict[str, Any]], ...] = (
    ("silver", "total_revenue", 1_500_000, _YEAR),
    ("silver", "certified_people", 1, {}),
    ("gold", "licence_revenue", 1_500_000, _YEAR),
    ("gold", "won_deals", 2, _YEAR),
    ("gold", "certified_people", 2, {}),
    ("gold", "answer_time", 600, {"window": "rolling", "days": 90}),
    ("platinum", "licence_revenue", 6_000_000, _YEAR),
    ("platinum", "active_customers", 10, _YEAR),
    ("platinum", "certified_people", 4, {}),
)


def make_demo(**_sizes: int) -> None:
    """Publishes the rules, evaluates everybody, and leaves a stricter draft for whoever wants to try it."""
    (admin,) = session.scalars(people.active_staff_with(Role.PROGRAMME_ADMIN).limit(1)).all()
    (manager,) = session.scalars(people.active_staff_with(Role.PARTNER_MANAGER).limit(1)).all()
    rules = _draft(admin, factor=1)
    operations.carry_out_dry_run(operations.ask_dry_run(rules, by=admin))
    operations.publish_rules(
        rules, note="Tiers follow what firms sell, whom they certify and how fast they answer.", by=admin
    )
    firms = list(session.scalars(sa.select(Partner).order_by(Partner.id).limit(12)))
    for firm in firms[5:]:
        operations.hold_tier(
            firm, firm.tier, kind="floor", until=programme_today() + timedelta(days=120),
            reason="The first year of the programme: nobody falls before the figures have grown.", by=manager,
        )  # fmt: skip
    with clock.frozen_at(clock.now() - timedelta(days=12)):
        operations.evaluate_tiers()
    operations.evaluate_tiers()
    operations.keep_scores()
    stricter = _draft(admin, factor=2)
    operations.carry_out_dry_run(operations.ask_dry_run(stricter, by=admin))
    _plan(firms[0], manager)


def _draft(admin: User, *, factor: int) -> TierRules:
    rules = operations.begin_draft(by=admin)
    for row in list(rules.requirements):
        operations.remove_requirement(row, by=admin)
    for tier, measure, value, window in ASKED:
        about = measure_of(measure)
        if about is not None:
            grows = not about.less_is_better and not about.stands
            operations.save_requirement(
                rules, tier=tier, measure=measure, value=value * (factor if grows else 1), by=admin, **window
            )
    return rules


def _plan(firm: Partner, manager: User) -> None:
    today = programme_today()
    admin = session.scalars(queries.admins_of(firm)).first()
    plan = operations.make_plan(
        firm,
        title="Growing in the North",
        summary="More licences from wholesale, two more certified people, one event in Hamburg.",
        starts_on=today - timedelta(days=90),
        ends_on=today + timedelta(days=275),
        by=manager,
    )
    for kind, text, measure, target, days in (
        ("figure", "Licences worth 60,000", "licence_revenue", 6_000_000, 270),
        ("training", "Two more certified people", "certified_people", 4, 180),
        ("event", "An evening for wholesalers in Hamburg", "events_held", 1, 120),
        ("step", "Meet the managing directors together", "", None, 30),
    ):
        operations.add_goal(
            plan, kind=kind, text=text, measure=measure, target=target, due_on=today + timedelta(days=days),
            by=manager,
        )  # fmt: skip
    operations.agree_to_plan(plan, by=manager)
    if admin is not None:
        operations.agree_to_plan(plan, by=admin.user)
