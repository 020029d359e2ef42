"""Sales that partners report: the partner's list and form, the vendor's queue, and one page that both sides read."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from flask import Response, abort, flash, jsonify, redirect, render_template, request, url_for
from markupsafe import Markup
from sqlalchemy.orm import joinedload

from accounts.access import requires, signed_in_user, visitor
from accounts.models import User
from accounts.permissions import Permission
from commissions import wording
from commissions.forms.sale_reports import DeclineForm, SaleReportForm
from commissions.models import SaleReport
from commissions.operations import sale_reports as operations
from commissions.queries import sale_reports as asked
from commissions.views import pages
from core import clock, navigation, uploads
from core.activity import activity_on
from core.database import session
from core.digits import number_in
from core.errors import InvalidInput
from core.forms import suggested
from core.i18n import format_day, format_money, lazy_gettext
from core.i18n import gettext as _
from core.pagination import paginate
from core.settings import PROGRAMME_TIME_ZONE
from core.slots import fills, rendered
from core.waiting import Waiting, waits
from partners.models import Partner
from partners.queries import partner_of
from referrals.forms.choosing import customer_match, customer_matches, deal_match, deal_matches
from referrals.models import BilledBy, Deal, SaleType

_L = lazy_gettext
_STATES: list[tuple[str, Any]] = [
    ("", _L("all")),
    ("reported", _L("Waits for the vendor")),
    ("confirmed", _L("Confirmed")),
    ("declined", _L("Declined")),
    ("withdrawn", _L("Withdrawn")),
]


def init_app() -> None:
    """Both sides find them in the menu, beside what else is about money."""
    places: dict[str, Any] = {"icon": "receipt", "group": "money"}
    navigation.add(
        navigation.Entry(
            _L("Reported sales"),
            "commissions.sale_reports",
            permission=Permission.DEALS_WORK,
            order=47,
            audience="partner",
            **places,
        )
    )
    navigation.add(
        navigation.Entry(
            _L("Reported sales"),
            "commissions.staff_sale_reports",
            permission=Permission.SALES_READ,
            order=48,
            audience="staff",
            count=asked.reports_to_decide,
            due=True,
            **places,
        )
    )


@waits
def reports_to_act_on(person: User) -> Iterable[Waiting]:
    """Reports by their clocks."""
    for found in session.scalars(asked.reports_to_decide(person).limit(20)):
        yield Waiting(
            _("%(partner)s reports a sale: %(amount)s", partner=found.partner.name, amount=_sum(found)),
            found.customer.name,
            url_for("commissions.sale_report", report_id=found.id),
            _("Decide"),
            "receipt",
            found.decide_by,
        )


def _sum(report: SaleReport) -> str:
    return format_money(report.total_minor, report.currency)


# Lists


@pages.get("/sale-reports")
@requires(Permission.DEALS_READ)
def sale_reports() -> Any:
    """A firm's reports. For the vendor's people it is the queue."""
    user = signed_in_user()
    if user.is_staff:
        return redirect(url_for("commissions.staff_sale_reports"))
    found = asked.reports_visible_to(user).order_by(SaleReport.id.desc())
    return _list(found, may_report=user.may(Permission.DEALS_WORK))


@pages.get("/staff/sale-reports")
@requires(Permission.SALES_READ)
def staff_sale_reports() -> Any:
    """What waits, by its clocks, then what was decided, the newest first."""
    if not signed_in_user().is_staff:
        abort(404)
    found = asked.reports_visible_to(signed_in_user()).order_by(
        SaleReport.decided_at.is_not(None), SaleReport.decided_at.desc(), SaleReport.decide_by, SaleReport.id
    )
    return _list(found, may_report=False)


def _list(found: Any, *, may_report: bool) -> str:
    state, text = request.args.get("state", ""), request.args.get("q", "")
    return render_template(
        "commissions/reports/reports.html",
        page=paginate(asked.reports_matching(found, state=state, text=text)),
        states=_STATES,
        is_narrowed=bool(state or text),
        may_report=may_report,
        is_staff=signed_in_user().is_staff,
    )


# Telling


def _firm() -> Partner:
    return partner_of(signed_in_user()) or abort(404)


@pages.route("/sale-reports/new", methods=["GET", "POST"])
@requires(Permission.DEALS_WORK)
def new_sale_report() -> Any:
    """A partner tells of a sale to a customer of its own, or out of one of its deals."""
    firm = _firm()
    customers, deals = asked.customers_to_report_of(firm), asked.deals_to_report_of(firm)
    form = SaleReportForm(customers=customers, deals=deals, data=_begun(request.args.get("deal", ""), deals))
    if form.was_sent_and_holds():
        try:
            report = operations.report_sale(
                form.customer.customer or abort(404),
                deal=form.deal.deal,
                number=form.number.data or "",
                sold_on=form.sold_on.data,
                currency=form.currency.data,
                lines=form.typed_lines,
                file=_checked(form.file.data),
                type=SaleType(form.type.data),
                billed_by=BilledBy(form.billed_by.data),
                note=form.note.data or "",
                by=signed_in_user(),
            )
        except InvalidInput as problem:
            _complain(form, problem)
        else:
            flash(_("Sent. The vendor decides by %(day)s.", day=format_day(report.decide_by)), "good")
            return redirect(url_for("commissions.sale_report", report_id=report.id))
    page = render_template(
        "commissions/reports/new_report.html",
        form=form,
        has_customers=asked.has_customers_to_report_of(firm),
    )
    return page, form.status


@pages.get("/sale-reports/customer-names")
@requires(Permission.DEALS_WORK)
def sale_report_customers() -> Any:
    """For the field where a customer is typed: those of the firm that fit, with the words that mean just that one."""
    customers = asked.customers_to_report_of(_firm())
    return jsonify(suggested(lambda words: customer_matches(customers, words)))


@pages.get("/sale-reports/deal-names")
@requires(Permission.DEALS_WORK)
def sale_report_deals() -> Any:
    """The same of the firm's deals that can have a sale."""
    deals = asked.deals_to_report_of(_firm())
    return jsonify(suggested(lambda words: deal_matches(deals, words)))


def _begun(asked_deal: str, deals: sa.Select[Deal]) -> dict[str, Any]:
    """What is known before anything is typed."""
    number = number_in(asked_deal)
    query = deals.where(Deal.id == number).options(joinedload(Deal.customer))
    deal = session.scalar(query) if number is not None else None
    customer = deal.customer if deal is not None else None
    return {
        "billed_by": BilledBy.PARTNER.value,
        "type": SaleType.NEW.value,
        "sold_on": clock.today(PROGRAMME_TIME_ZONE.value()),
        "deal": deal_match(deal).words if deal is not None else "",
        "customer": customer_match(customer).words if customer is not None else "",
    }


def _checked(upload: Any) -> uploads.CheckedFile:
    try:
        return uploads.check_file(upload.stream.read(uploads.MOST_BYTES + 1), upload.filename or "")
    except uploads.RefusedFile as refusal:
        raise InvalidInput({"file": str(refusal)}) from refusal


def _complain(form: SaleReportForm, problem: InvalidInput) -> None:
    """What is wrong with the amounts stands above the form, and at the first of them."""
    form.complain(
        InvalidInput({where.replace("lines", ""): said for where, said in problem.problems.items()})
    )
    if "lines" in problem.problems:
        form.lines[0].form.amount.errors = [problem.problems["lines"]]


# At the deal


@fills("referrals.deal.aside", order=30)
def reports_of_a_deal(deal: Deal, **_more: Any) -> Markup | None:
    """On a deal that can have a sale: what was reported of it, and for its partner the way to report one."""
    person = visitor()
    if person is None or not person.may(Permission.SALES_READ if person.is_staff else Permission.DEALS_READ):
        return None
    reported = session.scalars(asked.reports_of_deal(person, deal)).all()
    may_report = not person.is_staff and person.may(Permission.DEALS_WORK) and asked.can_have_a_sale(deal)
    if not reported and not may_report:
        return None
    return rendered(
        "commissions/reports/_at_a_deal.html", deal=deal, reported=reported, may_report=may_report
    )


# One report


def _visible(report_id: int) -> SaleReport:
    query = asked.reports_visible_to(signed_in_user()).where(SaleReport.id == report_id)
    return session.scalar(query) or abort(404)


@pages.get("/sale-reports/<int:report_id>")
@requires(Permission.DEALS_READ)
def sale_report(report_id: int) -> Any:
    """What was told, what shows it, and what became of it."""
    return _page(_visible(report_id), DeclineForm(formdata=None))


def _page(found: SaleReport, decline: DeclineForm) -> Any:
    user, names = signed_in_user(), wording.names_now()
    page = render_template(
        "commissions/reports/report.html",
        report=found,
        kinds={line["kind"]: names.kind(line["kind"]) for line in found.lines},
        sale_type=wording.SALE_TYPES[found.type.value],
        biller=wording.BILLERS[found.billed_by.value],
        decline=decline,
        decides=user.is_staff and user.may(Permission.SALES_WRITE) and found.is_undecided,
        may_withdraw=not user.is_staff and user.may(Permission.DEALS_WORK) and found.is_undecided,
        is_staff=user.is_staff,
        similar=asked.similar_sales(found) if user.is_staff and found.is_undecided else [],
        activity=session.scalars(activity_on(found).limit(20)).all() if user.is_staff else [],
    )
    return page, decline.status


@pages.get("/sale-reports/<int:report_id>/file")
@requires(Permission.DEALS_READ)
def sale_report_file(report_id: int) -> Response:
    """The paper, as an attachment."""
    found = _visible(report_id)
    return uploads.download(found.file_key, name=found.file_name, content_type=found.file_type)


@pages.post("/sale-reports/<int:report_id>/withdrawal")
@requires(Permission.DEALS_WORK)
def sale_report_withdrawal(report_id: int) -> Any:
    """The partner takes it back."""
    found = _visible(report_id)
    if _firm().id != found.partner_id:
        abort(404)
    operations.withdraw_report(found, by=signed_in_user())
    flash(_("Withdrawn."), "good")
    return redirect(url_for("commissions.sale_report", report_id=found.id))


@pages.post("/staff/sale-reports/<int:report_id>/confirmation")
@requires(Permission.SALES_WRITE)
def sale_report_confirmation(report_id: int) -> Any:
    """The vendor agrees: the sale is recorded."""
    found = _visible(report_id)
    is_new = operations.confirm_report(found, by=signed_in_user())
    flash(
        _("Confirmed. The sale is recorded, and the partner has been told.")
        if is_new
        else _("Confirmed. This invoice had come another way, so nothing was recorded twice."),
        "good",
    )
    return redirect(url_for("commissions.sale_report", report_id=found.id))


@pages.post("/staff/sale-reports/<int:report_id>/refusal")
@requires(Permission.SALES_WRITE)
def sale_report_refusal(report_id: int) -> Any:
    """The vendor does not agree, and says why."""
    found, form = _visible(report_id), DeclineForm()
    if not form.was_sent_and_holds():
        return _page(found, form)
    operations.decline_report(found, form.reason.data or "", by=signed_in_user())
    flash(_("Declined. The partner has been told why."), "good")
    return redirect(url_for("commissions.sale_report", report_id=found.id))
