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
from urllib.parse import urlsplit

from flask import Response, abort, current_app, redirect, render_template, request, url_for
from markupsafe import Markup

from accounts.access import public, requires
from accounts.limits import per_address
from accounts.permissions import Permission
from core import clock
from core.database import session
from core.errors import InvalidInput
from core.headers import frame_ancestors, frame_sources
from core.i18n import current_locale, offered_locales, speaking
from core.i18n import gettext as _
from core.settings import VENDOR_NAME
from core.signing import is_genuine, sign
from partners.models import Partner
from partners.queries.finder import findable_partners
from referrals import operations, touches
from referrals.forms.embed import LeadFormDesign
from referrals.forms.leads import VisitorForm
from referrals.matching import FASTEST_SECONDS
from referrals.models.leads import LeadOrigin
from referrals.operations import LeadData
from referrals.queries.lists import status_counts
from referrals.settings import (
    CONSENT_TEXT,
    CONTACT_HOURS,
    EMBED_ORIGINS,
    FORM_ACCENT,
    FORM_MINUTES,
    LINK_DAYS,
)
from referrals.views import pages
from referrals.views.links import remember, remembered
from referrals.views.wording import spoken

_PURPOSE = "lead form"
_ORIGIN = re.compile(r"https?://(\*\.)?[a-z0-9.-]+(:\d{1,5})?\Z", re.IGNORECASE)
_COLOUR = re.compile(r"#?([0-9a-fA-F]{6})\Z")
#: What the frame's address carries about the page it stands on.
_CARRIED = ("page", "source", "campaign", "code", "ref", "lang", "accent", "theme", "corners")
#: How a frame may look. Light unless the site says otherwise: the visitor's device knows nothing of the site.
_THEMES = ("light", "dark", "auto")


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
    with speaking(_language()):
        return _form_page(
            LeadOrigin.EMBEDDED_FORM,
            "referrals/leads/embed/form.html",
            "referrals.embedded_thanks",
            look=_look(),
        )


@pages.get("/embed/lead-form/thanks")
@public
def embedded_thanks() -> Any:
    """It arrived, and who will call."""
    frame_ancestors(embedding_origins())
    with speaking(_language()):
        return render_template("referrals/leads/embed/thanks.html", framed=True, **_look(), **_thanks())


@pages.route("/contact", methods=["GET", "POST"])
@public
@per_address("60 per hour")
def contact() -> Any:
    """The same form as a page of its own; it remembers the referral link that led here."""
    page = _form_page(LeadOrigin.HOSTED_FORM, "referrals/leads/embed/page.html", "referrals.contact_thanks")
    answer = current_app.make_response(page)
    if request.args.get("ref"):
        remember(answer, _touches(LeadOrigin.HOSTED_FORM))
    return answer


@pages.route("/contact/partners/<int:partner_id>", methods=["GET", "POST"])
@public
@per_address("60 per hour")
def ask_partner(partner_id: int) -> Any:
    """The same form for a visitor of the finder who wants this partner and no other."""
    partner = session.scalar(findable_partners().where(Partner.id == partner_id)) or abort(404)
    return _form_page(
        LeadOrigin.FINDER,
        "referrals/leads/embed/ask_partner.html",
        "referrals.contact_thanks",
        wanted=partner,
    )


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


def _form_page(
    origin: LeadOrigin,
    template: str,
    thanks: str,
    *,
    wanted: Partner | None = None,
    look: dict[str, str] | None = None,
) -> Any:
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
            data = _lead_data(form, origin, token, version)
            if wanted is None:
                operations.receive_lead(data, by=None)
            else:
                operations.ask_partner(wanted, data)
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
        wanted=wanted,
        **(look or {}),
        **spoken(),
    )
    return page, form.status


def _lead_data(form: VisitorForm, origin: LeadOrigin, token: str, version: str) -> LeadData:
    carried = _carried()
    names = ("company", "person", "email", "phone", "country", "city", "language", "call_at", "text")
    said: dict[str, Any] = {name: getattr(form, name).data or None for name in names}
    return LeadData(
        origin=origin,
        employees=int(form.employees.data) if form.employees.data else None,
        products=tuple(form.products.data or ()),
        source=carried.get("source") or ("finder" if origin is LeadOrigin.FINDER else "website"),
        campaign=carried.get("campaign"),
        referral_code=carried.get("code"),
        touches=_touches(origin),
        page_url=(carried.get("page") or request.referrer or "")[:500] or None,
        consent_version=version,
        consent_at=clock.now(),
        honeypot=form.fax.data or "",
        caller_key=f"form-{token[:60]}",
        address=request.remote_addr,
        **said,
    )


def _touches(origin: LeadOrigin) -> tuple[touches.Touch, ...]:
    """The referral links that were followed: as the address says, and on pages of our own as the cookie does."""
    said = touches.parse(request.args.get("ref"), now=clock.now(), days=LINK_DAYS.value())
    return said if origin is LeadOrigin.EMBEDDED_FORM else touches.carried([*remembered(), *said])


def _carried() -> dict[str, Any]:
    """What the address says about where the form stands; anything unknown is left out."""
    given = {name: request.args[name][:500] for name in _CARRIED if request.args.get(name)}
    if given.get("lang") not in offered_locales():
        given.pop("lang", None)
    if not _COLOUR.match(given.get("accent", "")):
        given.pop("accent", None)
    return {
        name: value[:80] if name in {"source", "campaign", "code"} else value for name, value in given.items()
    }


def _language() -> str:
    """The language that the site asks for, also where somebody who signed in here looks at it (the preview)."""
    asked = request.args.get("lang", "")
    return asked if asked in offered_locales() else current_locale()


def _look() -> dict[str, str]:
    """The background and the corners of a frame, as the address says."""
    theme = request.args.get("theme", "")
    return {
        "theme": theme if theme in _THEMES else _THEMES[0],
        "corners": "square" if request.args.get("corners") == "square" else "round",
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


@pages.get("/staff/leads/form")
@requires(Permission.ROUTING_READ)
def lead_form_preview() -> Any:
    """Where the form is designed: its look and its words of origin, the form as visitors see it, and the code."""
    frame_sources("'self'")
    form = LeadFormDesign(request.args)
    form.validate()
    chosen = form.chosen()
    base = current_app.config["BASE_URL"]
    shown: dict[str, Any] = {**chosen, "source": "preview", "lang": chosen.get("lang") or current_locale()}
    in_address: dict[str, Any] = {
        name: value for name, value in chosen.items() if name not in {"theme", "corners"}
    }
    return render_template(
        "referrals/leads/staff/lead_form.html",
        form=form,
        code=_tag(base, chosen),
        page_url=f"{base}{url_for('referrals.contact', **in_address)}",
        frame_url=url_for("referrals.embedded_form", **shown),
        origins=[origin for origin in embedding_origins().split() if origin != "'self'"],
        counts=status_counts(),
        is_production=current_app.config["KIND"] == "production",
        **spoken(),
    )


def _tag(base: str, chosen: dict[str, str]) -> str:
    """The one line for a page of the site, as text to copy."""
    said = dict(chosen)
    if LINK_DAYS.value() != LINK_DAYS.default:
        said["days"] = str(LINK_DAYS.value())
    attributes = Markup(" ").join(Markup('data-{}="{}"').format(*one) for one in said.items())
    return str(Markup('<script src="{}/embed.js" {} async></script>').format(base, attributes))
