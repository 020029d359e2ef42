"""Asking somebody to join one's firm. Whether they sign in here already, only the mail to their address says.

Nobody becomes a member, and nothing looks at who has the address, before the mail is written by the worker. So the
page says the same, shows the same and takes as long for an address that is new and for one that is somebody's.
"""

import sqlalchemy as sa

from accounts import operations as accounts
from accounts import passwords
from accounts.models import User, digest, new_secret
from accounts.permissions import Role
from core import clock, jobs
from core.bounces import settle_address
from core.database import lock, session
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from core.signals import announce
from partners import signals
from partners.models import INVITATION_LIFE, Invitation, Member, Partner
from partners.operations.members import checked_person, join_firm
from partners.queries.invitations import invitations_of, mail_came_back
from partners.queries.members import active_members

JOB = "partners.mail-invitation"

#: So many people can be invited by one firm at a time.
MOST_OPEN = 100


def invite_colleague(partner: Partner, *, email: str, name: str, role: Role | str, by: User) -> Invitation:
    """Asks somebody to join the firm; the link they get by mail works for seven days.

    Raises InvalidInput by field; of the address it tells what the firm's own list tells, and nothing else.
    """
    lock(partner)
    address = checked_person(email, name, role)
    if partner.has_left:
        raise Refusal(_("%(name)s has left already.", name=partner.name))
    if session.scalar(active_members(partner).where(User.email == address)) is not None:
        raise InvalidInput({"email": _("They are one of your people already.")})
    row = session.scalar(invitations_of(partner).where(Invitation.email == address))
    if row is not None and row.is_open:
        raise InvalidInput({"email": _("They are invited already. The list can send it once more.")})
    if row is None:
        _refuse_too_many(partner)
        row = Invitation(partner_id=partner.id, email=address)
        session.add(row)
    row.name, row.role, row.locale = name.strip(), Role(role), by.locale
    row.invited_by_id, row.invited_at = by.id, clock.now()
    _send(row)
    announce(signals.ColleagueInvited(row, by, role=str(role)))
    return row


def _refuse_too_many(partner: Partner) -> None:
    open_ones = invitations_of(partner).where(Invitation.expires_at > clock.now()).order_by(None)
    if (session.scalar(sa.select(sa.func.count()).select_from(open_ones.subquery())) or 0) >= MOST_OPEN:
        raise Refusal(_("%(most)s people are invited already. Withdraw some first.", most=MOST_OPEN))


def _send(row: Invitation) -> None:
    row.sent_at = clock.now()
    row.expires_at = row.sent_at + INVITATION_LIFE
    session.flush()
    jobs.enqueue(JOB, {"invitation": row.id})


def invite_colleague_again(row: Invitation, *, by: User) -> None:
    """Mails a fresh link, which works for seven days from now; the one before stops working."""
    row = _held(row)
    if mail_came_back([row]):
        settle_address(row.email)
    _send(row)
    announce(signals.ColleagueInvitedAgain(row, by))


def withdraw_invitation(row: Invitation, *, by: User) -> None:
    """The link works no more, and nothing of the invitation is kept."""
    row = _held(row)
    announce(signals.ColleagueInvitationWithdrawn(row, by))
    session.delete(row)
    session.flush()


def new_link(row: Invitation) -> str:
    """The secret of a fresh link, for the mail; the one before stops working."""
    secret = new_secret()
    row.token_digest = digest(secret)
    session.flush()
    return secret


def accept_colleague_invitation(row: Invitation, *, name: str, password: str) -> User:
    """Makes whoever has the mailbox a member, who signs in with ``password`` from now on.

    Raises InvalidInput at ``password``, Refusal when the link works no more or when they belong elsewhere still.
    """
    row = _held(row)
    if not row.is_open or row.partner.has_left:
        raise Refusal(_("This invitation is over. Ask for another one."))
    complaint = passwords.weakness(password, about=(row.email, name, row.partner.name))
    if complaint is not None:
        raise InvalidInput({"password": complaint})
    member = join_firm(
        row.partner,
        address=row.email,
        name=name.strip() or row.name,
        role=row.role,
        locale=row.locale,
        by=None,
    )
    accounts.come_in(member.user, name=name, password=password)
    announce(signals.ColleagueInvitationAccepted(row, member.user, member_id=member.id))
    session.delete(row)
    session.flush()
    return member.user


def _held(row: Invitation) -> Invitation:
    """The row as it is now, while nobody else changes it. Raises Refusal when it is gone."""
    lock(row.partner)
    fresh = session.scalar(
        sa.select(Invitation).where(Invitation.id == row.id).execution_options(populate_existing=True)
    )
    if fresh is None:
        raise Refusal(_("This invitation is over. Ask for another one."))
    return fresh


def move_invitations(duplicate: Partner, survivor: Partner) -> None:
    """Of a firm that was merged: whoever was invited comes to the firm that stays, unless they are there already."""
    known = sa.select(Invitation.email).where(Invitation.partner_id == survivor.id)
    people = (
        sa.select(User.email)
        .join(Member, Member.user_id == User.id)
        .where(Member.partner_id == survivor.id, Member.left_at.is_(None))
    )
    theirs = Invitation.partner_id == duplicate.id
    session.execute(
        sa.delete(Invitation)
        .where(theirs, sa.or_(Invitation.email.in_(known), Invitation.email.in_(people)))
        .execution_options(synchronize_session=False)
    )
    session.execute(
        sa.update(Invitation)
        .where(theirs)
        .values(partner_id=survivor.id)
        .execution_options(synchronize_session=False)
    )
