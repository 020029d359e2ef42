"""What partners shows on pages of the ground: the firm's name under one's own, and the sides of the home page."""

from flask import render_template
from markupsafe import Markup, escape

from accounts.models import User
from accounts.permissions import Permission
from core.slots import fills
from partners import queries
from partners.menu import recent_applications
from partners.queries import onboarding


@fills("core.account")
def name_of_the_firm(person: User) -> Markup | None:
    firm = None if person.is_staff else queries.partner_of(person)
    return escape(firm.name) if firm is not None else None


@fills("core.home.aside", order=10)
def state_of_the_firm(person: User) -> Markup | None:
    """For a firm's people: tier, state, and how far the first steps are."""
    firm = None if person.is_staff else queries.partner_of(person)
    if firm is None or not person.may(Permission.FIRM_READ):
        return None
    html = render_template("partners/_home_firm.html", partner=firm, steps=onboarding.open_checklist(firm))
    return Markup(html)  # noqa: S704 - a template of ours


@fills("core.home.aside", order=10)
def applications_by_age(person: User) -> Markup | None:
    """For reviewers: how many applications are late, due soon, or have time."""
    if not person.is_staff or not person.may(Permission.APPLICATIONS_REVIEW):
        return None
    html = render_template("partners/_home_applications.html", ages=recent_applications(person))
    return Markup(html)  # noqa: S704 - a template of ours
