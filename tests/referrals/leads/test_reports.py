"""Reports on leads: stages, answers, reasons, and fair shares by month."""

from datetime import timedelta

from accounts.permissions import Role
from core import clock
from core.database import session
from partners.models import PartnerStatus
from referrals.models import ContactKind, Deal, DeclineReason, LostReason, Offer
from referrals.operations import accept_offer, claim_lead, decline_offer, log_contact, lose_deal
from referrals.queries import fairness, reports
from referrals.queries.fairness import Span
from tests.browser import Browser
from tests.cast import a_member, a_partner
from tests.referrals.deals.cast import a_registration
from tests.referrals.leads.cast import a_lead, a_pooled_lead, the_asked, the_offer


def lately():
    return clock.now() - timedelta(days=90), clock.now() + timedelta(days=1)


def test_the_pipeline_counts_each_lead_at_every_stage_it_reached(acme, ada, rival, sam):
    won = a_lead("Globex", source="site")
    accept_offer(the_offer(won), by=ada)
    log_contact(won, kind=ContactKind.CALL, text="Hello.", by=ada)
    lose_deal(session.query(Deal).filter_by(lead_id=won.id).one(), LostReason.PRICE, "", by=ada)
    a_lead("Initech", source="site", country="JP")
    a_lead("Globex", source="fair")
    claim_lead(a_pooled_lead("Umbrella"), by=sam)
    assert reports.pipeline(*lately()).stages == (4, 4, 2, 1, 0)
    rows = {row[0]: tuple(row[1:]) for row in session.execute(reports.pipeline_by("source", *lately()))}
    assert rows == {"site": (2, 2, 1, 1, 0), "shop": (1, 1, 1, 0, 0), "fair": (1, 1, 0, 0, 0)}
    assert reports.lost_reasons(*lately()) == [(LostReason.PRICE, 1)]
    [share] = session.execute(reports.vendor_share_by_partner(*lately())).all()
    assert tuple(share)[1:] == ("Acme", 2, 2)


def test_reasons_and_answers_by_partner(acme, ada, rival, time):
    lead = a_lead()
    time.move(hours=3)
    decline_offer(the_offer(lead), reason=DeclineReason.OUTSIDE_AREA, by=ada)
    assert reports.decline_reasons(*lately()) == [(DeclineReason.OUTSIDE_AREA, 1)]
    rows = {row[1]: row for row in session.execute(reports.answers_by_partner(*lately()))}
    assert rows["Acme"][2:6] == (1, 0, 1, 0)
    assert float(rows["Acme"][6]) == 3.0


def test_shares_by_tier_stand_beside_what_the_weights_come_to(acme, ada, rival):
    for number in range(4):
        a_lead(f"Firm{number}")
    shares = {one.key: one for one in fairness.by_tier(Span(*lately()))}
    assert shares["gold"].received + shares["silver"].received == 4
    assert abs(sum(one.expected for one in shares.values()) - 1) < 1e-9
    assert shares["gold"].expected > shares["silver"].expected
    [germany] = fairness.by_country(Span(*lately()))
    assert (germany.key, germany.received, germany.share, germany.expected) == ("DE", 4, 1.0, 1.0)


def a_firm_in(name, region, country="DE"):
    firm = a_partner(name)
    firm.country, firm.region, firm.regions = country, region, [country]
    session.flush()
    return firm


def test_shares_by_region_stand_beside_where_the_leads_came_from(acme):
    acme.region, acme.status = None, PartnerStatus.SUSPENDED
    north, south = a_firm_in("North", "DE-HH"), a_firm_in("South", "DE-BY")
    a_firm_in("Abroad", "AT-9", "AT")
    for number, region in enumerate(("DE-HH", "DE-HH", "DE-SN", None)):
        a_lead(f"Firm{number}", region=region)
    claim_lead(a_pooled_lead("Umbrella", region="DE-HH"), by=a_member(north, "Nora", Role.SELLER))
    shares = {one.key: one for one in fairness.by_region(Span(*lately(), country="DE"))}
    assert {key: one.expected for key, one in shares.items() if one.expected} == {
        "DE-HH": 0.6, "DE-SN": 0.2, "": 0.2,
    }  # fmt: skip
    given = {
        firm.region: session.query(Offer).filter_by(partner_id=firm.id).count() for firm in (north, south)
    }
    assert {key: one.offered for key, one in shares.items() if one.offered} == {
        key: number for key, number in given.items() if number
    }
    hamburg, saxony = shares["DE-HH"], shares["DE-SN"]
    assert (hamburg.partners, hamburg.claimed, hamburg.taken, hamburg.won) == (1, 1, 1, 0)
    assert (saxony.partners, saxony.received, saxony.difference) == (0, 0, -0.2)
    assert abs(sum(one.share for one in shares.values()) - 1) < 1e-9
    assert "AT-9" not in shares


def test_tiers_can_be_looked_at_within_a_country(acme, rival):
    a_firm_in("Abroad", "AT-9", "AT").tier = "gold"
    for number in range(3):
        a_lead(f"Firm{number}")
    within = {one.key: one for one in fairness.by_tier(Span(*lately(), country="DE"))}
    abroad = {one.key: one for one in fairness.by_tier(Span(*lately(), country="AT"))}
    assert sum(one.partners for one in within.values()) == 2
    assert (abroad["gold"].partners, abroad["gold"].received, abroad["gold"].expected) == (1, 0, 1.0)


def test_a_manager_looks_into_a_country_and_takes_the_figures_along(browser, mona, acme, rival):
    acme.region = "DE-HH"
    a_lead(region="DE-HH")
    browser.sign_in(mona).open("/staff/leads/reports/fairness")
    few = browser.queries
    assert browser.sees("By country") and not browser.sees("By region")
    browser.click("Germany")
    assert browser.sees("By region") and browser.sees("Hamburg")
    for number in range(6):
        a_lead(f"Firm{number}", region=f"DE-{('BE', 'BY', 'SN', 'NW', 'HE', 'HB')[number]}")
    browser.open("/staff/leads/reports/fairness?country=DE")
    assert browser.sees("Sachsen") and browser.queries <= few
    browser.open("/staff/leads/reports/fairness.csv?country=DE")
    assert "Sachsen,0,0,0,0,0,0.0000,0.1429" in browser.html
    browser.open("/staff/leads/reports/fairness?country=nonsense&month=x")
    assert browser.sees("By country")


def test_a_manager_reads_the_reports(browser, mona, acme, ada, rival):
    lead = a_lead(source="site")
    assert the_asked(lead) is acme
    accept_offer(the_offer(lead), by=ada)
    browser.sign_in(mona).open("/staff/leads").click("Reports")
    assert browser.sees("Deals that the vendor brought")
    queries = browser.queries
    for by in ("partner", "country", "region", "origin"):
        browser.open(f"/staff/leads/reports?by={by}&days=365")
        assert browser.queries <= queries + 1
    browser.click("Fair shares")
    assert browser.sees("By tier")
    assert browser.sees("Gold")
    browser.open("/staff/leads/reports.csv?by=source")
    assert "site" in browser.html


def test_how_many_deals_the_vendor_brought_stands_for_all_partners_and_on_each_ones_home(
    browser, acme, ada, mona
):
    accept_offer(the_offer(a_lead()), by=ada)
    a_registration(acme, "Own find", website="own-find.example")
    assert reports.vendor_share(*lately()) == (2, 1)
    browser.sign_in(mona).open("/staff/leads/reports")
    assert browser.sees("All partners: 1 of 2 deals, 50 %")
    partners = Browser(browser.app).sign_in(ada).open("/")
    assert partners.sees("Deals that the vendor brought") and partners.sees("1 of 2")


def test_answers_and_shares_of_every_partner_come_as_files(browser, acme, ada, mona):
    accept_offer(the_offer(a_lead()), by=ada)
    browser.sign_in(mona).open("/staff/leads/reports")
    for link, line in (
        ("As a file: Answers", "Acme,1,1,0,0,"),
        ("As a file: Deals that the vendor brought", "Acme,1,1"),
    ):
        assert line in browser.open("/staff/leads/reports").click(link).response.text
