"""Drafting, simulating and publishing plan versions."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from accounts.models import User
from commissions import rates
from commissions.models import Entry, EntryKind, Plan, PlanVersion, PlanVersionStatus
from commissions.operations.accrual import facts_of
from commissions.operations.bulk import engine_of, facts_by_id
from commissions.queries import bare as in_few_columns
from commissions.queries import bulk as in_bulk
from commissions.queries import plans as queries
from commissions.queries.conversions import conversion_on
from commissions.signals import (
    PlanVersionDiscarded,
    PlanVersionDrafted,
    PlanVersionPublished,
    PlanVersionSimulated,
)
from core import clock
from core.activity import Actor
from core.bulk import plain_rows
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
        definition=_rates_as_text(definition),
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


def _rates_as_text(value: Any) -> Any:
    """A definition as it is kept and answered: rates, and where brackets begin and end, are decimal text."""
    if isinstance(value, list):
        return [_rates_as_text(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    return {
        name: str(entry)
        if name in {"rate", "percent", "from", "to"} and type(entry) is int
        else _rates_as_text(entry)
        for name, entry in value.items()
    }


def change_draft(draft: PlanVersion, definition: dict[str, Any], *, by: Actor | None) -> None:
    """Writes a draft anew; what was simulated before no longer counts."""
    lock(draft)
    if not draft.is_draft:
        raise Refusal(
            _("Version %(version)s is published and never changes. Make a new one.", version=draft.label)
        )
    version = _read(definition)
    draft.definition = _rates_as_text(definition)
    draft.name = version.name
    draft.currency = version.currency
    draft.effective_from = version.effective_from
    draft.simulated_at = None
    draft.simulation = None
    announce(PlanVersionDrafted(draft, by))


def discard_draft(draft: PlanVersion, *, by: Actor | None) -> None:
    """Takes a draft away, and a plan with it that has nothing else. What is published stays."""
    lock(draft)
    if not draft.is_draft:
        raise Refusal(
            _(
                "Version %(version)s is published and stays. Only a draft can be discarded.",
                version=draft.label,
            )
        )
    announce(PlanVersionDiscarded(draft.plan, by, label=draft.label, name=draft.name))
    plan = draft.plan
    session.delete(draft)
    session.flush()
    session.expire(plan, ["versions"])
    if not plan.versions:
        session.delete(plan)
        session.flush()


SIMULATE_JOB = "commissions.simulate"
STEP = 10_000
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
    """Starts a simulation that :func:`simulate_further` carries on; answers how many sales it goes through.

    One that is under way goes on as it is; one that was stopped is begun anew.
    """
    lock(draft)
    if not draft.is_draft:
        raise Refusal(
            _(
                "Version %(version)s is published; the simulation it was published with stays.",
                version=draft.label,
            )
        )
    running = (draft.simulation or {}).get("running")
    if running is not None and not running.get("stopped"):
        return int(running["of"])
    since = clock.now() - timedelta(days=30 * months)
    others = in_bulk.number_of_uncomputed_sales(draft.plan, since)
    whole = in_bulk.number_of_past_sales(draft.plan_id, since) + others
    draft.simulated_at = None
    draft.simulation = {
        "since": since.isoformat(),
        "sales": 0,
        "unmatched": 0,
        "running": {
            "of": whole,
            # Sales that no version has computed come last: those from before the plan's first version.
            "others": others,
            "at_others": False,
            "last": None,
            "would": {},
            "caps": [],
            "by_id": by.id if by is not None else None,
        },
        "unmatched_sales": [],
    }
    session.flush()
    return whole


def simulate_further(draft: PlanVersion, *, by: Actor | None) -> bool:
    """Goes through the next sales, and writes the report after the last. False when there is no more to do now."""
    lock(draft)
    state = dict(draft.simulation or {})
    running = state.get("running")
    if draft.simulated_at is not None or running is None or running.get("stopped"):
        return False
    since = datetime.fromisoformat(state["since"])
    last, at_others = running["last"], running.get("at_others", False)
    after = None if last is None else (datetime.fromisoformat(last[0]), last[1])
    bare = engine_of(draft)
    would: dict[tuple[int | str, str], int] = defaultdict(int)
    used = {rates.CapKey(*key): amount for key, amount in running["caps"]}
    sales: Sequence[rates.BareSale | in_bulk.BulkSale]
    figures: Iterator[_Figures]
    nothing = []
    with plain_rows():
        if at_others:
            sales = others = in_bulk.uncomputed_sales(draft.plan, since, after=after, most=STEP)
            figures = _figures_of_others(bare.bulk, others, used)
        else:
            sales = known = in_few_columns.past_sales(
                bare.asked, draft.plan_id, since=since, after=after, most=STEP
            )
            figures = _figures(bare, known, used)
        for sale_id, currency, earned in figures:
            for partner_id, amount in earned:
                would[(partner_id, currency)] += amount
            if not earned:
                nothing.append(sale_id)
    sums = dict(running["would"])
    for (partner_id, currency), amount in would.items():
        key = f"{partner_id}|{currency}"
        sums[key] = sums.get(key, 0) + amount
    unmatched = list(state["unmatched_sales"])
    told = nothing[: UNMATCHED_KEPT - len(unmatched)]
    names = in_few_columns.names_of(told) if told else {}
    unmatched += [{"sale_id": str(sale_id), "external_id": names[sale_id]} for sale_id in told]
    count = state["unmatched"] + len(nothing)
    state |= {"sales": state["sales"] + len(sales), "unmatched": count, "unmatched_sales": unmatched}
    is_whole = len(sales) == STEP
    if is_whole or (running.get("others") and not at_others):
        end = (
            [in_few_columns.moment_of(sales[-1].sale_id).isoformat(), sales[-1].sale_id] if is_whole else None
        )
        moved = {
            "last": end,
            "at_others": at_others or not is_whole,
            "would": sums,
            "caps": [[list(key), amount] for key, amount in used.items()],
        }
        draft.simulation = state | {"running": running | moved}
        session.flush()
        return True
    _write_report(draft, {name: value for name, value in state.items() if name != "running"}, since, sums)
    announce(PlanVersionSimulated(draft, by))
    return False


_Figures = tuple[int, str, list[tuple[int | str, int]]]


def _figures_of_others(
    engine: rates.Bulk, sales: Sequence[in_bulk.BulkSale], used: dict[rates.CapKey, int]
) -> Iterator[_Figures]:
    """The same of sales that no version has computed, as they would be assessed today."""
    for sale in sales:
        figures = engine.figures(sale.facts, used)
        earned: list[tuple[int | str, int]] = [
            (partner_id, amount) for partner_id, amount in figures if partner_id is not None
        ]
        yield sale.sale_id, sale.facts.currency, earned


def _figures(
    bare: rates.Bare, sales: list[rates.BareSale], used: dict[rates.CapKey, int]
) -> Iterator[_Figures]:
    """Of each sale in turn: its currency, and what it would bring which partner. ``used`` of caps grows with them."""
    engine = bare.bulk
    earned = bare.entries_of(sales, facts_by_id) if engine.is_plain else {}
    by_itself = [sale.sale_id for sale in sales if earned.get(sale.sale_id) is None]
    known = {sale.sale_id: sale for sale in in_bulk.sales_by_id(by_itself)} if by_itself else {}
    for sale in sales:
        entries = earned.get(sale.sale_id)
        if entries is not None:
            found = [(entry[3], entry[4]) for entry in entries if entry[3] is not None]
            yield sale.sale_id, sale.currency, found  # type: ignore[misc]
            continue
        facts = _in_the_plans_currency(known[sale.sale_id], engine.version)
        figures = engine.figures(facts, used)
        yield (
            sale.sale_id,
            facts.currency,
            [(partner_id, amount) for partner_id, amount in figures if partner_id is not None],
        )


def _in_the_plans_currency(sale: in_bulk.BulkSale, version: rates.PlanVersion) -> rates.SaleFacts:
    """A sale in another currency at the rate of its day, where the plan converts and the rate is known."""
    facts = sale.facts
    if not version.converts or facts.currency == version.currency:
        return facts
    found = conversion_on(
        facts.occurred_at.astimezone(facts.time_zone).date(), facts.currency, version.currency
    )
    row = session.get_one(Sale, sale.sale_id)
    assessment = queries.assessment_of(row)
    if found is None or assessment is None:
        return facts
    by = rates.Conversion(found["to"], found["rate"])
    return rates.converted(facts_of(row, assessment), [], [], [], by)[0]


def stop_simulation(draft: PlanVersion) -> None:
    """Ends a simulation after the step that is being done; it can go on from there."""
    _turn(draft, stopped=True)


def resume_simulation(draft: PlanVersion) -> int:
    """Lets a simulation that was stopped go on where it was; answers how many sales it goes through in all."""
    return _turn(draft, stopped=False)


def _turn(draft: PlanVersion, *, stopped: bool) -> int:
    lock(draft)
    state = draft.simulation or {}
    running = state.get("running")
    if running is None or bool(running.get("stopped")) is stopped:
        raise Refusal(_("This is not under way.") if stopped else _("This was not stopped."))
    draft.simulation = state | {"running": running | {"stopped": stopped}}
    return int(running["of"])


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
    """A step a job, so that progress can be seen, and a crash loses no more than that."""
    draft = session.get(PlanVersion, payload["version_id"])
    if draft is None:  # discarded in the meantime
        return
    by = session.get(User, (draft.simulation or {}).get("running", {}).get("by_id") or 0)
    if simulate_further(draft, by=by):
        enqueue(SIMULATE_JOB, payload)


def simulate_later(draft: PlanVersion) -> None:
    """Leaves a simulation that was begun to the worker."""
    enqueue(SIMULATE_JOB, {"version_id": draft.id})


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
