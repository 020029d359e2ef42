"""Where a partner stood when leads of its countries were given out: its own rows, and nobody else's."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import abort, redirect, render_template, url_for

from accounts.access import requires, signed_in_user
from accounts.permissions import Permission
from core import clock
from core.i18n import gettext as _
from core.pagination import paginate
from partners.models import Partner
from partners.queries import partner_of
from referrals.models.leads import Lead
from referrals.models.routing import RoutingDecision
from referrals.operations.routing import place_of
from referrals.queries.decisions import decisions_near
from referrals.queries.names import Names
from referrals.routing import advice
from referrals.views import pages
from referrals.views.wording import spoken

_DAYS = 90
#: A table of a large network is half a megabyte, and each line of the page reads one.
_A_PAGE = 10


@dataclass(frozen=True)
class Place:
    """One lead as somebody may know it who never was asked: when, from where and for what; and where the firm stood."""

    at: datetime
    lead: Lead
    was_asked: bool
    rank: int | None
    sentence: str


@pages.get("/leads/places")
@requires(Permission.LEADS_READ)
def lead_places() -> Any:
    """The last leads of the firm's countries: its place in each, and what would have done better."""
    user = signed_in_user()
    if user.is_staff:
        return redirect(url_for("referrals.staff_leads"))
    firm = partner_of(user) or abort(404)
    page = paginate(decisions_near(firm, clock.now() - timedelta(days=_DAYS)), size=_A_PAGE)
    names = Names()
    places = [_place(decision, firm, names) for decision in page.items]
    return render_template("referrals/leads/places.html", page=page, places=places, days=_DAYS, **spoken())


def _place(decision: RoutingDecision, firm: Partner, names: Names) -> Place:
    found = place_of(decision, firm.id)
    own = found.own
    sentence = advice(own, found.best, found.of, names) if own is not None else _("You were not considered.")
    given = next((one for one in decision.overrides if one["applied"]), None)
    if given is not None and given["partner_id"] != str(firm.id):
        rule = _("It went by a rule that comes before all figures, such as a registered deal or a code.")
        sentence = f"{rule} {sentence}"
    return Place(
        decision.made_at,
        decision.lead,
        was_asked=own is not None and own.chosen,
        rank=own.rank if own is not None else None,
        sentence=sentence,
    )
