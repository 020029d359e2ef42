"""The keys that certificates are signed with, and what became of what they signed."""

import sqlalchemy as sa

from academy.credentials import LIST_LENGTH
from academy.models import Certificate, SigningKey
from core.database import session


def key_in_use() -> SigningKey | None:
    """The key that signs now; ``None`` before the first certificate."""
    return session.scalar(sa.select(SigningKey).where(SigningKey.retired_at.is_(None)))


def public_keys() -> sa.Select[SigningKey]:
    """Every key that ever signed, the one in use first."""
    return sa.select(SigningKey).order_by(SigningKey.id.desc())


def public_key(name: str) -> SigningKey | None:
    """A key by its thumbprint."""
    return session.scalar(sa.select(SigningKey).where(SigningKey.name == name))


#: What raises a certificate's bit, by the purpose of the list.
_RAISED = {"revocation": Certificate.revoked_at, "message": Certificate.superseded_at}
PURPOSES = tuple(_RAISED)


def raised_in_list(purpose: str, number: int) -> list[int] | None:
    """The certificates whose bit is raised in one list; ``None`` when no certificate stands in it. Two queries."""
    first = number * LIST_LENGTH
    latest = session.scalar(sa.select(sa.func.max(Certificate.id))) or 0
    if not 0 <= first <= latest:
        return None
    rows = session.scalars(
        sa.select(Certificate.id)
        .where(Certificate.id.between(first, first + LIST_LENGTH - 1), _RAISED[purpose].is_not(None))
        .order_by(Certificate.id)
    )
    return list(rows)
