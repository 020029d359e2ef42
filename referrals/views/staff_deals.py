"""The vendor's side of deals: what is to be decided, orders to be confirmed, and receipts to be checked."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for

from accounts.access import requires, signed_in_user
from accounts.permissions import Permission
from core.database import session
from core.i18n import gettext as _
from core.pagination import paginate
from referrals.forms.deals import OrderRefusalForm, QuestionForm, ReceiptForm, RejectionForm
from referrals.models.deals import Deal, RejectionCode
from referrals.operations import deals as operations
from referrals.queries import deals as asked
from referrals.queries.lists import count
from referrals.views import pages
from referrals.views.deal_wording import STATES
from referrals.views.partner_deals import deal_page, deals_as_csv


@pages.get("/staff/deals")
@requires(Permission.DEALS_READ)
def staff_deals() -> Any:
    """Registrations to decide, orders to confirm, and every deal of the network, in tabs."""
    user = signed_in_user()
    if not user.is_staff:
        return redirect(url_for("referrals.deals"))
    wanted = asked.DealFilter(text=request.args.get("q", ""), state=request.args.get("state", ""))
    lists = {
        "decide": asked.with_everything(asked.deals_to_decide(user)),
        "orders": asked.with_everything(asked.orders_to_confirm(user)),
        "all": asked.with_everything(asked.deals_matching(asked.deals_visible_to(user), wanted)),
    }
    counts = {name: count(query) for name, query in lists.items() if name != "all"}
    if request.args.get("format") == "csv":
        return deals_as_csv(lists["all"], with_partner=True)
    tab = request.args.get("tab", "")
    if tab not in lists:
        tab = (
            "all"
            if wanted.text or wanted.state
            else next((name for name in counts if counts[name]), "decide")
        )
    return render_template(
        "referrals/deals/staff_deals.html",
        tab=tab,
        counts=counts,
        page=paginate(lists[tab]),
        states=[(value, label) for value, label in STATES if value != "draft"],
        is_narrowed=bool(wanted.text or wanted.state),
    )


@pages.post("/staff/deals/<int:deal_id>/review")
@requires(Permission.DEALS_REVIEW)
def review_deal(deal_id: int) -> Any:
    """Says that somebody looks at it."""
    operations.review_deal(_handed_in(deal_id), by=signed_in_user())
    return _back(deal_id)


@pages.post("/staff/deals/<int:deal_id>/question")
@requires(Permission.DEALS_REVIEW)
def question_deal(deal_id: int) -> Any:
    """Asks the partner for more."""
    found, form = _handed_in(deal_id), QuestionForm()
    if form.was_sent_and_holds():
        operations.question_deal(found, form.question.data or "", by=signed_in_user())
        flash(
            _("Sent to %(partner)s. Your clock stands still until the answer.", partner=found.partner.name),
            "good",
        )
        return _back(deal_id)
    return deal_page(found, question_form=form)


@pages.post("/staff/deals/<int:deal_id>/approval")
@requires(Permission.DEALS_REVIEW)
def approve_deal(deal_id: int) -> Any:
    """Protects the company for the partner."""
    found = _handed_in(deal_id)
    operations.approve_deal(found, by=signed_in_user())
    flash(
        _("%(company)s is protected for %(partner)s.", company=found.company, partner=found.partner.name),
        "good",
    )
    return redirect(url_for("referrals.staff_deals"))


@pages.post("/staff/deals/<int:deal_id>/rejection")
@requires(Permission.DEALS_REVIEW)
def reject_deal(deal_id: int) -> Any:
    """Turns the registration down."""
    found, form = _handed_in(deal_id), RejectionForm()
    if form.was_sent_and_holds():
        operations.reject_deal(
            found, RejectionCode(form.code.data), form.text.data or "", by=signed_in_user()
        )
        flash(_("Turned down. %(partner)s reads why.", partner=found.partner.name), "good")
        return redirect(url_for("referrals.staff_deals"))
    return deal_page(found, rejection_form=form)


@pages.post("/staff/deals/<int:deal_id>/order-confirmation")
@requires(Permission.DEALS_REVIEW)
def confirm_order(deal_id: int) -> Any:
    """The order is there: the deal is won."""
    found = _handed_in(deal_id)
    operations.confirm_order(found, by=signed_in_user())
    flash(_("%(number)s is won.", number=found.number), "good")
    return redirect(url_for("referrals.staff_deals"))


@pages.post("/staff/deals/<int:deal_id>/order-refusal")
@requires(Permission.DEALS_REVIEW)
def refuse_order(deal_id: int) -> Any:
    """There is no such order."""
    found, form = _handed_in(deal_id), OrderRefusalForm()
    if form.was_sent_and_holds():
        operations.refuse_order(found, form.because.data or "", by=signed_in_user())
        flash(_("%(partner)s reads why.", partner=found.partner.name), "good")
        return _back(deal_id)
    return deal_page(found, order_form=form)


@pages.route("/staff/deal-receipts", methods=["GET", "POST"])
@requires(Permission.DEALS_REVIEW)
def deal_receipts() -> Any:
    """Checks whether a receipt that somebody shows was signed here."""
    form = ReceiptForm()
    genuine = None
    if form.was_sent_and_holds():
        genuine = operations.is_receipt_genuine(form.receipt.data or "")
    page = render_template("referrals/deals/receipts.html", form=form, genuine=genuine)
    return page, 200 if genuine is not None else form.status


def _handed_in(deal_id: int) -> Deal:
    query = asked.with_everything(asked.deals_visible_to(signed_in_user())).where(Deal.id == deal_id)
    return session.scalars(query).unique().one_or_none() or abort(404)


def _back(deal_id: int) -> Any:
    return redirect(url_for("referrals.deal", deal_id=deal_id))
