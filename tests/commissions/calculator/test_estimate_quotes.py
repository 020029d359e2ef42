"""What an estimate would earn, as the seller reads it: own services and commission apart, whoever bills."""

from typing import Any

import pytest

from commissions.quoting import quote_estimate
from commissions.wording import formula_words
from referrals.quotes import Inquiry, QuotedLine
from tests.commissions.cast import a_definition, a_live_plan
from tests.commissions.plans import a_split, percent, when

LICENCE, SERVICES = 7_776_00, 4_160_00
LINES = (QuotedLine("licence", None, 1, LICENCE), QuotedLine("training", None, 1, SERVICES))


def asked(partner: Any, billed_by: Any) -> Any:
    found = quote_estimate(Inquiry(partner, LINES, "EUR", billed_by, country="DE"))
    assert found is not None
    return found


@pytest.fixture
def plan(programme: None) -> Any:
    return a_live_plan()


def test_a_partner_that_bills_reads_its_services_and_its_commission(acme: Any, plan: Any) -> None:
    found = asked(acme, "partner")
    kept, *granted = [row for row in found.rows if row.to == "partner"]
    assert (kept.label, kept.amount_minor) == ("Your services", SERVICES)
    assert sum(row.amount_minor for row in granted) == found.commission_minor > 0
    assert all("collected" not in row.because for row in granted)
    assert found.partner_minor == SERVICES + found.commission_minor
    assert found.vendor_minor == LICENCE - found.commission_minor


def test_the_vendors_people_read_of_the_partner(acme: Any, plan: Any) -> None:
    found = quote_estimate(Inquiry(acme, LINES, "EUR", "partner", country="DE", reader="vendor"))
    assert found is not None
    kept = next(row for row in found.rows if row.to == "partner")
    assert (kept.label, kept.because) == ("Services of the partner", "The partner bills it to the customer.")
    assert [row.amount_minor for row in found.rows] == [
        row.amount_minor for row in asked(acme, "partner").rows
    ]


def test_rows_of_a_side_are_its_sum_and_both_sides_the_whole(acme: Any, plan: Any) -> None:
    for billed_by in ("vendor", "partner"):
        found = asked(acme, billed_by)
        assert sum(row.amount_minor for row in found.rows if row.to == "partner") == found.partner_minor
        assert found.partner_minor + found.vendor_minor == LICENCE + SERVICES


def test_one_rate_on_many_lines_is_said_once_of_their_sum_and_rounded_line_by_line(acme: Any) -> None:
    of_licences = percent("10", name="Licences", when=when(("line.kind", "eq", "licence")))
    shared = a_split(("partner", "90"), ("vendor", "10"), when=when(("line.kind", "eq", "training")))
    a_live_plan(a_definition(rules=[of_licences], splits=[shared]))
    lines = [QuotedLine(kind, None, 1, 333) for kind in ("licence", "training") for _turn in range(3)]
    inquiry = Inquiry(acme, tuple(lines), "EUR", "vendor", country="DE")
    found = quote_estimate(inquiry, in_words=formula_words)
    assert found is not None
    said = [(row.amount_minor, row.because) for row in found.rows if row.to == "partner"]
    assert said == [(99, "10\N{NO-BREAK SPACE}% of €9.99"), (900, "90\N{NO-BREAK SPACE}% of €9.99")]


def test_what_is_for_the_first_sale_or_year_is_not_promised_for_the_years_after(acme: Any) -> None:
    licence = ("line.kind", "eq", "licence")
    a_live_plan(
        a_definition(
            rules=[
                percent("50", name="First sale", term_months=0, when=when(licence)),
                percent("20", name="First year", term_months=12, when=when(licence)),
                percent("5", name="Later", when=when(licence)),
            ]
        )
    )

    def earned(sale_type: Any) -> int:
        inquiry = Inquiry(acme, LINES[:1], "EUR", "vendor", country="DE", sale_type=sale_type)
        found = quote_estimate(inquiry)
        assert found is not None
        return found.commission_minor

    assert (earned("new"), earned("renewal")) == (LICENCE // 2, LICENCE // 20)
