"""Signing in and out, forgotten passwords, invitations, and the first start."""

import hmac
from typing import Any

from flask import abort, current_app, flash, g, redirect, render_template, request, url_for

from accounts import access, emails, operations, queries
from accounts.access import current_sign_in, own_path, public, signed_in, signed_in_user, visitor
from accounts.forms import ConfirmForm, ForgottenForm, InvitationForm, ResetForm, SetUpForm, SignInForm
from accounts.limits import per_account, per_address
from accounts.models import TokenPurpose, User
from accounts.views import accounts
from core import settings
from core.errors import InvalidInput, Refusal
from core.i18n import current_locale
from core.i18n import gettext as _


def _where() -> dict[str, str]:
    return {"address": request.remote_addr or "", "browser": request.user_agent.string}


@accounts.route("/sign-in", methods=["GET", "POST"])
@public
@per_address("60 per 5 minutes")
@per_account("10 per 5 minutes")
def sign_in() -> Any:
    """E-mail and password."""
    if visitor() is not None:
        return redirect(own_path(request.args.get("next")))
    if queries.nobody_is_here_yet():
        return redirect(url_for("accounts.set_up"))
    form = SignInForm()
    if form.was_sent_and_holds():
        try:
            user, secret = operations.sign_in(form.email.data, form.password.data, **_where())
        except InvalidInput as problem:
            form.complain(problem)
        else:
            access.enter(user, secret)
            return redirect(own_path(request.args.get("next")))
    return render_template("accounts/sign_in.html", form=form), form.status


@accounts.post("/sign-out")
@public
def sign_out() -> Any:
    """Ends this session."""
    if g.sign_in is not None:
        operations.sign_out(current_sign_in(), by=signed_in_user())
    access.leave()
    flash(_("You are signed out."), "good")
    return redirect(url_for("accounts.sign_in"))


@accounts.route("/password-reset", methods=["GET", "POST"])
@public
@per_address("20 per hour")
@per_account("5 per hour")
def forgotten_password() -> Any:
    """Asks for a link by mail. The answer is the same whether somebody signs in with the address or not."""
    form = ForgottenForm()
    if form.was_sent_and_holds():
        user = queries.user_by_email(form.email.data)
        if user is None or user.suspended_at is not None or user.is_machine:
            emails.no_account(form.email.data.strip().lower())
        elif not user.has_signed_up:
            emails.invite(user, operations.issue_token(user, TokenPurpose.INVITATION))
        else:
            emails.reset(user, operations.issue_token(user, TokenPurpose.PASSWORD_RESET))
        return render_template("accounts/look_into_your_mail.html", email=form.email.data)
    return render_template("accounts/forgotten_password.html", form=form), form.status


@accounts.route("/password-reset/<secret>", methods=["GET", "POST"])
@public
@per_address("30 per hour")
def password_reset(secret: str) -> Any:
    """A new password by the mailed link."""
    g.no_referrer = True
    token = queries.good_token(TokenPurpose.PASSWORD_RESET, secret)
    if token is None:
        return render_template("accounts/dead_link.html"), 404
    form = ResetForm()
    if form.was_sent_and_holds():
        try:
            user = operations.reset_password(token, password=form.password.data)
        except InvalidInput as problem:
            form.complain(problem)
        else:
            return _enter(user, _("Your new password holds from now on."))
    return render_template("accounts/password_reset.html", form=form, user=token.user), form.status


@accounts.route("/invitation/<secret>", methods=["GET", "POST"])
@public
@per_address("60 per hour")
def invitation(secret: str) -> Any:
    """The first password of somebody who was invited."""
    g.no_referrer = True
    token = queries.good_token(TokenPurpose.INVITATION, secret)
    if token is None:
        return render_template("accounts/dead_link.html"), 404
    form = InvitationForm(name=token.user.name)
    if form.was_sent_and_holds():
        try:
            user = operations.accept_invitation(token, name=form.name.data, password=form.password.data)
        except InvalidInput as problem:
            form.complain(problem)
        else:
            return _enter(user, _("Welcome, %(name)s.", name=user.name))
    return render_template("accounts/invitation.html", form=form, user=token.user), form.status


def _enter(user: User, sentence: str) -> Any:
    access.enter(user, operations.open_sign_in(user, **_where()))
    flash(sentence, "good")
    return redirect(url_for("core.home"))


@accounts.route("/confirm-password", methods=["GET", "POST"])
@signed_in
@per_address("30 per 5 minutes")
def confirm_password() -> Any:
    """The password again, before something that matters."""
    form = ConfirmForm()
    if form.was_sent_and_holds():
        try:
            operations.confirm_password(current_sign_in(), form.password.data)
        except InvalidInput as problem:
            form.complain(problem)
        else:
            return redirect(own_path(request.args.get("next")))
    return render_template("accounts/confirm_password.html", form=form), form.status


def set_up_code() -> str:
    """What only somebody who can read the server's log knows."""
    secret = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(secret, b"first start", "sha256").hexdigest()[:12]


@accounts.route("/set-up", methods=["GET", "POST"])
@public
@per_address("20 per hour")
def set_up() -> Any:
    """The first start: the vendor's name and the first programme admin. Gone as soon as somebody is there."""
    if not queries.nobody_is_here_yet():
        abort(404)
    form = SetUpForm()
    if request.method == "GET":
        form.time_zone.data = settings.PROGRAMME_TIME_ZONE.value()
        current_app.logger.warning("Set-up code: %s", set_up_code())
    if form.was_sent_and_holds():
        if not hmac.compare_digest(form.code.data.strip().encode(), set_up_code().encode()):
            form.complain(InvalidInput({"code": _("That is not the code in the server's log.")}))
        else:
            try:
                return _enter(
                    _first_admin(form), _("The programme is yours. Look through its settings next.")
                )
            except InvalidInput as problem:
                form.complain(problem)
    return render_template("accounts/set_up.html", form=form), form.status


def _first_admin(form: SetUpForm) -> User:
    if not queries.nobody_is_here_yet():
        raise Refusal(_("Somebody has set the portal up already."))
    user = operations.make_first_admin(
        email=form.email.data, name=form.name.data, password=form.password.data, locale=current_locale()
    )
    settings.change_setting(settings.VENDOR_NAME, form.vendor.data, by=user)
    settings.change_setting(settings.PROGRAMME_TIME_ZONE, form.time_zone.data, by=user)
    if form.sender.data:
        settings.change_setting(settings.SENDER_ADDRESS, form.sender.data, by=user)
    return user
