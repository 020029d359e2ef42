"""Referral codes: the list with what each has brought; made, ended and brought back."""

from typing import Any

from flask import abort, flash, redirect, render_template, url_for

from accounts.access import requires, signed_in_user
from accounts.permissions import Permission
from core.database import session
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from core.pagination import paginate
from partners.forms.choosing import in_words
from referrals.forms.links import CodeForm
from referrals.models.codes import ReferralCode
from referrals.operations.codes import end_code, make_referral_code, revive_code
from referrals.queries import links as asked
from referrals.settings import LINK_DAYS
from referrals.views import pages
from referrals.views.links import firm_of_the_user, only_the_vendor, sight


@pages.get("/links/codes")
@requires(Permission.DEALS_READ)
def codes() -> Any:
    """The firm's codes, and what each has brought."""
    if signed_in_user().is_staff:
        return redirect(url_for("referrals.staff_codes"))
    return _page()


@pages.get("/staff/links/codes")
@requires(Permission.SALES_READ)
def staff_codes() -> Any:
    """The same over all partners."""
    only_the_vendor()
    return _page()


def _page(code_form: CodeForm | None = None) -> Any:
    seen = sight()
    rows = asked.codes_visible_to(seen.user)
    page = paginate(asked.codes_matching(rows, partner_id=seen.partner_id, words=seen.words))
    html = render_template(
        "referrals/links/codes.html",
        page=page,
        seen=seen,
        by_code=asked.brought_by_codes(page.items),
        code_form=code_form or CodeForm(formdata=None),
        days=LINK_DAYS.value(),
    )
    return html, 422 if code_form is not None else 200


@pages.post("/links/codes")
@requires(Permission.DEALS_WORK)
def new_code() -> Any:
    """Makes a code, or brings an own one back."""
    form, firm = CodeForm(), firm_of_the_user()
    if form.was_sent_and_holds():
        try:
            made = make_referral_code(firm, form.code.data or "", by=signed_in_user())
        except InvalidInput as problem:
            form.complain(problem)
        except Refusal as refusal:
            form.refuse(refusal, at="code")
        else:
            flash(_("The code %(code)s is yours.", code=made.code), "good")
            return redirect(url_for("referrals.codes"))
    return _page(code_form=form)


@pages.post("/links/codes/<int:code_id>/end")
@requires(Permission.DEALS_WORK)
def finish_code(code_id: int) -> Any:
    """Ends a code; what it brought stays."""
    firm_of_the_user()
    _end(code_id)
    return redirect(url_for("referrals.codes"))


@pages.post("/staff/links/codes/<int:code_id>/end")
@requires(Permission.PARTNERS_WRITE)
def finish_partners_code(code_id: int) -> Any:
    """The same for the vendor's people."""
    only_the_vendor()
    return _back_to_its_partner(_end(code_id))


@pages.post("/links/codes/<int:code_id>/life")
@requires(Permission.DEALS_WORK)
def bring_code_back(code_id: int) -> Any:
    """An ended code counts again."""
    firm_of_the_user()
    _revive(code_id)
    return redirect(url_for("referrals.codes"))


@pages.post("/staff/links/codes/<int:code_id>/life")
@requires(Permission.PARTNERS_WRITE)
def bring_partners_code_back(code_id: int) -> Any:
    """The same for the vendor's people."""
    only_the_vendor()
    return _back_to_its_partner(_revive(code_id))


def _end(code_id: int) -> ReferralCode:
    code = _visible(code_id)
    end_code(code, by=signed_in_user())
    flash(
        _("%(code)s has ended. Whoever comes with it counts no more; what it brought stays.", code=code.code),
        "good",
    )
    return code


def _revive(code_id: int) -> ReferralCode:
    code = _visible(code_id)
    revive_code(code, by=signed_in_user())
    flash(_("%(code)s counts again from now on.", code=code.code), "good")
    return code


def _back_to_its_partner(code: ReferralCode) -> Any:
    return redirect(url_for("referrals.staff_codes", partner=in_words(code.partner)))


def _visible(code_id: int) -> ReferralCode:
    query = asked.codes_visible_to(signed_in_user()).where(ReferralCode.id == code_id)
    return session.scalar(query) or abort(404)
