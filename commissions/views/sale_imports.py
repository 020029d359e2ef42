"""Sales from a file: upload, agree on the columns, see what is wrong, take in, watch, stop and go on."""

from typing import Any

from flask import abort, redirect, render_template, request, url_for
from markupsafe import Markup

from accounts.access import requires, signed_in_user
from accounts.permissions import Permission
from commissions.forms.sale_imports import SaleFileForm
from commissions.models import SaleImport
from commissions.operations import sale_imports as operations
from commissions.operations.sale_columns import columns
from commissions.queries.sale_imports import sale_imports_visible_to
from commissions.views import pages
from core.database import session
from core.errors import InvalidInput
from core.imports.forms import ColumnsForm, columns_form
from core.imports.pages import problems_file, shown, takes_sheets
from core.pagination import paginate
from core.slots import fills, rendered

takes_sheets(pages, "sale_imports")


@pages.route("/staff/sales/imports", methods=["GET", "POST"])
@requires(Permission.SALES_WRITE)
def sale_imports() -> Any:
    """Every file, the latest first, and the next one."""
    form = SaleFileForm()
    if form.was_sent_and_holds():
        try:
            row = operations.upload_sales(*form.sheet("sales.csv"), by=signed_in_user())
        except InvalidInput as problem:
            form.complain(problem)
        else:
            return redirect(url_for("commissions.sale_import", import_id=row.id))
    page = render_template(
        "commissions/imports/imports.html",
        form=form,
        page=paginate(sale_imports_visible_to(signed_in_user())),
        columns=columns(),
    )
    return page, form.status


@pages.get("/staff/sales/imports/<int:import_id>")
@requires(Permission.SALES_WRITE)
def sale_import(import_id: int) -> Any:
    """Where the file stands, and what can be done with it."""
    row = _visible(import_id)
    return _page(row, columns_form(row, columns()))


@pages.post("/staff/sales/imports/<int:import_id>/columns")
@requires(Permission.SALES_WRITE)
def check_sale_import(import_id: int) -> Any:
    """Agrees on the columns; every row is looked at."""
    row = _visible(import_id)
    form = columns_form(row, columns())
    if form.was_sent_and_holds():
        try:
            operations.check_with(row, form.places())
        except InvalidInput as problem:
            form.complain(problem)
        else:
            return redirect(url_for("commissions.sale_import", import_id=import_id))
    return _page(row, form)


@pages.post("/staff/sales/imports/<int:import_id>/start")
@requires(Permission.SALES_WRITE)
def start_sale_import(import_id: int) -> Any:
    """Takes the sales in."""
    operations.start_taking(_visible(import_id), leave_out_wrong=request.form.get("leave_out") == "yes")
    return redirect(url_for("commissions.sale_import", import_id=import_id))


@pages.post("/staff/sales/imports/<int:import_id>/stop")
@requires(Permission.SALES_WRITE)
def stop_sale_import(import_id: int) -> Any:
    """Ends it after the running step."""
    operations.stop_taking(_visible(import_id))
    return redirect(url_for("commissions.sale_import", import_id=import_id))


@pages.post("/staff/sales/imports/<int:import_id>/resume")
@requires(Permission.SALES_WRITE)
def resume_sale_import(import_id: int) -> Any:
    """Lets it go on."""
    operations.resume_taking(_visible(import_id))
    return redirect(url_for("commissions.sale_import", import_id=import_id))


@pages.get("/staff/sales/imports/<int:import_id>/problems.csv")
@requires(Permission.SALES_WRITE)
def sale_import_problems(import_id: int) -> Any:
    """What is wrong, as a file to mend the other one by."""
    return problems_file(_visible(import_id), columns())


@fills("referrals.sales.actions")
def import_sales(may_write: bool, **_context: Any) -> Markup | None:
    """The way here from the list of sales."""
    return rendered("commissions/imports/_import_sales.html") if may_write else None


def _page(row: SaleImport, form: ColumnsForm) -> Any:
    return render_template("commissions/imports/import.html", **shown(row, form, columns())), form.status


def _visible(import_id: int) -> SaleImport:
    query = sale_imports_visible_to(signed_in_user()).where(SaleImport.id == import_id)
    return session.scalar(query) or abort(404)
