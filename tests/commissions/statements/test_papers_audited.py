"""The nightly audit holds every paper against its statement, and names what was changed."""

import copy
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from commissions import ledger, settings
from commissions.models import EntryKind, PayoutProfile, StatementPaper, VatStatus
from commissions.operations.papers import make_papers
from commissions.operations.statements import bounds_of, issue_due_statements
from core.database import session
from core.settings import change_setting
from tests.commissions.cast import FIRST_OF_MARCH, a_line, a_live_plan, sold
from tests.commissions.earnings import a_profile, an_entry
from tests.commissions.guards import without_guards


@pytest.fixture
def papers(programme: None, acme: Any, time: Any) -> list[StatementPaper]:
    """An act and an invoice of a month that has services, a refund, the vendor's part and a reimbursement."""
    acme.tax_id = "DE136695976"
    for setting, value in (
        (settings.LEGAL_ADDRESS, "Torstraße 1, 10119 Berlin"),
        (settings.LEGAL_TAX_ID, "DE811223344"),
        (settings.ACT_COUNTRIES, "de"),
        (settings.ACT_AGREEMENT, "1"),
        (settings.SELF_BILLING_COUNTRIES, "de"),
        (settings.SELF_BILLING_AGREEMENT, "1"),
    ):
        change_setting(setting, value, by=None)
    a_live_plan()
    profile: PayoutProfile = a_profile(acme)
    profile.vat_status, profile.vat_bp = VatStatus.REGISTERED, 1900
    sold(acme, a_line("licence", 100_000), name="inv_1", billed_by="partner", occurred_at=FIRST_OF_MARCH)
    an_entry(acme, 10_050)
    an_entry(acme, 4_003)
    an_entry(acme, -53, kind=EntryKind.REVERSAL)
    an_entry(acme, 5_000, kind=EntryKind.REIMBURSEMENT)
    time.move_to(bounds_of("2026-03")[1] + timedelta(hours=6))
    (statement,) = issue_due_statements()
    made = make_papers(statement, by=None)
    assert [row["what"] for row in made[0].content["facts"]["rows"]] == ["commission", "reversal"]
    assert {each["what"] for each in made[0].content["facts"]["left_out"]} == {
        "vendors_part",
        "reimbursement",
    }
    return made


def _one_more_line(facts: dict[str, Any]) -> None:
    facts["rows"][0]["lines"] += 1


def _a_cent_more(facts: dict[str, Any]) -> None:
    facts["rows"][0]["amount_minor"] += 1


def _another_kind(facts: dict[str, Any]) -> None:
    facts["rows"][1]["what"] = "bonus"


def _less_left_out(facts: dict[str, Any]) -> None:
    facts["left_out"][0]["amount_minor"] = 0


@pytest.mark.parametrize(
    ("tampered", "sentence"),
    [
        (
            _one_more_line,
            "paper {paper} lists 14053 for 3 lines of commission, statement {statement} has 14053 for 2",
        ),
        (
            _a_cent_more,
            "paper {paper} lists 14054 for 2 lines of commission, statement {statement} has 14053 for 2",
        ),
        (_another_kind, "paper {paper} lists -53 for 1 lines of bonus, statement {statement} has 0 for 0"),
        (_another_kind, "paper {paper} lists 0 for 0 lines of reversal, statement {statement} has -53 for 1"),
        (_less_left_out, "paper {paper} leaves out 0 of "),
        (lambda facts: facts.update(currency="USD"), "paper {paper} is in USD, statement {statement} in EUR"),
        (
            lambda facts: facts.update(statement="x"),
            "paper {paper} says it goes with statement x, not {statement}",
        ),
        (lambda facts: facts.update(vat_minor=2_660), "paper {paper} says 14000 and 2660 of tax are 16661, "),
        (lambda facts: facts.update(total_minor=1), "paper {paper} says 14000 and 2661 of tax are 1, "),
        (lambda facts: facts.update(net_minor=1), "paper {paper} says 1 and 2661 of tax are 16661, "),
        (
            lambda facts: facts["taxes"][0].update(vat_minor=2_660),
            "paper {paper} says other sums of tax by rate than the lines of statement {statement}",
        ),
        (lambda facts: facts.pop("rows"), "paper {paper} can not be read"),
    ],
)
@pytest.mark.parametrize("place", [0, 1], ids=["act", "invoice"])
def test_a_paper_that_says_something_else_than_its_statement_is_named(
    papers: list[StatementPaper], place: int, tampered: Callable[[dict[str, Any]], Any], sentence: str
) -> None:
    assert not ledger.audit()
    paper = papers[place]
    number, statement = paper.number, paper.statement.number
    content = copy.deepcopy(paper.content)
    tampered(content["facts"])
    with without_guards():
        session.execute(
            sa.update(StatementPaper).where(StatementPaper.number == number).values(content=content)
        )
        # On SQLite the guards themselves are gone, which is named as well.
        problems = [problem for problem in ledger.audit() if not problem.startswith("the guard ")]
        expected = sentence.format(paper=number, statement=statement)
        assert any(problem.startswith(expected) for problem in problems), problems
        assert all(number in problem for problem in problems)
    assert not ledger.audit()


def test_a_line_that_left_its_statement_is_missed_on_the_papers(papers: list[StatementPaper]) -> None:
    numbers = [paper.number for paper in papers]
    with without_guards():
        session.execute(sa.text("DELETE FROM commissions_statement_line WHERE amount_minor = 4003"))
        problems = ledger.audit()
        for number in numbers:
            assert any(
                problem.startswith(f"paper {number} lists 14053 for 2 lines of commission, ")
                for problem in problems
            )


@pytest.mark.usefixtures("papers")
def test_papers_are_looked_at_in_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("commissions.ledger.papers._AT_ONCE", 1)
    assert not ledger.audit()
    with without_guards():
        session.execute(sa.text("UPDATE commissions_statement SET currency = 'USD'"))
        assert sum("is in EUR" in problem for problem in ledger.audit()) == 2


def test_a_paper_of_old_has_the_tax_of_its_sum(papers: list[StatementPaper]) -> None:
    """Before tax was that of the lines it was taken once: 19 % of 140.00 are 26.60, not 26.61."""
    content = copy.deepcopy(papers[1].content)
    del content["facts"]["taxes"], content["facts"]["other_rates"]
    content["facts"] |= {"vat_minor": 2_660, "total_minor": 16_660}
    with without_guards():
        session.execute(
            sa.update(StatementPaper).where(StatementPaper.number == papers[1].number).values(content=content)
        )
        assert [problem for problem in ledger.audit() if not problem.startswith("the guard ")] == []
