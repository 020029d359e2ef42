"""What firms may be put on: the plans of which a version is published, told to the domain that keeps firms."""

import sqlalchemy as sa

from commissions.models import Plan, PlanVersion, PlanVersionStatus
from core.database import session
from partners.queries.plans import lists_plans


@lists_plans
def published_plans() -> dict[str, str]:
    """Every plan with a published version, by code, named as its latest one is."""
    rows = session.execute(
        sa.select(Plan.code, PlanVersion.name)
        .join(PlanVersion, PlanVersion.plan_id == Plan.id)
        .where(PlanVersion.status != PlanVersionStatus.DRAFT)
        .order_by(Plan.code, PlanVersion.effective_from, PlanVersion.number)
    )
    return dict(rows.all())
