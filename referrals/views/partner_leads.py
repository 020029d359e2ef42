"""A partner's leads: what is offered, what may be claimed, what is theirs."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import abort, flash, g, redirect, render_template, request, url_for

from accounts.access import public, requires, signed_in_user
from accounts.models import User
from accounts.permissions import Permission
from core.database import session
from core.errors import InvalidInput
from core.i18n import country_name
from core.i18n import gettext as _
from core.i18n import lazy_gettext as _l
from core.pagination import paginate
from core.places import Coordinates, kilometres
from partners.models import Member, Partner
from partners.queries import partner_of
from referrals import operations
from referrals.emails.leads import read_answer
from referrals.forms.leads import ContactForm, DeclineForm, ReturnForm
from referrals.models.deals import Deal
from referrals.models.leads import ContactKind, Lead
from referrals.models.routing import Offer, RoutingDecision
from referrals.operations.mistakes import may_undo
from referrals.operations.routing import place_of
from referrals.queries import lists
from referrals.queries.claims import active_claim
from referrals.queries.decisions import latest_decision
from referrals.queries.leads import (
    LeadFilter,
    contacts_of,
    held_leads_visible_to,
    lead_shown_to,
    leads_visible_to,
    may_see_contact,
    narrowed,
    past_leads_visible_to,
)
from referrals.queries.names import Names
from referrals.queries.offers import offers_visible_to, open_offer, open_offers_visible_to
from referrals.queries.pool import pool_visible_to
from referrals.routing import advice
from referrals.settings import CONTACT_HOURS, RETURN_DAYS, UNDO_MINUTES, UPDATE_DAYS
from referrals.views import pages
from referrals.views.wording import factor_lines, spoken, without_contact


@dataclass(frozen=True)
class Outcome:
    """What often comes of a call, to be written down by one tap. A missed call is a note: it stops no clock."""

    label: Any
    text: Any
    kind: ContactKind = ContactKind.CALL
    is_working: bool = False


OUTCOMES = {
    "reached": Outcome(_l("Reached them"), _l("Reached them by phone.")),
    "no_answer": Outcome(_l("No answer"), _l("Called, nobody answered."), ContactKind.NOTE),
    "call_back": Outcome(_l("They call back"), _l("Spoke to the company; they call back.")),
    "goes_on": Outcome(_l("They want to go on"), _l("Spoke to them; they want to go on."), is_working=True),
}

_TABS = ("offers", "pool", "ours", "past")
#: Kilometres from the firm's office that a list can be narrowed to.
_DISTANCES = ("50", "200", "500")


@pages.get("/leads")
@requires(Permission.LEADS_READ)
def leads() -> Any:
    """Offers, the pool, and what is ours, in tabs. For staff it is the vendor's list."""
    user = signed_in_user()
    if user.is_staff:
        return redirect(url_for("referrals.staff_leads"))
    wanted = LeadFilter(
        text=request.args.get("q", "")[:200],
        country=request.args.get("country", ""),
        product=request.args.get("product", "")[:80],
        within=_wanted_distance(partner_of(user)),
    )
    tabs = {
        "offers": narrowed(open_offers_visible_to(user), wanted),
        "pool": narrowed(pool_visible_to(user), wanted),
        "ours": narrowed(held_leads_visible_to(user), wanted),
        "past": narrowed(past_leads_visible_to(user), wanted),
    }
    counts = {name: lists.count(query) for name, query in tabs.items()}
    first = next((name for name in ("offers", "pool", "ours") if counts[name]), "offers")
    tab = request.args.get("tab", "")
    tab = tab if tab in _TABS else first
    page = paginate(tabs[tab])
    seen = _fingerprint(counts, page.items)
    if request.args.get("seen") == seen:
        return "", 204
    return render_template(
        "referrals/leads/inbox.html",
        tab=tab,
        counts=counts,
        page=page,
        seen=seen,
        distance=lambda lead: _distance(lead, partner_of(user)),
        is_narrowed=any(request.args.get(name) for name in ("q", "country", "product", "within")),
        distances=_DISTANCES if _office(partner_of(user)) is not None else (),
        countries=sorted((code, country_name(code)) for code in lists.countries_of_leads()),
        **spoken(),
    )


def _fingerprint(counts: dict[str, int], rows: Sequence[Any]) -> str:
    """What the list shows, in a few signs: a page that is open asks whether it is still that, and is told 204."""
    states = [(row.id, str(row.status)) for row in rows]
    return hashlib.sha256(repr((sorted(counts.items()), states)).encode()).hexdigest()[:16]


def _office(firm: Partner | None) -> Coordinates | None:
    if firm is None or firm.latitude is None or firm.longitude is None:
        return None
    return firm.latitude, firm.longitude


def _wanted_distance(firm: Partner | None) -> tuple[int, Coordinates] | None:
    """So many kilometres from the office, as the address says; None where it says nothing that is on the list."""
    office, kilometres_away = _office(firm), request.args.get("within", "")
    return (int(kilometres_away), office) if office is not None and kilometres_away in _DISTANCES else None


def _distance(lead: Lead, firm: Partner | None) -> int | None:
    """Kilometres from the firm's office; None where one of the places is not known."""
    office = _office(firm)
    if office is None or lead.latitude is None or lead.longitude is None:
        return None
    return round(kilometres(office, (lead.latitude, lead.longitude)))


@pages.get("/leads/offers/<int:offer_id>")
@requires(Permission.LEADS_READ)
def offer(offer_id: int) -> Any:
    """One offer: company and need, why you, and the answer."""
    return _offer_page(_visible_offer(offer_id), DeclineForm())


@pages.post("/leads/offers/<int:offer_id>/acceptance")
@requires(Permission.LEADS_CLAIM)
def accept_offer(offer_id: int) -> Any:
    """Takes the lead; its contact data opens."""
    found = _visible_offer(offer_id)
    lead = operations.accept_offer(found, by=signed_in_user())
    flash(_("The lead is yours. Here is whom to call."), "good")
    return redirect(url_for("referrals.lead", lead_id=lead.id))


@pages.post("/leads/offers/<int:offer_id>/decline")
@requires(Permission.LEADS_CLAIM)
def decline_offer(offer_id: int) -> Any:
    """Says no, with a reason."""
    found = _visible_offer(offer_id)
    form = DeclineForm()
    if form.was_sent_and_holds():
        try:
            operations.decline_offer(
                found, reason=form.chosen(), note=form.note.data or "", by=signed_in_user()
            )
        except InvalidInput as problem:
            form.complain(problem)
        else:
            flash(_("Declined. The next partner is asked now."), "good")
            return redirect(url_for("referrals.leads"))
    return _offer_page(found, form)


def _offer_page(found: Offer, form: DeclineForm) -> Any:
    user = signed_in_user()
    if found.lead.partner_id == found.partner_id and found.lead.is_held and not user.is_staff:
        return redirect(url_for("referrals.lead", lead_id=found.lead_id))
    return (
        render_template(
            "referrals/leads/offer.html",
            offer=found,
            lead=found.lead,
            form=form,
            why_withdrawn=operations.why_withdrawn,
            why=why_you(found.lead, user, session.get(RoutingDecision, found.decision_id)),
            **_need(found.lead),
        ),
        form.status,
    )


def _visible_offer(offer_id: int) -> Offer:
    found = session.scalar(offers_visible_to(signed_in_user()).where(Offer.id == offer_id))
    return found or abort(404)


def _need(lead: Lead) -> dict[str, Any]:
    """What a page says about a lead's need."""
    return {
        **spoken(),
        "text": without_contact(lead.text),
        "contact_hours": CONTACT_HOURS.value(),
        "update_days": UPDATE_DAYS.value(),
        "return_days": RETURN_DAYS.value(),
    }


# The answer from a mail


@pages.get("/offer-answers/<token>")
@public
def offer_answer(token: str) -> Any:
    """What the link in the mail opens: the offer and two buttons. Opening it does nothing."""
    found, _user = _answered_by(token)
    return _answer_page(found, token, DeclineForm())


@pages.post("/offer-answers/<token>/acceptance")
@public
def accept_by_mail(token: str) -> Any:
    """Takes the lead for the person the mail went to; whom to call is seen after signing in."""
    found, user = _answered_by(token)
    operations.accept_offer(found, by=user)
    return redirect(url_for("referrals.offer_answer", token=token))


@pages.post("/offer-answers/<token>/decline")
@public
def decline_by_mail(token: str) -> Any:
    """Says no, with a reason."""
    found, user = _answered_by(token)
    form = DeclineForm()
    if form.was_sent_and_holds():
        try:
            operations.decline_offer(found, reason=form.chosen(), note=form.note.data or "", by=user)
        except InvalidInput as problem:
            form.complain(problem)
        else:
            return redirect(url_for("referrals.offer_answer", token=token))
    return _answer_page(found, token, form)


def _answer_page(found: Offer, token: str, form: DeclineForm) -> Any:
    page = render_template(
        "referrals/leads/answer.html",
        offer=found,
        lead=found.lead,
        token=token,
        form=form,
        why_withdrawn=operations.why_withdrawn,
        **_need(found.lead),
    )
    return page, form.status


def _answered_by(token: str) -> tuple[Offer, User]:
    """The offer of a link and the person it was written to, who must still be of the firm and allowed to answer."""
    g.no_referrer = True
    named = read_answer(token)
    if named is None:
        abort(404)
    found = session.get(Offer, named[0])
    member = session.scalar(sa.select(Member).where(Member.user_id == named[1], Member.left_at.is_(None)))
    if found is None or member is None or member.partner_id != found.partner_id:
        abort(404)
    if not member.user.may(Permission.LEADS_CLAIM):
        abort(404)
    return found, member.user


# One lead


@pages.get("/leads/<int:lead_id>")
@requires(Permission.LEADS_READ)
def lead(lead_id: int) -> Any:
    """A lead of the pool as anybody eligible sees it; one of ours with whom to call and what was said."""
    user = signed_in_user()
    if user.is_staff:
        return redirect(url_for("referrals.staff_lead", lead_id=lead_id))
    found = session.scalar(leads_visible_to(user).where(Lead.id == lead_id))
    if found is None:
        gone = lead_shown_to(user, lead_id) or abort(404)
        flash(operations.why_not_in_the_pool(gone, _firm(user)), "bad")
        return redirect(url_for("referrals.leads"))
    offered = open_offer(found, _firm(user))
    if offered is not None:
        return redirect(url_for("referrals.offer", offer_id=offered.id))
    return _lead_page(found, ContactForm(), ReturnForm())


@pages.post("/leads/<int:lead_id>/claim")
@requires(Permission.LEADS_CLAIM)
def claim(lead_id: int) -> Any:
    """Takes a lead from the pool; who comes second is told so, and not by whom."""
    user = signed_in_user()
    found = lead_shown_to(user, lead_id) or abort(404)
    operations.claim_lead(found, by=user)
    flash(_("The lead is yours. Here is whom to call."), "good")
    return redirect(url_for("referrals.lead", lead_id=lead_id))


@pages.post("/leads/<int:lead_id>/contacts")
@requires(Permission.LEADS_CLAIM)
def log_contact(lead_id: int) -> Any:
    """Writes down what was said."""
    found = _visible_lead(lead_id)
    form = ContactForm()
    if form.was_sent_and_holds():
        try:
            operations.log_contact(
                found,
                kind=ContactKind(form.kind.data),
                text=form.text.data or "",
                is_working=form.is_working.data,
                by=signed_in_user(),
            )
        except InvalidInput as problem:
            form.complain(problem)
        else:
            flash(_("Written down."), "good")
            return redirect(url_for("referrals.lead", lead_id=lead_id))
    return _lead_page(found, form, ReturnForm())


@pages.post("/leads/<int:lead_id>/outcome")
@requires(Permission.LEADS_CLAIM)
def log_outcome(lead_id: int) -> Any:
    """One tap after the call: what came of it, in the usual words."""
    found = _visible_lead(lead_id)
    outcome = OUTCOMES.get(request.form.get("outcome", "")) or abort(404)
    operations.log_contact(
        found, kind=outcome.kind, text=str(outcome.text), is_working=outcome.is_working, by=signed_in_user()
    )
    flash(_("Written down."), "good")
    return redirect(url_for("referrals.lead", lead_id=lead_id))


@pages.post("/leads/<int:lead_id>/extension")
@requires(Permission.LEADS_CLAIM)
def extend_lead(lead_id: int) -> Any:
    """More time, once, with a reason."""
    found = _visible_lead(lead_id)
    form = ReturnForm(prefix="extend")
    if form.was_sent_and_holds():
        try:
            operations.extend_lead(found, reason=form.reason.data or "", by=signed_in_user())
        except InvalidInput as problem:
            form.complain(problem)
        else:
            flash(_("You have more time now."), "good")
            return redirect(url_for("referrals.lead", lead_id=lead_id))
    return _lead_page(found, ContactForm(), ReturnForm(), form)


@pages.post("/leads/<int:lead_id>/claim/undo")
@requires(Permission.LEADS_CLAIM)
def undo_claim(lead_id: int) -> Any:
    """It was a mistake: the lead is where it was before, and nobody's figures remember the claim."""
    operations.undo_claim(_visible_lead(lead_id), by=signed_in_user())
    flash(_("The claim is undone."), "good")
    return redirect(url_for("referrals.leads"))


@pages.post("/leads/<int:lead_id>/return")
@requires(Permission.LEADS_CLAIM)
def return_lead(lead_id: int) -> Any:
    """Gives the lead back to the pool."""
    found = _visible_lead(lead_id)
    form = ReturnForm()
    if form.was_sent_and_holds():
        try:
            operations.return_lead(found, reason=form.reason.data or "", by=signed_in_user())
        except InvalidInput as problem:
            form.complain(problem)
        else:
            flash(_("Given back. Another partner may take it now."), "good")
            return redirect(url_for("referrals.leads"))
    return _lead_page(found, ContactForm(), form)


def _lead_page(
    found: Lead, contact_form: ContactForm, return_form: ReturnForm, extend_form: ReturnForm | None = None
) -> Any:
    user = signed_in_user()
    opened = may_see_contact(user, found)
    return (
        render_template(
            "referrals/leads/lead.html" if opened else "referrals/leads/pooled.html",
            lead=found,
            contacts=contacts_of(found, partner_id=found.partner_id) if opened else [],
            deal=session.scalar(
                sa.select(Deal)
                .where(Deal.lead_id == found.id, Deal.partner_id == found.partner_id)
                .order_by(Deal.id.desc())
                .limit(1)
            )
            if opened
            else None,
            contact_form=contact_form,
            return_form=return_form,
            extend_form=extend_form or ReturnForm(prefix="extend"),
            outcomes=OUTCOMES,
            undo_until=_undo_until(found) if opened else None,
            may_work=user.may(Permission.LEADS_CLAIM),
            why=why_you(found, user, latest_decision(found)),
            **_need(found),
        ),
        max(contact_form.status, return_form.status) if request.method == "POST" else 200,
    )


def _undo_until(found: Lead) -> datetime | None:
    """Until when the claim can be undone as a mistake; None when it cannot be any more."""
    claim = active_claim(found) if found.is_held else None
    if claim is None or not may_undo(claim):
        return None
    return claim.claimed_at + timedelta(minutes=UNDO_MINUTES.value())


def _visible_lead(lead_id: int) -> Lead:
    return session.scalar(leads_visible_to(signed_in_user()).where(Lead.id == lead_id)) or abort(404)


def _firm(user: User) -> Any:
    return partner_of(user) or abort(404)


# Why you


@dataclass(frozen=True)
class WhyYou:
    """A partner's own row of a decision: its factors, and what would do better next time."""

    factors: list[Any]
    sentence: str
    rank: int
    of: int


def why_you(found: Lead, user: User, decision: RoutingDecision | None) -> WhyYou | None:
    """The own row and no other."""
    firm = partner_of(user)
    if decision is None or firm is None or decision.lead_id != found.id:
        return None
    place = place_of(decision, firm.id)
    if place.own is None or place.own.rank is None:
        return None
    names = Names()
    sentence = advice(place.own, place.best, place.of, names)
    return WhyYou(factor_lines(place.own, names), sentence, place.own.rank, place.of)
