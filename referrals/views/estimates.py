"""The estimate's pages: for the partner to write, for the vendor to read, versions compared, and the proposal."""

from collections.abc import Sequence
from typing import Any

from flask import Response, abort, flash, redirect, render_template, request, url_for

from accounts.access import requires, signed_in_user
from accounts.permissions import Permission
from core import storage
from core.database import session
from core.digits import number_in
from core.errors import InvalidInput
from core.forms import choices
from core.i18n import current_locale, speaking, spoken_to
from core.i18n import gettext as _
from core.pdf import render_pdf
from partners.queries import partner_of
from partners.queries.measures import programme_today
from referrals.forms.estimates import EstimateForm, LineForm, MilestoneForm
from referrals.forms.rates import CopyForm
from referrals.models.deals import Deal, Estimate
from referrals.models.rates import ServiceRate
from referrals.operations import estimates as operations
from referrals.operations.estimates import EstimateMovedOn
from referrals.queries import deals as asked
from referrals.queries.catalogue import Catalogue, prices_written
from referrals.queries.rates import rates_visible_to
from referrals.views import pages
from referrals.views.deal_wording import LOGO_FILE, proposal_data, proposal_languages
from referrals.views.estimate_figures import Figures, changes_between, figures_of, figures_of_version
from referrals.views.partner_deals import own_deal, visible_deal

# Writing it


@pages.route("/deals/<int:deal_id>/estimate", methods=["GET", "POST"])
@requires(Permission.DEALS_READ)
def estimate(deal_id: int) -> Any:
    """The estimate: for the partner to write, for the vendor and for older versions to read."""
    found = visible_deal(deal_id)
    version = _version(found)
    user = signed_in_user()
    may_write = user.may(Permission.DEALS_WORK) and partner_of(user) is not None and found.closed_at is None
    if not may_write or version is not found.estimate:
        if request.method == "POST":
            abort(403)
        return _estimate_to_read(found, version, may_write)
    if request.method == "GET":
        form = EstimateForm.of(version, _own_rates(), prices_written(found))
        if version is None:
            _begin(form, found)
        return _estimate_to_write(found, form, with_blank_line=version is None)
    form = EstimateForm(rates=_own_rates(), written=prices_written(found))
    holds = form.read()
    deed = request.form.get("deed", "save")
    if deed == "save" and holds:
        return _save(found, form)
    return _estimate_to_write(
        found,
        form,
        with_blank_line=deed == "add",
        with_blank_milestone=deed == "add-milestone",
        recomputed=holds,
    )


def _save(found: Deal, form: EstimateForm) -> Any:
    try:
        saved = operations.save_estimate(found, form.typed(), by=signed_in_user(), based_on=form.begun_with)
    except EstimateMovedOn as moved:
        before = form.begun_with
        form.begin_anew_with(moved.newest.version)
        page, _status = _estimate_to_write(found, form, moved_on=moved.newest, moved_from=before)
        return page, 409
    except InvalidInput as problem:
        form.complain_about_lines(problem)
        return _estimate_to_write(found, form)
    flash(_("Version %(version)s is saved.", version=saved.version), "good")
    return redirect(url_for("referrals.estimate", deal_id=found.id))


@pages.post("/deals/<int:deal_id>/estimate/figures")
@requires(Permission.DEALS_WORK)
def estimate_figures(deal_id: int) -> Any:
    """What the lines come to as they stand on the screen; nothing is kept."""
    found = own_deal(deal_id)
    form = EstimateForm(rates=_own_rates(), written=prices_written(found))
    form.read(takes_list_prices=True)
    return render_template(
        "referrals/deals/_figures.html", figures=_typed_figures(found, form), form=form, deal=found
    )


def _begin(form: EstimateForm, found: Deal) -> None:
    """A new estimate begins with the products that the deal is about."""
    for code in found.product_codes[: operations.MOST_LINES - 1]:
        form.lines.append_entry({"item": f"licence/{code}"})
        entry = form.lines[-1].form
        entry.offer(form.catalogue, form.rates)
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
    moved_on: Estimate | None = None,
    moved_from: int = 0,
) -> tuple[str, int]:
    figures = _typed_figures(found, form)
    amounts = iter(figures.amounts)
    rows = [(entry, next(amounts) if entry.form.holds else None) for entry in form.lines]
    if (with_blank_line or not rows) and form.has_room:
        form.lines.append_entry()
        rows.append((form.lines[-1], None))
    if with_blank_milestone and form.has_room_for_milestones:
        form.milestones.append_entry()
    form.offer_what_is_sold()
    form.hold_to_the_list()
    for entry in form.lines:
        entry.unit_price.currency = form.chosen_currency
    for entry in form.milestones:
        entry.amount.currency = form.chosen_currency
    page = render_template(
        "referrals/deals/estimate.html",
        deal=found,
        version=found.estimate,
        form=form,
        rows=rows,
        figures=figures,
        blank=_blank_line(form),
        blank_milestone=MilestoneForm(formdata=None, prefix="milestones-0000-"),
        copy_form=_copy_form(found),
        proposals_in=proposal_languages(found),
        moved_on=moved_on,
        moved_from=moved_from,
        most_lines=operations.MOST_LINES,
        today=programme_today(),
    )
    is_asked_only = recomputed or with_blank_line or with_blank_milestone
    return page, 200 if is_asked_only else form.status


def _blank_line(form: EstimateForm) -> Any:
    """The line that the page's script copies; its number is replaced by the next one."""
    line = LineForm(formdata=None, prefix="lines-0000-")
    line.offer(form.catalogue, form.rates)
    return line


def _own_rates() -> Sequence[ServiceRate]:
    """The rates on the firm's card."""
    return session.scalars(rates_visible_to(signed_in_user())).all()


def _typed_figures(found: Deal, form: EstimateForm) -> Figures:
    return figures_of(
        found,
        form.sound_lines(),
        currency=form.chosen_currency,
        billed_by=form.chosen_biller,
        milestones=form.sound_milestones(),
    )


# Beginning with another one


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
    found = own_deal(deal_id)
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
    try:
        saved = operations.copy_estimate(source, found, by=signed_in_user())
    except InvalidInput as problem:  # What could be kept then, and no longer can
        flash(_("Nothing was copied. %(why)s", why=" ".join(problem.problems.values())), "bad")
        return redirect(url_for("referrals.estimate", deal_id=deal_id))
    flash(_("Version %(version)s is saved.", version=saved.version), "good")
    if operations.has_other_prices(saved, source):
        flash(_("Licences cost what the price list says today, which is not what they cost there."), "wait")
    return redirect(url_for("referrals.estimate", deal_id=deal_id))


# Reading it


def _estimate_to_read(found: Deal, version: Estimate | None, may_write: bool) -> Any:
    return render_template(
        "referrals/deals/estimate_version.html",
        deal=found,
        version=version,
        figures=figures_of_version(found, version) if version is not None else None,
        may_write=may_write,
        kind_label=Catalogue.read().label,
        proposals_in=proposal_languages(found),
    )


@pages.get("/deals/<int:deal_id>/estimate/changes")
@requires(Permission.DEALS_READ)
def estimate_changes(deal_id: int) -> Any:
    """What differs between two versions; the newest and the one before it unless the address says otherwise."""
    found = visible_deal(deal_id)
    if len(found.estimates) < 2:
        abort(404)
    newest = found.estimates[-1].version
    after = _numbered(found, request.args.get("after") or str(newest))
    before = _numbered(found, request.args.get("before") or str(max(1, after.version - 1)))
    return render_template(
        "referrals/deals/estimate_changes.html",
        deal=found,
        before=before,
        after=after,
        changes=changes_between(before, after),
        kind_label=Catalogue.read().label,
    )


@pages.get("/deals/<int:deal_id>/estimate/proposal")
@requires(Permission.DEALS_READ)
def proposal(deal_id: int) -> Any:
    """The estimate as a proposal for the customer, in the language asked for."""
    found = visible_deal(deal_id)
    version = _version(found)
    if version is None:
        abort(404)
    language = request.args.get("language", current_locale())
    language = spoken_to(language)
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


def _version(found: Deal) -> Estimate | None:
    """The version that the address asks for; the latest one when it asks for none."""
    wanted = request.args.get("version", "")
    return _numbered(found, wanted) if wanted else found.estimate


def _numbered(found: Deal, wanted: str) -> Estimate:
    number = number_in(wanted)
    return next((one for one in found.estimates if one.version == number), None) or abort(404)
