"""Deals through their pages: a registration from the first word to the confirmed order, and what Rex sees of it."""

from typing import Any

import pytest

from core.database import session
from core.settings import change_setting
from referrals.models import DealStatus, LostReason, Sale
from referrals.operations import deals, save_estimate
from referrals.settings import MOST_OPEN_DEALS
from tests.browser import Browser
from tests.referrals.deals.cast import a_deal, a_line, a_registration, a_sale, an_estimate


def test_a_registration_goes_from_the_first_word_to_the_confirmed_order(
    browser: Browser, app: Any, sam: Any, acme: Any, mona: Any
) -> None:
    browser.sign_in(sam).open("/deals").click("Register a deal")
    browser.fill("Company", "Globex").fill("Country", "Germany").fill("Web site", "globex.example")
    browser.press("Check for conflicts", expect=200)
    assert browser.sees("No conflict was found.")
    browser.press("Register the deal")
    assert browser.sees("Registered. No conflict was found.")
    browser.click("Signed receipt")
    receipt = browser.response.get_data(as_text=True)
    assert "signature: " in receipt

    desk = Browser(app).sign_in(mona).open("/staff/deals")
    desk.click("Globex").press("Approve the deal")
    assert desk.sees("Globex is protected for Acme.")
    desk.open("/staff/deal-receipts").fill("The whole text of the receipt", receipt)
    assert desk.press("Check the receipt", expect=200).sees("Genuine")

    browser.open("/deals").click("Globex").fill("Order or invoice number", "R-5").press("The deal is won")
    assert browser.sees("Order R-5 waits for the vendor's confirmation.")
    desk.open("/staff/deals?tab=orders").click("Globex").press("Confirm the order R-5")
    browser.open("/customers")
    assert browser.sees("Globex")
    browser.open("/deals?state=won")
    assert browser.sees("Globex")


def test_what_the_vendor_asks_is_answered_on_the_page(
    browser: Browser, app: Any, sam: Any, acme: Any, mona: Any
) -> None:
    deal = a_registration(acme)
    desk = Browser(app).sign_in(mona).open(f"/deals/{deal.id}")
    desk.fill("What should the partner add?", "Who decides?").press("Send the question")
    browser.sign_in(sam).open("/").click("The vendor asks about Globex")
    browser.fill("Your answer", "Ms Park").press("Send the answer")
    assert desk.open(f"/deals/{deal.id}").sees("Ms Park")
    desk.fill("Reason", "Another reason").press("Turn it down", expect=422)
    desk.fill("What the partner reads", "We have no product for that.").press("Turn it down")
    assert browser.open(f"/deals/{deal.id}").sees("We have no product for that.")


def test_a_conflict_is_said_without_a_name(browser: Browser, rex: Any, acme: Any) -> None:
    a_deal(acme, website="globex.example")
    browser.sign_in(rex).open("/deals/new")
    browser.fill("Company", "Globex Ltd").fill("Web site", "globex.example").press(
        "Check for conflicts", expect=200
    )
    assert browser.sees("Another partner has an active registration of this company.")
    assert not browser.sees("Acme")


def test_the_vendor_sees_whose_the_other_registration_is(
    browser: Browser, mona: Any, acme: Any, rival: Any
) -> None:
    a_deal(acme, website="globex.example")
    second = a_registration(rival, "Globex Ltd", website="globex.example")
    assert browser.sign_in(mona).open(f"/deals/{second.id}").sees("Acme: Globex")


@pytest.mark.parametrize(
    "path", ["/deals/{deal}", "/deals/{deal}/estimate", "/deals/{deal}/receipt", "/deals/{deal}/company",
             "/deals/{deal}/estimate/proposal", "/customers/{customer}", "/sales/{sale}"]
)  # fmt: skip
def test_nothing_of_acmes_is_there_for_rex(
    browser: Browser, rex: Any, acme: Any, sam: Any, path: str
) -> None:
    deal = a_deal(acme)
    save_estimate(deal, an_estimate(a_line("licence")), by=sam)
    sale = a_sale(deal_id=str(deal.id))
    address = path.format(deal=deal.id, customer=sale.customer_id, sale=sale.id)
    browser.sign_in(rex).open(address, expect=404)
    for list_of in ("/deals", "/customers", "/sales"):
        assert not browser.open(list_of).sees("Globex")


def test_a_sale_without_a_partner_waits_for_finance_and_is_given_to_one(
    browser: Browser, finn: Any, acme: Any, ada: Any, app: Any
) -> None:
    sale = a_sale()
    browser.sign_in(finn).open("/staff/sales").click("Globex")
    browser.fill("Partner", "Acme").fill("Why", "Their invoice names it").press("Give it to the partner")
    assert browser.sees("The sale is Acme's now.")
    assert browser.sees("Their invoice names it")
    own = Browser(app).sign_in(ada).open("/sales").click("Globex")
    assert own.sees("€100.00")
    assert not own.sees("Their invoice names it")
    assert sale.partner_id == acme.id


def test_finance_types_in_a_sale_once(browser: Browser, finn: Any, acme: Any) -> None:
    browser.sign_in(finn)
    for words in ("Recorded.", "Nothing was changed."):
        browser.open("/staff/sales").click("Type in a sale")
        browser.fill("Sale or invoice number", "R-9").fill("Customer", "Initech").fill("Partner", "Acme")
        browser.fill("Sold on", "2026-02-27")
        browser.fill("Licence, without tax", "1000").press("Record the sale")
        assert browser.sees(words)
    assert browser.sees("Initech")
    from core.database import session

    assert session.query(Sale).one().total_minor == 1000_00


def test_a_partner_closes_its_deals(browser: Browser, sam: Any, acme: Any) -> None:
    lost, withdrawn, extended = a_deal(acme, "One"), a_deal(acme, "Two"), a_deal(acme, "Three")
    browser.sign_in(sam).open(f"/deals/{lost.id}").fill("Reason", "No budget").press("Close as lost")
    browser.open(f"/deals/{withdrawn.id}").press("Withdraw the deal")
    browser.open(f"/deals/{extended.id}").fill("What shows that the project is alive?", "A pilot")
    browser.press("Extend the protection")
    assert [lost.status, withdrawn.status] == [DealStatus.LOST, DealStatus.WITHDRAWN]
    assert extended.extended_at is not None


@pytest.mark.parametrize("path", ["/deals", "/staff/deals?tab=all", "/customers", "/staff/sales"])
def test_a_list_does_not_ask_more_as_it_grows(
    browser: Browser, mona: Any, ada: Any, acme: Any, path: str
) -> None:
    who = mona if "staff" in path else ada
    counts = []
    for number in (1, 2, 3):
        deal = a_deal(acme, f"Company {number}")
        save_estimate(deal, an_estimate(a_line("licence")), by=ada)
        a_sale(f"s{number}", deal_id=str(deal.id), customer={"name": f"Company {number}"})
        if number == 1:
            browser.sign_in(who)
        counts.append(browser.open(path).queries)
    assert counts[-1] <= counts[-2]


@pytest.mark.parametrize("tab", ["decide", "orders"])
def test_the_desks_of_the_vendor_do_not_ask_more_as_they_grow(
    browser: Browser, mona: Any, ada: Any, acme: Any, tab: str
) -> None:
    browser.sign_in(mona)
    counts = []
    for number in range(3):
        deal = a_registration(acme, f"Company {number}")
        if tab == "orders":
            deals.approve_deal(deal, by=None)
            deals.win_deal(deal, order=f"R-{number}", by=ada)
        save_estimate(deal, an_estimate(a_line("licence")), by=ada)
        session.expire_all()
        counts.append(browser.open(f"/staff/deals?tab={tab}").queries)
    assert counts[-1] <= counts[-2]


def test_a_deal_is_found_by_its_number_and_by_its_partner(
    browser: Browser, mona: Any, acme: Any, rival: Any
) -> None:
    deal, _other = a_deal(acme, "Globex"), a_deal(rival, "Initech")
    browser.sign_in(mona)
    for words in (deal.number, deal.number.lower(), "acm", "glob"):
        browser.open(f"/staff/deals?tab=all&q={words}")
        assert browser.sees("Globex") and not browser.sees("Initech"), words
    answer = browser.open("/staff/deals?tab=all&q=acme&format=csv").response.get_data(as_text=True)
    assert "Globex" in answer and "Acme" in answer and "Initech" not in answer


def test_beyond_the_limit_nothing_that_was_typed_is_lost(browser: Browser, sam: Any, acme: Any) -> None:
    change_setting(MOST_OPEN_DEALS, "1", by=None)
    a_deal(acme, "One")
    browser.sign_in(sam).open("/deals/new").fill("Company", "Two").fill("What they need", "Four shops")
    browser.press("Register the deal", expect=422)
    assert browser.sees("1 open registrations") and browser.sees("Four shops")


def test_what_has_ended_is_registered_again_with_what_is_known(
    browser: Browser, app: Any, sam: Any, rex: Any, acme: Any, time: Any
) -> None:
    deal = a_deal(acme, "Globex", website="globex.example", need="Four shops")
    time.move(days=91)
    deals.expire_deal(deal)
    browser.sign_in(sam).open(f"/deals/{deal.id}")
    assert browser.sees("Protection ran out")
    browser.click("Register it again")
    assert 'value="globex.example"' in browser.html and browser.sees("Four shops")
    browser.press("Register the deal")
    assert browser.sees("Registered. No conflict was found.")
    Browser(app).sign_in(rex).open(f"/deals/new?again={deal.id}", expect=404)


def test_why_a_deal_was_lost_and_why_protection_was_extended_is_read_by_both(
    browser: Browser, app: Any, sam: Any, mona: Any, acme: Any
) -> None:
    deal = a_deal(acme)
    deals.extend_deal(deal, "Pilot signed on 1 March", by=sam)
    deals.lose_deal(deal, LostReason.TIMING, "Next year, they say", by=sam)
    for reader in (browser.sign_in(sam), Browser(app).sign_in(mona)):
        reader.open(f"/deals/{deal.id}")
        assert reader.sees("Pilot signed on 1 March") and reader.sees("Next year, they say")


def test_the_vendor_approves_what_it_has_asked_about_without_waiting_for_the_answer(
    browser: Browser, mona: Any, acme: Any
) -> None:
    deal = a_registration(acme)
    deals.question_deal(deal, "Who decides?", by=mona)
    browser.sign_in(mona).open(f"/deals/{deal.id}").press("Approve the deal")
    assert deal.status is DealStatus.APPROVED


def test_the_vendor_sees_the_other_registration_by_whatever_key_shows_it(
    browser: Browser, mona: Any, acme: Any, rival: Any
) -> None:
    a_deal(acme, "Globex Holding", tax_id="DE136695976")
    second = a_registration(rival, "Initech", tax_id="DE 136 695 976")
    assert browser.sign_in(mona).open(f"/deals/{second.id}").sees("Acme: Globex Holding")
