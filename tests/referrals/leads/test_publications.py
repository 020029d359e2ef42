"""What other systems are told of a lead that a partner takes, and of the deal that it opens."""

import json
from typing import Any

import pytest
import sqlalchemy as sa

from accounts.permissions import Role
from core.database import session
from core.errors import Refusal
from core.webhooks import Message, delivering
from partners.operations import change_partner
from referrals.operations import accept_offer, assign_lead, claim_lead, put_into_pool, return_lead
from referrals.operations.deals import approve_deal
from referrals.queries.deals import deal_of_lead
from tests.cast import a_member, a_partner
from tests.referrals.deals.cast import a_registration
from tests.referrals.leads.cast import a_lead, a_pooled_lead, the_offer


@pytest.fixture(autouse=True)
def listens(app: Any, monkeypatch: Any, programme: Any) -> None:
    """A CRM hears of leads that were taken and deals that were approved."""
    monkeypatch.setitem(app.config, "WEBHOOK_PRIVATE_ADDRESSES", ["127.0.0.0/8"])
    delivering.make_endpoint(
        name="CRM", url="http://127.0.0.1:9/", event_types=["lead.accepted", "deal.approved"], by=None
    )


def told(name: str) -> list[dict[str, Any]]:
    rows = session.scalars(sa.select(Message).where(Message.type == name).order_by(Message.id))
    return [json.loads(row.body)["data"] for row in rows]


def test_a_lead_taken_from_an_offer_is_told_once_with_its_day(acme: Any, ada: Any) -> None:
    lead = a_lead()
    offer = the_offer(lead)
    claim_lead(lead, by=ada)  # What is offered is accepted, and not claimed as well.
    with pytest.raises(Refusal):
        accept_offer(offer, by=ada)
    assert told("lead.accepted") == [
        {
            "lead_id": str(lead.id),
            "partner_id": str(acme.id),
            "due_at": offer.due_at.isoformat(),
            "way": "offer",
        }
    ]


def test_a_lead_claimed_from_the_pool_is_told_once_and_nothing_of_who_came_second(
    acme: Any, ada: Any, rex: Any
) -> None:
    lead = a_pooled_lead()
    claim_lead(lead, by=ada)
    with pytest.raises(Refusal):
        claim_lead(lead, by=rex)
    assert told("lead.accepted") == [
        {"lead_id": str(lead.id), "partner_id": str(acme.id), "due_at": None, "way": "pool"}
    ]


def test_each_taking_is_told_also_of_a_lead_that_was_given_back(
    acme: Any, ada: Any, rival: Any, rex: Any, mona: Any
) -> None:
    lead = a_pooled_lead()
    claim_lead(lead, by=ada)
    return_lead(lead, reason="They speak Dutch only.", by=ada)
    claim_lead(lead, by=rex)
    north = a_partner("North")
    assign_lead(lead, north, reason="Knows them", by=mona)
    assert len(told("lead.accepted")) == 2  # An assignment is an offer: taken only when it is accepted.
    accept_offer(the_offer(lead), by=a_member(north, "Nora", Role.SELLER))
    assert [(one["partner_id"], one["way"]) for one in told("lead.accepted")] == [
        (str(acme.id), "pool"),
        (str(rival.id), "pool"),
        (str(north.id), "offer"),
    ]


def test_a_manager_who_puts_a_lead_into_the_pool_gives_it_to_nobody(ada: Any, mona: Any) -> None:
    lead = a_lead()
    put_into_pool(lead, by=mona)
    assert told("lead.accepted") == []
    claim_lead(lead, by=ada)
    assert [one["way"] for one in told("lead.accepted")] == ["pool"]


@pytest.mark.parametrize("make", [a_lead, a_pooled_lead])
def test_the_deal_that_a_lead_opens_is_told_once_and_its_partner_gets_no_mail(
    make: Any, acme: Any, ada: Any, mails: Any
) -> None:
    lead = make()
    before = [mail["subject"] for mail in mails(to=ada.email)]
    claim_lead(lead, by=ada)
    deal = deal_of_lead(lead.id)
    assert deal is not None
    assert told("deal.approved") == [
        {
            "deal_id": str(deal.id),
            "partner_id": str(acme.id),
            "lead_id": str(lead.id),
            "company": "Globex",
            "status": "approved",
        }
    ]
    assert [mail["subject"] for mail in mails(to=ada.email)] == before


def test_a_registration_is_told_when_the_vendor_approves_it(
    acme: Any, ada: Any, mona: Any, mails: Any
) -> None:
    deal = a_registration(acme)
    assert told("deal.approved") == []
    approve_deal(deal, by=mona)
    assert [(one["deal_id"], one["lead_id"]) for one in told("deal.approved")] == [(str(deal.id), None)]
    assert any("/deals/" in str(mail) for mail in mails(to=ada.email))


def test_who_may_not_take_a_lead_is_no_news(acme: Any, ada: Any) -> None:
    change_partner(acme, by=None, open_lead_cap=1)
    claim_lead(a_pooled_lead("Initech"), by=ada)
    with pytest.raises(Refusal):
        claim_lead(a_pooled_lead("Umbrella"), by=ada)
    assert len(told("lead.accepted")) == len(told("deal.approved")) == 1
