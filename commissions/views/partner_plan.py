"""How a partner earns: the version in force for new customers, in sentences, with an example for every rule."""

from typing import Any

from flask import abort, redirect, render_template, url_for

from accounts.access import requires, signed_in_user
from accounts.permissions import Permission
from commissions.queries import plans as queries
from commissions.views import pages
from commissions.views.plan_reading import read_plan
from partners.queries import partner_of, tiers_by_code


@pages.get("/plan")
@requires(Permission.PLANS_READ)
def plan() -> Any:
    """The live version of the firm's own plan. The vendor's people are led to all plans."""
    user = signed_in_user()
    if user.is_staff:
        return redirect(url_for("commissions.plans"))
    partner = partner_of(user) or abort(404)
    version = queries.live_version(partner.plan_code)
    tier = tiers_by_code().get(partner.tier)
    return render_template(
        "commissions/plans/plan.html",
        version=version,
        read=read_plan(queries.parsed(version), partner.tier) if version is not None else None,
        tier=tier.label if tier is not None else partner.tier,
        older=queries.versions_a_partner_is_bound_to(partner.id),
    )
