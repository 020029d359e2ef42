"""Exchange rates: those there are, one more typed in, or the European Central Bank's table."""

from decimal import Decimal
from typing import Any

from flask import flash, redirect, render_template, url_for

from accounts.access import requires, signed_in_user
from accounts.permissions import Permission
from core import clock, exchange
from core.errors import InvalidInput
from core.i18n import gettext as _
from core.pagination import paginate
from core.settings import PROGRAMME_TIME_ZONE
from events.forms import RateForm, RatesFileForm
from events.views import events

#: The bank's whole history since 1999 is about 2 MB.
MOST_CSV = 8 * 1024 * 1024


@events.route("/staff/exchange-rates", methods=["GET", "POST"])
@requires(Permission.RATES_MANAGE)
def exchange_rates() -> Any:
    """The rates there are, and one more of them."""
    form = RateForm(data={"day": clock.today(PROGRAMME_TIME_ZONE.value()), "base": "EUR", "quote": "USD"})
    if form.was_sent_and_holds():
        try:
            exchange.set_rate(
                form.day.data,
                form.base.data,
                form.quote.data,
                form.rate.data or Decimal(0),
                source="typed",
                by=signed_in_user(),
            )
        except InvalidInput as problem:
            form.complain(problem)
        else:
            flash(_("Saved. What was converted before keeps its own rate."), "good")
            return redirect(url_for("events.exchange_rates"))
    return _rates_page(form, RatesFileForm()), form.status


def _rates_page(form: RateForm, file_form: RatesFileForm) -> str:
    return render_template(
        "events/staff/exchange_rates.html",
        form=form,
        file_form=file_form,
        page=paginate(exchange.rates(), size=50),
    )


@events.post("/staff/exchange-rates/import")
@requires(Permission.RATES_MANAGE)
def exchange_rates_import() -> Any:
    """Reads the European Central Bank's table."""
    form = RatesFileForm()
    if form.was_sent_and_holds():
        try:
            content = form.file.data.stream.read(MOST_CSV + 1)
            if len(content) > MOST_CSV:
                raise InvalidInput(
                    {"file": _("The file is larger than %(most)s MB.", most=MOST_CSV // 1024 // 1024)}
                )
            count = exchange.import_ecb(content.decode("utf-8", "replace"), by=signed_in_user())
        except InvalidInput as problem:
            form.complain(problem)
        else:
            flash(_("%(count)s rates read.", count=count), "good")
            return redirect(url_for("events.exchange_rates"))
    return _rates_page(RateForm(data={"day": clock.today("UTC"), "base": "EUR", "quote": "USD"}), form), 422
