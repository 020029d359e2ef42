"""Following a referral link: counted, remembered, and led to the vendor's site only."""

import pytest

from core.database import session
from core.errors import InvalidInput
from core.settings import change_setting
from partners.operations import suspend_partner
from referrals.models import Lead, LeadTouch, LinkClick
from referrals.operations import links, make_referral_code
from referrals.operations.links import end_link
from referrals.queries.links import brought_by_links, touches_of_leads
from referrals.settings import LINK_CREDIT, VENDOR_SITE
from tests.referrals.leads.cast import a_lead, the_asked
from tests.referrals.links.cast import a_link, clicked


@pytest.fixture
def site():
    change_setting(VENDOR_SITE, "https://www.meridian.example/shop/", by=None)


def follow(app, link, **more):
    return app.test_client().get(f"/r/{link.token}", **more)


def test_a_click_is_counted_and_leads_to_the_vendors_site(app, acme, site):
    link = a_link(acme, "/cloud?lang=de#prices")
    answer = follow(app, link)
    assert answer.status_code == 302
    assert answer.location == f"https://www.meridian.example/shop/cloud?lang=de&ref={link.token}#prices"
    assert session.query(LinkClick).count() == 1
    cookie = answer.headers["Set-Cookie"]
    assert f"followed={link.token}." in cookie
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Max-Age=7776000" in cookie


def test_nothing_in_the_address_leads_elsewhere(app, acme, site):
    link = a_link(acme)
    answer = follow(app, link, query_string={"next": "https://evil.example", "url": "//evil.example"})
    assert answer.location.startswith("https://www.meridian.example/shop/cloud?")
    for path in ("//evil.example", "/\\evil.example", "https://evil.example", "/a b", "/@evil\n", "cloud"):
        with pytest.raises(InvalidInput):
            a_link(acme, path)


def test_without_a_site_the_portals_own_form_is_opened(app, acme):
    link = a_link(acme)
    assert follow(app, link).location == f"/contact?ref={link.token}"


def test_the_same_visitor_counts_once_and_programs_never(app, acme, site):
    link = a_link(acme)
    visitor = app.test_client()
    visitor.get(f"/r/{link.token}")
    visitor.get(f"/r/{link.token}")
    visitor.head(f"/r/{link.token}")
    follow(app, link, headers={"User-Agent": "Slackbot-LinkExpanding 1.0"})
    follow(app, link, headers={"Sec-Purpose": "prefetch;prerender"})
    assert session.query(LinkClick).count() == 1


def test_a_link_that_ended_or_whose_partner_is_suspended_leads_on_and_counts_nothing(app, acme, rival, site):
    ended, suspended = a_link(acme), a_link(rival)
    end_link(ended, by=None)
    suspend_partner(rival, reason="late", by=None)
    for link in (ended, suspended):
        answer = follow(app, link)
        assert answer.location == "https://www.meridian.example/shop/cloud"
        assert "Set-Cookie" not in answer.headers
    assert session.query(LinkClick).count() == 0
    assert app.test_client().get("/r/nobodyslnk").status_code == 404


def test_a_lead_keeps_every_click_and_is_offered_to_whose_link_counts(acme, rival):
    first, last = a_link(acme), a_link(rival)
    lead = a_lead(touches=(clicked(first, days_ago=9), clicked(last, days_ago=2)))
    assert [(touch.link_id, touch.counts) for touch in touches_of_leads([lead.id])] == [
        (first.id, False), (last.id, True),
    ]  # fmt: skip
    assert the_asked(lead) is rival
    change_setting(LINK_CREDIT, "first", by=None)
    again = a_lead("Initech", touches=(clicked(first, days_ago=9), clicked(last, days_ago=2)))
    assert the_asked(again) is acme


def test_clicks_that_are_too_old_or_on_ended_links_are_not_kept(acme, rival):
    old, ended = a_link(acme), a_link(rival)
    touch = clicked(ended)
    end_link(ended, by=None)
    lead = a_lead(touches=(clicked(old, days_ago=91), touch))
    assert touches_of_leads([lead.id]) == []


def test_a_token_sent_as_the_code_is_a_click(acme, rival):
    link = a_link(rival)
    lead = a_lead(referral_code=link.token)
    assert the_asked(lead) is rival


def test_the_hosted_form_remembers_the_link_and_the_lead_carries_it(browser, acme, time):
    link = a_link(acme)
    browser.open(f"/r/{link.token}")
    assert "/contact?ref=" in browser.url
    time.move(seconds=30)
    for label, value in {
        "Company": "Globex", "Your name": "Wilma", "Business e-mail": "wilma@globex.example", "Country": "Germany",
        "What do you need?": "Stock and orders in one place.",
    }.items():  # fmt: skip
        browser.fill(label, value)
    browser.fill(next(label for label in browser.labels if label.startswith("I agree")), True)
    browser.press("Ask for a call", expect=200)
    lead = session.query(Lead).one()
    assert session.query(LeadTouch).filter_by(lead_id=lead.id, counts=True).one().link_id == link.id
    assert brought_by_links([link.id])[link.id].leads == 1


def test_the_partner_makes_a_link_and_takes_its_qr_code(browser, ada, acme):
    browser.sign_in(ada).open("/links")
    browser.fill("Page on the vendor's site", "/cloud").fill("What the link is for", "Newsletter").press(
        "Make the link"
    )
    assert browser.sees("The link is ready.") and browser.sees("Newsletter")
    number = acme_link(acme).id
    browser.open(f"/links/{number}/qr.svg")
    assert browser.response.mimetype == "image/svg+xml" and b"<svg" in browser.response.data
    browser.open(f"/links/{number}/qr.png")
    assert browser.response.data.startswith(b"\x89PNG")
    browser.open("/links/codes").fill("Referral code", "acme-26").press("Take the code")
    assert browser.sees("ACME-26")


def test_an_address_elsewhere_is_refused_at_its_field(browser, ada):
    browser.sign_in(ada).open("/links").fill("Page on the vendor's site", "//evil.example")
    browser.press("Make the link", expect=422)
    assert browser.sees("Type a path on the vendor's site, such as /cloud.")


def test_one_link_too_many_is_said_and_what_was_typed_stays(browser, ada, acme, monkeypatch):
    monkeypatch.setattr(links, "MOST_LINKS", 1)
    a_link(acme)
    browser.sign_in(ada).open("/links").fill("Page on the vendor's site", "/prices")
    browser.press("Make the link", expect=422)
    assert browser.sees("A partner can have 1 links at once. End one first.")
    assert 'value="/prices"' in browser.html


def test_nobody_else_sees_or_ends_a_link(browser, rex, acme):
    link = a_link(acme)
    browser.sign_in(rex).open("/links")
    assert not browser.sees(link.token)
    browser.open(f"/links/{link.id}/qr.svg", expect=404)


def test_the_vendor_sees_all_links(browser, finn, acme):
    a_link(acme, campaign="Fair in May")
    browser.sign_in(finn).open("/staff/links")
    assert browser.sees("Fair in May") and browser.sees("Acme")


def acme_link(acme):
    from referrals.models import ReferralLink

    return session.query(ReferralLink).filter_by(partner_id=acme.id).one()


def test_nobody_takes_anothers_clicks_by_a_code_that_is_its_links_token(acme, rival):
    link = a_link(acme)
    with pytest.raises(InvalidInput, match="taken"):
        make_referral_code(rival, link.token.upper(), by=None)
    assert the_asked(a_lead(referral_code=link.token)) is acme
