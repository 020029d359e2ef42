"""Whose figures count for whom when tiers are worked out: a firm's own, and by a setting those of its branches."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from core import bulk
from core.database import session
from partners.models import Partner
from partners.settings import BRANCHES_COUNT


def among(column: Any, firms: Iterable[int]) -> sa.ColumnElement[bool]:
    """The condition that ``column`` is one of ``firms``; a ``range`` of numbers is asked for by its ends."""
    if isinstance(firms, range):
        condition: sa.ColumnElement[bool] = column.between(firms.start, firms.stop - 1)
        return condition
    return bulk.among(column, list(firms))


@dataclass(frozen=True)
class Reach:
    """For each firm that has any, the other firms whose figures count for it as well."""

    others: dict[int, list[int]]

    @property
    def strangers(self) -> list[int]:
        """Every firm that counts for another one."""
        return sorted({firm for firms in self.others.values() for firm in firms})

    def number_for(self, firm: int) -> int:
        """How many other firms count for ``firm``."""
        return len(self.others.get(firm, ()))

    def firms_for(self, firm: int) -> list[int]:
        """``firm`` and the others that count for it."""
        return [firm, *self.others.get(firm, ())]


def reach_of(firms: Iterable[int] | None) -> Reach | None:
    """The reach of ``firms`` (of all of them with ``None``); ``None`` where every one counts for itself only."""
    ways = _others()
    if not ways:
        return None
    found = sa.union_all(*ways).subquery()
    rows = sa.select(found.c.counts_for, found.c.partner_id)
    if firms is not None:
        rows = rows.where(among(found.c.counts_for, firms))
    others: dict[int, list[int]] = {}
    for counts_for, partner_id in session.execute(rows.order_by(found.c.counts_for, found.c.partner_id)):
        others.setdefault(counts_for, []).append(partner_id)
    return Reach(others) if others else None


def pairs_within(firms: Iterable[int] | None) -> sa.Subquery:
    """(counts_for, partner_id): each of ``firms`` with itself, and with the others that count for it."""
    themselves = sa.select(Partner.id.label("counts_for"), Partner.id.label("partner_id"))
    every = sa.union_all(themselves, *_others()).subquery()
    rows = sa.select(every.c.counts_for, every.c.partner_id)
    return (rows if firms is None else rows.where(among(every.c.counts_for, firms))).subquery()


def _others() -> list[sa.Select[*tuple[Any, ...]]]:
    """(counts_for, partner_id) of different firms, by the setting; nothing where each stands by itself."""
    way = BRANCHES_COUNT.value()
    if way == "alone":
        return []
    is_branch = Partner.parent_id.is_not(None)
    up = sa.select(Partner.parent_id.label("counts_for"), Partner.id.label("partner_id")).where(is_branch)
    if way == "parent":
        return [up]
    sibling = aliased(Partner)
    down = sa.select(Partner.id.label("counts_for"), Partner.parent_id.label("partner_id")).where(is_branch)
    across = sa.select(Partner.id.label("counts_for"), sibling.id.label("partner_id")).join(
        sibling, sa.and_(sibling.parent_id == Partner.parent_id, sibling.id != Partner.id)
    )
    return [up, down, across]
