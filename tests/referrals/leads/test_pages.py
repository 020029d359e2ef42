"""Leads on the pages of partners and of the vendor."""

import pytest

from core.database import session
from referrals.emails.leads import answer_path
from referrals.models import LeadStatus
from referrals.operations import claim_lead
from tests.referrals.leads.cast import a_lead, a_pooled_lead, the_offer


def test_an_offer_shows_the_need_and_hides_whom_to_call_until_it_is_accepted(browser, sam):
    lead = a_lead(
        text="We run two warehouses. Reach me at wilma@globex.example or 040 1234567.", phone="040 1234567"
    )
    browser.sign_in(sam).open("/leads").click("Globex")
    assert browser.heading == "Lead offer: Globex"
    assert browser.sees("We run two warehouses.")
    assert browser.sees("Why you")
    for secret in ("Wilma", "wilma@", "1234567"):
        assert secret not in browser.html
    browser.press("Accept the lead", expect=200)
    assert browser.heading == "Globex"
    for opened in ("Wilma Buyer", "wilma@globex.example", "+49 40 1234567"):
        assert browser.sees(opened)
    assert lead.status is LeadStatus.ACCEPTED


def test_from_the_offer_to_the_outcome_of_the_call_is_three_taps(browser, sam):
    lead = a_lead(phone="040 1234567")
    browser.sign_in(sam).open(f"/leads/offers/{the_offer(lead).id}").press("Accept the lead", expect=200)
    [call] = [link for link in browser.page.iter("a") if "btn-primary" in link.get("class", "")]
    assert call.get("href") == "tel:+49401234567"
    browser.press("Reached them", expect=200)
    assert lead.status is LeadStatus.CONTACTED and browser.sees("Reached them by phone.")
    [deal] = [link for link in browser.page.iter("a") if "btn-primary" in link.get("class", "")]
    assert deal.get("href").startswith("/deals/"), "after the call the deal is next"


def test_a_first_contact_is_written_down(browser, sam):
    lead = claim_lead(a_pooled_lead(), by=sam)
    browser.sign_in(sam).open(f"/leads/{lead.id}")
    assert browser.sees("First contact within")
    browser.fill("What it was", "Call").fill("What was said", "Wants a demo.").press(
        "Write it down", expect=200
    )
    assert browser.sees("Wants a demo.")
    assert lead.status is LeadStatus.CONTACTED


def test_a_reason_is_asked_for_when_declining(browser, sam, rival):
    a_lead()
    browser.sign_in(sam).open("/leads").click("Globex").press("Decline the lead", expect=422)
    browser.fill("Reason", "No capacity").press("Decline the lead", expect=200)
    assert browser.sees("The next partner is asked now.")


def test_who_comes_second_reads_a_sentence(browser, sam, rex):
    lead = a_pooled_lead()
    browser.sign_in(rex).open("/leads?tab=pool").click("Globex")
    claim_lead(lead, by=sam)
    browser.press("Claim the lead", expect=409)
    assert browser.sees("Globex has already been claimed.")
    assert "Acme" not in browser.html
    browser.open(f"/leads/{lead.id}", expect=200)
    assert browser.sees("Globex has already been claimed.") and browser.url.endswith("/leads")
    assert "Acme" not in browser.html


@pytest.mark.parametrize("path", ["/leads/{lead}", "/leads/offers/{offer}", "/staff/leads/{lead}"])
def test_rex_finds_nothing_of_acmes(browser, sam, rex, path):
    lead = a_lead()
    offer = the_offer(lead)
    browser.sign_in(rex).open(path.format(lead=lead.id, offer=offer.id), expect=None)
    assert browser.status in {403, 404}
    assert "Globex" not in browser.html


def test_the_link_in_the_mail_only_opens_a_page_and_its_button_accepts(browser, sam, rival):
    lead = a_lead()
    path = answer_path(the_offer(lead), sam)
    browser.open(path)
    assert lead.status is LeadStatus.OFFERED
    assert "Wilma" not in browser.html
    browser.press("Accept the lead", expect=200)
    assert lead.status is LeadStatus.ACCEPTED
    assert browser.sees("Sign in to see whom to call.")
    browser.open(path)
    assert "Accept the lead" not in browser.buttons


def test_a_link_for_somebody_who_left_or_made_up_opens_nothing(browser, sam):
    from partners.models import Member

    path = answer_path(the_offer(a_lead()), sam)
    browser.open(path[:-1] + ("0" if path[-1] != "0" else "1"), expect=404)
    from core import clock

    session.query(Member).filter_by(user_id=sam.id).one().left_at = clock.now()
    browser.open(path, expect=404)


def test_a_manager_sees_every_candidate(browser, mona, acme, rival):
    lead = a_lead()
    browser.sign_in(mona).open("/staff/leads").click("Globex").click("How it was routed")
    assert browser.sees("2 candidates")
    assert browser.sees("Acme")
    assert browser.sees("Rival")
    assert browser.heading == f"Routing of {lead.number}"


def test_a_manager_decides_in_triage(browser, mona, acme):
    lead = a_lead(country="JP")
    browser.sign_in(mona).open("/staff/leads/triage").click("Decide")
    assert browser.sees("No partner passes the filters")
    browser.fill("Partner", "Acme").fill("Why", "They know the owner.").press("Ask this partner", expect=200)
    assert browser.sees("Acme is asked now.")
    assert the_offer(lead).partner is acme


def test_a_colleague_types_a_lead_in(browser, mona, acme):
    browser.sign_in(mona).open("/staff/leads/new").fill("Company", "Initech").fill("E-mail", "x")
    browser.fill("Country", "Germany").press("Take the lead in", expect=422)
    browser.fill("E-mail", "peter@initech.example").press("Take the lead in", expect=200)
    assert browser.heading == "Initech"
    assert browser.sees("Offered")


def test_the_list_is_a_file_without_formulas(browser, mona, acme):
    a_lead("=cmd|'/c calc'!A0", email="a@b.example")
    browser.sign_in(mona).open("/staff/leads.csv")
    assert "'=cmd" in browser.response.get_data(as_text=True)


def test_a_list_asks_the_same_number_of_questions_for_one_lead_as_for_many(browser, mona, sam):
    a_pooled_lead("First")
    browser.sign_in(mona).open("/staff/leads")
    one = browser.queries
    for number in range(8):
        a_pooled_lead(f"Company{number}")
    browser.open("/staff/leads")
    assert browser.queries == one
    browser.open("/staff/leads/policy")
    assert browser.sees("standard/1, in force")


def test_what_waits_stands_on_the_home_page(browser, sam, mona):
    a_lead()
    a_lead("Umbrella", country="JP")
    browser.sign_in(sam).open("/")
    assert browser.sees("Lead offer: Globex")
    from tests.browser import Browser

    staff = Browser(browser.app).sign_in(mona).open("/")
    assert staff.sees("Lead without a partner: Umbrella")


def test_routing_is_changed_by_a_new_version(browser, pia, acme, rival):
    browser.sign_in(pia).open("/staff/leads/policy").click("Make a new version")
    browser.fill("Mode", "Pool: the first claim wins").fill("What changed, and why", "Trying the pool")
    browser.press("Publish the version", expect=200)
    assert browser.sees("standard/2, in force")
    assert a_lead().status is LeadStatus.AVAILABLE


def test_the_pool_is_narrowed_to_what_is_near_by_the_address(browser, sam, acme):
    acme.latitude, acme.longitude = 53.55, 10.0  # Hamburg
    for company, city in (("Nearby", "Lübeck"), ("Far", "München"), ("Nowhere", None)):
        a_pooled_lead(company, city=city, email=f"a@{company.lower()}.example")
    browser.sign_in(sam).open("/leads?tab=pool")
    assert all(browser.sees(name) for name in ("Nearby", "Far", "Nowhere"))
    browser.open("/leads?tab=pool&within=200")
    assert browser.sees("Nearby") and browser.sees("up to 200 km")
    assert not browser.sees("Far") and not browser.sees("Nowhere")
    browser.open("/leads?tab=pool&within=50")
    assert browser.sees("No lead matches")
    browser.open("/leads?tab=pool&within=7")
    assert browser.sees("Far"), "a distance that is not on the list is none"
