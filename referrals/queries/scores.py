"""What routing scores are made of, for those partners whom no filter keeps from a lead: one row each."""

from collections.abc import Collection
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from academy.queries import partners_certified_for
from core.database import Moment, current_database, session
from partners.models import Partner
from referrals.models.leads import Lead, LeadStatus
from referrals.models.routing import ClaimWay, LeadClaim, Offer, OfferStatus
from referrals.queries.figures import received_in_all
from referrals.queries.many import among_written, written


def score_figures(
    partner_ids: Collection[int], products: list[str], *, lately: datetime, share_of: datetime
) -> list[Any]:
    """A row for each of these partners with all that scores are made of but its open leads: profile, answers, results.

    ``certified`` has one bit for each of ``products`` that it holds a certificate for; ``received_in_all`` is the same
    in every row. ``share_of`` is not before ``lately``.
    """
    statement = _scoring(current_database().is_sqlite, tuple(products))
    values = {"partner_ids": written(partner_ids), "lately": lately, "share_of": share_of}
    # By the connection: the session would look at each of thousands of rows for objects, and there are none.
    return list(session.connection().execute(statement, values).all())


@lru_cache(maxsize=64)
def _scoring(_on_sqlite: bool, products: tuple[str, ...]) -> sa.Select[Any]:
    """The statement, kept for the next lead; the one database asks for a list in another way than the other."""
    offered, taken, decided = _offered(), _taken(), _decided()
    certified = (
        sa.case(
            (Partner.id.in_(partners_certified_for(code)), sa.literal_column(str(1 << place))),
            else_=sa.literal_column("0"),
        )
        for place, code in enumerate(products)
    )
    received = sa.func.coalesce(offered.c.received, 0) + sa.func.coalesce(taken.c.number, 0)
    return (
        sa.select(
            Partner.id,
            Partner.tier,
            Partner.latitude,
            Partner.longitude,
            sa.cast(Partner.products, sa.Text).label("products"),
            sa.cast(Partner.services, sa.Text).label("services"),
            sa.cast(Partner.industries, sa.Text).label("industries"),
            Partner.open_lead_cap,
            received.label("received"),
            offered.c.answered,
            offered.c.accepted,
            decided.c.number.label("decided"),
            decided.c.won,
            sum(certified, sa.literal_column("0")).label("certified"),
            offered.c.hours,
            received_in_all(sa.bindparam("share_of", type_=Moment())).label("received_in_all"),
        )
        .outerjoin(offered, offered.c.partner_id == Partner.id)
        .outerjoin(taken, taken.c.partner_id == Partner.id)
        .outerjoin(decided, decided.c.partner_id == Partner.id)
        .where(_asked_about(Partner.id))
    )


def _asked_about(column: Any) -> sa.ColumnElement[bool]:
    return among_written(column, sa.bindparam("partner_ids", type_=sa.Text))


def _offered() -> sa.Subquery:
    """``partner_id``; since ``lately`` the offers ``answered`` or lapsed, those ``accepted``, and the median working
    ``hours`` to an answer; since ``share_of`` the offers ``received``. One look at each offer."""
    share_of, lately = (sa.bindparam(name, type_=Moment()) for name in ("share_of", "lately"))
    # Who did not answer stands behind those who did, on both databases.
    by_hours = (Offer.answer_hours.is_(None), Offer.answer_hours)
    each = (
        sa.select(
            Offer.partner_id,
            Offer.offered_at,
            Offer.status,
            Offer.answer_hours,
            sa.func.row_number().over(partition_by=Offer.partner_id, order_by=by_hours).label("place"),
            sa.func.count(Offer.answer_hours).over(partition_by=Offer.partner_id).label("number"),
        )
        .where(Offer.offered_at >= lately, _asked_about(Offer.partner_id))
        .subquery()
    )
    ended = (OfferStatus.ACCEPTED, OfferStatus.DECLINED, OfferStatus.LAPSED)
    in_the_middle = sa.and_(each.c.place * 2 >= each.c.number, each.c.place * 2 <= each.c.number + 2)
    return (
        sa.select(
            each.c.partner_id,
            sa.func.count(sa.case((each.c.offered_at >= share_of, 1))).label("received"),
            sa.func.count(sa.case((each.c.status.in_(ended), 1))).label("answered"),
            sa.func.count(sa.case((each.c.status == OfferStatus.ACCEPTED, 1))).label("accepted"),
            sa.func.avg(sa.case((in_the_middle, each.c.answer_hours))).label("hours"),
        )
        .group_by(each.c.partner_id)
        .subquery()
    )


def _taken() -> sa.Subquery:
    """``partner_id`` and the ``number`` of leads it took from the pool since ``share_of``."""
    return (
        sa.select(LeadClaim.partner_id, sa.func.count().label("number"))
        .where(
            LeadClaim.claimed_at >= sa.bindparam("share_of", type_=Moment()),
            LeadClaim.way == ClaimWay.POOL,
            LeadClaim.was_meant(),
            _asked_about(LeadClaim.partner_id),
        )
        .group_by(LeadClaim.partner_id)
        .subquery()
    )


def _decided() -> sa.Subquery:
    """``partner_id``, the ``number`` of its leads that were won or lost, and how many were ``won``."""
    return (
        sa.select(
            Lead.partner_id,
            sa.func.count().label("number"),
            sa.func.count(sa.case((Lead.status == LeadStatus.WON, 1))).label("won"),
        )
        .where(Lead.status.in_((LeadStatus.WON, LeadStatus.LOST)), _asked_about(Lead.partner_id))
        .group_by(Lead.partner_id)
        .subquery()
    )
