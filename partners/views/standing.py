"""Where a firm stands, for its own people and for the vendor's: the tier with every requirement, and what comes."""

from datetime import timedelta
from typing import Any

from flask import abort, flash, redirect, render_template, url_for

from accounts.access import requires, signed_in_user
from accounts.permissions import Permission
from core.database import session
from core.errors import InvalidInput
from core.i18n import format_day
from core.i18n import gettext as _
from core.settings import PROGRAMME_CURRENCY
from partners import operations, queries, wording
from partners.forms import ReasonForm
from partners.models import Partner
from partners.queries import standing
from partners.queries.measures import moment_of, programme_today
from partners.queries.partners import partners_visible_to, with_people
from partners.views import partners

MONTHS_AHEAD = 12
SOON = timedelta(days=120)
MOST_CHARTS = 3


def context(partner: Partner) -> dict[str, Any]:
    """What both pages draw. The number of questions depends on the rules alone, never on the firm's size."""
    found = standing.standing_of(partner)
    today = programme_today()
    days = [today + timedelta(days=30 * month) for month in range(MONTHS_AHEAD + 1)]
    lapsing = [row for row in found.rows_of(partner.tier) if row.lapses_on is not None][:MOST_CHARTS]
    charts = [(row, standing.what_runs_out(partner, row, days)) for row in lapsing]
    tiers = queries.tiers()
    mine = next((tier.rank for tier in tiers if tier.code == partner.tier), 0)
    return {
        "partner": partner,
        "standing": found,
        "tiers": sorted(tiers, key=lambda tier: (tier.rank < mine, tier.rank)),
        "words": wording,
        "running_out": [(row, left) for row, left in charts if left],
        "days": [format_day(day) for day in days],
        "horizon": today + SOON,
        "decisions": session.scalars(standing.decisions_of(partner).limit(20)).all(),
        "grace_ends": moment_of(found.grace.ends_on + timedelta(days=1)) if found.grace else None,
        "grace_began": moment_of(found.grace.announced_on) if found.grace else None,
        "currency": PROGRAMME_CURRENCY.value(),
    }


@partners.get("/firm/tier")
@requires(Permission.FIRM_READ)
def firm_tier() -> Any:
    """Our tier: every requirement with value and needed, what is about to be lost, the shortest way up."""
    partner = queries.partner_of(signed_in_user()) or abort(404)
    return render_template("partners/standing/tier.html", **context(partner))


def partner_or_404(partner_id: int) -> Partner:
    """The firm, if the reader may see it."""
    rows = with_people(partners_visible_to(signed_in_user()).where(Partner.id == partner_id))
    return session.scalar(rows) or abort(404)


@partners.get("/staff/partners/<int:partner_id>/standing")
@requires(Permission.PARTNERS_READ)
def partner_standing(partner_id: int) -> Any:
    """The same of one firm, for whoever looks after it."""
    return _staff_page(partner_or_404(partner_id), ReasonForm())


def _staff_page(partner: Partner, reason: ReasonForm) -> Any:
    return render_template(
        "partners/staff/partner_standing.html",
        **context(partner),
        reason=reason,
        may_write=signed_in_user().may(Permission.PARTNERS_WRITE),
    ), 422 if reason.errors else 200


@partners.post("/staff/partners/<int:partner_id>/tier-release")
@requires(Permission.PARTNERS_WRITE)
def partner_tier_release(partner_id: int) -> Any:
    """Lets the figures decide again."""
    partner = partner_or_404(partner_id)
    form = ReasonForm()
    if form.was_sent_and_holds():
        try:
            operations.release_tier(partner, reason=form.reason.data, by=signed_in_user())
        except InvalidInput as problem:
            form.complain(problem)
        else:
            flash(_("From tonight the figures decide about %(name)s.", name=partner.name), "good")
            return redirect(url_for("partners.partner_standing", partner_id=partner.id))
    return _staff_page(partner, form)
