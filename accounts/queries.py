"""Every question about people."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from accounts.models import (
    EXPORT_LIFE,
    ApiKey,
    AuthenticatorApp,
    DataExport,
    Notice,
    OneTimeToken,
    Passkey,
    RecoveryCode,
    SignIn,
    StoppedMail,
    TokenPurpose,
    User,
    digest,
)
from accounts.permissions import STAFF_ROLES, Role
from core import clock
from core.database import session


def user_by_email(email: str) -> User | None:
    """The user who signs in with ``email``, whatever its case."""
    return session.scalar(sa.select(User).where(User.email == email.strip().lower()))


def users_by_email(emails: Sequence[str]) -> dict[str, User]:
    """Who signs in with each of ``emails``."""
    rows = session.scalars(sa.select(User).where(User.email.in_([email.lower() for email in emails])))
    return {row.email: row for row in rows}


def user_by_subject(subject: str) -> User | None:
    """The user whom the identity provider knows by ``subject``."""
    return session.scalar(sa.select(User).where(User.provider_subject == subject))


def open_sign_in(token: str) -> SignIn | None:
    """The session that a cookie's token stands for, if it is still open."""
    found = _sign_in_behind(token)
    return found if found is not None and found.is_open else None


def halfway_sign_in(token: str) -> SignIn | None:
    """The half session that a cookie's token stands for, while it waits for a second factor."""
    found = _sign_in_behind(token)
    return found if found is not None and found.waits_for_a_second_factor else None


# Asked by every page, so built once. Whom somebody looks as is read when there is anybody.
_SIGN_IN = (
    sa.select(SignIn)
    .where(SignIn.token_digest == sa.bindparam("digest"))
    .options(joinedload(SignIn.user, innerjoin=True))
)


def _sign_in_behind(token: str) -> SignIn | None:
    return session.scalar(_SIGN_IN, {"digest": digest(token)})


def sign_ins_of(user: User) -> sa.Select[SignIn]:
    """Where ``user`` is signed in, latest first."""
    return (
        sa.select(SignIn)
        .where(
            SignIn.user_id == user.id,
            SignIn.ended_at.is_(None),
            SignIn.expires_at > clock.now(),
            SignIn.is_halfway.is_(False),
        )
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


def people(roles: Sequence[Role], words: str = "") -> sa.Select[User]:
    """Everybody of ``roles`` whose name or e-mail holds ``words``, by name. Erased people are nobody."""
    query = sa.select(User).where(User.role.in_(roles), User.erased_at.is_(None))
    if words.strip():
        typed = words.strip()[:100]
        query = query.where(
            sa.or_(User.name.icontains(typed, autoescape=True), User.email.icontains(typed, autoescape=True))
        )
    return query.order_by(User.name, User.id)


def active_staff_with(*roles: Role) -> sa.Select[User]:
    """The vendor's people of these roles who may sign in."""
    return sa.select(User).where(User.role.in_(roles), User.suspended_at.is_(None)).order_by(User.id)


def api_keys() -> sa.Select[ApiKey]:
    """Every key, latest first."""
    return sa.select(ApiKey).options(joinedload(ApiKey.user)).order_by(ApiKey.id.desc())


def nobody_is_here_yet() -> bool:
    """True on a fresh installation, before the first programme admin."""
    return session.scalar(sa.select(sa.exists().where(User.role != Role.MACHINE))) is False


def apps_of(user: User) -> sa.Select[AuthenticatorApp]:
    """The authenticator apps of ``user`` that count, the oldest first."""
    return (
        sa.select(AuthenticatorApp)
        .where(AuthenticatorApp.user_id == user.id, AuthenticatorApp.confirmed_at.is_not(None))
        .order_by(AuthenticatorApp.id)
    )


def passkeys_of(user: User) -> sa.Select[Passkey]:
    """The passkeys of ``user``, the oldest first."""
    return sa.select(Passkey).where(Passkey.user_id == user.id).order_by(Passkey.id)


def factors_of(user: User) -> int:
    """How many authenticator apps and passkeys ``user`` has."""
    apps = sa.select(sa.func.count()).select_from(apps_of(user).order_by(None).subquery())
    keys = sa.select(sa.func.count()).select_from(passkeys_of(user).order_by(None).subquery())
    return (session.scalar(apps) or 0) + (session.scalar(keys) or 0)


def recovery_codes_left(user: User) -> int:
    """How many recovery codes ``user`` can still use."""
    query = sa.select(sa.func.count()).where(RecoveryCode.user_id == user.id, RecoveryCode.used_at.is_(None))
    return session.scalar(query) or 0


def notices_of(user: User) -> sa.Select[Notice]:
    """What happened for ``user``, latest first."""
    return sa.select(Notice).where(Notice.user_id == user.id).order_by(Notice.at.desc(), Notice.id.desc())


def unread_notices_of(user: User) -> sa.Select[Notice]:
    """Those of them that ``user`` has not opened."""
    return notices_of(user).where(Notice.read_at.is_(None))


def data_exports_for(user: User) -> sa.Select[DataExport]:
    """The files of personal data that ``user`` asked for and that are not too old, latest first."""
    return (
        sa.select(DataExport)
        .where(DataExport.asked_by_id == user.id, DataExport.asked_at > clock.now() - EXPORT_LIFE)
        .order_by(DataExport.id.desc())
    )


def mail_stopped_by(user: User) -> set[str]:
    """The kinds of mail that ``user`` does not want."""
    return set(session.scalars(sa.select(StoppedMail.kind).where(StoppedMail.user_id == user.id)))
