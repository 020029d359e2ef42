"""Claims: the editor that computes as one types, the receipts, the vendor's decision."""

from fractions import Fraction
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for

from accounts.access import confirms_password, requires, signed_in_user
from accounts.permissions import Permission
from core import activity, uploads
from core.database import session
from core.errors import InvalidInput
from core.exchange import rate_on
from core.i18n import gettext as _
from events import operations
from events.explanation import sentences
from events.forms import (
    AppealForm,
    JudgementForm,
    LineForm,
    ProofForm,
    QuestionForm,
    ReasonForm,
    checked_upload,
)
from events.models import (
    CHECKLISTS,
    ClaimLine,
    ClaimStatus,
    FundingClaim,
    LineField,
    Proof,
    ProofKind,
    Receipt,
)
from events.operations.verdicts import needs_two_people
from events.queries import claims as queries
from events.queries.receipts import look_alikes, receipts_visible_to
from events.reimbursement import Cost, Reimbursement, reimburse
from events.views import events
from partners.queries import partner_of


def _claim(claim_id: int) -> FundingClaim:
    """A claim the reader may see."""
    visible = queries.whole_claim(queries.claims_visible_to(signed_in_user()))
    row: FundingClaim = session.scalar(visible.where(FundingClaim.id == claim_id)) or abort(404)
    return row


def _own_claim(claim_id: int) -> FundingClaim:
    """A claim of the reader's own firm."""
    row = _claim(claim_id)
    firm = partner_of(signed_in_user())
    if firm is None or firm.id != row.partner_id:
        abort(404)
    return row


def _line(row: FundingClaim, line_id: int) -> ClaimLine:
    return next((line for line in row.lines if line.id == line_id), None) or abort(404)


@events.get("/funding/claims/<int:claim_id>")
@requires(Permission.FUNDING_READ)
def claim(claim_id: int) -> Any:
    """A claim: what it comes to and why, its receipts, what is missing; whoever decides can do so here."""
    return _claim_page(_claim(claim_id))


def _claim_page(row: FundingClaim, **forms: Any) -> Any:
    me = signed_in_user()
    decides = me.may(Permission.FUNDING_DECIDE) and row.waits_for_vendor
    edits = me.may(Permission.FUNDING_REQUEST) and not me.is_staff and row.is_editable
    appeals = me.may(Permission.FUNDING_REQUEST) and not me.is_staff and queries.appeal_is_open(row)
    if edits:
        forms.setdefault("proof", ProofForm(kinds=list(CHECKLISTS[row.request.activity])))
    if appeals:
        forms.setdefault("appeal", AppealForm())
    if decides:
        forms.setdefault("question", QuestionForm())
        forms.setdefault("refusal", ReasonForm())
    result = queries.computed(row)
    failed = any(form.errors for form in forms.values())
    page = render_template(
        "events/claim.html",
        claim=row,
        funding=row.request,
        result=result,
        cuts=sentences(result),
        checklist=queries.checklist(row),
        guests=queries.checked_in_guests(row),
        missing=queries.missing(row) if edits else [],
        edits=edits,
        decides=decides,
        appeals=appeals,
        needs_two=decides and needs_two_people(row, result.amount_minor),
        proposed_by_me=row.proposed_by_id == me.id,
        alike=look_alikes(row) if decides else {},
        advance=row.request.advance,
        log=session.scalars(activity.activity_on(row).limit(20)).all(),
        link_kind=ProofKind.LINK,
        **{"proof": None, "appeal": None, "question": None, "refusal": None, **forms},
    )
    return page, 422 if failed else 200


# Costs


@events.route("/funding/claims/<int:claim_id>/lines/new", methods=["GET", "POST"])
@requires(Permission.FUNDING_REQUEST)
def new_line(claim_id: int) -> Any:
    """Another cost."""
    return _line_page(_own_claim(claim_id), None)


@events.route("/funding/claims/<int:claim_id>/lines/<int:line_id>", methods=["GET", "POST"])
@requires(Permission.FUNDING_REQUEST)
def edit_line(claim_id: int, line_id: int) -> Any:
    """Mends a cost."""
    row = _own_claim(claim_id)
    return _line_page(row, _line(row, line_id))


def _line_page(row: FundingClaim, line: ClaimLine | None) -> Any:
    if not row.is_editable:
        return redirect(url_for("events.claim", claim_id=row.id))
    form = LineForm(line=line, usual_currency=row.currency)
    if form.was_sent_and_holds():
        try:
            operations.save_line(row, form.values(), line=line, file=form.file(), by=signed_in_user())
        except InvalidInput as problem:
            form.complain(problem)
        else:
            flash(_("Saved."), "good")
            if request.form.get("then") == "another":
                return redirect(url_for("events.new_line", claim_id=row.id))
            return redirect(url_for("events.claim", claim_id=row.id))
    if line is not None and request.method == "GET":
        form.point_at_what_is_noted(line)
    result = _as_typed(row, line, form)
    page = render_template(
        "events/line_form.html", form=form, claim=row, line=line, result=result, cuts=sentences(result)
    )
    return page, form.status


def _as_typed(row: FundingClaim, line: ClaimLine | None, form: LineForm) -> Reimbursement:
    """What the claim comes to with the line as it is typed so far."""
    costs = [queries.cost_of(other) for other in row.lines if line is None or other.id != line.id]
    gross = form.gross_minor.data
    if gross and gross > 0 and form.currency.data and not form.currency.errors:
        day = form.dated_on.data
        rate = (
            rate_on(day, form.currency.data, row.currency)
            if day
            else "1"
            if form.currency.data == row.currency
            else None
        )
        there = line is not None and line.receipt_id is not None
        costs.append(
            Cost(
                key="typed",
                label=form.description.data or form.supplier.data or _("This cost"),
                currency=form.currency.data,
                gross_minor=gross,
                tax_minor=min(max(form.tax_minor.data or 0, 0), gross),
                excluded_minor=min(max(form.excluded_minor.data or 0, 0), gross),
                excluded_because=form.excluded_because.data or _("not said yet"),
                cut_minor=line.cut_minor if line is not None else 0,
                cut_because=line.vendor_note if line is not None else "",
                is_refused=line.is_refused if line is not None else False,
                has_receipt=there or _has_file(form),
                rate=Fraction(rate) if rate is not None else None,
            )
        )
    return reimburse(costs, queries.terms_of(row.request))


def _has_file(form: LineForm) -> bool:
    """A receipt was chosen, or its photo taken; the live part of the page says so by ``has_file``."""
    return bool(request.values.get("has_file") or form.receipt.data or form.photo.data)


@events.get("/funding/claims/<int:claim_id>/amount")
@requires(Permission.FUNDING_REQUEST)
def claim_amount(claim_id: int) -> Any:
    """The part of the page that says what the claim comes to, with one line as it is typed just now."""
    row = _own_claim(claim_id)
    line_id = request.args.get("line", type=int)
    line = _line(row, line_id) if line_id else None
    form = LineForm(request.args, usual_currency=row.currency, meta={"csrf": False})
    result = _as_typed(row, line, form)
    return render_template("events/_amount.html", result=result, cuts=sentences(result), claim=row)


@events.post("/funding/claims/<int:claim_id>/lines/<int:line_id>/removal")
@requires(Permission.FUNDING_REQUEST)
def line_removal(claim_id: int, line_id: int) -> Any:
    """Takes a cost out."""
    row = _own_claim(claim_id)
    operations.remove_line(_line(row, line_id), by=signed_in_user())
    flash(_("Taken out."), "good")
    return redirect(url_for("events.claim", claim_id=row.id))


@events.get("/funding/files/<int:receipt_id>")
@requires(Permission.FUNDING_READ)
def receipt(receipt_id: int) -> Any:
    """A receipt or a proof, as an attachment."""
    visible = receipts_visible_to(signed_in_user()).where(Receipt.id == receipt_id)
    row: Receipt = session.scalar(visible.where(Receipt.deleted_at.is_(None))) or abort(404)
    return uploads.download(row.storage_key, name=row.name, content_type=row.content_type)


# Proof


@events.post("/funding/claims/<int:claim_id>/proofs")
@requires(Permission.FUNDING_REQUEST)
def proofs(claim_id: int) -> Any:
    """Adds a proof."""
    row = _own_claim(claim_id)
    form = ProofForm(kinds=list(CHECKLISTS[row.request.activity]))
    if form.was_sent_and_holds():
        try:
            operations.add_proof(
                row,
                ProofKind(form.kind.data),
                file=checked_upload(form.file),
                url=form.url.data or "",
                by=signed_in_user(),
            )
        except InvalidInput as problem:
            form.complain(problem)
        else:
            flash(_("Added."), "good")
            return redirect(url_for("events.claim", claim_id=row.id))
    return _claim_page(row, proof=form)


@events.post("/funding/claims/<int:claim_id>/proofs/<int:proof_id>/removal")
@requires(Permission.FUNDING_REQUEST)
def proof_removal(claim_id: int, proof_id: int) -> Any:
    """Takes a proof out."""
    row = _own_claim(claim_id)
    found: Proof = next((proof for proof in row.proofs if proof.id == proof_id), None) or abort(404)
    operations.remove_proof(found, by=signed_in_user())
    flash(_("Taken out."), "good")
    return redirect(url_for("events.claim", claim_id=row.id))


# To the vendor and back


@events.post("/funding/claims/<int:claim_id>/submission")
@requires(Permission.FUNDING_REQUEST)
def claim_submission(claim_id: int) -> Any:
    """Hands the claim in."""
    row = _own_claim(claim_id)
    operations.submit_claim(row, by=signed_in_user())
    flash(_("Handed in. The answer comes by mail and stands here."), "good")
    return redirect(url_for("events.claim", claim_id=row.id))


@events.post("/funding/claims/<int:claim_id>/appeal")
@requires(Permission.FUNDING_REQUEST)
def claim_appeal(claim_id: int) -> Any:
    """The partner sees it otherwise."""
    row = _own_claim(claim_id)
    form = AppealForm()
    if form.was_sent_and_holds():
        try:
            operations.appeal_claim(row, form.appeal.data, by=signed_in_user())
        except InvalidInput as problem:
            form.complain(problem)
        else:
            flash(_("Sent. Somebody looks at it once more."), "good")
            return redirect(url_for("events.claim", claim_id=row.id))
    return _claim_page(row, appeal=form)


@events.route("/funding/claims/<int:claim_id>/lines/<int:line_id>/judgement", methods=["GET", "POST"])
@requires(Permission.FUNDING_DECIDE)
def line_judgement(claim_id: int, line_id: int) -> Any:
    """What the vendor says about one cost."""
    row = _claim(claim_id)
    line = _line(row, line_id)
    form = JudgementForm(line=line)
    if form.was_sent_and_holds():
        verdict = form.verdict.data
        try:
            if verdict == "cut" and not form.cut_minor.data:
                raise InvalidInput({"cut_minor": _("Type an amount above zero.")})
            if verdict == "noted" and not form.note.data:
                raise InvalidInput({"note": _("Say why; the partner reads it.")})
            operations.judge_line(
                line,
                is_refused=verdict == "refused",
                cut_minor=(form.cut_minor.data or 0) if verdict == "cut" else 0,
                note="" if verdict == "accepted" else form.note.data or "",
                field=LineField(form.field.data) if form.field.data else None,
                by=signed_in_user(),
            )
        except InvalidInput as problem:
            form.complain(problem)
        else:
            flash(_("Noted at the line."), "good")
            return redirect(url_for("events.claim", claim_id=row.id))
    return render_template("events/judgement.html", form=form, claim=row, line=line), form.status


@events.post("/funding/claims/<int:claim_id>/approval")
@requires(Permission.FUNDING_DECIDE)
@confirms_password
def claim_approval(claim_id: int) -> Any:
    """Approves exactly what was looked at."""
    row = _claim(claim_id)
    version, amount = request.form.get("version", type=int), request.form.get("amount", type=int)
    if version is None or amount is None:
        abort(400)
    operations.approve_claim(
        row,
        version=version,
        amount_minor=amount,
        note=request.form.get("note", "")[:500],
        by=signed_in_user(),
    )
    if row.status is ClaimStatus.PROPOSED:
        flash(_("Approved by you. A second person has to approve it as well."), "good")
    else:
        flash(_("Approved. It goes to the partner's balance."), "good")
    return redirect(url_for("events.staff_funding", kind="claims"))


@events.post("/funding/claims/<int:claim_id>/question")
@requires(Permission.FUNDING_DECIDE)
def claim_question(claim_id: int) -> Any:
    """Gives it back to be mended."""
    row = _claim(claim_id)
    form = QuestionForm()
    if any(line.vendor_note for line in row.lines):
        form.question.validators = ()
    if form.was_sent_and_holds():
        operations.ask_about_claim(row, form.question.data or "", by=signed_in_user())
        flash(_("Given back. The partner sees what to mend, at each line."), "good")
        return redirect(url_for("events.staff_funding", kind="claims"))
    return _claim_page(row, question=form)


@events.post("/funding/claims/<int:claim_id>/rejection")
@requires(Permission.FUNDING_DECIDE)
def claim_rejection(claim_id: int) -> Any:
    """Nothing is reimbursed, or the rejection stands after an appeal."""
    row = _claim(claim_id)
    form = ReasonForm()
    if form.was_sent_and_holds():
        if row.is_appealed:
            operations.dismiss_appeal(row, form.reason.data, by=signed_in_user())
        else:
            operations.reject_claim(row, form.reason.data, by=signed_in_user())
        flash(_("Rejected. The partner reads the reason."), "good")
        return redirect(url_for("events.staff_funding", kind="claims"))
    return _claim_page(row, refusal=form)
