"""Mail: written into the outbox with its cause, sent after the commit, once in effect.

A mail is one template, ``templates/<domain>/emails/<name>.txt``: the first line is the subject, the rest is text in
Markdown's plainest form. The HTML part is made from the same text, so that the two never differ. Its kind is known by
its template (:mod:`core.letters`): people may stop most kinds, by a link in the mail or by their mail program's button.
"""

import re
import smtplib
import ssl
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import sqlalchemy as sa
from flask import current_app, render_template
from markdown_it import MarkdownIt

from core import bounces, clock, jobs, storage
from core.database import session
from core.i18n import gettext, speaking, spoken_to
from core.letters import Letter, delivery_of, kind_of
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
    """Writes the mail ``template`` (say ``partners/emails/approved``) to ``to``, in ``locale`` if that is offered.

    ``attachments`` are (storage key, file name, content type). With a ``key`` it is written once. Nothing is mailed to
    somebody who has stopped this kind of mail.
    """
    if key is not None and _is_written(f"mail:{key}"):
        return
    with speaking(spoken_to(locale)):
        text = render_template(f"{template}.txt", **context)
        subject, _blank, body = text.strip().partition("\n")
        subject = " ".join(subject.split())
        body = re.sub(r"\n{3,}", "\n\n", body.strip()) + "\n"
        delivery = delivery_of(Letter(to, kind_of(template), subject, _place_in(body, context.get("url"))))
        if not delivery.is_wanted:
            return
        stop_url = absolute_url(delivery.stop_path) if delivery.stop_path else ""
        html = render_template("layouts/email.html", body=_in_html(body), subject=subject, stop_url=stop_url)
        if stop_url:
            body += "\n" + gettext("No more mail of this kind: %(url)s", url=stop_url) + "\n"
    jobs.enqueue(
        "core.mail",
        {
            "to": to,
            "subject": subject,
            "text": body,
            "html": html,
            "stop_url": stop_url,
            "attachments": [list(entry) for entry in attachments or []],
        },
        key=f"mail:{key}" if key else None,
    )


_LINK = re.compile(r'<a href="([^"]*)">([^<]*)</a>')
_LONGEST_ADDRESS = 48


def _in_html(body: str) -> str:
    """The text as HTML, with addresses of this portal as links; the first that stands alone is a button.

    Only our own become links: whoever has a part in the text, a company's name say, cannot put one there.
    """
    ours = rf"{re.escape(current_app.config['BASE_URL'])}/[^\s<>]*(?<![.,;:!?)])"
    html = str(_markdown.render(re.sub(ours, r"<\g<0>>", body)))
    button = f'<p><a class="go" href="\\1">{gettext("Open the page")}</a></p>'
    html = re.sub(rf"<p>{_LINK.pattern}</p>", button, html, count=1)
    return _LINK.sub(_in_short, html)


def _in_short(link: re.Match[str]) -> str:
    """A link that shows where it leads in a line's width."""
    words = link[2].split("://", 1)[-1]
    if len(words) > _LONGEST_ADDRESS:
        words = words[: _LONGEST_ADDRESS - 1] + "…"
    return f'<a href="{link[1]}">{words}</a>'


def _is_written(key: str) -> bool:
    return session.scalar(sa.select(jobs.Job.id).where(jobs.Job.key == key)) is not None


def _place_in(body: str, url: str | None) -> str:
    """The page of the portal that a mail leads to: its ``url``, else the last address of ours in the text."""
    base = str(current_app.config["BASE_URL"])
    found = [url] if url else re.findall(rf"{re.escape(base)}/\S*", body)
    return found[-1].removeprefix(base) if found and found[-1].startswith(base) else ""


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
    if payload.get("stop_url"):
        # RFC 8058: mail programs show a button that asks this address, without a page in between
        message["List-Unsubscribe"] = f"<{payload['stop_url']}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(payload["text"])
    message.add_alternative(payload["html"], subtype="html")
    for key, name, content_type in payload["attachments"]:
        main, _slash, sub = content_type.partition("/")
        message.add_attachment(storage.read(key), maintype=main, subtype=sub, filename=name)
    return message


@jobs.job("core.mail")
def deliver(payload: dict[str, Any]) -> None:
    """Hands one mail to where ``MAIL_URL`` points: ``smtp://``, ``smtps://`` or ``file:///folder``.

    What the other side refuses for good (5xx) is kept as a bounce; anything else that goes wrong is tried again.
    """
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
        try:
            server.send_message(message)
        except smtplib.SMTPRecipientsRefused as refused:
            code, said = next(iter(refused.recipients.values()))
            _give_up_or_try_again(payload, refused, code, said)
        except smtplib.SMTPDataError as refused:
            _give_up_or_try_again(payload, refused, refused.smtp_code, refused.smtp_error)


def _give_up_or_try_again(payload: dict[str, Any], error: Exception, code: int, said: bytes | str) -> None:
    if not 500 <= code < 600:
        raise error
    words = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    bounces.note_bounce(address=payload["to"], subject=payload["subject"], reason=f"{code} {words}")
