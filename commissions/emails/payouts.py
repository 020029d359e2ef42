"""Mail about money: to the people at a partner who deal with it, and to the vendor's finance."""

import re
from collections.abc import Iterable

import sqlalchemy as sa

from accounts.models import User
from accounts.permissions import Role
from accounts.queries import active_staff_with
from commissions.models import Payout, PayoutProfile, Statement
from core import mail
from core.activity import Actor
from core.database import session
from core.mail import absolute_url
from partners.models import Partner
from partners.queries import active_members


def _money_people(partner: Partner) -> Iterable[User]:
    """The firm's admins and finance people who can sign in."""
    roles = {Role.PARTNER_ADMIN, Role.PARTNER_FINANCE}
    for member in session.scalars(active_members(partner)):
        if member.user.role in roles and member.user.suspended_at is None:
            yield member.user


def _plain(text: str) -> str:
    """Somebody's text without the signs that mail would take for formatting or a link."""
    return " ".join(re.sub(r"[\[\]()<>`*_~#|\\]|https?://|www\.", " ", text).split())[:200]


def _staff(*roles: Role) -> list[User]:
    return [person for role in roles for person in session.scalars(active_staff_with(role))]


def say_that_money_comes(payout: Payout) -> None:
    """To the partner: how much, to where, for which lines."""
    for person in _money_people(payout.partner):
        mail.send(
            "commissions/emails/payout_paid",
            to=person.email,
            locale=person.locale,
            key=f"payout:{payout.id}:paid:{person.id}",
            person=person,
            payout=payout,
            place=_plain(payout.said_destination),
            lines=_number_of_lines(payout),
            url=absolute_url(f"/payouts/{payout.id}"),
        )


def _number_of_lines(payout: Payout) -> int:
    from commissions.models import PayoutLine

    query = sa.select(sa.func.count()).where(PayoutLine.payout_id == payout.id)
    return session.scalar(query) or 0


def say_that_a_payout_failed(payout: Payout, reason: str) -> None:
    """To the partner, who may have to correct the details, and to finance, who decide what next."""
    for person in (*_money_people(payout.partner), *_staff(Role.FINANCE)):
        mail.send(
            "commissions/emails/payout_failed",
            to=person.email,
            locale=person.locale,
            key=f"payout:{payout.id}:{payout.attempt}:{payout.status}:{person.id}",
            person=person,
            payout=payout,
            partner=_plain(payout.partner.name),
            reason=_plain(reason),
            url=absolute_url(f"/staff/payouts/{payout.id}" if person.is_staff else "/payout-profile"),
        )


def say_that_details_changed(profile: PayoutProfile, by: Actor | None) -> None:
    """To every admin of the firm and the vendor's finance: money goes somewhere else from now on."""
    for person in (*_money_people(profile.partner), *_staff(Role.FINANCE)):
        mail.send(
            "commissions/emails/profile_changed",
            to=person.email,
            locale=person.locale,
            person=person,
            profile=profile,
            partner=_plain(profile.partner.name),
            place=_plain(profile.said),
            who=_plain(str(by.name)) if by is not None else None,
        )


def say_that_a_statement_is_there(statement: Statement) -> None:
    """To the partner: a month is closed."""
    for person in _money_people(statement.partner):
        mail.send(
            "commissions/emails/statement_issued",
            to=person.email,
            locale=person.locale,
            key=f"statement:{statement.id}:{person.id}",
            person=person,
            statement=statement,
            url=absolute_url(f"/statements/{statement.number}"),
        )


def raise_the_alarm(problems: list[str], *, key: str) -> None:
    """To whoever runs the programme and to finance: the books do not prove themselves."""
    for person in _staff(Role.PROGRAMME_ADMIN, Role.FINANCE):
        mail.send(
            "commissions/emails/audit_failed",
            to=person.email,
            locale=person.locale,
            key=f"{key}:{person.id}",
            person=person,
            problems=problems[:20],
            number=len(problems),
        )
