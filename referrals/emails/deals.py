"""What is written to both sides about deals."""

import re
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from accounts.models import User
from accounts.permissions import Permission
from accounts.queries import staff
from core import mail
from core.database import session
from partners.queries import people_who_may
from referrals.models.deals import Deal


def _sellers(deal: Deal) -> Iterable[User]:
    """The deal's owner, or everybody of the firm who works on deals."""
    people = people_who_may(deal.partner, Permission.DEALS_WORK)
    own = [user for user in people if user.id == deal.owner_id]
    return own or people


def _reviewers(deal: Deal) -> Iterable[User]:
    """The partner's manager at the vendor, or everybody who decides about deals."""
    people = [
        user for user in session.scalars(staff().where(User.suspended_at.is_(sa.null()))) if _decides(user)
    ]
    own = [user for user in people if user.id == deal.partner.manager_id]
    return own or people


def _decides(user: User) -> bool:
    return user.has_signed_up and user.may(Permission.DEALS_REVIEW)


def plain(text: str | None) -> str:
    """Without the signs that mail would take for formatting or a link."""
    return " ".join(re.sub(r"[\[\]()<>`*_~#|\\]|https?://|www\.", " ", text or "").split())[:400]


def tell_partner(name: str, deal: Deal, *, key: str, **context: Any) -> None:
    """Writes ``referrals/emails/<name>`` to the people of the deal's partner."""
    _send(name, deal, _sellers(deal), key, context)


def tell_vendor(name: str, deal: Deal, *, key: str, **context: Any) -> None:
    """Writes ``referrals/emails/<name>`` to whoever decides at the vendor."""
    _send(name, deal, _reviewers(deal), key, context)


def _send(name: str, deal: Deal, people: Iterable[User], key: str, context: dict[str, Any]) -> None:
    for user in people:
        mail.send(
            f"referrals/emails/{name}",
            to=user.email,
            locale=user.locale,
            key=f"deal:{key}:{deal.id}:{user.id}",
            name=user.name,
            company=plain(deal.company),
            number=deal.number,
            partner=plain(deal.partner.name),
            deal_url=mail.absolute_url(f"/deals/{deal.id}"),
            **{word: plain(value) if isinstance(value, str) else value for word, value in context.items()},  # type: ignore[arg-type]
        )
