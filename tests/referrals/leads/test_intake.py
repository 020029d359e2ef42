"""What becomes of a lead when it comes in."""

import pytest

from core.errors import InvalidInput, Refusal
from referrals.models import LeadOrigin, LeadStatus
from referrals.operations import LeadData, receive_lead
from referrals.operations.codes import make_referral_code
from referrals.operations.deals import DealData, approve_deal, register_deal
from referrals.queries.decisions import latest_decision
from tests.academy.cast import a_certificate, a_course
from tests.referrals.leads.cast import a_lead, a_pooled_lead, make_product, the_asked


def test_a_lead_is_offered_to_the_best_partner_in_the_same_breath(acme, ada):
    lead = a_lead()
    assert lead.status is LeadStatus.OFFERED
    assert the_asked(lead) is acme


def test_a_lead_from_the_shop_goes_to_the_pool(acme, rival):
    assert a_pooled_lead().status is LeadStatus.AVAILABLE


def test_a_lead_that_nobody_can_have_waits_for_a_person(acme):
    lead = a_lead(country="JP")
    assert (lead.status, lead.reason) == (LeadStatus.TRIAGE, "nobody_eligible")


@pytest.mark.parametrize(
    "again",
    [
        {"email": "WILMA+shop@Globex.example", "company": "GLOBEX Gmbh"},
        {"email": "someone.else@globex.example", "company": None},
        {"email": None, "website": "https://www.globex.example/de", "company": "Something"},
        {"email": "wilma@gmail.com", "company": "Else", "phone": "040 1234567"},
    ],
)
def test_the_same_company_again_is_a_duplicate(acme, again):
    first = a_lead(phone="+49 40 1234567")
    second = a_lead(**{"company": "Globex", **again})
    assert second.status is LeadStatus.DUPLICATE
    assert second.duplicate_of_id == first.id


def test_two_people_of_one_mail_provider_are_not_duplicates(acme):
    a_lead("Globex", email="wilma@gmail.com")
    assert a_lead("Initech", email="peter@gmail.com").status is LeadStatus.OFFERED


def test_the_callers_key_again_is_the_same_lead(acme):
    assert a_lead(caller_key="order-7") is a_lead(caller_key="order-7")


def test_a_trap_for_machines_catches_them(acme):
    lead = a_lead(origin=LeadOrigin.EMBEDDED_FORM, honeypot="http://buy.example")
    assert lead.status is LeadStatus.SPAM


def test_nobody_types_that_fast(acme):
    assert a_lead(origin=LeadOrigin.EMBEDDED_FORM, seconds=0.4).status is LeadStatus.SPAM


def test_a_lead_says_who_it_is(acme):
    with pytest.raises(InvalidInput) as problem:
        receive_lead(LeadData(origin=LeadOrigin.API), by=None)
    assert "company" in problem.value.problems


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("products", ("no-such-thing",)),
        ("services", ("dancing",)),
        ("country", "Atlantis"),
        ("region", "DE-XX"),
        ("email", "not an address"),
        ("website", "javascript:alert(1)"),
        ("language", "§"),
        ("employees", -1),
        ("partner_id", 999),
    ],
)
def test_what_cannot_be_used_is_named_at_its_field(acme, field, given):
    with pytest.raises(InvalidInput) as problem:
        a_lead(**{field: given})
    assert list(problem.value.problems) == [field]


def test_a_partner_registers_deals_instead_of_sending_leads(acme, ada):
    with pytest.raises(Refusal):
        a_lead(by=ada)


def test_a_trusted_caller_may_name_the_partner(acme, rival):
    for partner in (acme, rival):
        assert the_asked(a_lead(partner.name, partner_id=partner.id)) is partner


def test_a_guest_of_an_event_who_agreed_is_a_lead_for_the_host(acme, rival):
    lead = a_lead(origin=LeadOrigin.EVENT, event_partner_id=rival.id)
    assert the_asked(lead) is rival


def test_a_code_leads_to_its_partner(acme, rival):
    make_referral_code(rival, "RIVAL-26", by=None)
    assert the_asked(a_lead(referral_code="rival-26")) is rival
    assert the_asked(a_lead("Initech", referral_code="nobodys")) is acme


def test_who_has_registered_the_company_gets_its_lead(acme, rival, rex):
    deal = register_deal(
        rival, DealData(company="Globex", website="https://globex.example", country="DE"), by=rex
    )
    approve_deal(deal, by=None)
    lead = a_lead()
    assert the_asked(lead) is rival
    assert [one["kind"] for one in latest_decision(lead).overrides] == ["registered_deal"]


def test_a_product_with_a_course_goes_to_who_is_certified_and_passing_it_opens_the_door(
    acme, ada, rival, rex
):
    make_product("cloud")
    course = a_course(products=("cloud",))
    a_certificate(rex, course)
    assert the_asked(a_lead(products=("cloud",))) is rival
    assert {
        entry["filter"] for entry in latest_decision(a_lead("Initech", products=("cloud",))).filtered_out
    } == {"certificate"}
    a_certificate(ada, course)
    assert the_asked(a_lead("Umbrella", products=("cloud",))) is acme


def test_a_product_without_a_course_needs_no_certificate(acme):
    make_product("desk")
    assert the_asked(a_lead(products=("desk",))) is acme


def test_in_triage_it_says_when_only_room_is_lacking(acme):
    acme.open_lead_cap = 1
    a_lead("First")
    lead = a_lead("Second")
    assert (lead.status, lead.reason) == (LeadStatus.TRIAGE, "nobody_with_room")
