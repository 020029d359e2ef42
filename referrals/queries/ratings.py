"""What customers said: what a firm reads of it, what the vendor reads, whom to ask next."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload

from accounts.models import User
from core.database import session
from partners.models import Partner
from partners.queries.measures import Between, between, programme_today
from partners.tiers.windows import Period
from referrals.models.deals import Deal, DealStatus
from referrals.models.ratings import MOST_STARS, Rating
from referrals.settings import LEAST_RATINGS, RATING_DAYS

#: Who was asked is left in peace for so long, whatever else they buy.
PEACE = timedelta(days=180)
#: A deal that was won longer ago than this beyond its day is not asked about any more.
LATEST = timedelta(days=30)
YEAR = 365


def counts() -> sa.ColumnElement[bool]:
    """The condition that an answer is part of a rating."""
    return sa.and_(
        Rating.answered_at.is_not(None), Rating.was_partner.is_(True), Rating.set_aside_at.is_(None)
    )


def customer_rating(about: Between, _course: str) -> sa.Select[*tuple[Any, ...]]:
    """The mean of the stars in hundredths, rounded down; firms with too few answers have none."""
    return (
        sa.select(
            Rating.partner_id,
            (sa.func.sum(Rating.stars) * 100 // sa.func.count()).label("value"),
            sa.func.count().label("counted"),
        )
        .where(counts(), about.covers(Rating.answered_at))
        .group_by(Rating.partner_id)
        .having(sa.func.count() >= LEAST_RATINGS.value())
    )


def deals_to_ask_about(now: datetime) -> sa.Select[Deal]:
    """Won deals whose day has come and whose customer was not asked, oldest first.

    Left out: who wants no questions or was asked lately, the partner's own mailboxes, and whoever has an account here.
    """
    due = now - timedelta(days=RATING_DAYS.value())
    email = sa.func.lower(Deal.email)
    earlier = aliased(Rating)
    in_peace = sa.exists().where(
        earlier.email == email,
        sa.or_(earlier.stopped_at.is_not(None), earlier.asked_at > now - PEACE),
    )
    asked = sa.exists().where(earlier.deal_id == Deal.id)
    own = sa.and_(Partner.domain.is_not(None), email.like(sa.literal("%@").concat(Partner.domain)))
    return (
        sa.select(Deal)
        .join(Partner, Partner.id == Deal.partner_id)
        .options(joinedload(Deal.partner), joinedload(Deal.lead))
        .where(
            Deal.status == DealStatus.WON,
            Deal.closed_at <= due,
            Deal.closed_at > due - LATEST,
            Deal.email.is_not(None),
            Deal.email != "",
            ~asked,
            ~in_peace,
            sa.not_(own),
            ~sa.exists().where(User.email == email),
        )
        .order_by(Deal.closed_at, Deal.id)
    )


@dataclass(frozen=True)
class Summary:
    """A firm's rating of the last year: how many answers counted, their mean in hundredths, and how many a star.

    ``mean`` is ``None`` while there are fewer answers than ``least``: then nobody could be sure to be one of several.
    """

    number: int
    mean: int | None
    by_stars: dict[int, int]
    least: int


def summary_of(partner: Partner) -> Summary:
    """The sum of what customers said of a firm in the last 365 days; no answer can be told apart. One statement."""
    today = programme_today()
    year = between(Period(today - timedelta(days=YEAR - 1), today + timedelta(days=1)))
    rows = session.execute(
        sa.select(Rating.stars, sa.func.count())
        .where(Rating.partner_id == partner.id, counts(), year.covers(Rating.answered_at))
        .group_by(Rating.stars)
    )
    found = {stars: number for stars, number in rows if stars is not None}
    number, least = sum(found.values()), LEAST_RATINGS.value()
    is_known = number >= least
    total = sum(stars * times for stars, times in found.items())
    by_stars = {stars: found.get(stars, 0) for stars in range(MOST_STARS, 0, -1)} if is_known else {}
    return Summary(number, total * 100 // number if is_known and number else None, by_stars, least)


def all_ratings(state: str = "") -> sa.Select[Rating]:
    """Every question for the vendor's people, answers first; ``state`` narrows to answered, waiting or aside."""
    rows = (
        sa.select(Rating)
        .options(joinedload(Rating.partner), joinedload(Rating.deal))
        .order_by(Rating.answered_at.is_(None), Rating.answered_at.desc(), Rating.id.desc())
    )
    if state == "answered":
        return rows.where(Rating.answered_at.is_not(None))
    if state == "waiting":
        return rows.where(Rating.answered_at.is_(None))
    return rows.where(Rating.set_aside_at.is_not(None)) if state == "aside" else rows
