"""Asking customers how their partner did, and what becomes of the answers."""

from datetime import timedelta

from accounts.models import User
from core import clock, signing
from core.database import lock, session
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from core.signals import announce
from referrals.models.deals import Deal
from referrals.models.ratings import MOST_STARS, Rating
from referrals.queries.ratings import deals_to_ask_about
from referrals.settings import RATING_DAYS
from referrals.signals.ratings import RatingAsked, RatingCountsAgain, RatingGiven, RatingSetAside

#: How long a link takes an answer.
OPEN_DAYS = 60
MOST_TEXT = 2_000
_AT_ONCE = 200
_PURPOSE = "customer's rating"


def ask_customers() -> int:
    """Asks the customers of the next deals whose day has come; answers how many. Nothing while asking is off."""
    if RATING_DAYS.value() == 0:
        return 0
    asked: set[str] = set()
    for deal in session.scalars(deals_to_ask_about(clock.now()).limit(_AT_ONCE)).unique().all():
        email = (deal.email or "").strip().lower()
        if email not in asked:
            asked.add(email)
            ask_customer(deal)
    return len(asked)


def ask_customer(deal: Deal) -> Rating:
    """Writes the question about a deal and sends it; there is one a deal."""
    email = (deal.email or "").strip().lower() or None
    rating = Rating(
        deal=deal,
        partner=deal.partner,
        customer_id=deal.customer_id,
        email=email,
        asked_at=clock.now(),
        open_until=clock.now() + timedelta(days=OPEN_DAYS),
    )
    session.add(rating)
    session.flush()
    announce(RatingAsked(rating, None))
    return rating


def path_of(rating: Rating) -> str:
    """Where the customer answers without signing in: nobody else knows the address."""
    return f"/ratings/{rating.id}/{_signature(rating.id)}"


def rating_by_link(rating_id: int, signature: str) -> Rating | None:
    """The question of a link; ``None`` for a link that we have not made."""
    if not signing.same(_signature(rating_id), signature):
        return None
    return session.get(Rating, rating_id)


def _signature(rating_id: int) -> str:
    return signing.sign(_PURPOSE, str(rating_id))[:40]


def answer_rating(rating: Rating, *, stars: int | None, was_partner: bool | None, text: str) -> None:
    """Keeps the customer's one answer. Raises InvalidInput by field, Refusal once answered or too late."""
    lock(rating)
    if rating.answered_at is not None:
        raise Refusal(_("You have answered already. Thank you."))
    if rating.open_until <= clock.now():
        raise Refusal(_("This question is closed. Thank you all the same."))
    problems: dict[str, str] = {}
    if stars is None or not 1 <= stars <= MOST_STARS:
        problems["stars"] = _("Choose one to five stars.")
    if was_partner is None:
        problems["was_partner"] = _("Choose one of the list.")
    if len(text.strip()) > MOST_TEXT:
        problems["text"] = _("At most %(most)s characters.", most=MOST_TEXT)
    if problems:
        raise InvalidInput(problems)
    rating.answered_at, rating.stars, rating.was_partner = clock.now(), stars, was_partner
    rating.text = text.strip()
    session.flush()
    announce(RatingGiven(rating, None))


def stop_asking(rating: Rating) -> None:
    """This mailbox gets no question any more; the second time changes nothing."""
    lock(rating)
    if rating.stopped_at is None:
        rating.stopped_at = clock.now()
        session.flush()


def set_aside(rating: Rating, *, reason: str, by: User) -> None:
    """An answer that is no customer's, or about something else, counts no more. Raises InvalidInput at ``reason``."""
    lock(rating)
    if rating.answered_at is None:
        raise Refusal(_("There is no answer yet."))
    if rating.set_aside_at is not None:
        raise Refusal(_("That answer has been set aside already."))
    if len(reason.strip()) < 3:
        raise InvalidInput({"reason": _("Say why, in a sentence.")})
    rating.set_aside_at = clock.now()
    rating.set_aside_because, rating.set_aside_by_name = reason.strip()[:500], by.name
    session.flush()
    announce(RatingSetAside(rating, by, reason=reason.strip()[:500]))


def count_again(rating: Rating, *, by: User) -> None:
    """Takes back that an answer was set aside."""
    lock(rating)
    if rating.set_aside_at is None:
        raise Refusal(_("That answer counts."))
    rating.set_aside_at, rating.set_aside_because, rating.set_aside_by_name = None, "", ""
    session.flush()
    announce(RatingCountsAgain(rating, by))
