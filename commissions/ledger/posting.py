"""Posting: one fact, one key, one balanced entry. The same key with the same content again changes nothing."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from json.encoder import encode_basestring_ascii as _quoted
from typing import NamedTuple

import sqlalchemy as sa

from commissions.ledger.codes import AccountCode
from commissions.models import Account, CachedBalance, JournalEntry, JournalKind, JournalLine, JournalSeal
from core import clock
from core.activity import Actor
from core.bulk import among, insert_of, insert_rows, new_ids, portions
from core.database import session
from core.errors import Refusal
from core.i18n import gettext as _
from core.money import whole

Line = tuple[AccountCode, int]


class IdempotencyConflict(Refusal):
    """A key that was posted before came back with other content: somebody's mistake, never papered over."""


class Draft(NamedTuple):
    """A journal entry to be: its lines are (account, minor units), debits positive, and sum to 0 per currency."""

    key: str
    kind: JournalKind
    source: str
    lines: tuple[Line, ...]
    occurred_at: datetime
    reverses_id: int | None = None

    @property
    def digest(self) -> str:
        """The same for the same content, whoever posts it."""
        reverses = "null" if self.reverses_id is None else self.reverses_id
        lines = ", ".join([f"[{_quoted(account.text)}, {amount}]" for account, amount in self.lines])
        content = f"[{_quoted(self.kind)}, {_quoted(self.source)}, {reverses}, [{lines}]]"
        return hashlib.sha256(content.encode()).hexdigest()


def post(
    *,
    key: str,
    kind: JournalKind,
    source: str,
    lines: Sequence[Line],
    by: Actor | None,
    occurred_at: datetime | None = None,
) -> JournalEntry:
    """Posts one fact; answers its entry, the first one if it was posted before.

    Raises IdempotencyConflict when ``key`` was posted with other content.
    """
    return post_many([Draft(key, kind, source, tuple(lines), occurred_at or clock.now())], by=by)[0]


def post_many(drafts: Sequence[Draft], *, by: Actor | None) -> list[JournalEntry]:
    """Posts many facts with a handful of statements; answers their entries in the order given."""
    if not drafts:
        return []
    for draft in drafts:
        _refuse_nonsense(draft)
    session.flush()
    known = _entries_by_key([draft.key for draft in drafts])
    fresh = {draft.key: draft for draft in drafts if draft.key not in known}
    if fresh:
        ids = _insert_entries(list(fresh.values()), by)
        _insert_lines([(ids[key], draft) for key, draft in fresh.items() if key in ids])
        known |= _entries_by_key(list(fresh))
    for draft in drafts:
        if known[draft.key].request_digest != draft.digest:
            raise IdempotencyConflict(
                _("%(key)s is in the books already, with other content.", key=draft.key)
            )
    return [known[draft.key] for draft in drafts]


def post_new(drafts: Sequence[Draft], *, by: Actor | None) -> None:
    """Posts many facts that are known to be new, in bulk. The database refuses one that is not."""
    now = clock.now()
    actor_id, actor_name = (by.id, str(by.name)) if by is not None else (None, "")
    for draft in drafts:
        _refuse_nonsense(draft)
    ids = new_ids(JournalEntry, len(drafts))
    accounts = _accounts({id(one): one for draft in drafts for one, _amount in draft.lines}.values())
    insert_rows(
        JournalEntry,
        (
            "id",
            "key",
            "request_digest",
            "kind",
            "source",
            "actor_id",
            "actor_name",
            "occurred_at",
            "posted_at",
        ),
        (
            (
                entry_id,
                draft.key,
                draft.digest,
                draft.kind,
                draft.source,
                actor_id,
                actor_name,
                draft.occurred_at,
                now,
            )
            for entry_id, draft in zip(ids, drafts, strict=True)
        ),
    )
    lines = [
        (entry_id, accounts[account.text], account.currency, amount)
        for entry_id, draft in zip(ids, drafts, strict=True)
        for account, amount in draft.lines
    ]
    lines.sort(key=lambda line: (line[1], line[0]))
    insert_rows(JournalLine, ("journal_entry_id", "account_id", "currency", "amount_minor"), lines)
    insert_rows(
        JournalSeal,
        ("journal_entry_id", "lines"),
        ((entry_id, len(draft.lines)) for entry_id, draft in zip(ids, drafts, strict=True)),
    )


def reverse(
    entry: JournalEntry, *, key: str, by: Actor | None, kind: JournalKind = JournalKind.REVERSAL
) -> JournalEntry:
    """Mirrors a whole entry, once. A second reversal under another key is refused by the database."""
    lines = tuple((_code_of(line.account), -line.amount_minor) for line in entry.lines)
    return post_many([Draft(key, kind, entry.source, lines, clock.now(), reverses_id=entry.id)], by=by)[0]


def balance_of_account(code: AccountCode, *, as_of: datetime | None = None) -> int:
    """What stands on an account, debits positive. Without ``as_of`` a guarded one is answered in constant time."""
    if as_of is None and code.is_guarded:
        return (
            session.scalar(
                sa.select(CachedBalance.amount_minor)
                .join(Account, Account.id == CachedBalance.account_id)
                .where(Account.code == code.text)
            )
            or 0
        )
    query = (
        sa.select(sa.cast(sa.func.coalesce(sa.func.sum(JournalLine.amount_minor), 0), sa.BigInteger))
        .join(Account, Account.id == JournalLine.account_id)
        .where(Account.code == code.text)
    )
    if as_of is not None:
        query = query.join(JournalEntry, JournalEntry.id == JournalLine.journal_entry_id).where(
            JournalEntry.occurred_at <= as_of
        )
    return int(session.scalar(query) or 0)


def balance_of(partner_id: int, currency: str, *, as_of: datetime | None = None) -> int:
    """What a partner is owed by the books: held, payable and in a run together. Negative: the partner owes."""
    codes = (
        AccountCode.payable(partner_id, currency),
        AccountCode.receivable(partner_id, currency),
        AccountCode.in_run(partner_id, currency),
    )
    return -sum(balance_of_account(code, as_of=as_of) for code in codes)


def _refuse_nonsense(draft: Draft) -> None:
    """Programming mistakes are told where they are made; the database would refuse them as well."""
    lines = draft.lines
    if len(lines) == 2:
        (one, amount), (other, against) = lines
        if one.currency == other.currency and whole(amount) + whole(against) == 0:
            return
    sums: dict[str, int] = {}
    for account, amount in lines:
        sums[account.currency] = sums.get(account.currency, 0) + whole(amount)
    if len(draft.lines) < 2 or any(sums.values()):
        raise ValueError(f"{draft.key} does not balance: {draft.lines}")


def _entries_by_key(keys: Iterable[str]) -> dict[str, JournalEntry]:
    found: dict[str, JournalEntry] = {}
    wanted = list(keys)
    for some in portions(wanted, 500):
        query = sa.select(JournalEntry).where(JournalEntry.key.in_(some))
        found.update((entry.key, entry) for entry in session.scalars(query))
    return found


def _insert_entries(drafts: list[Draft], by: Actor | None) -> dict[str, int]:
    """The ids of the entries that are new; one that somebody else posts at this moment is left to them."""
    rows = [
        {
            "key": draft.key,
            "request_digest": draft.digest,
            "kind": draft.kind,
            "source": draft.source,
            "reverses_id": draft.reverses_id,
            "actor_id": by.id if by is not None else None,
            "actor_name": str(by.name) if by is not None else "",
            "occurred_at": draft.occurred_at,
            "posted_at": clock.now(),
        }
        for draft in drafts
    ]
    statement = (
        insert_of(JournalEntry)
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(JournalEntry.__table__.c.id, JournalEntry.__table__.c.key)
    )
    return {key: entry_id for entry_id, key in session.execute(statement, rows)}


def _insert_lines(entries: list[tuple[int, Draft]]) -> None:
    """Writes lines and seals; lines in the order of accounts, so that balances are locked in one order."""
    if not entries:
        return
    accounts = _accounts([account for _entry_id, draft in entries for account, _amount in draft.lines])
    lines = [
        {
            "journal_entry_id": entry_id,
            "account_id": accounts[account.text],
            "currency": account.currency,
            "amount_minor": amount,
        }
        for entry_id, draft in entries
        for account, amount in draft.lines
    ]
    lines.sort(key=lambda line: (line["account_id"], line["journal_entry_id"]))
    # Asking for the ids sends many rows with one statement, so that a balance moves once for all of them.
    session.execute(sa.insert(JournalLine).returning(JournalLine.id), lines).all()
    seals = [{"journal_entry_id": entry_id, "lines": len(draft.lines)} for entry_id, draft in entries]
    session.execute(sa.insert(JournalSeal), seals)


def _accounts(wanted: Iterable[AccountCode]) -> dict[str, int]:
    """The ids of accounts by code; those that are new are opened."""
    codes = set(wanted)
    known = _account_ids(codes)
    missing = sorted((code for code in codes if code.text not in known), key=lambda code: code.text)
    if missing:
        rows = [
            {
                "code": code.text,
                "type": code.type,
                "currency": code.currency,
                "partner_id": code.partner_id,
                "guarded": code.is_guarded,
            }
            for code in missing
        ]
        insert = insert_of(Account).on_conflict_do_nothing(index_elements=["code"])
        session.execute(insert.returning(Account.__table__.c.id), rows).all()
        known = _account_ids(codes)
    return known


def _account_ids(codes: set[AccountCode]) -> dict[str, int]:
    query = sa.select(Account.code, Account.id).where(among(Account.code, [code.text for code in codes]))
    return {code: account_id for code, account_id in session.execute(query)}  # noqa: C416 - rows are no pairs to dict()


def _code_of(account: Account) -> AccountCode:
    return AccountCode(account.code, account.type, account.currency, account.partner_id)
