"""Firms, and the rule by which every domain shows rows that belong to a firm."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from accounts.models import User
from accounts.permissions import Permission
from core.database import session
from core.digits import number_in
from partners.models import Contact, Partner, PartnerStatus
from partners.queries.agreements import partners_with_valid_agreement
from partners.queries.members import partner_of


def rows_visible_to(user: User, partner_id: Any, permission: Permission) -> sa.ColumnElement[bool]:
    """The condition for rows whose firm stands in the column ``partner_id``.

    The vendor's people with ``permission``, and machines of the vendor whose key grants it, see all; whoever belongs
    to a firm and has it sees that firm's rows; nobody else sees any.
    """
    if not user.may(permission):
        return sa.false()
    if user.is_staff:
        return sa.true()
    firm = partner_of(user)
    if firm is not None:
        numbers = numbers_of(firm)
        theirs: sa.ColumnElement[bool] = (
            partner_id == firm.id if len(numbers) == 1 else partner_id.in_(numbers)
        )
        return theirs
    return sa.true() if user.is_machine else sa.false()


# Asked by every page of a partner, so built once.
_MERGED = sa.select(Partner.id).where(Partner.merged_into_id == sa.bindparam("firm")).order_by(Partner.id)


def numbers_of(firm: Partner) -> list[int]:
    """The firm's number, and those under which it stood before duplicates were merged; asked once a request."""
    known: dict[int, list[int]] = session.info.setdefault("partners.numbers", {})
    if firm.id not in known:
        known[firm.id] = [firm.id, *session.scalars(_MERGED, {"firm": firm.id})]
    return known[firm.id]


def partners_visible_to(user: User) -> sa.Select[Partner]:
    """The firms ``user`` may see: all, their own, or none."""
    firms = sa.select(Partner).order_by(Partner.name, Partner.id)
    if not any(
        user.may(one) for one in (Permission.PARTNERS_READ, Permission.PARTNERS_WRITE, Permission.FIRM_READ)
    ):
        return firms.where(sa.false())
    firm = None if user.is_staff else partner_of(user)
    if firm is not None:
        return firms.where(Partner.id == firm.id)
    return firms if user.is_staff or user.is_machine else firms.where(sa.false())


def partners_matching(
    firms: sa.Select[Partner],
    *,
    text: str = "",
    status: str = "",
    tier: str = "",
    country: str = "",
    manager_id: int | None = None,
    carer_id: int | None = None,
) -> sa.Select[Partner]:
    """``firms`` by name, site or tax number, by state, tier, country, manager, and whoever looks after them at all."""
    if text:
        for word in text.casefold().split()[:6]:
            firms = firms.where(Partner.search_text.contains(word, autoescape=True))
    if status in set(PartnerStatus):
        firms = firms.where(Partner.status == PartnerStatus(status))
    if status == "paused":
        firms = firms.where(Partner.status == PartnerStatus.ACTIVE, Partner.paused_at.is_not(None))
    if tier:
        firms = firms.where(Partner.tier == tier)
    if country:
        firms = firms.where(Partner.country == country)
    if manager_id is not None:
        firms = firms.where(Partner.manager_id == manager_id)
    if carer_id is not None:
        firms = firms.where(is_looked_after_by(carer_id))
    return firms


def partners_named(
    firms: sa.Select[Partner], text: str, *, number: int | None = None, most: int
) -> Sequence[Partner]:
    """At most ``most`` of ``firms`` that ``text`` means, whose name begins with it first.

    ``number`` with ``text`` means just the one firm that bears both. A text that is a firm's number means that firm;
    one that is the whole name of firms means these only.
    """
    digits = number if number is not None else number_in(text)
    if digits is not None:
        one = session.scalar(firms.where(Partner.id == digits))
        if one is not None and (number is None or one.name.casefold() == text.casefold()):
            return [one]
        if number is not None:
            return []
    begins = Partner.search_text.startswith(text.casefold(), autoescape=True)
    found = session.scalars(
        partners_matching(firms, text=text)
        .order_by(None)
        .order_by(sa.case((begins, 0), else_=1), sa.func.length(Partner.name), Partner.name, Partner.id)
        .limit(most)
    ).all()
    return [firm for firm in found if firm.name.casefold() == text.casefold()] or found


def is_looked_after_by(user_id: int) -> sa.ColumnElement[bool]:
    """The condition that somebody of the vendor is a firm's manager, or named for it in any respect."""
    named = sa.exists().where(Contact.partner_id == Partner.id, Contact.user_id == user_id)
    return sa.or_(Partner.manager_id == user_id, named)


def as_lines(firms: sa.Select[Partner]) -> sa.Select[*tuple[Any, ...]]:
    """The same firms for a file: number, name, place, what they are and how they stand. Columns only: many are read."""
    is_paused = sa.and_(Partner.status == PartnerStatus.ACTIVE, Partner.paused_at.is_not(None))
    return firms.outerjoin(Partner.manager).with_only_columns(
        Partner.id,
        Partner.name,
        Partner.country,
        Partner.region,
        Partner.city,
        Partner.type,
        Partner.tier,
        sa.case((is_paused, "paused"), else_=sa.cast(Partner.status, sa.String)),
        Partner.website,
        Partner.tax_id,
        User.name,
        Partner.plan_code,
        Partner.created_at,
    )


def with_people(firms: sa.Select[Partner]) -> sa.Select[Partner]:
    """The same firms with tier and manager at hand, for lists."""
    return firms.options(joinedload(Partner.tier_row), joinedload(Partner.manager))


def routable_partners() -> sa.Select[Partner]:
    """The firms that may get leads now: active, not paused, with a valid agreement."""
    return (
        sa.select(Partner)
        .where(
            Partner.status == PartnerStatus.ACTIVE,
            Partner.paused_at.is_(None),
            Partner.id.in_(partners_with_valid_agreement()),
        )
        .order_by(Partner.id)
    )


def countries_of_partners() -> list[str]:
    """The countries with at least one firm, for filters."""
    return list(session.scalars(sa.select(Partner.country).distinct().order_by(Partner.country)))


def network_size() -> tuple[int, int]:
    """How many active firms there are, in how many countries."""
    row = session.execute(
        sa.select(sa.func.count(), sa.func.count(sa.distinct(Partner.country))).where(
            Partner.status == PartnerStatus.ACTIVE
        )
    ).one()
    return int(row[0]), int(row[1])


def partners_per_tier() -> dict[str, int]:
    """How many firms that take part are in each tier."""
    rows = session.execute(
        sa.select(Partner.tier, sa.func.count())
        .where(Partner.status.in_((PartnerStatus.ACTIVE, PartnerStatus.ONBOARDING)))
        .group_by(Partner.tier)
    )
    return dict(iter(rows))
