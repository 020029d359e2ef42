"""My account: name, language, time zone, appearance, e-mail, password, mail, and where I am signed in."""

from typing import Any

from flask import abort, flash, g, redirect, render_template, request, url_for

from accounts import access, operations, queries
from accounts.access import confirms_password, current_sign_in, public, signed_in, signed_in_user
from accounts.forms import AccountForm, ChangePasswordForm, EmailForm
from accounts.limits import per_address
from accounts.models import Notice, SignIn, TokenPurpose
from accounts.operations import notices, people
from accounts.views import accounts
from core.database import session, writes
from core.errors import InvalidInput
from core.i18n import gettext as _
from core.letters import KINDS
from core.navigation import waiting_at
from core.pagination import paginate


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
    if me.password_hash is None:
        abort(404)
    form = ChangePasswordForm()
    if form.was_sent_and_holds():
        here = current_sign_in()
        try:
            operations.change_password(me, old=form.old_password.data, new=form.password.data)
        except InvalidInput as problem:
            form.complain(problem)
        else:
            secret = operations.open_sign_in(
                me, address=here.address, browser=here.browser, is_proved_twice=True
            )
            access.enter(me, secret)
            flash(_("Your new password holds; every other session has ended."), "good")
            return redirect(url_for("accounts.account"))
    return render_template("accounts/password.html", form=form), form.status


@accounts.route("/account/email", methods=["GET", "POST"])
@signed_in
@confirms_password
@per_address("10 per hour")
def email() -> Any:
    """Another address to sign in with; it holds once its link was followed."""
    me = signed_in_user()
    form = EmailForm()
    if form.was_sent_and_holds():
        try:
            operations.ask_for_another_email(me, form.email.data)
        except InvalidInput as problem:
            form.complain(problem)
        else:
            flash(_("We have written to %(email)s. Follow the link there.", email=form.email.data), "good")
            return redirect(url_for("accounts.account"))
    return render_template("accounts/email.html", form=form, me=me), form.status


@accounts.route("/account/email/<secret>", methods=["GET", "POST"])
@public
@per_address("30 per hour")
def email_confirmation(secret: str) -> Any:
    """The link that went to the new address."""
    g.no_referrer = True
    token = queries.good_token(TokenPurpose.EMAIL_CHANGE, secret)
    if token is None:
        return render_template("accounts/dead_link.html"), 404
    if request.method == "POST":
        user = people.change_email(token)
        flash(_("From now on you sign in as %(email)s.", email=user.email), "good")
        return redirect(url_for("core.home"))
    return render_template("accounts/email_confirmation.html", token=token)


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


@accounts.post("/account/sign-ins/end")
@signed_in
def end_other_sign_ins() -> Any:
    """Signs every other browser of mine out."""
    me, here = signed_in_user(), current_sign_in()
    for row in session.scalars(queries.sign_ins_of(me).where(SignIn.id != here.id)):
        operations.sign_out(row, by=me)
    flash(_("You are signed in here only."), "good")
    return redirect(url_for("accounts.account"))


# Mail


@accounts.route("/account/mail", methods=["GET", "POST"])
@signed_in
def mail_choices() -> Any:
    """Which mail I want; everything also stands among my notices."""
    me = signed_in_user()
    if request.method == "POST":
        notices.choose_mail(me, set(request.form.getlist("wanted")), by=me)
        flash(_("Saved."), "good")
        return redirect(url_for("accounts.mail_choices"))
    return render_template(
        "accounts/mail.html",
        kinds=[kind for kind in KINDS.values() if kind.can_be_stopped],
        always=[kind for kind in KINDS.values() if not kind.can_be_stopped and kind.is_noted],
        stopped=queries.mail_stopped_by(me),
    )


@accounts.route("/mail-stop/<int:user_id>/<kind>/<signature>", methods=["GET", "POST"])
@public
@per_address("600 per hour")
def mail_stop(user_id: int, kind: str, signature: str) -> Any:
    """The link at a mail's end, and the address that mail programs ask by themselves (RFC 8058)."""
    g.no_referrer = True
    found = notices.whose_stop(user_id, kind, signature)
    if found is None:
        return render_template("accounts/dead_link.html"), 404
    user, its_kind = found
    if request.method == "POST":
        notices.stop_mail(user, its_kind)
    return render_template(
        "accounts/mail_stop.html", kind=its_kind, is_stopped=kind in queries.mail_stopped_by(user)
    )


# What happened for me


@accounts.get("/notices")
@signed_in
def my_notices() -> Any:
    """What happened for me, latest first."""
    me = signed_in_user()
    wanted = queries.unread_notices_of if request.args.get("state") == "unread" else queries.notices_of
    return render_template(
        "accounts/notices.html", page=paginate(wanted(me)), unread=waiting_at("core.bell", me)
    )


@accounts.get("/notices/<int:notice_id>")
@signed_in
@writes
def notice(notice_id: int) -> Any:
    """Opens what a notice leads to, and marks it as read."""
    row: Notice = session.scalar(queries.notices_of(signed_in_user()).where(Notice.id == notice_id)) or abort(
        404
    )
    notices.read_notice(row)
    return redirect(access.own_path(row.path) if row.path else url_for("accounts.my_notices"))


@accounts.post("/notices/read")
@signed_in
def notices_read() -> Any:
    """Marks everything as read."""
    notices.read_all_notices(signed_in_user())
    return redirect(url_for("accounts.my_notices"))
