"""Payments, refunds and chargebacks that count nowhere: what waits, what no sale can bear, what a person put aside."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from accounts.models import User
from accounts.permissions import Permission
from core.activity import Activity
from core.database import session
from referrals.models.sales import Chargeback, Payment, Refund

Kind = type[Payment] | type[Refund] | type[Chargeback]
KINDS: dict[str, Kind] = {"payment": Payment, "refund": Refund, "chargeback": Chargeback}
#: As ``FactPutAside`` says it in the trail, which is where it is kept.
PUT_ASIDE = "fact put aside"


def _says_so(kind: Kind) -> sa.ColumnElement[bool]:
    """The deed by which a fact of this kind was put aside."""
    return sa.and_(
        Activity.verb == PUT_ASIDE,
        Activity.subject_type == kind.__name__.lower(),
        Activity.subject_id == kind.id,
    )


def _put_aside(kind: Kind) -> sa.ColumnElement[bool]:
    return sa.exists().where(_says_so(kind))


def _counts_nowhere(kind: Kind) -> sa.ColumnElement[bool]:
    waits = kind.sale_id.is_(None)
    return sa.or_(waits, Refund.refused_because.is_not(None)) if kind is Refund else waits


def refused_refunds() -> sa.Select[Refund]:
    """Refunds that are more than their sale can bear, without those that were put aside, oldest first."""
    return (
        sa.select(Refund)
        .where(Refund.refused_because.is_not(None), sa.not_(_put_aside(Refund)))
        .options(joinedload(Refund.sale))
        .order_by(Refund.id)
    )


def facts_without_a_sale() -> list[sa.Select[Any]]:
    """What waits for its sale and was not put aside, one query a kind, oldest first."""
    return [
        sa.select(kind).where(kind.sale_id.is_(None), sa.not_(_put_aside(kind))).order_by(kind.id)
        for kind in KINDS.values()
    ]


def facts_put_aside(kind: Kind) -> sa.Select[*tuple[Any, ...]]:
    """(fact, the deed with its reason) of what was put aside and counts nowhere still, the latest first."""
    return (
        sa.select(kind, Activity)
        .join(Activity, _says_so(kind))
        .where(_counts_nowhere(kind))
        .order_by(Activity.id.desc())
    )


def facts_that_count_nowhere(user: User, kind: Kind) -> sa.Select[Any]:
    """For the vendor's people who may record sales: what waits, what was refused, also what was put aside."""
    rows = sa.select(kind).where(_counts_nowhere(kind))
    return rows if user.is_staff and user.may(Permission.SALES_WRITE) else rows.where(sa.false())


def is_put_aside(fact: Payment | Refund | Chargeback) -> bool:
    """Whether a person took it off the list."""
    return bool(session.scalar(sa.select(_put_aside(type(fact))).where(type(fact).id == fact.id)))
