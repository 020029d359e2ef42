"""Users and what proves that somebody is one: sessions, one-time tokens, API keys."""

import hashlib
import secrets
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.permissions import MATRIX, SCOPES, Permission, Role
from core import clock
from core.database import Base

SESSION_LENGTH = timedelta(days=14)
FRESH_FOR = timedelta(minutes=10)
HALFWAY_FOR = timedelta(minutes=10)


def digest(secret: str) -> str:
    """How a random secret is kept: SHA-256. Passwords are kept by argon2id instead."""
    return hashlib.sha256(secret.encode()).hexdigest()


class User(Base):
    """A person, or the machine behind an API key. One role each; which firm they belong to, partners know."""

    __tablename__ = "accounts_user"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[Role]
    password_hash: Mapped[str | None]
    password_changed_at: Mapped[datetime | None]
    locale: Mapped[str | None]
    time_zone: Mapped[str | None]
    theme: Mapped[str] = mapped_column(default="auto")
    created_at: Mapped[datetime]
    suspended_at: Mapped[datetime | None]
    scopes: Mapped[list[str] | None]
    #: Since when signing in takes more than a password: the first authenticator app or passkey.
    two_factor_since: Mapped[datetime | None]
    #: Who this is at the vendor's identity provider: issuer and subject, "https://id.example|8f14e45f".
    provider_subject: Mapped[str | None] = mapped_column(unique=True)
    #: Set when the person's data was erased; the row stays, since the books name it by its number.
    erased_at: Mapped[datetime | None]

    @property
    def is_erased(self) -> bool:
        return self.erased_at is not None

    def may(self, permission: Permission) -> bool:
        """Whether the role, or for a machine one of its key's scopes, grants ``permission``."""
        if self.suspended_at is not None:
            return False
        if self.role is Role.MACHINE:
            return any(permission in SCOPES.get(scope, ()) for scope in self.scopes or ())
        return permission in MATRIX[self.role]

    @property
    def is_staff(self) -> bool:
        """Works for the vendor."""
        return self.role.is_staff

    @property
    def is_machine(self) -> bool:
        return self.role is Role.MACHINE

    @property
    def has_signed_up(self) -> bool:
        """Has followed the invitation and set a password, or has come in through the identity provider."""
        return self.password_hash is not None or self.provider_subject is not None

    @property
    def has_two_factors(self) -> bool:
        """Signs in with more than a password."""
        return self.two_factor_since is not None

    @property
    def guards_money_or_people(self) -> bool:
        """Works for the vendor, or may change where a firm's money goes: a password alone is too little for them."""
        return not self.is_machine and (self.is_staff or self.may(Permission.PROFILE_MANAGE))

    @property
    def initials(self) -> str:
        words = [word for word in self.name.split() if word[0].isalpha()]
        return (
            "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper() or "?"
        )


# What a browser's own description holds, the more telling first: all of them claim to be several others, too.
_BROWSERS = {"Edg": "Edge", "OPR/": "Opera", "YaBrowser": "Yandex Browser", "Firefox": "Firefox", "FxiOS": "Firefox",
             "Chrome": "Chrome", "CriOS": "Chrome", "Safari": "Safari"}  # fmt: skip
_SYSTEMS = {"Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "Windows": "Windows", "Mac OS": "macOS",
            "CrOS": "ChromeOS", "Linux": "Linux"}  # fmt: skip


def _first_in(text: str, names: dict[str, str]) -> str:
    return next((name for mark, name in names.items() if mark in text), "")


class SignIn(Base):
    """One signed-in browser. The cookie holds a random token, the table only its digest."""

    __tablename__ = "accounts_sign_in"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts_user.id"), index=True)
    token_digest: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    address: Mapped[str]
    browser: Mapped[str]
    #: The password was right and a second factor is still to be shown; until then the session opens nothing.
    is_halfway: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    #: Whom a manager looks at the portal as, reading only.
    viewing_as_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts_user.id"))

    user: Mapped[User] = relationship(foreign_keys=[user_id])
    viewing_as: Mapped[User | None] = relationship(foreign_keys=[viewing_as_id])

    @property
    def _is_in_force(self) -> bool:
        return self.ended_at is None and self.expires_at > clock.now() and self.user.suspended_at is None

    @property
    def is_open(self) -> bool:
        return self._is_in_force and not self.is_halfway

    @property
    def waits_for_a_second_factor(self) -> bool:
        """Half signed in, for as long as that holds (:data:`HALFWAY_FOR`)."""
        return self._is_in_force and self.is_halfway and clock.now() - self.created_at < HALFWAY_FOR

    @property
    def device(self) -> str:
        """The browser and its system as people call them, "Firefox, Linux"; empty when it says neither."""
        known = (_first_in(self.browser, _BROWSERS), _first_in(self.browser, _SYSTEMS))
        return ", ".join(name for name in known if name)

    @property
    def is_fresh(self) -> bool:
        """Who they are was shown within the last ten minutes: by password and second factor, or by a passkey."""
        return clock.now() - self.confirmed_at < FRESH_FOR


class TokenPurpose(StrEnum):
    INVITATION = "invitation"
    PASSWORD_RESET = "password_reset"  # noqa: S105
    EMAIL_CHANGE = "email_change"


TOKEN_LIVES = {
    TokenPurpose.INVITATION: timedelta(days=7),
    TokenPurpose.PASSWORD_RESET: timedelta(hours=1),
    TokenPurpose.EMAIL_CHANGE: timedelta(hours=24),
}


class OneTimeToken(Base):
    """A link mailed to somebody: random, kept as a digest, good once and for a while (ruling: 1 h, 24 h, 7 days)."""

    __tablename__ = "accounts_one_time_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts_user.id"), index=True)
    purpose: Mapped[TokenPurpose]
    token_digest: Mapped[str] = mapped_column(unique=True)
    email: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()

    @property
    def is_good(self) -> bool:
        return self.used_at is None and self.expires_at > clock.now()


KEY_PREFIX = "ghk_"


class ApiKey(Base):
    """A machine's key: shown once, kept as a digest, with scopes, perhaps an end and a list of addresses."""

    __tablename__ = "accounts_api_key"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts_user.id"), index=True)
    name: Mapped[str]
    prefix: Mapped[str]
    key_digest: Mapped[str] = mapped_column(unique=True)
    scopes: Mapped[list[str]]
    addresses: Mapped[list[str]] = mapped_column(default=list)
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()

    @property
    def is_good(self) -> bool:
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > clock.now())


def new_secret() -> str:
    """256 random bits for a link or a cookie."""
    return secrets.token_urlsafe(32)
