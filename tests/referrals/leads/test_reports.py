"""Reports on leads: stages, answers, reasons, and fair shares by month."""

from datetime import timedelta

from core import clock
from core.database import session
from referrals.models import ContactKind, Deal, DeclineReason, LostReason
from referrals.operations import accept_offer, claim_lead, decline_offer, log_contact, lose_deal
from referrals.queries import reports
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
    shares = {one.key: one for one in reports.fairness_by_tier(*lately())}
    assert shares["gold"].received + shares["silver"].received == 4
    assert abs(sum(one.expected for one in shares.values()) - 1) < 1e-9
    assert shares["gold"].expected > shares["silver"].expected
    [germany] = reports.fairness_by_country(*lately())
    assert (germany.key, germany.received, germany.share, germany.expected) == ("DE", 4, 1.0, 1.0)


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
