"""A share of a project waits until its milestone is accepted or paid, and the line says so."""

from typing import Any

import pytest
import sqlalchemy as sa

from commissions.models import Entry
from commissions.queries.earnings import balances
from core.database import session
from core.errors import InvalidInput, Refusal
from referrals.models import ReachedBy
from referrals.operations import deals, save_estimate
from referrals.operations.estimates import EstimateData, MilestoneData
from referrals.operations.milestones import reach_milestone, undo_milestone
from referrals.operations.sales import record_payment
from referrals.queries.milestones import milestones_of
from tests.browser import Browser
from tests.commissions.cast import a_definition, a_line, a_live_plan, sold
from tests.commissions.plans import percent, when
from tests.referrals.deals import cast as deal_cast


@pytest.fixture
def deal(programme: None, acme: Any) -> Any:
    of_licences = percent("20", when=when(("line.kind", "eq", "licence")))
    a_live_plan(a_definition(rules=[of_licences]))
    found = deal_cast.a_deal(acme)
    plain = deal_cast.an_estimate(
        deal_cast.a_line("licence", 60_000), deal_cast.a_line("implementation", 100_000)
    )
    save_estimate(
        found,
        EstimateData(
            currency=plain.currency,
            billed_by=plain.billed_by,
            lines=plain.lines,
            milestones=(
                MilestoneData(name="Installed", amount_minor=40_000),
                MilestoneData(name="Live", amount_minor=60_000),
            ),
        ),
        by=None,
    )
    deals.win_deal(found, order="PO-9", by=None)
    session.flush()
    return found


def a_project(deal: Any, name: str = "inv_1", minor: int = 100_000, **about: Any) -> Any:
    return sold(deal.partner, a_line("implementation", minor), name=name, deal_id=str(deal.id), **about)


def payable_one_day(partner: Any, time: Any) -> int:
    """What is payable when every other hold is over."""
    time.move(days=40)
    return sum(balance.payable_minor for balance in balances(partner))


def reached(deal: Any, number: int, by: Any, way: ReachedBy = ReachedBy.ACCEPTED) -> Any:
    return reach_milestone(deal, milestones_of(deal.id)[number], way=way, document="Protocol 7", by=by)


def test_a_prepaid_project_waits_for_all_of_its_milestones(
    deal: Any, acme: Any, mona: Any, time: Any
) -> None:
    a_project(deal)
    assert payable_one_day(acme, time) == 0
    reached(deal, 0, mona)
    assert payable_one_day(acme, time) == 0
    reached(deal, 1, mona, ReachedBy.PAID)
    assert payable_one_day(acme, time) == 90_000


def test_a_sale_that_names_its_milestone_waits_for_that_one(
    deal: Any, acme: Any, mona: Any, time: Any
) -> None:
    about = {"metadata": {"milestone": "installed"}, "paid": "part", "paid_minor": 20_000}
    sale = a_project(deal, minor=40_000, **about)
    assert payable_one_day(acme, time) == 0
    reached(deal, 0, mona)
    assert payable_one_day(acme, time) == 18_000
    assert sale.deal is deal


def test_it_is_paid_when_its_own_invoice_is_paid(deal: Any, acme: Any, time: Any) -> None:
    about = {"metadata": {"milestone": "Installed"}, "paid": "part", "paid_minor": 20_000}
    sale = a_project(deal, minor=40_000, **about)
    record_payment(
        {"external_id": "pay_1", "amount_minor": 20_000, "sale_external_id": sale.external_id}, by=None
    )
    assert payable_one_day(acme, time) == 36_000


def test_what_was_noted_by_mistake_waits_again(deal: Any, acme: Any, mona: Any, time: Any) -> None:
    a_project(deal)
    reached(deal, 0, mona)
    wrong = reached(deal, 1, mona)
    undo_milestone(wrong, by=mona)
    assert payable_one_day(acme, time) == 0
    reached(deal, 1, mona)
    assert payable_one_day(acme, time) == 90_000


def test_licences_and_deals_without_milestones_do_not_wait(deal: Any, acme: Any, time: Any) -> None:
    sold(acme, a_line(), name="inv_2", deal_id=str(deal.id))
    sold(acme, a_line("training", 1_000), name="inv_3")
    assert payable_one_day(acme, time) == 40_000 + 900


def test_what_is_refused(deal: Any, mona: Any) -> None:
    with pytest.raises(InvalidInput):
        reach_milestone(deal, milestones_of(deal.id)[0], way=ReachedBy.PAID, document=" ", by=mona)
    reached(deal, 0, mona)
    with pytest.raises(Refusal, match="already"):
        reached(deal, 0, mona)


def test_the_manager_notes_it_on_the_deal_and_the_partner_reads_why_the_line_waits(
    deal: Any, acme: Any, mona: Any, ada: Any, app: Any
) -> None:
    a_project(deal)
    entry = session.scalars(sa.select(Entry).where(Entry.partner_id == acme.id)).one()
    adas = Browser(app).sign_in(ada).open(f"/earnings/lines/{entry.id}")
    assert adas.sees("Its milestone is not accepted or paid yet")
    monas = Browser(app).sign_in(mona)
    for _milestone in range(2):
        monas.open(f"/deals/{deal.id}").click("Reached")
        monas.press("Note it", expect=422)
        monas.fill("Document", "Protocol 7").press("Note it")
    assert monas.sees("Accepted by the customer")
    adas.open(f"/earnings/lines/{entry.id}")
    assert not adas.sees("Its milestone is not accepted")
    adas.open(f"/deals/{deal.id}")
    assert adas.sees("Protocol 7") and "Noted by mistake" not in adas.buttons
