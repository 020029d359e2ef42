"""A partner that buys from itself, or sends leads to itself: seen by address, account, payee and person, then held."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from accounts.operations.signing_in import open_sign_in
from commissions.models import PayoutMethod, PayoutProfile
from core import clock, retention
from core.activity import Activity
from core.database import session
from core.errors import Refusal
from core.personal_data import Person, held_of
from partners.operations import merge_partners
from referrals.models import Lead, LeadNeighbour, LeadSender, Sale, SaleStatus
from referrals.operations import make_referral_code
from referrals.operations.sales import record_sale, record_sales
from referrals.operations.senders import MOST_NEIGHBOURS, digest_of, find_neighbours
from referrals.payees import account_digest
from referrals.schemas import SaleIn
from tests.cast import a_member, a_partner
from tests.referrals.deals.cast import a_sale, sale_data
from tests.referrals.leads.cast import a_lead
from tests.referrals.leads.test_form import _fill
from tests.referrals.links.cast import a_link, clicked
from tests.statements import heard_statements

OFFICE = "84.200.69.80"
ELSEWHERE = "9.9.9.9"


@pytest.fixture(autouse=True)
def _later(time):
    """Sales are of the moment, so that what stands before them stands before them."""
    time.move(days=1)


def sits(user, address=OFFICE):
    """Somebody signs in from ``address``."""
    open_sign_in(user, address=address, browser="")


def a_sale_by_link(partner, address, time, name="inv_1"):
    """A visitor at ``address`` follows the partner's link and sends the form; the company buys an hour later."""
    a_lead(touches=(clicked(a_link(partner)),), address=address)
    time.move(hours=1)
    return a_sale(name, occurred_at=clock.now())


# Addresses


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (OFFICE, OFFICE, True),
        (OFFICE, "84.200.69.81", False),
        (OFFICE, f"::ffff:{OFFICE}", True),
        ("2a00:1450:4001:80::1", "2a00:1450:4001:80:9:8:7:6", True),
        ("2a00:1450:4001:80::1", "2a00:1450:4001:81::1", False),
    ],
)
def test_a_digest_is_of_the_network_and_never_the_address(one, other, same):
    assert (digest_of(one) == digest_of(other)) is same
    assert len(digest_of(one)) == 64 and one not in digest_of(one)


@pytest.mark.parametrize("address", [None, "", "127.0.0.1", "10.1.2.3", "fe80::1", "100.64.0.9", "nonsense"])
def test_what_is_no_address_of_the_internet_says_nothing(address):
    assert digest_of(address) is None


def test_a_sale_whose_form_came_from_the_partners_office_waits_for_a_person(acme, ada, time):
    sits(ada)
    sale = a_sale_by_link(acme, OFFICE, time)
    assert (sale.status, sale.held_because, sale.earns) == (SaleStatus.HELD, "same_place", False)


def test_a_form_of_the_vendors_own_says_the_visitors_address_over_the_api(acme, ada, machine, time):
    sits(ada)
    code = a_link(acme).token
    body = {"company": "Globex", "email": "wilma@globex.example", "country": "DE", "referral_code": code}
    machine("leads:write").post("/leads", {**body, "visitor_ip": OFFICE})
    time.move(hours=1)
    assert a_sale("inv_1", occurred_at=clock.now(), referral_code=code).held_because == "same_place"


def test_signing_in_from_there_afterwards_is_seen_as_well(acme, ada, time):
    a_lead(touches=(clicked(a_link(acme)),), address=OFFICE)
    time.move(hours=1)
    sits(ada)
    assert a_sale(occurred_at=clock.now()).held_because == "same_place"


def test_other_addresses_and_other_firms_are_no_matter(acme, ada, rival, rex, time):
    sits(ada, ELSEWHERE)
    sits(rex)
    assert a_sale_by_link(acme, OFFICE, time).held_because is None


def test_who_has_left_the_firm_or_was_there_long_ago_is_no_neighbour(acme, ada, sam, time):
    sits(sam)
    time.move(days=75)
    assert a_sale_by_link(acme, OFFICE, time).held_because is None


def test_an_address_that_many_firms_share_says_nothing(acme, ada, time):
    sits(ada)
    for number in range(MOST_NEIGHBOURS):
        sits(a_member(a_partner(f"Firm{number}"), "Otto", ada.role))
    assert a_sale_by_link(acme, OFFICE, time).held_because is None
    assert find_neighbours() == 0


def test_the_night_writes_neighbours_down_before_the_address_is_forgotten(acme, ada, time):
    a_lead(touches=(clicked(a_link(acme)),), address=OFFICE)
    sits(ada)
    assert find_neighbours() == 1 and find_neighbours() == 1
    assert session.query(LeadNeighbour).count() == 1
    time.move(days=31)
    retention.keep(retention.RULES["lead_senders"])
    assert session.query(LeadSender).count() == 0
    assert a_sale(occurred_at=clock.now()).held_because == "same_place"


def test_the_address_of_a_visitor_stands_nowhere(browser, acme, time):
    browser.client.environ_base["REMOTE_ADDR"] = OFFICE
    browser.open("/contact")
    time.move(seconds=30)
    _fill(browser).press("Ask for a call", expect=200)
    lead = session.query(Lead).one()
    assert session.get(LeadSender, lead.id).digest == digest_of(OFFICE)
    trail = session.scalars(sa.select(Activity)).all()
    assert trail and OFFICE not in {row.address for row in trail}


def test_erasing_the_contact_forgets_where_they_were(acme, time):
    lead = a_lead(address=OFFICE)
    person = Person(lead.email)
    assert [held.holding.overwrite(person) for held in held_of(person) if held.holding.code == "leads"] == [1]
    assert session.query(LeadSender).count() == 0


def test_the_manager_reads_it_on_the_lead_and_the_partner_does_not(browser, acme, ada, mona):
    sits(ada)
    lead = a_lead(address=OFFICE)
    find_neighbours()
    browser.sign_in(mona).open(f"/staff/leads/{lead.id}")
    assert browser.sees("Sent from where their people sign in")
    assert browser.sees("Acme")


def test_merged_firms_are_one_neighbour(acme, ada, rival, rex, time):
    sits(ada)
    sits(rex)
    a_lead(touches=(clicked(a_link(rival)),), address=OFFICE)
    assert find_neighbours() == 2
    merge_partners(acme, rival, reason="One firm", by=None)
    assert [row.partner_id for row in session.query(LeadNeighbour)] == [rival.id]


# Accounts and payees

IBAN = "DE89370400440532013000"


def is_paid(partner, **about):
    """The partner's payout details."""
    values = {"method": PayoutMethod.SEPA, "holder": "Acme GmbH", "iban": IBAN, "country": "DE", **about}
    moment = clock.now()
    session.add(
        PayoutProfile(
            partner_id=partner.id,
            created_at=moment,
            changed_at=moment,
            changed_by_name="",
            pays_from=moment,
            **values,
        )
    )
    session.flush()


def bought(order="inv_1", /, **customer):
    """A sale by Acme's code, as a machine sends it."""
    said = sale_data(order, referral_code="ACME")
    given = {**said["customer"], "domain": "hooli.example", "name": "Hooli", **customer}
    lines = [{"kind": "licence", "unit_amount_minor": 100_00}]
    sent = {**said, "customer": given, "lines": lines, "occurred_at": clock.now().isoformat()}
    return SaleIn().load(sent)


@pytest.mark.parametrize(
    ("payee", "customer", "reason"),
    [
        ({}, {"account": "de89 3704 0044 0532 0130 00"}, "same_account"),
        ({"method": PayoutMethod.ONEC, "iban": "", "account": "40702810900000000001"},
         {"account": "40702810900000000001"}, "same_account"),
        ({}, {"account": "DE02120300000000202051"}, None),
        ({"holder": "Hooli"}, {}, "same_payee"),
        ({"tax_id": "DE136695976"}, {"tax_id": "DE136695976"}, "same_payee"),
        ({}, {}, None),
    ],
)  # fmt: skip
def test_who_pays_is_compared_with_who_is_paid(acme, payee, customer, reason):
    make_referral_code(acme, "ACME", by=None)
    is_paid(acme, **payee)
    data = bought(**customer)
    assert record_sale(data, by=None).fact.held_because == reason
    [outcome] = record_sales([{**bought("inv_2", **customer)}], by=None)
    assert session.get(Sale, outcome.sale_id).held_because == reason


def test_the_account_itself_is_kept_nowhere_and_the_same_message_is_the_same(acme):
    data = bought(account="DE89 3704 0044 0532 0130 00")
    assert data["customer"]["account"] == account_digest(IBAN)
    assert IBAN not in str(data)
    first = record_sale(data, by=None)
    assert not record_sale(bought(account=IBAN) | {"occurred_at": data["occurred_at"]}, by=None).is_new
    assert first.is_new
    with pytest.raises(Refusal):
        record_sale(bought(account="other") | {"occurred_at": data["occurred_at"]}, by=None)


# People


def test_a_lead_that_the_partners_own_person_sent_counts_whichever_claim_wins(acme, sam, time):
    make_referral_code(acme, "ACME", by=None)
    a_lead(email=sam.email, website="https://globex.example", touches=(clicked(a_link(acme)),))
    time.move(minutes=5)
    sale = a_sale(referral_code="ACME", occurred_at=clock.now() + timedelta(minutes=1))
    assert sale.attribution_source == "code"
    assert sale.held_because == "same_person"


# Circles


def test_partners_that_sell_to_each_other_wait_for_a_person(acme, rival):
    acme.domain, rival.domain = "acme.example", "rival.example"
    make_referral_code(acme, "ACME", by=None)
    make_referral_code(rival, "RIVAL", by=None)

    def sold_to(firm, by, name):
        customer = {
            "name": firm.name,
            "external_id": f"cus-{firm.id}",
            "country": "DE",
            "domain": firm.domain,
        }
        return sale_data(name, referral_code=by, customer=customer, occurred_at=clock.now())

    assert record_sale(sold_to(acme, "RIVAL", "inv_1"), by=None).fact.held_because is None
    assert record_sale(sold_to(rival, "ACME", "inv_2"), by=None).fact.held_because == "in_a_circle"
    [outcome] = record_sales([sold_to(rival, "ACME", "inv_3")], by=None)
    assert session.get(Sale, outcome.sale_id).held_because == "in_a_circle"


def test_many_sales_look_a_partner_up_once(acme):
    make_referral_code(acme, "ACME", by=None)
    is_paid(acme)
    rows = [
        bought(f"inv_{number}", external_id=f"cus_{number}", name=f"Firm {number}") for number in range(12)
    ]
    with heard_statements() as asked:
        record_sales(rows, by=None)
    assert len([one for one in asked if "FROM commissions_payout_profile" in one]) == 1
