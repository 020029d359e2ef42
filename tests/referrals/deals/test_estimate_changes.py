"""What differs between two versions of an estimate, and what happens when two people write one at once."""

import threading
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from core.database import session, transaction
from core.errors import InvalidInput
from partners.operations import set_up_programme
from referrals.estimate_changes import line_changes, milestone_changes
from referrals.models import Deal, Estimate
from referrals.operations.estimates import EstimateData, EstimateMovedOn, MilestoneData, save_estimate
from tests.browser import Browser
from tests.cast import a_partner
from tests.referrals.deals.cast import a_deal, a_line, an_estimate


@pytest.mark.pure
def test_a_line_is_followed_through_a_new_description_price_and_place() -> None:
    licence = a_line("licence", 100_00)
    before = [licence, a_line(description="Set-up"), a_line("training", 5_00), a_line("audit")]
    after = [a_line("hosting"), a_line(description="Set-up, with test"), a_line("training", 6_00), licence]
    told = {(one.what, one.either.kind.value): one.fields for one in line_changes(before, after)}
    assert told == {
        ("added", "hosting"): (),
        ("changed", "implementation"): ("description",),
        ("changed", "training"): ("unit_price_minor",),
        ("removed", "audit"): (),
    }


@pytest.mark.pure
def test_two_lines_alike_are_two_lines() -> None:
    one = a_line("training")
    assert [change.what for change in line_changes([one, one], [one])] == ["removed"]
    assert [change.what for change in line_changes([one], [one, one, one])] == ["added", "added"]
    assert line_changes([one, one], [one, one]) == []


@pytest.mark.pure
def test_a_milestone_is_known_by_its_name_or_by_the_rest() -> None:
    before = [MilestoneData(name="Pilot", amount_minor=1), MilestoneData(name="Live", amount_minor=2)]
    after = [MilestoneData(name="Trial", amount_minor=1), MilestoneData(name="Live", amount_minor=3)]
    assert [change.fields for change in milestone_changes(before, after)] == [("name",), ("amount_minor",)]


def test_both_sides_read_what_a_version_changed(
    browser: Browser, app: Any, sam: Any, ada: Any, mona: Any, acme: Any
) -> None:
    deal = a_deal(acme)
    save_estimate(deal, an_estimate(a_line("licence"), a_line("training", 500_00)), by=sam)
    browser.sign_in(sam).open(f"/deals/{deal.id}/estimate/changes", expect=404)
    save_estimate(
        deal,
        EstimateData(
            currency="EUR",
            billed_by=an_estimate().billed_by,
            lines=(a_line("licence"), a_line("training", 500_00, discount_percent=Decimal(5))),
            milestones=(MilestoneData(name="Live", amount_minor=100_00),),
            valid_until=date(2026, 4, 1),
            note="Payable within 14 days.",
        ),
        by=ada,
    )
    for reader in (browser.open(f"/deals/{deal.id}/estimate"), Browser(app).sign_in(mona)):
        reader.open(f"/deals/{deal.id}/estimate/changes?before=1&after=2")
        for words in (
            "5\N{NO-BREAK SPACE}%",
            "Changed",
            "Live",
            "Added",
            "1\N{NO-BREAK SPACE}April\N{NO-BREAK SPACE}2026",
            "Payable within 14 days.",
            "−€25.00",
        ):
            assert reader.sees(words), words
    for nonsense in ("before=9&after=1", "after=x", "before=-1", "after=99999999999999999999"):
        browser.open(f"/deals/{deal.id}/estimate/changes?{nonsense}", expect=404)


def test_whoever_saves_second_is_told_loses_nothing_and_may_save_on_top(
    browser: Browser, app: Any, sam: Any, ada: Any, acme: Any
) -> None:
    deal = a_deal(acme)
    save_estimate(deal, an_estimate(a_line("training", 500_00)), by=sam)
    mine = browser.sign_in(sam).open(f"/deals/{deal.id}/estimate")
    hers = Browser(app).sign_in(ada).open(f"/deals/{deal.id}/estimate")
    hers.fill("Unit price", "700").press("Save the estimate")
    mine.fill("Unit price", "650").fill("Note to the customer", "My own words").press(
        "Save the estimate", expect=409
    )
    assert mine.sees(f"{ada.name} saved version 2 while you were writing.")
    assert 'value="650"' in mine.html and mine.sees("My own words")
    session.expire_all()
    assert session.query(Estimate).count() == 2
    mine.press("Save the estimate")
    session.expire_all()
    assert [one.total_minor for one in deal.estimates] == [500_00, 700_00, 650_00]


def test_the_same_words_saved_by_two_people_are_one_version(
    browser: Browser, app: Any, sam: Any, ada: Any, acme: Any
) -> None:
    deal = a_deal(acme)
    first, second = (Browser(app).sign_in(who).open(f"/deals/{deal.id}/estimate") for who in (sam, ada))
    for page in (first, second):
        page.fill("What", "training").fill("Unit price", "500").press("Save the estimate")
    assert session.query(Estimate).count() == 1


def test_the_figures_tell_of_a_newer_version_while_one_types(
    browser: Browser, sam: Any, ada: Any, acme: Any
) -> None:
    deal = a_deal(acme)
    browser.sign_in(sam).open(f"/deals/{deal.id}/estimate")
    save_estimate(deal, an_estimate(a_line()), by=ada)
    browser.fill("What", "training").fill("Unit price", "5").press("Recompute", expect=200)
    assert browser.sees("Version 1 was saved meanwhile.")


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (a_line(quantity=Decimal(0)), "quantity"),
        (a_line(quantity=Decimal(10) ** 9), "quantity"),
        (a_line(quantity=Decimal("0.00001")), "quantity"),
        (a_line(quantity=Decimal("1." + "1" * 60)), "quantity"),
        (a_line(price=-1), "unit_price"),
        (a_line(discount_percent=Decimal("100.01")), "discount"),
        (a_line(discount_percent=Decimal("33.33333")), "discount"),
        (a_line("licence", product="nothing"), "item"),
    ],
)
def test_what_cannot_be_kept_is_said_at_its_field(acme: Any, line: Any, field: str) -> None:
    with pytest.raises(InvalidInput) as problem:
        save_estimate(a_deal(acme), an_estimate(line), by=None)
    assert set(problem.value.problems) == {f"lines-0-{field}"}


def test_an_estimate_is_not_endless_and_not_beyond_the_books(acme: Any) -> None:
    deal = a_deal(acme)
    for lines, says in (
        ([a_line()] * 101, "at most 100 lines"),
        ([a_line(price=10**14, quantity=Decimal(10))], "more than the books"),
        ([], "at least one line"),
    ):
        with pytest.raises(InvalidInput, match=says):
            save_estimate(deal, an_estimate(*lines), by=None)


def test_two_savings_at_the_same_moment_make_two_versions_in_a_row(own_app: Flask) -> None:
    with own_app.app_context(), transaction():
        set_up_programme(by=None)
        deal_id = a_deal(a_partner("Acme")).id
    both_read, told = threading.Barrier(2), []

    def save(minor: int) -> None:
        with own_app.app_context():
            try:
                with transaction():
                    deal = session.get_one(Deal, deal_id)
                    assert deal.estimates == []
                    # On SQLite the first holds the database, so that the second cannot read beside it.
                    with suppress(threading.BrokenBarrierError):
                        both_read.wait(2)
                    saved = save_estimate(deal, an_estimate(a_line(price=minor)), by=None, based_on=0)
                    told.append(f"version {saved.version}")
            except (EstimateMovedOn, AssertionError) as problem:
                told.append(type(problem).__name__)

    people = [threading.Thread(target=save, args=(minor,)) for minor in (100, 200)]
    for one in people:
        one.start()
    for one in people:
        one.join(60)
    with own_app.app_context(), transaction():
        assert [one.version for one in session.get_one(Deal, deal_id).estimates] == [1]
    assert len(told) == 2 and "version 1" in told
