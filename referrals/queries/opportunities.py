"""Companies that the vendor talks to itself: which they are, and whether a lead is of one of them."""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from accounts.models import User
from accounts.permissions import MATRIX, STAFF_ROLES, Permission
from accounts.queries import active_staff_with
from core import clock
from core.database import session
from referrals.matching import KeyKind
from referrals.models.identity import IdentityKey
from referrals.models.opportunities import OwnOpportunity, OwnOpportunityKey

#: Said of a lead that waits for whoever of the vendor talks to its company.
OWN_OPPORTUNITY = "own_opportunity"


def opportunities_visible_to(user: User) -> sa.Select[OwnOpportunity]:
    """All of them, for the vendor's people and programs."""
    rows = sa.select(OwnOpportunity).options(joinedload(OwnOpportunity.responsible))
    return rows if user.may(Permission.OPPORTUNITIES_READ) else rows.where(sa.false())


def opportunities_in_state(user: User, state: str = "") -> sa.Select[OwnOpportunity]:
    """Those that hold, are over (nobody has ended them yet) or have ended; all without a state."""
    rows, now = opportunities_visible_to(user), clock.now()
    conditions = {
        "holds": (OwnOpportunity.ended_at.is_(None), OwnOpportunity.holds_until > now),
        "over": (OwnOpportunity.ended_at.is_(None), OwnOpportunity.holds_until <= now),
        "ended": (OwnOpportunity.ended_at.is_not(None),),
    }
    return rows.where(*conditions[state]) if state else rows


def opportunities_listed(user: User, text: str = "", *, ended: bool = False) -> sa.Select[OwnOpportunity]:
    """Those that hold, the next to run out first; or those that have ended, latest first."""
    rows = opportunities_visible_to(user)
    words = text.strip().lower()
    if words:
        rows = rows.where(
            sa.or_(
                sa.func.lower(OwnOpportunity.company).contains(words, autoescape=True),
                OwnOpportunity.domain.contains(words, autoescape=True),
                sa.func.lower(OwnOpportunity.tax_key).contains(words, autoescape=True),
            )
        )
    if ended:
        order = (OwnOpportunity.ended_at.desc(), OwnOpportunity.id.desc())
        return rows.where(OwnOpportunity.ended_at.is_not(None)).order_by(*order)
    return rows.where(OwnOpportunity.ended_at.is_(None)).order_by(
        OwnOpportunity.holds_until, OwnOpportunity.id
    )


def is_same_company(keys: Mapping[KeyKind, str]) -> sa.ColumnElement[bool] | None:
    """The condition that an own opportunity has the domain or tax number of ``keys``; None when they have neither."""
    columns = {KeyKind.DOMAIN: OwnOpportunity.domain, KeyKind.TAX_ID: OwnOpportunity.tax_key}
    same = [column == keys[kind] for kind, column in columns.items() if keys.get(kind)]
    return sa.or_(*same) if same else None


def not_ended(keys: Mapping[KeyKind, str]) -> Sequence[OwnOpportunity]:
    """What has not been ended of this company, by its domain or tax number; it may have run out today."""
    same = is_same_company(keys)
    if same is None:
        return []
    rows = sa.select(OwnOpportunity).where(same, OwnOpportunity.ended_at.is_(None))
    return session.scalars(rows.order_by(OwnOpportunity.id)).all()


def own_opportunity_of(keys: Mapping[KeyKind, str]) -> OwnOpportunity | None:
    """The own opportunity that holds of the company with these keys."""
    return next((row for row in not_ended(keys) if row.holds), None)


def opportunities_known_by(
    keys: Sequence[tuple[str, str]], similar: Sequence[int]
) -> list[tuple[OwnOpportunity, str, int]]:
    """Those not ended with one of ``keys`` (kind, value), or a bare name of ``similar``; each with kind and key."""
    known_by = []
    if keys:
        known_by.append(sa.tuple_(IdentityKey.kind, IdentityKey.value).in_(list(keys)))
    if similar:
        known_by.append(IdentityKey.id.in_(list(similar)))
    if not known_by:
        return []
    rows = session.execute(
        sa.select(OwnOpportunity, IdentityKey.kind, IdentityKey.id)
        .join(OwnOpportunityKey, OwnOpportunityKey.opportunity_id == OwnOpportunity.id)
        .join(IdentityKey, IdentityKey.id == OwnOpportunityKey.key_id)
        .where(sa.or_(*known_by), OwnOpportunity.ended_at.is_(None))
        .order_by(OwnOpportunity.id, IdentityKey.id)
        .limit(100)
    )
    return [(row, kind, key_id) for row, kind, key_id in rows]


def opportunities_over() -> sa.Select[OwnOpportunity]:
    """Those that nobody has ended and whose time is over."""
    return (
        sa.select(OwnOpportunity)
        .where(OwnOpportunity.ended_at.is_(None), OwnOpportunity.holds_until <= clock.now())
        .order_by(OwnOpportunity.id)
    )


def who_may_be_responsible() -> list[User]:
    """The vendor's people who decide about leads, by name."""
    roles = [role for role in STAFF_ROLES if Permission.LEADS_TRIAGE in MATRIX[role]]
    return sorted(
        session.scalars(active_staff_with(*roles)), key=lambda person: (person.name.casefold(), person.id)
    )
