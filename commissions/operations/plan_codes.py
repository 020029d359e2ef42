"""The plan that a sale itself names: refused at a door where nobody knows it, and put right where it came in."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from commissions.models import Plan
from commissions.queries import plans as queries
from commissions.queries.offered_plans import published_plans
from core.activity import Actor
from core.database import lock, session
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from referrals.models import Sale
from referrals.operations.sales import look_at_sales, name_plan, release_sale

AT_ONCE = 1_000


def refuse_unknown_plan(data: dict[str, Any], *, source: str) -> None:
    """Raises InvalidInput at ``/plan`` for a new sale that names a plan which nobody knows."""
    for problem in unknown_plans([data], source=source).values():
        raise problem


def unknown_plans(rows: Sequence[dict[str, Any]], *, source: str) -> dict[int, InvalidInput]:
    """Which of these sales, by their place, name a plan that nobody knows, and what is said of each.

    A message that came before is not asked again: it has its answer.
    """
    named = {data["plan"] for data in rows if data.get("plan")}
    if not named:
        return {}
    unknown = named - set(session.scalars(sa.select(Plan.code).where(Plan.code.in_(named))))
    places = [place for place, data in enumerate(rows) if data.get("plan") in unknown]
    looked = look_at_sales([rows[place] for place in places], source=source)
    return {
        place: InvalidInput(
            {"/plan": _("There is no plan with the code %(code)s.", code=rows[place]["plan"])}
        )
        for place, outcome in zip(places, looked, strict=True)
        if outcome.is_new
    }


def compute_by(sale: Sale, code: str | None, *, by: Actor | None) -> None:
    """A person names the plan of a sale that waits for one; ``None`` is its partner's.

    Raises InvalidInput at ``plan``, Refusal when the sale does not wait for a plan.
    """
    lock(sale)
    if sale.held_because != queries.NO_PLAN:
        raise Refusal(_("This sale does not wait for a plan."))
    if code is not None and code not in published_plans():
        raise InvalidInput({"plan": _("There is no plan with the code %(code)s.", code=code)})
    name_plan(sale, code, by=by)


def release_sales_whose_plan_has_come(*, by: Actor | None) -> int:
    """A plan code comes to life with its first version: what named it before earns now. Answers how many do."""
    found = session.scalars(queries.sales_whose_plan_has_come().limit(AT_ONCE)).all()
    for sale in found:
        release_sale(sale, by=by)
    return sum(sale.held_because is None for sale in found)
