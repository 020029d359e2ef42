"""Named accounts: which companies are whose."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for

from accounts.access import requires, signed_in_user
from accounts.permissions import Permission
from core.database import session
from core.errors import InvalidInput
from core.i18n import gettext as _
from core.pagination import paginate
from partners.queries import partners_visible_to
from referrals.forms.leads import AccountForm
from referrals.models.leads import NamedAccount
from referrals.operations.accounts import free_account, name_account
from referrals.queries import lists
from referrals.queries.accounts import named_accounts_visible_to
from referrals.queries.firms import partner_names
from referrals.views import pages
from referrals.views.wording import spoken


@pages.get("/staff/leads/accounts")
@requires(Permission.ROUTING_READ)
def named_accounts() -> Any:
    """Every company that was given to one partner, by its domain."""
    return _page(_form())


@pages.post("/staff/leads/accounts")
@requires(Permission.LEADS_TRIAGE)
def add_named_account() -> Any:
    """Gives a company to a partner."""
    form = _form()
    if form.was_sent_and_holds():
        partner = form.partner_id.firm or abort(404)
        try:
            row = name_account(form.domain.data, partner, by=signed_in_user())
        except InvalidInput as problem:
            form.complain(problem)
        else:
            flash(
                _("Leads of %(domain)s go to %(partner)s.", domain=row.domain, partner=partner.name), "good"
            )
            return redirect(url_for("referrals.named_accounts"))
    return _page(form)


@pages.post("/staff/leads/accounts/<int:account_id>/end")
@requires(Permission.LEADS_TRIAGE)
def end_named_account(account_id: int) -> Any:
    """Takes a company off the list."""
    row = session.scalar(
        named_accounts_visible_to(signed_in_user()).where(NamedAccount.id == account_id)
    ) or abort(404)
    free_account(row, by=signed_in_user())
    flash(_("%(domain)s is nobody's in particular now.", domain=row.domain), "good")
    return redirect(url_for("referrals.named_accounts"))


def _form() -> AccountForm:
    form = AccountForm()
    form.partner_id.among(partners_visible_to(signed_in_user()), active=True)
    return form


def _page(form: AccountForm) -> Any:
    text = request.args.get("q", "")[:200]
    page = paginate(named_accounts_visible_to(signed_in_user(), text))
    html = render_template(
        "referrals/leads/staff/accounts.html",
        form=form,
        page=page,
        partner_names=partner_names(row.partner_id for row in page.items),
        may_write=signed_in_user().may(Permission.LEADS_TRIAGE),
        counts=lists.status_counts(),
        **spoken(),
    )
    return html, form.status
