"""What a draft of the tier rules would do to all firms, worked out without changing anything."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from accounts.models import User
from core import clock, jobs
from core.database import lock, session
from partners.models import TierDryRun, TierDryRunRow, TierRules
from partners.operations.tier_evaluation import (
    FIRMS_AT_ONCE,
    evaluated_firms,
    missing_for,
    standing_holds,
)
from partners.queries import standing
from partners.queries.standing import Assessment, digest_of, said_of
from partners.tiers.deciding import earned_tier, tally, wanted_tier


def ask_dry_run(rules: TierRules, *, by: User) -> TierDryRun:
    """Asks for a dry run of a draft; the worker does it, since it measures the whole network."""
    lock(rules)
    rules.check_is_draft()
    run = TierDryRun(
        rules_id=rules.id, digest=digest_of(rules), asked_at=clock.now(), asked_by_name=by.name, counts={}
    )
    session.add(run)
    session.flush()
    jobs.enqueue("partners.dry-run-tiers", {"run": run.id}, key=f"dry-run-tiers:{run.id}")
    return run


def carry_out_dry_run(run: TierDryRun) -> None:
    """The whole of a dry run, here and now. The worker does it in many short transactions, by :func:`try_some`."""
    after: int | None = 0
    while after is not None:
        after = try_some(run, after=after)


def try_some(run: TierDryRun, *, after: int, number: int = FIRMS_AT_ONCE) -> int | None:
    """Compares, for the next ``number`` firms, the tier each has with the one the draft would bring it to in the end.

    Without grace. Answers the last firm's number, ``None`` when everybody was looked at or the draft has changed since.
    """
    lock(run)
    rules = session.get_one(TierRules, run.rules_id)
    if run.finished_at is not None or not rules.is_draft or digest_of(rules) != run.digest:
        return None
    firms = session.execute(evaluated_firms(after).limit(number)).all()
    if firms:
        numbers = range(after + 1, firms[-1][0] + 1)
        rows, found = _compared(run, rules, numbers, [(int(firm), str(tier)) for firm, tier in firms])
        if rows:
            session.execute(sa.insert(TierDryRunRow), rows)
        run.counts = _added(run.counts, found)
    if len(firms) == number:
        session.flush()
        return int(firms[-1][0])
    run.finished_at = clock.now()
    session.flush()
    return None


def _compared(
    run: TierDryRun, rules: TierRules, numbers: range, firms: Sequence[tuple[int, str]]
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The rows of those that would move, and the counts of all of them."""
    current = standing.rules_in_force()
    draft = Assessment(rules.requirements, numbers)
    today_rules = Assessment(current.requirements, numbers) if current is not None else None
    ranks, holds = standing.ranks(), standing_holds(numbers)
    about = {row.id: row for row in rules.requirements}
    before, after = [], []
    rows: list[dict[str, Any]] = []
    for firm, tier in firms:
        lines = draft.lines(firm)
        hold = holds.get(firm)
        then = wanted_tier(ranks, earned_tier(ranks, [line.asked for line in lines]), hold, draft.today)
        before.append(tier)
        after.append(then)
        if then == tier:
            continue
        anyway = False
        if today_rules is not None:
            usual = earned_tier(ranks, [line.asked for line in today_rules.lines(firm)])
            anyway = wanted_tier(ranks, usual, hold, draft.today) == then
        evidence = [said_of(about[line.asked.requirement], line.asked) for line in lines]
        rows.append(
            {
                "dry_run_id": run.id,
                "partner_id": firm,
                "before": tier,
                "after": then,
                "step": ranks.index(then) - ranks.index(tier),
                "anyway": anyway,
                "missing": missing_for(tier, evidence),
            }
        )
    return rows, {
        "firms": len(before),
        "up": sum(1 for row in rows if row["step"] > 0),
        "down": sum(1 for row in rows if row["step"] < 0),
        "before": dict(tally(ranks, before)),
        "after": dict(tally(ranks, after)),
    }


def _added(known: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """The counts of two lots of firms together."""
    if not known:
        return found
    return {
        name: {tier: known[name].get(tier, 0) + count for tier, count in value.items()}
        if isinstance(value, dict)
        else known[name] + value
        for name, value in found.items()
    }
