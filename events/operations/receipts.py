"""The originals of receipts and proofs are kept for 24 months, then deleted; what they were known by stays."""

from datetime import timedelta

from core import clock, uploads
from core.database import session
from events.queries.receipts import originals_older_than

#: 24 months, leap years included: never a day less.
KEPT = timedelta(days=731)
#: So many in one go; the next night does the rest.
_AT_ONCE = 500


def delete_old_originals() -> int:
    """Deletes the files whose time is over, and answers how many. Hash and likeness stay: a receipt counts once."""
    rows = session.scalars(originals_older_than(clock.now() - KEPT).limit(_AT_ONCE)).all()
    for row in rows:
        row.deleted_at = clock.now()
        uploads.forget_later(row.storage_key)
    session.flush()
    return len(rows)
