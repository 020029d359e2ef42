"""Messages about money, and the names of sales: each is a row, held until the transaction ends.

So the same message twice at once is processed once, and a refund never slips past its sale. Locks are taken in one
order: the message, the names of the sale, lead and deal, the customer's keys, the sale.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

import sqlalchemy as sa

from accounts.models import User
from core import clock
from core.activity import Actor
from core.bulk import among, insert_of
from core.database import session, write_once
from core.errors import Refusal
from core.i18n import gettext as _
from partners.queries import partner_of
from referrals.models.customers import CustomerKey
from referrals.models.sales import Chargeback, Payment, ReceivedFact, Refund, Sale

Fact = TypeVar("Fact", Sale, Payment, Refund, Chargeback)


@dataclass(frozen=True)
class Recorded(Generic[Fact]):
    """What a message came to. ``is_new`` is false when it had come before and nothing was changed."""

    fact: Fact
    is_new: bool


def refuse_partners(by: Actor | None) -> None:
    """Raises Refusal for whoever belongs to a partner."""
    if isinstance(by, User) and partner_of(by) is not None:
        raise Refusal(_("Sales and payments are recorded by the vendor."))


def hold_message(source: str, kind: str, external_id: str, data: dict[str, Any]) -> ReceivedFact:
    """The row of a message, made if it is new, and held until the transaction ends."""
    body = plain(data)
    values = {
        "source": source,
        "kind": kind,
        "external_id": external_id,
        "digest": digest_of(body),
        "body": body,
        "received_at": clock.now(),
    }
    write_once(ReceivedFact, values, unique=["source", "kind", "external_id"])
    return _held(source, kind, external_id)


def hold_names(names: Iterable[str]) -> None:
    """Whoever records a sale, or speaks of it, holds its names; always in the same order."""
    for name in sorted(set(names)):
        values = {"source": "", "kind": "name", "external_id": name, "received_at": clock.now()}
        write_once(ReceivedFact, values, unique=["source", "kind", "external_id"])
        _held("", "name", name)


def add_names(sale: Sale, names: Iterable[str], *, source: str) -> None:
    """By these names, too, the channel ``source`` speaks of ``sale``; a name that another sale has stays its own."""
    for name in sorted(set(names)):
        values = {
            "source": source, "kind": "sale", "external_id": name, "received_at": clock.now(), "subject_id": sale.id,
        }  # fmt: skip
        write_once(ReceivedFact, values, unique=["source", "kind", "external_id"])


def _held(source: str, kind: str, external_id: str) -> ReceivedFact:
    return session.scalars(
        sa.select(ReceivedFact)
        .where(
            ReceivedFact.source == source, ReceivedFact.kind == kind, ReceivedFact.external_id == external_id
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


@dataclass(frozen=True, slots=True)
class HeldMessage:
    """A row that is held, one of many. ``subject_id`` is what came of it, ``is_fresh`` whether it was made just now."""

    id: int
    digest: str | None
    subject_id: int | None
    is_fresh: bool


def hold_rows(
    table: type[ReceivedFact] | type[CustomerKey],
    rows: list[dict[str, Any]],
    *,
    by: str,
    within: dict[str, str],
) -> dict[str, HeldMessage]:
    """Messages, names or keys of customers, by their column ``by``: made where they are new, and held.

    Give them in the order of ``by``, as they are held in that order. What else is unique of them is ``within``.
    """
    if not rows:
        return {}
    columns = table.__table__.c
    insert = insert_of(table).on_conflict_do_nothing(index_elements=[*within, by]).returning(columns.id)
    fresh = set(session.execute(insert, rows).scalars())
    is_message = table is ReceivedFact
    found = session.execute(
        sa.select(
            columns[by],
            columns.id,
            columns.digest if is_message else sa.null(),
            columns.subject_id if is_message else columns.customer_id,
        )
        .where(
            *(columns[name] == value for name, value in within.items()),
            among(columns[by], [row[by] for row in rows]),
        )
        .order_by(columns[by])
        .with_for_update()
    )
    return {
        value: HeldMessage(row_id, digest, subject_id, row_id in fresh)
        for value, row_id, digest, subject_id in found
    }


def known_fact(kind: type[Fact], message: ReceivedFact, data: dict[str, Any]) -> Fact:
    """The fact that a repeated message came to before. Raises Refusal when the message reads otherwise now."""
    refuse_other_contents(message.external_id, message.digest, digest_of(plain(data)))
    return session.get_one(kind, message.subject_id)


def refuse_other_contents(external_id: str, came_before: str | None, digest: str) -> None:
    """Raises Refusal when a message came before, and reads otherwise."""
    if came_before != digest:
        raise Refusal(_("%(id)s came before with other contents. Nothing was changed.", id=external_id))


def plain(value: Any) -> Any:
    """A message as JSON holds it, so that equal messages are equal texts."""
    if isinstance(value, dict):
        return {str(key): plain(entry) for key, entry in value.items() if entry is not None}
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)


def digest_of(body: dict[str, Any]) -> str:
    """The same for the same contents."""
    text = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
