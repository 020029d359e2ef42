"""What customers of the demo said of their partners, a month after each won deal."""

import random
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from core import clock
from core.database import session
from core.settings import change_setting
from referrals.models import Deal, DealStatus
from referrals.operations.ratings import answer_rating, ask_customer
from referrals.settings import LEAST_RATINGS, RATING_DAYS

_MOST = 300
_WORDS = {
    5: ("They knew our business better than we did.", "On time, to the day.", ""),
    4: ("Good work; the training could have been longer.", "We would ask them again.", ""),
    3: ("It works now. It took two attempts.", ""),
    2: ("Nobody called back for a week.",),
}


def make_demo(*, seed: int, **_sizes: Any) -> None:
    """Asks about the won deals whose day has come; most customers answer, and most are content."""
    # A network as small as the demo's has few deals a firm.
    change_setting(LEAST_RATINGS, "2", by=None)
    chance = random.Random(f"ratings {seed}")  # noqa: S311 - a story, not a secret
    won = (
        sa.select(Deal)
        .where(Deal.status == DealStatus.WON, Deal.email.is_not(None), Deal.closed_at.is_not(None))
        .order_by(Deal.closed_at.desc(), Deal.id)
        .limit(_MOST)
    )
    now = clock.now()
    for deal in session.scalars(won).all():
        day = (deal.closed_at or now) + timedelta(days=RATING_DAYS.value())
        if day >= now:
            continue
        with clock.frozen_at(day):
            rating = ask_customer(deal)
        if chance.random() < 0.25:
            continue
        stars = chance.choices((5, 4, 3, 2), (8, 7, 2, 1))[0]
        with clock.frozen_at(min(day + timedelta(days=chance.randrange(1, 15)), now)):
            answer_rating(
                rating,
                stars=stars,
                was_partner=chance.random() > 0.04,
                text=chance.choice(_WORDS[stars]),
            )
