"""Disputes: opened at a line by its partner, worked through by the vendor, each on one page that both sides read."""

from typing import Any

from flask import Response, abort, flash, redirect, render_template, request, url_for

from accounts.access import requires, signed_in_user
from accounts.permissions import Permission
from commissions import wording
from commissions.forms.disputes import CorrectionForm, DisputeForm, RejectionForm, ReplyForm, TextForm
from commissions.models import Dispute, DisputeStatus
from commissions.operations import disputes as operations
from commissions.operations.corrections import stands_at
from commissions.queries import disputes as asked
from commissions.queries import proofs
from commissions.views import pages
from core.activity import activity_on
from core.database import session
from core.digits import number_in
from core.errors import InvalidInput
from core.exports import Column, csv_of_list
from core.i18n import format_money, lazy_gettext, lazy_pgettext
from core.i18n import gettext as _
from core.pagination import paginate
from partners.queries import partner_of

_L = lazy_gettext
_STATES: list[tuple[str, Any]] = [
    ("", _L("all")),
    ("undecided", _L("To decide")),
    (DisputeStatus.OPEN.value, lazy_pgettext("dispute", "Open")),
    (DisputeStatus.ANSWERED.value, lazy_pgettext("dispute", "Answered")),
    (DisputeStatus.CORRECTED.value, lazy_pgettext("dispute", "Corrected")),
    (DisputeStatus.REJECTED.value, lazy_pgettext("dispute", "Rejected")),
    (DisputeStatus.WITHDRAWN.value, lazy_pgettext("dispute", "Withdrawn")),
]


# At the line


@pages.route("/earnings/lines/<int:entry_id>/dispute", methods=["GET", "POST"])
@requires(Permission.DISPUTES_OPEN)
def new_dispute(entry_id: int) -> Any:
    """A partner says what is wrong with a line of its own."""
    user = signed_in_user()
    line = proofs.line_visible_to(user, entry_id) or abort(404)
    if partner_of(user) is None:
        abort(404)
    known = asked.dispute_of_line(line.entry)
    if known is not None and request.method == "GET":
        return redirect(url_for("commissions.dispute", dispute_id=known.id))
    form = DisputeForm(line.entry.currency)
    if form.was_sent_and_holds():
        opened = operations.open_dispute(
            line.entry, form.text.data or "", expected_minor=form.expected_minor.data, by=user
        )
        flash(_("Sent. The line waits until it is decided."), "good")
        return redirect(url_for("commissions.dispute", dispute_id=opened.id))
    page = render_template(
        "commissions/disputes/new_dispute.html",
        form=form,
        entry=line.entry,
        until=asked.can_be_disputed_until(line.entry),
        title=wording.title_of(line.entry),
        proof=wording.formula_words(line.entry.proof),
    )
    return page, form.status


# Lists


@pages.get("/disputes")
@requires(Permission.EARNINGS_READ)
def disputes() -> Any:
    """A firm's disputes. For the vendor's people it is the queue."""
    if signed_in_user().is_staff:
        words, state = (request.args.get(name) or None for name in ("q", "state"))
        return redirect(url_for("commissions.staff_disputes", q=words, state=state))
    return _list("commissions/disputes/disputes.html", newest_first=True)


@pages.get("/staff/disputes")
@requires(Permission.DISPUTES_DECIDE)
def staff_disputes() -> Any:
    """The queue: unanswered ones by their clocks, then what waits for a decision, oldest first."""
    state = request.args.get("state", "")
    return _list("commissions/disputes/staff_disputes.html", newest_first=state not in {"undecided", "open"})


def _list(template: str, *, newest_first: bool) -> Any:
    state, text = request.args.get("state", ""), request.args.get("q", "")
    found = asked.disputes_matching(
        asked.disputes_visible_to(signed_in_user()), state=state, partner_id=_asked_partner(), text=text
    )
    found = asked.with_lines(asked.in_order_of_the_queue(found))
    if newest_first:
        found = found.order_by(None).order_by(Dispute.opened_at.desc(), Dispute.id.desc())
    if request.args.get("format") == "csv":
        return _as_csv(found)
    return render_template(
        template,
        page=paginate(found),
        states=_STATES,
        is_narrowed=bool(state or text or _asked_partner()),
        kinds=wording.KINDS,
    )


def _asked_partner() -> int | None:
    return number_in(request.args.get("partner"))


def _as_csv(found: Any) -> Response:
    columns: list[Column] = [
        (_("Number"), lambda dispute: dispute.id),
        (_("Partner"), lambda dispute: dispute.partner.name),
        (_("State"), lambda dispute: dispute.status.value),
        (_("Opened"), lambda dispute: dispute.opened_at),
        (_("Answer due"), lambda dispute: dispute.answer_due_at),
        (_("Decided"), lambda dispute: dispute.decided_at),
        (_("Rule"), lambda dispute: dispute.entry.rule),
        (_("Sale"), lambda dispute: dispute.entry.sale.external_id if dispute.entry.sale else ""),
        (_("Line, minor units"), lambda dispute: dispute.entry.amount_minor),
        (_("Should be, minor units"), lambda dispute: dispute.expected_minor),
        (
            _("Correction, minor units"),
            lambda dispute: dispute.correction.amount_minor if dispute.correction else "",
        ),
        (_("Currency"), lambda dispute: dispute.entry.currency),
    ]
    return csv_of_list("disputes", columns, found)


# One dispute


@pages.get("/disputes/<int:dispute_id>")
@requires(Permission.EARNINGS_READ)
def dispute(dispute_id: int) -> Any:
    """What was asked, said and decided, with the line and its proof beside it."""
    return _page(_visible(dispute_id))


def _visible(dispute_id: int) -> Dispute:
    query = asked.with_everything(asked.disputes_visible_to(signed_in_user())).where(Dispute.id == dispute_id)
    return session.scalar(query) or abort(404)


def _page(found: Dispute, **sent: Any) -> Any:
    user = signed_in_user()
    entry = found.entry
    firm = partner_of(user)
    is_theirs = firm is not None and firm.id == found.partner_id
    decides = user.is_staff and user.may(Permission.DISPUTES_DECIDE)
    forms: dict[str, Any] = {
        "answer": TextForm(formdata=None, prefix="answer"),
        "reply": ReplyForm(formdata=None),
        "correction": CorrectionForm(
            entry.currency, formdata=None, data={"should_be_minor": found.expected_minor}
        ),
        "rejection": RejectionForm(formdata=None),
    } | sent
    page = render_template(
        "commissions/disputes/dispute.html",
        dispute=found,
        entry=entry,
        line_title=wording.title_of(entry),
        line_state=(line := proofs.line_visible_to(user, entry.id)) and line.state.value,
        stands_at=stands_at(entry),
        proof=wording.formula_words(entry.proof),
        rounding=wording.rounding_words(entry.proof, entry.currency)
        if isinstance(entry.proof.get("inputs"), dict)
        else None,
        version=proofs.version_of_line(entry),
        forms=forms,
        sent=next(iter(sent), None),
        is_theirs=is_theirs,
        may_reply=is_theirs and user.may(Permission.DISPUTES_OPEN),
        decides=decides,
        activity=session.scalars(activity_on(found).limit(20)).all() if user.is_staff else [],
    )
    return page, 422 if sent else 200


@pages.post("/disputes/<int:dispute_id>/reply")
@requires(Permission.DISPUTES_OPEN)
def dispute_reply(dispute_id: int) -> Any:
    """The partner asks further."""
    found, form = _visible(dispute_id), ReplyForm()
    if not form.was_sent_and_holds():
        return _page(found, reply=form)
    operations.reply_to_answer(found, form.text.data or "", by=signed_in_user())
    flash(_("Sent. The vendor's clock runs anew."), "good")
    return _back(found)


@pages.post("/disputes/<int:dispute_id>/withdrawal")
@requires(Permission.DISPUTES_OPEN)
def dispute_withdrawal(dispute_id: int) -> Any:
    """The partner takes it back."""
    found = _visible(dispute_id)
    operations.withdraw_dispute(found, by=signed_in_user())
    flash(_("Withdrawn. The line waits no longer for it."), "good")
    return _back(found)


@pages.post("/staff/disputes/<int:dispute_id>/answer")
@requires(Permission.DISPUTES_DECIDE)
def dispute_answer(dispute_id: int) -> Any:
    """The vendor explains."""
    found, form = _visible(dispute_id), TextForm(prefix="answer")
    if not form.was_sent_and_holds():
        return _page(found, answer=form)
    operations.answer_dispute(found, form.text.data or "", by=signed_in_user())
    flash(_("Answered. The partner has been told; the line waits until you decide."), "good")
    return _back(found)


@pages.post("/staff/disputes/<int:dispute_id>/correction")
@requires(Permission.DISPUTES_DECIDE)
def dispute_correction(dispute_id: int) -> Any:
    """The line is corrected by another one."""
    found = _visible(dispute_id)
    form = CorrectionForm(found.entry.currency)
    if form.was_sent_and_holds() and form.should_be_minor.data is not None:
        try:
            made = operations.correct_line(
                found,
                should_be_minor=form.should_be_minor.data,
                reason=form.reason.data or "",
                by=signed_in_user(),
            )
        except InvalidInput as problem:
            form.complain(problem)
        else:
            amount = format_money(made.amount_minor, made.currency)
            flash(_("Corrected by a line of %(amount)s. The partner has been told.", amount=amount), "good")
            return _back(found)
    return _page(found, correction=form)


@pages.post("/staff/disputes/<int:dispute_id>/rejection")
@requires(Permission.DISPUTES_DECIDE)
def dispute_rejection(dispute_id: int) -> Any:
    """The line stays as it is."""
    found, form = _visible(dispute_id), RejectionForm()
    if not form.was_sent_and_holds():
        return _page(found, rejection=form)
    operations.reject_dispute(found, form.reason.data or "", by=signed_in_user())
    flash(_("Rejected. The partner has been told why."), "good")
    return _back(found)


def _back(found: Dispute) -> Any:
    return redirect(url_for("commissions.dispute", dispute_id=found.id))
