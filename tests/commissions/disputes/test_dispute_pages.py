"""The pages of a dispute, from the partner's line to the vendor's queue and back."""

from typing import Any

import pytest
import sqlalchemy as sa

from commissions.models import Dispute, Entry
from commissions.operations import disputes
from commissions.operations.statements import issue_due_statements
from core.database import session
from tests.browser import Browser
from tests.commissions.cast import a_live_plan, sold
from tests.commissions.earnings import an_entry


@pytest.fixture
def plan(programme: None) -> Any:
    return a_live_plan()


def the_line(sale: Any) -> Entry:
    return session.scalars(sa.select(Entry).where(Entry.sale_id == sale.id)).one()


def test_from_the_line_to_the_corrected_line(plan: Any, app: Any, ada: Any, finn: Any, acme: Any) -> None:
    entry = the_line(sold(acme))
    adas = Browser(app).sign_in(ada).open(f"/earnings/lines/{entry.id}").click("Dispute this line")
    adas.fill("What is wrong", "We are Platinum.").fill("What the line should come to", "500.00")
    adas.press("Send the dispute")
    assert adas.sees("The line waits until it is decided.")
    assert adas.sees("Expected: €500.00")
    finns = (
        Browser(app)
        .sign_in(finn)
        .open("/staff/disputes")
        .click("Commission, Gold: licence in the first year")
    )
    assert finns.sees("20 % of €2,000.00".replace(" %", "\u00a0%"))
    assert finns.sees("Standard 2026, version 1") and adas.sees("Standard 2026, version 1")
    finns.fill("Answer", "Let us look.").press("Send the answer")
    finns.fill("Why, for the partner", "The tier was late.").press("Correct it")
    assert finns.sees("Corrected by a line of €100.00.")
    adas.open("/disputes").click("Commission, Gold: licence in the first year").click(
        "The line that corrects"
    )
    assert adas.heading == "Adjustment €100.00"
    assert adas.sees("correction of €100.00")


def test_what_is_missing_is_said_at_the_field(plan: Any, app: Any, ada: Any, finn: Any, acme: Any) -> None:
    entry = the_line(sold(acme))
    adas = Browser(app).sign_in(ada).open(f"/earnings/lines/{entry.id}/dispute")
    adas.fill("What the line should come to", "some").press("Send the dispute", expect=422)
    dispute = disputes.open_dispute(entry, "Why so little?", by=ada)
    finns = Browser(app).sign_in(finn).open(f"/disputes/{dispute.id}")
    finns.press("Reject it", expect=422)
    assert finns.sees("This is needed.")
    finns.press("Correct it", expect=422)
    finns.press("Send the answer", expect=422)
    finns.fill("Why the line is right, for the partner", "It is Gold.").press("Reject it")
    assert finns.sees("Rejected. The partner has been told why.")


def test_a_stranger_finds_nothing(acme: Any, ada: Any, rex: Any, browser: Any) -> None:
    entry = an_entry(acme)
    dispute = disputes.open_dispute(entry, "Why?", by=ada)
    browser.sign_in(rex).open(f"/disputes/{dispute.id}", expect=404)
    browser.open(f"/earnings/lines/{entry.id}/dispute", expect=404)
    browser.open("/disputes")
    assert browser.sees("No disputes")


def test_the_partner_sees_the_clock_and_takes_it_back(acme: Any, ada: Any, browser: Any) -> None:
    entry = an_entry(acme)
    dispute = disputes.open_dispute(entry, "Why?", by=ada)
    browser.sign_in(ada).open(f"/earnings/lines/{entry.id}")
    assert browser.sees("The vendor's answer:")
    assert browser.sees("The line is disputed")
    browser.open(f"/disputes/{dispute.id}").press("Withdraw it")
    assert browser.sees("Withdrawn: the line waits no longer for it.")


def test_the_queue_asks_the_database_as_often_for_many_as_for_few(
    acme: Any, ada: Any, finn: Any, browser: Any
) -> None:
    browser.sign_in(finn)
    disputes.open_dispute(an_entry(acme), "Why?", by=ada)
    browser.open("/staff/disputes")
    few = browser.queries
    for _number in range(8):
        disputes.open_dispute(an_entry(acme), "Why?", by=ada)
    browser.open("/staff/disputes?state=undecided")
    assert browser.queries <= few
    assert browser.open("/staff/disputes?format=csv").response.data.count(b"\n") == 10


def test_what_waits_leads_the_vendor_to_the_oldest(acme: Any, ada: Any, finn: Any, browser: Any) -> None:
    disputes.open_dispute(an_entry(acme), "Why?", by=ada)
    browser.sign_in(finn).open("/")
    browser.click("Acme disputes: Commission €100.00")
    assert browser.sees("Your answer is due")


def test_statement_and_plan_show_what_became_of_it(
    plan: Any, acme: Any, ada: Any, finn: Any, pia: Any, app: Any, time: Any
) -> None:
    entry = the_line(sold(acme))
    dispute = disputes.open_dispute(entry, "Why?", by=ada)
    disputes.reject_dispute(dispute, "It is Gold.", by=finn)
    time.move(days=40)
    [statement] = issue_due_statements()
    adas = Browser(app).sign_in(ada).open(f"/statements/{statement.number}")
    assert adas.sees("Stays as it is")
    pias = Browser(app).sign_in(pia).open("/staff/plans/standard/versions/1", expect=None)
    if pias.status == 404:
        pias.open("/staff/plans").click("1 · Standard 2026")
    assert pias.sees("Gold: licence in the first year 0 1 0")
    assert session.scalar(sa.select(sa.func.count()).select_from(Dispute)) == 1
