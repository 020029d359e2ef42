"""The first steps of a firm, with due dates: a list that domains above add their own to.

A step knows for many firms at once whether it is done, so that a checklist, a list and the funnel over all firms cost
one query a step.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from accounts.models import User
from accounts.permissions import PARTNER_ROLES, Permission
from core import clock
from core.database import session
from partners.models import Member, Partner, PartnerStatus
from partners.queries.agreements import partners_with_valid_agreement
from partners.queries.partners import partners_visible_to

#: Numbers of firms, or a statement that answers them: a step asks ``IN`` either.
Firms = Collection[int] | sa.Select[int]
Done = Callable[[Firms], Iterable[int]]


@dataclass(frozen=True)
class Step:
    """Something a new firm does: by how many days after it was added, and on which page.

    ``done`` gets the numbers of firms and answers which of them have done it. ``permission`` is what its page asks for,
    where not everybody of the firm opens it.
    """

    code: str
    label: Any
    why: Any
    days: int
    endpoint: str
    done: Done
    permission: Permission | None = None


_steps: dict[str, Step] = {}


def add_step(step: Step) -> None:
    """Adds a step to every firm's checklist, once."""
    _steps[step.code] = step


def steps() -> list[Step]:
    """All steps, the first due first."""
    return sorted(_steps.values(), key=lambda step: (step.days, step.code))


@dataclass(frozen=True)
class Progress:
    """One step of one firm."""

    step: Step
    due_at: datetime
    is_done: bool


def checklist(partner: Partner) -> list[Progress]:
    """Every step of one firm."""
    return checklists([partner])[partner.id]


def accepted_the_agreement(partner_ids: Firms) -> Iterable[int]:
    """The firms with a valid agreement."""
    return session.scalars(
        sa.select(Partner.id).where(
            Partner.id.in_(partner_ids), Partner.id.in_(partners_with_valid_agreement())
        )
    )


def have_two_members(partner_ids: Firms) -> Iterable[int]:
    """The firms with at least two people who have signed up."""
    return session.scalars(
        sa.select(Member.partner_id)
        .join(User, User.id == Member.user_id)
        .where(
            Member.partner_id.in_(partner_ids),
            Member.left_at.is_(None),
            User.role.in_(PARTNER_ROLES),
            User.password_hash.is_not(None),
        )
        .group_by(Member.partner_id)
        .having(sa.func.count() >= 2)
    )


def filled_in_the_profile(partner_ids: Firms) -> Iterable[int]:
    """The firms that say where they work, for which products, with which services."""
    rows = session.execute(
        sa.select(
            Partner.id, Partner.city, Partner.regions, Partner.languages, Partner.services, Partner.products
        ).where(Partner.id.in_(partner_ids))
    )
    return [number for number, *answers in rows if all(answers)]


NEW_FOR = timedelta(days=120)


def open_checklist(partner: Partner) -> list[Progress]:
    """The checklist of a firm that is new and not through with it; of any other, nothing."""
    if partner.created_at <= clock.now() - NEW_FOR:
        return []
    entries = checklist(partner)
    return [] if all(entry.is_done for entry in entries) else entries


def recently_added(user: User) -> sa.Select[Partner]:
    """The firms of the last 120 days that ``user`` may see and that still take part, latest first."""
    return (
        partners_visible_to(user)
        .where(
            Partner.created_at > clock.now() - NEW_FOR,
            Partner.status.in_((PartnerStatus.ONBOARDING, PartnerStatus.ACTIVE)),
        )
        .order_by(None)
        .order_by(Partner.created_at.desc(), Partner.id.desc())
    )


def checklists(firms: Collection[Partner]) -> dict[int, list[Progress]]:
    """The checklist of each firm, by its number, with one question a step."""
    numbers = [firm.id for firm in firms]
    done = {step.code: set(step.done(numbers)) if numbers else set() for step in steps()}
    return {
        firm.id: [
            Progress(step, firm.created_at + timedelta(days=step.days), firm.id in done[step.code])
            for step in steps()
        ]
        for firm in firms
    }


@dataclass(frozen=True)
class Funnel:
    """Of how many firms how many have done each step, the first due first."""

    firms: int
    done: list[tuple[Step, int]]


def funnel(firms: sa.Select[Partner]) -> Funnel:
    """How far all of ``firms`` have come: one question a step, however many they are."""
    numbers = firms.order_by(None).with_only_columns(Partner.id)
    whole = session.scalar(sa.select(sa.func.count()).select_from(numbers.subquery())) or 0
    return Funnel(whole, [(step, len(set(step.done(numbers)))) for step in steps()])
