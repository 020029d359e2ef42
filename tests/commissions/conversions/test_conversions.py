"""A sale in another currency than its plan pays in: the rate of its day, kept with it, also for its refunds."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from commissions import ledger, rates
from commissions.models import Entry
from commissions.operations.conversions import release_sales_with_a_rate
from commissions.operations.proofs import check_proofs
from commissions.queries.earnings import balances
from core.database import session
from core.exchange import set_rate
from referrals.models import SaleStatus
from tests.browser import Browser
from tests.commissions.cast import a_definition, a_line, a_live_plan, given_back, sold
from tests.commissions.plans import a_plan, a_sale, fixed, licence, percent

FIRST = date(2026, 3, 1)


def a_plan_in_euro(*rules: Any, **changes: Any) -> Any:
    return a_live_plan(
        a_definition(rules=list(rules) or [percent("10")], splits=[], converts=True, **changes)
    )


def a_rate(rate: str, base: str = "USD", day: date = FIRST, quote: str = "EUR") -> None:
    set_rate(day, base, quote, Decimal(rate), source="typed in", by=None)


def total(partner: Any) -> dict[str, int]:
    return {balance.currency: balance.total_minor for balance in balances(partner)}


def test_it_is_paid_in_the_plans_currency_at_the_rate_of_the_day(programme: None, acme: Any) -> None:
    a_plan_in_euro()
    a_rate("0.92")
    sold(acme, a_line(minor=10_001), currency="USD")
    # 100.01 dollars are 92.01 euros (92.0092), of which 10 % are 9.20.
    assert total(acme) == {"EUR": 920}
    entry = session.scalars(sa.select(Entry)).one()
    assert entry.proof["base_minor"] == 9_201
    kept = entry.proof["conversion"]
    assert (kept["original_minor"], kept["rate"], kept["source"], kept["day"]) == (
        10_001, "0.92", "typed in", "2026-03-01",
    )  # fmt: skip
    assert not check_proofs(by=None, everything=True).differing


def test_rules_with_amounts_of_money_match_as_well(programme: None, acme: Any) -> None:
    a_plan_in_euro(fixed(1_500))
    a_rate("0.92")
    sold(acme, currency="USD")
    assert total(acme) == {"EUR": 1_500}


def test_decimals_of_both_currencies_count(programme: None, acme: Any) -> None:
    a_plan_in_euro()
    a_rate("0.006", base="JPY")
    sold(acme, a_line(minor=100_000), currency="JPY")
    assert total(acme) == {"EUR": 6_000}


def test_refunds_go_by_the_original_rate_and_end_at_nothing(programme: None, acme: Any) -> None:
    a_plan_in_euro()
    a_rate("0.92")
    sale = sold(acme, a_line(minor=9_999), currency="USD")
    a_rate("0.5")
    a_rate("2", day=date(2026, 3, 2))
    for number, left in enumerate((613, 307, 0)):
        given_back(sale, 3_333, name=f"re_{number}")
        assert total(acme) == {"EUR": left}
    assert ledger.audit() == []


def test_without_a_rate_the_sale_waits_and_earns_by_itself_when_it_is_there(
    programme: None, acme: Any, finn: Any, browser: Browser
) -> None:
    a_plan_in_euro()
    sale = sold(acme, currency="USD")
    assert (sale.status, total(acme)) == (SaleStatus.HELD, {})
    browser.sign_in(finn).open("/staff/sales")
    assert browser.sees("To look at")
    browser.open(f"/sales/{sale.id}")
    assert browser.sees("No exchange rate of")
    browser.press("Release the sale")
    assert browser.sees("It still waits")
    assert release_sales_with_a_rate(by=None) == 0
    a_rate("0.92")
    assert release_sales_with_a_rate(by=None) == 1
    assert (sale.status, total(acme)) == (SaleStatus.ATTRIBUTED, {"EUR": 18_400})
    browser.open(f"/earnings/lines/{session.scalars(sa.select(Entry.id)).one()}")
    assert browser.sees("Sold in USD, paid in EUR: $2,000.00 × 0.92")


def test_a_plan_that_does_not_convert_pays_in_the_sales_own_currency(programme: None, acme: Any) -> None:
    a_live_plan(a_definition(rules=[percent("10")], splits=[]))
    sold(acme, currency="USD")
    assert total(acme) == {"USD": 20_000}


@pytest.mark.pure
@given(
    nets=st.lists(st.integers(1, 100_000), min_size=1, max_size=4),
    rate=st.decimals("0.0001", "2000", places=4).map(str),
    shares=st.lists(st.integers(0, 100), max_size=4),
)
def test_converted_lines_are_each_rounded_once_and_all_given_back_is_all(
    nets: list[int], rate: str, shares: list[int]
) -> None:
    by = rates.Conversion("EUR", rate)
    sale = a_sale(*(licence(net) for net in nets), currency="USD")
    refunds = [
        rates.Refund(f"re_{n}", net * share // 100, n)
        for n, (net, share) in enumerate(zip(nets, shares, strict=False))
    ]
    rest = sum(nets) - sum(refund.amount_minor for refund in refunds)
    told, _payments, _back, _chargebacks = rates.converted(sale, [], [], [], by)
    assert [line.net_minor for line in told.lines] == [by.of(net, "USD") for net in nets]
    plan = a_plan(percent("10"))
    facts, payments, back, chargebacks = rates.converted(
        sale, [], [*refunds, rates.Refund("re_rest", rest)], [], by
    )
    gone = rates.compute(plan, facts, payments=payments, refunds=back, chargebacks=chargebacks)
    assert not gone.entries
