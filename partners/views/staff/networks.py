"""A whole network in and out: firms from a file, step by step; everything as one ZIP."""

from typing import Any

from flask import Response, abort, flash, redirect, render_template, request, url_for

from accounts.access import confirms_password, requires, signed_in_user
from accounts.permissions import Permission
from core.database import session
from core.errors import InvalidInput
from core.i18n import gettext as _
from core.imports.forms import ColumnsForm, SheetForm, columns_form
from core.imports.pages import MOST_MB, problems_file, shown, takes_sheets
from core.pagination import paginate
from partners.models import NetworkExport, NetworkImport
from partners.operations import network_exports, network_imports
from partners.queries.networks import export_tables, network_exports_visible_to, network_imports_visible_to
from partners.views import partners as pages

takes_sheets(pages, "new_network_import")


@pages.get("/staff/partners/imports")
@requires(Permission.PARTNERS_WRITE)
def network_imports_list() -> Any:
    """Every file, latest first, and how far it is."""
    return render_template(
        "partners/staff/networks/imports.html", page=paginate(network_imports_visible_to(signed_in_user()))
    )


@pages.route("/staff/partners/imports/new", methods=["GET", "POST"])
@requires(Permission.PARTNERS_WRITE)
def new_network_import() -> Any:
    """A file comes in; nothing is made of it yet."""
    form = SheetForm()
    if form.was_sent_and_holds():
        try:
            row = network_imports.upload_firms(*form.sheet("partners.csv"), by=signed_in_user())
        except InvalidInput as problem:
            form.complain(problem)
        else:
            return redirect(url_for("partners.network_import", import_id=row.id))
    return render_template(
        "partners/staff/networks/new.html",
        form=form,
        columns=network_imports.columns(),
        most_mb=MOST_MB,
    ), form.status


def _visible(import_id: int) -> NetworkImport:
    rows = network_imports_visible_to(signed_in_user()).where(NetworkImport.id == import_id)
    return session.scalar(rows) or abort(404)


@pages.get("/staff/partners/imports/<int:import_id>")
@requires(Permission.PARTNERS_WRITE)
def network_import(import_id: int) -> Any:
    """Where the file stands, and what can be done with it."""
    row = _visible(import_id)
    return _page(row, columns_form(row, network_imports.columns()))


def _page(row: NetworkImport, form: ColumnsForm) -> Any:
    page = render_template(
        "partners/staff/networks/import.html", **shown(row, form, network_imports.columns())
    )
    return page, form.status


def _back(row: NetworkImport) -> Any:
    return redirect(url_for("partners.network_import", import_id=row.id))


@pages.post("/staff/partners/imports/<int:import_id>/columns")
@requires(Permission.PARTNERS_WRITE)
def check_network_import(import_id: int) -> Any:
    """Agrees on the columns; every row is looked at."""
    row = _visible(import_id)
    form = columns_form(row, network_imports.columns())
    if form.was_sent_and_holds():
        try:
            network_imports.check_with(row, form.places(), by=signed_in_user())
        except InvalidInput as problem:
            form.complain(problem)
        else:
            return _back(row)
    return _page(row, form)


@pages.post("/staff/partners/imports/<int:import_id>/start")
@requires(Permission.PARTNERS_WRITE)
def start_network_import(import_id: int) -> Any:
    """Takes the firms in."""
    row = _visible(import_id)
    network_imports.start_taking(
        row,
        leave_out_wrong=request.form.get("leave_out") == "yes",
        invite_admins=request.form.get("invite") == "yes",
        by=signed_in_user(),
    )
    flash(_("The firms are taken in now; this page shows how far it is."), "good")
    return _back(row)


@pages.post("/staff/partners/imports/<int:import_id>/undoing")
@requires(Permission.PARTNERS_WRITE)
def undo_network_import(import_id: int) -> Any:
    """Takes the firms back with which nothing was done."""
    row = _visible(import_id)
    network_imports.start_undoing(row, by=signed_in_user())
    flash(_("The firms are taken back now."), "good")
    return _back(row)


@pages.get("/staff/partners/imports/<int:import_id>/problems.csv")
@requires(Permission.PARTNERS_WRITE)
def network_import_problems(import_id: int) -> Any:
    """What is wrong, as a file to mend the other one by."""
    return problems_file(_visible(import_id), network_imports.columns())


@pages.get("/staff/partners/exports")
@requires(Permission.NETWORK_EXPORT)
def network_exports_list() -> Any:
    """The files that were made, and the button for another one."""
    return render_template(
        "partners/staff/networks/exports.html",
        page=paginate(network_exports_visible_to(signed_in_user())),
        tables=[table.name for table in export_tables()],
        kept_days=network_exports.KEPT_FOR.days,
    )


@pages.post("/staff/partners/exports")
@requires(Permission.NETWORK_EXPORT)
@confirms_password
def ask_network_export() -> Any:
    """Everything as a file; a job makes it."""
    network_exports.ask_export(by=signed_in_user())
    flash(_("The file is being made; this page shows when it is there."), "good")
    return redirect(url_for("partners.network_exports_list"))


@pages.post("/staff/partners/exports/<int:export_id>")
@requires(Permission.NETWORK_EXPORT)
@confirms_password
def take_network_export(export_id: int) -> Response:
    """The file; who took it stands in the audit trail."""
    rows = network_exports_visible_to(signed_in_user()).where(NetworkExport.id == export_id)
    row = session.scalar(rows) or abort(404)
    answer = Response(network_exports.take_export(row, by=signed_in_user()), mimetype="application/zip")
    name = f"network-{row.asked_at:%Y-%m-%d}.zip"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
