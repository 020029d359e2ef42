"""Sales that came before their plan was published: they earn nothing until a person has them worked out."""

from typing import Any

from accounts.models import User
from commissions.models import Plan
from commissions.operations.bulk import Accrual
from commissions.queries import bulk as queries
from commissions.queries.plans import published_versions
from commissions.signals import EarlierSalesWorkedOut
from core.activity import Actor
from core.database import lock, session
from core.errors import Refusal
from core.i18n import gettext as _
from core.jobs import enqueue, job
from core.signals import announce
from referrals.models import Sale

AT_ONCE = 4_000
EARLIER_SALES_JOB = "commissions.work-out-earlier-sales"


def number_of_earlier_sales(plan: Plan) -> int:
    """How many sales that are recorded already would earn by this plan, and earn by none.

    They took place since its first version holds, and belong to a partner on it or name it themselves. Sales that were
    worked out by another plan stay with it.
    """
    published = published_versions(plan.id)
    return queries.number_of_uncomputed_sales(plan, published[0].effective_from) if published else 0


def work_out_earlier_sales(plan: Plan, *, by: Actor | None) -> int:
    """Has the worker post what exactly these sales earn, in the order in which they took place; answers how many.

    Raises Refusal where there are none.
    """
    lock(plan)
    number = number_of_earlier_sales(plan)
    if not number:
        raise Refusal(_("Every sale of this plan has been worked out."))
    enqueue(
        EARLIER_SALES_JOB,
        {"plan_id": plan.id, "after": None, "by_id": by.id if by is not None else None},
    )
    announce(EarlierSalesWorkedOut(plan, by, sales=number))
    return number


@job(EARLIER_SALES_JOB)
def work_out_some(payload: dict[str, Any]) -> None:
    """Some sales a job, so that a crash loses no more than that."""
    plan = session.get_one(Plan, payload["plan_id"])
    published = published_versions(plan.id)
    last = session.get(Sale, payload["after"]) if payload["after"] is not None else None
    sale_ids = queries.uncomputed_sale_ids(
        plan,
        published[0].effective_from,
        after=(last.occurred_at, last.id) if last is not None else None,
        most=AT_ONCE,
    )
    if not sale_ids:
        return
    by = session.get(User, payload["by_id"]) if payload["by_id"] is not None else None
    Accrual(by=by).work_out(sale_ids)
    enqueue(EARLIER_SALES_JOB, payload | {"after": sale_ids[-1]})
