"""My account: name, language, time zone, appearance, password, and where I am signed in."""

from typing import Any

from flask import abort, flash, redirect, render_template, url_for

from accounts import access, operations, queries
from accounts.access import current_sign_in, signed_in, signed_in_user
from accounts.forms import AccountForm, ChangePasswordForm
from accounts.models import SignIn
from accounts.views import accounts
from core.database import session
from core.errors import InvalidInput
from core.i18n import gettext as _


@accounts.route("/account", methods=["GET", "POST"])
@signed_in
def account() -> Any:
    """What the portal knows of me and how it looks to me."""
    me = signed_in_user()
    form = AccountForm(obj=me)
    if form.was_sent_and_holds():
        operations.change_person(
            me,
            name=form.name.data,
            locale=form.locale.data,
            time_zone=form.time_zone.data,
            theme=form.theme.data,
            by=me,
        )
        flash(_("Saved."), "good")
        return redirect(url_for("accounts.account"))
    sign_ins = session.scalars(queries.sign_ins_of(me)).all()
    return (
        render_template(
            "accounts/account.html", form=form, me=me, sign_ins=sign_ins, current=current_sign_in()
        ),
        form.status,
    )


@accounts.route("/account/password", methods=["GET", "POST"])
@signed_in
def password() -> Any:
    """A new password; every other session ends."""
    me = signed_in_user()
    form = ChangePasswordForm()
    if form.was_sent_and_holds():
        here = current_sign_in()
        try:
            operations.change_password(me, old=form.old_password.data, new=form.password.data)
        except InvalidInput as problem:
            form.complain(problem)
        else:
            access.enter(me, operations.open_sign_in(me, address=here.address, browser=here.browser))
            flash(_("Your new password holds; every other session has ended."), "good")
            return redirect(url_for("accounts.account"))
    return render_template("accounts/password.html", form=form), form.status


@accounts.post("/account/sign-ins/<int:sign_in_id>/end")
@signed_in
def end_sign_in(sign_in_id: int) -> Any:
    """Signs another browser of mine out."""
    me = signed_in_user()
    row: SignIn | None = session.scalar(queries.sign_ins_of(me).where(SignIn.id == sign_in_id))
    if row is None:
        abort(404)
    operations.sign_out(row, by=me)
    flash(_("That browser is signed out."), "good")
    return redirect(url_for("accounts.account"))
