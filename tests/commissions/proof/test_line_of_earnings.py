"""A partner opens a line and reads from the sale to the cent and the books."""

from typing import Any

import pytest
import sqlalchemy as sa

from commissions.models import Entry
from core.database import session
from tests.browser import Browser
from tests.commissions.cast import a_line, a_live_plan, given_back, sold


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
