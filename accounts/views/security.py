"""My second factors: authenticator apps, passkeys, recovery codes."""

from typing import Any

import segno
import sqlalchemy as sa
from flask import abort, flash, redirect, render_template, url_for

from accounts import operations, queries
from accounts.access import confirms_password, signed_in, signed_in_user
from accounts.forms import AppConfirmationForm, FactorNameForm, NewAppForm, NewPasskeyForm
from accounts.limits import per_address, per_person
from accounts.models import AuthenticatorApp, Passkey
from accounts.operations import factors, passkeys
from accounts.views import accounts
from core.database import session
from core.errors import InvalidInput
from core.i18n import gettext as _


@accounts.get("/account/two-factor")
@signed_in
@confirms_password
def two_factor() -> Any:
    """What I show beside my password, and how to add one more."""
    me = signed_in_user()
    return (
        _page(NewPasskeyForm(formdata=None), NewAppForm(formdata=None)) if not me.is_machine else abort(404)
    )


def _page(passkey_form: NewPasskeyForm, app_form: NewAppForm) -> str:
    me = signed_in_user()
    apps = session.scalars(queries.apps_of(me)).all()
    keys = session.scalars(queries.passkeys_of(me)).all()
    return render_template(
        "accounts/two_factor.html",
        me=me,
        apps=apps,
        passkeys=keys,
        is_last_needed=len(apps) + len(keys) == 1 and factors.must_keep_one(me),
        codes_left=queries.recovery_codes_left(me),
        is_missing=operations.needs_a_second_factor(me),
        passkey_form=passkey_form,
        app_form=app_form,
    )


def _added(codes: list[str], sentence: str) -> Any:
    """The recovery codes, once, or back to the list. Whom the portal kept out until now goes in from there."""
    if codes:
        onwards = url_for("core.home" if factors.must_keep_one(signed_in_user()) else "accounts.two_factor")
        return render_template(
            "accounts/recovery_codes.html", codes=codes, sentence=sentence, onwards=onwards
        )
    flash(sentence, "good")
    return redirect(url_for("accounts.two_factor"))


@accounts.post("/account/two-factor/apps")
@signed_in
@confirms_password
def new_app() -> Any:
    """Begins an authenticator app; the next page shows its QR code."""
    form = NewAppForm()
    if not form.validate():
        return _page(NewPasskeyForm(formdata=None), form), 422
    app = factors.begin_app(signed_in_user(), name=form.app_name.data or "")
    return redirect(url_for("accounts.app_confirmation", app_id=app.id))


def _my(kind: type[AuthenticatorApp] | type[Passkey], factor_id: int) -> Any:
    mine = sa.select(kind).where(kind.id == factor_id, kind.user_id == signed_in_user().id)
    return session.scalar(mine) or abort(404)


def _me() -> int:
    return signed_in_user().id


@accounts.route("/account/two-factor/apps/<int:app_id>", methods=["GET", "POST"])
@signed_in
@confirms_password
@per_person(_me)
def app_confirmation(app_id: int) -> Any:
    """The QR code for the app, and the digits that prove that it arrived."""
    app: AuthenticatorApp = _my(AuthenticatorApp, app_id)
    if app.confirmed_at is not None:
        return redirect(url_for("accounts.two_factor"))
    form = AppConfirmationForm()
    if form.was_sent_and_holds():
        try:
            codes = factors.confirm_app(app, form.code.data)
        except InvalidInput as problem:
            form.complain(problem)
        else:
            return _added(
                codes, _("%(name)s is set up: from now on its digits are asked for.", name=app.name)
            )
    secret, address = factors.secret_of(app), factors.address_of(app)
    body = render_template(
        "accounts/new_app.html",
        app=app,
        form=form,
        address=address,
        picture=segno.make(address, error="m").svg_data_uri(scale=4, border=3, light="#fff"),
        secret=" ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
    )
    return body, form.status


@accounts.post("/account/two-factor/passkeys")
@signed_in
@confirms_password
@per_address("30 per 5 minutes")
def new_passkey() -> Any:
    """Keeps the passkey that the browser has just made."""
    form = NewPasskeyForm()
    if form.was_sent_and_holds():
        try:
            codes = passkeys.add_passkey(
                signed_in_user(), form.credential.data, name=form.passkey_name.data or ""
            )
        except InvalidInput as problem:
            form.complain(InvalidInput({"": " ".join(problem.problems.values())}))
        else:
            return _added(codes, _("Your passkey is ready: from now on you can sign in with it alone."))
    return _page(form, NewAppForm(formdata=None)), 422


@accounts.post("/account/two-factor/recovery-codes")
@signed_in
@confirms_password
def new_codes() -> Any:
    """Ten new codes, shown once."""
    me = signed_in_user()
    if not me.has_two_factors:
        abort(404)
    return _added(
        factors.new_recovery_codes(me), _("These are your new codes; the earlier ones no longer work.")
    )


@accounts.post("/account/two-factor/apps/<int:app_id>/removal")
@signed_in
@confirms_password
def app_removal(app_id: int) -> Any:
    """Takes an authenticator app away."""
    return _remove(_my(AuthenticatorApp, app_id))


@accounts.post("/account/two-factor/passkeys/<int:passkey_id>/removal")
@signed_in
@confirms_password
def passkey_removal(passkey_id: int) -> Any:
    """Takes a passkey away."""
    return _remove(_my(Passkey, passkey_id))


def _remove(factor: AuthenticatorApp | Passkey) -> Any:
    name = factor.name
    factors.remove_factor(factor, by=signed_in_user())
    flash(_("%(name)s no longer opens your account.", name=name), "good")
    return redirect(url_for("accounts.two_factor"))


@accounts.post("/account/two-factor/passkeys/<int:passkey_id>/name")
@signed_in
def passkey_name(passkey_id: int) -> Any:
    """Another name for a passkey."""
    return _rename(_my(Passkey, passkey_id))


@accounts.post("/account/two-factor/apps/<int:app_id>/name")
@signed_in
def app_name(app_id: int) -> Any:
    """Another name for an authenticator app."""
    return _rename(_my(AuthenticatorApp, app_id))


def _rename(factor: AuthenticatorApp | Passkey) -> Any:
    form = FactorNameForm()
    if form.was_sent_and_holds():
        factors.rename_factor(factor, form.name.data)
        flash(_("Saved."), "good")
    else:
        flash(" ".join(str(sentence) for field in form for sentence in field.errors), "bad")
    return redirect(url_for("accounts.two_factor"))
