"""The partner's rate card: services at its own prices, which estimates offer."""

from typing import Any

from flask import abort, flash, redirect, render_template, url_for

from accounts.access import requires, signed_in_user
from accounts.permissions import Permission
from core.database import session
from core.errors import InvalidInput
from core.i18n import gettext as _
from partners.models import LineKind, Recurrence
from partners.queries import partner_of
from referrals.forms.rates import RateForm
from referrals.models.rates import ServiceRate
from referrals.operations import rates as operations
from referrals.queries.catalogue import Catalogue
from referrals.queries.rates import rates_visible_to
from referrals.views import pages


@pages.route("/deals/rates", methods=["GET", "POST"])
@requires(Permission.DEALS_WORK)
def rates() -> Any:
    """The card, and a rate to put on it."""
    firm = partner_of(signed_in_user()) or abort(404)
    form = RateForm()
    if form.was_sent_and_holds():
        try:
            operations.save_rate(
                firm,
                kind=LineKind(form.kind.data),
                name=form.name.data or "",
                unit_price_minor=form.unit_price.data or 0,
                currency=form.currency.data,
                recurring=Recurrence(form.recurring.data),
                by=signed_in_user(),
            )
        except InvalidInput as problem:
            form.complain(problem)
        else:
            flash(_("On the card. Estimates offer it."), "good")
            return redirect(url_for("referrals.rates"))
    page = render_template(
        "referrals/deals/rates.html",
        form=form,
        rates=session.scalars(rates_visible_to(signed_in_user())).all(),
        kind_label=Catalogue.read().label,
    )
    return page, form.status


@pages.post("/deals/rates/<int:rate_id>/removal")
@requires(Permission.DEALS_WORK)
def remove_rate(rate_id: int) -> Any:
    """Takes a rate off the card."""
    partner_of(signed_in_user()) or abort(404)
    rate = session.scalar(rates_visible_to(signed_in_user()).where(ServiceRate.id == rate_id)) or abort(404)
    operations.remove_rate(rate, by=signed_in_user())
    flash(_("Off the card. Estimates keep what they have."), "good")
    return redirect(url_for("referrals.rates"))
