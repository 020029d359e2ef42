"""The nightly evaluation: every firm against every requirement, and what follows: up, a grace, down, calm again."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.attributes import set_committed_value

from core import clock
from core.activity import Actor
from core.database import lock, session
from core.signals import Signal, announce
from partners import signals
from partners.models import (
    DecisionKind,
    Partner,
    PartnerStatus,
    RulesStatus,
    TierDecision,
    TierEvaluation,
    TierGrace,
    TierHold,
    TierRules,
    TierRun,
)
from partners.queries import standing
from partners.queries.catalogue import tiers_by_code
from partners.queries.measures import programme_today
from partners.queries.reach import among
from partners.queries.standing import Assessment, Line, as_hold, said_of
from partners.settings import GRACE_DAYS, REVIEW
from partners.tiers.deciding import Hold, Move, Review, Step, earned_tier, next_step, review_day, wanted_tier

#: Firms that take part, or could again; who was terminated is not evaluated.
EVALUATED = (PartnerStatus.ONBOARDING, PartnerStatus.ACTIVE, PartnerStatus.SUSPENDED)
#: So many firms are a transaction: a second or two on the night most of them move, so that nobody waits long to write.
FIRMS_AT_ONCE = 500
#: Beyond every number a firm can have.
_LAST = 2**31


def evaluate_tiers() -> TierRun | None:
    """Evaluates all firms under the rules in force, here and now; ``None`` when nothing is published yet.

    The worker does the same in many short transactions: :func:`begin_evaluation`, then :func:`evaluate_some` by job.
    """
    run = begin_evaluation()
    after: int | None = 0
    while run is not None and after is not None:
        after = evaluate_some(run, after=after)
    return run


def begin_evaluation() -> TierRun | None:
    """Opens a run for today; ``None`` when nothing is published yet. One that is still under way ends with it."""
    rules = standing.rules_in_force()
    if rules is None:
        return None
    lock(rules)
    run = TierRun(rules_id=rules.id, day=programme_today(), started_at=clock.now())
    session.add(run)
    session.flush()
    return run


def evaluate_some(run: TierRun, *, after: int, number: int = FIRMS_AT_ONCE) -> int | None:
    """Evaluates the next ``number`` firms with a number above ``after``; answers the last one, ``None`` at the end.

    What is measured is measured for all of them at once; only firms for which something follows are loaded. What was
    kept of a firm is replaced together with what follows from it, so a run that is broken off is taken up where it
    stopped, and evaluating a firm twice changes nothing. A run that a later one overtook, or whose rules are no longer
    in force, is left as it is: the later one evaluates everybody.
    """
    rules = lock(run.rules)
    if run.finished_at is not None or rules.status is not RulesStatus.PUBLISHED or _is_overtaken(run):
        return None
    moves_up = moves_up_with(run)
    firms = session.execute(evaluated_firms(after).limit(number)).all()
    numbers = range(after + 1, firms[-1][0] + 1) if len(firms) == number else range(after + 1, _LAST)
    _evaluate(run, rules, numbers, [(int(firm), str(tier)) for firm, tier in firms], moves_up=moves_up)
    if len(firms) == number:
        return numbers.stop - 1
    run.finished_at = clock.now()
    session.flush()
    return None


def _is_overtaken(run: TierRun) -> bool:
    return session.scalar(sa.select(TierRun.id).where(TierRun.id > run.id).limit(1)) is not None


def moves_up_with(run: TierRun) -> bool:
    """Whether firms move up in this run: a review day has come since the last run that reached its end.

    So a night on which nothing ran does not cost a firm the whole month.
    """
    before = session.scalar(
        sa.select(sa.func.max(TierRun.day)).where(TierRun.finished_at.is_not(None), TierRun.id < run.id)
    )
    first = run.day if before is None else min(run.day, before + timedelta(days=1))
    return review_day(Review(REVIEW.value()), first) <= run.day


def _evaluate(
    run: TierRun, rules: TierRules, numbers: range, firms: Sequence[tuple[int, str]], *, moves_up: bool
) -> None:
    """Everything about the firms whose numbers lie in ``numbers``, of which ``firms`` (number, tier) are evaluated."""
    assessment = Assessment(rules.requirements, numbers)
    _end_holds(assessment, numbers)
    ranks = standing.ranks()
    holds, graces = standing_holds(numbers), _open_graces(numbers)
    grace_days = GRACE_DAYS.value()
    session.execute(sa.delete(TierEvaluation).where(among(TierEvaluation.partner_id, numbers)))
    kept: list[dict[str, Any]] = []
    moves: dict[int, Step] = {}
    for firm, tier in firms:
        lines = assessment.lines(firm)
        kept += [_as_row(firm, line, assessment) for line in lines]
        earned = earned_tier(ranks, [line.asked for line in lines])
        step = next_step(
            ranks,
            tier,
            wanted_tier(ranks, earned, holds.get(firm), assessment.today),
            grace_ends=graces[firm].ends_on if firm in graces else None,
            today=assessment.today,
            grace_days=grace_days,
            moves_up_today=moves_up,
        )
        if step.move is not Move.NONE:
            moves[firm] = step
    if kept:
        # With its nulls spelled out every row has the same columns, so that all of them are one statement.
        session.execute(sa.insert(TierEvaluation), kept, execution_options={"render_nulls": True})
    run.firms += len(firms)
    _carry_out(moves, dict(firms), graces, assessment, run)


def _carry_out(
    moves: Mapping[int, Step],
    tiers: Mapping[int, str],
    graces: Mapping[int, TierGrace],
    assessment: Assessment,
    run: TierRun,
) -> None:
    """Locks whom something follows for, writes all of it in a few statements, and then says it firm by firm.

    A firm whose tier somebody changed by hand since it was read stands aside until the next night.
    """
    movers = session.scalars(
        sa.select(Partner)
        .where(Partner.id.in_(list(moves)))
        .order_by(Partner.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    said = [
        _decide(partner, moves[partner.id], graces.get(partner.id), assessment, run)
        for partner in movers
        if partner.tier == tiers[partner.id]
    ]
    session.flush()
    known = tiers_by_code()
    for partner in movers:
        set_committed_value(partner, "tier_row", known[partner.tier])
    with session.no_autoflush:
        for signal in said:
            announce(signal)
    session.flush()


def evaluated_firms(after: int = 0) -> sa.Select[int, str]:
    """(number, tier) of the firms that are evaluated, from the one ``after`` that number on."""
    return (
        sa.select(Partner.id, Partner.tier)
        .where(Partner.status.in_(EVALUATED), Partner.id > after)
        .order_by(Partner.id)
    )


def _as_row(firm: int, line: Line, assessment: Assessment) -> dict[str, Any]:
    asked = line.asked
    return {
        "partner_id": firm,
        "requirement_id": asked.requirement,
        "day": assessment.today,
        "value": asked.value,
        "needed": asked.needed,
        "met": asked.met,
        "lapses_on": asked.lapses_on,
        "remains": asked.remains,
        "evidence": line.evidence,
    }


def standing_holds(numbers: range) -> dict[int, Hold]:
    """The tiers set by hand, by firm, of those whose numbers lie in ``numbers``."""
    rows = session.scalars(
        sa.select(TierHold).where(TierHold.ended_at.is_(None), among(TierHold.partner_id, numbers))
    )
    return {row.partner_id: hold for row in rows if (hold := as_hold(row)) is not None}


def _open_graces(numbers: range) -> dict[int, TierGrace]:
    rows = sa.select(TierGrace).where(TierGrace.closed_on.is_(None), among(TierGrace.partner_id, numbers))
    return {grace.partner_id: grace for grace in session.scalars(rows)}


def _end_holds(assessment: Assessment, numbers: range) -> None:
    """What was set by hand until yesterday no longer holds; from here the figures decide, with their grace."""
    over = (
        sa.select(TierHold)
        .options(joinedload(TierHold.partner))
        .where(
            TierHold.ended_at.is_(None),
            TierHold.until < assessment.today,
            among(TierHold.partner_id, numbers),
        )
    )
    for hold in session.scalars(over).all():
        hold.ended_at = clock.now()
        note_decision(hold.partner, DecisionKind.RELEASED, hold.partner.tier, hold.partner.tier, by=None)


def _decide(
    partner: Partner, step: Step, grace: TierGrace | None, assessment: Assessment, run: TierRun
) -> Signal[Any]:
    """What follows for one firm, with the evidence kept; answers what is to be said of it."""
    before, rules = partner.tier, run.rules
    about = {row.id: row for row in assessment.requirements}
    evidence = [said_of(about[line.asked.requirement], line.asked) for line in assessment.lines(partner.id)]
    if step.move is Move.WARN:
        assert step.ends_on is not None
        announced = TierGrace(
            partner=partner,
            tier=before,
            falls_to=step.tier,
            announced_on=assessment.today,
            ends_on=step.ends_on,
            missing=missing_for(before, evidence),
        )
        session.add(announced)
        _keep_decision(partner, DecisionKind.WARNED, before, before, rules=rules, evidence=evidence)
        run.warned += 1
        return signals.TierGraceAnnounced(announced, None)
    if step.move is Move.RECOVER:
        _end_grace(grace, "recovered")
        _keep_decision(partner, DecisionKind.RECOVERED, before, before, rules=rules, evidence=evidence)
        return signals.TierKept(partner, None)
    is_up = step.move is Move.UP
    _end_grace(grace, "moved up" if is_up else "moved down")
    partner.tier = step.tier
    kind = DecisionKind.PROMOTED if is_up else DecisionKind.DEMOTED
    _keep_decision(partner, kind, before, step.tier, rules=rules, evidence=evidence)
    run.promoted, run.demoted = run.promoted + is_up, run.demoted + (not is_up)
    told = [row for row in evidence if row["tier"] == (step.tier if is_up else before)]
    return signals.TierChanged(partner, None, before=before, after=step.tier, reason="", evidence=told)


def missing_for(tier: str, evidence: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of kept rows, those of ``tier`` that are not met."""
    return [row for row in evidence if row["tier"] == tier and not row["met"]]


def set_tier(partner: Partner, tier: str) -> None:
    """Writes the tier of a locked firm."""
    partner.tier = tier
    session.flush()
    session.expire(partner, ["tier_row"])


def close_grace(partner: Partner, outcome: str) -> None:
    """Ends the announced grace, if one runs."""
    _end_grace(standing.open_grace(partner), outcome)
    session.flush()


def _end_grace(grace: TierGrace | None, outcome: str) -> None:
    if grace is not None:
        grace.closed_on = programme_today()
        grace.outcome = outcome


def note_decision(partner: Partner, kind: DecisionKind, before: str, after: str, **about: Any) -> None:
    """Adds a line to the firm's history of tiers: ``reason``, ``rules``, ``evidence`` and ``by``, as far as known."""
    _keep_decision(partner, kind, before, after, **about)
    session.flush()


def _keep_decision(
    partner: Partner,
    kind: DecisionKind,
    before: str,
    after: str,
    *,
    reason: str = "",
    rules: TierRules | None = None,
    evidence: list[dict[str, Any]] | None = None,
    by: Actor | None = None,
) -> None:
    session.add(
        TierDecision(
            partner_id=partner.id,
            at=clock.now(),
            kind=kind,
            before=before,
            after=after,
            reason=reason,
            rules_id=rules.id if rules is not None else None,
            evidence=evidence or [],
            by_name=by.name if by is not None else "",
        )
    )
