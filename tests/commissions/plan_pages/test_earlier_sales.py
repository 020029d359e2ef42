"""Sales that came before their plan was published: whoever publishes it is told, and led to exactly these."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from commissions import ledger
from commissions.models import Entry
from commissions.operations import earlier_sales
from commissions.queries.plans import plan_by_code
from core import clock, jobs
from core.database import session
from core.errors import Refusal
from referrals.models import Sale
from tests.browser import Browser
from tests.commissions.cast import a_definition, a_draft, a_line, a_live_plan, sold


@pytest.fixture
def own_plan(acme: Any, rival: Any) -> None:
    """Acme's contract names a plan of its own, which nobody has published; Rival is on the standard one."""
    a_live_plan()
    acme.plan_code = "acme"
    for number in range(3):
        sold(
            acme,
            a_line("licence", 100_000),
            name=f"own_{number}",
            occurred_at=clock.now() - timedelta(days=number),
        )
    sold(acme, name="too early", occurred_at=clock.now() - timedelta(days=400))
    sold(rival, name="other")
    from commissions.operations.plans import simulate

    simulate(a_draft(a_definition(), code="acme"), by=None)


def _earning() -> set[str]:
    return set(session.scalars(sa.select(Sale.external_id).join(Entry, Entry.sale_id == Sale.id)))


def test_who_publishes_it_is_led_to_exactly_these(
    browser: Browser, pia: Any, own_plan: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(earlier_sales, "AT_ONCE", 2)
    assert _earning() == {"other"}
    browser.sign_in(pia).open("/staff/plans/acme/versions/1/publication").press("Publish acme/1")
    assert browser.sees("3 sales were recorded before this plan was published")
    browser.press("Work out 3 sales")
    assert browser.sees("3 sales are being worked out.")
    jobs.run_until_idle()
    assert _earning() == {"other", "own_0", "own_1", "own_2"} and ledger.audit() == []
    browser.open("/staff/plans/acme/versions/1").click("Sales from before the plan was published")
    assert browser.sees("Every sale of this plan has been worked out")


def test_where_there_are_none_nobody_is_led_anywhere(browser: Browser, pia: Any, programme: None) -> None:
    from commissions.operations.plans import simulate

    simulate(a_draft(), by=None)
    browser.sign_in(pia).open("/staff/plans/standard/versions/1/publication").press("Publish standard/1")
    assert browser.url.endswith("/staff/plans/standard/versions/1")
    plan = plan_by_code("standard")
    assert plan is not None
    with pytest.raises(Refusal):
        earlier_sales.work_out_earlier_sales(plan, by=None)


def test_partners_never_see_it(browser: Browser, ada: Any, own_plan: None) -> None:
    browser.sign_in(ada).open("/staff/plans/acme/earlier-sales", expect=403)
