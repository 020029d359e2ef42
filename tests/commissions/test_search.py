"""The one search finds payouts, runs and disputes by their numbers, for whoever may see them."""

from typing import Any

import pytest

from accounts.models import User
from accounts.permissions import Role
from commissions.models import Dispute, PayoutRun
from commissions.operations import disputes
from core.search import search
from tests import cast
from tests.browser import Browser
from tests.commissions.cast import a_live_plan, sold
from tests.commissions.disputes.test_dispute_pages import the_line
from tests.commissions.earnings import a_profile, a_proposed_run, an_approved_run, an_entry
from tests.partners.test_search import found_by
from tests.statements import heard_statements


@pytest.fixture(autouse=True)
def _addresses(app: Any) -> Any:
    """Answers name pages by their address, which only a request has."""
    with app.test_request_context():
        yield


@pytest.fixture
def run(acme: Any, rival: Any, finn: User, mona: User) -> PayoutRun:
    """An approved run that pays both firms."""
    for firm in (acme, rival):
        a_profile(firm)
        an_entry(firm, 90_000)
    return an_approved_run(finn, mona)


@pytest.fixture
def dispute(programme: None, acme: Any, ada: User) -> Dispute:
    a_live_plan()
    return disputes.open_dispute(the_line(sold(acme, name="quokka-77")), "We are Platinum.", by=ada)


def test_a_payout_is_found_by_its_number_and_by_its_name_on_bank_statements(
    run: PayoutRun, ada: User, finn: User, acme: Any
) -> None:
    mine = next(payout for payout in run.payouts if payout.partner_id == acme.id)
    for words in (f"#{mine.id}", f"payout {mine.id}", f"№ {mine.id}", f"Payout-{mine.id}-1"):
        assert found_by(ada, words)["Payouts"] == [f"Payout {mine.id}"], words
        assert found_by(finn, words)["Payouts"] == [f"Payout {mine.id}"], words
    for words in (f"lead {mine.id}", f"payout {mine.id}x", "payout ²", "payout " + "9" * 40):
        assert "Payouts" not in found_by(finn, words), words


def test_another_firms_payout_is_not_found_nor_one_that_nobody_approved(
    acme: Any, rival: Any, ada: User, rex: User, finn: User, mona: User
) -> None:
    a_profile(acme)
    an_entry(acme, 90_000)
    payout = a_proposed_run(finn).payouts[0]
    assert "Payouts" not in found_by(ada, f"#{payout.id}")
    assert "Payouts" in found_by(mona, f"#{payout.id}")
    assert "Payouts" not in found_by(rex, f"#{payout.id}")


def test_a_run_is_found_by_the_vendors_people_alone(run: PayoutRun, ada: User, mona: User) -> None:
    assert found_by(mona, f"payout run {run.id}") == {"Payout runs": [f"Payout run {run.id}"]}
    assert "Payout runs" not in found_by(ada, f"#{run.id}")


def test_a_dispute_is_found_by_its_number_and_by_its_sale(
    dispute: Dispute, ada: User, mona: User, rex: User
) -> None:
    for words in (f"dispute {dispute.id}", f"#{dispute.id}", "QUOKKA-77"):
        for person in (ada, mona):
            (title,) = found_by(person, words)["Disputes"]
            assert title.startswith(f"Dispute {dispute.id}: ")
        assert "Disputes" not in found_by(rex, words)


def test_engineers_and_authors_do_not_learn_of_money(
    run: PayoutRun, dispute: Dispute, acme: Any, arthur: User
) -> None:
    engineer = cast.a_member(acme, "Eve Engineer", Role.ENGINEER)
    for person in (engineer, arthur):
        for words in (f"#{run.payouts[0].id}", f"#{dispute.id}", "quokka-77"):
            assert not {"Payouts", "Payout runs", "Disputes"} & set(found_by(person, words))


def test_what_was_found_opens_on_both_sides(
    run: PayoutRun, dispute: Dispute, acme: Any, ada: User, mona: User, app: Any
) -> None:
    mine = next(payout for payout in run.payouts if payout.partner_id == acme.id)
    for person in (ada, mona):
        browser = Browser(app).sign_in(person)
        browser.open(f"/search?q=payout+{mine.id}").click(f"Payout {mine.id}")
        assert browser.heading.startswith("Payout of €900.00")
        browser.open("/search?q=quokka-77").click(f"Dispute {dispute.id}: Commission €400.00")
        assert browser.heading.startswith(f"Dispute {dispute.id}")
        browser.open("/disputes?q=quokka-77")
        assert browser.sees("quokka-77")
    Browser(app).sign_in(mona).open(f"/search?q=payout+run+{run.id}").click(f"Payout run {run.id}")


def test_more_of_it_costs_no_more_questions(acme: Any, ada: User, finn: User, programme: None) -> None:
    def questions() -> int:
        with heard_statements() as heard:
            assert len(search(finn, "quokka")) == 2, "sales and disputes"
        return len(heard)

    a_live_plan()
    disputes.open_dispute(the_line(sold(acme, name="quokka-1")), "Why?", by=ada)
    questions()
    few = questions()
    for number in range(2, 6):
        disputes.open_dispute(the_line(sold(acme, name=f"quokka-{number}")), "Why?", by=ada)
    assert questions() == few
