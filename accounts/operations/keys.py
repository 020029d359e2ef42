"""Keys of machines."""

from datetime import datetime

import sqlalchemy as sa

from accounts import signals
from accounts.models import KEY_PREFIX, ApiKey, User, digest, new_secret
from accounts.operations.people import make_machine
from accounts.permissions import SCOPES
from core import clock
from core.activity import Actor
from core.database import aside, lock, session
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from core.signals import announce


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


def revoke_api_key(key: ApiKey, *, by: Actor | None) -> None:
    """Stops a key from working, at once."""
    lock(key)
    if key.revoked_at is not None:
        raise Refusal(_("This key has been revoked already."))
    key.revoked_at = clock.now()
    announce(signals.KeyRevoked(key, by))


def stop_leaked_key(secret: str) -> bool:
    """Stops the key that somebody found where others can read it; answers whether there was one that worked.

    Whoever holds a key may stop it: to keep it from the next finder is worth more than knowing who asked.
    """
    key = session.scalar(sa.select(ApiKey).where(ApiKey.key_digest == digest(secret.strip())))
    if key is None or lock(key).revoked_at is not None:
        return False
    revoke_api_key(key, by=None)
    announce(signals.KeyLeaked(key, None))
    return True


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
