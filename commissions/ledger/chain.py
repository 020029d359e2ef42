"""The chain over the journal: whoever changes a posted line behind the portal's back breaks every digest after it."""

import hashlib
import json
from collections.abc import Iterator

import sqlalchemy as sa

from commissions.models import Account, ChainBatch, JournalEntry, JournalLine
from core import clock
from core.api import moment_text
from core.database import current_database, session

GENESIS = "0" * 64
BATCH = 10_000


def seal_the_chain() -> int:
    """Seals every journal entry that is not sealed yet, in order; answers how many batches that made.

    On PostgreSQL it first waits for those who are posting at this moment, so that no entry can turn up later with a
    smaller number.
    """
    if not current_database().is_sqlite:
        session.execute(sa.text("LOCK TABLE commissions_journal_entry IN SHARE ROW EXCLUSIVE MODE"))
    made = 0
    while True:
        last = session.scalar(sa.select(ChainBatch).order_by(ChainBatch.id.desc()).limit(1))
        after = last.last_id if last is not None else 0
        ids = session.scalars(
            sa.select(JournalEntry.id).where(JournalEntry.id > after).order_by(JournalEntry.id).limit(BATCH)
        ).all()
        if not ids:
            return made
        previous = last.digest if last is not None else GENESIS
        session.add(
            ChainBatch(
                first_id=ids[0],
                last_id=ids[-1],
                entries=len(ids),
                previous_digest=previous,
                digest=digest_of(previous, ids[0], ids[-1])[0],
                sealed_at=clock.now(),
            )
        )
        session.flush()
        made += 1


def digest_of(previous: str, first_id: int, last_id: int) -> tuple[str, int]:
    """The digest of a batch, worked out from the rows, and how many entries it holds."""
    running = hashlib.sha256(previous.encode())
    count = 0
    for text in _said(first_id, last_id):
        running.update(text.encode())
        count += 1
    return running.hexdigest(), count


def _said(first_id: int, last_id: int) -> Iterator[str]:
    """Each journal entry as one line of canonical JSON, in order."""
    lines: dict[int, list[list[object]]] = {}
    for entry_id, code, amount in session.execute(
        sa.select(JournalLine.journal_entry_id, Account.code, JournalLine.amount_minor)
        .join(Account, Account.id == JournalLine.account_id)
        .where(JournalLine.journal_entry_id.between(first_id, last_id))
        .order_by(JournalLine.journal_entry_id, JournalLine.id)
    ):
        lines.setdefault(entry_id, []).append([code, amount])
    columns = (
        JournalEntry.id,
        JournalEntry.key,
        JournalEntry.kind,
        JournalEntry.source,
        JournalEntry.reverses_id,
        JournalEntry.occurred_at,
        JournalEntry.posted_at,
    )
    query = sa.select(*columns).where(JournalEntry.id.between(first_id, last_id)).order_by(JournalEntry.id)
    for entry_id, key, kind, source, reverses_id, occurred_at, posted_at in session.execute(query):
        content = [
            entry_id,
            key,
            str(kind),
            source,
            reverses_id,
            moment_text(occurred_at),
            moment_text(posted_at),
            lines.get(entry_id, []),
        ]
        yield json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n"
