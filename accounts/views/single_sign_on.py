"""To the vendor's identity provider and back."""

import hmac
import json
from dataclasses import asdict
from typing import Any

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask import session as cookie

from accounts import access, operations, provider
from accounts.access import own_path, public, visitor
from accounts.held import opened_for
from accounts.limits import per_address
from accounts.models import User
from accounts.operations.single_sign_on import person_behind, refuse_another
from accounts.views import accounts
from core import mail
from core.database import outside, writes
from core.errors import Refusal
from core.i18n import gettext as _
from core.sealing import CannotUnseal, seal, unseal

_PURPOSE = "errand at the identity provider"


def _answer_address() -> str:
    return mail.absolute_url(url_for("accounts.provider_answer"))


@accounts.get("/sign-in/provider")
@public
@per_address("60 per 5 minutes")
def provider_sign_in() -> Any:
    """Sends the browser to the identity provider; with ``?confirm=1`` to show there once more who one is."""
    theirs = provider.configured() or abort(404)
    confirms = request.args.get("confirm") == "1" and visitor() is not None
    has_form = confirms and request.args.get("form") == "1"
    back = own_path(request.args.get("next"))
    try:
        with outside():
            address, errand = provider.begin(
                theirs,
                redirect_uri=_answer_address(),
                back=back,
                confirms=confirms,
                has_form=has_form,
            )
    except provider.NotBelieved as problem:
        current_app.logger.warning("sign-in at the provider: %s", problem)
        sentence = _("%(name)s does not answer. Try again in a moment.", name=theirs.name)
        return _back_to_the_form(sentence, back) if has_form else _back_to_signing_in(sentence)
    cookie["errand"] = seal(_PURPOSE, json.dumps(asdict(errand)))
    return redirect(address)


@accounts.get("/sign-in/provider/answer")
@public
@writes
@per_address("60 per 5 minutes")
def provider_answer() -> Any:
    """What the provider sent the browser back with."""
    theirs = provider.configured() or abort(404)
    errand = _errand()
    if errand is None or not hmac.compare_digest(errand.state, request.args.get("state", "")):
        return _back_to_signing_in(_("That sign-in was not begun in this browser, or too long ago."))
    me = visitor()

    def turned_away(sentence: str) -> Any:
        if errand.has_form and me is not None:
            return _back_to_the_form(sentence, errand.back)
        return _back_to_signing_in(sentence)

    if "code" not in request.args:
        return turned_away(_("%(name)s has not let you in.", name=theirs.name))
    try:
        with outside():
            identity = provider.finish(
                theirs, errand, redirect_uri=_answer_address(), code=request.args["code"][:2000]
            )
    except provider.NotBelieved as problem:
        current_app.logger.warning("sign-in at the provider: %s", problem)
        return turned_away(_("%(name)s has not let you in.", name=theirs.name))
    try:
        if errand.confirms and me is not None:
            refuse_another(me, identity, began_at=errand.began_at)
            operations.confirm_identity(access.current_sign_in())
            return _go_on(me, errand)
        user = person_behind(
            identity,
            new_role=current_app.config["OIDC_NEW_ROLE"],
            domains=current_app.config["OIDC_DOMAINS"],
        )
    except Refusal as refusal:
        return turned_away(refusal.sentence)
    secret = operations.open_sign_in(
        user, address=request.remote_addr or "", browser=request.user_agent.string, is_proved_twice=True
    )
    access.enter(user, secret)
    return redirect(own_path(errand.back))


def _errand() -> provider.Errand | None:
    kept = cookie.pop("errand", None)
    if not isinstance(kept, str):
        return None
    try:
        return provider.Errand(**json.loads(unseal(_PURPOSE, kept)))
    except CannotUnseal:
        return None


def _go_on(me: User, errand: provider.Errand) -> Any:
    """With the form that waited for the confirmation, else to the page that asked for it."""
    sign_in = access.current_sign_in()
    waiting = opened_for(me, operations.waiting_form(sign_in)) if errand.has_form else None
    if waiting is None:
        return redirect(own_path(errand.back))
    operations.forget_form(sign_in)
    return render_template("accounts/confirmed.html", waiting=waiting)


def _back_to_the_form(sentence: str, back: str) -> Any:
    """To the page that asks for a confirmation, where the form still waits."""
    flash(sentence, "bad")
    return redirect(url_for("accounts.confirm_password", next=back, form=1))


def _back_to_signing_in(sentence: str) -> Any:
    flash(sentence, "bad")
    return redirect(url_for("accounts.sign_in"))
