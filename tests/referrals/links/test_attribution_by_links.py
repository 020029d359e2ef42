"""Registered deal > routed lead > code > link: whose a sale is when only the company tells."""

from datetime import timedelta

import pytest

from core import clock
from core.settings import change_setting
from core.taxids import parse_tax_id
from referrals.models import AttributionSource, SaleStatus
from referrals.operations import accept_offer, make_referral_code, sales
from referrals.operations.links import end_link
from referrals.queries.links import brought_by_links
from referrals.settings import LINK_CREDIT
from tests.cast import a_partner
from tests.referrals.deals.cast import a_deal, a_sale
from tests.referrals.leads.cast import a_lead, the_offer
from tests.referrals.links.cast import a_link, clicked

TAX_KEY = parse_tax_id("DE136695976", "DE").key


@pytest.fixture(autouse=True)
def _later(time):
    """Sales are of the moment, so that what stands before them stands before them."""
    time.move(days=1)


def sold(name="inv_1", **about):
    return a_sale(name, **{"occurred_at": clock.now(), **about})


def sources(sale):
    return [(one["source"], one["chosen"], one["because"]) for one in sale.attribution]


def test_the_published_order_decides_and_the_losers_are_kept(acme, rival, time):
    third = a_partner("Third")
    deal = a_deal(acme, website="https://globex.example")
    make_referral_code(rival, "RIVAL", by=None)
    link = a_link(third)
    a_lead(referral_code="RIVAL", touches=(clicked(link),))
    time.move(minutes=5)
    sale = sold()
    assert (sale.partner_id, sale.attribution_source, sale.deal_id) == (
        acme.id, AttributionSource.REGISTRATION, deal.id,
    )  # fmt: skip
    assert sources(sale) == [("registration", True, ""), ("code", False, "weaker"), ("link", False, "weaker")]
    assert sale.attribution[2]["link_id"] == link.id


def test_a_lead_that_a_partner_took_on_goes_before_a_code(acme, rival, ada, time):
    accept_offer(the_offer(a_lead()), by=ada)
    make_referral_code(rival, "RIVAL", by=None)
    time.move(minutes=5)
    sale = sold(referral_code="RIVAL")
    assert (sale.partner_id, sale.attribution_source) == (acme.id, AttributionSource.LEAD)
    assert sale.origin == "routed"


def test_a_code_goes_before_a_link(acme, rival, time):
    make_referral_code(rival, "RIVAL", by=None)
    a_lead(touches=(clicked(a_link(acme)),))
    time.move(minutes=5)
    assert sold(referral_code="rival").attribution_source is AttributionSource.CODE


def test_a_link_alone_decides_and_the_sale_says_which(acme, time):
    link = a_link(acme)
    a_lead(touches=(clicked(link),))
    time.move(minutes=5)
    sale = sold()
    assert (sale.partner_id, sale.link_id, sale.origin) == (acme.id, link.id, "link")
    brought = brought_by_links([link.id])[link.id]
    assert (brought.sales, brought.sold) == (1, {"EUR": 100_00})


def test_the_first_or_the_last_click_counts_and_the_other_is_kept(acme, rival, time):
    a_lead(touches=(clicked(a_link(acme), days_ago=5), clicked(a_link(rival), days_ago=2)))
    time.move(minutes=5)
    sale = sold()
    assert sale.partner_id == rival.id
    assert sources(sale) == [("link", True, ""), ("link", False, "other_click")]
    change_setting(LINK_CREDIT, "first", by=None)
    other = sold("inv_2", customer={"name": "Globex", "external_id": "cus_8", "domain": "globex.example"})
    assert other.partner_id == acme.id


def test_a_click_takes_no_customer_away_from_its_partner(acme, rival, time):
    sold("inv_1", partner_id=str(acme.id))
    a_lead("Globex", touches=(clicked(a_link(rival)),))
    time.move(minutes=5)
    sale = sold("inv_2")
    assert (sale.partner_id, sale.attribution_source) == (acme.id, AttributionSource.CUSTOMER)
    assert sources(sale)[-1] == ("link", False, "weaker")


def test_a_renewal_is_not_what_an_open_deal_is_about(acme, rival, time):
    sold("inv_1", partner_id=str(rival.id))
    a_deal(acme, website="https://globex.example")
    time.move(minutes=5)
    assert sold("inv_2", type="renewal").partner_id == rival.id
    assert sold("inv_3", type="expansion").partner_id == acme.id


def test_a_deal_that_came_after_the_purchase_has_no_part_in_it(acme):
    a_deal(acme, website="https://globex.example")
    assert sold(occurred_at=clock.now() - timedelta(hours=1)).partner_id is None


def test_the_token_of_a_link_may_stand_for_the_code(acme):
    link = a_link(acme)
    assert sold(referral_code=link.token).link_id == link.id
    end_link(link, by=None)
    late = sold("inv_2", referral_code=link.token, customer={"name": "Hooli"})
    assert sources(late) == [("link", False, "link_ended")]
    before = clock.now() - timedelta(minutes=5)
    told_late = sold("inv_3", referral_code=link.token, customer={"name": "Umbra"}, occurred_at=before)
    assert told_late.link_id == link.id, "it was bought while the link lived"


@pytest.mark.parametrize(
    ("about", "customer", "reason"),
    [
        ({"domain": "globex.example"}, {}, "self_referral"),
        ({"legal_name": "Globex GmbH"}, {}, "same_payee"),
        ({"tax_key": TAX_KEY}, {"name": "Other", "tax_id": "DE136695976"}, "same_payee"),
        ({}, {"domain": "mailinator.com"}, "disposable_domain"),
        ({}, {"domain": "hooli.example"}, None),
    ],
)
def test_who_refers_itself_waits_for_a_person(acme, about, customer, reason):
    for name, value in about.items():
        setattr(acme, name, value)
    make_referral_code(acme, "ACME", by=None)
    given = {
        "external_id": "cus_7",
        "name": "Globex",
        "country": "DE",
        "domain": "globex.example",
        **customer,
    }
    sale = sold(referral_code="ACME", customer=given)
    assert sale.held_because == reason
    if reason:
        assert sale.status is SaleStatus.HELD and not sale.earns
        sales.release_sale(sale, by=None)
        assert sale.earns


def test_a_customer_whose_contact_works_for_the_partner_waits_for_a_person(acme, sam, time):
    a_deal(acme, website="https://globex.example", email=sam.email)
    time.move(minutes=5)
    assert sold().held_because == "same_person"


def test_the_partner_reads_why_a_sale_is_its_own_and_never_whose_else(browser, acme, ada, rival, time):
    a_lead(
        touches=(
            clicked(a_link(rival, campaign="Secret"), days_ago=5),
            clicked(a_link(acme, campaign="Mine")),
        )
    )
    time.move(minutes=5)
    sale = sold()
    browser.sign_in(ada).open(f"/sales/{sale.id}")
    assert browser.sees("Whose it is, and why") and browser.sees("Mine") and browser.sees("another partner")
    assert not browser.sees("Rival") and not browser.sees("Secret")


def test_finance_reads_what_speaks_for_a_held_sale(browser, acme, finn, time):
    acme.domain = "globex.example"
    a_lead(touches=(clicked(a_link(acme, campaign="Newsletter")),))
    time.move(minutes=5)
    sale = sold()
    browser.sign_in(finn).open(f"/sales/{sale.id}")
    assert browser.sees("Clicks before it") and browser.sees("Partner and customer share a web site")
    browser.press("Release the sale")
    assert browser.sees("Released. The sale earns now.")
