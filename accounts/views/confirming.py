"""Once more who one is, before something that matters."""

from typing import Any

from flask import abort, make_response, redirect, render_template, request, url_for

from accounts import operations, provider, queries
from accounts.access import NotConfirmed, current_sign_in, own_path, signed_in, signed_in_user, visitor
from accounts.forms import ConfirmForm, ConfirmTwiceForm, PasskeyForm
from accounts.held import held_form, opened_for, sealed_for
from accounts.limits import per_address, per_person
from accounts.models import Ceremony
from accounts.operations import passkeys
from accounts.views import accounts
from core.database import session
from core.errors import InvalidInput


def _whose_code() -> int | None:
    """Whose second factor may be guessed here. A passkey cannot be guessed, so it is always let in."""
    person = visitor()
    guesses = person is not None and person.has_two_factors and "credential" not in request.form
    return person.id if person is not None and guesses else None


@accounts.route("/confirm-password", methods=["GET", "POST"])
@signed_in
@per_address("30 per 5 minutes")
@per_person(_whose_code)
def confirm_password() -> Any:
    """Password and second factor, or a passkey; then on to where one wanted to go, or with what was sent."""
    me = signed_in_user()
    by_passkey = "credential" in request.form
    form, passkey_form = _forms()
    held = request.form.get("held", "")
    if request.method == "GET" and request.args.get("form") == "1":
        held = operations.waiting_form(current_sign_in())
    if request.method == "POST" and (passkey_form if by_passkey else form).validate():
        try:
            if by_passkey:
                passkeys.use_passkey(passkey_form.credential.data, Ceremony.CONFIRMATION, me)
                operations.confirm_identity(current_sign_in())
            else:
                code = form.code.data if isinstance(form, ConfirmTwiceForm) else ""
                operations.confirm_password(current_sign_in(), form.password.data, code)
        except InvalidInput as problem:
            form.complain(problem)
        else:
            waiting = opened_for(me, held)
            if waiting is not None:
                return render_template("accounts/confirmed.html", waiting=waiting)
            return redirect(own_path(request.args.get("next")))
    return _page(form, passkey_form, back=own_path(request.args.get("next")), held=held), form.status


@accounts.post("/confirm-password/provider")
@signed_in
@per_address("30 per 5 minutes")
def confirm_at_provider() -> Any:
    """Keeps the form that waits, and sends its sender to the identity provider.

    By a page that leads there: browsers do not let the answer to a form lead to another site.
    """
    theirs = provider.configured() or abort(404)
    held = request.form.get("held", "")
    has_form = opened_for(signed_in_user(), held) is not None
    if has_form:
        operations.keep_form(current_sign_in(), held)
    url = url_for(
        "accounts.provider_sign_in",
        confirm=1,
        next=own_path(request.args.get("next")),
        form=1 if has_form else None,
    )
    answer = make_response(render_template("accounts/to_provider.html", name=theirs.name, url=url))
    answer.headers["Refresh"] = f"0; url={url}"
    return answer


@accounts.app_errorhandler(NotConfirmed)
def not_confirmed(_problem: NotConfirmed) -> Any:
    """Asks before a form is taken. What was typed waits in the page; nothing was done with it yet."""
    held = sealed_for(signed_in_user(), held_form(request))
    form, passkey_form = _forms(fresh=True)
    return _page(form, passkey_form, back=own_path(request.referrer), held=held), 403


def _forms(*, fresh: bool = False) -> tuple[ConfirmForm, PasskeyForm]:
    """The two ways to confirm, as sent; ``fresh`` leaves what this request sent alone: it is for another page."""
    data = {"formdata": None} if fresh else {}
    kind = ConfirmTwiceForm if signed_in_user().has_two_factors else ConfirmForm
    return kind(**data), PasskeyForm(**data)


def _page(form: ConfirmForm, passkey_form: PasskeyForm, *, back: str, held: str) -> str:
    me = signed_in_user()
    return render_template(
        "accounts/confirm_password.html",
        form=form,
        passkey_form=passkey_form,
        has_passkeys=session.scalar(queries.passkeys_of(me).limit(1)) is not None,
        has_password=me.password_hash is not None,
        provider=provider.configured() if me.provider_subject else None,
        back=back,
        held=held,
    )
