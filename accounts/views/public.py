"""Signing in and out, forgotten passwords, invitations, and the first start."""

import hmac
from typing import Any

from flask import abort, current_app, flash, g, jsonify, redirect, render_template, request, url_for

from accounts import access, operations, passwords, provider, queries
from accounts.access import current_sign_in, own_path, public, signed_in_user, visitor
from accounts.forms import (
    ForgottenForm,
    InvitationForm,
    PasskeyForm,
    ResetForm,
    SecondFactorForm,
    SetUpForm,
    SignInForm,
)
from accounts.limits import per_account, per_address, per_person
from accounts.models import Ceremony, TokenPurpose, User
from accounts.operations import factors, passkeys
from accounts.views import accounts
from core import settings
from core.database import session
from core.errors import InvalidInput, Refusal
from core.i18n import current_locale
from core.i18n import gettext as _


def _where() -> dict[str, Any]:
    return {"address": request.remote_addr or "", "browser": request.user_agent.string}


@accounts.route("/sign-in", methods=["GET", "POST"])
@public
@per_address("60 per 5 minutes")
@per_account("10 per 5 minutes")
def sign_in() -> Any:
    """By passkey, at the identity provider, or by e-mail and password."""
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
            return _into_the_house(user, secret)
    return _sign_in_page(form), form.status


def _sign_in_page(form: SignInForm, passkey_form: PasskeyForm | None = None) -> str:
    return render_template(
        "accounts/sign_in.html",
        form=form,
        passkey_form=passkey_form or PasskeyForm(formdata=None),
        provider=provider.configured(),
        back=own_path(request.args.get("next")),
    )


def _into_the_house(user: User, secret: str) -> Any:
    """To where one wanted to go, or first to the page that asks for the second factor."""
    back = own_path(request.args.get("next"))
    if queries.halfway_sign_in(secret) is not None:
        return access.wait_for_second_factor(secret, back)
    access.enter(user, secret)
    return redirect(back)


@accounts.post("/sign-in/passkey")
@public
@per_address("60 per 5 minutes")
def passkey_sign_in() -> Any:
    """By a passkey alone, which asked for a finger, a face or a PIN."""
    form = PasskeyForm()
    if form.was_sent_and_holds():
        try:
            user = passkeys.use_passkey(form.credential.data, Ceremony.SIGN_IN)
        except InvalidInput as problem:
            form.complain(InvalidInput({"": " ".join(problem.problems.values())}))
        else:
            access.enter(user, operations.open_sign_in(user, **_where(), is_proved_twice=True))
            return redirect(own_path(request.args.get("next")))
    return _sign_in_page(SignInForm(formdata=None), form), 422


def _whose_second_factor() -> int | None:
    """Whose second factor may be guessed here. A passkey cannot be guessed, so it is always let in."""
    row = access.halfway_sign_in()
    return row.user_id if row is not None and "credential" not in request.form else None


@accounts.route("/sign-in/second-factor", methods=["GET", "POST"])
@public
@per_address("60 per 5 minutes")
@per_person(_whose_second_factor)
def second_factor() -> Any:
    """After the password: digits of an app, a recovery code, or a passkey."""
    row = access.halfway_sign_in()
    if row is None:
        access.stop_halfway()
        flash(_("No sign-in waits for a second factor here, or it took too long. Sign in once more."), "wait")
        return _sign_in_page(SignInForm(formdata=None)), 404
    by_passkey = "credential" in request.form
    form, passkey_form = SecondFactorForm(), PasskeyForm()
    if request.method == "POST" and (passkey_form if by_passkey else form).validate():
        try:
            if by_passkey:
                passkeys.use_passkey(passkey_form.credential.data, Ceremony.SECOND_FACTOR, row.user)
            else:
                factors.spend_code(row.user, form.code.data)
        except InvalidInput as problem:
            form.complain(problem)
        else:
            access.enter(row.user, operations.finish_signing_in(row))
            return redirect(own_path(request.args.get("next")))
    has_passkeys = session.scalar(queries.passkeys_of(row.user).limit(1)) is not None
    body = render_template(
        "accounts/second_factor.html",
        form=form,
        passkey_form=passkey_form,
        has_passkeys=has_passkeys,
        codes_left=queries.recovery_codes_left(row.user),
    )
    return body, form.status


@accounts.post("/passkey-options/<ceremony>")
@public
@per_address("120 per 5 minutes")
def passkey_options(ceremony: str) -> Any:
    """What the browser needs before it can ask for a passkey; the challenge in it is good once, for five minutes."""
    if ceremony == Ceremony.SIGN_IN:
        return jsonify(passkeys.use_options(Ceremony.SIGN_IN, None))
    if ceremony == Ceremony.SECOND_FACTOR:
        row = access.halfway_sign_in() or abort(404)
        return jsonify(passkeys.use_options(Ceremony.SECOND_FACTOR, row.user))
    me = visitor()
    if me is None or me.is_machine:
        abort(404)
    if ceremony == Ceremony.CONFIRMATION:
        return jsonify(passkeys.use_options(Ceremony.CONFIRMATION, me))
    if ceremony != Ceremony.ENROLMENT or not current_sign_in().is_fresh:
        abort(404)
    return jsonify(passkeys.enrolment_options(me))


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
    """Asks for a link by mail. Whether somebody signs in with the address, the mail says, and a job finds out."""
    form = ForgottenForm()
    if form.was_sent_and_holds():
        operations.ask_for_a_way_in(form.email.data, locale=current_locale())
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
            return access.let_in(user, _("Your new password holds from now on."))
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
            return access.let_in(user, _("Welcome, %(name)s.", name=user.name))
    return render_template("accounts/invitation.html", form=form, user=token.user), form.status


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
        problems = _what_keeps_out(form)
        if not problems:
            return access.let_in(
                _first_admin(form), _("The programme is yours. Look through its settings next.")
            )
        form.complain(InvalidInput(problems))
    return render_template("accounts/set_up.html", form=form), form.status


def _what_keeps_out(form: SetUpForm) -> dict[str, str]:
    """Everything at once, since whatever was typed as a password has to be typed anew."""
    problems = {}
    if not hmac.compare_digest(form.code.data.strip().encode(), set_up_code().encode()):
        problems["code"] = _("That is not the code in the server's log.")
    weakness = passwords.weakness(form.password.data, about=(form.email.data, form.name.data))
    if weakness is not None:
        problems["password"] = weakness
    return problems


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
