"""What the calculator computes is what the same sales would post."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commissions.calculator import Assumptions, Outlook, outlook
from commissions.rates import compute, parse
from tests.commissions.cast import a_definition
from tests.commissions.plans import a_plan, a_split, fixed, percent, when

pytestmark = pytest.mark.pure
START = datetime(2026, 3, 1, 12, tzinfo=UTC)
STANDARD = parse(a_definition())


def the_outlook(plan: Any = STANDARD, **about: Any) -> Outlook:
    supposed = {
        "deals_a_month": Decimal(1),
        "licence_minor": 600_000,
        "services_minor": 1_400_000,
        "renewals_percent": 85,
        "tier": "silver",
    }
    return outlook(plan, Assumptions(**supposed | about), START, UTC)


def test_services_that_the_partner_bills_are_its_own_in_full() -> None:
    found = the_outlook()
    assert found.year(1) == (12 * 90_000, 12 * 1_400_000)
    assert {source.occasion for source in found.sources} == {"new", "own", "renewal"}


def test_services_that_the_vendor_bills_are_divided_and_a_first_project_pays_until_its_limit() -> None:
    found = the_outlook(services_billed_by="vendor")
    commission, services = found.year(1)
    assert services == 12 * 1_260_000
    # 250.00 a first project, at most 2,000.00 a calendar year: eight of the ten of 2026, then January and February.
    assert commission == 12 * 90_000 + 10 * 25_000


def test_customers_renew_whole_from_the_thirteenth_month_on() -> None:
    found = the_outlook()
    assert [month.renewals for month in found.months[:12]] == [0] * 12
    assert sum(month.renewals for month in found.months) == 10
    assert found.year(2)[0] == 12 * 90_000 + 10 * 42_000


def test_half_a_deal_a_month_is_one_every_two_months() -> None:
    found = the_outlook(deals_a_month=Decimal("0.5"))
    assert sum(month.deals for month in found.months) == 12
    assert max(month.deals for month in found.months) == 1


def test_a_rule_that_pays_for_twelve_months_pays_no_renewal() -> None:
    plan = a_plan(percent("10", term_months=12, when=when(("line.kind", "eq", "licence"))))
    assert the_outlook(plan).year(2)[0] == 12 * 60_000


@given(
    deals=st.integers(1, 60).map(lambda tenths: Decimal(tenths) / 10),
    licence=st.integers(0, 10_000_000),
    services=st.integers(0, 10_000_000),
    renewals=st.integers(0, 100),
)
def test_the_months_and_the_rules_sum_to_the_same(
    deals: Decimal, licence: int, services: int, renewals: int
) -> None:
    plan = a_plan(
        percent("12.5", when=when(("line.kind", "eq", "licence"))),
        fixed(5_000, caps=[{"per": "partner", "window": "calendar_month", "amount_minor": 7_000}]),
        splits=[a_split(("partner", "90"), ("vendor", "10"), when=when(("line.kind", "ne", "licence")))],
    )
    found = the_outlook(
        plan,
        deals_a_month=deals,
        licence_minor=licence,
        services_minor=services,
        renewals_percent=renewals,
        services_billed_by="vendor",
    )
    for year in (1, 2):
        assert sum(found.year(year)) == sum(source.years[year - 1] for source in found.sources)
    assert sum(month.total_minor for month in found.months) == sum(found.year(1)) + sum(found.year(2))
    assert sum(month.deals for month in found.months[:12]) >= sum(month.renewals for month in found.months)


def test_one_deal_earns_what_the_engine_says_for_one_sale() -> None:
    from commissions.rates import CustomerFacts, LineFacts, PartnerFacts, SaleFacts

    sale = SaleFacts(
        occurred_at=START,
        currency="EUR",
        partner=PartnerFacts("p", "silver"),
        customer=CustomerFacts("c"),
        lines=(LineFacts("licence", 1, 600_000), LineFacts("implementation", 1, 1_400_000)),
    )
    month = the_outlook(services_billed_by="vendor").months[0]
    theirs = [entry for entry in compute(STANDARD, sale).entries if entry.key.beneficiary.type == "partner"]
    assert month.total_minor == sum(entry.amount_minor for entry in theirs)
