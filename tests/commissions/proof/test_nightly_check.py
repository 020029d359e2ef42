"""Every night lines are worked out again from their proofs; another number is an alarm."""

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from commissions.models import Entry, PlanVersion
from commissions.operations.entries import post_entries
from commissions.operations.proofs import check_proofs
from core import clock
from core.database import session, transaction
from tests.browser import Browser
from tests.commissions.cast import a_line, a_live_plan, given_back, sold


@pytest.fixture
def plan(programme: None) -> PlanVersion:
    return a_live_plan()


def a_wrong_line(partner: Any, plan: PlanVersion) -> Entry:
    """A line whose proof says another number than its amount: nothing that the portal itself would write."""
    sale = sold(partner, name="inv_wrong")
    right = session.scalars(sa.select(Entry).where(Entry.sale_id == sale.id)).one()
    wrong = Entry(
        kind=right.kind,
        partner_id=partner.id,
        amount_minor=right.amount_minor + 1,
        currency="EUR",
        plan_version_id=plan.id,
        rule=right.rule,
        cause="sale:wrong",
        received_at=clock.now(),
        available_at=clock.now(),
        proof=dict(right.proof),
    )
    return post_entries([wrong], by=None)[0]


def test_all_lines_prove_themselves_also_what_was_taken_back(plan: PlanVersion, acme: Any) -> None:
    given_back(sold(acme, a_line(minor=9_999), a_line("training", 9_999)), 3_333)
    check = check_proofs(by=None)
    assert check.lines == 6
    assert check.differing == []


def test_a_difference_is_told_to_who_runs_the_programme_once(
    plan: PlanVersion, acme: Any, pia: Any, finn: Any, mails: Any
) -> None:
    wrong = a_wrong_line(acme, plan)
    check = check_proofs(by=None)
    assert check.differing == [
        {"entry_id": wrong.id, "amount_minor": wrong.amount_minor, "again_minor": wrong.amount_minor - 1}
    ]
    check_proofs(by=None)
    [mail] = mails(to=pia.email)
    assert "does not prove itself" in mail["subject"]
    assert len(mails(to=finn.email)) == 1


def test_it_waits_on_the_home_page_and_leads_to_the_line(
    plan: PlanVersion, acme: Any, pia: Any, browser: Browser
) -> None:
    wrong = a_wrong_line(acme, plan)
    check_proofs(by=None)
    browser.sign_in(pia).open("/")
    assert browser.sees("1 line of earnings does not prove itself")
    browser.click("Look").click(f"No. {wrong.id}")
    assert browser.sees("Worked out again just now: another number.")


def test_a_line_says_when_it_was_last_checked(
    plan: PlanVersion, acme: Any, sam: Any, browser: Browser, time: Any
) -> None:
    sale = sold(acme)
    time.move(hours=12)
    check_proofs(by=None)
    entry = session.scalars(sa.select(Entry).where(Entry.sale_id == sale.id)).one()
    browser.sign_in(sam).open(f"/earnings/lines/{entry.id}")
    assert browser.sees("Checked 2\u00a0March\u00a02026, 22:00: the same number.") or browser.sees(
        "the same number."
    ), browser.text


def test_the_worker_checks_every_night(
    plan: PlanVersion, acme: Any, run_jobs: Any, pia: Any, browser: Browser
) -> None:
    sold(acme)
    run_jobs()
    browser.sign_in(pia).open("/staff/proofs")
    assert browser.sees("All the same")


@pytest.mark.parametrize("is_wrong", [False, True])
def test_the_command_says_what_differs_and_ends_with_1(own_app: Flask, is_wrong: bool) -> None:
    from partners.operations import set_up_programme
    from tests.cast import a_partner

    with own_app.app_context(), transaction():
        set_up_programme(by=None)
        acme, plan = a_partner(tier="gold"), a_live_plan()
        if is_wrong:
            a_wrong_line(acme, plan)
        else:
            sold(acme)
    result = own_app.test_cli_runner().invoke(args=["commissions", "prove"])
    assert result.exit_code == is_wrong, result.output
    assert ("again 40000" if is_wrong else "1 lines worked out again: the same.") in result.output
