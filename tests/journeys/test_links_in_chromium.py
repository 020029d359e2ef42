"""Referral links in a real Chromium: what a visitor's own browser remembers on the vendor's site, and what it sends.

The portal answers under one name, the vendor's page under another: another origin, whose cookies are its own.
"""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import sqlalchemy as sa

from core.database import session, transaction
from core.settings import change_setting
from partners.models import Partner
from referrals.models import Lead, LeadTouch, ReferralLink
from referrals.operations.links import make_link
from referrals.queries.links import bringer_of
from referrals.settings import LINK_CREDIT, VENDOR_SITE
from tests.portal import Portal, Watch

pytestmark = [pytest.mark.browser, pytest.mark.pure]

_HALF_AN_HOUR = 31 * 60


@pytest.fixture
def links(portal: Portal) -> Iterator[list[str]]:
    """Links of the demo's first two firms to the vendor's page, which is on another origin."""
    with portal.app.app_context(), transaction():
        firms = session.scalars(sa.select(Partner).order_by(Partner.id).limit(2)).all()
        made = [make_link(firm, path="/demo-site", campaign="", by=None).token for firm in firms]
        change_setting(VENDOR_SITE, portal.elsewhere, by=None)
    yield made
    with portal.app.app_context(), transaction():
        change_setting(VENDOR_SITE, "", by=None)
        change_setting(LINK_CREDIT, "last", by=None)


@pytest.fixture
def visitor(portal: Portal, chromium: Any) -> Iterator[Any]:
    """A page of somebody who never was here; at the end no console has complained."""
    with ExitStack() as stack:
        watches: list[Watch] = []

        def come() -> Any:
            page, watch = stack.enter_context(portal.visit(chromium))
            watches.append(watch)
            return page

        yield come
        assert [complaint for watch in watches for complaint in watch.complaints] == []


def follow(portal: Portal, page: Any, token: str) -> None:
    """Follows a link, and is on the vendor's page, where the form stands."""
    page.goto(f"{portal.address}/r/{token}")
    assert page.url == f"{portal.elsewhere}/demo-site?ref={token}"
    page.frame_locator("iframe").get_by_label("Your name").wait_for()


def remembered(page: Any) -> list[str]:
    """The tokens that the vendor's site remembers, the earliest first."""
    found = [one["value"] for one in page.context.cookies(page.url) if one["name"] == "followed"]
    kept = page.evaluate("document.cookie.match(/followed=([^;]*)/)?.[1] || ''")
    assert kept in ["", *found]
    return re.findall(r"([a-z2-9]{10})\.\d+", kept)


def send(page: Any, company: str) -> None:
    """Fills in the form of the frame, and sends it."""
    frame = page.frame_locator("iframe")
    frame.get_by_label("Company", exact=True).fill(company)
    frame.get_by_label("Your name").fill("Jette Ohlsen")
    frame.get_by_label("Business e-mail").fill(f"jette@{re.sub('[^a-z]', '', company.lower())}.example")
    frame.get_by_label("Country").select_option("DE")
    frame.get_by_label("What do you need?").fill("Four shops, one stock.")
    frame.get_by_label("I agree").check()
    page.wait_for_timeout(3000)  # faster than a person writes is taken for a machine
    frame.get_by_role("button", name="Ask for a call").click()
    frame.get_by_text("It arrived.").wait_for()


def brought(portal: Portal, company: str) -> tuple[list[str], str]:
    """The tokens that the lead carries, the earliest first, and the one that counts."""
    with portal.app.app_context():
        lead = session.scalars(sa.select(Lead).where(Lead.company == company)).one()
        rows = session.execute(
            sa.select(ReferralLink.token, ReferralLink.partner_id, LeadTouch.counts)
            .join(LeadTouch, LeadTouch.link_id == ReferralLink.id)
            .where(LeadTouch.lead_id == lead.id)
            .order_by(LeadTouch.at, LeadTouch.id)
        ).all()
        [(counts, partner_id)] = [(token, partner_id) for token, partner_id, credited in rows if credited]
        bringer = bringer_of(lead)
        assert bringer is not None and bringer[0].id == partner_id
        return [token for token, _partner_id, _counts in rows], counts


def later(page: Any, seconds: int) -> None:
    """What the visitor's browser remembers is so much older."""
    page.evaluate(
        """(seconds) => {
          const kept = document.cookie.match(/followed=([^;]*)/)[1];
          const older = kept.replace(/\\.(\\d+)/g, (_all, at) => "." + (at - seconds));
          document.cookie = "followed=" + older + "; path=/; samesite=lax; max-age=86400";
        }""",
        seconds,
    )


@pytest.mark.parametrize(("credit", "winner"), [("last", 1), ("first", 0)])
def test_of_two_partners_links_the_first_or_the_last_is_credited(
    portal: Portal, visitor: Any, links: list[str], credit: str, winner: int
) -> None:
    with portal.app.app_context(), transaction():
        change_setting(LINK_CREDIT, credit, by=None)
    page, company = visitor(), f"Bernstein {credit} Kontor"
    follow(portal, page, links[0])
    later(page, 3600)
    follow(portal, page, links[1])
    assert remembered(page) == links
    page.goto(f"{portal.elsewhere}/demo-site")  # comes again by itself, another day
    send(page, company)
    assert brought(portal, company) == (links, links[winner])


def test_a_link_that_is_followed_again_later_is_a_new_click_and_counts_as_the_last(
    portal: Portal, visitor: Any, links: list[str]
) -> None:
    page = visitor()
    follow(portal, page, links[0])
    follow(portal, page, links[0])
    page.reload()
    assert remembered(page) == links[:1], "one visit is one click"
    later(page, _HALF_AN_HOUR)
    follow(portal, page, links[1])
    later(page, _HALF_AN_HOUR)
    follow(portal, page, links[0])
    again = [links[0], links[1], links[0]]
    assert remembered(page) == again
    send(page, "Wiederkehr Handel")
    assert brought(portal, "Wiederkehr Handel") == (again, links[0])


def test_going_back_or_reading_a_page_anew_follows_no_link(
    portal: Portal, visitor: Any, links: list[str]
) -> None:
    page = visitor()
    follow(portal, page, links[0])
    later(page, _HALF_AN_HOUR)
    follow(portal, page, links[1])
    later(page, _HALF_AN_HOUR)
    page.go_back()
    assert page.url.endswith(f"?ref={links[0]}")
    page.frame_locator("iframe").get_by_label("Your name").wait_for()
    assert remembered(page) == links
    page.reload()
    assert remembered(page) == links
    send(page, "Rueckwaerts Handel")
    assert brought(portal, "Rueckwaerts Handel") == (links, links[1])


def without_cookies(page: Any, answer: str) -> None:
    """Every page of this visitor answers so when it is asked for its cookies, and keeps none."""
    page.add_init_script(
        f"Object.defineProperty(Document.prototype, 'cookie', {{get() {{ {answer} }}, set() {{ {answer} }}}})"
    )


@pytest.mark.parametrize(
    "answer", ["return ''", "throw new DOMException('sandboxed', 'SecurityError')"], ids=["silent", "refused"]
)
def test_where_the_browser_keeps_no_cookies_the_link_that_led_here_is_credited(
    portal: Portal, visitor: Any, links: list[str], answer: str
) -> None:
    page, company = visitor(), "Keksfrei " + ("Kontor" if "throw" in answer else "Handel")
    without_cookies(page, answer)
    for token in links:
        follow(portal, page, token)
    assert [one for one in page.context.cookies(portal.elsewhere) if one["name"] == "followed"] == []
    send(page, company)
    assert brought(portal, company) == ([links[1]], links[1])


def test_where_the_site_wants_no_cookie_the_link_that_led_here_is_credited(
    portal: Portal, visitor: Any, links: list[str]
) -> None:
    page = visitor()
    page.add_init_script(
        "new MutationObserver(() => document.querySelector('script[data-source]')?.setAttribute('data-remember', 'no'))"
        ".observe(document, {childList: true, subtree: true})"
    )
    for token in links:
        follow(portal, page, token)
    assert remembered(page) == []
    send(page, "Merklos Handel")
    assert brought(portal, "Merklos Handel") == ([links[1]], links[1])
