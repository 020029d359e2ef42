"""My data: what the portal holds about me, the file of it, and having it erased."""

import io
from typing import Any

from flask import Response, abort, flash, redirect, render_template, send_file, url_for

from accounts import emails, queries
from accounts.access import confirms_password, signed_in, signed_in_user
from accounts.forms import ErasureForm
from accounts.limits import per_address
from accounts.models import DataExport, User
from accounts.operations import erasure
from accounts.views import accounts
from core import personal_data
from core.database import session
from core.errors import InvalidInput
from core.i18n import gettext as _


@accounts.get("/account/data")
@signed_in
def my_data() -> Any:
    """What is held about me, kind by kind, and the files I asked for."""
    me = signed_in_user()
    return render_template(
        "accounts/my_data.html",
        held=personal_data.held_of(erasure.person_of(me)),
        exports=session.scalars(queries.data_exports_for(me)).all(),
    )


@accounts.post("/account/data/export")
@signed_in
@per_address("20 per hour")
def my_data_export() -> Any:
    """Has the file of my data made."""
    me = signed_in_user()
    erasure.ask_for_data(erasure.person_of(me), by=me)
    flash(_("The file is being made. We write to you when it is there."), "good")
    return redirect(url_for("accounts.my_data"))


@accounts.post("/account/data/files/<int:export_id>")
@signed_in
@confirms_password
def data_file(export_id: int) -> Any:
    """A file that I asked for, as a download. A POST, since every download is written down."""
    me = signed_in_user()
    export: DataExport = session.scalar(
        queries.data_exports_for(me).where(DataExport.id == export_id)
    ) or abort(404)
    content = erasure.fetch_export(export, by=me)
    answer: Response = send_file(
        io.BytesIO(content), "application/zip", as_attachment=True, download_name="personal-data.zip"
    )
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def erased_as_typed(form: ErasureForm, person: personal_data.Person, locale: str | None, *, by: User) -> bool:
    """Erases ``person`` once their address was typed, and writes to them; complaints stand at the form's fields."""
    if not form.was_sent_and_holds():
        return False
    try:
        erasure.erase(person, words=form.words.data, by=by)
    except InvalidInput as problem:
        form.complain(problem)
        return False
    emails.erased(person, locale)
    return True


@accounts.route("/account/data/erasure", methods=["GET", "POST"])
@signed_in
@confirms_password
def my_erasure() -> Any:
    """Erases me, after I typed my address."""
    me = signed_in_user()
    person, locale = erasure.person_of(me), me.locale
    form = ErasureForm()
    if erased_as_typed(form, person, locale, by=me):
        flash(_("Your personal data is gone. Good-bye."), "good")
        return redirect(url_for("accounts.sign_in"))
    return render_template(
        "accounts/my_erasure.html", form=form, email=person.email, held=personal_data.held_of(person)
    ), form.status
