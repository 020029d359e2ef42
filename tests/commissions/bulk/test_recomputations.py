"""Working all sales out again: with progress, stopped and resumed, killed and resumed, and never two at once."""

import os
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from commissions import ledger
from commissions.models import Entry, LongRunStatus, Recomputation
from commissions.operations import recomputations
from core import jobs
from core.database import session, transaction
from core.errors import Refusal
from tests.browser import Browser
from tests.commissions.cast import a_line, a_live_plan, sold
from tests.doomed import Doomed


@pytest.fixture
def sales_before_their_plan(acme: Any, monkeypatch: pytest.MonkeyPatch) -> int:
    """Seven sales that nobody has computed; two a step."""
    monkeypatch.setattr(recomputations, "STEP", 2)
    for number in range(7):
        sold(acme, a_line("licence", 100_000 + number), name=f"inv_{number}")
    a_live_plan()
    return 7


def _entries() -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(Entry)) or 0


def test_the_worker_carries_it_on_and_the_page_shows_how_far_it_is(
    browser: Browser, pia: Any, sales_before_their_plan: int
) -> None:
    browser.sign_in(pia).open("/staff/proofs").click("Recompute sales…").press("Recompute all sales")
    run = recomputations.running_recomputation()
    assert run is not None
    run_id = run.id
    assert browser.sees("Being worked out") and browser.sees("0 of 7")
    jobs.run_next()
    browser.open(f"/staff/recomputations/{run_id}")
    assert browser.sees("2 of 7")
    jobs.run_until_idle()
    browser.open(f"/staff/recomputations/{run_id}")
    assert browser.sees("Nothing differed") and browser.sees("Lines of earnings posted")
    assert (_entries(), ledger.audit()) == (7, [])


def test_stopped_it_keeps_what_is_posted_and_goes_on_from_there(sales_before_their_plan: int) -> None:
    run = recomputations.start_recomputation(by=None)
    assert recomputations.recompute_further(run)
    recomputations.stop_recomputation(run)
    assert not recomputations.recompute_further(run)
    assert (run.done, _entries()) == (2, 2)
    recomputations.resume_recomputation(run)
    while recomputations.recompute_further(run):
        pass
    assert (run.status, run.done, run.posted, _entries()) == (LongRunStatus.DONE, 7, 7, 7)
    with pytest.raises(Refusal):
        recomputations.resume_recomputation(run)


def test_the_page_of_one_that_was_stopped_lets_it_go_on(
    browser: Browser, pia: Any, sales_before_their_plan: int
) -> None:
    browser.sign_in(pia).open("/staff/proofs").click("Recompute sales…").press("Recompute all sales")
    page = browser.url
    jobs.run_next()
    browser.open(page).press("Stop it")
    jobs.run_until_idle()
    assert browser.open(page).sees("What was posted so far stays, and it can go on from here.")
    assert browser.sees("2 of 7")
    browser.press("Go on")
    jobs.run_until_idle()
    assert browser.open(page).sees("Nothing differed")
    assert _entries() == 7


def test_two_at_once_are_one(sales_before_their_plan: int) -> None:
    first, second = (recomputations.start_recomputation(by=None) for _turn in range(2))
    assert first is second
    recomputations.stop_recomputation(first)
    third = recomputations.start_recomputation(by=None)
    assert third is not first
    with pytest.raises(Refusal):
        recomputations.resume_recomputation(first)


def test_only_who_reads_the_books_sees_it(browser: Browser, ada: Any, sales_before_their_plan: int) -> None:
    run = recomputations.start_recomputation(by=None)
    browser.sign_in(ada).open("/staff/recomputations", expect=403)
    browser.open(f"/staff/recomputations/{run.id}", expect=403)


@pytest.mark.soak
@pytest.mark.timeout(600)  # for SOAK=full, which kills it hundreds of times
def test_killed_anywhere_it_goes_on_where_it_was(own_app: Any, tmp_path: Path) -> None:
    """A real kill -9 at many places of one recomputation; small here, everywhere with SOAK=full."""
    from partners import operations as partners
    from tests import cast

    with own_app.app_context(), transaction():
        partners.set_up_programme(by=None)
        acme = cast.a_partner("Acme", tier="gold", country="DE")
        for number in range(5):
            sold(acme, a_line("licence", 100_000 + number), a_line("training", 999), name=f"inv_{number}")
        a_live_plan()
    stride = 1 if os.environ.get("SOAK") == "full" else 17
    place, deaths = 7, 0
    with Doomed(
        "tests.commissions.bulk.crash_child", own_app.config["DATABASE_URL"], str(tmp_path)
    ) as doomed:
        while not doomed.do("recompute", place):
            deaths, place = deaths + 1, place + stride
            with own_app.app_context(), transaction():
                assert ledger.audit() == [], f"killed at {place - stride}"
    assert deaths > 2
    with own_app.app_context(), transaction():
        [run] = session.scalars(sa.select(Recomputation))
        assert (run.status, run.done, run.posted, _entries()) == (LongRunStatus.DONE, 5, 15, 15)
