"""The nightly evaluation in many short transactions: broken off and taken up again, repeated, overtaken; branches."""

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from core import clock, jobs
from core.database import session
from core.settings import change_setting
from partners import operations
from partners.models import DecisionKind, Partner, Score, TierDecision, TierEvaluation, TierGrace, TierRun
from partners.operations import tier_evaluation
from partners.queries import measures, standing
from partners.settings import BRANCHES_COUNT, REVIEW
from tests import cast
from tests.academy.cast import a_certificate, a_course
from tests.partners.test_tier_evaluation import ROLLING, mails, sold_ago
from tests.partners.tiers import a_draft, live_rules


def some_firms(number: int = 7) -> list[Partner]:
    return [cast.a_partner(f"Firm {place}", tier="gold") for place in range(number)]


def state() -> dict[str, Any]:
    """All that a night leaves behind: rows, tiers, graces, decisions, mails."""
    rows = session.execute(
        sa.select(TierEvaluation.partner_id, TierEvaluation.value, TierEvaluation.met).order_by(
            TierEvaluation.partner_id, TierEvaluation.requirement_id
        )
    )
    decisions = session.execute(
        sa.select(TierDecision.partner_id, TierDecision.kind).order_by(
            TierDecision.partner_id, TierDecision.id
        )
    )
    return {
        "rows": [tuple(row) for row in rows],
        "tiers": dict(iter(session.execute(sa.select(Partner.id, Partner.tier)))),
        "graces": session.scalar(sa.select(sa.func.count()).select_from(TierGrace)),
        "decisions": [tuple(row) for row in decisions],
    }


def in_steps(run: TierRun, number: int = 2) -> None:
    after: int | None = 0
    while after is not None:
        after = operations.evaluate_some(run, after=after, number=number)


def test_many_small_steps_do_what_one_large_one_does(programme: None) -> None:
    firms = some_firms()
    live_rules(("silver", "won_deals", 1, ROLLING), ("gold", "licence_revenue", 150_000, ROLLING))
    sold_ago(firms[3], 5, 200_000, "inv_1")
    with session.begin_nested() as undone:
        operations.evaluate_tiers()
        at_once = state()
        undone.rollback()
    session.expire_all()
    run = operations.begin_evaluation()
    assert run is not None
    in_steps(run)
    assert state() == at_once
    assert (run.firms, run.warned, run.finished_at is not None) == (7, 6, True)


def test_a_night_that_is_broken_off_goes_on_where_it_stopped(
    programme: None, run_jobs: Any, monkeypatch: Any
) -> None:
    firms = some_firms()
    live_rules(("gold", "licence_revenue", 150_000, ROLLING))
    monkeypatch.setattr(tier_evaluation.evaluate_some, "__kwdefaults__", {"number": 2})
    monkeypatch.setattr(jobs, "_recurring", {})
    announce, left = tier_evaluation.announce, [4]

    def dies(signal: Any) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise RuntimeError("killed")
        announce(signal)

    monkeypatch.setattr(tier_evaluation, "announce", dies)
    run_jobs()
    # The first two firms are done; the next two were undone together.
    assert [row.partner_id for row in session.scalars(sa.select(TierGrace).order_by(TierGrace.id))] == [
        firms[0].id,
        firms[1].id,
    ]
    run = session.scalars(sa.select(TierRun)).one()
    assert run.finished_at is None and run.firms == 2
    monkeypatch.setattr(tier_evaluation, "announce", announce)
    waiting = session.scalars(
        sa.select(jobs.Job).where(jobs.Job.kind == "partners.evaluate-firms", jobs.Job.finished_at.is_(None))
    ).one()
    waiting.run_at = clock.now()
    run_jobs()
    session.refresh(run)
    assert run.finished_at is not None and (run.firms, run.warned) == (7, 7)
    assert session.scalar(sa.select(sa.func.count()).select_from(TierGrace)) == 7


def test_the_same_lot_twice_changes_nothing(programme: None) -> None:
    some_firms(3)
    live_rules(("gold", "licence_revenue", 150_000, ROLLING))
    first = operations.begin_evaluation()
    assert first is not None
    operations.evaluate_some(first, after=0, number=2)
    once = state()
    operations.evaluate_some(first, after=0, number=2)
    assert state() == once


def test_a_later_run_overtakes_one_that_is_under_way(programme: None, pia: Any) -> None:
    some_firms(5)
    live_rules(("gold", "licence_revenue", 150_000, ROLLING))
    early = operations.begin_evaluation()
    assert early is not None
    after = operations.evaluate_some(early, after=0, number=2)
    live_rules(("gold", "won_deals", 1, ROLLING), by=pia)
    assert operations.evaluate_some(early, after=after or 0, number=2) is None
    operations.evaluate_tiers()
    assert (early.firms, early.finished_at) == (2, None)
    assert session.scalar(sa.select(sa.func.count()).select_from(TierEvaluation)) == 5
    last = standing.last_run()
    assert last is not None and last.firms == 5


def test_a_review_day_on_which_nothing_ran_is_made_up_for(rival: Any, pia: Any, time: Any) -> None:
    live_rules(("gold", "licence_revenue", 150_000, ROLLING))
    change_setting(REVIEW, "month", by=pia)
    operations.evaluate_tiers()
    sold_ago(rival, 1, 200_000, "inv_1")
    time.move_to(datetime(2026, 3, 30, 3, tzinfo=UTC))
    operations.evaluate_tiers()
    assert rival.tier == "silver"
    time.move_to(datetime(2026, 4, 3, 3, tzinfo=UTC))
    operations.evaluate_tiers()
    assert rival.tier == "gold"


def test_scores_and_dry_runs_go_by_jobs_of_their_own(acme: Any, rival: Any, pia: Any, run_jobs: Any) -> None:
    sold_ago(acme, 5, 200_000, "inv_1")
    rules = a_draft(("gold", "won_deals", 1, ROLLING), by=pia)
    run = operations.ask_dry_run(rules, by=pia)
    run_jobs()
    session.refresh(run)
    assert run.finished_at is not None and run.counts["firms"] == 2 and run.counts["down"] == 2
    kept = session.scalar(
        sa.select(Score.value).where(Score.partner_id == acme.id, Score.measure == "total_revenue")
    )
    assert kept == 200_000
    session.add(
        Score(partner_id=acme.id, measure="weather", day=measures.programme_today(), value=1, peers=0)
    )
    session.flush()
    operations.keep_scores()
    assert session.scalar(sa.select(Score.id).where(Score.measure == "weather")) is None


def test_a_dry_run_in_steps_counts_everybody_once(programme: None, pia: Any) -> None:
    some_firms(5)
    rules = a_draft(("gold", "won_deals", 1, ROLLING), by=pia)
    run = operations.ask_dry_run(rules, by=pia)
    after: int | None = 0
    while after is not None:
        after = operations.try_some(run, after=after, number=2)
    assert (run.counts["firms"], run.counts["down"], run.counts["before"]["gold"]) == (5, 5, 5)
    assert run.counts["after"]["registered"] == 5
    assert len(session.scalars(standing.dry_run_rows(run)).all()) == 5


@pytest.fixture
def a_group(acme: Any, ada: Any, rival: Any, mona: Any) -> tuple[Any, Any, Any]:
    """Acme, its branch Rival, and Third, which stands by itself."""
    operations.make_branch(rival, acme, by=mona)
    return acme, rival, cast.a_partner("Third", tier="silver")


def values_now(*firms: Any) -> list[int | None]:
    rows = dict(iter(session.execute(sa.select(TierEvaluation.partner_id, TierEvaluation.value))))
    return [rows[firm.id] for firm in firms]


@pytest.mark.parametrize(
    ("way", "expected"), [("alone", [100, 60, 7]), ("parent", [160, 60, 7]), ("group", [160, 160, 7])]
)
def test_what_counts_for_a_parent_and_its_branch_is_a_setting(
    a_group: Any, pia: Any, way: str, expected: list[int]
) -> None:
    for firm, minor in zip(a_group, (100, 60, 7), strict=True):
        sold_ago(firm, 5, minor, f"inv_{firm.id}")
    change_setting(BRANCHES_COUNT, way, by=pia)
    live_rules(("gold", "licence_revenue", 150, ROLLING))
    operations.evaluate_tiers()
    assert values_now(*a_group) == expected
    assert [(firm.tier == "gold") for firm in a_group[1:]] == [value >= 150 for value in expected[1:]]


def test_a_parent_keeps_its_tier_by_its_branches_and_reads_so(
    a_group: Any, ada: Any, browser: Any, time: Any
) -> None:
    parent, branch, _third = a_group
    live_rules(("gold", "licence_revenue", 150_000, ROLLING))
    sold_ago(parent, 300, 100_000, "inv_1")
    sold_ago(branch, 10, 100_000, "inv_2")
    operations.evaluate_tiers()
    assert parent.tier == "gold" and standing.open_grace(parent) is None
    foresight = standing.standing_of(parent).foresight
    assert foresight is not None and foresight.loss is not None
    # What runs out first is the parent's own old sale; the branch's stays.
    assert (foresight.loss.lapses_on - measures.programme_today()).days == 65
    assert foresight.loss.because[0].value == 100_000
    browser.sign_in(ada).open("/firm/tier")
    assert browser.sees("of 2 firms together")


def test_per_person_counts_the_people_of_the_branches_too(
    a_group: Any, ada: Any, sam: Any, rex: Any, pia: Any
) -> None:
    parent, branch, _third = a_group
    live_rules(("gold", "certified_people", 1, {"per": "person"}))
    a_certificate(sam, course := a_course())
    a_certificate(rex, course)
    operations.evaluate_tiers()
    rows = {row.partner_id: row for row in session.scalars(sa.select(TierEvaluation))}
    assert (rows[parent.id].value, rows[parent.id].needed, rows[parent.id].met) == (2, 3, False)
    assert (rows[branch.id].value, rows[branch.id].needed, rows[branch.id].met) == (1, 1, True)
    assert rows[parent.id].evidence["people"] == 3


def test_a_share_of_a_parent_stays_its_own(a_group: Any, pia: Any) -> None:
    parent, branch, _third = a_group
    sold_ago(parent, 5, 100_000, "inv_1")
    sold_ago(branch, 5, 100_000, "inv_2", kind="training")
    live_rules(("gold", "service_attach", 1_000, ROLLING))
    operations.evaluate_tiers()
    assert values_now(parent, branch) == [0, 10_000]


def test_a_branch_that_stands_by_itself_again_counts_no_more(a_group: Any, ada: Any, mona: Any) -> None:
    parent, branch, _third = a_group
    live_rules(("gold", "licence_revenue", 150_000, ROLLING))
    sold_ago(branch, 10, 200_000, "inv_1")
    operations.evaluate_tiers()
    assert standing.open_grace(parent) is None
    operations.free_branch(branch, by=mona)
    operations.evaluate_tiers()
    assert standing.open_grace(parent) is not None
    assert mails("Acme keeps Gold until")
    kinds = session.scalars(sa.select(TierDecision.kind).where(TierDecision.partner_id == parent.id)).all()
    assert kinds == [DecisionKind.WARNED]
