"""The pages that belong to no domain: errors, health, language, brand, legal texts, the API's own description."""

import logging
import secrets
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    g,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from flask import session as cookie
from flask_wtf.csrf import CSRFError
from markupsafe import Markup
from prometheus_client import CONTENT_TYPE_LATEST
from werkzeug.exceptions import HTTPException

from core import api, clock, races, settings, storage
from core import metrics as core_metrics
from core.api_document import api_document
from core.database import end_request, session, undo_before_refusing
from core.doors import public
from core.errors import InvalidInput, Refusal
from core.i18n import current_locale, format_relative, offered_locales
from core.i18n import gettext as _
from core.jobs import Job
from core.waiting import waiting_for

log = logging.getLogger(__name__)
pages = Blueprint("core", __name__)


@pages.post("/language")
@public
def language() -> Any:
    """Speaks another language from now on, in this browser."""
    if request.form.get("locale") in offered_locales():
        cookie["locale"] = request.form["locale"]
        cookie.permanent = True
    return redirect(current_app.extensions["own_path"](request.form.get("next")))


@pages.get("/brand.css")
@public
def brand_css() -> Any:
    """The programme's own accent, over the portal's."""
    css = render_template("layouts/brand.css.jinja")
    answer = Response(css, mimetype="text/css")
    answer.headers["Cache-Control"] = "no-cache"
    answer.add_etag()
    return answer.make_conditional(request)


@pages.get("/logo")
@public
def logo() -> Any:
    """The vendor's logo, an image that was made anew when it was uploaded."""
    key = settings.LOGO.value()
    if not key:
        abort(404)
    answer = Response(storage.read(key), mimetype="image/png")
    answer.headers["Cache-Control"] = "public, max-age=300"
    return answer


@pages.get("/legal/<page>")
@public
def legal(page: str) -> Any:
    """Privacy notice, terms, imprint, as the programme wrote them."""
    text = settings.legal_text(page) if page in settings.LEGAL else ""
    if not text:
        abort(404)
    return render_template("layouts/legal.html", heading=settings.LEGAL[page][0].label, text=text)


@pages.get("/")
@public
def home() -> Any:
    """What waits for whoever is signed in; strangers are shown the front page."""
    person = g.get("person")
    if person is None:
        return redirect(url_for(current_app.extensions["front_page"]))
    return render_template("layouts/home.html", waiting=waiting_for(person))


@pages.get("/healthz")
@public
def healthz() -> Any:
    """The process answers."""
    return jsonify(status="ok")


@pages.get("/readyz")
@public
def readyz() -> Any:
    """Database there, migrations done, jobs not behind: 200, else 503 with what is not."""
    from core.migrating import is_current

    checks: dict[str, Any] = {}
    try:
        checks["database"] = session.scalar(sa.select(1)) == 1
        checks["migrations"] = is_current()
        checks["parked_jobs"] = session.scalar(sa.select(sa.func.count()).where(Job.parked_at.is_not(None)))
    except sa.exc.SQLAlchemyError:
        checks["database"] = False
    ready = bool(checks.get("database")) and bool(checks.get("migrations"))
    return jsonify(status="ready" if ready else "not ready", checks=checks), 200 if ready else 503


@pages.get("/metrics")
@public
def metrics() -> Any:
    """Figures for a monitoring system: with its token, or from this machine; to anybody else it does not exist."""
    if not core_metrics.may_read(current_app.config["METRICS_TOKEN"]):
        abort(404)
    return Response(core_metrics.text(), content_type=CONTENT_TYPE_LATEST)


@pages.get("/api/v1/openapi.json")
@public
def openapi() -> Any:
    """The API described for machines."""
    return jsonify(api_document(current_app))


@pages.get("/api/docs")
@public
def api_docs() -> Any:
    """The API described for people; made from the same document."""
    document = api_document(current_app)
    return render_template(
        "layouts/api_docs.html", document=document, chapters=_chapters(document), shape_of=_shape_of
    )


def _chapters(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The deeds of the API by what they are about: ``{name, about, deeds: [(verb, path, deed)]}``."""
    deeds = [
        (verb, path, deed)
        for path, there in document["paths"].items()
        for verb, deed in there.items()
        if verb != "parameters"
    ]
    return [
        {
            "name": tag["name"],
            "about": tag.get("description", ""),
            "deeds": [one for one in deeds if tag["name"] in one[2]["tags"]],
        }
        for tag in document["tags"]
    ]


def _shape_of(about: dict[str, Any]) -> tuple[str, str]:
    """How a field is said to people: words for its type, and the name of the shape to look at, if it has one."""
    for part in (about, about.get("items", {}), *about.get("anyOf", ()), *about.get("allOf", ())):
        if "$ref" in part:
            name = str(part["$ref"]).rpartition("/")[2]
            return (_("list of %(what)s", what=name) if part is about.get("items") else name), name
    kinds = about.get("type", "")
    words = ", ".join(kinds) if isinstance(kinds, list) else str(kinds)
    if "items" in about:
        words = _("list of %(what)s", what=_shape_of(about["items"])[0])
    if about.get("format"):
        words = f"{words} ({about['format']})"
    if about.get("enum"):
        words = f"{words}: {', '.join(str(one) for one in about['enum'])}"
    return words, ""


_HEADINGS = {
    403: lambda: _("This page is not for your role"),
    404: lambda: _("Nothing here"),
    409: lambda: _("That is not possible now"),
    413: lambda: _("Too large"),
    422: lambda: _("Something needs another look"),
    429: lambda: _("Too many tries"),
    500: lambda: _("Something broke"),
    503: lambda: _("Back in a moment"),
}


#: Parts of names of fields that are not written into a page again.
_SECRETS = ("password", "secret", "code", "token")


def _typed() -> list[tuple[str, str]]:
    """What was typed into the form that was sent, so that it can be sent once more; nothing where a secret is in it."""
    if request.method != "POST" or request.is_json:
        return []
    typed = list(request.form.items(multi=True))
    names = {name for name, _value in typed} - {"csrf_token", "form_token"}
    return [] if any(secret in name.lower() for name in names for secret in _SECRETS) else typed


def _sending_again(status: int) -> dict[str, Any]:
    """What an error page needs to send the same form once more, when it was the database that did not carry it out."""
    hint = _("What you typed is still here.")
    if status == 503 and request.files:
        hint = f"{hint} {_('Files have to be chosen again.')}"
    return {
        "typed": _typed() if status == 503 else [],
        "again_url": request.full_path.rstrip("?"),
        "hint": hint,
        "again": _("Send it again"),
    }


def _onward(status: int) -> tuple[str, str]:
    """Where the error page leads, and what stands on the button."""
    own_path = current_app.extensions["own_path"]
    if request.method == "POST":
        back = own_path(request.referrer)
        return back, _("Back to where you were") if back != "/" else _("To the first page")
    if status == 503:
        return own_path(request.full_path.rstrip("?")), _("Try again")
    return "/", _("To the first page")


def _page(status: int, sentence: str, reference: str) -> tuple[str, int]:
    heading = _HEADINGS.get(status, lambda: _("That did not work"))()
    next_url, next_text = _onward(status)
    return (
        render_template(
            "errors/error.html",
            heading=heading,
            sentence=sentence,
            **_sending_again(status),
            next_url=next_url,
            next_text=next_text,
            reference=reference,
        ),
        status,
    )


_SENTENCES = {
    400: lambda: _("The browser sent something this page cannot read."),
    403: lambda: _("Your role does not open this page. An admin can change your role."),
    404: lambda: _("There is nothing at this address, or it is not yours to see."),
    405: lambda: _("This address is for another kind of request."),
    413: lambda: _(
        "That is larger than the portal takes: %(most)s MB at once, all files together. Nothing was changed.",
        most=(request.max_content_length or 0) // 1024**2,
    ),
}


def _seconds_to_wait(error: HTTPException) -> int:
    """After how long a limit lets somebody in again at the latest: the length of its window."""
    limit = getattr(error, "limit", None)
    return int(limit.limit.get_expiry()) if limit is not None else 60


def _after(seconds: int) -> str:
    """``in 5 minutes``, in the reader's language."""
    return format_relative(clock.now() + timedelta(seconds=seconds))


def _bare_page(status: int, sentence: str) -> str:
    """The error page that asks the database nothing: no name, no menu, no person."""
    try:
        page = current_app.jinja_env.get_template("errors/bare.html")
        heading = _HEADINGS.get(status, lambda: _("That did not work"))()
        return page.render(
            locale=current_locale(), heading=heading, sentence=sentence, **_sending_again(status)
        )
    except Exception:
        log.exception("the bare error page broke, too")
        return Markup("<!doctype html><title>{0}</title><h1>{0}</h1>").format(sentence)


def _answer(error: Exception, status: int, sentence: str, reference: str = "") -> Any:
    """The error as a page, or for machines as a problem document. What the request did is undone first.

    By the ``reference`` on the page the operator finds the line in the log.
    """
    if isinstance(error, Refusal):
        undo_before_refusing(error)
    else:
        end_request(keep=False)
    if request.path.startswith("/api/"):
        return api.problem_of(error)
    try:
        return _page(status, sentence, reference)
    except Exception:
        log.exception("the error page itself broke")
        return _bare_page(status, sentence), status


def _is_done_again(error: sa.exc.DBAPIError) -> bool:
    """Whether the edge hands this request in once more; then what it did is undone."""
    attempt = races.current_attempt()
    if attempt is None:
        return False
    reads = request.method in {"GET", "HEAD", "OPTIONS"} and not session.info.get("has_written")
    if not attempt.loses(error, what=str(request.endpoint), only_reads=reads):
        return False
    end_request(keep=False)
    return True


def init_app(app: Flask) -> None:
    app.register_blueprint(pages)

    @app.errorhandler(Refusal)
    def refused(error: Refusal) -> Any:
        return _answer(error, 409, error.sentence)

    @app.errorhandler(InvalidInput)
    def invalid(error: InvalidInput) -> Any:
        return _answer(error, 422, " ".join(error.problems.values()))

    @app.errorhandler(CSRFError)
    def stale_form(error: CSRFError) -> Any:
        return _answer(
            error, 400, _("This page was open for too long. Go back, load it again, and send it once more.")
        )

    def unkept(error: sa.exc.DBAPIError) -> Any:
        if _is_done_again(error):
            return "", 503  # nobody reads this: the edge hands the request in once more
        log.error("the database did not answer: %s", error.orig)
        answer = app.make_response(_answer(error, 503, api.why_unavailable(error)))
        answer.status_code = 503
        answer.headers["Retry-After"] = "5"
        return answer

    app.register_error_handler(sa.exc.OperationalError, unkept)
    app.register_error_handler(sa.exc.InterfaceError, unkept)

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Any:
        status = error.code or 500
        cause = getattr(error, "original_exception", None)
        if isinstance(cause, sa.exc.OperationalError | sa.exc.InterfaceError):
            return unkept(cause)  # it was the commit that failed, after the view had answered
        if status < 400:
            return error
        own = str(getattr(error, "sentence", ""))
        if status == 429:
            own = own or _("That was too often. Try again %(when)s.", when=_after(_seconds_to_wait(error)))
        sentence = own or _SENTENCES.get(status, lambda: str(error.description))()
        answer = app.make_response(_answer(error, status, sentence))
        for name, value in error.get_headers():
            if name in {"Allow", "Retry-After"}:
                answer.headers[name] = value
        if status == 429:
            answer.headers.setdefault("Retry-After", str(_seconds_to_wait(error)))
        return answer

    @app.errorhandler(Exception)
    def broken(error: Exception) -> Any:
        reference = secrets.token_hex(4)
        # The endpoint, not the address: that may hold a secret
        log.exception("unexpected error at %s, told as %s", request.endpoint, reference)
        if app.config.get("PROPAGATE_EXCEPTIONS"):
            raise error
        return _answer(error, 500, _("Something broke on our side. Nothing was changed."), reference)

    @app.before_request
    def know_the_host() -> None:
        g.frame_ancestors = None
        host = request.host.rsplit(":", 1)[0]
        if host not in app.config["KNOWN_HOSTS"] and request.path not in {"/healthz", "/readyz", "/metrics"}:
            abort(400)
