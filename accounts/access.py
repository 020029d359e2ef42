"""The door of every route: who may open it. A route that does not say so keeps the application from starting.

Two things stand before the doors: whoever needs a second factor and has none gets to the page that adds one and no
further, and whoever looks at the portal as somebody else only reads.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

import flask_login
from flask import Flask, abort, current_app, flash, g, redirect, request, url_for
from flask import session as cookie
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Response

from accounts import operations, queries
from accounts.limits import seconds_to_wait
from accounts.models import SignIn, User
from accounts.permissions import Permission
from core import clock
from core.doors import door_of, public
from core.errors import Refusal
from core.i18n import gettext as _
from core.races import current_attempt

__all__ = [
    "NotConfirmed",
    "confirms_password",
    "current_sign_in",
    "door_of",
    "enter",
    "halfway_sign_in",
    "is_api_request",
    "leave",
    "let_in",
    "may_open",
    "own_path",
    "public",
    "requires",
    "signed_in",
    "signed_in_user",
    "stop_halfway",
    "viewer",
    "visitor",
    "wait_for_second_factor",
]

View = TypeVar("View", bound=Callable[..., Any])

login_manager = flask_login.LoginManager()
login_manager.session_protection = None


class NotConfirmed(Exception):
    """A form came whose sender has not shown who they are within the last ten minutes."""


class NobodyIsSignedIn(RuntimeError):
    """A view asked who is there, though its door lets anyone in."""


def signed_in_user() -> User:
    """Who makes this request: a person by their session, or a machine by its key."""
    person = g.get("person")
    if person is None:
        raise NobodyIsSignedIn
    return cast(User, person)


def visitor() -> User | None:
    """Who makes this request, or ``None`` for a stranger."""
    return cast("User | None", g.get("person"))


def viewer() -> User | None:
    """The manager who looks at the portal as :func:`visitor`, or ``None`` when everybody is themselves."""
    return cast("User | None", g.get("viewer"))


def current_sign_in() -> SignIn:
    """The browser session of this request."""
    return cast(SignIn, g.sign_in)


def requires(permission: Permission) -> Callable[[View], View]:
    """Only who has ``permission`` may open it; others sign in (401 over the API), or get 403."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            return _turn_away(permission) or view(*args, **kwargs)

        guarded.door = permission  # type: ignore[attr-defined]
        return cast(View, guarded)

    return guard


def signed_in(view: View) -> View:
    """Anybody who is signed in may open it."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        return _turn_away(None) or view(*args, **kwargs)

    guarded.door = "signed in"  # type: ignore[attr-defined]
    return cast(View, guarded)


def confirms_password(view: View) -> View:
    """Asks once more who one is when that was not shown within the last ten minutes (money, bank details, keys).

    By password, and second factor where there is one, or by a passkey, or at the identity provider. Goes below
    :func:`requires`. A form that was sent waits in the page that asks (:mod:`accounts.held`), but for its files.
    """

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if is_api_request() or current_sign_in().is_fresh:
            return view(*args, **kwargs)
        if request.method == "GET":
            return redirect(url_for("accounts.confirm_password", next=request.full_path.rstrip("?")))
        if any(upload.filename for upload in request.files.values()):
            flash(_("Files have to be chosen again."), "wait")
            return redirect(url_for("accounts.confirm_password", next=own_path(request.referrer)))
        raise NotConfirmed

    return cast(View, guarded)


def _turn_away(permission: Permission | None) -> Response | None:
    person = visitor()
    if person is None:
        if is_api_request():
            abort(401, description=_("Send a valid key as “Authorization: Bearer …”."))
        back = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("accounts.sign_in", next=back))
    if permission is not None and not person.may(permission):
        abort(403)
    return None


def is_api_request() -> bool:
    """Whether a machine speaks: keys only, no cookies."""
    return request.path.startswith("/api/")


def own_path(address: str | None) -> str:
    """A path of this portal to go back to; anything else becomes the home page (no open redirect)."""
    if not address:
        return "/"
    parts = urlsplit(address)
    known = not parts.netloc or parts.netloc == request.host
    if not known or parts.scheme not in ("", "http", "https") or not parts.path.startswith("/"):
        return "/"
    if parts.path.startswith("//") or "\\" in address or any(ord(sign) < 32 for sign in address):
        return "/"
    return parts.path + (f"?{parts.query}" if parts.query else "")


def enter(user: User, secret: str) -> None:
    """Puts a fresh session into the browser; whatever the cookie held before is gone (no session fixation)."""
    locale = cookie.get("locale")
    cookie.clear()
    cookie.permanent = True
    if locale:
        cookie["locale"] = locale
    flask_login.login_user(Seat(user, secret))
    g.person = user


def wait_for_second_factor(secret: str, back: str) -> Response:
    """Keeps half a session in the cookie and leads to the page that asks for the second factor."""
    locale = cookie.get("locale")
    cookie.clear()
    if locale:
        cookie["locale"] = locale
    cookie["halfway"] = secret
    return redirect(url_for("accounts.second_factor", next=back))


def let_in(user: User, sentence: str) -> Response:
    """Signs in somebody who has just proved who they are, up to their second factor; says ``sentence`` inside."""
    secret = operations.open_sign_in(
        user, address=request.remote_addr or "", browser=request.user_agent.string
    )
    if queries.halfway_sign_in(secret) is not None:
        answer = wait_for_second_factor(secret, url_for("core.home"))
    else:
        enter(user, secret)
        answer = redirect(url_for("core.home"))
    flash(sentence, "good")  # after the door, which empties the cookie that carries it
    return answer


def halfway_sign_in() -> SignIn | None:
    """The half session of this browser, while it waits for its second factor."""
    secret = cookie.get("halfway")
    return queries.halfway_sign_in(secret) if isinstance(secret, str) else None


def stop_halfway() -> None:
    """Forgets the half session of this browser."""
    cookie.pop("halfway", None)


def leave() -> None:
    """Empties the browser's cookie."""
    flask_login.logout_user()
    cookie.clear()
    g.person = None


def refuse_undeclared_doors(app: Flask) -> None:
    """The start-up check. Raises RuntimeError naming every route that declares no access."""
    open_ended = sorted(name for name, view in app.view_functions.items() if door_of(view) is None)
    if open_ended:
        raise RuntimeError(f"These routes do not say who may open them: {', '.join(open_ended)}")


class Seat(flask_login.UserMixin):  # type: ignore[misc]
    """Who sits at this request, as Flask-Login sees it: a person with a session, or a machine with a key."""

    def __init__(self, user: User, secret: str, sign_in: SignIn | None = None) -> None:
        self.user = user
        self.secret = secret
        self.sign_in = sign_in

    def get_id(self) -> str:
        """What the cookie keeps: the session's secret, never the user's number."""
        return self.secret


@login_manager.user_loader  # type: ignore[untyped-decorator]
def _seat_by_cookie(secret: str) -> Seat | None:
    if is_api_request():
        return None
    row = queries.open_sign_in(secret)
    return Seat(row.user, secret, row) if row is not None else None


@login_manager.request_loader  # type: ignore[untyped-decorator]
def _seat_by_key(_request: Any) -> Seat | None:
    kind, _space, secret = request.headers.get("Authorization", "").partition(" ")
    if not is_api_request() or kind.lower() != "bearer" or not secret or len(secret) > 200:
        return None
    key = queries.good_key(secret.strip())
    if key is None or (key.addresses and request.remote_addr not in key.addresses):
        return None
    g.api_key = key
    _refuse_a_flood(f"key:{key.id}", current_app.config["API_REQUESTS_PER_MINUTE"])
    if key.last_used_at is None or (clock.now() - key.last_used_at).total_seconds() > 60:
        # Where no key is needed, the address is counted next, aside as well: nothing may be written before that
        is_counted_next = door_of(current_app.view_functions.get(request.endpoint or "")) == "public"
        operations.note_use(key, apart=request.method == "GET" or is_counted_next)
    return Seat(key.user, secret)


def _refuse_a_flood(caller: str, per_minute: int) -> None:
    attempt = current_attempt()
    if attempt is not None and attempt.number:
        return  # counted at its first try
    wait = seconds_to_wait(caller, per_minute=per_minute)
    if wait:
        raise TooManyRequests(_("That was too often. Wait as long as Retry-After says."), retry_after=wait)


def _know_who_it_is() -> None:
    g.person = None
    g.viewer = None
    g.sign_in = None
    if request.endpoint in {"static", "bootstrap.static"} or (request.endpoint is None and is_api_request()):
        return
    seat = flask_login.current_user._get_current_object()
    if not isinstance(seat, Seat):
        if is_api_request():
            # Whoever has no key that works gets a tenth of what one may
            strangers = max(1, current_app.config["API_REQUESTS_PER_MINUTE"] // 10)
            _refuse_a_flood(f"address:{request.remote_addr}", strangers)
        return
    g.person = seat.user
    g.sign_in = seat.sign_in
    if seat.sign_in is not None and seat.sign_in.viewing_as is not None:
        g.viewer = seat.user
        g.person = seat.sign_in.viewing_as


#: What somebody who still has to add a second factor may open.
_ON_THE_WAY = {
    "accounts.two_factor", "accounts.new_app", "accounts.app_confirmation", "accounts.new_passkey",
    "accounts.passkey_options", "accounts.confirm_password", "accounts.provider_sign_in", "accounts.provider_answer",
    "accounts.sign_out", "core.language", "core.brand_css", "core.logo", "core.legal", "core.healthz", "core.readyz",
}  # fmt: skip
#: What somebody who looks as another may send, and what of a person's own pages they may read.
_LOOKING = {"accounts.viewing_end", "accounts.sign_out", "core.language"}
_READ_AS_THEY_DO = {"accounts.find"}


def _ask_for_a_second_factor() -> Response | None:
    person = visitor()
    if (
        person is None
        or person.is_machine
        or viewer() is not None
        or request.endpoint in {*_ON_THE_WAY, None}
    ):
        return None
    if operations.needs_a_second_factor(person):
        return redirect(url_for("accounts.two_factor"))
    return None


def _only_look() -> None:
    """Raises Refusal when somebody who looks as another sends something, or opens what is that person's alone."""
    person, endpoint = visitor(), request.endpoint
    if viewer() is None or person is None or endpoint is None or endpoint in _LOOKING:
        return
    view = current_app.view_functions[endpoint]
    is_read = request.method in {"GET", "HEAD", "OPTIONS"} and not getattr(view, "writes", False)
    if not is_read:
        raise Refusal(_("You are looking at the portal as somebody else, so nothing can be changed."))
    if endpoint.startswith("accounts.") and endpoint not in _READ_AS_THEY_DO:
        raise Refusal(
            _(
                "This page belongs to %(name)s alone and stays closed while you look as they do.",
                name=person.name,
            )
        )


def init_app(app: Flask) -> None:
    login_manager.init_app(app)
    app.before_request(_know_who_it_is)
    app.before_request(_ask_for_a_second_factor)
    app.before_request(_only_look)
    app.jinja_env.globals["may_open"] = may_open


def may_open(endpoint: str) -> bool:
    """Whether the door of a page stands open for whoever is here, so that no link leads to a refusal."""
    person, door = visitor(), door_of(current_app.view_functions[endpoint])
    if isinstance(door, Permission):
        return person is not None and person.may(door)
    return door == "public" or person is not None


def current_app_doors() -> dict[str, Any]:
    """Every endpoint with its door, for the permissions page and ``flask routes --json``."""
    return {name: door_of(view) for name, view in current_app.view_functions.items()}
