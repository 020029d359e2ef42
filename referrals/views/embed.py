"""The lead form: inside a frame on the vendor's site, as a page of its own, and the script that places the frame.

The framed form has no session and no cookie. What other forms prove by them it proves by a token of its own, signed,
good for a while, and used as the lead's key, so that a form that is sent twice is one lead.
"""

import hashlib
import re
import secrets
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Response, abort, current_app, redirect, render_template, request, url_for

from accounts.access import public, requires
from accounts.limits import per_address
from accounts.permissions import Permission
from core import clock
from core.errors import InvalidInput
from core.headers import frame_ancestors, frame_sources
from core.i18n import LOCALES, current_locale
from core.i18n import gettext as _
from core.settings import VENDOR_NAME
from core.signing import is_genuine, sign
from referrals import operations
from referrals.forms.leads import VisitorForm
from referrals.matching import FASTEST_SECONDS
from referrals.models.leads import LeadOrigin
from referrals.operations import LeadData
from referrals.queries.leads import status_counts
from referrals.settings import CONSENT_TEXT, CONTACT_HOURS, EMBED_ORIGINS, FORM_ACCENT, FORM_MINUTES
from referrals.views import pages
from referrals.views.wording import spoken

_PURPOSE = "lead form"
_ORIGIN = re.compile(r"https?://(\*\.)?[a-z0-9.-]+(:\d{1,5})?\Z", re.IGNORECASE)
_COLOUR = re.compile(r"#?([0-9a-fA-F]{6})\Z")
#: What the frame's address carries about the page it stands on.
_CARRIED = ("page", "source", "campaign", "code", "lang", "accent")


# The token


def new_token() -> str:
    """When the form was shown, and a number nobody else has."""
    text = f"{int(clock.now().timestamp())}-{secrets.token_hex(12)}"
    return f"{text}-{sign(_PURPOSE, text)}"


def seconds_since(token: str) -> float | None:
    """How long ago the form with this token was shown; None when it is not ours or too old."""
    match = re.fullmatch(r"(\d{1,12})-([0-9a-f]{24})-([0-9a-f]{64})", token)
    if match is None or not is_genuine(_PURPOSE, f"{match[1]}-{match[2]}", match[3]):
        return None
    seconds = clock.now().timestamp() - int(match[1])
    return seconds if 0 <= seconds + 1 <= timedelta(minutes=FORM_MINUTES.value()).total_seconds() else None


# Who may frame it


def embedding_origins() -> str:
    """The sites that may show the form, as ``frame-ancestors`` takes them."""
    origins = ["'self'", *current_app.config["EMBED_ORIGINS"], *EMBED_ORIGINS.value().split()]
    if current_app.config["KIND"] != "production":
        origins += [address_on(host) for host in ("localhost", "127.0.0.1")]
    return " ".join(
        origin for origin in dict.fromkeys(origins) if origin == "'self'" or _ORIGIN.match(origin)
    )


def address_on(host: str) -> str:
    """This portal by another name of the same machine."""
    port = urlsplit(request.host_url).port
    return f"{request.scheme}://{host}{f':{port}' if port else ''}"


# The form


def consent() -> tuple[str, str]:
    """The text that is agreed to, and its version: the digest of the very words."""
    text = CONSENT_TEXT.value() or _(
        "I agree that %(vendor)s and one of its partners contact me about this request and keep what I wrote for that.",
        vendor=VENDOR_NAME.value(),
    )
    return text, hashlib.sha256(text.encode()).hexdigest()[:12]


@pages.route("/embed/lead-form", methods=["GET", "POST"])
@public
@per_address("60 per hour")
def embedded_form() -> Any:
    """The form inside a frame."""
    frame_ancestors(embedding_origins())
    return _form_page(
        LeadOrigin.EMBEDDED_FORM, "referrals/leads/embed/form.html", "referrals.embedded_thanks"
    )


@pages.get("/embed/lead-form/thanks")
@public
def embedded_thanks() -> Any:
    """It arrived, and who will call."""
    frame_ancestors(embedding_origins())
    return render_template("referrals/leads/embed/thanks.html", framed=True, **_thanks())


@pages.route("/contact", methods=["GET", "POST"])
@public
@per_address("60 per hour")
def contact() -> Any:
    """The same form as a page of its own."""
    return _form_page(LeadOrigin.HOSTED_FORM, "referrals/leads/embed/page.html", "referrals.contact_thanks")


@pages.get("/contact/thanks")
@public
def contact_thanks() -> Any:
    """It arrived, and who will call."""
    return render_template("referrals/leads/embed/thanks_page.html", **_thanks())


def _thanks() -> dict[str, Any]:
    return {
        "hours": CONTACT_HOURS.value(),
        "accent": _accent(),
        "vendor": VENDOR_NAME.value(),
        "carried": _carried(),
    }


def _form_page(origin: LeadOrigin, template: str, thanks: str) -> Any:
    form = VisitorForm()
    text, version = consent()
    form.consent.label.text = text
    token = request.form.get("form_token", "") if request.method == "POST" else ""
    seconds = seconds_since(token)
    again = ""
    if request.method == "POST" and seconds is None:
        again = _("This page was open for too long. Send it once more.")
        token = new_token()
    elif seconds is not None and seconds < FASTEST_SECONDS and not form.fax.data:
        again = _("That was very fast. Look it over and send it once more.")
    elif form.was_sent_and_holds():
        try:
            operations.keep_consent_text(version, text, current_locale())
            operations.receive_lead(_lead_data(form, origin, token, version), by=None)
        except InvalidInput as problem:
            form.complain(problem)
        else:
            return redirect(url_for(thanks, **_carried()), code=303)
    if again:
        form.form_errors.append(again)
    page = render_template(
        template,
        form=form,
        token=token or new_token(),
        accent=_accent(),
        carried=_carried(),
        vendor=VENDOR_NAME.value(),
        **spoken(),
    )
    return page, form.status


def _lead_data(form: VisitorForm, origin: LeadOrigin, token: str, version: str) -> LeadData:
    carried = _carried()
    names = ("company", "person", "email", "phone", "country", "city", "language", "text")
    said: dict[str, Any] = {name: getattr(form, name).data or None for name in names}
    return LeadData(
        origin=origin,
        employees=int(form.employees.data) if form.employees.data else None,
        products=tuple(form.products.data or ()),
        source=carried.get("source") or "website",
        campaign=carried.get("campaign"),
        referral_code=carried.get("code"),
        page_url=(carried.get("page") or request.referrer or "")[:500] or None,
        consent_version=version,
        consent_at=clock.now(),
        honeypot=form.fax.data or "",
        caller_key=f"form-{token[:60]}",
        **said,
    )


def _carried() -> dict[str, Any]:
    """What the address says about where the form stands; anything unknown is left out."""
    given = {name: request.args[name][:500] for name in _CARRIED if request.args.get(name)}
    if given.get("lang") not in LOCALES:
        given.pop("lang", None)
    if not _COLOUR.match(given.get("accent", "")):
        given.pop("accent", None)
    return {
        name: value[:80] if name in {"source", "campaign", "code"} else value for name, value in given.items()
    }


def _accent() -> str:
    """The colour of links and of the button, as six digits; empty for the programme's own."""
    match = _COLOUR.match(request.args.get("accent", "") or FORM_ACCENT.value())
    return match[1].lower() if match else ""


@pages.get("/embed/accent/<colour>.css")
@public
def embedded_accent(colour: str) -> Any:
    """The form in the site's own colour, in the tones of it that can be read."""
    match = _COLOUR.match(colour) or abort(404)
    css = render_template("layouts/brand.css.jinja", brand={"accent": f"#{match[1].lower()}"})
    answer = Response(css, mimetype="text/css")
    answer.headers["Cache-Control"] = "public, max-age=86400"
    return answer


@cache
def _script() -> str:
    return Path(str(current_app.static_folder), "js", "embed.js").read_text("utf-8")


@pages.get("/embed.js")
@public
def embed_script() -> Any:
    """What a site puts into its page: places the frame and keeps it as high as the form."""
    answer = Response(_script(), mimetype="text/javascript")
    answer.headers["Cache-Control"] = "public, max-age=300"
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer


# Seeing it


@pages.get("/demo-site")
@public
def demo_site() -> Any:
    """A vendor's page that shows the form, from another origin than its own. Not in production."""
    if current_app.config["KIND"] == "production":
        abort(404)
    host = urlsplit(request.host_url).hostname
    portal = address_on("127.0.0.1" if host == "localhost" else "localhost")
    answer = current_app.make_response(
        render_template("referrals/leads/embed/demo_site.html", portal=portal, vendor=VENDOR_NAME.value())
    )
    answer.headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src 'self' {portal}; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        f"frame-src {portal}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    return answer


@pages.get("/staff/lead-form")
@requires(Permission.ROUTING_READ)
def lead_form_preview() -> Any:
    """The form as visitors see it, and the code to put into a page."""
    frame_sources("'self'")
    base = current_app.config["BASE_URL"]
    code = f'<script src="{base}/embed.js" data-source="website" async></script>'
    return render_template(
        "referrals/leads/staff/lead_form.html",
        code=code,
        page_url=f"{base}{url_for('referrals.contact')}",
        frame_url=f"{url_for('referrals.embedded_form')}?{urlencode({'source': 'preview', 'lang': current_locale()})}",
        origins=[origin for origin in embedding_origins().split() if origin != "'self'"],
        counts=status_counts(),
        is_production=current_app.config["KIND"] == "production",
        **spoken(),
    )
