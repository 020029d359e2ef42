"""What partners shows on pages of the ground: the firm's name under one's own, and the sides of the home page."""

from flask import render_template
from markupsafe import Markup, escape

from accounts.models import User
from accounts.permissions import Permission
from core.slots import fills, rendered
from partners import queries, wording
from partners.menu import recent_applications
from partners.queries import onboarding, portfolio, scorecard, standing
from partners.queries.measures import by_month, measure_of
from partners.views.scorecard import month_names

#: What the home pages show of a year.
FIRST_FIGURES = ("total_revenue", "leads_taken", "won_deals", "certified_people")


@fills("core.account")
def name_of_the_firm(person: User) -> Markup | None:
    firm = None if person.is_staff else queries.partner_of(person)
    return escape(firm.name) if firm is not None else None


@fills("core.home.aside", order=10)
def state_of_the_firm(person: User) -> Markup | None:
    """For a firm's people: the tier with what comes and the way up, and how far the first steps are."""
    firm = None if person.is_staff else queries.partner_of(person)
    if firm is None or not person.may(Permission.FIRM_READ):
        return None
    return rendered(
        "partners/_home_firm.html",
        partner=firm,
        steps=onboarding.open_checklist(firm),
        standing=standing.standing_of(firm),
        words=wording,
    )


@fills("core.home.main", order=30)
def year_of_the_firm(person: User) -> Markup | None:
    """For a firm's people: their year in four figures and twelve months."""
    firm = None if person.is_staff else queries.partner_of(person)
    if firm is None or not person.may(Permission.FIRM_READ):
        return None
    trend = scorecard.trend_of(firm, scorecard.REVENUE)
    cards = {card.measure.code: card for card in scorecard.cards_of(firm)}
    if trend is None or not (cards or any(trend.amounts)):
        return None
    return rendered(
        "partners/_home_year.html",
        trend=trend,
        months=month_names(trend.months),
        cards=[cards[code] for code in FIRST_FIGURES if code in cards],
    )


@fills("core.home.main", order=30)
def the_portfolio(person: User) -> Markup | None:
    """For partner managers: their firms as one, who is about to lose a tier, whose revenue moved."""
    if not person.is_staff or not person.may(Permission.PARTNERS_WRITE):
        return None
    mine = portfolio.portfolio_of(person)
    figures = portfolio.figures_of(mine, FIRST_FIGURES)
    if not figures.firms:
        return None
    revenue = measure_of(scorecard.REVENUE)
    months = by_month(revenue, mine.firms) if revenue is not None else []
    return rendered(
        "partners/_home_portfolio.html",
        portfolio=mine,
        figures=figures,
        codes=[measure for code in FIRST_FIGURES if (measure := measure_of(code)) is not None],
        revenue=revenue,
        months=month_names([month for month, _amount in months]),
        amounts=[amount for _month, amount in months],
        danger=portfolio.in_danger(mine),
        swings=portfolio.swings(mine, scorecard.REVENUE),
    )


@fills("core.home.aside", order=10)
def applications_by_age(person: User) -> Markup | None:
    """For reviewers: how many applications are late, due soon, or have time."""
    if not person.is_staff or not person.may(Permission.APPLICATIONS_REVIEW):
        return None
    html = render_template("partners/_home_applications.html", ages=recent_applications(person))
    return Markup(html)  # noqa: S704 - a template of ours
