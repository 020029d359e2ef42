"""What leads show on pages of the ground: the figures on the home page."""

from flask import render_template
from markupsafe import Markup

from accounts.models import User
from accounts.permissions import Permission
from core.slots import fills, rendered
from partners.models import Partner
from partners.queries import partner_of
from referrals.queries.figures import lead_figures, network_figures


@fills("core.home.aside", order=20)
def leads_of_the_firm(person: User) -> Markup | None:
    """For a firm's people: the last 90 days in four figures."""
    firm = None if person.is_staff else partner_of(person)
    if firm is None or not person.may(Permission.LEADS_READ):
        return None
    html = render_template("referrals/leads/_home_partner.html", figures=lead_figures(firm))
    return Markup(html)  # noqa: S704 - a template of ours


@fills("core.home.aside", order=20)
def leads_of_the_network(person: User) -> Markup | None:
    """For the vendor's people: the last 30 days."""
    if not person.is_staff or not person.may(Permission.ROUTING_READ):
        return None
    html = render_template("referrals/leads/_home_staff.html", figures=network_figures())
    return Markup(html)  # noqa: S704 - a template of ours


@fills("partners.finder.ask")
def ask_this_partner(partner: Partner) -> Markup:
    """In the finder: a request that goes to this partner first."""
    return rendered("referrals/leads/_ask_partner.html", partner=partner)


@fills("partners.finder.none")
def ask_anybody() -> Markup:
    """In the finder where nobody fits: the request without a partner, which routing places."""
    return rendered("referrals/leads/_ask_partner.html", partner=None)
