"""The demonstration's plan: drafted, simulated and published like any other, in force since the start of 2025."""

from datetime import UTC, datetime

from commissions.models import PlanVersion
from commissions.operations.plans import draft_version, publish, simulate
from commissions.standard_plan import CODE, standard_plan
from core import clock
from core.activity import Actor

IN_FORCE_FROM = datetime(2025, 1, 1, tzinfo=UTC)


def make_demo(*, by: Actor | None = None, **_sizes: int) -> PlanVersion:
    """Publishes the standard plan as of a fortnight before it comes into force, so that every sale finds it."""
    with clock.frozen_at(datetime(2024, 12, 16, 10, 0, tzinfo=UTC)):
        draft = draft_version(CODE, standard_plan(IN_FORCE_FROM.isoformat(), year=2025), by=by)
        simulate(draft, by=by)
        publish(draft, by=by)
    return draft
