"""Leads from a file: upload, agree on the columns, see what is wrong, take in, watch, take back."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for

from accounts.access import requires, signed_in_user
from accounts.permissions import Permission
from core.database import session
from core.errors import InvalidInput
from core.i18n import gettext as _
from core.imports import ImportStatus
from core.imports.forms import ColumnsForm, columns_form
from core.imports.pages import MOST_MB, problems_file, shown, takes_sheets
from core.pagination import paginate
from referrals.forms.imports import UploadForm
from referrals.models.imports import LeadImport
from referrals.operations import importing
from referrals.queries import lists
from referrals.queries.imports import import_counts, imports_visible_to, offers_withdrawn_with
from referrals.views import pages
from referrals.views.wording import spoken

takes_sheets(pages, "new_import")


@pages.get("/staff/leads/imports")
@requires(Permission.LEADS_WRITE)
def imports() -> Any:
    """Every file, latest first, and how far it is."""
    return render_template(
        "referrals/leads/imports/imports.html",
        page=paginate(imports_visible_to(signed_in_user())),
        counts=lists.status_counts(),
        **spoken(),
    )


@pages.route("/staff/leads/imports/new", methods=["GET", "POST"])
@requires(Permission.LEADS_WRITE)
def new_import() -> Any:
    """A file comes in; nothing is made of it yet."""
    form = UploadForm()
    if form.was_sent_and_holds():
        try:
            row = importing.upload_leads(
                *form.sheet("leads.csv"),
                source=form.source.data or "",
                campaign=form.campaign.data or "",
                by=signed_in_user(),
            )
        except InvalidInput as problem:
            form.complain(problem)
        else:
            return redirect(url_for("referrals.lead_import", import_id=row.id))
    page = render_template(
        "referrals/leads/imports/new.html",
        form=form,
        columns=importing.columns(),
        most_mb=MOST_MB,
    )
    return page, form.status


@pages.get("/staff/leads/imports/<int:import_id>")
@requires(Permission.LEADS_WRITE)
def lead_import(import_id: int) -> Any:
    """Where the file stands, and what can be done with it."""
    row = _visible(import_id)
    return _page(row, columns_form(row, importing.columns()))


@pages.post("/staff/leads/imports/<int:import_id>/columns")
@requires(Permission.LEADS_WRITE)
def check_import(import_id: int) -> Any:
    """Agrees on the columns; every row is looked at."""
    row = _visible(import_id)
    form = columns_form(row, importing.columns())
    if form.was_sent_and_holds():
        try:
            importing.check_with(row, form.places(), by=signed_in_user())
        except InvalidInput as problem:
            form.complain(problem)
        else:
            return redirect(url_for("referrals.lead_import", import_id=import_id))
    return _page(row, form)


@pages.post("/staff/leads/imports/<int:import_id>/start")
@requires(Permission.LEADS_WRITE)
def start_import(import_id: int) -> Any:
    """Takes the leads in."""
    row = _visible(import_id)
    importing.start_taking(row, leave_out_wrong=request.form.get("leave_out") == "yes", by=signed_in_user())
    flash(_("The leads are taken in now; this page shows how far it is."), "good")
    return redirect(url_for("referrals.lead_import", import_id=import_id))


@pages.post("/staff/leads/imports/<int:import_id>/stop")
@requires(Permission.LEADS_WRITE)
def stop_import(import_id: int) -> Any:
    """Stops the routing; what has not been routed waits."""
    importing.stop_routing(_visible(import_id), by=signed_in_user())
    flash(_("Stopped. Partners keep what they were asked."), "good")
    return redirect(url_for("referrals.lead_import", import_id=import_id))


@pages.post("/staff/leads/imports/<int:import_id>/continue")
@requires(Permission.LEADS_WRITE)
def continue_import(import_id: int) -> Any:
    """Goes on with the routing."""
    importing.go_on_routing(_visible(import_id), by=signed_in_user())
    flash(_("It goes on."), "good")
    return redirect(url_for("referrals.lead_import", import_id=import_id))


@pages.post("/staff/leads/imports/<int:import_id>/undoing")
@requires(Permission.LEADS_WRITE)
def undo_import(import_id: int) -> Any:
    """Takes the leads back that no partner has answered."""
    row = _visible(import_id)
    importing.start_undoing(row, by=signed_in_user())
    flash(_("The leads are taken back now."), "good")
    return redirect(url_for("referrals.lead_import", import_id=import_id))


@pages.get("/staff/leads/imports/<int:import_id>/problems.csv")
@requires(Permission.LEADS_WRITE)
def import_problems(import_id: int) -> Any:
    """What is wrong, as a file to mend the other one by."""
    return problems_file(_visible(import_id), importing.columns())


def _page(row: LeadImport, form: ColumnsForm) -> Any:
    page = render_template(
        "referrals/leads/imports/import.html",
        **shown(row, form, importing.columns()),
        room=importing.room_now() if row.status is ImportStatus.CHECKED else None,
        outcome=import_counts(row),
        withdrawn=offers_withdrawn_with(row) if row.status is ImportStatus.UNDONE else 0,
        **spoken(),
    )
    return page, form.status


def _visible(import_id: int) -> LeadImport:
    query = imports_visible_to(signed_in_user()).where(LeadImport.id == import_id)
    return session.scalar(query) or abort(404)
