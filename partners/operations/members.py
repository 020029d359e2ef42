"""The people of a firm, and the keys of its machines."""

import sqlalchemy as sa

from accounts import operations as accounts
from accounts import queries as people
from accounts.models import ApiKey, User
from accounts.permissions import PARTNER_ROLES, Role
from core import clock, contacts
from core.activity import Actor
from core.bounces import bounced_among, settle_address
from core.database import lock, session
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from core.signals import announce
from partners import signals
from partners.models import Invitation, Member, Partner
from partners.queries.leaving import successors_of
from partners.queries.members import admins_of, forget_memberships

LONGEST_NOTE = 2000

#: What a firm's own machine may be allowed to do; it sees that firm's rows only.
PARTNER_SCOPES = (
    "leads:read",
    "leads:write",
    "deals:write",
    "conflicts:read",
    "sales:read",
    "partners:read",
    "balances:read",
    "disputes:read",
    "disputes:write",
    "certificates:read",
)


def add_member(
    partner: Partner,
    *,
    email: str,
    name: str,
    role: Role | str,
    password: str | None = None,
    locale: str | None = None,
    by: Actor | None,
) -> Member:
    """Adds a person to a firm. Without a ``password`` they are invited by mail.

    Who left a firm is the same person in the next: name, certificates and learning come along. Into the same firm they
    come back with their password; into another, they follow a new invitation, which proves that the mailbox is
    still theirs. Raises InvalidInput by field, Refusal when the address belongs to somebody who has not left.
    """
    lock(partner)
    address = checked_person(email, name, role)
    member = join_firm(
        partner, address=address, name=name, role=Role(role), locale=locale, password=password, by=by
    )
    asked = sa.delete(Invitation).where(Invitation.partner_id == partner.id, Invitation.email == address)
    session.execute(asked)
    if not member.user.has_signed_up:
        announce(signals.MemberInvited(member, by))
    return member


def checked_person(email: str, name: str, role: Role | str) -> str:
    """The address of a member to be, written one way. Raises InvalidInput by field."""
    if role not in PARTNER_ROLES:
        raise InvalidInput({"role": _("Choose one of the list.")})
    address = contacts.normalise_email(email)
    if address is None:
        raise InvalidInput({"email": _("Type an e-mail address, such as name@example.com.")})
    if not name.strip():
        raise InvalidInput({"name": _("This is needed.")})
    return address


def join_firm(
    partner: Partner,
    *,
    address: str,
    name: str,
    role: Role,
    locale: str | None,
    password: str | None = None,
    by: Actor | None,
) -> Member:
    """Makes whoever has the ``address`` a member. Raises Refusal when they have not left where they are."""
    member = _who_left(address)
    if member is not None:
        if member.partner_id != partner.id:
            _move(member, partner, by=by)
        member.left_at = None
        member.joined_at = clock.now()
        if member.user.suspended_at is not None:
            accounts.reinstate_person(member.user, by=by)
        member.user.role = role
    else:
        user = accounts.make_user(email=address, name=name, role=role, locale=locale, password=password)
        member = Member(user=user, partner=partner, joined_at=clock.now())
        session.add(member)
    session.flush()
    forget_memberships()
    announce(signals.MemberJoined(member, by))
    return member


def _who_left(address: str) -> Member | None:
    """The person with that address who belonged to a firm and left it; two firms that ask at once wait here."""
    user = people.user_by_email(address)
    if user is None or user.role not in PARTNER_ROLES:
        return None
    member = session.scalar(sa.select(Member).where(Member.user_id == user.id, Member.left_at.is_not(None)))
    if member is None or lock(member).is_active:
        return None
    return member


def _move(member: Member, partner: Partner, *, by: Actor | None) -> None:
    """From the firm that was left to ``partner``; what opened the door there opens none here."""
    before = member.partner
    accounts.begin_anew(member.user, by=by)
    member.partner = partner
    session.flush()
    announce(signals.MemberMoved(member, by, before=before.name))


def invite_member_again(member: Member, *, by: Actor | None) -> None:
    """Sends a fresh invitation; the one before stops working."""
    if not member.is_active or member.user.has_signed_up:
        raise Refusal(_("%(name)s has already signed up.", name=member.user.name))
    settle_address(member.user.email)
    announce(signals.MemberInvited(member, by))


def see_to_member_mail(member: Member, *, by: Actor | None) -> None:
    """Mail reaches the person again: what came back is over. The next one that comes back is shown anew."""
    if member.user.email not in bounced_among([member.user.email]):
        raise Refusal(_("That has been seen to already."))
    settle_address(member.user.email)
    announce(signals.MemberMailSeenTo(member, by))


def change_member_role(member: Member, role: Role | str, *, by: Actor | None) -> None:
    """Gives a person another role of the firm; they sign in anew. The last admin stays one."""
    lock(member.partner)
    if role not in PARTNER_ROLES:
        raise InvalidInput({"role": _("Choose one of the list.")})
    if not member.is_active:
        raise Refusal(_("%(name)s has left.", name=member.user.name))
    before = member.user.role
    if before == role:
        return
    if member.is_admin:
        _refuse_to_lose_the_last_admin(member)
    member.user.role = Role(role)
    if not member.is_admin:
        forget_invitations_by(member.user)
    accounts.end_every_sign_in(member.user)
    announce(signals.MemberRoleChanged(member, by, before=str(before), after=str(role)))


def remove_member(
    member: Member, *, successor: Member | None = None, note: str = "", by: Actor | None
) -> None:
    """Takes a person out of the firm at once: sessions end, the keys they made stop working.

    What they had open goes to ``successor``, who reads the ``note``; without one it is everybody's of the firm.
    Certificates stay with the person. Raises InvalidInput at ``successor`` or ``note``.
    """
    lock(member.partner)
    if not member.is_active:
        raise Refusal(_("%(name)s has left already.", name=member.user.name))
    if by is not None and by.id == member.user_id:
        raise Refusal(_("You cannot remove yourself. Another admin can."))
    if member.is_admin:
        _refuse_to_lose_the_last_admin(member)
    if successor is not None and successor not in successors_of(member):
        raise InvalidInput({"successor": _("Choose a colleague who works on deals.")})
    if len(note) > LONGEST_NOTE:
        raise InvalidInput({"note": _("It can have at most %(most)s characters.", most=LONGEST_NOTE)})
    member.left_at = clock.now()
    if member.user.suspended_at is None:
        accounts.suspend_person(member.user, by=by)
    for key in session.scalars(
        partner_keys(member.partner).where(ApiKey.created_by_id == member.user_id)
    ).all():
        if key.revoked_at is None:
            accounts.revoke_api_key(key, by=by)
    forget_memberships()
    announce(
        signals.MemberLeft(
            member,
            by,
            successor_id=successor.id if successor is not None else 0,
            successor_name=successor.user.name if successor is not None else "",
            note=note.strip(),
        )
    )


def forget_invitations_by(user: User) -> None:
    """Whoever may no longer invite lets nobody in by a link that is still on its way."""
    session.execute(sa.delete(Invitation).where(Invitation.invited_by_id == user.id))


def _refuse_to_lose_the_last_admin(member: Member) -> None:
    others = session.scalars(admins_of(member.partner).where(Member.id != member.id)).all()
    if not any(other.user.has_signed_up or not member.user.has_signed_up for other in others):
        raise Refusal(
            _(
                "%(name)s is the last admin of %(firm)s. Name another one first.",
                name=member.user.name,
                firm=member.partner.name,
            )
        )


def partner_keys(partner: Partner) -> sa.Select[ApiKey]:
    """The keys bound to a firm, latest first."""
    return (
        sa.select(ApiKey)
        .join(Member, Member.user_id == ApiKey.user_id)
        .join(User, User.id == ApiKey.user_id)
        .where(Member.partner_id == partner.id, User.role == Role.MACHINE)
        .order_by(ApiKey.id.desc())
    )


def make_partner_key(
    partner: Partner, *, name: str, scopes: list[str], by: Actor | None
) -> tuple[ApiKey, str]:
    """Makes a key that acts for the firm and sees its rows only; answers it with its secret, which is shown once."""
    if not name.strip():
        raise InvalidInput({"name": _("This is needed.")})
    if not scopes or set(scopes) - set(PARTNER_SCOPES):
        raise InvalidInput({"scopes": _("Choose from %(scopes)s.", scopes=", ".join(PARTNER_SCOPES))})
    machine = accounts.make_machine(name=f"{name.strip()} ({partner.name})")
    session.add(Member(user=machine, partner=partner, joined_at=clock.now()))
    session.flush()
    forget_memberships()
    return accounts.make_api_key(name=name.strip(), scopes=scopes, user=machine, by=by)


def revoke_partner_key(key: ApiKey, *, by: Actor | None) -> None:
    """Stops a firm's key from working, at once."""
    accounts.revoke_api_key(key, by=by)
