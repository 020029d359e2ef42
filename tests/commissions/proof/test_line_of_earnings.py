"""A partner opens a line and reads from the sale to the cent and the books."""

import csv
import io
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from commissions.models import Entry, EntryKind
from commissions.operations.recomputations import start_recomputation
from core.database import session
from core.exchange import set_rate
from referrals.operations.sales import reattribute_sale, void_sale
from tests.browser import Browser
from tests.commissions.cast import FIRST_OF_MARCH, a_definition, a_line, a_live_plan, given_back, sold
from tests.commissions.earnings import an_entry
from tests.commissions.plans import a_split, percent


@pytest.fixture
def plan(programme: None) -> Any:
    return a_live_plan()


def the_lines(sale: Any) -> list[Entry]:
    return list(session.scalars(sa.select(Entry).where(Entry.sale_id == sale.id).order_by(Entry.id)))


def test_a_seller_reads_why_a_licence_earned_what_it_did(
    plan: Any, browser: Any, sam: Any, acme: Any
) -> None:
    sale = sold(
        acme, a_line(minor=234_567, discount_minor=34_567, tax_minor=38_000, description="Cloud, 20 seats")
    )
    [entry] = the_lines(sale)
    browser.sign_in(sam).open(f"/earnings/lines/{entry.id}")
    assert browser.heading == "Commission €400.00"
    for words in (
        "Cloud, 20 seats, 1 × €2,345.67",
        "Discount −€345.67",
        "Tax, €380.00 left out",
        "What counts, without tax €2,000.00",
        "Gold: licence in the first year",
        "20 % of the line",
        "Tier of the partner is Gold",
        "1 before it did not fit: why",
        "20 % of €2,000.00",
        "none: it is a whole number",
        "Owed to Acme",
        "Expense: commission",
    ):
        assert browser.sees(words.replace(" %", "\u00a0%")) or browser.sees(words), (words, browser.text)


def test_what_rounding_took_is_said_to_the_last_decimal(plan: Any, browser: Any, sam: Any, acme: Any) -> None:
    [entry] = the_lines(sold(acme, a_line(minor=101)))
    browser.sign_in(sam).open(f"/earnings/lines/{entry.id}")
    assert browser.sees("Exactly €0.202")
    assert browser.sees("−€0.002, half up, once")


def test_nobody_else_may_open_it(plan: Any, browser: Any, rex: Any, acme: Any) -> None:
    [entry] = the_lines(sold(acme))
    browser.sign_in(rex).open(f"/earnings/lines/{entry.id}", expect=404)
    browser.open(f"/earnings/lines/{entry.id}/proof.json", expect=404)


def test_the_vendors_people_open_every_line_also_the_vendors_own_share(
    plan: Any, app: Any, browser: Any, finn: Any, sam: Any, acme: Any
) -> None:
    theirs, ours = the_lines(sold(acme, a_line("training", 9_999)))
    browser.sign_in(finn).open(f"/earnings/lines/{theirs.id}")
    assert browser.heading == "Share €89.99"
    assert browser.sees("Projects we bill: 90 to 10")
    assert browser.sees("−€0.001, so that the shares sum to the whole")
    browser.open(f"/earnings/lines/{ours.id}")
    assert browser.sees("the vendor's own share")
    Browser(app).sign_in(sam).open(f"/earnings/lines/{ours.id}", expect=404)


def test_a_refund_and_the_line_it_takes_back_lead_to_each_other(
    plan: Any, browser: Any, sam: Any, acme: Any
) -> None:
    sale = sold(acme)
    given_back(sale, 50_000)
    first, back = the_lines(sale)
    browser.sign_in(sam).open(f"/earnings/lines/{first.id}")
    assert browser.sees("Together with the corrections it comes to €300.00.")
    browser.click(f"No. {back.id}")
    assert browser.heading == "Reversal −€100.00"
    assert browser.sees("Refund re_1 of €500.00 to the customer")
    browser.click("The line it corrects: €400.00")
    assert browser.heading == "Commission €400.00"


def test_working_it_out_again_gives_the_same_from_the_proof_and_from_the_sale(
    plan: Any, browser: Any, sam: Any, acme: Any
) -> None:
    sale = sold(acme)
    given_back(sale, 50_000)
    browser.sign_in(sam)
    for entry in the_lines(sale):
        browser.open(f"/earnings/lines/{entry.id}").press("Work it out again now")
        assert browser.sees("Worked out again just now: the same.")
        assert browser.sees("comes to €300.00 for this rule")


def test_the_proof_can_be_kept_as_a_file(plan: Any, browser: Any, sam: Any, acme: Any) -> None:
    [entry] = the_lines(sold(acme))
    browser.sign_in(sam).open(f"/earnings/lines/{entry.id}").click("Download the proof")
    assert browser.response.json["proof"]["formula"] == "20 % of 2,000.00"
    assert browser.response.json["plan_version"] == "standard/1"


def test_it_is_said_in_russian_too(plan: Any, browser: Any, sam: Any, acme: Any) -> None:
    [entry] = the_lines(sold(acme))
    browser.sign_in(sam)
    sam.locale = "ru"
    browser.open(f"/earnings/lines/{entry.id}")
    assert browser.sees("От продажи до цента")


def test_the_sale_shows_what_it_earned(plan: Any, browser: Any, sam: Any, acme: Any) -> None:
    sale = sold(acme)
    browser.sign_in(sam).open(f"/sales/{sale.id}")
    assert browser.sees("What it earns")
    browser.click("Commission")
    assert browser.heading == "Commission €400.00"


def test_a_sale_that_earns_nothing_says_why(programme: None, browser: Any, mona: Any, acme: Any) -> None:
    sale = sold(acme)
    browser.sign_in(mona).open(f"/sales/{sale.id}")
    assert browser.sees("The partner earns by the plan “standard”, and no version of that is published.")
    a_live_plan()
    partners_own = sold(acme, a_line("training"), name="inv_2", billed_by="partner")
    browser.open(f"/sales/{partners_own.id}")
    assert browser.sees("No rule of the plan pays for it.")
    assert browser.sees("Training earns nothing: why")
    assert browser.sees("Kind of line is Training")


def test_a_bonus_by_hand_says_what_for_and_by_whom(
    programme: None, browser: Browser, ada: Any, acme: Any, finn: Any
) -> None:
    from commissions.models import EntryKind
    from commissions.operations.entries import adjust_by_hand

    entry = adjust_by_hand(
        partner_id=acme.id,
        amount_minor=5_000,
        currency="EUR",
        kind=EntryKind.BONUS,
        reason="Best demo",
        key="b1",
        by=finn,
    )
    browser.sign_in(ada).open(f"/earnings/lines/{entry.id}")
    assert browser.heading == "Bonus €50.00"
    assert browser.sees("Best demo · written down by Finn Finance")
    assert browser.sees("Expense: bonuses")
    assert "Work it out again now" not in browser.buttons


def test_money_of_a_converted_sale_is_said_in_its_own_currency(
    programme: None, browser: Browser, sam: Any, acme: Any
) -> None:
    a_live_plan(a_definition(rules=[percent("10")], splits=[], converts=True))
    set_rate(date(2026, 3, 1), "USD", "EUR", Decimal("0.5"), source="typed in", by=None)
    sale = sold(acme, currency="USD")
    given_back(sale, 50_000)
    _first, back = the_lines(sale)
    browser.sign_in(sam).open(f"/earnings/lines/{back.id}")
    assert browser.heading == "Reversal −€25.00"
    assert browser.sees("Refund re_1 of $500.00 to the customer")


def test_what_an_earlier_sale_moved_names_it(plan: Any, browser: Browser, sam: Any, acme: Any) -> None:
    later = sold(acme, name="inv_2", occurred_at=FIRST_OF_MARCH + timedelta(days=400))
    earlier = sold(acme, name="inv_1")
    moved = the_lines(later)[-1]
    assert (moved.cause, moved.amount_minor < 0) == (f"sale:{earlier.id}", True)
    browser.sign_in(sam).open(f"/earnings/lines/{moved.id}")
    assert browser.sees("Sale inv_1 of 1\u00a0March\u00a02026 became known, which comes before this one")
    void_sale(earlier, reason="Recorded twice.", by=None)
    back = the_lines(later)[-1]
    browser.open(f"/earnings/lines/{back.id}")
    assert browser.sees(
        "Because of sale inv_1, which comes before this one: The sale was voided on 2\u00a0March\u00a02026"
    )


def test_who_loses_a_sale_reads_why(
    plan: Any, browser: Browser, sam: Any, acme: Any, rival: Any, mona: Any
) -> None:
    sale = sold(acme)
    void_sale(sold(acme, name="inv_2"), reason="Recorded twice.", by=mona)
    reattribute_sale(sale, rival, reason="Rival won the deal.", by=mona)
    browser.sign_in(sam)
    for entry in session.scalars(sa.select(Entry).where(Entry.partner_id == acme.id, Entry.amount_minor < 0)):
        browser.open(f"/earnings/lines/{entry.id}")
        if entry.sale_id == sale.id:
            assert browser.sees("On 2\u00a0March\u00a02026 it was put right whose sale it is")
            assert browser.sees("The sale is another partner's now; its details are theirs.")
        else:
            assert browser.sees("The sale was voided on 2\u00a0March\u00a02026")
        assert not browser.sees("Rival")


def test_a_share_in_anothers_sale_says_nothing_of_its_sums(
    programme: None, app: Any, acme: Any, rival: Any, rex: Any, sam: Any
) -> None:
    shares = [("partner", "80"), (str(rival.id), "10")]
    a_live_plan(a_definition(rules=[], splits=[a_split(*shares)]))
    sale = sold(acme, a_line("training", 100_000))
    given_back(sale, 50_000)
    back = next(one for one in the_lines(sale) if one.partner_id == rival.id and one.amount_minor < 0)
    browser = Browser(app).sign_in(rex).open(f"/earnings/lines/{back.id}")
    assert browser.sees("Something became known of the sale")
    assert not browser.sees("re_1")


def test_a_sale_that_was_worked_out_anew_says_so(plan: Any, browser: Browser, sam: Any, acme: Any) -> None:
    sale = sold(acme)
    run = start_recomputation(by=None)
    [first] = the_lines(sale)
    line = an_entry(
        acme, -100, kind=EntryKind.REVERSAL, cause=f"recomputation:{run.id}", corrects_id=first.id
    )
    browser.sign_in(sam).open(f"/earnings/lines/{line.id}")
    assert browser.sees("All sales were worked out again on 2\u00a0March\u00a02026")


def test_the_version_that_counts_says_why_it_does(
    browser: Browser, programme: None, sam: Any, acme: Any
) -> None:
    a_live_plan(a_definition(rules=[percent("10")], splits=[]))
    sold(acme)
    a_live_plan(
        a_definition(
            rules=[percent("5")],
            splits=[],
            rebinds=True,
            effective_from="2026-06-01T00:00:00+00:00",
            name="New",
        )
    )
    [old] = the_lines(sold(acme, name="inv_2", occurred_at=FIRST_OF_MARCH + timedelta(days=1)))
    [new] = the_lines(sold(acme, name="inv_3", occurred_at=FIRST_OF_MARCH + timedelta(days=200)))
    browser.sign_in(sam).open(f"/earnings/lines/{old.id}")
    assert browser.sees("the one by which the customer began")
    browser.open(f"/earnings/lines/{new.id}")
    assert browser.sees("Plan “New”, version 2, which holds for customers who began before it as well.")


def test_a_share_that_was_taken_back_whole_is_reversed(
    plan: Any, browser: Browser, sam: Any, acme: Any
) -> None:
    sale = sold(acme, a_line("training", 10_000))
    given_back(sale, 10_000)
    share = next(one for one in the_lines(sale) if one.partner_id == acme.id)
    browser.sign_in(sam).open(f"/earnings/lines/{share.id}")
    assert browser.sees("Reversed")
    assert browser.open("/earnings").sees("Reversed")
    shown = csv.DictReader(
        io.StringIO(browser.open("/earnings?format=csv").response.data.decode("utf-8-sig"))
    )
    assert {line["Amount, minor units"]: line["State"] for line in shown} == {
        str(share.amount_minor): "reversed",
        str(-share.amount_minor): "payable",
    }
