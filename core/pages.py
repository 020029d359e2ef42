"""The pages that belong to no domain: errors, health, language, brand, legal texts, the API's own description."""

import logging
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
from werkzeug.exceptions import HTTPException

from core import api, settings, storage
from core.database import end_request, session
from core.doors import public
from core.errors import InvalidInput, Refusal
from core.i18n import LOCALES
from core.i18n import gettext as _
from core.jobs import Job
from core.waiting import waiting_for

log = logging.getLogger(__name__)
pages = Blueprint("core", __name__)


@pages.post("/language")
@public
def language() -> Any:
    """Speaks another language from now on, in this browser."""
    if request.form.get("locale") in LOCALES:
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


_LEGAL = {"privacy": settings.PRIVACY_TEXT, "terms": settings.TERMS_TEXT, "imprint": settings.IMPRINT_TEXT}


@pages.get("/legal/<page>")
@public
def legal(page: str) -> Any:
    """Privacy notice, terms, imprint, as the programme wrote them."""
    text = _LEGAL[page].value() if page in _LEGAL else ""
    if not text:
        abort(404)
    return render_template("layouts/legal.html", heading=_LEGAL[page].label, text=text)


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


@pages.get("/api/v1/openapi.json")
@public
def openapi() -> Any:
    """The API described for machines."""
    return jsonify(current_app.extensions["portal_api"].spec.to_dict())


@pages.get("/api/docs")
@public
def api_docs() -> Any:
    """The API described for people; made from the same document."""
    return render_template(
        "layouts/api_docs.html", document=current_app.extensions["portal_api"].spec.to_dict()
    )


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


def _page(status: int, sentence: str) -> tuple[str, int]:
    heading = _HEADINGS.get(status, lambda: _("That did not work"))()
    back = current_app.extensions["own_path"](request.referrer) if request.method == "POST" else "/"
    return (
        render_template(
            "errors/error.html",
            heading=heading,
            sentence=sentence,
            next_url=back,
            next_text=_("Back to where you were") if back != "/" else _("To the first page"),
        ),
        status,
    )


_SENTENCES = {
    400: lambda: _("The browser sent something this page cannot read."),
    403: lambda: _("Your role does not open this page. An admin can change your role."),
    404: lambda: _("There is nothing at this address, or it is not yours to see."),
    405: lambda: _("This address is for another kind of request."),
    413: lambda: _("That is larger than the portal takes."),
    429: lambda: _("That was too often. Wait a little and try again."),
}


def _answer(error: Exception, status: int, sentence: str) -> Any:
    """The error as a page, or for machines as a problem document. What the request did is undone first."""
    end_request(keep=False)
    if request.path.startswith("/api/"):
        return api.problem_of(error)
    try:
        return _page(status, sentence)
    except Exception:
        log.exception("the error page itself broke")
        return Markup("<!doctype html><title>{0}</title><h1>{0}</h1>").format(sentence), status


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

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Any:
        status = error.code or 500
        if status < 400:
            return error
        sentence = _SENTENCES.get(status, lambda: str(error.description))()
        answer = app.make_response(_answer(error, status, sentence))
        for name, value in error.get_headers():
            if name in {"Allow", "Retry-After"}:
                answer.headers[name] = value
        if status == 429:
            limit = getattr(error, "limit", None)
            answer.headers.setdefault(
                "Retry-After", str(limit.limit.get_expiry() if limit is not None else 60)
            )
        return answer

    @app.errorhandler(sa.exc.OperationalError)
    def database_is_busy(error: sa.exc.OperationalError) -> Any:
        log.error("the database did not answer: %s", error.orig)
        answer = app.make_response(
            _answer(
                error, 503, _("The database is busy or away. Nothing was changed; try again in a moment.")
            )
        )
        answer.status_code = 503
        answer.headers["Retry-After"] = "5"
        return answer

    @app.errorhandler(Exception)
    def broken(error: Exception) -> Any:
        log.exception("unexpected error at %s", request.path)
        if app.config.get("PROPAGATE_EXCEPTIONS"):
            raise error
        return _answer(error, 500, _("Something broke on our side. Nothing was changed."))

    @app.before_request
    def know_the_host() -> None:
        g.frame_ancestors = None
        host = request.host.rsplit(":", 1)[0]
        if host not in app.config["KNOWN_HOSTS"] and request.path not in {"/healthz", "/readyz"}:
            abort(400)
