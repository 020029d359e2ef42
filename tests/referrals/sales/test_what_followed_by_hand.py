"""Finance notes on the page of a sale what followed it: payments, refunds, and what the customer's bank says."""

from typing import Any

import pytest
import sqlalchemy as sa

from core.database import session
from referrals.models import Payment, Sale, SaleStatus
from referrals.operations.sales import record_sale
from tests.browser import Browser
from tests.referrals.deals.cast import sale_data


def _sale(partner: Any, name: str = "inv_1", **about: Any) -> Sale:
    sale = record_sale(sale_data(name, partner_id=str(partner.id), **about), by=None).fact
    session.flush()
    return sale


@pytest.fixture
def sale(acme: Any) -> Sale:
    """A sale of 2,000.00 that nobody has paid."""
    return _sale(acme, minor=200_000, paid="none")


def _noted(browser: Browser, sale: Sale, what: str, number: str, amount: str, **how: Any) -> Browser:
    browser.open(f"/sales/{sale.id}").click("Note what followed")
    browser.fill("What happened", what).fill("Its number", number).fill("Amount without tax", amount)
    return browser.press("Record it", **how)


def test_a_sale_that_was_typed_in_unpaid_is_paid_in_parts(sale: Sale, finn: Any, browser: Browser) -> None:
    browser.sign_in(finn)
    _noted(browser, sale, "The customer paid", "B-1", "500")
    assert browser.sees("Recorded. What the sale earns follows it.")
    _noted(browser, sale, "The customer paid", "B-2", "2000", expect=422)
    assert browser.sees("Only €1,500.00 is not paid yet.")
    browser.fill("Amount without tax", "1500").press("Record it")
    session.refresh(sale)
    assert sale.paid_now == "full"


def test_a_number_that_was_noted_before_is_refused_with_another_amount(
    sale: Sale, finn: Any, browser: Browser
) -> None:
    browser.sign_in(finn)
    _noted(browser, sale, "The customer paid", "B-1", "500")
    _noted(browser, sale, "The customer paid", "B-1", "400", expect=422)
    assert browser.sees("B-1 came before with other contents.")
    assert session.scalar(sa.select(sa.func.count()).select_from(Payment)) == 1


def test_more_than_the_sale_is_refused_at_the_amount_and_keeps_what_was_typed(
    sale: Sale, finn: Any, browser: Browser
) -> None:
    browser.sign_in(finn)
    _noted(browser, sale, "Money was given back to the customer", "CN-1", "999999", expect=422)
    assert browser.sees("more than the")
    browser.fill("Amount without tax", "100").press("Record it")
    session.refresh(sale)
    assert sale.refunded_minor == 10_000


def test_the_banks_case_is_opened_and_won(acme: Any, finn: Any, browser: Browser) -> None:
    sale = _sale(acme)
    browser.sign_in(finn)
    _noted(browser, sale, "The customer's bank looks into a payment", "CASE-1", "100")
    session.refresh(sale)
    assert sale.status is SaleStatus.HELD
    _noted(browser, sale, "The bank decided for us", "CASE-1", "100")
    session.refresh(sale)
    assert sale.status is SaleStatus.ATTRIBUTED


def test_what_was_typed_of_a_sale_stays_when_its_number_is_taken(
    acme: Any, finn: Any, browser: Browser
) -> None:
    browser.sign_in(finn)
    for customer, expect in (("Globex", None), ("Initech", 422)):
        browser.open("/staff/sales/new").fill("Sale or invoice number", "H-1").fill("Customer", customer)
        browser.fill("Licence, without tax", "100").press("Record the sale", expect=expect)
    assert browser.sees("H-1 came before with other contents.")
    browser.fill("Sale or invoice number", "H-2").press("Record the sale")
    assert browser.sees("Recorded.") and browser.sees("Initech")


def test_nobody_of_a_partner_notes_anything(sale: Sale, ada: Any, browser: Browser) -> None:
    browser.sign_in(ada).open(f"/sales/{sale.id}")
    assert not browser.sees("Note what followed")
    browser.open(f"/staff/sales/{sale.id}/later", expect=403)
