"""What tiers ask for: the version in force, the draft, its dry run over all firms, publishing it."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for

from accounts.access import requires, signed_in_user
from accounts.permissions import Permission
from core.database import session
from core.errors import InvalidInput
from core.i18n import gettext as _
from core.pagination import paginate
from partners import operations, queries, wording
from partners.forms.standing import RequirementForm, TierNoteForm
from partners.models import TierRequirement, TierRules
from partners.operations.tier_rules import tier_requirement
from partners.queries import standing
from partners.settings import GRACE_DAYS, REVIEW
from partners.views import partners


@partners.get("/staff/tiers/rules")
@requires(Permission.PARTNERS_READ)
def tier_rules() -> Any:
    """The version in force, the draft, and every earlier one."""
    return _rules_page()


def _rules_page(status: int = 200, note: TierNoteForm | None = None) -> Any:
    draft = standing.draft_rules()
    tried = standing.last_dry_run(draft) if draft is not None else None
    return render_template(
        "partners/staff/tier_rules/rules.html",
        current=standing.rules_in_force(),
        draft=draft,
        tried=tried,
        is_tried=tried is not None
        and tried.finished_at is not None
        and draft is not None
        and tried.digest == standing.digest_of(draft),
        versions=session.scalars(standing.all_rules().limit(50)).all(),
        run=standing.last_run(),
        tiers=queries.tiers(),
        words=wording,
        note=note or TierNoteForm(),
        grace_days=GRACE_DAYS.value(),
        review=REVIEW.value(),
        may_write=signed_in_user().may(Permission.CATALOGUE_MANAGE),
    ), status


@partners.get("/staff/tiers/rules/<int:version>")
@requires(Permission.PARTNERS_READ)
def tier_rules_version(version: int) -> Any:
    """One version as it was."""
    rules = session.scalar(standing.all_rules().where(TierRules.number == version)) or abort(404)
    return render_template(
        "partners/staff/tier_rules/version.html", rules=rules, tiers=queries.tiers(), words=wording
    )


def _draft() -> TierRules:
    return standing.draft_rules() or abort(404)


def _back() -> Any:
    return redirect(url_for("partners.tier_rules"))


@partners.post("/staff/tiers/rules/draft")
@requires(Permission.CATALOGUE_MANAGE)
def tier_rules_draft() -> Any:
    """Begins a draft from the version in force."""
    operations.begin_draft(by=signed_in_user())
    flash(_("The draft begins as the rules in force are. Nothing changes until it is published."), "good")
    return _back()


@partners.post("/staff/tiers/rules/draft/discard")
@requires(Permission.CATALOGUE_MANAGE)
def tier_rules_discard() -> Any:
    """Throws the draft away."""
    operations.discard_draft(_draft(), by=signed_in_user())
    flash(_("The draft is gone."), "good")
    return _back()


@partners.route("/staff/tiers/rules/draft/requirements/new", methods=["GET", "POST"])
@requires(Permission.CATALOGUE_MANAGE)
def new_tier_requirement() -> Any:
    """One more thing a tier asks for."""
    return _requirement_page(None)


@partners.route("/staff/tiers/rules/draft/requirements/<int:requirement>", methods=["GET", "POST"])
@requires(Permission.CATALOGUE_MANAGE)
def change_tier_requirement(requirement: int) -> Any:
    """Another value, window or tier."""
    return _requirement_page(tier_requirement(_draft(), requirement) or abort(404))


def _requirement_page(row: TierRequirement | None) -> Any:
    draft = _draft()
    form = RequirementForm(row)
    if form.was_sent_and_holds():
        try:
            operations.save_requirement(draft, row, by=signed_in_user(), **form.values())
            flash(_("Saved in the draft."), "good")
            return _back()
        except InvalidInput as problem:
            form.complain(problem)
    return render_template("partners/staff/tier_rules/requirement.html", form=form, row=row), form.status


@partners.post("/staff/tiers/rules/draft/requirements/<int:requirement>/removal")
@requires(Permission.CATALOGUE_MANAGE)
def tier_requirement_removal(requirement: int) -> Any:
    """Takes it out of the draft."""
    operations.remove_requirement(tier_requirement(_draft(), requirement) or abort(404), by=signed_in_user())
    flash(_("Taken out of the draft."), "good")
    return _back()


@partners.post("/staff/tiers/rules/draft/dry-run")
@requires(Permission.CATALOGUE_MANAGE)
def tier_rules_dry_run() -> Any:
    """Tries the draft on all firms."""
    operations.ask_dry_run(_draft(), by=signed_in_user())
    flash(_("The draft is being tried on all partners. Nobody's tier changes."), "good")
    return redirect(url_for("partners.tier_dry_run"))


@partners.get("/staff/tiers/rules/draft/dry-run")
@requires(Permission.PARTNERS_READ)
def tier_dry_run() -> Any:
    """Who would go up and who down under the draft."""
    draft = _draft()
    run = standing.last_dry_run(draft) or abort(404)
    return render_template(
        "partners/staff/tier_rules/dry_run.html",
        draft=draft,
        run=run,
        is_current=run.digest == standing.digest_of(draft),
        page=paginate(standing.dry_run_rows(run, request.args.get("way", ""))),
        tiers=queries.tiers(),
        words=wording,
    )


@partners.post("/staff/tiers/rules/draft/publication")
@requires(Permission.CATALOGUE_MANAGE)
def tier_rules_publication() -> Any:
    """Puts the draft in force."""
    form = TierNoteForm()
    if form.was_sent_and_holds():
        try:
            rules = operations.publish_rules(_draft(), note=form.note.data, by=signed_in_user())
        except InvalidInput as problem:
            form.complain(problem)
        else:
            flash(_("Version %(number)s is in force; firms are evaluated now.", number=rules.number), "good")
            return _back()
    return _rules_page(422, form)
