"""What the academy shows on other pages: learning on the home page, titles on the programme page, a firm's people."""

from collections.abc import Collection
from typing import Any

from flask import url_for
from markupsafe import Markup

from academy import queries
from academy.views.learners import product_names, standings, what_next
from accounts.access import signed_in_user
from accounts.models import User
from accounts.permissions import Permission
from core.database import session
from core.slots import fills, rendered
from partners.showcase import shows


@fills("core.home.aside", order=40)
def learning(person: User) -> Markup | None:
    """The next course of a partner's person, and how far it is."""
    if person.is_staff or person.is_machine or not person.may(Permission.COURSES_LEARN):
        return None
    rows = standings(person)
    if not rows:
        return None
    certified = sum(row.certificate is not None for row in rows)
    return rendered(
        "academy/_home_learning.html", following=what_next(rows), certified=certified, courses=len(rows)
    )


@fills("partners.programme.courses")
def titles_of_the_courses() -> Markup | None:
    """What there is to learn, for whoever thinks of joining."""
    versions = session.scalars(queries.live_versions()).all()
    if not versions:
        return None
    return rendered("academy/_programme_courses.html", versions=versions, product_names=product_names)


@fills("partners.firm.aside", order=60)
@fills("partners.partner.aside", order=60)
def certified_people(partner: Any) -> Markup:
    """On a firm's page, its own and the vendor's: what its people are certified for."""
    products = queries.certified_products_by_partner([partner.id]).get(partner.id, set())
    courses = queries.certified_courses_by_partner([partner.id]).get(partner.id, set())
    titles = [row.title for row in session.scalars(queries.live_versions()) if row.course.code in courses]
    return rendered(
        "academy/_partner_certificates.html",
        titles=titles,
        products=product_names(sorted(products)),
        team_url=_team_url(partner),
    )


def _team_url(partner: Any) -> str | None:
    """Where the firm's progress stands, for whoever may see it."""
    person = signed_in_user()
    if not person.may(Permission.TEAM_PROGRESS_READ):
        return None
    if person.is_staff:
        return url_for("academy.partner_team", partner_id=partner.id)
    return url_for("academy.team")


@shows
def certificates_in_the_finder(partner_ids: Collection[int]) -> dict[int, list[str]]:
    """What the people of firms are certified for today, by the titles of courses."""
    courses = queries.certified_courses_by_partner(partner_ids)
    titles = (
        {row.course.code: row.title for row in session.scalars(queries.live_versions())} if courses else {}
    )
    return {
        number: [titles[code] for code in sorted(codes) if code in titles]
        for number, codes in courses.items()
    }
