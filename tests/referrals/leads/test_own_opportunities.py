"""Companies that the vendor talks to itself: no partner is sent there, and who asks learns that and until when."""

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from core.activity import Activity
from core.database import session
from core.errors import InvalidInput, Refusal
from core.settings import PROGRAMME_TIME_ZONE
from referrals.matching import Identity
from referrals.models import DealStatus, Lead, LeadStatus, OfferStatus, OwnOpportunity
from referrals.operations import assign_lead, claim_lead, put_into_pool, return_lead
from referrals.operations.conflicts import check_conflict
from referrals.operations.many_opportunities import WrongRows, keep_opportunities
from referrals.operations.opportunities import (
    OpportunityData,
    change_opportunity,
    end_opportunity,
    keep_opportunity,
    last_day,
)
from referrals.operations.routing import rows_of
from referrals.queries.decisions import latest_decision
from referrals.queries.offers import offers_of
from referrals.queries.opportunities import opportunities_visible_to
from referrals.receivers.leads import end_own_opportunities
from tests.conftest import MONDAY_MORNING
from tests.referrals.deals.cast import a_deal, a_registration
from tests.referrals.leads.cast import a_lead, a_pooled_lead

TODAY = MONDAY_MORNING.date()
IN_TWO_MONTHS = TODAY + timedelta(days=60)


def an_opportunity(
    person: Any, company: str = "Globex", *, until: date = IN_TWO_MONTHS, **about: Any
) -> OwnOpportunity:
    about = {"website": "globex.example", **about}
    return keep_opportunity(
        OpportunityData(company=company, responsible=person, until=until, **about), by=person
    )


def test_its_leads_wait_for_the_vendors_person_and_no_partner_is_asked(acme, mona, mails):
    an_opportunity(mona)
    lead = a_lead()
    assert (lead.status, lead.reason, list(offers_of(lead))) == (LeadStatus.TRIAGE, "own_opportunity", [])
    [mail] = mails(to=mona.email)
    assert mail["subject"] == "A lead of a company that you talk to: Globex"


def test_the_decision_says_why_and_keeps_everybodys_score(acme, mona):
    an_opportunity(mona)
    decision = latest_decision(a_lead())
    [override] = decision.overrides
    assert (override["kind"], override["partner_id"], override["applied"]) == ("own_opportunity", "", True)
    [row] = rows_of(decision)
    assert row.points is not None and not row.chosen


def test_a_lead_of_another_company_goes_to_partners(acme, mona):
    an_opportunity(mona, "Initech", website="initech.example")
    assert a_lead().status is LeadStatus.OFFERED


def test_the_tax_number_alone_will_do(acme, mona):
    an_opportunity(mona, website="", tax_id="DE 136 695 976", country="de")
    assert a_lead("Another name", tax_id="DE136695976").reason == "own_opportunity"


def test_a_registration_learns_the_class_and_the_day_and_nothing_else(acme, mona):
    row = an_opportunity(mona, note="Their board decides in May.")
    deal = a_registration(acme, website="globex.example")
    assert (deal.status, deal.conflict) == (DealStatus.SUBMITTED, "conflict")
    [finding] = deal.conflict_findings
    assert finding["class"] == "vendor_opportunity"
    assert finding["protected_until"] == row.holds_until.isoformat()
    assert not any(secret in str(finding) for secret in ("Mona", "board", "globex"))


def test_a_name_that_looks_alike_is_for_a_person_to_look_at(acme, mona):
    an_opportunity(mona, "Globex Logistics")
    assert a_registration(acme, "Globex Logistic", website="other.example").conflict == "needs_review"


def test_the_api_answers_it(acme, mona, machine):
    an_opportunity(mona)
    answer = machine("conflicts:read").post(
        "/conflict-checks", {"company": "Someone", "domain": "globex.example"}
    )
    assert answer.json["result"] == "conflict"
    assert [one["class"] for one in answer.json["findings"]] == ["vendor_opportunity"]
    assert answer.json["protected_until"]


def test_a_lead_that_looks_for_a_partner_is_taken_back(acme, mona):
    offered, pooled = a_lead(), a_pooled_lead("Globex Shop", email="shop@globex-shop.example")
    an_opportunity(mona)
    an_opportunity(mona, "Globex Shop", website="globex-shop.example")
    assert [lead.reason for lead in (offered, pooled)] == ["own_opportunity"] * 2
    assert [offer.status for offer in offers_of(offered)] == [OfferStatus.WITHDRAWN]


def test_what_a_partner_was_promised_comes_first(acme, ada, mona):
    a_deal(acme, website="globex.example")
    with pytest.raises(Refusal, match="active registration"):
        an_opportunity(mona)
    claim_lead(a_lead("Initech"), by=ada)
    with pytest.raises(Refusal, match="already working"):
        an_opportunity(mona, "Initech", website="initech.example")


def test_a_partner_who_gives_a_lead_back_gives_it_to_the_vendor(acme, ada, mona):
    lead = a_pooled_lead()
    claim_lead(lead, by=ada)
    row = OwnOpportunity(
        company="Globex", domain="globex.example", responsible=mona, created_at=MONDAY_MORNING,
        holds_until=MONDAY_MORNING + timedelta(days=9),
    )  # fmt: skip
    session.add(row)
    session.flush()
    return_lead(lead, reason="Too large.", by=ada)
    assert (lead.status, lead.reason) == (LeadStatus.TRIAGE, "own_opportunity")


def test_a_manager_may_still_give_it_out_by_hand(acme, mona):
    an_opportunity(mona)
    lead = a_lead()
    put_into_pool(lead, by=mona)
    assert lead.status is LeadStatus.AVAILABLE
    assign_lead(lead, acme, reason="They sit next door.", by=mona)
    assert lead.status is LeadStatus.OFFERED


def test_ended_by_hand_its_waiting_leads_are_given_out(acme, mona):
    row, lead = an_opportunity(mona), a_lead()
    end_opportunity(row, by=mona)
    assert lead.status is LeadStatus.OFFERED
    assert check_conflict(Identity(company="X", website="globex.example"), partner=acme).findings[
        0
    ].hit_class == ("earlier_lead")
    assert an_opportunity(mona).id != row.id, "it can be written down anew"


def test_when_its_time_is_over_it_ends_by_itself(acme, mona, time):
    row, lead = an_opportunity(mona), a_lead()
    time.move(days=59)
    end_own_opportunities({})
    assert row.ended_at is None and row.holds
    time.move(days=2)
    assert not row.holds, "from that moment, whenever the night's work comes"
    end_own_opportunities({})
    assert row.ended_at is not None and lead.status is LeadStatus.OFFERED
    [said] = session.scalars(sa.select(Activity).where(Activity.verb == "opportunity ended"))
    assert said.details["why"] == "over"


def test_it_holds_through_its_last_day_in_the_programmes_zone(mona, acme):
    row = an_opportunity(mona)
    assert PROGRAMME_TIME_ZONE.value()
    assert last_day(row) == IN_TWO_MONTHS


def test_another_person_and_another_day_are_in_the_trail(acme, mona, pia):
    row = an_opportunity(mona)
    change_opportunity(row, responsible=pia, until=TODAY, note="", by=mona)
    [said] = session.scalars(sa.select(Activity).where(Activity.verb == "opportunity changed"))
    assert said.details["after"]["responsible"] == pia.name
    assert said.details["before"]["until"] == IN_TWO_MONTHS.isoformat()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"company": " "}, "company"),
        ({"website": ""}, "website"),
        ({"website": "gmail.com"}, "website"),
        ({"website": "", "tax_id": "DE136695976"}, "country"),
        ({"website": "", "tax_id": "DE136695977", "country": "DE"}, "tax_id"),
        ({"country": "Atlantis"}, "country"),
        ({"until": TODAY - timedelta(days=1)}, "until"),
        ({"until": TODAY + timedelta(days=367)}, "until"),
    ],
)
def test_what_cannot_be_used_is_said_at_its_field(acme, mona, wrong, field):
    with pytest.raises(InvalidInput) as said:
        an_opportunity(mona, **{"company": "Globex", **wrong})
    assert field in said.value.problems


def test_one_company_stands_on_the_list_once(acme, mona):
    an_opportunity(mona)
    with pytest.raises(InvalidInput) as said:
        an_opportunity(mona, "Globex Group", website="www.globex.example")
    assert "company" in said.value.problems


def test_many_come_from_a_file_all_or_none(acme, mona, pia):
    head = "Company;Website;VAT ID;Country;Owner;Until"
    good = f"Globex;globex.example;;;{pia.email};{TODAY.isoformat()}"
    wrong = "Initech;;;;nobody@x.example;soon"
    with pytest.raises(WrongRows) as said, session.begin_nested():
        keep_opportunities(
            "\n".join((head, good, wrong)).encode(), responsible=mona, until=IN_TWO_MONTHS, by=mona
        )
    assert {(one.row, one.column) for one in said.value.first} == {(3, "responsible"), (3, "until")}
    assert session.scalar(sa.select(sa.func.count()).select_from(OwnOpportunity)) == 0
    number = keep_opportunities(
        "\n".join((head, good, "Initech;initech.example")).encode(),
        responsible=mona, until=IN_TWO_MONTHS, by=mona,
    )  # fmt: skip
    rows = session.scalars(sa.select(OwnOpportunity).order_by(OwnOpportunity.id)).all()
    assert number == 2
    assert [(row.responsible.name, last_day(row)) for row in rows] == [
        (pia.name, TODAY), (mona.name, IN_TWO_MONTHS),
    ]  # fmt: skip


def test_partners_see_none_of_it(browser, acme, ada, rex, mona):
    an_opportunity(mona)
    for outsider in (ada, rex):
        assert session.scalars(opportunities_visible_to(outsider)).all() == []
    browser.sign_in(rex).open("/staff/leads/own", expect=403)


def test_from_the_page_to_the_list_and_to_its_end(browser, acme, mona):
    browser.sign_in(mona).open("/staff/leads/own").click("Add a company")
    browser.fill("Company", "Globex").press("Put it on the list", expect=422)
    assert browser.sees("Give the web address, the tax number, or both")
    browser.fill("Website", "globex.example").press("Put it on the list", expect=200)
    assert browser.sees("Leads of Globex wait for Mona")
    lead = a_lead()
    browser.open(f"/staff/leads/{lead.id}")
    assert browser.sees("We talk to this company ourselves")
    browser.open(f"/staff/leads/{lead.id}/routing")
    assert browser.sees("We talk to the company ourselves") and browser.sees("Not asked")
    browser.open("/staff/leads/own?q=glob").click("Change")
    browser.fill("Note", "They decide in May.").press("Save", expect=200)
    assert browser.sees("They decide in May.")
    browser.press("End it", expect=200)
    assert session.scalar(sa.select(Lead.status).where(Lead.id == lead.id)) is LeadStatus.OFFERED
    browser.open("/staff/leads/own?state=ended")
    assert browser.sees("Globex")
