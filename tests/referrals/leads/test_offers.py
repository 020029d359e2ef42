"""An offer is made to one partner, for a while, in its own working hours."""

from datetime import UTC, datetime

import pytest

from core.database import session
from core.errors import InvalidInput, Refusal
from partners.operations import pause_partner, suspend_partner
from referrals.models import DeclineReason, LeadStatus, OfferStatus
from referrals.operations import accept_offer, assign_lead, decline_offer
from referrals.operations.routing import left_out_by_reason, ranking_of
from referrals.queries.claims import active_claim
from referrals.queries.decisions import latest_decision
from referrals.queries.offers import offers_of
from referrals.receivers.leads import move_the_clocks_of_offers
from referrals.routing import Filter, Filtered
from tests.cast import a_partner
from tests.referrals.leads.cast import a_lead, make_product, the_asked, the_offer


def test_the_partner_has_eight_of_its_working_hours(acme, ada, time):
    time.move_to(datetime(2026, 3, 6, 15, 0, tzinfo=UTC))  # a Friday, 16:00 in Berlin
    offer = the_offer(a_lead())
    assert offer.due_at == datetime(2026, 3, 9, 14, 0, tzinfo=UTC)  # Monday, 15:00 in Berlin


def test_who_accepts_holds_the_lead_and_a_deal_begins(acme, ada):
    lead = a_lead()
    accept_offer(the_offer(lead), by=ada)
    assert lead.status is LeadStatus.ACCEPTED
    assert active_claim(lead).partner is acme
    assert lead.contact_due_at is not None


def test_an_offer_is_answered_once(acme, ada, sam):
    offer = the_offer(a_lead())
    accept_offer(offer, by=ada)
    with pytest.raises(Refusal, match="accepted this lead already"):
        decline_offer(offer, reason=DeclineReason.NO_CAPACITY, by=sam)


def test_who_declines_says_why_and_the_next_is_asked_at_once(acme, ada, rival):
    lead = a_lead()
    assert the_asked(lead) is acme
    decline_offer(the_offer(lead), reason=DeclineReason.NO_CAPACITY, by=ada)
    assert the_asked(lead) is rival
    left_out = {one.filter.value: ids for one, ids in left_out_by_reason(latest_decision(lead))}
    assert left_out["declined"] == [acme.id]


def test_other_needs_words(acme, ada):
    with pytest.raises(InvalidInput):
        decline_offer(the_offer(a_lead()), reason=DeclineReason.OTHER, by=ada)


def test_without_an_answer_the_next_is_asked(acme, ada, rival, time):
    lead = a_lead()
    time.move(days=2)
    move_the_clocks_of_offers({})
    assert [offer.status for offer in offers_of(lead)] == [OfferStatus.LAPSED, OfferStatus.OFFERED]
    assert the_asked(lead) is rival


def test_after_three_lapses_a_manager_decides(acme, rival, time):
    for name in ("Third", "Fourth"):
        a_partner(name)
    lead = a_lead()
    for _day in range(3):
        time.move(days=2)
        move_the_clocks_of_offers({})
    assert (lead.status, lead.reason) == (LeadStatus.TRIAGE, "nobody_answered")
    assert len(offers_of(lead)) == 3


def test_lapses_of_an_earlier_round_do_not_count(acme, rival, mona, time):
    for name in ("Third", "Fourth"):
        a_partner(name)
    lead = a_lead()
    for _day in range(2):
        time.move(days=2)
        move_the_clocks_of_offers({})
    assign_lead(lead, the_asked(lead), reason="They asked for it.", by=mona)
    time.move(days=2)
    move_the_clocks_of_offers({})
    assert lead.status is LeadStatus.OFFERED, "it has lapsed once since the manager sent it on"
    assert len([one for one in offers_of(lead) if one.status is OfferStatus.LAPSED]) == 3


def test_at_half_time_the_partner_is_reminded_once(acme, ada, mails, time):
    offer = the_offer(a_lead())
    time.move(hours=4, minutes=30)
    for _run in range(2):
        move_the_clocks_of_offers({})
    subjects = [mail["subject"] for mail in mails(to=ada.email)]
    assert subjects == ["A lead for you: Globex", "Half of the time is over: Globex"]
    assert offer.is_open


def test_the_mail_names_the_company_and_nobody_in_it(acme, ada, mails):
    a_lead(text="Call me: +49 40 1234567, wilma@globex.example")
    [mail] = mails(to=ada.email)
    assert "Globex" in mail["text"]
    assert not any(secret in mail["text"] for secret in ("Wilma", "wilma@", "1234567"))


def test_a_mail_cannot_be_given_a_link_by_a_company_name(acme, ada, mails):
    a_lead("[Win](https://evil.example) GmbH", email="a@evil-corp.example")
    [mail] = mails(to=ada.email)
    assert "evil.example)" not in mail["html"]


def test_the_page_that_a_mail_is_about_is_one_press_away(acme, ada, mails):
    a_lead()
    [mail] = mails(to=ada.email)
    [answer] = [word for word in mail["text"].split() if "/offer-answers/" in word]
    assert f'<a class="go" href="{answer}">' in mail["html"]
    assert f'href="{mail["stop_url"]}"' in mail["html"]
    assert mail["stop_url"] not in mail["html"].split("</h1>")[1].split("</div>")[0]


@pytest.mark.parametrize("deed", [pause_partner, suspend_partner])
def test_who_takes_no_leads_is_not_asked(acme, rival, deed):
    deed(acme, **({"reason": "Debts"} if deed is suspend_partner else {}), by=None)
    assert the_asked(a_lead()) is rival


def test_a_suspended_partner_cannot_accept(acme, ada):
    offer = the_offer(a_lead())
    suspend_partner(acme, reason="Debts", by=None)
    with pytest.raises(Refusal):
        accept_offer(offer, by=ada)


def test_the_whole_table_is_kept(acme, rival):
    far = a_partner("Tokyo Trading", country="JP")
    decision = latest_decision(a_lead())
    session.refresh(decision)
    ranking = ranking_of(decision)
    assert [int(row.partner_id) for row in ranking] == [acme.id, rival.id]
    assert {scored.factor.value for scored in ranking[0].factors} >= {"distance", "tier", "fairness"}
    assert [row.partner_id for row in decision.candidates] == [acme.id]
    assert left_out_by_reason(decision) == [(Filtered(Filter.COUNTRY, {"country": "DE"}), [far.id])]
    assert decision.filtered_out == [{"filter": "country", "number": 1}]
    assert decision.policy == "standard/1"


def test_the_mail_of_an_offer_says_what_is_needed_and_nothing_one_could_call(acme, ada, mails):
    make_product("cloud")
    a_lead(
        city="Hamburg [now](http://x.example)", products=("cloud",), size_minor=1_200_000, currency="EUR",
        phone="+49 40 123456", call_at="morning",
    )  # fmt: skip
    [mail] = mails(to=ada.email)
    for said in ("- Cloud", "€12,000.00", "Hamburg now", "Germany", "60 people", "Wants to be called"):
        assert said in mail["text"]
    for secret in ("wilma", "Wilma", "123456", "[now]"):
        assert secret not in mail["text"]


def test_the_mail_says_it_in_its_readers_language(acme, ada, mails):
    ada.locale = "ru"
    a_lead()
    [mail] = mails(to=ada.email)
    assert "60 человек" in mail["text"] and "Германия" in mail["text"]
