"""Until when a proposal holds: never set into the past, and said plainly once it is over."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pypdf import PdfReader

from core import clock
from core.database import session
from core.errors import InvalidInput
from core.settings import PROGRAMME_TIME_ZONE
from referrals.operations.estimates import copy_estimate, data_of, save_estimate
from tests.browser import Browser
from tests.referrals.deals.cast import a_deal, a_line, an_estimate

OVER = "This day is over. Give today or a later day."


def until(day: date | None, price: int = 100_00) -> Any:
    return replace(an_estimate(a_line(price=price)), valid_until=day)


def today() -> date:
    return clock.today(PROGRAMME_TIME_ZONE.value())


def test_a_day_that_is_over_is_refused_and_today_is_not(acme: Any) -> None:
    deal = a_deal(acme)
    for day in (today() - timedelta(days=1), date(1, 1, 1)):
        with pytest.raises(InvalidInput) as problem:
            save_estimate(deal, until(day), by=None)
        assert problem.value.problems == {"valid_until": OVER}
    assert save_estimate(deal, until(today()), by=None).valid_until == today()


def test_the_day_is_that_of_the_programme(acme: Any, time: Any) -> None:
    zone = ZoneInfo(PROGRAMME_TIME_ZONE.value())
    time.move_to(datetime(2026, 3, 2, 0, 30, tzinfo=zone))
    with pytest.raises(InvalidInput):
        save_estimate(a_deal(acme), until(date(2026, 3, 1)), by=None)


def test_an_estimate_goes_on_after_its_day_until_that_is_changed(acme: Any, time: Any) -> None:
    deal, day = a_deal(acme), today() + timedelta(days=3)
    save_estimate(deal, until(day), by=None)
    time.move_to(clock.now() + timedelta(days=5))
    assert save_estimate(deal, until(day, price=90_00), by=None).valid_until == day
    with pytest.raises(InvalidInput):
        save_estimate(deal, until(day - timedelta(days=1)), by=None)
    save_estimate(deal, until(None), by=None)
    with pytest.raises(InvalidInput):
        save_estimate(deal, until(day), by=None)


def test_a_copy_has_no_day_that_is_over(acme: Any, time: Any) -> None:
    deal, day = a_deal(acme), today() + timedelta(days=3)
    first = save_estimate(deal, until(day), by=None)
    save_estimate(deal, until(day, price=90_00), by=None)
    assert copy_estimate(first, deal, by=None).valid_until == day
    time.move_to(clock.now() + timedelta(days=5))
    again = copy_estimate(first, deal, by=None)
    assert (again.version, again.valid_until, again.total_minor) == (4, None, 100_00)
    assert copy_estimate(first, a_deal(acme, "Initech"), by=None).valid_until is None
    assert data_of(first).valid_until == day


def test_the_field_says_so_and_keeps_what_was_typed(browser: Browser, sam: Any, acme: Any) -> None:
    deal = a_deal(acme)
    browser.sign_in(sam).open(f"/deals/{deal.id}/estimate")
    browser.fill("What", "training").fill("Unit price", "500").fill("The proposal holds until", "2020-01-31")
    browser.press("Save the estimate", expect=422)
    assert browser.sees(OVER) and 'value="2020-01-31"' in browser.html
    browser.fill("The proposal holds until", today().isoformat()).press("Save the estimate")
    assert deal.estimate is not None and deal.estimate.valid_until == today()


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_proposal_past_its_day_says_so_and_both_sides_are_told(
    browser: Browser, app: Any, sam: Any, mona: Any, acme: Any, time: Any, language: str
) -> None:
    deal, day = a_deal(acme), today() + timedelta(days=3)
    save_estimate(deal, until(day), by=sam)
    readers = {who: Browser(app).sign_in(who) for who in (sam, mona)}

    def proposal() -> str:
        browser.open(f"/deals/{deal.id}/estimate/proposal?language={language}")
        pages = PdfReader(BytesIO(browser.response.get_data())).pages
        return " ".join(" ".join(page.extract_text() for page in pages).split())

    browser.sign_in(sam)
    before = proposal()
    assert not readers[sam].open(f"/deals/{deal.id}/estimate").sees("The proposal held until")
    time.move_to(clock.now() + timedelta(days=4))
    session.commit()
    for reader in readers.values():
        reader.open(f"/deals/{deal.id}/estimate")
        assert reader.sees("The proposal held until")
    if language == "en":
        after = proposal()
        assert "Holds until" in before and "no longer holds" not in before
        assert "Held until" in after and "This proposal no longer holds." in after
    else:
        assert len(proposal()) > len(before)
