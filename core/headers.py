"""What every answer says to the browser: a strict content security policy, no framing, no sniffing, no caching."""

from urllib.parse import urlsplit

from flask import Flask, Response, g, request

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


def init_app(app: Flask) -> None:
    hosts = {str(urlsplit(app.config["BASE_URL"]).hostname), "localhost", "127.0.0.1"}
    if app.config["KIND"] == "production":
        hosts = {str(urlsplit(app.config["BASE_URL"]).hostname)}
    app.config["KNOWN_HOSTS"] = hosts

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
