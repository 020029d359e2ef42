"""What an estimate promises is what its sale earns: broken quantities, discounts, rules per unit, shares of thirds."""

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commissions.models import Entry
from commissions.operations.recruitments import note_recruiter
from commissions.quoting import quote_estimate
from core.database import session
from core.errors import InvalidInput
from partners.models import Recurrence
from referrals.operations.estimates import as_line, save_estimate
from referrals.quotes import Inquiry, QuotedLine
from tests.commissions.cast import a_definition, a_live_plan, sold
from tests.commissions.plans import a_split, brackets, fixed, percent, when
from tests.referrals.deals.cast import a_deal, a_line, an_estimate

RULES = [
    fixed(25_00, "unit", "Training day", when=when(("line.kind", "eq", "training"))),
    percent("20", "Many seats", when=when(("line.kind", "eq", "licence"), ("line.quantity", "gte", 10))),
    brackets(("0", "3", "5"), ("3", None, "12.5"), on="line.quantity")
    | {"name": "By number", "when": when(("line.kind", "in", ["licence", "audit"]))},
]
SPLITS = [
    a_split(
        ("partner", "80"), ("recruiter", "5"), ("vendor", "15"),
        name="Projects", when=when(("line.kind", "eq", "implementation")),
    )
]  # fmt: skip

quantities = st.one_of(
    st.integers(1, 40).map(Decimal), st.integers(1, 400_000).map(lambda parts: Decimal(parts) / 10_000)
)
lines = st.builds(
    a_line,
    st.sampled_from(["licence", "training", "audit", "implementation"]),
    st.integers(0, 99_999),
    quantity=quantities,
    discount_percent=st.sampled_from([Decimal(0), Decimal("33.3333"), Decimal(100)]),
    recurring=st.sampled_from(Recurrence),
).filter(lambda line: line.kind != "licence" or line.quantity == int(line.quantity))


def of_the_sale(line: Any) -> dict[str, Any]:
    """The line as finance would type it from the invoice of the first year, written out without the quote's help."""
    net = as_line(line).year_minor
    if line.quantity != int(line.quantity):
        return {"kind": line.kind.value, "product": None, "quantity": 1, "unit_amount_minor": net}
    price = line.unit_price_minor * (12 if line.recurring is Recurrence.MONTH else 1)
    return {
        "kind": line.kind.value,
        "product": None,
        "quantity": int(line.quantity),
        "unit_amount_minor": price,
        "discount_minor": int(line.quantity) * price - net,
    }


@pytest.fixture
def promised(acme: Any, rival: Any) -> None:
    """A plan with rules of all kinds, and somebody who brought the partner."""
    a_live_plan(a_definition(rules=RULES, splits=SPLITS))
    note_recruiter(acme, rival, because="They say so", by=None)


def earned(partner: Any, sold_lines: list[dict[str, Any]], billed_by: str) -> tuple[int, Counter[str]]:
    """What the sale of these lines comes to, and what it earns whom in the books."""
    with session.begin_nested() as sandbox:
        sale = sold(partner, *sold_lines, billed_by=billed_by)
        found: Counter[str] = Counter()
        for entry in session.query(Entry).filter(Entry.sale_id == sale.id):
            found[entry.beneficiary] += entry.amount_minor
        total = sale.total_minor
        sandbox.rollback()
    session.expire_all()
    return total, found


@settings(max_examples=40)
@given(st.lists(lines, min_size=1, max_size=6), st.sampled_from(["vendor", "partner"]))
def test_the_quote_of_an_estimate_is_what_the_sale_of_its_lines_earns(
    acme: Any, rival: Any, promised: None, typed: list[Any], billed_by: Any
) -> None:
    quoted = tuple(
        QuotedLine.of(line.kind.value, line.product, line.quantity, as_line(line).year_minor)
        for line in typed
    )
    quote = quote_estimate(Inquiry(acme, quoted, "EUR", billed_by, country="DE"))
    assert quote is not None
    for sold_lines in ([of_the_sale(line) for line in typed], [line.as_sold() for line in quoted]):
        total, entries = earned(acme, sold_lines, billed_by)
        theirs, others = entries[f"partner:{acme.id}"], entries[f"partner:{rival.id}"]
        collected = total if billed_by == "partner" else 0
        assert quote.partner_minor == collected + theirs
        assert quote.vendor_minor == total - collected - theirs - others
    assert sum(row.amount_minor for row in quote.rows if row.to == "partner") == quote.partner_minor


@pytest.mark.parametrize(("quantity", "units"), [("1", 1), ("2.5", 1), ("0.5", 1), ("3", 3), ("40.0", 40)])
def test_a_rule_per_unit_counts_whole_units_and_a_broken_number_as_one(
    acme: Any, quantity: str, units: int
) -> None:
    a_live_plan(a_definition(rules=RULES[:1], splits=[]))
    line = QuotedLine.of("training", None, Decimal(quantity), 2_000_00)
    quote = quote_estimate(Inquiry(acme, (line,), "EUR", "vendor", country="DE"))
    assert quote is not None and quote.commission_minor == units * 25_00
    assert line.as_sold()["quantity"] == units


def test_the_share_of_who_brought_the_partner_is_no_row_of_either_side(acme: Any, rival: Any) -> None:
    a_live_plan(a_definition(rules=RULES, splits=SPLITS))
    line = QuotedLine("implementation", None, 1, 1_000_00)
    inquiry = Inquiry(acme, (line,), "EUR", "vendor", country="DE")

    def divided() -> tuple[int, int, list[tuple[str, int]]]:
        quote = quote_estimate(inquiry)
        assert quote is not None
        return quote.partner_minor, quote.vendor_minor, [(row.to, row.amount_minor) for row in quote.rows]

    alone = divided()
    note_recruiter(acme, rival, because="They say so", by=None)
    assert alone[:2] == (800_00, 200_00)
    assert divided() == (800_00, 150_00, [("partner", 800_00), ("vendor", 150_00)])


def test_licences_are_estimated_whole(acme: Any) -> None:
    deal = a_deal(acme)
    for quantity in ("2.5", "0.5", "1.0001"):
        with pytest.raises(InvalidInput) as problem:
            save_estimate(deal, an_estimate(a_line("licence", quantity=Decimal(quantity))), by=None)
        assert set(problem.value.problems) == {"lines-0-quantity"}
    save_estimate(deal, an_estimate(a_line("licence", quantity=Decimal("20.0"))), by=None)
    save_estimate(deal, an_estimate(a_line("training", quantity=Decimal("2.5"))), by=None)
