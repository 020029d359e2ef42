"""Drafting, simulating and publishing plan versions."""

import re
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from accounts.models import User
from commissions import rates
from commissions.models import Assessment, Entry, EntryKind, Plan, PlanVersion, PlanVersionStatus
from commissions.operations.accrual import facts_of
from commissions.queries import plans as queries
from commissions.signals import PlanVersionDrafted, PlanVersionPublished, PlanVersionSimulated
from core import clock
from core.activity import Actor
from core.database import lock, session
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from core.jobs import enqueue, job, recurring
from core.signals import announce
from referrals.models import Sale

_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


def draft_version(code: str, definition: dict[str, Any], *, by: Actor | None) -> PlanVersion:
    """Adds a draft to the plan ``code``, which comes to life with its first version.

    Raises InvalidInput with a JSON pointer for everything wrong in the definition.
    """
    if not _CODE.fullmatch(code):
        raise InvalidInput({"code": _("A plan's code is made of small letters, digits and hyphens.")})
    version = _read(definition)
    plan = queries.plan_by_code(code)
    if plan is None:
        plan = Plan(code=code, created_at=clock.now())
        session.add(plan)
        session.flush()
    lock(plan)
    last = session.scalar(sa.select(sa.func.max(PlanVersion.number)).where(PlanVersion.plan_id == plan.id))
    draft = PlanVersion(
        plan=plan,
        number=(last or 0) + 1,
        status=PlanVersionStatus.DRAFT,
        name=version.name,
        currency=version.currency,
        effective_from=version.effective_from,
        definition=definition,
        created_at=clock.now(),
        created_by_id=by.id if by is not None else None,
    )
    session.add(draft)
    session.flush()
    announce(PlanVersionDrafted(draft, by))
    return draft


def _read(definition: dict[str, Any]) -> rates.PlanVersion:
    try:
        return rates.parse(definition, queries.known_names())
    except rates.InvalidDefinition as invalid:
        raise InvalidInput({problem.pointer: problem.detail for problem in invalid.problems}) from invalid


def change_draft(draft: PlanVersion, definition: dict[str, Any], *, by: Actor | None) -> None:
    """Writes a draft anew; what was simulated before no longer counts."""
    lock(draft)
    if not draft.is_draft:
        raise Refusal(
            _("Version %(version)s is published and never changes. Make a new one.", version=draft.label)
        )
    version = _read(definition)
    draft.definition = definition
    draft.name = version.name
    draft.currency = version.currency
    draft.effective_from = version.effective_from
    draft.simulated_at = None
    draft.simulation = None
    announce(PlanVersionDrafted(draft, by))


SIMULATE_JOB = "commissions.simulate"
STEP = 1000
UNMATCHED_KEPT = 50


def simulate(draft: PlanVersion, *, months: int = 12, by: Actor | None) -> dict[str, Any]:
    """Runs a version over the last ``months`` of real sales of its plan; keeps and answers the report.

    The report holds, per currency: what was granted and what would be, the change per partner (the largest first),
    and the sales that match no rule. Nothing is posted.
    """
    begin_simulation(draft, months=months, by=by)
    while draft.simulated_at is None:
        simulate_further(draft, by=by)
    return draft.simulation or {}


def begin_simulation(draft: PlanVersion, *, months: int = 12, by: Actor | None) -> int:
    """Starts a simulation that :func:`simulate_further` carries on; answers how many sales it goes through."""
    lock(draft)
    since = clock.now() - timedelta(days=30 * months)
    whole = (
        session.scalar(sa.select(sa.func.count()).select_from(_sales_since(draft.plan_id, since).subquery()))
        or 0
    )
    draft.simulated_at = None
    draft.simulation = {
        "since": since.isoformat(),
        "sales": 0,
        "unmatched": 0,
        "running": {"of": whole, "last": 0, "would": {}, "by_id": by.id if by is not None else None},
        "unmatched_sales": [],
    }
    session.flush()
    return int(whole)


def simulate_further(draft: PlanVersion, *, by: Actor | None) -> bool:
    """Goes through the next thousand sales, and writes the report after the last. False when there is no more to do."""
    lock(draft)
    state = dict(draft.simulation or {})
    if draft.simulated_at is not None or "running" not in state:
        return False
    running = state["running"]
    since = datetime.fromisoformat(state["since"])
    rows = session.execute(_past_sales(draft.plan_id, since, running["last"])).all()
    version = rates.parse(draft.definition)
    would = dict(running["would"])
    unmatched = list(state["unmatched_sales"])
    count = state["unmatched"]
    for sale, assessment in rows:
        theirs = [
            entry
            for entry in rates.compute(version, facts_of(sale, assessment)).entries
            if entry.key.beneficiary.type == "partner"
        ]
        for entry in theirs:
            key = f"{entry.key.beneficiary.id}|{sale.currency}"
            would[key] = would.get(key, 0) + entry.amount_minor
        if not theirs:
            count += 1
            if len(unmatched) < UNMATCHED_KEPT:
                unmatched.append({"sale_id": str(sale.id), "external_id": sale.external_id})
    state |= {"sales": state["sales"] + len(rows), "unmatched": count, "unmatched_sales": unmatched}
    if len(rows) == STEP:
        draft.simulation = state | {"running": running | {"last": rows[-1][0].id, "would": would}}
        session.flush()
        return True
    _write_report(draft, {name: value for name, value in state.items() if name != "running"}, since, would)
    announce(PlanVersionSimulated(draft, by))
    return False


def stop_simulation(draft: PlanVersion) -> None:
    """Ends a simulation that is under way; nothing of it is kept."""
    lock(draft)
    if draft.simulated_at is None:
        draft.simulation = None


def _write_report(draft: PlanVersion, state: dict[str, Any], since: datetime, sums: dict[str, int]) -> None:
    granted: dict[tuple[str, str], int] = defaultdict(int)
    would: dict[tuple[str, str], int] = defaultdict(int)
    for key, amount in sums.items():
        partner_id, _bar, currency = key.partition("|")
        would[(partner_id, currency)] = amount
    for partner, currency, amount in session.execute(_granted_since(draft.plan_id, since)):
        granted[(str(partner), currency)] += int(amount)
    changes: list[dict[str, Any]] = [
        {
            "partner_id": partner_id,
            "currency": currency,
            "was_minor": granted[(partner_id, currency)],
            "would_be_minor": would[(partner_id, currency)],
        }
        for partner_id, currency in sorted(granted.keys() | would.keys())
    ]
    changes.sort(key=lambda row: -abs(int(row["would_be_minor"]) - int(row["was_minor"])))
    currencies = sorted({str(row["currency"]) for row in changes} | {draft.currency})
    totals = [
        {
            "currency": currency,
            "was_minor": sum(int(row["was_minor"]) for row in changes if row["currency"] == currency),
            "would_be_minor": sum(
                int(row["would_be_minor"]) for row in changes if row["currency"] == currency
            ),
        }
        for currency in currencies
    ]
    draft.simulated_at = clock.now()
    draft.simulation = state | {"totals": totals, "partners": changes}
    session.flush()


@job(SIMULATE_JOB)
def carry_a_simulation_on(payload: dict[str, Any]) -> None:
    """A thousand sales a job, so that progress can be seen, and a crash loses no more than that."""
    draft = session.get_one(PlanVersion, payload["version_id"])
    by = session.get(User, (draft.simulation or {}).get("running", {}).get("by_id") or 0)
    if simulate_further(draft, by=by):
        enqueue(SIMULATE_JOB, payload)


def simulate_later(draft: PlanVersion) -> None:
    """Leaves a simulation that was begun to the worker."""
    enqueue(SIMULATE_JOB, {"version_id": draft.id})


def _sales_since(plan_id: int, since: datetime) -> "sa.Select[Any]":
    return (
        sa.select(Sale.id)
        .join(Assessment, Assessment.sale_id == Sale.id)
        .join(PlanVersion, PlanVersion.id == Assessment.plan_version_id)
        .where(PlanVersion.plan_id == plan_id, Sale.occurred_at >= since)
    )


def _past_sales(plan_id: int, since: datetime, last: int) -> Any:
    """The next thousand assessed sales of a plan, with what computing them takes."""
    return (
        sa.select(Sale, Assessment)
        .join(Assessment, Assessment.sale_id == Sale.id)
        .join(PlanVersion, PlanVersion.id == Assessment.plan_version_id)
        .where(PlanVersion.plan_id == plan_id, Sale.occurred_at >= since, Sale.id > last)
        .options(
            selectinload(Sale.lines),
            joinedload(Sale.customer),
            joinedload(Sale.deal),
            joinedload(Assessment.pair),
        )
        .order_by(Sale.id)
        .limit(STEP)
    )


def _granted_since(plan_id: int, since: datetime) -> Any:
    """What the sales of that time were granted, before anything was given back."""
    return (
        sa.select(Entry.partner_id, Entry.currency, sa.cast(sa.func.sum(Entry.amount_minor), sa.BigInteger))
        .join(Sale, Sale.id == Entry.sale_id)
        .join(PlanVersion, PlanVersion.id == Entry.plan_version_id)
        .where(
            PlanVersion.plan_id == plan_id,
            Sale.occurred_at >= since,
            Entry.partner_id.is_not(None),
            Entry.kind.in_([EntryKind.COMMISSION, EntryKind.SPLIT]),
        )
        .group_by(Entry.partner_id, Entry.currency)
    )


def publish(draft: PlanVersion, *, by: Actor | None) -> None:
    """Makes a draft the version of every pair that begins from ``effective_from`` on. It never changes again."""
    lock(draft.plan)
    lock(draft)
    if not draft.is_draft:
        raise Refusal(_("Version %(version)s is published already.", version=draft.label))
    if draft.simulated_at is None:
        raise Refusal(
            _("Simulate version %(version)s over past sales before it is published.", version=draft.label)
        )
    _read(draft.definition)
    draft.status = PlanVersionStatus.PUBLISHED
    draft.published_at = clock.now()
    draft.published_by_id = by.id if by is not None else None
    session.flush()
    supersede(draft.plan)
    announce(PlanVersionPublished(draft, by))


def supersede(plan: Plan) -> None:
    """Every version that a later one has taken the place of is superseded; pairs bound to it keep it."""
    versions = queries.published_versions(plan.id)
    live = queries.version_at(versions, clock.now())
    for version in versions:
        is_over = live is not None and (version.effective_from, version.number) < (
            live.effective_from,
            live.number,
        )
        if is_over and version.status is PlanVersionStatus.PUBLISHED:
            version.status = PlanVersionStatus.SUPERSEDED


@recurring("commissions.supersede-plans", every=timedelta(hours=1))
def supersede_plans(_payload: dict[str, Any]) -> None:
    """A version published for a later day takes over when that day comes."""
    for plan in session.scalars(queries.plans()):
        supersede(plan)
