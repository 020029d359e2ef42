"""What the environment says: every setting of an installation, read once at the start."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask


class Misconfigured(RuntimeError):
    """The portal refuses to start like this; the message says what to change."""


def read_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    """The application's configuration from environment variables (see docs/running.md for each).

    ``GUILDHALL_ENV`` is ``production`` (the default), ``demo`` or ``test``.
    """
    kind = environment.get("GUILDHALL_ENV", "production")
    if kind not in {"production", "demo", "test"}:
        raise Misconfigured(f"GUILDHALL_ENV is {kind!r}; it can be production, demo or test.")
    var = Path(environment.get("GUILDHALL_VAR", "var")).absolute()
    base_url = environment.get("BASE_URL", "http://localhost:8000").rstrip("/")
    offset = int(environment.get("CLOCK_OFFSET", "0") or "0")
    production = kind == "production"
    if production and offset:
        raise Misconfigured("CLOCK_OFFSET is for the demo and for tests; production lives in the present.")
    if production and not environment.get("SECRET_KEY"):
        raise Misconfigured("SECRET_KEY is missing: a long random text, the same for every process.")
    return {
        "KIND": kind,
        "TESTING": kind == "test",
        "VAR": var,
        "SECRET_KEY": environment.get("SECRET_KEY") or _kept_secret(var),
        "DATABASE_URL": _database_url(environment.get("DATABASE_URL") or f"sqlite:///{var / 'guildhall.db'}"),
        "DATABASE_OWNER_URL": _database_url(environment.get("DATABASE_OWNER_URL", "")),
        "LEDGER_OWNER_SERVES": environment.get("LEDGER_OWNER_SERVES", "") == "yes",
        "BASE_URL": base_url,
        "MAIL_URL": environment.get("MAIL_URL", "" if production else f"file://{var / 'mail'}"),
        "STORAGE_URL": environment.get("STORAGE_URL", f"file://{var / 'files'}"),
        "REDIS_URL": environment.get("REDIS_URL", ""),
        "STRIPE_API_KEY": environment.get("STRIPE_API_KEY", ""),
        "STRIPE_API_BASE": environment.get("STRIPE_API_BASE", "https://api.stripe.com"),
        "STRIPE_WEBHOOK_SECRET": environment.get("STRIPE_WEBHOOK_SECRET", ""),
        "TRUSTED_PROXIES": int(environment.get("TRUSTED_PROXIES", "0")),
        "EMBED_ORIGINS": environment.get("EMBED_ORIGINS", "").split(),
        "OIDC_ISSUER": environment.get("OIDC_ISSUER", "").rstrip("/"),
        "OIDC_CLIENT_ID": environment.get("OIDC_CLIENT_ID", ""),
        "OIDC_CLIENT_SECRET": environment.get("OIDC_CLIENT_SECRET", ""),
        "OIDC_NAME": environment.get("OIDC_NAME", ""),
        "OIDC_NEW_ROLE": environment.get("OIDC_NEW_ROLE", ""),
        "OIDC_DOMAINS": environment.get("OIDC_DOMAINS", "").lower().split(),
        "METRICS_TOKEN": environment.get("METRICS_TOKEN", ""),
        "WEBHOOK_PRIVATE_ADDRESSES": environment.get("WEBHOOK_PRIVATE_ADDRESSES", "").split(),
        "API_REQUESTS_PER_MINUTE": int(environment.get("API_REQUESTS_PER_MINUTE", "12000")),
        "LOCK_WAIT_SECONDS": float(environment.get("LOCK_WAIT_SECONDS", "20")),
        "CLOCK_OFFSET": offset,
        "CLOCK_MOVES": not production,
        "MAX_CONTENT_LENGTH": 12 * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 1024 * 1024,
        "MAX_FORM_PARTS": 1000,
        **_cookies(base_url),
    }


def _cookies(base_url: str) -> dict[str, Any]:
    secure = urlsplit(base_url).scheme == "https"
    return {
        "SESSION_COOKIE_NAME": "__Host-guildhall" if secure else "guildhall",
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        # It is kept for longer than anybody stays signed in, so it is sent when it changes, not with each page
        "SESSION_REFRESH_EACH_REQUEST": False,
        "PREFERRED_URL_SCHEME": urlsplit(base_url).scheme,
    }


def _database_url(url: str) -> str:
    """PostgreSQL by any of its names, spoken through psycopg 3."""
    for name in ("postgres://", "postgresql://"):
        if url.startswith(name):
            return "postgresql+psycopg://" + url.removeprefix(name)
    return url


def _kept_secret(var: Path) -> str:
    """A secret made on the first start of a demo, and kept, so that a second start signs nobody out."""
    file = var / "secret-key"
    try:
        return file.read_text().strip()
    except FileNotFoundError:
        var.mkdir(parents=True, exist_ok=True)
        secret = secrets.token_hex(32)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as out:
            out.write(secret)
        return secret


def init_app(app: Flask, overrides: Mapping[str, Any] | None = None) -> None:
    app.config.from_mapping(read_environment(os.environ))
    if overrides:
        app.config.from_mapping(overrides)
