"""The routing policy: which version holds, what it says, and how a new one takes its place."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from core import clock
from core.activity import Actor
from core.database import lock, session, write_once
from core.errors import Refusal
from core.i18n import gettext as _
from core.settings import PROGRAMME_CURRENCY
from core.signals import announce
from partners.queries import tiers
from referrals.models.leads import Lead
from referrals.models.routing import PolicyStatus, RoutingPolicy
from referrals.queries.decisions import published_policy
from referrals.routing import Mode, Policy, SizeBand
from referrals.signals.leads import PolicyPublished

CORPORATE = 1000
"""From so many people on, a lead goes to the second tier upwards, unless the policy says otherwise."""


@dataclass(frozen=True)
class Queue:
    """Leads of one kind, which go another way than the policy's: what it takes to be in it, and the mode."""

    mode: Mode
    k: int = 3
    #: In small letters.
    sources: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    employees_below: int | None = None
    size_below_minor: int | None = None

    def takes(self, lead: Lead) -> bool:
        """Every condition that is set must hold; what is not known of the lead does not hold."""
        if self.sources and (lead.source or "").lower() not in self.sources:
            return False
        if self.countries and lead.country not in self.countries:
            return False
        if self.employees_below is not None and (
            lead.employees is None or lead.employees >= self.employees_below
        ):
            return False
        if self.size_below_minor is None:
            return True
        # A sum in another currency is not known in the policy's.
        is_known = lead.size_minor is not None and lead.currency == PROGRAMME_CURRENCY.value()
        return is_known and (lead.size_minor or 0) < self.size_below_minor

    def as_json(self) -> dict[str, Any]:
        return {
            "mode": self.mode.value,
            "k": self.k,
            "sources": list(self.sources),
            "countries": list(self.countries),
            "employees_below": self.employees_below,
            "size_below_minor": self.size_below_minor,
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Queue":
        """What :meth:`as_json` wrote; older versions have a name, which nobody saw, and no countries."""
        values = {key: value for key, value in stored.items() if key != "name"}
        listed = {key: tuple(stored.get(key, ())) for key in ("sources", "countries")}
        return cls(**{**values, **listed, "mode": Mode(stored["mode"])})


def read_policy(row: RoutingPolicy) -> tuple[Policy, tuple[Queue, ...]]:
    """A stored version as the rules understand it, and its queues."""
    definition = {key: value for key, value in row.definition.items() if key != "queues"}
    queues = tuple(Queue.from_json(stored) for stored in row.definition.get("queues", ()))
    return Policy.from_json(row.name, definition), queues


def _definition(policy: Policy, queues: Iterable[Queue]) -> dict[str, Any]:
    return {**policy.as_json(), "queues": [queue.as_json() for queue in queues]}


def policy_in_force() -> RoutingPolicy:
    """The published version; a new installation begins with the portal's own."""
    row = published_policy()
    if row is None:
        _begin_with_a_policy()
        row = published_policy()
    if row is None:
        raise RuntimeError("There is no published routing policy.")
    return row


def _begin_with_a_policy() -> None:
    """Writes version 1. Of two requests that find none, one writes it and the other waits for it."""
    ladder = tiers()
    bands = (SizeBand(CORPORATE, ladder[1].rank, ladder[1].code),) if len(ladder) > 1 else ()
    policy = Policy(tier_minimums=bands, top_tier_weight=_top_weight())
    queues = (
        Queue(Mode.POOL, employees_below=10),
        Queue(Mode.POOL, sources=("shop",)),
    )
    write_once(
        RoutingPolicy,
        {
            "code": "standard",
            "version": 1,
            "status": PolicyStatus.PUBLISHED,
            "definition": _definition(policy, queues),
            "note": "",
            "created_at": clock.now(),
            "published_at": clock.now(),
            "published_by_name": "",
        },
        unique=["code", "version"],
    )


def _top_weight() -> Decimal:
    return max((Decimal(tier.lead_weight) for tier in tiers()), default=Decimal(1))


def publish_policy(
    policy: Policy, queues: Iterable[Queue], *, note: str, by: Actor | None, after: int | None = None
) -> RoutingPolicy:
    """Routes by these rules from now on; the version before stays as it was.

    ``after`` is the number of the version that held when the writer began: Refusal when another one holds by now.
    """
    before = _hold_policy_in_force()
    if after not in (None, before.version):
        raise _another_was_published()
    return publish_draft(draft_policy(policy, queues, note=note), by=by)


def _another_was_published() -> Refusal:
    return Refusal(_("Somebody published another version just now. Look at it first."))


def _hold_policy_in_force() -> RoutingPolicy:
    """The published version, held, so that of two who make one the second waits and sees the first's."""
    row = lock(policy_in_force())
    while row.status is not PolicyStatus.PUBLISHED:
        row = lock(policy_in_force())
    return row


def draft_policy(policy: Policy, queues: Iterable[Queue], *, note: str) -> RoutingPolicy:
    """A version that routes nothing yet: to be replayed over past leads, then published or left."""
    before = _hold_policy_in_force()
    latest = session.scalar(
        sa.select(sa.func.max(RoutingPolicy.version)).where(RoutingPolicy.code == before.code)
    )
    row = RoutingPolicy(
        code=before.code,
        version=int(latest or 0) + 1,
        status=PolicyStatus.DRAFT,
        definition=_definition(replace(policy, top_tier_weight=_top_weight()), queues),
        note=note.strip(),
        created_at=clock.now(),
    )
    session.add(row)
    session.flush()
    return row


def publish_draft(row: RoutingPolicy, *, by: Actor | None, after: int | None = None) -> RoutingPolicy:
    """Routes by the draft from now on. Raises Refusal when it is none, or older than what holds.

    ``after`` is the number of the version that the draft was compared with: another one that holds by now is looked
    at first as well.
    """
    before = lock(policy_in_force())
    lock(row)
    is_overtaken = before.status is not PolicyStatus.PUBLISHED or row.version < before.version
    if is_overtaken or after not in (None, before.version):
        raise _another_was_published()
    if row.status is not PolicyStatus.DRAFT:
        raise Refusal(_("%(policy)s is no draft.", policy=row.name))
    before.status = PolicyStatus.SUPERSEDED
    session.flush()
    row.status = PolicyStatus.PUBLISHED
    row.published_at = clock.now()
    row.published_by_name = str(by.name) if by is not None else ""
    session.flush()
    announce(PolicyPublished(row, by))
    return row
