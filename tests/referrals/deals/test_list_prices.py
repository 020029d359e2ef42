"""A licence line costs what the price list says, or what it cost when it was written; less is given by the discount."""

import html
import json
import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from core.database import session
from core.errors import InvalidInput
from partners.models import Recurrence
from partners.operations.catalogue import save_product
from referrals.models import Estimate
from referrals.operations.estimates import copy_estimate, data_of, save_estimate
from tests.browser import Browser
from tests.referrals.deals.cast import a_deal, a_line, an_estimate

LIST = "The list price is €336.00 a year."


@pytest.fixture
def cloud(programme: None) -> Any:
    return save_product(
        code="cloud", name="Cloud Pro", name_ru="Облако", list_price_minor=336_00, currency="EUR", by=None
    )


def licence(price: int = 336_00, **about: Any) -> Any:
    return a_line("licence", price, **{"product": "cloud", "recurring": Recurrence.YEAR, **about})


def wrong(deal: Any, *lines: Any, **about: Any) -> dict[str, str]:
    """What saving says against the lines."""
    with pytest.raises(InvalidInput) as problem:
        save_estimate(deal, an_estimate(*lines, **about), by=None)
    return problem.value.problems


# The rule


def test_a_line_of_a_listed_product_costs_the_list_price_and_may_have_a_discount(
    acme: Any, cloud: Any
) -> None:
    deal = a_deal(acme)
    for price in (335_99, 336_01, 0, 10**9):
        assert wrong(deal, licence(price)) == {"lines-0-unit_price": LIST}
    saved = save_estimate(deal, an_estimate(licence(discount_percent=Decimal(50))), by=None)
    assert saved.total_minor == 168_00


def test_the_list_price_is_for_the_time_that_the_list_names(acme: Any, cloud: Any) -> None:
    deal = a_deal(acme)
    for recurring in (Recurrence.ONCE, Recurrence.MONTH):
        assert wrong(deal, licence(recurring=recurring)) == {"lines-0-recurring": LIST}


def test_without_a_list_price_in_the_currency_it_is_typed(acme: Any, cloud: Any) -> None:
    deal = a_deal(acme)
    save_estimate(deal, an_estimate(licence(400_00), currency="USD"), by=None)
    save_estimate(deal, an_estimate(licence(5_00, product=None)), by=None)
    cloud.list_price_minor = 0  # It names no price.
    save_estimate(deal, an_estimate(licence(7_00)), by=None)
    assert [one.total_minor for one in deal.estimates] == [400_00, 5_00, 7_00]


def test_a_line_made_earlier_keeps_its_price_and_further_lines_do_not_get_it(acme: Any, cloud: Any) -> None:
    deal = a_deal(acme)
    save_estimate(deal, an_estimate(licence()), by=None)
    cloud.list_price_minor = 350_00
    save_estimate(deal, an_estimate(licence(quantity=Decimal(20)), licence(350_00)), by=None)
    assert set(wrong(deal, licence(), licence())) == {"lines-1-unit_price"}
    assert set(wrong(deal, licence(340_00))) == {"lines-0-unit_price"}
    # Another currency's price of the same number is another price.
    save_estimate(deal, an_estimate(licence(777_00), currency="USD"), by=None)
    assert set(wrong(deal, licence(777_00))) == {"lines-0-unit_price"}


def test_an_older_version_comes_back_with_its_prices(acme: Any, cloud: Any) -> None:
    deal = a_deal(acme)
    first = save_estimate(deal, an_estimate(licence()), by=None)
    cloud.list_price_minor = 350_00
    save_estimate(deal, an_estimate(licence(350_00)), by=None)
    assert copy_estimate(first, deal, by=None).total_minor == 336_00


def test_another_project_begins_with_todays_prices(acme: Any, cloud: Any) -> None:
    source = save_estimate(a_deal(acme), an_estimate(licence(), a_line("training", 5_00)), by=None)
    cloud.list_price_minor, cloud.recurring = 350_00, Recurrence.MONTH
    other = a_deal(acme, "Initech")
    saved = copy_estimate(source, other, by=None)
    assert [(line.unit_price_minor, line.recurring.value) for line in saved.lines] == [
        (350_00, "month"),
        (5_00, "once"),
    ]
    # What stands in another deal's estimate is no price of this one's.
    assert set(wrong(other, licence())) == {"lines-0-unit_price"}


def test_what_was_saved_may_be_saved_again_whatever_the_list_says(acme: Any, cloud: Any) -> None:
    deal = a_deal(acme)
    saved = save_estimate(deal, an_estimate(licence()), by=None)
    cloud.list_price_minor = 350_00
    assert save_estimate(deal, data_of(saved), by=None) is saved
    changed = replace(data_of(saved), note="Payable within 14 days.")
    assert save_estimate(deal, changed, by=None).version == 2


# The page


def test_a_line_that_nobody_touched_is_none(browser: Browser, sam: Any, acme: Any, cloud: Any) -> None:
    deal = a_deal(acme)
    browser.sign_in(sam).open(f"/deals/{deal.id}/estimate").press("Save the estimate", expect=422)
    browser.fill("What", "training").fill("Unit price", "500").press("Add a line", expect=200)
    browser.press("Save the estimate")
    assert deal.estimate is not None and [line.kind.value for line in deal.estimate.lines] == ["training"]
    browser.press("Add a line", expect=200)
    browser.typed["lines-1-unit_price"] = ["5"]
    browser.press("Save the estimate", expect=422)
    assert browser.sees("Choose what this line is for.")


def the(browser: Browser, name: str) -> Any:
    return next(one for one in browser.page.iter() if one.get("name") == name)


def test_the_field_is_read_only_and_says_why(browser: Browser, sam: Any, acme: Any, cloud: Any) -> None:
    deal = a_deal(acme, products=("cloud",))
    browser.sign_in(sam).open(f"/deals/{deal.id}/estimate")
    price = the(browser, "lines-0-unit_price")
    assert price.get("readonly") is not None and price.get("value") == "336.00"
    hint = next(one for one in browser.page.iter() if one.get("id") == price.get("aria-describedby"))
    assert "From the price list." in "".join(hint.itertext())
    open_options = [
        one.get("value")
        for one in the(browser, "lines-0-recurring").iter("option")
        if one.get("disabled") is None
    ]
    assert open_options == ["year"]


def test_a_hand_made_price_is_refused_at_its_field_and_kept_as_typed(
    browser: Browser, sam: Any, acme: Any, cloud: Any
) -> None:
    deal = a_deal(acme, products=("cloud",))
    browser.sign_in(sam).open(f"/deals/{deal.id}/estimate")
    browser.typed["lines-0-unit_price"] = ["1"]
    browser.press("Save the estimate", expect=422)
    assert browser.sees(LIST) and the(browser, "lines-0-unit_price").get("value") == "1"
    assert session.query(Estimate).count() == 0
    browser.typed["lines-0-at_list"] = ["y"]
    browser.press("Save the estimate")
    assert deal.estimate is not None and deal.estimate.total_minor == 336_00


@pytest.mark.parametrize("typed", ["", "nonsense", "-336", "336.001", "33600"])
def test_nothing_typed_gets_past_the_list(
    browser: Browser, sam: Any, acme: Any, cloud: Any, typed: str
) -> None:
    deal = a_deal(acme, products=("cloud",))
    browser.sign_in(sam).open(f"/deals/{deal.id}/estimate")
    browser.typed["lines-0-unit_price"] = [typed]
    browser.press("Save the estimate", expect=200 if not typed else 422)
    assert [one.total_minor for one in session.query(Estimate)] == ([336_00] if not typed else [])


def test_a_page_from_before_the_list_changed_is_told_so(
    browser: Browser, sam: Any, acme: Any, cloud: Any
) -> None:
    deal = a_deal(acme, products=("cloud",))
    browser.sign_in(sam).open(f"/deals/{deal.id}/estimate")
    cloud.list_price_minor = 350_00
    session.flush()
    browser.press("Save the estimate", expect=422)
    assert browser.sees("The list price is €350.00 a year.")
    browser.typed["lines-0-at_list"] = ["y"]
    browser.press("Save the estimate")
    assert deal.estimate is not None and deal.estimate.total_minor == 350_00


def test_an_old_price_stays_until_somebody_takes_the_present_one(
    browser: Browser, sam: Any, acme: Any, cloud: Any
) -> None:
    deal = a_deal(acme)
    save_estimate(deal, an_estimate(licence()), by=sam)
    cloud.list_price_minor = 350_00
    session.flush()
    browser.sign_in(sam).open(f"/deals/{deal.id}/estimate")
    assert browser.sees("The list price is €350.00 a year now.")
    assert the(browser, "lines-0-unit_price").get("readonly") is not None
    browser.fill("Quantity", "3").press("Save the estimate")
    session.expire_all()
    assert deal.estimate.total_minor == 3 * 336_00
    browser.typed["lines-0-at_list"] = ["y"]
    browser.press("Recompute", expect=200)
    assert the(browser, "lines-0-unit_price").get("value") == "350.00"
    assert the(browser, "lines-0-at_list").get("checked") is None
    browser.press("Save the estimate")
    session.expire_all()
    assert deal.estimate.total_minor == 3 * 350_00


def test_two_people_of_whom_one_took_the_present_price(
    browser: Browser, app: Any, sam: Any, ada: Any, acme: Any, cloud: Any
) -> None:
    deal = a_deal(acme)
    save_estimate(deal, an_estimate(licence()), by=sam)
    cloud.list_price_minor = 350_00
    session.flush()
    mine = browser.sign_in(sam).open(f"/deals/{deal.id}/estimate")
    hers = Browser(app).sign_in(ada).open(f"/deals/{deal.id}/estimate")
    hers.typed["lines-0-at_list"] = ["y"]
    hers.press("Save the estimate")
    mine.fill("Quantity", "2").press("Save the estimate", expect=409)
    mine.press("Save the estimate")
    session.expire_all()
    assert [one.total_minor for one in deal.estimates] == [336_00, 350_00, 672_00]


def test_as_one_types_the_page_is_told_the_price_that_holds(
    browser: Browser, sam: Any, acme: Any, cloud: Any
) -> None:
    deal = a_deal(acme)
    browser.sign_in(sam).open(f"/deals/{deal.id}/estimate")
    token = the(browser, "csrf_token").get("value")
    sent = {
        "csrf_token": token, "currency": "EUR", "billed_by": "partner",
        "lines-0-item": "licence/cloud", "lines-0-unit_price": "500", "lines-0-recurring": "once",
        "lines-1-item": "training", "lines-1-unit_price": "500", "lines-1-recurring": "once",
    }  # fmt: skip
    answer = browser.client.post(f"/deals/{deal.id}/estimate/figures", data=sent).get_data(as_text=True)
    assert 'data-amounts="lines-0=336.00;lines-1=500.00;"' in answer
    held = re.search('data-held-lines="([^"]*)"', answer)
    assert held is not None and json.loads(html.unescape(held[1])) == {
        "lines-0": {
            "unit_price": "336.00",
            "recurring": "year",
            "words": "From the price list. To give less, use the discount.",
            "may_take": False,
        }
    }


def test_a_copy_says_when_the_list_has_moved(browser: Browser, sam: Any, acme: Any, cloud: Any) -> None:
    source = save_estimate(a_deal(acme), an_estimate(licence()), by=sam)
    cloud.list_price_minor = 350_00
    other = a_deal(acme, "Initech")
    session.flush()
    browser.sign_in(sam).open(f"/deals/{other.id}/estimate")
    browser.typed["copy-estimate_id"] = [str(source.id)]
    browser.press("Copy it")
    assert browser.sees("Licences cost what the price list says today")
    assert other.estimate is not None and other.estimate.total_minor == 350_00


def test_a_copy_says_when_the_same_price_is_charged_more_often_now(
    browser: Browser, sam: Any, acme: Any, cloud: Any
) -> None:
    source = save_estimate(a_deal(acme), an_estimate(licence()), by=sam)
    cloud.recurring = Recurrence.MONTH
    other = a_deal(acme, "Initech")
    session.flush()
    browser.sign_in(sam).open(f"/deals/{other.id}/estimate")
    browser.typed["copy-estimate_id"] = [str(source.id)]
    browser.press("Copy it")
    assert browser.sees("Licences cost what the price list says today")
    assert other.estimate is not None and other.estimate.total_minor == 12 * 336_00


def test_what_can_no_longer_be_kept_is_said_and_nothing_is_copied(
    browser: Browser, sam: Any, acme: Any, cloud: Any
) -> None:
    deal = a_deal(acme)
    source = save_estimate(deal, an_estimate(licence()), by=sam)
    source.lines[0].quantity_text = "1.5"  # As it could be kept once.
    other = a_deal(acme, "Initech")
    session.flush()
    browser.sign_in(sam).open(f"/deals/{other.id}/estimate")
    browser.typed["copy-estimate_id"] = [str(source.id)]
    browser.press("Copy it")
    assert browser.sees("Nothing was copied. Give a whole number.") and other.estimate is None


def test_a_page_of_many_lines_asks_no_more_than_one_of_few(browser: Browser, sam: Any, acme: Any) -> None:
    counts = []
    browser.sign_in(sam)
    for number in (2, 2, 40):
        deal = a_deal(acme, f"Project {number} {len(counts)}")
        save_estimate(deal, an_estimate(*[a_line(price=one) for one in range(number)]), by=sam)
        session.expire_all()
        pages = ("", "?version=1", "/proposal")
        counts.append([browser.open(f"/deals/{deal.id}/estimate{page}").queries for page in pages])
    assert counts[1] == counts[2]
