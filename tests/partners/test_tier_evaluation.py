"""The nightly evaluation on real facts: sales, deals, certificates; up, grace, down, by hand; what mail says."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from core import clock
from core.database import session
from core.errors import InvalidInput, Refusal
from core.jobs import Job
from partners import operations, wording
from partners.models import DecisionKind, TierDecision, TierEvaluation, TierGrace
from partners.queries import measures, standing
from partners.signals import TierChanged
from tests import cast
from tests.academy.cast import a_certificate, a_course
from tests.commissions.cast import a_line, given_back, sold
from tests.partners.tiers import a_draft, live_rules
from tests.referrals.deals.cast import a_won_deal
from tests.statements import heard_statements

TODAY = date(2026, 3, 2)
ROLLING = {"window": "rolling", "days": 365}


def ago(days: int) -> datetime:
    return clock.now() - timedelta(days=days)


def sold_ago(partner: Any, days: int, minor: int, name: str, kind: str = "licence", **about: Any) -> Any:
    return sold(
        partner, a_line(kind, minor), name=name, occurred_at=ago(days), received_at=ago(days), **about
    )


def mails(subject: str) -> list[str]:
    rows = session.scalars(sa.select(Job).where(Job.kind == "core.mail").order_by(Job.id))
    return [row.payload["text"] for row in rows if subject in row.payload["subject"]]


def rows_of(partner: Any) -> dict[tuple[str, str], TierEvaluation]:
    return {(row.requirement.tier, row.requirement.measure): row for row in standing.evaluations_of(partner)}


def decisions(partner: Any) -> list[DecisionKind]:
    found = session.scalars(
        sa.select(TierDecision).where(TierDecision.partner_id == partner.id).order_by(TierDecision.id)
    )
    return [row.kind for row in found]


def test_every_measure_of_every_domain_answers_for_every_window(acme: Any, ada: Any) -> None:
    sold_ago(acme, 10, 200_000, "inv_1")
    a_won_deal(acme, "Initech", order="PO-7")
    for measure in measures.measures():
        for about in (measures.last_days(365), measures.Between(None, clock.now())):
            found = measures.values(measure, "", about)
            assert all(isinstance(one.value, int) for one in found.values()), measure.code
        measures.by_month(measure, acme.id)
    won = measures.measure_of("won_deals")
    assert won is not None
    assert measures.values(won, "", measures.last_days(30))[acme.id].value == 1


def test_revenue_is_net_of_what_customers_got_back_and_licences_bear_their_share(acme: Any) -> None:
    sale = sold(
        acme, a_line("licence", 100_000), a_line("training", 300_000), name="inv_1",
        occurred_at=ago(9), received_at=ago(9),
    )  # fmt: skip
    given_back(sale, 40_000, occurred_at=ago(2), received_at=ago(2))
    about = measures.last_days(365)
    total, licences = measures.measure_of("total_revenue"), measures.measure_of("licence_revenue")
    assert total is not None and licences is not None
    assert measures.values(total, "", about)[acme.id].value == 360_000
    assert measures.values(licences, "", about)[acme.id].value == 90_000


def test_revenue_in_another_currency_counts_by_the_rate_of_the_programme_years_first_day(acme: Any) -> None:
    from core.exchange import set_rate
    from tests.core.test_exchange import Decimal

    set_rate(date(2026, 1, 1), "EUR", "USD", Decimal("1.25"), source="typed", by=None)
    sold_ago(acme, 3, 125_000, "inv_1", currency="USD")
    total = measures.measure_of("total_revenue")
    assert total is not None
    assert measures.values(total, "", measures.last_days(30))[acme.id].value == 100_000


def test_a_firm_that_meets_everything_goes_up_and_is_told_by_which_figures(rival: Any, rex: Any) -> None:
    live_rules(("gold", "licence_revenue", 150_000, ROLLING), ("gold", "won_deals", 1, ROLLING))
    sold_ago(rival, 10, 200_000, "inv_1")
    a_won_deal(rival, "Initech", order="PO-7")
    run = operations.evaluate_tiers()
    assert run is not None and (run.firms, run.promoted) == (1, 1)
    assert rival.tier == "gold"
    decision = session.scalars(sa.select(TierDecision).order_by(TierDecision.id.desc())).first()
    assert decision is not None and decision.kind is DecisionKind.PROMOTED
    assert {row["measure"]: row["value"] for row in decision.evidence} == {
        "licence_revenue": 200_000, "won_deals": 1,
    }  # fmt: skip
    (text,) = mails("Rival is now Gold")
    assert "Licence revenue, the last 365 days: €2,000.00, needed €1,500.00" in text


def test_a_tier_is_lost_only_after_the_announced_grace_with_the_missing_numbers_mailed(
    acme: Any, ada: Any, time: Any
) -> None:
    live_rules(("silver", "won_deals", 1, ROLLING), ("gold", "licence_revenue", 150_000, ROLLING))
    operations.evaluate_tiers()
    assert acme.tier == "gold"
    grace = standing.open_grace(acme)
    assert grace is not None and grace.ends_on == TODAY + timedelta(days=60)
    (text,) = mails("Acme keeps Gold until")
    assert "Licence revenue, the last 365 days: €0.00, needed €1,500.00" in text
    time.move(days=60)
    operations.evaluate_tiers()
    assert acme.tier == "gold"
    assert len(mails("Acme keeps Gold until")) == 1
    time.move(days=1)
    operations.evaluate_tiers()
    assert acme.tier == "registered"
    assert decisions(acme) == [DecisionKind.WARNED, DecisionKind.DEMOTED]
    assert standing.open_grace(acme) is None


def test_whoever_reaches_it_again_within_the_grace_keeps_it(acme: Any, ada: Any, time: Any) -> None:
    live_rules(("gold", "licence_revenue", 150_000, ROLLING))
    operations.evaluate_tiers()
    time.move(days=20)
    sold_ago(acme, 1, 150_000, "inv_1")
    operations.evaluate_tiers()
    assert standing.open_grace(acme) is None
    assert decisions(acme) == [DecisionKind.WARNED, DecisionKind.RECOVERED]
    assert mails("Acme keeps Gold")


def test_up_waits_for_the_review_day_when_the_programme_wants_that(rival: Any, time: Any) -> None:
    from core.settings import change_setting
    from partners.settings import REVIEW

    change_setting(REVIEW, "month", by=None)
    live_rules(("gold", "licence_revenue", 150_000, ROLLING))
    sold_ago(rival, 1, 200_000, "inv_1")
    operations.evaluate_tiers()
    assert rival.tier == "silver"
    assert "it comes with the next review" in " ".join(wording.foresight_words(standing.standing_of(rival)))
    time.move_to(datetime(2026, 4, 1, 3, 0, tzinfo=UTC))
    operations.evaluate_tiers()
    assert rival.tier == "gold"


def test_a_rolling_sum_says_on_which_day_it_lapses_and_how_much_remains(acme: Any) -> None:
    live_rules(("gold", "licence_revenue", 250_000, ROLLING))
    sold_ago(acme, 360, 100_000, "inv_1")
    sold_ago(acme, 100, 200_000, "inv_2")
    operations.evaluate_tiers()
    row = rows_of(acme)["gold", "licence_revenue"]
    assert (row.value, row.met, row.remains) == (300_000, True, 200_000)
    assert row.lapses_on == TODAY + timedelta(days=5)


def test_certificates_lapse_and_the_foresight_says_how_many_must_recertify_by_then(
    acme: Any, ada: Any, sam: Any
) -> None:
    course = a_course("selling")
    first = a_certificate(ada, course, on=ago(350))
    a_certificate(sam, course, on=ago(340))
    live_rules(("silver", "certified_people", 0 + 1), ("gold", "certified_people", 2, {"course": "selling"}))
    operations.evaluate_tiers()
    row = rows_of(acme)["gold", "certified_people"]
    assert (row.value, row.met) == (2, True)
    assert row.lapses_on == measures.day_of(first.expires_at)
    words = " ".join(wording.foresight_words(standing.standing_of(acme)))
    assert "You meet Gold until" in words
    assert "2 more certified people: " in words
    assert "You would then be Registered." in words


def test_per_person_multiplies_by_the_people_of_the_firm(acme: Any, ada: Any, sam: Any) -> None:
    live_rules(("gold", "total_revenue", 100_000, {**ROLLING, "per": "person"}))
    sold_ago(acme, 1, 150_000, "inv_1")
    operations.evaluate_tiers()
    row = rows_of(acme)["gold", "total_revenue"]
    assert (row.needed, row.met, row.evidence["people"]) == (200_000, False, 2)


def test_a_programme_year_counts_the_better_of_this_and_the_last(acme: Any) -> None:
    live_rules(("gold", "licence_revenue", 150_000, {"window": "year"}))
    sold_ago(acme, 200, 200_000, "inv_1")
    sold_ago(acme, 20, 1_000, "inv_2")
    operations.evaluate_tiers()
    row = rows_of(acme)["gold", "licence_revenue"]
    assert (row.value, row.met, row.lapses_on) == (200_000, True, date(2027, 1, 1))


def test_a_floor_keeps_a_firm_up_until_its_last_day_and_then_the_grace_begins(
    acme: Any, ada: Any, mona: Any, time: Any
) -> None:
    live_rules(("gold", "licence_revenue", 150_000, ROLLING))
    operations.hold_tier(
        acme,
        "gold",
        kind="floor",
        until=TODAY + timedelta(days=30),
        reason="They build our reference.",
        by=mona,
    )
    operations.evaluate_tiers()
    assert standing.open_grace(acme) is None
    time.move(days=31)
    operations.evaluate_tiers()
    grace = standing.open_grace(acme)
    assert acme.tier == "gold" and grace is not None
    assert decisions(acme) == [DecisionKind.HELD, DecisionKind.RELEASED, DecisionKind.WARNED]


def test_an_exact_tier_holds_at_once_and_needs_a_day_and_a_reason(acme: Any, mona: Any) -> None:
    with pytest.raises(InvalidInput) as problem:
        operations.hold_tier(acme, "silver", kind="exact", until=None, reason="", by=mona)
    assert set(problem.value.problems) == {"until", "reason"}
    operations.hold_tier(acme, "silver", kind="exact", until=TODAY, reason="A trial of the tier.", by=mona)
    assert acme.tier == "silver"
    with pytest.raises(Refusal):
        operations.release_tier(cast.a_partner("Third"), reason="It was a mistake.", by=mona)


def test_nothing_is_evaluated_before_rules_are_published(acme: Any) -> None:
    assert operations.evaluate_tiers() is None


def test_a_published_version_never_changes_not_even_in_the_database(acme: Any, pia: Any) -> None:
    rules = live_rules(("gold", "won_deals", 1, ROLLING))
    with pytest.raises(Refusal):
        operations.save_requirement(rules, tier="gold", measure="won_deals", value=9, by=pia)
    for statement in (
        "UPDATE partners_tier_requirement SET value = 9",
        "DELETE FROM partners_tier_requirement",
        "UPDATE partners_tier_rules SET note = 'other'",
        "UPDATE partners_tier_decision SET reason = 'other'",
    ):
        if "decision" in statement:
            operations.evaluate_tiers()
        with pytest.raises(sa.exc.DatabaseError), session.begin_nested():
            session.execute(sa.text(statement))


def test_a_draft_is_published_only_after_a_dry_run_of_exactly_itself(acme: Any, pia: Any) -> None:
    rules = a_draft(("gold", "won_deals", 1, ROLLING), by=pia)
    with pytest.raises(Refusal, match="Try this draft"):
        operations.publish_rules(rules, note="Because.", by=pia)
    operations.carry_out_dry_run(operations.ask_dry_run(rules, by=pia))
    operations.save_requirement(rules, tier="silver", measure="won_deals", value=1, by=pia)
    with pytest.raises(Refusal, match="Try this draft"):
        operations.publish_rules(rules, note="Because.", by=pia)


def test_a_dry_run_says_who_would_move_and_changes_nothing(acme: Any, rival: Any, pia: Any) -> None:
    live_rules(("silver", "won_deals", 1, ROLLING), ("gold", "won_deals", 1, ROLLING))
    a_won_deal(acme, "Initech", order="PO-7")
    rules = a_draft(("silver", "licence_revenue", 1_000, ROLLING), ("gold", "won_deals", 5, ROLLING), by=pia)
    run = operations.ask_dry_run(rules, by=pia)
    operations.carry_out_dry_run(run)
    rows = session.scalars(standing.dry_run_rows(run)).all()
    assert {(row.partner.name, row.before, row.after, row.anyway) for row in rows} == {
        ("Acme", "gold", "registered", False), ("Rival", "silver", "registered", True),
    }  # fmt: skip
    assert (run.counts["down"], run.counts["up"], acme.tier) == (2, 0, "gold")
    assert session.scalar(sa.select(sa.func.count()).select_from(TierGrace)) == 0


def test_requirements_that_make_no_sense_are_refused_at_their_field(programme: None, pia: Any) -> None:
    rules = operations.begin_draft(by=pia)
    for field, about in (
        ("tier", {"tier": "registered", "measure": "won_deals", "value": 1}),
        ("measure", {"tier": "gold", "measure": "weather", "value": 1}),
        ("value", {"tier": "gold", "measure": "won_deals", "value": 0}),
        ("value", {"tier": "gold", "measure": "renewals_rate", "value": 10_001}),
        ("days", {"tier": "gold", "measure": "won_deals", "value": 1, "days": 0}),
        ("per", {"tier": "gold", "measure": "answer_time", "value": 60, "per": "person"}),
        ("course", {"tier": "gold", "measure": "certified_people", "value": 1, "course": "none"}),
    ):
        with pytest.raises(InvalidInput) as problem:
            operations.save_requirement(rules, by=pia, **about)  # type: ignore[arg-type]
        assert set(problem.value.problems) == {field}


def test_an_evaluation_asks_the_same_number_of_questions_for_ten_firms_as_for_one(
    acme: Any, app: Any
) -> None:
    live_rules(("silver", "won_deals", 1, ROLLING), ("gold", "licence_revenue", 1, ROLLING))
    counted: list[int] = []

    def count() -> int:
        with heard_statements() as statements:
            standing.Assessment(standing.rules_in_force().requirements)  # type: ignore[union-attr]
        return len(statements)

    count()
    counted.append(count())
    for number in range(10):
        cast.a_partner(f"Firm {number}")
    counted.append(count())
    assert counted[0] == counted[1]


def test_a_change_is_announced_for_those_who_listen(rival: Any, monkeypatch: Any) -> None:
    from core import signals as core_signals

    heard: list[Any] = []
    monkeypatch.setitem(
        core_signals._receivers, TierChanged, [*core_signals._receivers[TierChanged], heard.append]
    )
    live_rules(("gold", "licence_revenue", 1, ROLLING))
    sold_ago(rival, 1, 200_000, "inv_1")
    operations.evaluate_tiers()
    assert [(signal.before, signal.after) for signal in heard] == [("silver", "gold")]
