"""What every answer says to the browser: a strict content security policy, no framing, no sniffing, no caching."""

from urllib.parse import urlsplit

from flask import Flask, Response, g, request
from werkzeug.exceptions import Forbidden

from core.i18n import gettext as _

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "manifest-src": "'self'",
    "frame-src": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}


def frame_ancestors(origins: str) -> None:
    """Lets this one answer be framed by ``origins`` (the embedded form alone)."""
    g.frame_ancestors = origins


def frame_sources(origins: str) -> None:
    """Lets this one page frame ``origins`` (the preview of the embedded form)."""
    g.frame_sources = origins


def comes_from_elsewhere() -> bool:
    """Whether another site's page sent this request, as the browser itself says; old ones say only their origin."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in {"same-origin", "none"}
    origin = request.headers.get("Origin", "null")
    return origin != "null" and urlsplit(origin).netloc != request.host


class FromAnotherSite(Forbidden):
    """Another site's page sent this."""

    @property
    def sentence(self) -> str:
        return _("Another site sent this. Open the portal itself and do it there.")


def init_app(app: Flask) -> None:
    hosts = {str(urlsplit(app.config["BASE_URL"]).hostname), "localhost", "127.0.0.1"}
    if app.config["KIND"] == "production":
        hosts = {str(urlsplit(app.config["BASE_URL"]).hostname)}
    app.config["KNOWN_HOSTS"] = hosts

    @app.before_request
    def refuse_other_sites() -> None:
        """Beside the token: what another site's page sends is refused, even if it should ever get hold of one."""
        is_unsafe = request.method not in {"GET", "HEAD", "OPTIONS"} and request.endpoint is not None
        # What is exempt has a proof of its own: a signature, a key, the token of the embedded form
        if is_unsafe and comes_from_elsewhere() and not app.extensions["csrf"]._is_exempt():
            raise FromAnotherSite

    @app.after_request
    def protect(response: Response) -> Response:
        policy = dict(POLICY)
        ancestors = g.get("frame_ancestors")
        if ancestors:
            policy["frame-ancestors"] = ancestors
        else:
            response.headers["X-Frame-Options"] = "DENY"
        if g.get("frame_sources"):
            policy["frame-src"] = g.frame_sources
        response.headers.setdefault(
            "Content-Security-Policy", "; ".join(f"{name} {value}" for name, value in policy.items())
        )
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer" if g.get("no_referrer") else "same-origin"
        response.headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(), payment=()"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        if request.endpoint not in {"static", "bootstrap.static"}:
            response.headers.setdefault("Cache-Control", "no-store")
        if app.config["SESSION_COOKIE_SECURE"]:
            response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        return response
