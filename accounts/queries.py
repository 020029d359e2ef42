"""Every question about people."""

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from accounts.models import ApiKey, OneTimeToken, SignIn, TokenPurpose, User, digest
from accounts.permissions import STAFF_ROLES, Role
from core import clock
from core.database import session


def user_by_email(email: str) -> User | None:
    """The user who signs in with ``email``, whatever its case."""
    return session.scalar(sa.select(User).where(User.email == email.strip().lower()))


def open_sign_in(token: str) -> SignIn | None:
    """The session that a cookie's token stands for, if it is still open."""
    found = session.scalar(
        sa.select(SignIn).where(SignIn.token_digest == digest(token)).options(joinedload(SignIn.user))
    )
    return found if found is not None and found.is_open else None


def sign_ins_of(user: User) -> sa.Select[SignIn]:
    """Where ``user`` is signed in, latest first."""
    return (
        sa.select(SignIn)
        .where(SignIn.user_id == user.id, SignIn.ended_at.is_(None), SignIn.expires_at > clock.now())
        .order_by(SignIn.id.desc())
    )


def good_token(purpose: TokenPurpose, secret: str) -> OneTimeToken | None:
    """The unused, unexpired token behind a mailed link."""
    found = session.scalar(
        sa.select(OneTimeToken)
        .where(OneTimeToken.token_digest == digest(secret), OneTimeToken.purpose == purpose)
        .options(joinedload(OneTimeToken.user))
    )
    return found if found is not None and found.is_good else None


def good_key(secret: str) -> ApiKey | None:
    """The key that a ``Bearer`` header holds, if it still works."""
    found = session.scalar(
        sa.select(ApiKey).where(ApiKey.key_digest == digest(secret)).options(joinedload(ApiKey.user))
    )
    return found if found is not None and found.is_good and found.user.suspended_at is None else None


def staff() -> sa.Select[User]:
    """Everybody who works for the vendor, by name."""
    return sa.select(User).where(User.role.in_(STAFF_ROLES)).order_by(User.name, User.id)


def active_staff_with(role: Role) -> sa.Select[User]:
    """The vendor's people of one role who may sign in."""
    return sa.select(User).where(User.role == role, User.suspended_at.is_(None)).order_by(User.id)


def api_keys() -> sa.Select[ApiKey]:
    """Every key, latest first."""
    return sa.select(ApiKey).options(joinedload(ApiKey.user)).order_by(ApiKey.id.desc())


def nobody_is_here_yet() -> bool:
    """True on a fresh installation, before the first programme admin."""
    return session.scalar(sa.select(sa.exists().where(User.role != Role.MACHINE))) is False
