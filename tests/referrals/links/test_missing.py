"""Missing-referral requests: filed by the partner, decided by the vendor, in time."""

from datetime import timedelta

import pytest

from core import clock
from core.errors import InvalidInput, Refusal
from referrals.models import RequestStatus
from referrals.operations.missing import MOST_OPEN, accept_request, ask_for_referral, reject_request
from tests.browser import Browser
from tests.referrals.deals.cast import a_sale


def asked(partner, order="inv_1", *, days_ago=3, by=None, **about):
    about = {"company": "Globex", "text": "They came to our breakfast in May.", **about}
    day = clock.now().date() - timedelta(days=days_ago)
    return ask_for_referral(partner, order_number=order, ordered_on=day, by=by, **about)


def sold(name="inv_1", *, days_ago=3, **about):
    return a_sale(name, occurred_at=clock.now() - timedelta(days=days_ago), **about)


def test_the_vendor_has_three_working_days(acme, time):
    request = asked(acme)
    assert request.status is RequestStatus.OPEN
    assert timedelta(days=2) < request.decide_by - clock.now() < timedelta(days=6)


def test_an_order_older_than_sixty_days_is_refused_at_its_field(acme):
    with pytest.raises(InvalidInput) as problem:
        asked(acme, days_ago=61)
    assert problem.value.problems == {
        "ordered_on": "A referral can be asked for within 60 days of the order."
    }
    asked(acme, days_ago=60)


def test_the_same_order_waits_once_and_not_everything_can_be_guessed(acme):
    asked(acme, "a")
    with pytest.raises(InvalidInput):
        asked(acme, "a")
    for number in range(MOST_OPEN - 1):
        asked(acme, f"b{number}")
    with pytest.raises(Refusal):
        asked(acme, "c")


def test_accepting_gives_a_sale_that_is_nobodys_to_the_partner(acme, finn, mails):
    sale, request = sold(), asked(acme)
    accept_request(request, reason="Their guest list of May.", by=finn)
    assert (sale.partner_id, sale.earns, request.sale_id) == (acme.id, True, sale.id)
    assert sale.attribution[-1]["because"].startswith(request.number)
    with pytest.raises(Refusal):
        reject_request(request, reason="Second thoughts", by=finn)


def test_accepting_takes_it_from_who_had_it(acme, rival, finn):
    sale, request = sold(partner_id=str(rival.id)), asked(acme)
    accept_request(request, reason="Their guest list of May.", by=finn)
    assert sale.partner_id == acme.id


def test_an_order_that_is_not_there_or_too_old_cannot_be_accepted(acme, finn):
    request = asked(acme)
    with pytest.raises(Refusal):
        accept_request(request, reason="Sure thing", by=finn)
    sold(days_ago=70)
    with pytest.raises(Refusal):
        accept_request(request, reason="Sure thing", by=finn)
    reject_request(request, reason="The order is of July.", by=finn)
    assert request.status is RequestStatus.REJECTED


def test_the_partner_asks_and_the_vendor_answers_on_its_pages(app, browser, acme, ada, finn):
    sold()
    browser.sign_in(ada).open("/referral-requests/new?order=inv_1")
    browser.fill("Ordered on", str(clock.now().date())).fill("Company that ordered", "Globex")
    browser.fill("How you brought it", "They came to our breakfast.").press("Send it to the vendor")
    assert browser.sees("The vendor answers by")
    assert not browser.sees("Whose the sale is, and why")
    desk = Browser(app).sign_in(finn).open("/referral-requests").click("inv_1")
    assert desk.sees("Whose the sale is, and why")
    desk.fill("Why", "We saw the guest list.").press("Give the sale to Acme")
    assert desk.sees("Accepted. The sale is Acme's now.")


def test_nobody_else_reads_a_request(app, browser, acme, rex, mona):
    request = asked(acme)
    browser.sign_in(rex).open(f"/referral-requests/{request.id}", expect=404)
    browser.open("/referral-requests")
    assert not browser.sees("inv_1")
    desk = Browser(app).sign_in(mona).open(f"/referral-requests/{request.id}")
    assert not desk.sees("Reject the request")


def test_both_sides_are_written_to(acme, ada, finn, mails):
    request = asked(acme, "R-77", by=ada)
    reject_request(request, reason="It came by the fair.", by=finn)
    subjects = [mail["subject"] for mail in mails()]
    assert "Acme says that it brought Globex" in subjects
    assert "The order R-77 stays as it is" in subjects
