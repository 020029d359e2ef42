"""Requests for co-funding: what partners ask, and what the vendor answers."""

from decimal import Decimal
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for

from accounts.access import requires, signed_in_user
from accounts.permissions import Permission
from core import activity
from core.database import session
from core.errors import InvalidInput
from core.i18n import gettext as _
from core.pagination import paginate
from events import operations
from events.forms import ApprovalForm, QuestionForm, ReasonForm, RequestForm
from events.models import CHECKLISTS, Allocation, FundingRequest, RequestStatus
from events.operations.advances import most_advance
from events.operations.requests import claim_day, missing_in_request, suggested_amount
from events.queries import funding as queries
from events.queries.board import near_events
from events.queries.claims import funding_cap, funding_rate
from events.queries.gatherings import joinings_by
from events.settings import ADVANCE_PERCENT, CLAIM_WITHIN_DAYS, NOTICE_DAYS
from events.views import events
from partners.models import Partner
from partners.queries import partner_of


def _own_firm() -> Partner:
    """The firm of whoever asks; the vendor's people have none."""
    return partner_of(signed_in_user()) or abort(404)


def funding_or_404(request_id: int) -> FundingRequest:
    """A request the reader may see."""
    visible = queries.with_details(queries.requests_visible_to(signed_in_user()))
    row: FundingRequest = session.scalar(visible.where(FundingRequest.id == request_id)) or abort(404)
    return row


def _own_request(request_id: int) -> FundingRequest:
    """A request of the reader's own firm."""
    row = funding_or_404(request_id)
    if row.partner_id != _own_firm().id:
        abort(404)
    return row


@events.get("/funding")
@requires(Permission.FUNDING_READ)
def funding() -> Any:
    """The firm's requests, what each waits for, and the money set aside for it. The vendor's people have their own."""
    me = signed_in_user()
    firm = partner_of(me)
    if firm is None:
        return redirect(url_for("events.staff_funding"))
    return render_template(
        "events/funding.html",
        page=paginate(queries.with_details(queries.requests_visible_to(me))),
        allocations=queries.allocations_of(firm),
        rate=funding_rate(firm),
        notice_days=NOTICE_DAYS.value(),
        claim_days=CLAIM_WITHIN_DAYS.value(),
        partner=firm,
        a_year_ago=session.scalars(queries.requests_a_year_ago(firm).limit(5)).all(),
        joined=session.scalars(joinings_by(firm).limit(10)).all(),
    )


@events.route("/funding/requests/new", methods=["GET", "POST"])
@requires(Permission.FUNDING_REQUEST)
def new_request() -> Any:
    """Begins a request."""
    firm = _own_firm()
    form = RequestForm(partner=firm)
    answer = _save(form, firm, None)
    return answer or _form_page(form, firm, None)


@events.route("/funding/requests/<int:request_id>/edit", methods=["GET", "POST"])
@requires(Permission.FUNDING_REQUEST)
def edit_request(request_id: int) -> Any:
    """Goes on with a draft, or mends what was asked about."""
    row = _own_request(request_id)
    if not row.is_editable:
        return redirect(url_for("events.funding_request", request_id=row.id))
    form = RequestForm(partner=row.partner, request=row)
    answer = _save(form, row.partner, row)
    return answer or _form_page(form, row.partner, row)


def _form_page(form: RequestForm, firm: Partner, row: FundingRequest | None) -> Any:
    return (
        render_template(
            "events/request_form.html", form=form, funding=row, rate=funding_rate(firm), checklists=CHECKLISTS,
            notice_days=NOTICE_DAYS.value(), advance_percent=ADVANCE_PERCENT.value(),
        ),
        form.status,
    )  # fmt: skip


def _save(form: RequestForm, firm: Partner, row: FundingRequest | None) -> Any:
    """Saves the draft, and hands it in when that button was pressed."""
    if not form.was_sent_and_holds():
        return None
    me = signed_in_user()
    hands_in = request.form.get("then") == "submit"
    try:
        saved = operations.save_request(firm, form.values(), form.lines(), request=row, by=me)
        if "answer" in form:
            saved.answer = form.answer.data or ""
        if hands_in:
            problems = missing_in_request(saved)
            if problems:
                raise InvalidInput(problems)
            operations.submit_request(saved, by=me)
    except InvalidInput as problem:
        form.complain(problem)
        return None
    flash(
        _("Handed in. The answer comes by mail and stands here.") if hands_in else _("The draft is saved."),
        "good",
    )
    return redirect(url_for("events.funding_request", request_id=saved.id))


@events.get("/funding/requests/<int:request_id>")
@requires(Permission.FUNDING_READ)
def funding_request(request_id: int) -> Any:
    """A request with everything that happened to it; whoever decides can do so here."""
    return _request_page(funding_or_404(request_id))


def _request_page(row: FundingRequest, **forms: Any) -> Any:
    me = signed_in_user()
    decides = me.may(Permission.FUNDING_DECIDE) and row.waits_for_vendor
    if decides:
        forms.setdefault("approval", _approval_form(row))
        forms.setdefault("question", QuestionForm())
        forms.setdefault("refusal", ReasonForm())
    failed = [form for form in forms.values() if form.errors]
    page = render_template(
        "events/request.html",
        funding=row,
        is_own=not me.is_staff,
        may_write=me.may(Permission.FUNDING_REQUEST),
        decides=decides,
        rate=funding_rate(row.partner),
        suggested=suggested_amount(row),
        checklist=CHECKLISTS[row.activity],
        log=session.scalars(activity.activity_on(row).limit(20)).all(),
        missing=missing_in_request(row) if row.status is RequestStatus.DRAFT else {},
        near=near_events(row) if row.is_open else [],
        advance_percent=ADVANCE_PERCENT.value(),
        **{"approval": None, "question": None, "refusal": None, **forms},
    )
    return page, 422 if failed else 200


def plain(number: Decimal) -> Decimal:
    """The same number without needless zeros, and never as ``5E+1``."""
    return number.quantize(Decimal(1)) if number == number.to_integral_value() else number.normalize()


def _approval_form(row: FundingRequest) -> ApprovalForm:
    usual = {
        "amount_minor": suggested_amount(row),
        "percent": plain(funding_rate(row.partner) * 100),
        "cap_minor": funding_cap(row.partner, row.currency),
        "claim_by": claim_day(row),
        "advance_minor": most_advance(suggested_amount(row)) if row.wants_advance else None,
    }
    return ApprovalForm(currency=row.currency, allocations=queries.allocations_for(row), data=usual)


@events.post("/funding/requests/<int:request_id>/submission")
@requires(Permission.FUNDING_REQUEST)
def request_submission(request_id: int) -> Any:
    """Hands in a complete draft."""
    row = _own_request(request_id)
    if missing_in_request(row):
        flash(_("Something is missing. It is said at the fields."), "bad")
        return redirect(url_for("events.edit_request", request_id=row.id))
    operations.submit_request(row, by=signed_in_user())
    flash(_("Handed in. The answer comes by mail and stands here."), "good")
    return redirect(url_for("events.funding_request", request_id=row.id))


@events.post("/funding/requests/<int:request_id>/withdrawal")
@requires(Permission.FUNDING_REQUEST)
def request_withdrawal(request_id: int) -> Any:
    """The partner changes its mind."""
    row = _own_request(request_id)
    operations.withdraw_request(row, by=signed_in_user())
    flash(_("The request is withdrawn."), "good")
    return redirect(url_for("events.funding_request", request_id=row.id))


@events.post("/funding/requests/<int:request_id>/copy")
@requires(Permission.FUNDING_REQUEST)
def request_copy(request_id: int) -> Any:
    """The same event once more."""
    copy = operations.copy_request(_own_request(request_id), by=signed_in_user())
    flash(_("A new draft, to the same weekday. Check date and cost."), "good")
    return redirect(url_for("events.edit_request", request_id=copy.id))


@events.post("/funding/requests/<int:request_id>/approval")
@requires(Permission.FUNDING_DECIDE)
def request_approval(request_id: int) -> Any:
    """The vendor pays its part."""
    row = funding_or_404(request_id)
    form = _approval_form(row)
    if form.was_sent_and_holds():
        allocation = session.get(Allocation, int(form.allocation_id.data)) or abort(404)
        try:
            operations.approve_request(
                row,
                allocation,
                amount_minor=form.amount_minor.data or 0,
                rate=(form.percent.data or Decimal(0)) / 100,
                cap_minor=form.cap_minor.data,
                claim_by=form.claim_by.data,
                advance_minor=form.advance_minor.data or 0,
                note=form.note.data or "",
                by=signed_in_user(),
            )
        except InvalidInput as problem:
            form.complain(problem)
        else:
            flash(_("Approved. The money is reserved and the event has its page."), "good")
            return redirect(url_for("events.staff_funding"))
    return _request_page(row, approval=form)


@events.post("/funding/requests/<int:request_id>/question")
@requires(Permission.FUNDING_DECIDE)
def request_question(request_id: int) -> Any:
    """The vendor asks."""
    row = funding_or_404(request_id)
    form = QuestionForm()
    if form.was_sent_and_holds():
        operations.ask_about_request(row, form.question.data, by=signed_in_user())
        flash(_("Asked. The clock stands until the answer comes."), "good")
        return redirect(url_for("events.staff_funding"))
    return _request_page(row, question=form)


@events.post("/funding/requests/<int:request_id>/refusal")
@requires(Permission.FUNDING_DECIDE)
def request_refusal(request_id: int) -> Any:
    """The vendor does not pay."""
    row = funding_or_404(request_id)
    form = ReasonForm()
    if form.was_sent_and_holds():
        operations.decline_request(row, form.reason.data, by=signed_in_user())
        flash(_("Declined. The partner reads the reason."), "good")
        return redirect(url_for("events.staff_funding"))
    return _request_page(row, refusal=form)
