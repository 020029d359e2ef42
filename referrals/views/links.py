"""Referral links: the list with what each has brought, the QR codes, and the address that visitors follow."""

import io
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

import segno
from flask import Response, abort, current_app, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound

from accounts.access import public, requires, signed_in_user
from accounts.limits import limiter
from accounts.models import User
from accounts.permissions import Permission
from core import clock
from core.database import session, writes
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from core.mail import absolute_url
from core.pagination import paginate
from partners.forms.choosing import in_words
from partners.models import Partner
from partners.queries import partner_of, partners_visible_to
from referrals import touches
from referrals.forms.links import FindByPartnerForm, LinkForm
from referrals.models.links import ReferralLink
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
    """The firm's links, and what each has brought."""
    if signed_in_user().is_staff:
        return redirect(url_for("referrals.staff_links"))
    return _page()


@pages.get("/staff/links")
@requires(Permission.SALES_READ)
def staff_links() -> Any:
    """The same over all partners."""
    only_the_vendor()
    return _page()


@dataclass(frozen=True)
class Sight:
    """Who looks at a list of links or codes, what it is narrowed to, and what may be done there."""

    user: User
    find: FindByPartnerForm | None
    partner_id: int | None
    words: str

    @property
    def is_narrowed(self) -> bool:
        return self.partner_id is not None or bool(self.words)

    @property
    def may_make(self) -> bool:
        return not self.user.is_staff and self.user.may(Permission.DEALS_WORK)

    @property
    def may_end(self) -> bool:
        return self.user.may(Permission.PARTNERS_WRITE if self.user.is_staff else Permission.DEALS_WORK)


def sight() -> Sight:
    """As the address says. Somebody of the vendor's may look for one partner's; what nobody fits narrows nothing."""
    user = signed_in_user()
    words = request.args.get("q", "").strip()[:200]
    if not user.is_staff:
        return Sight(user, None, None, words)
    find = FindByPartnerForm(request.args)
    find.partner.among(partners_visible_to(user))
    found = int(find.partner.data) if find.validate() and find.partner.data else None
    return Sight(user, find, found, words)


def _page(link_form: LinkForm | None = None) -> Any:
    seen = sight()
    rows = asked.links_visible_to(seen.user)
    page = paginate(asked.links_matching(rows, partner_id=seen.partner_id, words=seen.words))
    html = render_template(
        "referrals/links/links.html",
        page=page,
        seen=seen,
        by_link=asked.brought_by_links(link.id for link in page.items),
        address_of=address_of,
        link_form=link_form or LinkForm(formdata=None),
        site=VENDOR_SITE.value(),
        days=LINK_DAYS.value(),
    )
    return html, 422 if link_form is not None else 200


def address_of(link: ReferralLink) -> str:
    """What the partner gives away."""
    return absolute_url(f"/r/{link.token}")


@pages.post("/links")
@requires(Permission.DEALS_WORK)
def new_link() -> Any:
    """Makes a link."""
    form, firm = LinkForm(), firm_of_the_user()
    if form.was_sent_and_holds():
        try:
            make_link(firm, path=form.path.data or "", campaign=form.campaign.data or "", by=signed_in_user())
        except InvalidInput as problem:
            form.complain(problem)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("The link is ready."), "good")
            return redirect(url_for("referrals.links"))
    return _page(link_form=form)


@pages.post("/links/<int:link_id>/end")
@requires(Permission.DEALS_WORK)
def finish_link(link_id: int) -> Any:
    """Ends a link; what it brought stays."""
    firm_of_the_user()
    _end(link_id)
    return redirect(url_for("referrals.links"))


@pages.post("/staff/links/<int:link_id>/end")
@requires(Permission.PARTNERS_WRITE)
def finish_partners_link(link_id: int) -> Any:
    """The same for the vendor's people."""
    only_the_vendor()
    link = _end(link_id)
    return redirect(url_for("referrals.staff_links", partner=in_words(link.partner)))


def _end(link_id: int) -> ReferralLink:
    link = _visible(link_id)
    end_link(link, by=signed_in_user())
    flash(_("Ended. Whoever follows it still reaches the site; it counts no more."), "good")
    return link


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


def only_the_vendor() -> None:
    """403 for a partner's people, who have a page of their own."""
    if not signed_in_user().is_staff:
        abort(403)


def firm_of_the_user() -> Partner:
    """Whose links and codes are made here; 404 for whoever belongs to no firm."""
    firm = partner_of(signed_in_user())
    if firm is None:
        raise NotFound
    return firm
