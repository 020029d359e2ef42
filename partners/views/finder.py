"""The public finder: who is near, speaks my language, knows the product; and how a firm stands in it."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for

from accounts.access import public, requires, signed_in_user
from accounts.limits import per_address
from accounts.permissions import Permission
from core.database import session
from core.errors import InvalidInput
from core.i18n import country_name, language_name
from core.i18n import gettext as _
from core.pagination import paginate
from core.places import is_country
from partners import operations, queries
from partners.forms.finder import FinderEntryForm
from partners.models import INDUSTRIES, LANGUAGES, FinderEntry, Partner
from partners.queries import finder as asked
from partners.queries.finder import Wish
from partners.showcase import shown_by
from partners.views import partners

_FIELDS = ("country", "city", "language", "product", "service", "industry", "tier")


@partners.get("/finder")
@public
@per_address("300 per hour")
def finder() -> Any:
    """The firms that fit, in the order that stands on the page."""
    wish, choices = _wish()
    page = paginate(asked.partners_found(wish), size=12)
    numbers = [partner.id for partner in page.items]
    return render_template(
        "partners/finder/finder.html",
        page=page,
        wish=wish,
        place=wish.place,
        distances={partner.id: asked.distance_to(partner, wish.place) for partner in page.items},
        entries=asked.finder_entries(numbers),
        shown=shown_by(numbers),
        choices=choices,
        **_names(),
    )


@partners.get("/finder/<int:partner_id>")
@public
@per_address("300 per hour")
def finder_partner(partner_id: int) -> Any:
    """One firm as customers see it."""
    partner = session.scalar(asked.findable_partners().where(Partner.id == partner_id)) or abort(404)
    return render_template(
        "partners/finder/partner.html",
        partner=partner,
        entry=asked.finder_entries([partner.id]).get(partner.id),
        shown=shown_by([partner.id])[partner.id],
        **_names(),
    )


@partners.route("/firm/finder", methods=["GET", "POST"])
@requires(Permission.FIRM_MANAGE)
def finder_entry() -> Any:
    """Whether our firm is in the finder, and what it says there."""
    partner = queries.partner_of(signed_in_user()) or abort(404)
    form = FinderEntryForm(obj=session.get(FinderEntry, partner.id) or FinderEntry(is_listed=True))
    if form.was_sent_and_holds():
        try:
            if form.logo.data or form.without_logo.data:
                image = form.logo.data.read() if form.logo.data else None
                operations.change_logo(partner, image, by=signed_in_user())
            operations.change_finder_entry(
                partner,
                is_listed=form.is_listed.data,
                summary=form.summary.data or "",
                summary_ru=form.summary_ru.data or "",
                by=signed_in_user(),
            )
            flash(_("Saved."), "good")
            return redirect(url_for("partners.finder_entry"))
        except InvalidInput as problem:
            form.complain(problem)
    findable = session.scalar(asked.findable_partners().where(Partner.id == partner.id)) is not None
    return render_template(
        "partners/finder/entry.html", form=form, partner=partner, findable=findable
    ), form.status


def _names() -> dict[str, Any]:
    return {
        "products": queries.products_by_code(),
        "services": queries.services_by_code(),
        "industries": INDUSTRIES,
    }


def _wish() -> tuple[Wish, dict[str, list[tuple[str, str]]]]:
    """What the address asks for, and what the form's lists offer. What they never offer is no wish: none would show."""
    typed = {name: request.args.get(name, "").strip()[:80] for name in _FIELDS}
    if not is_country(typed["country"]):
        typed["country"] = ""
    offered = _choices(typed["country"])
    known = {name: typed[name] if typed[name] in dict(pairs) else "" for name, pairs in offered.items()}
    return Wish(**typed | known), offered


def _choices(country: str) -> dict[str, list[tuple[str, str]]]:
    """What each list of the form offers, by name in the reader's language; ``country`` even without firms."""
    countries = {*asked.countries_in_the_finder(), *([country] if country else [])}
    offers = {
        "country": [(code, country_name(code)) for code in countries],
        "language": [(code, language_name(code)) for code in LANGUAGES],
        "product": [(one.code, one.label) for one in queries.products()],
        "service": [(one.code, one.label) for one in queries.services()],
        "industry": [(code, str(name)) for code, name in INDUSTRIES.items()],
    }
    sorted_offers = {name: sorted(pairs, key=lambda pair: pair[1]) for name, pairs in offers.items()}
    return sorted_offers | {"tier": [(tier.code, tier.label) for tier in queries.tiers()]}
