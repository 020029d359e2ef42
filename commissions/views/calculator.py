"""The calculator: on the programme's public page, on a partner's home, and on a page of its own."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import render_template, url_for
from markupsafe import Markup

from accounts.access import public, visitor
from accounts.models import User
from accounts.permissions import Permission
from commissions import calculator, wording
from commissions.calculator import OWN_SERVICES, Outlook, Source
from commissions.forms.calculator import CalculatorForm
from commissions.models import PlanVersion
from commissions.queries import plans as plan_queries
from commissions.standard_plan import CODE
from commissions.views import pages
from core import clock
from core.i18n import format_short_money, ngettext
from core.i18n import gettext as _
from core.settings import PROGRAMME_TIME_ZONE
from core.slots import fills
from partners.models import Partner
from partners.queries import partner_of


@pages.get("/calculator")
@public
def calculator_page() -> str:
    """The calculator by itself; the script on other pages fetches its figures from here."""
    return render_template("commissions/calculator/calculator.html", **_context(_partner(visitor())))


@fills("partners.programme.calculator")
def calculator_on_the_public_page(**_more: Any) -> Markup:
    page = render_template("commissions/calculator/_section.html", **_context(None), is_folded=False)
    return Markup(page)  # noqa: S704 - our own template


@fills("core.home.main", order=90)
def calculator_on_the_home_page(person: User, **_more: Any) -> Markup | None:
    """For a firm's people who may read the plan."""
    partner = _partner(person)
    if partner is None or not person.may(Permission.PLANS_READ):
        return None
    page = render_template("commissions/calculator/_section.html", **_context(partner), is_folded=True)
    return Markup(page)  # noqa: S704 - our own template


def _partner(person: User | None) -> Partner | None:
    return partner_of(person) if person is not None and not person.is_staff else None


def _context(partner: Partner | None) -> dict[str, Any]:
    version = plan_queries.live_version(partner.plan_code if partner is not None else CODE)
    if version is None:
        return {"version": None}
    form = CalculatorForm.asked(version.currency, partner)
    supposed = form.supposed(partner)
    plan = plan_queries.parsed(version)
    zone = ZoneInfo(PROGRAMME_TIME_ZONE.value())
    found = (
        calculator.outlook(plan, supposed, _first_of_this_month(zone), zone) if supposed is not None else None
    )
    return {
        "version": version,
        "form": form,
        "outlook": found,
        "rows": _rows(found, version) if found is not None else [],
        "short": _short(version.currency),
        "address": url_for("commissions.calculator_page"),
        "plan_url": url_for("commissions.plan") if partner is not None else None,
    }


def _first_of_this_month(zone: ZoneInfo) -> datetime:
    return clock.now().astimezone(zone).replace(day=1, hour=12, minute=0, second=0, microsecond=0)


@dataclass(frozen=True)
class Row:
    """One rule's income, opening to the rule."""

    label: str
    times: str
    first_year: int
    second_year: int
    formula: str
    words: wording.RuleWords | None


def _rows(found: Outlook, version: PlanVersion) -> list[Row]:
    plan = plan_queries.parsed(version)
    names = wording.names_now()
    words = {rule.name: wording.rule_words(rule, plan.currency, names) for rule in plan.rules}
    words |= {split.name: wording.split_words(split, plan.currency, names) for split in plan.splits}
    return [_row(source, words.get(source.rule)) for source in found.sources]


def _row(source: Source, words: wording.RuleWords | None) -> Row:
    if source.rule == OWN_SERVICES:
        label, formula = _("Services you bill yourself"), _("Yours in full")
    else:
        label, formula = source.rule, wording.formula_words(source.proof or {})
    times = ngettext("%(num)s time in 24 months", "%(num)s times in 24 months", source.times)
    return Row(label, times, source.years[0], source.years[1], formula, words)


def _short(currency: str) -> Callable[[Any], str]:
    """A figure for a chart's axis: *€16K*."""

    return lambda minor: format_short_money(minor, currency)
