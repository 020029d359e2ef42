"""Making and ending referral links, counting clicks on them, and keeping what a lead brought along."""

import re
import secrets
from collections.abc import Iterable
from datetime import timedelta

from accounts.models import User
from core import clock
from core.activity import Actor
from core.database import lock, session
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from core.signals import announce
from partners.models import Partner
from referrals import touches as carried
from referrals.models.leads import Lead
from referrals.models.links import LeadTouch, LinkClick, ReferralLink
from referrals.queries.codes import code_named
from referrals.queries.links import links_with_tokens, number_of_live_links
from referrals.settings import LINK_CREDIT, LINK_DAYS
from referrals.signals.links import ReferralLinkEnded, ReferralLinkMade
from referrals.touches import Touch

_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
#: A path on a site: begins with one slash, and has no sign that a browser could read as another site.
_PATH = re.compile(r"/(?![/\\])[\w\-.~/%]*(\?[\w\-.~/%=&+]*)?(#[\w\-.~/%=&]*)?", re.ASCII)
MOST_LINKS = 200
#: The same visitor on the same link within this time is one click.
_SAME_VISIT = timedelta(minutes=30)


def make_link(partner: Partner, *, path: str, campaign: str, by: Actor | None) -> ReferralLink:
    """A new link of ``partner`` to a page of the vendor's site. Raises InvalidInput at ``path`` or ``campaign``."""
    path, campaign = (path or "").strip() or "/", (campaign or "").strip()
    problems: dict[str, str] = {}
    if len(path) > 300 or not _PATH.fullmatch(path):
        problems["path"] = _("Type a path on the vendor's site, such as /cloud.")
    if len(campaign) > 80:
        problems["campaign"] = _("At most 80 characters.")
    if problems:
        raise InvalidInput(problems)
    lock(partner)
    if not partner.is_active:
        raise Refusal(_("%(partner)s is not active.", partner=partner.name))
    if number_of_live_links(partner) >= MOST_LINKS:
        raise Refusal(_("A partner can have %(most)s links at once. End one first.", most=MOST_LINKS))
    link = ReferralLink(
        token="".join(secrets.choice(_ALPHABET) for _sign in range(10)),
        partner_id=partner.id,
        path=path,
        campaign=campaign,
        created_at=clock.now(),
        created_by_id=by.id if isinstance(by, User) and not by.is_machine else None,
    )
    session.add(link)
    session.flush()
    announce(ReferralLinkMade(link, by))
    return link


def end_link(link: ReferralLink, *, by: Actor | None) -> None:
    """Clicks on it count no more; what it has brought stays its own. Ended twice is ended."""
    lock(link)
    if link.ended_at is None:
        link.ended_at = clock.now()
        announce(ReferralLinkEnded(link, by))


def follow_link(link: ReferralLink, before: tuple[Touch, ...]) -> tuple[Touch, ...]:
    """Counts a click, unless the same visitor has just clicked, and answers what the visitor carries on."""
    now = clock.now().replace(microsecond=0)
    if any(touch.token == link.token and now - touch.at < _SAME_VISIT for touch in before):
        return before
    session.add(LinkClick(link_id=link.id, at=now))
    session.flush()
    return carried.carried([*before, Touch(now, link.token)])


def keep_touches(lead: Lead, touches: Iterable[Touch]) -> None:
    """Keeps every click that led to ``lead``, and which of them counts.

    A referral code that never was one, and is the token of a link, is a click of this moment. Clicks on links that had
    ended, or whose partner is not active, are not kept.
    """
    given = set(touches)
    word = (lead.referral_code or "").strip()
    if carried.TOKEN.fullmatch(word) and code_named(word) is None:
        given.add(Touch(lead.received_at.replace(microsecond=0), word))
    since = lead.received_at - timedelta(days=LINK_DAYS.value())
    given = {touch for touch in given if touch.at >= since}
    links = {link.token: link for link in links_with_tokens({touch.token for touch in given}) if link.is_live}
    kept = [touch for touch in sorted(given) if touch.token in links]
    if not kept:
        return
    [counts, *_others] = carried.in_order_of_credit(kept, first=LINK_CREDIT.value() == "first")
    session.add_all(
        LeadTouch(lead_id=lead.id, link_id=links[touch.token].id, at=touch.at, counts=touch is counts)
        for touch in kept
    )
    session.flush()
