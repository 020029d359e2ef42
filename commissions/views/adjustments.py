"""For finance: a bonus, a correction or a set-off on a partner's balance, written by hand."""

from typing import Any

from flask import abort, flash, redirect, render_template, url_for

from accounts.access import confirms_password, requires, signed_in_user
from accounts.permissions import Permission
from commissions.forms.adjustments import ByHandForm
from commissions.models import EntryKind
from commissions.operations.adjustments import write_by_hand
from commissions.queries.earnings import balances
from commissions.views import pages
from core.database import session
from core.errors import InvalidInput
from core.i18n import format_money
from core.i18n import gettext as _
from core.money import currencies
from core.settings import PROGRAMME_CURRENCY
from partners.models import Partner
from partners.queries import partners_visible_to


@pages.route("/staff/partners/<int:partner_id>/adjustment", methods=["GET", "POST"])
@requires(Permission.RUNS_PROPOSE)
@confirms_password
def partner_adjustment(partner_id: int) -> Any:
    """Writes one line by hand. It is payable at once, by a run that a second person approves."""
    user = signed_in_user()
    partner = session.scalar(partners_visible_to(user).where(Partner.id == partner_id)) or abort(404)
    if not user.is_staff:
        abort(404)
    found = balances(partner)
    first = [PROGRAMME_CURRENCY.value(), *(balance.currency for balance in found)]
    form = ByHandForm(list(dict.fromkeys([*first, *sorted(currencies())])))
    if form.was_sent_and_holds():
        try:
            entry = write_by_hand(
                partner,
                kind=EntryKind(form.kind.data),
                amount_minor=form.amount.data or 0,
                currency=form.currency.data,
                reason=form.reason.data or "",
                token=form.token.data or "",
                by=user,
            )
        except InvalidInput as problem:
            form.complain(problem)
        else:
            amount = format_money(entry.amount_minor, entry.currency)
            flash(_("Written down: %(amount)s. The next payout run takes it up.", amount=amount), "good")
            return redirect(url_for("commissions.partner_earnings", partner_id=partner.id))
    page = render_template(
        "commissions/payouts/staff/adjustment.html", form=form, partner=partner, balances=found
    )
    return page, form.status
