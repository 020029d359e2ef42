"""What somebody shows beside or instead of a password: authenticator apps, passkeys, recovery codes."""

from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models.people import User
from core import clock
from core.database import Base

CHALLENGE_LIFE = timedelta(minutes=5)


class AuthenticatorApp(Base):
    """An app that shows six digits every thirty seconds (TOTP, RFC 6238). Counts once it has shown right ones."""

    __tablename__ = "accounts_authenticator_app"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts_user.id"), index=True)
    name: Mapped[str]
    sealed_secret: Mapped[str]
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    #: The thirty seconds (counted from 1970) whose digits were used last: no digits are good twice.
    last_step: Mapped[int] = mapped_column(default=0)

    user: Mapped[User] = relationship()


class Passkey(Base):
    """A key pair that a device, a security key or a password manager holds (WebAuthn); we know its public half."""

    __tablename__ = "accounts_passkey"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts_user.id"), index=True)
    name: Mapped[str]
    #: Both in base64url, as browsers write them.
    credential_id: Mapped[str] = mapped_column(unique=True)
    public_key: Mapped[str]
    sign_count: Mapped[int]
    transports: Mapped[list[str]]
    #: Whether the key's maker copies it between devices, so that losing one loses nothing.
    is_synced: Mapped[bool]
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()


class RecoveryCode(Base):
    """One of ten codes for the day on which phone and key are gone: 80 bits, kept as a digest, good once."""

    __tablename__ = "accounts_recovery_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts_user.id"), index=True)
    code_digest: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Ceremony(StrEnum):
    """What a passkey is asked for."""

    ENROLMENT = "enrolment"
    SIGN_IN = "sign_in"
    SECOND_FACTOR = "second_factor"
    CONFIRMATION = "confirmation"


class PasskeyChallenge(Base):
    """Random bytes that a passkey signs, once and within five minutes."""

    __tablename__ = "accounts_passkey_challenge"

    id: Mapped[int] = mapped_column(primary_key=True)
    #: Base64url. Not a secret: it only must not be signed before or twice.
    challenge: Mapped[str] = mapped_column(unique=True)
    ceremony: Mapped[Ceremony]
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts_user.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]

    @property
    def is_good(self) -> bool:
        return self.used_at is None and clock.now() - self.created_at < CHALLENGE_LIFE
