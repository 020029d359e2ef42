"""Signing in and out, passwords, and showing once more who one is."""

import sqlalchemy as sa

from accounts import passwords, queries, signals
from accounts.models import SESSION_LENGTH, OneTimeToken, SignIn, User, digest, new_secret
from accounts.operations import factors
from accounts.operations.tokens import spend_token
from core import clock
from core.activity import Actor
from core.database import session
from core.errors import InvalidInput
from core.i18n import gettext as _
from core.signals import announce


def sign_in(email: str, password: str, *, address: str, browser: str) -> tuple[User, str]:
    """Opens a session; answers the user and the secret for the cookie.

    Where the person has a second factor it is half a session, which :func:`finish_signing_in` makes whole. Raises
    InvalidInput with one sentence, and after the same time, whatever was wrong.
    """
    user = queries.user_by_email(email)
    right = passwords.verify(user.password_hash if user is not None else None, password)
    if user is None or not right or user.suspended_at is not None or user.is_machine:
        raise InvalidInput({"password": _("E-mail and password do not go together.")})
    return user, open_sign_in(user, address=address, browser=browser)


def open_sign_in(user: User, *, address: str, browser: str, is_proved_twice: bool = False) -> str:
    """Opens a session for somebody whose password, link or passkey was right; answers the secret for the cookie.

    It stays half a session for somebody with a second factor, unless they have proved themselves twice already: by a
    passkey that asked for a finger or a PIN, or at the identity provider.
    """
    secret = new_secret()
    is_halfway = user.has_two_factors and not is_proved_twice
    session.add(
        SignIn(
            user=user,
            token_digest=digest(secret),
            created_at=clock.now(),
            confirmed_at=clock.now(),
            expires_at=clock.now() + SESSION_LENGTH,
            address=address,
            browser=browser[:200],
            is_halfway=is_halfway,
        )
    )
    if not is_halfway:
        announce(signals.SignedIn(user, user))
    return secret


def finish_signing_in(sign_in_row: SignIn) -> str:
    """Makes half a session whole, after the second factor; answers a new secret for the cookie."""
    secret = new_secret()
    sign_in_row.token_digest = digest(secret)
    sign_in_row.is_halfway = False
    sign_in_row.confirmed_at = clock.now()
    announce(signals.SignedIn(sign_in_row.user, sign_in_row.user))
    return secret


def confirm_password(sign_in_row: SignIn, password: str, code: str = "") -> None:
    """Shows once more who one is before something that matters; holds for ten minutes.

    Whoever has a second factor shows both. Raises InvalidInput at ``password`` or ``code``.
    """
    user = sign_in_row.user
    if not passwords.verify(user.password_hash, password):
        raise InvalidInput({"password": _("That is not your password.")})
    if user.has_two_factors:
        factors.spend_code(user, code)
    confirm_identity(sign_in_row)


def confirm_identity(sign_in_row: SignIn) -> None:
    """Notes that this very person is here now: by a passkey or at the identity provider."""
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


def reset_password(token: OneTimeToken, *, password: str) -> User:
    """Sets a new password by a mailed link and ends every session. A second factor stays as it is."""
    user = token.user
    refuse_weakness(password, user)
    spend_token(token)
    _set_password(user, password)
    return user


def change_password(user: User, *, old: str, new: str) -> None:
    """Sets a new password and ends every session, this one included (sign in again). Raises InvalidInput."""
    if not passwords.verify(user.password_hash, old):
        raise InvalidInput({"old_password": _("That is not your password.")})
    refuse_weakness(new, user, field="password")
    _set_password(user, new)


def refuse_weakness(password: str, user: User, field: str = "password") -> None:
    complaint = passwords.weakness(password, about=(user.email, user.name))
    if complaint is not None:
        raise InvalidInput({field: complaint})


def _set_password(user: User, password: str) -> None:
    user.password_hash = passwords.hash_password(password)
    user.password_changed_at = clock.now()
    end_every_sign_in(user)
    announce(signals.PasswordChanged(user, user))
