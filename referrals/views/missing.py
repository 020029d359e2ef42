"""Missing referrals: the partner asks, the vendor looks at what is known and answers."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for

from accounts.access import requires, signed_in_user
from accounts.permissions import Permission
from core.database import session
from core.errors import InvalidInput
from core.i18n import gettext as _
from core.pagination import paginate
from partners.queries import partner_of
from referrals.forms.links import MissingDecisionForm, MissingForm
from referrals.models.missing import ReferralRequest
from referrals.models.sales import AttributionSource
from referrals.operations import missing as operations
from referrals.queries import missing as asked
from referrals.queries.firms import partner_names
from referrals.settings import DECISION_DAYS, MISSING_DAYS
from referrals.views import pages
from referrals.views.deal_wording import BECAUSE
from referrals.views.evidence import clicks_and_leads


@pages.get("/referral-requests")
@requires(Permission.DEALS_READ)
def referral_requests() -> Any:
    """What was asked for and what became of it; what waits comes first."""
    user = signed_in_user()
    if user.is_staff and not user.may(Permission.SALES_READ):
        abort(403)
    return render_template(
        "referrals/links/requests.html",
        page=paginate(asked.requests_visible_to(user)),
        may_ask=partner_of(user) is not None and user.may(Permission.DEALS_WORK),
        days=MISSING_DAYS.value(),
    )


@pages.route("/referral-requests/new", methods=["GET", "POST"])
@requires(Permission.DEALS_WORK)
def new_referral_request() -> Any:
    """Asks for a referral that is missing."""
    firm = partner_of(signed_in_user()) or abort(404)
    form = MissingForm()
    if form.was_sent_and_holds():
        try:
            made = operations.ask_for_referral(
                firm,
                order_number=form.order_number.data or "",
                ordered_on=form.ordered_on.data,
                company=form.company.data or "",
                text=form.text.data or "",
                by=signed_in_user(),
            )
        except InvalidInput as problem:
            form.complain(problem)
        else:
            flash(
                _("Sent. The vendor answers within %(days)s working days.", days=DECISION_DAYS.value()),
                "good",
            )
            return redirect(url_for("referrals.referral_request", missing_id=made.id))
    elif request.method == "GET":
        form.order_number.data = request.args.get("order", "")[:100]
    page = render_template("referrals/links/new_request.html", form=form, days=MISSING_DAYS.value())
    return page, form.status


@pages.get("/referral-requests/<int:missing_id>")
@requires(Permission.DEALS_READ)
def referral_request(missing_id: int) -> Any:
    """One request; for the vendor with everything that is known of the order."""
    return _page(_visible(missing_id))


def _page(found: ReferralRequest, accept: MissingDecisionForm | None = None, reject: Any = None) -> Any:
    user = signed_in_user()
    sale = operations.sale_asked_for(found) if user.is_staff else found.sale
    own = partner_of(user)
    if own is not None and sale is not None and sale.partner_id != own.id:
        sale = None
    page = render_template(
        "referrals/links/request.html",
        found=found,
        sale=sale,
        came_too_late=user.is_staff and sale is not None and operations.came_too_late(found, sale),
        evidence=clicks_and_leads(sale) if user.is_staff and sale is not None else None,
        names=partner_names(
            [one["partner_id"] for one in sale.attribution if one["partner_id"]]
            if user.is_staff and sale is not None
            else []
        ),
        because=BECAUSE,
        sources=AttributionSource,
        may_decide=user.is_staff and user.may(Permission.SALES_WRITE) and found.decided_at is None,
        accept_form=accept or MissingDecisionForm(formdata=None, prefix="accept"),
        reject_form=reject or MissingDecisionForm(formdata=None, prefix="reject"),
    )
    return page, 422 if accept is not None or reject is not None else 200


@pages.post("/staff/referral-requests/<int:missing_id>/acceptance")
@requires(Permission.SALES_WRITE)
def accept_referral_request(missing_id: int) -> Any:
    """The sale is the partner's."""
    found, form = _to_decide(missing_id), MissingDecisionForm(prefix="accept")
    if form.was_sent_and_holds():
        try:
            sale = operations.accept_request(found, reason=form.reason.data or "", by=signed_in_user())
        except InvalidInput as problem:
            form.complain(problem)
        else:
            flash(_("Accepted. The sale is %(partner)s's now.", partner=found.partner.name), "good")
            return redirect(url_for("referrals.sale", sale_id=sale.id))
    return _page(found, accept=form)


@pages.post("/staff/referral-requests/<int:missing_id>/rejection")
@requires(Permission.SALES_WRITE)
def reject_referral_request(missing_id: int) -> Any:
    """The sale stays as it is."""
    found, form = _to_decide(missing_id), MissingDecisionForm(prefix="reject")
    if form.was_sent_and_holds():
        try:
            operations.reject_request(found, reason=form.reason.data or "", by=signed_in_user())
        except InvalidInput as problem:
            form.complain(problem)
        else:
            flash(_("Rejected. The partner reads why."), "good")
            return redirect(url_for("referrals.referral_requests"))
    return _page(found, reject=form)


def _visible(missing_id: int) -> ReferralRequest:
    query = asked.requests_visible_to(signed_in_user()).where(ReferralRequest.id == missing_id)
    return session.scalar(query) or abort(404)


def _to_decide(missing_id: int) -> ReferralRequest:
    if not signed_in_user().is_staff:
        abort(404)
    return _visible(missing_id)
