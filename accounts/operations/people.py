"""Who is there: inviting, changing, suspending."""

from accounts import passwords, queries, signals
from accounts.models import OneTimeToken, TokenPurpose, User, new_secret
from accounts.operations.factors import reset_factors
from accounts.operations.signing_in import end_every_sign_in, refuse_weakness
from accounts.operations.tokens import drop_tokens, issue_token, spend_token
from accounts.permissions import Role
from core import clock
from core.activity import Actor
from core.bounces import settle_address
from core.database import lock, session
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from core.signals import announce


def make_user(
    *, email: str, name: str, role: Role, locale: str | None = None, password: str | None = None
) -> User:
    """Adds a user. Raises Refusal when somebody already signs in with that address."""
    email = email.strip().lower()
    if queries.user_by_email(email) is not None:
        raise Refusal(_("Somebody already signs in with %(email)s.", email=email))
    user = User(
        email=email, name=name.strip(), role=role, locale=locale, theme="auto", created_at=clock.now()
    )
    if password is not None:
        user.password_hash = passwords.hash_password(password)
        user.password_changed_at = clock.now()
    session.add(user)
    session.flush()
    return user


def invite_person(
    *, email: str, name: str, role: Role, locale: str | None = None, by: Actor | None
) -> tuple[User, str]:
    """Adds somebody without a password and answers them with the secret of their invitation link."""
    user = make_user(email=email, name=name, role=role, locale=locale)
    secret = issue_token(user, TokenPurpose.INVITATION)
    announce(signals.PersonInvited(user, by))
    return user, secret


def invite_again(user: User, *, by: Actor | None) -> str:
    """A new invitation link; the old one stops working."""
    if user.has_signed_up:
        raise Refusal(_("%(name)s has already signed up.", name=user.name))
    secret = issue_token(user, TokenPurpose.INVITATION)
    announce(signals.PersonInvited(user, by))
    return secret


def accept_invitation(token: OneTimeToken, *, name: str, password: str) -> User:
    """Sets the first password. Raises InvalidInput at ``password``, Refusal when the link is used up."""
    user = token.user
    refuse_weakness(password, user)
    spend_token(token)
    come_in(user, name=name, password=password)
    return user


def come_in(user: User, *, name: str, password: str) -> None:
    """Sets the password of somebody who has proved their mailbox, and the name they go by."""
    user.name = name.strip() or user.name
    user.password_hash = passwords.hash_password(password)
    user.password_changed_at = clock.now()
    announce(signals.InvitationAccepted(user, user))


def change_person(
    user: User,
    *,
    name: str,
    role: Role | None = None,
    locale: str | None = None,
    time_zone: str | None = None,
    theme: str = "auto",
    by: Actor | None,
) -> None:
    """Changes what stands about a person. The last programme admin stays one."""
    after = {
        "name": name.strip(),
        "role": str(role or user.role),
        "locale": locale or "",
        "time_zone": time_zone or "",
        "theme": theme,
    }
    before = {field: str(getattr(user, field) or "") for field in after}
    if before == after:
        return
    if user.role is Role.PROGRAMME_ADMIN and role not in (None, Role.PROGRAMME_ADMIN):
        refuse_to_lose_the_last_admin(user)
    user.name = after["name"]
    user.role = role or user.role
    user.locale = locale or None
    user.time_zone = time_zone or None
    user.theme = theme
    announce(signals.PersonChanged(user, by, before=before, after=after))


def suspend_person(user: User, *, by: Actor | None) -> None:
    """Ends the sessions and keys of ``user``, who may not sign in until reinstated."""
    lock(user)
    if user.suspended_at is not None:
        raise Refusal(_("%(name)s is already suspended.", name=user.name))
    if by is not None and by.id == user.id:
        raise Refusal(_("You cannot suspend yourself."))
    if user.role is Role.PROGRAMME_ADMIN:
        refuse_to_lose_the_last_admin(user)
    user.suspended_at = clock.now()
    end_every_sign_in(user)
    announce(signals.PersonSuspended(user, by))


def reinstate_person(user: User, *, by: Actor | None) -> None:
    """Lets ``user`` sign in again."""
    lock(user)
    if user.is_erased:
        raise Refusal(_("The data of this person was erased."))
    if user.suspended_at is None:
        raise Refusal(_("%(name)s is not suspended.", name=user.name))
    user.suspended_at = None
    announce(signals.PersonReinstated(user, by))


def begin_anew(user: User, *, by: Actor | None) -> None:
    """Forgets password and second factors, so that only a new invitation to their mailbox lets ``user`` in."""
    lock(user)
    user.password_hash = None
    if user.two_factor_since is not None:
        reset_factors(user, by=by)
    end_every_sign_in(user)


def refuse_to_lose_the_last_admin(user: User) -> None:
    others = session.scalars(
        queries.active_staff_with(Role.PROGRAMME_ADMIN).where(User.id != user.id).with_for_update()
    ).first()
    if others is None:
        raise Refusal(_("%(name)s is the last programme admin. Name another one first.", name=user.name))


def make_machine(*, name: str) -> User:
    """A user without a person, for a key to act as."""
    return make_user(email=f"machine-{new_secret()[:16].lower()}@invalid", name=name, role=Role.MACHINE)


def make_first_admin(*, email: str, name: str, password: str, locale: str | None) -> User:
    """The first programme admin of a fresh installation. Raises InvalidInput at ``password``."""
    complaint = passwords.weakness(password, about=(email, name))
    if complaint is not None:
        raise InvalidInput({"password": complaint})
    user = make_user(email=email, name=name, role=Role.PROGRAMME_ADMIN, locale=locale, password=password)
    announce(signals.InvitationAccepted(user, user))
    return user


def change_email(token: OneTimeToken) -> User:
    """The new address was reached, so it is the one to sign in with; links mailed to the old one stop working."""
    user = lock(token.user)
    before, after = user.email, token.email
    spend_token(token)
    if queries.user_by_email(after) is not None:
        raise Refusal(_("Somebody already signs in with %(email)s.", email=after))
    drop_tokens(user)
    user.email = after
    session.flush()
    settle_address(before)
    announce(signals.EmailChanged(user, user, before=before, after=after))
    return user
