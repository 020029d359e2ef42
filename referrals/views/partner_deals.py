"""A partner's deals: registering one, its estimate, and how it ends. The vendor's people read the same pages."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from flask import Response, abort, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound

from accounts.access import requires, signed_in_user
from accounts.permissions import Permission
from core import storage
from core.activity import activity_on
from core.database import session
from core.errors import InvalidInput, Refusal
from core.exports import Column, csv_of_list
from core.forms import choices
from core.i18n import LOCALES, current_locale, speaking
from core.i18n import gettext as _
from core.pagination import paginate
from core.pdf import render_pdf
from partners.models import Partner
from partners.queries import partner_of
from referrals.forms.deals import (
    AnswerForm,
    DealForm,
    EstimateForm,
    ExtensionForm,
    LineForm,
    LossForm,
    OrderRefusalForm,
    QuestionForm,
    RejectionForm,
    WinForm,
    kind_label,
)
from referrals.forms.rates import CopyForm
from referrals.matching import Outcome, Verdict, finding_sentence
from referrals.models.deals import Deal, Estimate, LostReason
from referrals.models.rates import ServiceRate
from referrals.operations import deals as operations
from referrals.operations.deals import LineData
from referrals.queries import deals as asked
from referrals.queries.names import Names
from referrals.queries.rates import rates_visible_to
from referrals.settings import DECISION_DAYS, EXTENSION_DAYS, MOST_OPEN_DEALS, PROTECTION_DAYS
from referrals.views import pages
from referrals.views.deal_wording import DEEDS, LOGO_FILE, STATES, findings_of, proposal_data
from referrals.views.estimate_figures import Figures, figures_of

# The list


@pages.get("/deals")
@requires(Permission.DEALS_READ)
def deals() -> Any:
    """What the firm works on. For staff it is the vendor's list."""
    user = signed_in_user()
    if user.is_staff:
        return redirect(url_for("referrals.staff_deals"))
    wanted = asked.DealFilter(text=request.args.get("q", ""), state=request.args.get("state", ""))
    found = asked.with_everything(asked.deals_matching(asked.deals_visible_to(user), wanted))
    if request.args.get("format") == "csv":
        return _as_csv(found)
    return render_template(
        "referrals/deals/deals.html",
        page=paginate(found),
        states=STATES,
        is_narrowed=bool(wanted.text or wanted.state),
    )


def _as_csv(found: "sa.Select[Deal]") -> Response:
    columns: list[Column] = [
        (_("Number"), lambda deal: deal.number),
        (_("Company"), lambda deal: deal.company),
        (_("State"), lambda deal: deal.status.value),
        (_("Registered"), lambda deal: deal.submitted_at),
        (_("Protected until"), lambda deal: deal.protected_until),
        (_("Estimate"), lambda deal: deal.estimate.total_minor if deal.estimate else ""),
        (_("Currency"), lambda deal: deal.estimate.currency if deal.estimate else ""),
    ]
    return csv_of_list("deals", columns, found)


# Registering


@pages.route("/deals/new", methods=["GET", "POST"])
@requires(Permission.DEALS_WORK)
def new_deal() -> Any:
    """A company that the partner found itself: check it, keep it as a draft, or hand it in."""
    firm = _firm()
    form = DealForm()
    verdict = None
    if form.was_sent_and_holds():
        deed = request.form.get("deed", "check")
        try:
            if deed == "check":
                verdict = operations.check_company(firm, form.typed())
            else:
                deal = operations.draft_deal(firm, form.typed(), by=signed_in_user())
                return _hand_in(deal) if deed == "submit" else _kept(deal)
        except InvalidInput as problem:
            form.complain(problem)
    return _deal_form_page(form, None, verdict)


@pages.route("/deals/<int:deal_id>/company", methods=["GET", "POST"])
@requires(Permission.DEALS_WORK)
def deal_company(deal_id: int) -> Any:
    """Changes a draft, or a registration that the vendor asked about."""
    deal = _own(deal_id)
    if not deal.may_be_edited:
        raise Refusal(_("%(number)s cannot be changed like that any more.", number=deal.number))
    form = DealForm() if request.method == "POST" else DealForm.of(deal)
    verdict = None
    if form.was_sent_and_holds():
        deed = request.form.get("deed", "check")
        try:
            if deed == "check":
                verdict = operations.check_company(deal.partner, form.typed())
            else:
                operations.change_deal(deal, form.typed(), by=signed_in_user())
                return _hand_in(deal) if deed == "submit" else _kept(deal)
        except InvalidInput as problem:
            form.complain(problem)
    return _deal_form_page(form, deal, verdict)


def _deal_form_page(form: DealForm, deal: Deal | None, verdict: Verdict | None) -> Any:
    page = render_template(
        "referrals/deals/company.html",
        form=form,
        deal=deal,
        verdict=verdict,
        findings=[(finding_sentence(finding), finding) for finding in verdict.findings] if verdict else [],
        decision_days=DECISION_DAYS.value(),
        protection_days=PROTECTION_DAYS.value(),
        most_open=MOST_OPEN_DEALS.value(),
        open_now=asked.open_registrations(_firm()),
    )
    return page, 200 if verdict is not None else form.status


def _kept(deal: Deal) -> Any:
    flash(_("Saved."), "good")
    return redirect(url_for("referrals.deal", deal_id=deal.id))


def _hand_in(deal: Deal) -> Any:
    operations.submit_deal(deal, by=signed_in_user())
    if deal.conflict == Outcome.CLEAR:
        flash(_("Registered. No conflict was found."), "good")
    else:
        flash(_("Registered. The vendor looks at what the conflict check found."), "wait")
    return redirect(url_for("referrals.deal", deal_id=deal.id))


@pages.post("/deals/<int:deal_id>/submission")
@requires(Permission.DEALS_WORK)
def submit_deal(deal_id: int) -> Any:
    """Hands a draft to the vendor."""
    return _hand_in(_own(deal_id))


@pages.get("/deals/<int:deal_id>/receipt")
@requires(Permission.DEALS_READ)
def deal_receipt(deal_id: int) -> Any:
    """The signed proof of when the registration was complete, as a text file."""
    deal = _visible(deal_id)
    if deal.receipt is None:
        abort(404)
    answer = Response(deal.receipt + "\n", mimetype="text/plain")
    answer.headers["Content-Disposition"] = f'attachment; filename="{deal.number}-receipt.txt"'
    return answer


# One deal


@pages.get("/deals/<int:deal_id>")
@requires(Permission.DEALS_READ)
def deal(deal_id: int) -> Any:
    """Everything about a deal; what can be done depends on who looks."""
    return deal_page(_visible(deal_id))


def deal_page(found: Deal, **forms: Any) -> Any:
    """The page of a deal; ``forms`` replace the empty ones when one came back with errors."""
    user = signed_in_user()
    given = {
        "answer_form": AnswerForm,
        "extension_form": ExtensionForm,
        "win_form": WinForm,
        "loss_form": LossForm,
        "question_form": QuestionForm,
        "rejection_form": RejectionForm,
        "order_form": OrderRefusalForm,
    }
    estimate = found.estimate
    figures = _figures_of_version(found, estimate) if estimate is not None else None
    reviews = user.is_staff and user.may(Permission.DEALS_REVIEW)
    page = render_template(
        "referrals/deals/deal.html",
        deal=found,
        estimate=estimate,
        figures=figures,
        findings=findings_of(found),
        rivals=session.scalars(asked.rivals_of(found)).all() if reviews else [],
        may_review=reviews,
        may_work=user.may(Permission.DEALS_WORK) and partner_of(user) is not None,
        names=Names(),
        deeds=DEEDS,
        activity=session.scalars(activity_on(found).limit(30)).all(),
        extension_days=EXTENSION_DAYS.value(),
        protection_days=PROTECTION_DAYS.value(),
        sent=set(forms),
        **{name: forms.get(name) or kind(formdata=None) for name, kind in given.items()},
    )
    return page, 422 if forms else 200


@pages.post("/deals/<int:deal_id>/answer")
@requires(Permission.DEALS_WORK)
def answer_question(deal_id: int) -> Any:
    """Answers what the vendor asked."""
    found, form = _own(deal_id), AnswerForm()
    if form.was_sent_and_holds():
        operations.answer_question(found, form.answer.data or "", by=signed_in_user())
        flash(_("Sent. The vendor's clock runs again."), "good")
        return redirect(url_for("referrals.deal", deal_id=deal_id))
    return deal_page(found, answer_form=form)


@pages.post("/deals/<int:deal_id>/extension")
@requires(Permission.DEALS_WORK)
def extend_deal(deal_id: int) -> Any:
    """Extends the protection, once."""
    found, form = _own(deal_id), ExtensionForm()
    if form.was_sent_and_holds():
        operations.extend_deal(found, form.evidence.data or "", by=signed_in_user())
        flash(_("Protection is extended."), "good")
        return redirect(url_for("referrals.deal", deal_id=deal_id))
    return deal_page(found, extension_form=form)


@pages.post("/deals/<int:deal_id>/win")
@requires(Permission.DEALS_WORK)
def win_deal(deal_id: int) -> Any:
    """Names the order of a won deal."""
    found, form = _own(deal_id), WinForm()
    if form.was_sent_and_holds():
        operations.win_deal(found, order=form.order.data or "", by=signed_in_user())
        if found.waits_for_confirmation:
            flash(_("Thank you. The vendor confirms the order, and then the deal is won."), "wait")
        else:
            flash(_("Won. The order is there."), "good")
        return redirect(url_for("referrals.deal", deal_id=deal_id))
    return deal_page(found, win_form=form)


@pages.post("/deals/<int:deal_id>/loss")
@requires(Permission.DEALS_WORK)
def lose_deal(deal_id: int) -> Any:
    """Closes the deal as lost."""
    found, form = _own(deal_id), LossForm()
    if form.was_sent_and_holds():
        operations.lose_deal(found, LostReason(form.reason.data), form.text.data or "", by=signed_in_user())
        flash(_("Closed as lost. Thank you for saying why."), "good")
        return redirect(url_for("referrals.deals"))
    return deal_page(found, loss_form=form)


@pages.post("/deals/<int:deal_id>/withdrawal")
@requires(Permission.DEALS_WORK)
def withdraw_deal(deal_id: int) -> Any:
    """Gives the deal up; the company is free for others."""
    operations.withdraw_deal(_own(deal_id), by=signed_in_user())
    flash(_("Withdrawn. The company is free for others."), "good")
    return redirect(url_for("referrals.deals"))


# The estimate


@pages.route("/deals/<int:deal_id>/estimate", methods=["GET", "POST"])
@requires(Permission.DEALS_READ)
def estimate(deal_id: int) -> Any:
    """The estimate: for the partner to write, for the vendor and for older versions to read."""
    found = _visible(deal_id)
    version = _version(found)
    user = signed_in_user()
    may_write = user.may(Permission.DEALS_WORK) and partner_of(user) is not None and found.closed_at is None
    if not may_write or version is not found.estimate:
        if request.method == "POST":
            abort(403)
        return _estimate_to_read(found, version, may_write)
    if request.method == "GET":
        form = EstimateForm.of(version, _own_rates())
        if version is None:
            _begin(form, found)
        return _estimate_to_write(found, form, with_blank_line=version is None)
    form = EstimateForm(rates=_own_rates())
    holds = form.read()
    deed = request.form.get("deed", "save")
    if deed == "save" and holds:
        try:
            saved = operations.save_estimate(found, form.typed(), by=user)
        except InvalidInput as problem:
            form.complain_about_lines(problem)
            return _estimate_to_write(found, form)
        flash(_("Version %(version)s is saved.", version=saved.version), "good")
        return redirect(url_for("referrals.estimate", deal_id=deal_id))
    return _estimate_to_write(
        found,
        form,
        with_blank_line=deed == "add",
        with_blank_milestone=deed == "add-milestone",
        recomputed=holds,
    )


@pages.post("/deals/<int:deal_id>/estimate/figures")
@requires(Permission.DEALS_WORK)
def estimate_figures(deal_id: int) -> Any:
    """What the lines come to as they stand on the screen; nothing is kept."""
    found, form = _own(deal_id), EstimateForm(rates=_own_rates())
    form.read()
    return render_template(
        "referrals/deals/_figures.html", figures=_typed_figures(found, form), form=form, deal=found
    )


@pages.get("/deals/<int:deal_id>/estimate/proposal")
@requires(Permission.DEALS_READ)
def proposal(deal_id: int) -> Any:
    """The estimate as a proposal for the customer, in the language asked for."""
    found = _visible(deal_id)
    version = _version(found)
    if version is None:
        abort(404)
    language = request.args.get("language", current_locale())
    language = language if language in LOCALES else "en"
    with speaking(language):
        logo = found.partner.logo
        content = render_pdf(
            "referrals/deals/proposal.typ",
            proposal_data(found, version, language),
            images={LOGO_FILE: storage.read(logo)} if logo else None,
        )
    answer = Response(content, mimetype="application/pdf")
    name = f"{found.number}-{version.version}-{language}.pdf"
    answer.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return answer


def _begin(form: EstimateForm, found: Deal) -> None:
    """A new estimate begins with the products that the deal is about."""
    for code in found.product_codes:
        form.lines.append_entry({"item": f"licence/{code}"})
        entry = form.lines[-1].form
        entry.unit_price.currency = form.chosen_currency
        entry.complete(form.chosen_currency)
        entry.unit_price.errors = []


def _estimate_to_write(
    found: Deal,
    form: EstimateForm,
    *,
    with_blank_line: bool = False,
    with_blank_milestone: bool = False,
    recomputed: bool = False,
) -> Any:
    figures = _typed_figures(found, form)
    amounts = iter(figures.amounts)
    rows = [(entry, next(amounts) if entry.form.holds else None) for entry in form.lines]
    if with_blank_line or not rows:
        form.lines.append_entry()
        rows.append((form.lines[-1], None))
    if with_blank_milestone:
        form.milestones.append_entry()
    form.offer_rates()
    for entry, _amount in rows:
        entry.unit_price.currency = form.chosen_currency
    page = render_template(
        "referrals/deals/estimate.html",
        deal=found,
        version=found.estimate,
        form=form,
        rows=rows,
        figures=figures,
        blank=_blank_line(form),
        copy_form=_copy_form(found),
    )
    is_asked_only = recomputed or with_blank_line or with_blank_milestone
    return page, 200 if is_asked_only else form.status


def _blank_line(form: EstimateForm) -> Any:
    """The line that the page's script copies; its number is replaced by the next one."""
    line = LineForm(formdata=None, prefix="lines-0000-")
    line.offer(form.rates)
    return line


def _own_rates() -> Sequence[ServiceRate]:
    """The rates on the firm's card."""
    return session.scalars(rates_visible_to(signed_in_user())).all()


def _copy_form(found: Deal, **given: Any) -> CopyForm | None:
    """What this estimate could begin with; None when the firm has no other."""
    others = asked.estimates_to_begin_with(signed_in_user(), found)
    if not others:
        return None
    form = CopyForm(prefix="copy", **given)
    form.estimate_id.choices = choices(((str(key), name) for key, name in others), empty=_("Choose"))
    return form


@pages.post("/deals/<int:deal_id>/estimate/copy")
@requires(Permission.DEALS_WORK)
def copy_estimate(deal_id: int) -> Any:
    """Another deal's estimate, or an older version, as the newest one of this deal."""
    found = _own(deal_id)
    version = request.args.get("version")
    if version:
        source = _version(found)
    else:
        form = _copy_form(found) or abort(404)
        if not form.was_sent_and_holds():
            flash(_("Choose the estimate to begin with."), "bad")
            return redirect(url_for("referrals.estimate", deal_id=deal_id))
        source = session.get_one(Estimate, int(form.estimate_id.data))
    if source is None:
        abort(404)
    saved = operations.copy_estimate(source, found, by=signed_in_user())
    flash(_("Version %(version)s is saved.", version=saved.version), "good")
    return redirect(url_for("referrals.estimate", deal_id=deal_id))


def _typed_figures(found: Deal, form: EstimateForm) -> Figures:
    return figures_of(found, form.sound_lines(), currency=form.chosen_currency, billed_by=form.chosen_biller)


def _figures_of_version(found: Deal, version: Estimate) -> Figures:
    lines = [
        LineData(
            kind=line.kind,
            product=line.product,
            description=line.description,
            quantity=line.quantity,
            unit_price_minor=line.unit_price_minor,
            discount_percent=line.discount_percent,
            recurring=line.recurring,
        )
        for line in version.lines
    ]
    return figures_of(found, lines, currency=version.currency, billed_by=version.billed_by)


def _estimate_to_read(found: Deal, version: Estimate | None, may_write: bool) -> Any:
    figures = _figures_of_version(found, version) if version is not None else None
    return render_template(
        "referrals/deals/estimate_version.html",
        deal=found,
        version=version,
        figures=figures,
        may_write=may_write,
        kind_label=kind_label,
    )


def _version(found: Deal) -> Estimate | None:
    """The version that the address asks for; the latest one when it asks for none."""
    wanted = request.args.get("version", "")
    if not wanted:
        return found.estimate
    return next((one for one in found.estimates if str(one.version) == wanted), None) or abort(404)


# Whose


def _firm() -> Partner:
    return partner_of(signed_in_user()) or abort(403)


def _visible(deal_id: int) -> Deal:
    query = asked.with_everything(asked.deals_visible_to(signed_in_user())).where(Deal.id == deal_id)
    found = session.scalars(query).unique().one_or_none()
    if found is None:
        raise NotFound
    return found


def _own(deal_id: int) -> Deal:
    """A deal of the person's own firm: only who works on it changes it."""
    _firm()
    return _visible(deal_id)
