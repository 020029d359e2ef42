"""The verbs of accounts: invite, sign in and out, passwords, keys, suspension."""

from datetime import datetime

import sqlalchemy as sa

from accounts import passwords, queries, signals
from accounts.models import (
    KEY_PREFIX,
    SESSION_LENGTH,
    TOKEN_LIVES,
    ApiKey,
    OneTimeToken,
    SignIn,
    TokenPurpose,
    User,
    digest,
    new_secret,
)
from accounts.permissions import SCOPES, Role
from core import clock
from core.activity import Actor
from core.database import aside, lock, session
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


def issue_token(user: User, purpose: TokenPurpose, *, email: str | None = None) -> str:
    """A one-time secret for a mailed link; earlier ones of the same purpose stop working."""
    session.execute(
        sa.update(OneTimeToken)
        .where(
            OneTimeToken.user_id == user.id, OneTimeToken.purpose == purpose, OneTimeToken.used_at.is_(None)
        )
        .values(used_at=clock.now())
    )
    secret = new_secret()
    session.add(
        OneTimeToken(
            user=user,
            purpose=purpose,
            token_digest=digest(secret),
            email=email or user.email,
            created_at=clock.now(),
            expires_at=clock.now() + TOKEN_LIVES[purpose],
        )
    )
    session.flush()
    return secret


def spend_token(token: OneTimeToken) -> None:
    """Uses a token up. Raises Refusal when somebody was faster: a link works once."""
    used = session.execute(
        sa.update(OneTimeToken)
        .where(OneTimeToken.id == token.id, OneTimeToken.used_at.is_(None))
        .values(used_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    if used.rowcount != 1:  # type: ignore[attr-defined]
        raise Refusal(_("This link has been used already."))


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
    _refuse_weakness(password, user)
    spend_token(token)
    user.name = name.strip() or user.name
    user.password_hash = passwords.hash_password(password)
    user.password_changed_at = clock.now()
    announce(signals.InvitationAccepted(user, user))
    return user


def reset_password(token: OneTimeToken, *, password: str) -> User:
    """Sets a new password by a mailed link and ends every session."""
    user = token.user
    _refuse_weakness(password, user)
    spend_token(token)
    _set_password(user, password)
    return user


def change_password(user: User, *, old: str, new: str) -> None:
    """Sets a new password and ends every session, this one included (sign in again). Raises InvalidInput."""
    if not passwords.verify(user.password_hash, old):
        raise InvalidInput({"old_password": _("That is not your password.")})
    _refuse_weakness(new, user, field="password")
    _set_password(user, new)


def _refuse_weakness(password: str, user: User, field: str = "password") -> None:
    complaint = passwords.weakness(password, about=(user.email, user.name))
    if complaint is not None:
        raise InvalidInput({field: complaint})


def _set_password(user: User, password: str) -> None:
    user.password_hash = passwords.hash_password(password)
    user.password_changed_at = clock.now()
    end_every_sign_in(user)
    announce(signals.PasswordChanged(user, user))


def sign_in(email: str, password: str, *, address: str, browser: str) -> tuple[User, str]:
    """Opens a session; answers the user and the secret for the cookie.

    Raises InvalidInput with one sentence, and after the same time, whatever was wrong.
    """
    user = queries.user_by_email(email)
    right = passwords.verify(user.password_hash if user is not None else None, password)
    if user is None or not right or user.suspended_at is not None or user.is_machine:
        raise InvalidInput({"password": _("E-mail and password do not go together.")})
    return user, open_sign_in(user, address=address, browser=browser)


def open_sign_in(user: User, *, address: str, browser: str) -> str:
    """Opens a session for somebody who has proved who they are; answers the secret for the cookie."""
    secret = new_secret()
    session.add(
        SignIn(
            user=user,
            token_digest=digest(secret),
            created_at=clock.now(),
            confirmed_at=clock.now(),
            expires_at=clock.now() + SESSION_LENGTH,
            address=address,
            browser=browser[:200],
        )
    )
    announce(signals.SignedIn(user, user))
    return secret


def confirm_password(sign_in_row: SignIn, password: str) -> None:
    """Types the password again before something that matters; holds for ten minutes. Raises InvalidInput."""
    if not passwords.verify(sign_in_row.user.password_hash, password):
        raise InvalidInput({"password": _("That is not your password.")})
    sign_in_row.confirmed_at = clock.now()


def sign_out(sign_in_row: SignIn, *, by: Actor) -> None:
    """Ends one session."""
    sign_in_row.ended_at = clock.now()
    announce(signals.SignedOut(sign_in_row.user, by))


def end_every_sign_in(user: User) -> None:
    """Ends every session of ``user``."""
    session.execute(
        sa.update(SignIn)
        .where(SignIn.user_id == user.id, SignIn.ended_at.is_(None))
        .values(ended_at=clock.now())
    )


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
        _refuse_to_lose_the_last_admin(user)
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
        _refuse_to_lose_the_last_admin(user)
    user.suspended_at = clock.now()
    end_every_sign_in(user)
    announce(signals.PersonSuspended(user, by))


def reinstate_person(user: User, *, by: Actor | None) -> None:
    """Lets ``user`` sign in again."""
    lock(user)
    if user.suspended_at is None:
        raise Refusal(_("%(name)s is not suspended.", name=user.name))
    user.suspended_at = None
    announce(signals.PersonReinstated(user, by))


def _refuse_to_lose_the_last_admin(user: User) -> None:
    others = session.scalars(
        queries.active_staff_with(Role.PROGRAMME_ADMIN).where(User.id != user.id).with_for_update()
    ).first()
    if others is None:
        raise Refusal(_("%(name)s is the last programme admin. Name another one first.", name=user.name))


def make_api_key(
    *,
    name: str,
    scopes: list[str],
    user: User | None = None,
    expires_at: datetime | None = None,
    addresses: list[str] | None = None,
    by: Actor | None,
) -> tuple[ApiKey, str]:
    """Makes a key and answers it with its secret, which is shown once.

    ``user`` is the machine it acts as (partners bind one to a firm); without one a new machine of the vendor is made.
    Raises InvalidInput at ``scopes`` for an unknown scope.
    """
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown or not scopes:
        raise InvalidInput({"scopes": _("Choose from %(scopes)s.", scopes=", ".join(SCOPES))})
    if user is None:
        user = make_machine(name=name)
    user.scopes = sorted(scopes)
    secret = f"{KEY_PREFIX}{new_secret()}"
    key = ApiKey(
        user=user,
        name=name,
        prefix=secret[:10],
        key_digest=digest(secret),
        scopes=sorted(scopes),
        addresses=addresses or [],
        created_at=clock.now(),
        created_by_id=by.id if by is not None else None,
        expires_at=expires_at,
    )
    session.add(key)
    session.flush()
    announce(signals.KeyMade(key, by))
    return key, secret


def make_machine(*, name: str) -> User:
    """A user without a person, for a key to act as."""
    return make_user(email=f"machine-{new_secret()[:16].lower()}@invalid", name=name, role=Role.MACHINE)


def revoke_api_key(key: ApiKey, *, by: Actor | None) -> None:
    """Stops a key from working, at once."""
    lock(key)
    if key.revoked_at is not None:
        raise Refusal(_("This key has been revoked already."))
    key.revoked_at = clock.now()
    announce(signals.KeyRevoked(key, by))


def note_use(key: ApiKey, *, apart: bool) -> None:
    """Notes that a key was used just now; ``apart`` from the request's own transaction when that one only reads."""
    statement = (
        sa.update(ApiKey)
        .where(ApiKey.id == key.id)
        .values(last_used_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    if apart:
        with aside() as own:
            own.execute(statement)
    else:
        session.execute(statement)


def make_first_admin(*, email: str, name: str, password: str, locale: str | None) -> User:
    """The first programme admin of a fresh installation. Raises InvalidInput at ``password``."""
    complaint = passwords.weakness(password, about=(email, name))
    if complaint is not None:
        raise InvalidInput({"password": complaint})
    user = make_user(email=email, name=name, role=Role.PROGRAMME_ADMIN, locale=locale, password=password)
    announce(signals.InvitationAccepted(user, user))
    return user
