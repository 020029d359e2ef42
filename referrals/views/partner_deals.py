"""A partner's deals: registering one, and how it ends. The vendor's people read the same pages."""

from typing import Any

import sqlalchemy as sa
from flask import Response, abort, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound

from accounts.access import requires, signed_in_user
from accounts.permissions import Permission
from core.activity import activity_on
from core.database import session
from core.digits import number_in
from core.errors import InvalidInput, Refusal
from core.exports import Column, csv_of_list
from core.i18n import gettext as _
from core.money import decimal_text
from core.pagination import paginate
from partners.models import Partner
from partners.queries import partner_of
from referrals.forms.deals import (
    AnswerForm,
    DealForm,
    ExtensionForm,
    LossForm,
    OrderRefusalForm,
    QuestionForm,
    RejectionForm,
    WinForm,
)
from referrals.matching import Outcome, Verdict, finding_sentence
from referrals.models.deals import Deal, LostReason
from referrals.operations import deals as operations
from referrals.queries import deals as asked
from referrals.queries.names import Names
from referrals.settings import DECISION_DAYS, EXTENSION_DAYS, MOST_OPEN_DEALS, PROTECTION_DAYS
from referrals.views import pages
from referrals.views.deal_wording import DEEDS, STATES, findings_of, proposal_languages
from referrals.views.estimate_figures import figures_of_version

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
        return deals_as_csv(found, with_partner=False)
    return render_template(
        "referrals/deals/deals.html",
        page=paginate(found),
        states=STATES,
        is_narrowed=bool(wanted.text or wanted.state),
    )


def deals_as_csv(found: "sa.Select[Deal]", *, with_partner: bool) -> Response:
    """The list as a file; sums as decimals beside their currency."""
    partner: list[Column] = [(_("Partner"), lambda deal: deal.partner.name)] if with_partner else []
    columns: list[Column] = [
        (_("Number"), lambda deal: deal.number),
        (_("Company"), lambda deal: deal.company),
        *partner,
        (_("State"), lambda deal: deal.status.value),
        (_("Registered"), lambda deal: deal.submitted_at),
        (_("Protected until"), lambda deal: deal.protected_until),
        (_("Estimate"), _estimate_total),
        (_("Currency"), lambda deal: deal.estimate.currency if deal.estimate else ""),
    ]
    return csv_of_list("deals", columns, found)


def _estimate_total(deal: Deal) -> str:
    return decimal_text(deal.estimate.total_minor, deal.estimate.currency) if deal.estimate else ""


# Registering


@pages.route("/deals/new", methods=["GET", "POST"])
@requires(Permission.DEALS_WORK)
def new_deal() -> Any:
    """A company that the partner found itself: check it, keep it as a draft, or hand it in."""
    firm = _firm()
    form = DealForm() if request.method == "POST" else _begun()
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
        except Refusal as no:
            form.form_errors.append(no.sentence)
    return _deal_form_page(form, None, verdict)


def _begun() -> DealForm:
    """An empty form, or what an earlier deal of the firm says of its company: ``?again=`` names it."""
    again = number_in(request.args.get("again"))
    return DealForm.of(visible_deal(again)) if again is not None else DealForm()


@pages.route("/deals/<int:deal_id>/company", methods=["GET", "POST"])
@requires(Permission.DEALS_WORK)
def deal_company(deal_id: int) -> Any:
    """Changes a draft, or a registration that the vendor asked about."""
    deal = own_deal(deal_id)
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
        except Refusal as no:
            form.form_errors.append(no.sentence)
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
    return _hand_in(own_deal(deal_id))


@pages.get("/deals/<int:deal_id>/receipt")
@requires(Permission.DEALS_READ)
def deal_receipt(deal_id: int) -> Any:
    """The signed proof of when the registration was complete, as a text file."""
    deal = visible_deal(deal_id)
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
    return deal_page(visible_deal(deal_id))


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
    figures = figures_of_version(found, estimate) if estimate is not None else None
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
        proposals_in=proposal_languages(found),
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
    found, form = own_deal(deal_id), AnswerForm()
    if form.was_sent_and_holds():
        operations.answer_question(found, form.answer.data or "", by=signed_in_user())
        flash(_("Sent. The vendor's clock runs again."), "good")
        return redirect(url_for("referrals.deal", deal_id=deal_id))
    return deal_page(found, answer_form=form)


@pages.post("/deals/<int:deal_id>/extension")
@requires(Permission.DEALS_WORK)
def extend_deal(deal_id: int) -> Any:
    """Extends the protection, once."""
    found, form = own_deal(deal_id), ExtensionForm()
    if form.was_sent_and_holds():
        operations.extend_deal(found, form.evidence.data or "", by=signed_in_user())
        flash(_("Protection is extended."), "good")
        return redirect(url_for("referrals.deal", deal_id=deal_id))
    return deal_page(found, extension_form=form)


@pages.post("/deals/<int:deal_id>/win")
@requires(Permission.DEALS_WORK)
def win_deal(deal_id: int) -> Any:
    """Names the order of a won deal."""
    found, form = own_deal(deal_id), WinForm()
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
    found, form = own_deal(deal_id), LossForm()
    if form.was_sent_and_holds():
        operations.lose_deal(found, LostReason(form.reason.data), form.text.data or "", by=signed_in_user())
        flash(_("Closed as lost. Thank you for saying why."), "good")
        return redirect(url_for("referrals.deals"))
    return deal_page(found, loss_form=form)


@pages.post("/deals/<int:deal_id>/withdrawal")
@requires(Permission.DEALS_WORK)
def withdraw_deal(deal_id: int) -> Any:
    """Gives the deal up; the company is free for others."""
    operations.withdraw_deal(own_deal(deal_id), by=signed_in_user())
    flash(_("Withdrawn. The company is free for others."), "good")
    return redirect(url_for("referrals.deals"))


# Whose


def _firm() -> Partner:
    return partner_of(signed_in_user()) or abort(403)


def visible_deal(deal_id: int) -> Deal:
    """The deal, for whoever may see it; 404 for anybody else."""
    query = asked.with_everything(asked.deals_visible_to(signed_in_user())).where(Deal.id == deal_id)
    found = session.scalars(query).unique().one_or_none()
    if found is None:
        raise NotFound
    return found


def own_deal(deal_id: int) -> Deal:
    """A deal of the person's own firm: only who works on it changes it."""
    _firm()
    return visible_deal(deal_id)
