"""For finance: partners' tax rates and documents, and the accounts that payouts come from."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for

from accounts.access import confirms_password, requires, signed_in_user
from accounts.permissions import Permission
from commissions.forms.profiles import PayingAccountForm, TaxRatesForm
from commissions.models import PayoutMethod, TaxPaper
from commissions.operations import profiles
from commissions.operations.paying_accounts import pay_from
from commissions.queries import payouts as queries
from commissions.queries.bank import paying_accounts
from commissions.settings import debtor
from commissions.views import pages
from core import uploads
from core.database import session
from core.errors import InvalidInput
from core.i18n import gettext as _
from core.money import currencies
from core.settings import PROGRAMME_COUNTRY, PROGRAMME_CURRENCY, PROGRAMME_TIME_ZONE
from partners.models import Partner
from partners.queries import partners_visible_to


def _partner(partner_id: int) -> Partner:
    wanted = partners_visible_to(signed_in_user()).where(Partner.id == partner_id)
    return session.scalar(wanted) or abort(404)


@pages.route("/staff/partners/<int:partner_id>/taxes", methods=["GET", "POST"])
@requires(Permission.RUNS_PROPOSE)
def partner_taxes(partner_id: int) -> Any:
    """What is withheld and added, the papers for it, and what was paid year by year."""
    partner = _partner(partner_id)
    profile = queries.profile_of(partner)
    rates = {"vat": profile.vat_said, "withholding": profile.withholding_said} if profile else {}
    form = TaxRatesForm(data=rates)
    if profile is not None and form.was_sent_and_holds():
        vat, withheld = form.basis_points("vat"), form.basis_points("withholding")
        try:
            wrong = {
                name: _("Type 0 to 100, with at most two digits.")
                for name, rate in (("vat", vat), ("withholding", withheld))
                if rate is None
            }
            if vat is None or withheld is None:
                raise InvalidInput(wrong)
            profiles.set_tax_rates(profile, vat_bp=vat, withholding_bp=withheld, by=signed_in_user())
            flash(_("Saved. It holds for runs that are proposed from now on."), "good")
            return redirect(url_for("commissions.partner_taxes", partner_id=partner_id))
        except InvalidInput as problem:
            form.complain(problem)
    papers = queries.tax_papers_visible_to(signed_in_user(), Permission.RUNS_READ)
    return render_template(
        "commissions/payouts/staff/partner_taxes.html",
        partner=partner,
        profile=profile,
        form=form,
        papers=session.scalars(papers.where(TaxPaper.partner_id == partner.id).limit(50)).all(),
        years=queries.year_totals(partner, PROGRAMME_TIME_ZONE.value()),
    ), form.status


def _paper(paper_id: int) -> TaxPaper:
    wanted = queries.tax_papers_visible_to(signed_in_user(), Permission.RUNS_READ)
    return session.scalar(wanted.where(TaxPaper.id == paper_id)) or abort(404)


@pages.get("/staff/tax-papers/<int:paper_id>")
@requires(Permission.RUNS_PROPOSE)
@confirms_password
def staff_tax_paper(paper_id: int) -> Any:
    """A partner's document."""
    found = _paper(paper_id)
    return uploads.download(found.storage_key, name=found.name, content_type=found.content_type)


@pages.post("/staff/tax-papers/<int:paper_id>/check")
@requires(Permission.RUNS_PROPOSE)
def tax_paper_check(paper_id: int) -> Any:
    """Finance found a document good."""
    found = _paper(paper_id)
    profiles.check_tax_paper(found, by=signed_in_user())
    flash(_("Checked."), "good")
    return redirect(url_for("commissions.partner_taxes", partner_id=found.partner_id))


_BANKS = (PayoutMethod.SEPA, PayoutMethod.FOREIGN, PayoutMethod.ONEC)


@pages.route("/staff/payouts/accounts", methods=["GET", "POST"])
@requires(Permission.RUNS_PROPOSE)
@confirms_password
def own_accounts() -> Any:
    """Which account pays what, and a form for another one."""
    asked = request.form.get("method") or request.args.get("method", "")
    method = PayoutMethod(asked) if asked in set(_BANKS) else PayoutMethod.SEPA
    only = method.currency
    codes = (
        [only] if only else list(dict.fromkeys([PROGRAMME_CURRENCY.value(), "USD", *sorted(currencies())]))
    )
    form = PayingAccountForm(method, codes, PROGRAMME_COUNTRY.value())
    if form.was_sent_and_holds():
        try:
            pay_from(method, form.currency.data, by=signed_in_user(), **form.bank_values(), **form.further())
            flash(_("Saved. Runs that are sent from now on are paid from it."), "good")
            return redirect(url_for("commissions.own_accounts"))
        except InvalidInput as problem:
            form.complain(problem)
    return render_template(
        "commissions/payouts/staff/accounts.html",
        form=form,
        method=method,
        methods=_BANKS,
        accounts=paying_accounts(),
        from_settings=debtor(),
    ), form.status
