"""Links that are mailed to somebody and work once."""

import sqlalchemy as sa

from accounts.models import TOKEN_LIVES, OneTimeToken, TokenPurpose, User, digest, new_secret
from core import clock
from core.database import session
from core.errors import Refusal
from core.i18n import gettext as _


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


def drop_tokens(user: User) -> None:
    """Every link that was mailed to ``user`` stops working."""
    session.execute(
        sa.update(OneTimeToken)
        .where(OneTimeToken.user_id == user.id, OneTimeToken.used_at.is_(None))
        .values(used_at=clock.now())
    )
