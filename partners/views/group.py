"""Firms that belong together: a parent reads the figures of its branches; and what is left to a firm that has gone."""

from typing import Any

from flask import abort, current_app, render_template, request
from markupsafe import Markup

from accounts.access import door_of, requires, signed_in_user, visitor
from accounts.models import User
from accounts.permissions import Permission
from core.database import session
from core.errors import Refusal
from core.i18n import gettext as _
from core.slots import fills, rendered
from partners import queries
from partners.models import Partner, PartnerStatus
from partners.queries import scorecard
from partners.queries.group import branch_figures
from partners.queries.leaving import branches_of
from partners.views import partners as pages

#: What the people of a firm that has left still do: care for their money, write to us, and for their own account.
_STILL = {
    Permission.PROFILE_MANAGE,
    Permission.EARNINGS_READ,
    Permission.DISPUTES_OPEN,
    Permission.MESSAGES_WRITE,
    Permission.CERTIFICATES_READ,
    "signed in",
    "public",
}


@pages.before_app_request
def only_reading_is_left_to_who_has_left() -> None:
    """A firm that has left reads; whatever changes something is refused, except what its money needs."""
    person = visitor()
    if request.method in {"GET", "HEAD", "OPTIONS"} or person is None or person.is_staff:
        return
    firm = queries.partner_of(person)
    if firm is None or not firm.has_left:
        return
    view = current_app.view_functions.get(request.endpoint or "")
    if view is not None and door_of(view) not in _STILL:
        raise Refusal(
            _("%(name)s has left the programme. You can read everything about your money.", name=firm.name)
        )


@fills("core.home.main", order=1)
def the_firm_takes_no_part(person: User) -> Markup | None:
    """For the people of a firm that is suspended or has left: what that means, and what is still theirs."""
    firm = None if person.is_staff else queries.partner_of(person)
    if firm is None or not (firm.has_left or firm.status is PartnerStatus.SUSPENDED):
        return None
    return rendered("partners/group/_takes_no_part.html", partner=firm)


def _branch(branch_id: int) -> Partner:
    """A branch of the reader's own firm; anything else is not there."""
    firm = queries.partner_of(signed_in_user()) or abort(404)
    return session.scalar(branches_of(firm).where(Partner.id == branch_id)) or abort(404)


@pages.get("/firm/branches")
@requires(Permission.FIRM_MANAGE)
def branches() -> Any:
    """Our branches with their figures of a year; and the firm we belong to."""
    firm = queries.partner_of(signed_in_user()) or abort(404)
    rows = list(session.scalars(branches_of(firm)))
    return render_template(
        "partners/group/branches.html",
        partner=firm,
        branches=rows,
        figures=branch_figures([firm, *rows]),
    )


@pages.get("/firm/branches/<int:branch_id>")
@requires(Permission.FIRM_MANAGE)
def branch(branch_id: int) -> Any:
    """One branch's scorecard, for the parent's admins to read."""
    found = _branch(branch_id)
    return render_template(
        "partners/group/branch.html", branch=found, cards=scorecard.cards_of(found), tier=found.tier_row
    )


@fills("partners.firm.main", order=90)
def parent_and_branches(partner: Partner) -> Markup | None:
    """On our firm's page: whom we belong to, and who belongs to us."""
    rows = session.scalars(branches_of(partner)).all()
    if not rows and partner.parent is None:
        return None
    return rendered("partners/group/_of_firm.html", partner=partner, branches=rows)
