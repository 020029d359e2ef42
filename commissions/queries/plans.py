"""Every question about plans, their versions, and how sales are assessed."""

from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from commissions import rates
from commissions.models import (
    Assessment,
    CapUse,
    Entry,
    EntryKind,
    Pair,
    Plan,
    PlanVersion,
    PlanVersionStatus,
)
from commissions.queries.recruitments import PartnerIds
from core import clock
from core.database import session
from partners import queries as partners
from partners.models import Partner, PartnerStatus
from referrals.models import Sale

#: Why a sale waits that names a plan of which nothing is published.
NO_PLAN = "no_plan"


def plans() -> sa.Select[Plan]:
    """Every plan, by its code."""
    return sa.select(Plan).order_by(Plan.code)


def plan_by_code(code: str) -> Plan | None:
    return session.scalar(sa.select(Plan).where(Plan.code == code))


def codes_in_life() -> sa.Select[str]:
    """The codes of plans that have a published version, in their order."""
    has_one = sa.exists().where(PlanVersion.plan_id == Plan.id, PlanVersion.status != PlanVersionStatus.DRAFT)
    return sa.select(Plan.code).where(has_one).order_by(Plan.code)


def names_no_plan(sale: Sale) -> bool:
    """Whether the sale itself names a plan, and none of that code is published."""
    if sale.plan_code is None:
        return False
    return session.scalar(codes_in_life().where(Plan.code == sale.plan_code)) is None


def sales_whose_plan_has_come() -> sa.Select[Sale]:
    """Sales that waited for the plan they name, and whose plan is there now, oldest first."""
    return (
        sa.select(Sale)
        .where(Sale.held_because == NO_PLAN, Sale.plan_code.in_(codes_in_life()))
        .order_by(Sale.occurred_at, Sale.id)
    )


def versions_of(plan: Plan) -> sa.Select[PlanVersion]:
    """The versions of a plan, the newest first."""
    return sa.select(PlanVersion).where(PlanVersion.plan_id == plan.id).order_by(PlanVersion.number.desc())


def version_of(code: str, number: int) -> PlanVersion | None:
    return session.scalar(
        sa.select(PlanVersion).join(Plan).where(Plan.code == code, PlanVersion.number == number)
    )


def published_versions(plan_id: int, *, published_by: datetime | None = None) -> list[PlanVersion]:
    """The published versions of a plan by the moment from which they hold; those known by a moment, when given."""
    query = sa.select(PlanVersion).where(
        PlanVersion.plan_id == plan_id, PlanVersion.status != PlanVersionStatus.DRAFT
    )
    if published_by is not None:
        query = query.where(PlanVersion.published_at <= published_by)
    return list(session.scalars(query.order_by(PlanVersion.effective_from, PlanVersion.number)))


def version_at(versions: list[PlanVersion], moment: datetime) -> PlanVersion | None:
    """Of :func:`published_versions`, the one that holds at ``moment``: the latest that has begun."""
    begun = [version for version in versions if version.effective_from <= moment]
    return begun[-1] if begun else None


def live_version(code: str) -> PlanVersion | None:
    """The version by which a new customer's sale would be computed now."""
    plan = plan_by_code(code)
    return version_at(published_versions(plan.id), clock.now()) if plan is not None else None


def known_names() -> rates.Known:
    """What the programme has, for checking a definition: its products, tiers and partners."""
    return rates.Known(
        products=frozenset(partners.products_by_code()) or None,
        tiers=frozenset(partners.tiers_by_code()),
        partners=PartnerIds(),
    )


def parsed(version: PlanVersion) -> rates.PlanVersion:
    """The version ready to compute; read once, since a published one never changes."""
    if version.is_draft:
        return rates.parse(version.definition)
    return _parsed(version.id, repr(version.definition))


@lru_cache(maxsize=256)
def _parsed(_version_id: int, definition: str) -> rates.PlanVersion:
    import ast

    return rates.parse(ast.literal_eval(definition))


def assessment_of(sale: Sale) -> Assessment | None:
    return session.scalar(
        sa.select(Assessment)
        .where(Assessment.sale_id == sale.id)
        .options(
            joinedload(Assessment.plan_version).joinedload(PlanVersion.plan), joinedload(Assessment.pair)
        )
    )


def sales_of_pair(pair: Pair) -> list[Sale]:
    """The assessed sales of a pair in the order in which they count."""
    return list(
        session.scalars(
            sa.select(Sale)
            .join(Assessment, Assessment.sale_id == Sale.id)
            .where(Assessment.pair_id == pair.id)
            .order_by(Sale.occurred_at, Sale.external_id, Sale.id)
        )
    )


def used_before(cap_keys: list[str], *, occurred_at: datetime, sale_name: str) -> dict[str, int]:
    """What sales before that one used of each cap: earlier by moment, then by name."""
    if not cap_keys:
        return {}
    before = sa.or_(
        CapUse.occurred_at < occurred_at,
        sa.and_(CapUse.occurred_at == occurred_at, CapUse.sale_name < sale_name),
    )
    rows = session.execute(
        sa.select(CapUse.cap_key, sa.cast(sa.func.sum(CapUse.amount_minor), sa.BigInteger))
        .where(CapUse.cap_key.in_(cap_keys), before)
        .group_by(CapUse.cap_key)
    )
    return {key: int(amount) for key, amount in rows}


def sales_after(cap_keys: list[str], *, occurred_at: datetime, sale_name: str) -> list[int]:
    """The ids of sales behind that one which share one of its caps, in their order."""
    if not cap_keys:
        return []
    after = sa.or_(
        CapUse.occurred_at > occurred_at,
        sa.and_(CapUse.occurred_at == occurred_at, CapUse.sale_name > sale_name),
    )
    rows = session.execute(
        sa.select(CapUse.sale_id, CapUse.occurred_at, CapUse.sale_name)
        .where(CapUse.cap_key.in_(cap_keys), after)
        .distinct()
        .order_by(CapUse.occurred_at, CapUse.sale_name)
    )
    return [sale_id for sale_id, _moment, _name in rows]


def entries_of_sale(sale_id: int) -> sa.Select[Entry]:
    """The lines of earnings of a sale, in the order of posting."""
    return sa.select(Entry).where(Entry.sale_id == sale_id).order_by(Entry.id)


def entries_by_cause(cause: str) -> sa.Select[Entry]:
    """The lines that one fact led to."""
    return sa.select(Entry).where(Entry.cause == cause).order_by(Entry.id)


def granted_by_key(entries: list[Entry]) -> dict[rates.EntryKey, tuple[int, Entry]]:
    """What was posted by key so far, and the first line of each: reversals count with what they correct.

    Corrections by hand, and what was taken back of them, are no rule's: they stand beside.
    """
    by_id = {entry.id: entry for entry in entries}
    found: dict[rates.EntryKey, tuple[int, Entry]] = {}
    for entry in entries:
        first = by_id.get(entry.corrects_id or 0, entry)
        if EntryKind.ADJUSTMENT in (entry.kind, first.kind):
            continue
        key = key_of(first)
        amount, root = found.get(key, (0, first))
        found[key] = (amount + entry.amount_minor, root)
    return found


def key_of(entry: Entry) -> rates.EntryKey:
    """What an entry that corrects no other is about, as the engine names it."""
    owner = rates.Beneficiary(
        "vendor" if entry.partner_id is None else "partner",
        None if entry.partner_id is None else str(entry.partner_id),
    )
    return rates.EntryKey(
        entry.line, "split" if entry.kind is EntryKind.SPLIT else "commission", entry.rule, owner
    )


def answer_of(entry: Entry, labels: dict[int, str]) -> dict[str, Any]:
    """An entry in the API's shape; ``labels`` names plan versions by id (``standard/3``)."""
    return {
        "id": str(entry.id),
        "line": entry.line,
        "kind": str(entry.kind),
        "beneficiary": {
            "type": str(entry.beneficiary_type),
            "id": None if entry.partner_id is None else str(entry.partner_id),
        },
        "amount_minor": entry.amount_minor,
        "currency": entry.currency,
        "plan_version": labels.get(entry.plan_version_id or 0),
        "rule": entry.rule,
        "available_at": entry.available_at,
        "proof": entry.proof,
    }


def version_labels(entries: list[Entry]) -> dict[int, str]:
    """``standard/3`` by the ids of the versions that ``entries`` were computed by."""
    ids = {entry.plan_version_id for entry in entries if entry.plan_version_id is not None}
    if not ids:
        return {}
    rows = session.execute(
        sa.select(PlanVersion.id, Plan.code, PlanVersion.number).join(Plan).where(PlanVersion.id.in_(ids))
    )
    return {version_id: f"{code}/{number}" for version_id, code, number in rows}


def versions_a_partner_is_bound_to(partner_id: int) -> list[tuple[PlanVersion, int]]:
    """(version, number of customers) that a partner's customers began under, the latest first."""
    rows = session.execute(
        sa.select(Pair.plan_version_id, sa.func.count())
        .where(Pair.partner_id == partner_id)
        .group_by(Pair.plan_version_id)
    )
    counts = {int(version_id): int(count) for version_id, count in rows}
    versions = session.scalars(
        sa.select(PlanVersion)
        .where(PlanVersion.id.in_(counts))
        .order_by(PlanVersion.effective_from.desc(), PlanVersion.number.desc())
    )
    return [(version, counts[version.id]) for version in versions]


def plans_with_versions() -> list[Plan]:
    """Every plan with its versions at hand."""
    return list(session.scalars(plans().options(selectinload(Plan.versions))))


def partners_by_plan() -> dict[str, int]:
    """How many active firms are on each plan, by its code."""
    rows = session.execute(
        sa.select(Partner.plan_code, sa.func.count())
        .where(Partner.status == PartnerStatus.ACTIVE)
        .group_by(Partner.plan_code)
    )
    return {str(code): int(count) for code, count in rows}
