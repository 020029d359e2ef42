"""Leads, deals, customers, codes and requests of a firm that leaves, or was entered twice."""

from typing import Any

import pytest
import sqlalchemy as sa

from accounts.models import User
from core.database import session
from core.errors import InvalidInput
from core.jobs import Job
from events.models import RequestStatus
from partners import operations as partners
from partners.models import LineKind, Recurrence
from referrals.models import Customer, Deal, DealStatus, Lead, LeadStatus, Sale
from referrals.models.codes import ReferralCode
from referrals.models.rates import ServiceRate
from referrals.models.routing import DeclineReason
from referrals.operations import accept_offer, assign_lead, deals, decline_offer, handing_on, sales
from referrals.operations.accounts import name_account
from referrals.operations.codes import make_referral_code
from referrals.operations.customers import find_or_add_customer, merge_customers
from referrals.operations.links import make_link
from referrals.operations.rates import save_rate
from tests import cast
from tests.browser import Browser
from tests.events.cast import an_approved_request
from tests.referrals.deals.cast import a_deal, a_won_deal, sale_data
from tests.referrals.leads.cast import a_lead, the_asked, the_offer
from tests.statements import heard_statements


@pytest.fixture
def held(acme: Any, ada: User) -> Any:
    """A lead that Acme holds, with its deal."""
    lead = a_lead("Initech")
    accept_offer(the_offer(lead), by=ada)
    return lead


@pytest.fixture
def leave(run_jobs: Any) -> Any:
    """Ends the partnership, and lets the worker hand everything on."""

    def end(firm: Any, heir: Any, by: User) -> None:
        partners.terminate_partner(firm, reason="Went out of business", heir=heir, by=by)
        run_jobs()

    return end


def test_a_held_lead_is_offered_to_the_heir(
    held: Any, acme: Any, rival: Any, rex: User, mona: User, leave: Any
) -> None:
    leave(acme, rival, mona)
    assert held.status is LeadStatus.OFFERED and the_asked(held) is rival
    statuses = session.scalars(sa.select(Deal.status).where(Deal.lead_id == held.id)).all()
    assert list(statuses) == [DealStatus.WITHDRAWN]


def test_a_lead_the_heir_cannot_take_goes_to_others_or_to_triage(
    acme: Any, ada: User, rival: Any, rex: User, mona: User, leave: Any
) -> None:
    held = a_lead("Initech")
    assign_lead(held, rival, reason="Nearest", by=mona)
    decline_offer(the_offer(held), reason=DeclineReason.OTHER, note="No time", by=rex)
    assign_lead(held, acme, reason="Second choice", by=mona)
    accept_offer(the_offer(held), by=ada)
    leave(acme, rival, mona)
    assert held.status is LeadStatus.TRIAGE and held.partner_id is None


def test_without_an_heir_leads_are_routed_and_the_rest_waits_for_a_manager(
    held: Any, acme: Any, rival: Any, rex: User, mona: User, browser: Browser, leave: Any
) -> None:
    won = a_won_deal(acme, "Hooli")
    deal = a_deal(acme, "Umbrella")
    leave(acme, None, mona)
    assert the_asked(held) is rival
    customer = session.get_one(Customer, won.customer_id)
    assert customer.partner_id is None and customer.former_partner_id == acme.id
    assert deal.partner_id == acme.id
    browser.sign_in(mona).open("/staff/concentration").click("Hand them on: Customers to reassign")
    browser.fill("Choose Hooli", True).fill("Choose Umbrella", True)
    browser.fill("To which firm", "Nobody").fill("Why", "Nearest to both").press("Hand on", expect=422)
    browser.fill("To which firm", "Rival").press("Hand on")
    assert browser.sees("2 go to Rival") and browser.sees("Nothing to hand on")
    session.expire_all()
    assert (customer.partner_id, customer.former_partner_id) == (rival.id, None)
    assert deal.partner_id == rival.id and deal.is_protected


def test_customers_deals_codes_and_accounts_follow_the_heir(
    acme: Any, ada: User, rival: Any, rex: User, mona: User, leave: Any
) -> None:
    won, deal = a_won_deal(acme, "Hooli"), a_deal(acme, "Umbrella")
    code = make_referral_code(acme, "ACME-10", by=None)
    account = name_account("stark.example", acme, by=None)
    draft = deals.draft_deal(acme, deals.DealData(company="Wayne"), by=ada)
    leave(acme, rival, mona)
    assert session.get_one(Customer, won.customer_id).partner_id == rival.id
    assert deal.partner_id == rival.id and deal.status is DealStatus.APPROVED
    assert won.partner_id == acme.id, "what is over stays with whom it was"
    assert session.get_one(ReferralCode, code.id).ended_at is not None
    assert account.partner_id == rival.id
    assert draft.status is DealStatus.WITHDRAWN


def test_offers_go_to_the_next_and_requests_are_withdrawn(
    acme: Any, ada: User, rival: Any, rex: User, mona: User, browser: Browser, leave: Any
) -> None:
    lead = a_lead("Initech")
    assert the_asked(lead) is acme
    request = an_approved_request(acme)
    browser.sign_in(mona).open(f"/staff/partners/{acme.id}/termination")
    for words in ("1 open offer is taken back", "1 funding request is withdrawn"):
        assert browser.sees(words), words
    leave(acme, None, mona)
    assert the_asked(lead) is rival
    assert request.status is RequestStatus.WITHDRAWN and request.reserved_minor == 0


def test_everything_of_a_duplicate_moves(
    held: Any, acme: Any, ada: User, rival: Any, rex: User, mona: User, browser: Browser
) -> None:
    won, deal = a_won_deal(acme, "Hooli"), a_deal(acme, "Umbrella")
    code, request = make_referral_code(acme, "ACME-10", by=None), an_approved_request(acme)
    offered = a_lead("Wayne")
    browser.sign_in(mona).open(f"/staff/partners/{acme.id}/merging?other={rival.id}")
    for words in ("1 open lead moves", "3 deals move", "1 customer goes to Rival", "1 funding request moves"):
        assert browser.sees(words), words
    partners.merge_partners(acme, rival, reason="The same tax number", by=mona)
    assert {held.partner_id, won.partner_id, deal.partner_id, request.partner_id} == {rival.id}
    assert held.status is LeadStatus.ACCEPTED
    assert session.get_one(Customer, won.customer_id).partner_id == rival.id
    assert code.partner_id == rival.id and code.ended_at is None
    assert the_asked(offered) is rival
    theirs = Browser(browser.app) if hasattr(browser, "app") else browser
    theirs.sign_in(ada).open(f"/leads/{held.id}")


def test_customers_who_stood_twice_become_one(acme: Any, mona: User, browser: Browser) -> None:
    first = sales.record_sale(sale_data(), by=None).fact
    twice = sale_data("inv_2", customer={"external_id": "cus_8", "name": "Globex AG", "country": "DE"})
    second = sales.record_sale(twice, by=None).fact
    one, other = first.customer_id, second.customer_id
    assert one != other
    browser.sign_in(mona).open(f"/customers/{other}").click("It is a duplicate…")
    browser.open(f"/staff/customers/{other}/merging?q=globex").click("Choose Globex")
    browser.fill("Why", "The same firm").press("Merge into Globex")
    session.expire_all()
    assert session.get_one(Sale, second.id).customer_id == one
    browser.open(f"/customers/{other}")
    assert browser.heading() == "Globex" if callable(browser.heading) else browser.heading == "Globex"
    again = sales.record_sale({**twice, "external_id": "inv_3"}, by=None).fact
    assert again.customer_id == one, "its old number leads to the one that stayed"


def test_merging_a_customer_asks_why_and_for_another_one(programme: None, mona: User) -> None:
    one, other = (find_or_add_customer(name=name, by=None) for name in ("Globex", "Hooli"))
    with pytest.raises(InvalidInput, match="reason"):
        merge_customers(other, one, reason="", by=mona)
    with pytest.raises(InvalidInput, match="survivor"):
        merge_customers(one, one, reason="The same firm", by=mona)


def test_leads_that_nobody_could_take_are_gaps_on_the_map(
    programme: None, mona: User, browser: Browser
) -> None:
    lead = a_lead("Initech", country="NO")
    assert lead.status is LeadStatus.TRIAGE
    browser.sign_in(mona).open("/staff/network")
    assert browser.sees("Norway") and not browser.sees("No gaps")
    assert "/staff/leads?status=triage&amp;country=NO" in browser.html


def test_a_large_firm_is_handed_on_in_steps(
    held: Any, acme: Any, ada: User, rival: Any, rex: User, mona: User, run_jobs: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(handing_on, "SECONDS_A_JOB", 0)
    second = a_lead("Stark")
    accept_offer(the_offer(second), by=ada)
    won = [a_won_deal(acme, company) for company in ("Hooli", "Massive")]
    protected = [a_deal(acme, company) for company in ("Umbrella", "Tyrell", "Cyberdyne")]
    partners.terminate_partner(acme, reason="Went out of business", heir=rival, by=mona)
    # Nothing of a row of its own is done in the request; the worker does one a job here.
    assert held.partner_id == acme.id and session.get_one(Customer, won[0].customer_id).partner_id == acme.id
    run_jobs()
    steps = session.scalar(sa.select(sa.func.count()).where(Job.kind == handing_on.JOB))
    assert steps == 2 + 3 + 2 + 1, "two leads, three deals, two customers, and that there is nothing more"
    session.expire_all()
    assert [the_asked(lead) for lead in (held, second)] == [rival, rival]
    assert {deal.partner_id for deal in protected} == {rival.id}
    assert {session.get_one(Customer, deal.customer_id).partner_id for deal in won} == {rival.id}


def test_an_heir_that_left_meanwhile_gets_nothing_more(
    acme: Any, rival: Any, rex: User, mona: User, run_jobs: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(handing_on, "SECONDS_A_JOB", 0)
    won = [a_won_deal(acme, company) for company in ("Hooli", "Massive", "Initech")]
    partners.terminate_partner(acme, reason="Went out of business", heir=rival, by=mona)
    partners.suspend_partner(rival, reason="Late with everything", by=mona)
    run_jobs()
    session.expire_all()
    found = [session.get_one(Customer, deal.customer_id) for deal in won]
    assert [row.partner_id for row in found] == [None] * 3
    assert [row.former_partner_id for row in found] == [acme.id] * 3


def test_links_rates_and_requests_of_a_duplicate_move(acme: Any, rival: Any, ada: User, mona: User) -> None:
    link = make_link(acme, path="/", campaign="Spring", by=ada)
    for firm, name, price in ((acme, "Day", 90_00), (rival, "Day", 100_00), (acme, "Hour", 10_00)):
        save_rate(
            firm,
            kind=LineKind.TRAINING,
            name=name,
            unit_price_minor=price,
            currency="EUR",
            recurring=Recurrence.ONCE,
            by=None,
        )
    partners.merge_partners(acme, rival, reason="The same tax number", by=mona)
    session.expire_all()
    assert link.partner_id == rival.id and link.is_live
    rates = session.execute(sa.select(ServiceRate.name, ServiceRate.unit_price_minor, ServiceRate.partner_id))
    assert sorted(tuple(row) for row in rates) == [("Day", 100_00, rival.id), ("Hour", 10_00, rival.id)]


def test_what_a_manager_assigned_meanwhile_stays_where_it_is(
    held: Any, acme: Any, rival: Any, rex: User, mona: User, run_jobs: Any
) -> None:
    won = a_won_deal(acme, "Hooli")
    partners.terminate_partner(acme, reason="Went out of business", heir=None, by=mona)
    assign_lead(held, rival, reason="They know the customer", by=mona)
    accept_offer(the_offer(held), by=rex)
    handing_on.hand_on_customer(session.get_one(Customer, won.customer_id), rival, reason="Nearest", by=mona)
    run_jobs()
    session.expire_all()
    assert held.partner_id == rival.id and held.is_held
    assert session.get_one(Customer, won.customer_id).partner_id == rival.id


def test_terminating_a_firm_takes_as_many_statements_with_many_leads_as_with_few(
    app: Any, held: Any, acme: Any, mona: User
) -> None:
    table, other = Lead.__table__, cast.a_partner("Small")
    row = dict(session.execute(sa.select(table).where(table.c.id == held.id)).mappings().one())
    row.pop("id")
    session.execute(sa.insert(table), [row | {"partner_id": acme.id} for _number in range(300)])
    session.execute(sa.insert(table), [row | {"partner_id": other.id}])

    def statements(firm: Any) -> int:
        session.expire_all()
        with heard_statements() as counted:
            partners.terminate_partner(firm, reason="Went out of business", heir=None, by=mona)
        return len(counted)

    few, many = statements(other), statements(acme)
    assert abs(few - many) <= 5, (few, many)
