"""Where a lead stands, told from the link in a mail: good for its person until something is written down.

Opening it does nothing; its buttons POST, so that a scanner of mail tells nothing. Whom to call is seen after signing
in.
"""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from flask import abort, flash, g, redirect, render_template, request, url_for

from accounts.access import public
from accounts.models import User
from accounts.permissions import Permission
from core.database import session
from core.errors import InvalidInput, Refusal
from core.forms import Form
from core.i18n import gettext as _
from partners.models import Member
from referrals import operations
from referrals.emails.leads import read_update, state_of
from referrals.forms.leads import ContactForm, ReturnForm
from referrals.models.leads import ContactKind, Lead
from referrals.views import pages
from referrals.views.partner_leads import OUTCOMES


@pages.get("/lead-updates/<token>")
@public
def lead_update(token: str) -> Any:
    """What the link in the mail opens."""
    lead, _user, is_good = _told_by(token)
    return _page(lead, token, is_good)


@pages.post("/lead-updates/<token>/outcome")
@public
def outcome_by_mail(token: str) -> Any:
    """One tap, in the usual words."""
    lead, user = _good(token)
    outcome = OUTCOMES.get(request.form.get("outcome", "")) or abort(404)
    text = str(outcome.text)
    operations.log_contact(lead, kind=outcome.kind, text=text, is_working=outcome.is_working, by=user)
    return _done(token, _("Written down."))


@pages.post("/lead-updates/<token>/contact")
@public
def contact_by_mail(token: str) -> Any:
    """In words of one's own."""
    lead, user = _good(token)
    form = ContactForm(prefix="contact")
    if form.was_sent_and_holds():
        kind, text = ContactKind(form.kind.data), form.text.data or ""
        try:
            operations.log_contact(lead, kind=kind, text=text, is_working=form.is_working.data, by=user)
        except InvalidInput as problem:
            form.complain(problem)
        else:
            return _done(token, _("Written down."))
    return _page(lead, token, contact_form=form)


@pages.post("/lead-updates/<token>/extension")
@public
def extend_by_mail(token: str) -> Any:
    """More time, once, with a reason."""
    return _with_a_reason(token, "extend", operations.extend_lead, _("You have more time now."))


@pages.post("/lead-updates/<token>/return")
@public
def return_by_mail(token: str) -> Any:
    """Gives the lead back to the pool."""
    said = _("Given back. Another partner may take it now.")
    return _with_a_reason(token, "return", operations.return_lead, said)


def _with_a_reason(token: str, name: str, do: Callable[..., Any], said: str) -> Any:
    """What the page's form of this name asks for."""
    lead, user = _good(token)
    form = ReturnForm(prefix=name)
    if form.was_sent_and_holds():
        try:
            do(lead, reason=form.reason.data or "", by=user)
        except InvalidInput as problem:
            form.complain(problem)
        else:
            return _done(token, said)
    return _page(lead, token, **{f"{name}_form": form})


def _done(token: str, said: str) -> Any:
    flash(said, "good")
    return redirect(url_for("referrals.lead_update", token=token))


def _page(lead: Lead, token: str, is_good: bool = True, **sent: Form) -> Any:
    """``sent`` is the form that came back, by its name in the template; the others are drawn empty."""
    forms: dict[str, Form] = {
        "contact_form": ContactForm(prefix="contact"),
        "extend_form": ReturnForm(prefix="extend"),
        "return_form": ReturnForm(prefix="return"),
    }
    page = render_template(
        "referrals/leads/update.html",
        lead=lead,
        token=token,
        is_good=is_good,
        outcomes=OUTCOMES,
        **forms | sent,
    )
    return page, max((form.status for form in sent.values()), default=200)


def _good(token: str) -> tuple[Lead, User]:
    lead, user, is_good = _told_by(token)
    if not is_good:
        raise Refusal(_("Something has been written down already, or the lead is with you no longer."))
    return lead, user


def _told_by(token: str) -> tuple[Lead, User, bool]:
    """The lead, whom the mail went to, and whether the link is still good; 404 for who left the firm since."""
    g.no_referrer = True
    named = read_update(token) or abort(404)
    lead_id, user_id, state = named
    lead = session.get(Lead, lead_id)
    member = session.scalar(sa.select(Member).where(Member.user_id == user_id, Member.left_at.is_(None)))
    if lead is None or member is None or not member.user.may(Permission.LEADS_CLAIM):
        abort(404)
    is_theirs = lead.is_held and lead.partner_id == member.partner_id
    return lead, member.user, is_theirs and state_of(lead) == state
