"""Payments and refunds that count nowhere: a person tries again or puts them aside with a reason; none is dropped."""

from typing import Any

import pytest
import sqlalchemy as sa

from commissions.models import Entry
from core.activity import Activity
from core.database import session
from core.errors import Refusal
from referrals.models import Chargeback, Payment, Refund, Sale
from referrals.operations.sales import put_aside, record_payment, record_refund, record_sale, try_again
from referrals.queries import waiting_facts as asked
from tests.browser import Browser
from tests.commissions.cast import a_line, a_live_plan
from tests.referrals.deals.cast import later_data, sale_data


def _sold(partner: Any, name: str = "inv_1", minor: int = 100_000, **about: Any) -> Sale:
    data = sale_data(name, partner_id=str(partner.id), **about)
    data["lines"] = [a_line("licence", minor)]
    return record_sale(data, by=None).fact


def _waiting() -> set[str]:
    return {fact.external_id for query in asked.facts_without_a_sale() for fact in session.scalars(query)}


def _earned() -> int:
    return session.scalar(sa.select(sa.func.sum(Entry.amount_minor))) or 0


@pytest.fixture
def a_refund(acme: Any) -> Refund:
    """It speaks of a sale by a number that nobody has used."""
    a_live_plan()
    return record_refund(later_data("re_1", 25_000, sale_external_id="in 1"), by=None).fact


@pytest.fixture
def a_refused_refund(acme: Any) -> Refund:
    """It came before its sale, and is more than that."""
    a_live_plan()
    refund = record_refund(later_data("re_9", 30_000, sale_external_id="inv_9"), by=None).fact
    _sold(acme, "inv_9", 20_000)
    assert refund.refused_because == "excess"
    return refund


def test_a_person_names_the_sale_and_it_counts(
    browser: Browser, finn: Any, acme: Any, a_refund: Refund
) -> None:
    sale = _sold(acme)
    whole = _earned()
    browser.sign_in(finn).open("/staff/sales").click("Try again or put aside…").click("Refund re_1")
    browser.press("Try again now")
    assert browser.sees("The sale in 1 has not come yet.")
    browser.fill("Number of its sale", "inv_7").press("Try again now", expect=422)
    assert browser.sees("No sale has this number, or more than one has.")
    browser.fill("Number of its sale", "inv_1").press("Try again now")
    assert browser.sees("It counts now.")
    session.expire_all()
    assert (a_refund.sale_id, sale.refunded_minor, _waiting()) == (sale.id, 25_000, set())
    assert _earned() * 4 == whole * 3


def test_what_is_put_aside_leaves_the_list_and_is_kept_with_its_reason(
    browser: Browser, finn: Any, acme: Any, a_refund: Refund
) -> None:
    browser.sign_in(finn).open(f"/staff/sales/facts/refund/{a_refund.id}")
    browser.press("Put it aside", expect=422)
    assert browser.sees("This is needed.")
    browser.fill("Why", "Another company's refund.").press("Put it aside")
    assert browser.sees("Put aside. It is kept") and browser.sees("Another company's refund.")
    assert _waiting() == set()
    deed = session.scalars(sa.select(Activity).where(Activity.verb == asked.PUT_ASIDE)).one()
    assert (deed.actor_name, deed.subject_id) == (finn.name, a_refund.id)
    browser.click("Refund re_1")
    assert not browser.sees("It leaves the list")
    with pytest.raises(Refusal):
        put_aside(a_refund, reason="Once more.", by=finn)
    sale = _sold(acme, "in 1")
    assert a_refund.sale_id == sale.id and sale.refunded_minor == 25_000


def test_a_refused_refund_counts_when_the_sale_can_bear_it_after_all(
    acme: Any, a_refused_refund: Refund
) -> None:
    sale = a_refused_refund.sale
    assert sale is not None
    with pytest.raises(Refusal, match="still can't bear"):
        try_again(a_refused_refund, by=None)
    a_refused_refund.amount_minor = 20_000  # as the channel puts it right
    try_again(a_refused_refund, by=None)
    assert (a_refused_refund.refused_because, sale.refunded_minor, _earned()) == (None, 20_000, 0)
    with pytest.raises(Refusal, match="with its sale already"):
        try_again(a_refused_refund, by=None)
    with pytest.raises(Refusal, match="with its sale already"):
        put_aside(a_refused_refund, reason="No.", by=None)


def test_a_refused_refund_is_put_aside_from_the_list_of_what_waits(
    browser: Browser, finn: Any, a_refused_refund: Refund
) -> None:
    browser.sign_in(finn).open("/staff/sales").click("re_9")
    browser.fill("Why", "Given back in goods.").press("Put it aside")
    browser.open("/staff/sales")
    assert not browser.sees("Refunds that are more than their sale")
    browser.open("/staff/sales/facts")
    assert browser.sees("Given back in goods.")


def test_each_kind_is_put_aside_by_itself() -> None:
    """Rows of two tables may have the same number."""
    payment = record_payment(later_data("x_1", 5, sale_external_id="none"), by=None).fact
    refund = record_refund(later_data("x_2", 5, sale_external_id="none"), by=None).fact
    put_aside(payment, reason="Not ours.", by=None)
    assert (asked.is_put_aside(payment), asked.is_put_aside(refund)) == (True, False)
    assert _waiting() == {"x_2"}
    aside = [session.scalars(asked.facts_put_aside(kind)).all() for kind in (Payment, Refund, Chargeback)]
    assert aside == [[payment], [], []]


def test_partners_and_readers_never_see_them(browser: Browser, ada: Any, a_refund: Refund) -> None:
    browser.sign_in(ada).open("/staff/sales/facts", expect=403)
    browser.open(f"/staff/sales/facts/refund/{a_refund.id}", expect=403)
    assert session.scalars(asked.facts_that_count_nowhere(ada, Refund)).all() == []
