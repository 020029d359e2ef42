"""The scorecard, for a firm's own people and for the vendor's."""

from typing import Any

from babel.dates import format_skeleton
from flask import abort, render_template, request

from accounts.access import requires, signed_in_user
from accounts.permissions import Permission
from core.i18n import current_locale
from partners import queries, wording
from partners.models import Partner
from partners.queries import scorecard
from partners.views import partners
from partners.views.standing import partner_or_404


def context(partner: Partner) -> dict[str, Any]:
    """What both pages draw: as many questions for a small firm as for a large one."""
    chosen = request.args.get("measure", "") or scorecard.first_trend()
    trend = scorecard.trend_of(partner, chosen)
    return {
        "partner": partner,
        "cards": scorecard.cards_of(partner),
        "trend": trend,
        "months": month_names(trend.months) if trend is not None else [],
        "trends": scorecard.trends(),
        "words": wording,
    }


def month_names(months: list[Any]) -> list[str]:
    """``Mar 2026``, short, in the reader's language."""
    return [format_skeleton("yMMM", month, locale=current_locale()) for month in months]


@partners.get("/firm/scorecard")
@requires(Permission.FIRM_READ)
def firm_scorecard() -> Any:
    """Our figures of a year, against the year before and against firms of our tier."""
    partner = queries.partner_of(signed_in_user()) or abort(404)
    return render_template("partners/standing/scorecard.html", by_staff=False, **context(partner))


@partners.get("/staff/partners/<int:partner_id>/scorecard")
@requires(Permission.PARTNERS_READ)
def partner_scorecard(partner_id: int) -> Any:
    """One firm's scorecard."""
    partner = partner_or_404(partner_id)
    return render_template("partners/standing/scorecard.html", by_staff=True, **context(partner))
