"""Many people at once, as they come and go with a file of firms: the same as one by one, in a handful of statements."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from accounts import signals
from accounts.models import TOKEN_LIVES, OneTimeToken, SignIn, TokenPurpose, User, digest, new_secret
from accounts.permissions import Role
from core import clock
from core.activity import Actor, Deed
from core.bulk import among, insert_rows, new_ids
from core.database import session
from core.signals import announce_together


def make_users(people: Sequence[tuple[str, str]], role: Role) -> list[int]:
    """Adds users without a password, by address and name; answers their ids in that order.

    The addresses are written as :func:`core.contacts.normalise_email` writes them. The database refuses one that
    somebody signs in with already.
    """
    ids = new_ids(User, len(people))
    now = clock.now()
    insert_rows(
        User,
        ("id", "email", "name", "role", "theme", "created_at"),
        (
            (number, email.strip().lower(), name.strip(), role, "auto", now)
            for number, (email, name) in zip(ids, people, strict=True)
        ),
    )
    return ids


def invite_many(people: Sequence[User], *, by: Actor | None) -> list[str]:
    """The secrets of new invitation links, in the order of ``people``; earlier links of theirs stop working."""
    ids = [user.id for user in people]
    now = clock.now()
    session.execute(
        sa.update(OneTimeToken)
        .where(
            among(OneTimeToken.user_id, ids),
            OneTimeToken.purpose == TokenPurpose.INVITATION,
            OneTimeToken.used_at.is_(None),
        )
        .values(used_at=now)
        .execution_options(synchronize_session=False)
    )
    secrets = [new_secret() for _user in people]
    insert_rows(
        OneTimeToken,
        ("user_id", "purpose", "token_digest", "email", "created_at", "expires_at"),
        (
            (user.id, TokenPurpose.INVITATION, digest(secret), user.email, now,
             now + TOKEN_LIVES[TokenPurpose.INVITATION])
            for user, secret in zip(people, secrets, strict=True)
        ),
    )  # fmt: skip
    announce_together(
        signals.PeopleInvited(ids, by), [Deed(signals.PersonInvited.verb, "user", number) for number in ids]
    )
    return secrets


def suspend_many(ids: Sequence[int], *, at: datetime, by: Actor | None) -> None:
    """Suspends whoever of these people of firms is not suspended yet, and ends their sessions."""
    suspended = list(
        session.scalars(
            sa.update(User)
            .where(among(User.id, ids), User.suspended_at.is_(None))
            .values(suspended_at=at)
            .returning(User.id)
            .execution_options(synchronize_session=False)
        )
    )
    session.execute(
        sa.update(SignIn)
        .where(among(SignIn.user_id, suspended), SignIn.ended_at.is_(None))
        .values(ended_at=at)
        .execution_options(synchronize_session=False)
    )
    announce_together(
        signals.PeopleSuspended(suspended, by),
        [Deed(signals.PersonSuspended.verb, "user", number) for number in sorted(suspended)],
    )
