"""For the people of a firm: their payouts, what comes when, where the money goes, and the papers for the tax office."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import joinedload

from accounts.access import confirms_password, requires, signed_in_user
from accounts.permissions import Permission
from commissions.forms.profiles import ProfileForm, TaxPaperForm
from commissions.gateways import stripe
from commissions.models import Entry, Payout, PayoutMethod, TaxPaper, TaxPaperKind
from commissions.operations import profiles
from commissions.operations.documents import movement_word
from commissions.queries import payouts as queries
from commissions.queries.earnings import balances
from commissions.settings import MINIMUM_PAYOUT
from commissions.views import pages
from core import uploads
from core.database import outside, session, writes
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from core.mail import absolute_url
from core.pagination import paginate
from core.settings import PROGRAMME_TIME_ZONE
from partners.models import PAID, Partner
from partners.queries import has_valid_agreement, partner_of
from referrals.models import Sale


def _firm() -> Partner:
    return partner_of(signed_in_user()) or abort(404)


@pages.get("/payouts")
@requires(Permission.EARNINGS_READ)
def payouts() -> Any:
    """Every payout to the firm, what comes when, and what is missing for it."""
    partner = _firm()
    profile = queries.profile_of(partner)
    return render_template(
        "commissions/earnings/payouts.html",
        page=paginate(queries.payouts_visible_to(signed_in_user())),
        profile=profile,
        balances=balances(partner),
        coming=queries.coming_money(partner),
        owed_since={currency: since for _partner, currency, _owed, since in queries.debts_by_age(of=partner)},
        missing=_missing(partner, profile),
        minimum=MINIMUM_PAYOUT.value(),
        years=queries.year_totals(partner, PROGRAMME_TIME_ZONE.value()),
    )


def _missing(partner: Partner, profile: Any) -> list[str]:
    """Everything that keeps money from this firm, as sentences."""
    sentences = []
    if partner.status not in PAID:
        sentences.append(_("Your firm is suspended. What you earned stays yours, and waits."))
    if not partner.has_left and not has_valid_agreement(partner):
        sentences.append(_("Accept the agreement that is in force."))
    if profile is None:
        sentences.append(_("Say where your money goes."))
    else:
        sentences += profile.missing
    return sentences


@pages.get("/payouts/<int:payout_id>")
@requires(Permission.EARNINGS_READ)
def payout(payout_id: int) -> Any:
    """One payout and the lines it settles."""
    _firm()
    wanted = queries.payouts_visible_to(signed_in_user()).where(Payout.id == payout_id)
    found = session.scalar(wanted) or abort(404)
    lines = queries.entries_of_payout(found).options(joinedload(Entry.sale).joinedload(Sale.customer))
    return render_template(
        "commissions/earnings/payout.html",
        payout=found,
        page=paginate(lines),
        taxes=queries.taxes_of(found),
        services=queries.services_of(found),
        word=movement_word,
    )


@pages.route("/payout-profile", methods=["GET", "POST"])
@requires(Permission.PROFILE_MANAGE)
@confirms_password
def payout_profile() -> Any:
    """Where the firm's money goes, and the papers for the tax office."""
    partner = _firm()
    profile = queries.profile_of(partner)
    form = ProfileForm(profile, method=_asked_method(profile), country=partner.country)
    if form.was_sent_and_holds():
        try:
            saved = profiles.save_profile(partner, by=signed_in_user(), **form.values())
            if saved.missing:
                flash(_("Saved. Something is still missing before money can be paid."), "wait")
            else:
                flash(_("Saved. Every admin of your firm has been told."), "good")
            return redirect(url_for("commissions.payout_profile"))
        except InvalidInput as problem:
            form.complain(problem)
    return _profile_page(partner, form)


def _asked_method(profile: Any) -> PayoutMethod:
    asked = request.form.get("method") or request.args.get("method", "")
    if asked in {str(method) for method in _offered(profile)}:
        return PayoutMethod(asked)
    return profile.method if profile is not None else PayoutMethod.SEPA


def _offered(profile: Any) -> list[PayoutMethod]:
    """Every way, but Stripe only where the vendor pays through it."""
    with_stripe = stripe.is_set_up() or (profile is not None and profile.method is PayoutMethod.STRIPE)
    return [method for method in PayoutMethod if method is not PayoutMethod.STRIPE or with_stripe]


def _profile_page(partner: Partner, form: Any, paper_form: TaxPaperForm | None = None) -> Any:
    profile = queries.profile_of(partner)
    sent = paper_form or form
    return render_template(
        "commissions/earnings/payout_profile.html",
        form=form,
        method=PayoutMethod(form.method.data),
        methods=_offered(profile),
        profile=profile,
        with_stripe=stripe.is_set_up(),
        papers=session.scalars(queries.tax_papers_visible_to(signed_in_user()).limit(20)).all(),
        paper_form=paper_form or TaxPaperForm(formdata=None),
    ), sent.status


@pages.post("/payout-profile/tax-papers")
@requires(Permission.PROFILE_MANAGE)
@confirms_password
def tax_paper_upload() -> Any:
    """A document for the vendor's tax office."""
    partner = _firm()
    form = TaxPaperForm()
    if form.was_sent_and_holds():
        try:
            profiles.keep_tax_paper(
                partner,
                kind=TaxPaperKind(form.kind.data),
                content=form.file.data.stream.read(uploads.MOST_BYTES + 1),
                name=form.file.data.filename,
                valid_until=form.valid_until.data,
                by=signed_in_user(),
            )
            flash(_("Thank you. Finance looks at it."), "good")
            return redirect(url_for("commissions.payout_profile"))
        except InvalidInput as problem:
            form.complain(problem)
    profile = queries.profile_of(partner)
    method = profile.method if profile is not None else PayoutMethod.SEPA
    return _profile_page(partner, ProfileForm(profile, method=method, country=partner.country), form)


@pages.get("/payout-profile/tax-papers/<int:paper_id>")
@requires(Permission.PROFILE_MANAGE)
@confirms_password
def tax_paper(paper_id: int) -> Any:
    """One of the firm's own documents."""
    _firm()
    wanted = queries.tax_papers_visible_to(signed_in_user()).where(TaxPaper.id == paper_id)
    found = session.scalar(wanted) or abort(404)
    return uploads.download(found.storage_key, name=found.name, content_type=found.content_type)


@contextmanager
def _asking() -> Iterator[None]:
    """A Stripe that does not answer is a sentence, not an error page."""
    try:
        yield
    except stripe.TryAgain:
        raise Refusal(_("Stripe does not answer now. Try again soon.")) from None


@pages.post("/payout-profile/stripe-connection")
@requires(Permission.PROFILE_MANAGE)
@confirms_password
def stripe_connection() -> Any:
    """Opens the firm's account at Stripe, once, and leads to Stripe's questions by a link that is never kept."""
    if not stripe.is_set_up():
        abort(404)
    partner = _firm()
    profile = queries.profile_of(partner)
    account = profile.stripe_account if profile is not None else None
    country, email, number = partner.country, signed_in_user().email, partner.id
    back = absolute_url(url_for("commissions.stripe_return"))
    again = absolute_url(url_for("commissions.payout_profile"))
    with outside(), _asking():
        account = account or stripe.open_account(country=country, email=email, partner_id=number)
        onwards = stripe.onboarding_url(account, refresh_url=again, return_url=back)
    profiles.connect_stripe_account(partner, account, by=signed_in_user())
    return redirect(onwards)


@pages.get("/payout-profile/stripe-return")
@requires(Permission.PROFILE_MANAGE)
@writes
def stripe_return() -> Any:
    """Back from Stripe, which proves nothing: the account itself is asked."""
    profile = queries.profile_of(_firm())
    if profile is None or profile.stripe_account is None or not stripe.is_set_up():
        abort(404)
    account = profile.stripe_account
    with outside(), _asking():
        is_ready = stripe.is_ready(account)
    profiles.note_stripe_readiness(profile, is_ready)
    if is_ready:
        flash(_("Your Stripe account is ready to be paid to."), "good")
    else:
        flash(_("Stripe still has questions before it can be paid to."), "wait")
    return redirect(url_for("commissions.payout_profile"))
