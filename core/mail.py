"""Mail: written into the outbox with its cause, sent after the commit, once in effect.

A mail is one template, ``templates/<domain>/emails/<name>.txt``: the first line is the subject, the rest is text in
Markdown's plainest form. The HTML part is made from the same text, so that the two never differ.
"""

import smtplib
import ssl
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from flask import current_app, render_template
from markdown_it import MarkdownIt

from core import clock, jobs, storage
from core.i18n import speaking
from core.settings import SENDER_ADDRESS, SENDER_NAME, VENDOR_NAME

_markdown = MarkdownIt("commonmark", {"html": False, "breaks": True})


def absolute_url(path: str) -> str:
    """``path`` on the configured address; never on the one that a request claims to have come to."""
    return f"{current_app.config['BASE_URL']}{path}"


def send(
    template: str,
    *,
    to: str,
    locale: str | None,
    key: str | None = None,
    attachments: list[tuple[str, str, str]] | None = None,
    **context: Any,
) -> None:
    """Writes the mail ``template`` (say ``partners/emails/approved``) to ``to``, in ``locale``.

    ``attachments`` are (storage key, file name, content type). With a ``key`` it is written once.
    """
    with speaking(locale):
        text = render_template(f"{template}.txt", **context)
        subject, _blank, body = text.strip().partition("\n")
        body = body.strip() + "\n"
        html = render_template("layouts/email.html", body=_markdown.render(body), subject=subject)
    jobs.enqueue(
        "core.mail",
        {
            "to": to,
            "subject": " ".join(subject.split()),
            "text": body,
            "html": html,
            "attachments": [list(entry) for entry in attachments or []],
        },
        key=f"mail:{key}" if key else None,
    )


def _message(payload: dict[str, Any]) -> EmailMessage:
    message = EmailMessage()
    sender = SENDER_ADDRESS.value()
    user, _at, domain = sender.rpartition("@")
    message["From"] = Address(
        SENDER_NAME.value() or VENDOR_NAME.value(), user or "partners", domain or "localhost"
    )
    message["To"] = payload["to"]
    message["Subject"] = payload["subject"]
    message["Date"] = format_datetime(clock.now())
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(payload["text"])
    message.add_alternative(payload["html"], subtype="html")
    for key, name, content_type in payload["attachments"]:
        main, _slash, sub = content_type.partition("/")
        message.add_attachment(storage.read(key), maintype=main, subtype=sub, filename=name)
    return message


@jobs.job("core.mail")
def deliver(payload: dict[str, Any]) -> None:
    """Hands one mail to where ``MAIL_URL`` points: ``smtp://``, ``smtps://`` or ``file:///folder``."""
    url = current_app.config["MAIL_URL"]
    message = _message(payload)
    if url.startswith("file://"):
        folder = Path(unquote(urlsplit(url).path))
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{clock.real_now():%Y%m%dT%H%M%S%f}-{payload['to'].replace('/', '_')}.eml"
        (folder / name).write_bytes(bytes(message))
        return
    if not url:
        raise RuntimeError("MAIL_URL is not set, so mail waits here.")
    place = urlsplit(url)
    kind = smtplib.SMTP_SSL if place.scheme == "smtps" else smtplib.SMTP
    with kind(
        str(place.hostname), place.port or (465 if place.scheme == "smtps" else 25), timeout=20
    ) as server:
        if place.scheme == "smtp" and place.username:
            server.starttls(context=ssl.create_default_context())
        if place.username:
            server.login(unquote(place.username), unquote(place.password or ""))
        server.send_message(message)
