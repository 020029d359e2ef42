"""What the process says about itself: one line an event, JSON in production, no secrets and no bodies."""

import logging
import re
import sys
from typing import Any

import structlog
from flask import Flask

#: What opens something: our keys, Stripe's, tokens of links and cookies, what follows a header's scheme.
_SECRET = re.compile(
    r"\b(?:ghk_|(?:sk|rk)_(?:live|test)_|whsec_)[\w-]{8,}|(?<=Bearer )\S+|(?<=Basic )\S+"
    r"|(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[A-Z])(?=[\w-]*[a-z])[\w-]{40,}(?![\w-])"
)


_IN_ADDRESS = re.compile(r"//[^/\s:@]+:[^/\s@]+@")


def without_secrets(text: str) -> str:
    """``text`` with three dots in the place of whatever looks like a key, a token or a password in an address."""
    return _IN_ADDRESS.sub("//…@", _SECRET.sub("…", text))


def redact(_logger: Any, _method: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
    """A step of logging: no secret leaves the process, also not in the text of somebody else's error."""
    return {name: value if name == "exc_info" else _clean(value) for name, value in event.items()}


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return without_secrets(value)
    if isinstance(value, dict):
        return {name: _clean(one) for name, one in value.items()}
    return [_clean(one) for one in value] if isinstance(value, list) else value


def init_app(app: Flask) -> None:
    if app.config["KIND"] == "test":
        return
    render: structlog.types.Processor = (
        structlog.processors.JSONRenderer()
        if app.config["KIND"] == "production"
        else structlog.dev.ConsoleRenderer()
    )
    shared: list[structlog.types.Processor] = [
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if app.config["KIND"] == "production":
        shared.append(
            structlog.processors.ExceptionRenderer(
                structlog.tracebacks.ExceptionDictTransformer(show_locals=False, max_frames=20)
            )
        )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, redact, render],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    logging.getLogger("alembic").setLevel(logging.WARNING)
