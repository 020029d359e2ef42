"""Referral links: the partner's page with what each has brought, the QR codes, and the address that visitors follow."""

import io
import re
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

import segno
from flask import Response, abort, current_app, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound

from accounts.access import public, requires, signed_in_user
from accounts.limits import limiter
from accounts.permissions import Permission
from core import clock
from core.database import session, writes
from core.errors import InvalidInput
from core.i18n import gettext as _
from core.mail import absolute_url
from core.pagination import paginate
from partners.models import Partner
from partners.queries import partner_of
from referrals import touches
from referrals.forms.links import CodeForm, LinkForm
from referrals.models.links import ReferralLink
from referrals.operations import make_referral_code
from referrals.operations.links import end_link, follow_link, make_link
from referrals.queries import links as asked
from referrals.settings import LINK_DAYS, VENDOR_SITE
from referrals.views import pages

COOKIE = "followed"
#: Programs that fetch an address to look at it; nobody followed the link.
_ROBOT = re.compile(
    r"bot\b|crawl|spider|preview|facebookexternalhit|slurp|curl/|wget/|monitor", re.IGNORECASE
)


# Following one


@pages.get("/r/<token>")
@public
@limiter.limit("60 per minute")
@writes
def follow(token: str) -> Any:
    """Counts the click, remembers it, and leads to the vendor's own site; to no other, whatever the address says."""
    link = (asked.link_with_token(token) if touches.TOKEN.fullmatch(token) else None) or abort(404)
    answer = redirect(destination(link, token if link.is_live else ""), code=302)
    if link.is_live and not _is_robot():
        remember(answer, follow_link(link, remembered()))
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer


def destination(link: ReferralLink, token: str) -> str:
    """The page of the vendor's site with ``?ref=<token>``; the portal's own form where no site is set."""
    site = VENDOR_SITE.value()
    if not site:
        return url_for("referrals.contact", ref=token or None)
    base, page = urlsplit(site), urlsplit(f"//x{link.path}")
    query = "&".join(filter(None, [page.query, urlencode({"ref": token}) if token else ""]))
    return urlunsplit((base.scheme, base.netloc, base.path + page.path, query, page.fragment))


def _is_robot() -> bool:
    said = f"{request.headers.get('Sec-Purpose', '')} {request.headers.get('Purpose', '')}"
    return request.method == "HEAD" or "prefetch" in said or bool(_ROBOT.search(request.user_agent.string))


def remembered() -> tuple[touches.Touch, ...]:
    """The clicks that this visitor's browser carries, on pages of the portal itself."""
    return touches.parse(request.cookies.get(COOKIE), now=clock.now(), days=LINK_DAYS.value())


def remember(answer: Any, clicks: tuple[touches.Touch, ...]) -> None:
    """Keeps the clicks in a first-party cookie. It names links and moments, and nobody."""
    if not clicks:
        return
    answer.set_cookie(
        COOKIE,
        touches.written(clicks),
        max_age=LINK_DAYS.value() * 86_400,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )


# The pages


@pages.get("/links")
@requires(Permission.DEALS_READ)
def links() -> Any:
    """The firm's links and codes, and what each has brought."""
    if signed_in_user().is_staff:
        return redirect(url_for("referrals.staff_links"))
    return _page()


@pages.get("/staff/links")
@requires(Permission.SALES_READ)
def staff_links() -> Any:
    """The same over all partners."""
    if not signed_in_user().is_staff:
        abort(403)
    return _page()


def _page(link_form: LinkForm | None = None, code_form: CodeForm | None = None) -> Any:
    user = signed_in_user()
    firm = None if user.is_staff else partner_of(user)
    page = paginate(asked.links_visible_to(user))
    codes = session.scalars(asked.codes_visible_to(user).limit(50)).all()
    may_write = firm is not None and user.may(Permission.DEALS_WORK)
    html = render_template(
        "referrals/links/links.html",
        page=page,
        codes=codes,
        by_link=asked.brought_by_links(link.id for link in page.items),
        by_code=asked.brought_by_codes(codes),
        address_of=address_of,
        with_partner=user.is_staff,
        may_write=may_write,
        link_form=link_form or LinkForm(formdata=None),
        code_form=code_form or CodeForm(formdata=None),
        site=VENDOR_SITE.value(),
        days=LINK_DAYS.value(),
    )
    return html, 422 if link_form is not None or code_form is not None else 200


def address_of(link: ReferralLink) -> str:
    """What the partner gives away."""
    return absolute_url(f"/r/{link.token}")


@pages.post("/links")
@requires(Permission.DEALS_WORK)
def new_link() -> Any:
    """Makes a link."""
    form, firm = LinkForm(), _firm()
    if form.was_sent_and_holds():
        try:
            make_link(firm, path=form.path.data or "", campaign=form.campaign.data or "", by=signed_in_user())
        except InvalidInput as problem:
            form.complain(problem)
        else:
            flash(_("The link is ready."), "good")
            return redirect(url_for("referrals.links"))
    return _page(link_form=form)


@pages.post("/links/codes")
@requires(Permission.DEALS_WORK)
def new_code() -> Any:
    """Makes a code."""
    form, firm = CodeForm(), _firm()
    if form.was_sent_and_holds():
        try:
            made = make_referral_code(firm, form.code.data or "", by=signed_in_user())
        except InvalidInput as problem:
            form.complain(problem)
        else:
            flash(_("The code %(code)s is yours.", code=made.code), "good")
            return redirect(url_for("referrals.links"))
    return _page(code_form=form)


@pages.post("/links/<int:link_id>/end")
@requires(Permission.DEALS_WORK)
def finish_link(link_id: int) -> Any:
    """Ends a link; what it brought stays."""
    _firm()
    end_link(_visible(link_id), by=signed_in_user())
    flash(_("Ended. Whoever follows it still reaches the site; it counts no more."), "good")
    return redirect(url_for("referrals.links"))


@pages.get("/links/<int:link_id>/qr.svg")
@requires(Permission.DEALS_READ)
def link_qr_svg(link_id: int) -> Any:
    """The link as a QR code for print, of any size."""
    return _qr(_visible(link_id), "svg", "image/svg+xml", scale=8)


@pages.get("/links/<int:link_id>/qr.png")
@requires(Permission.DEALS_READ)
def link_qr_png(link_id: int) -> Any:
    """The link as a QR code for slides and chats."""
    return _qr(_visible(link_id), "png", "image/png", scale=12)


def _qr(link: ReferralLink, kind: str, mimetype: str, *, scale: int) -> Response:
    picture = io.BytesIO()
    segno.make(address_of(link), error="m").save(picture, kind=kind, scale=scale, border=4)
    answer = Response(picture.getvalue(), mimetype=mimetype)
    answer.headers["Content-Disposition"] = f'attachment; filename="link-{link.token}.{kind}"'
    return answer


def _visible(link_id: int) -> ReferralLink:
    query = asked.links_visible_to(signed_in_user()).where(ReferralLink.id == link_id)
    return session.scalar(query) or abort(404)


def _firm() -> Partner:
    firm = partner_of(signed_in_user())
    if firm is None:
        raise NotFound
    return firm
