"""Past leads given out again under a policy: the same leads, in their order, to the network as it is today.

Nobody answers in a replay, so who is chosen first counts as who receives. Load and fairness begin at nothing and are
played forward: what a partner receives counts against it for thirty days, and stays open for fourteen. A long replay
is played piece by piece: what it remembers between two pieces is plain values, and many pieces come to what one would.
"""

from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from referrals.routing import CandidateFacts, LeadFacts, Mode, Override, Policy, route

COUNTS_FOR = timedelta(days=30)
OPEN_FOR = timedelta(days=14)


@dataclass(frozen=True)
class PastLead:
    """A lead as it came in: when, what is known of it, what spoke for one partner, and its seed."""

    at: datetime
    facts: LeadFacts
    seed: int
    policy: Policy
    """The policy as it holds for this lead (its queue may say another mode)."""
    overrides: tuple[Override, ...] = ()


@dataclass
class Outcome:
    """Who received how much; leads that went to the pool, and those nobody could be given."""

    received: Counter[str] = field(default_factory=Counter)
    pooled: int = 0
    nobody: int = 0


def replay(leads: Iterable[PastLead], network: Sequence[CandidateFacts]) -> Outcome:
    """Gives ``leads`` out in their order. The same leads, network and policy always come to the same."""
    play = Play(network)
    for lead in leads:
        play.take(lead)
    return play.outcome


class Play:
    """The network while leads are given out: what everybody received lately and still has open.

    ``memory`` is what :meth:`as_json` of an earlier piece said; the network may have lost partners since.
    """

    def __init__(self, network: Sequence[CandidateFacts], memory: Mapping[str, Any] | None = None) -> None:
        self.outcome = Outcome()
        self.by_id = {
            facts.partner_id: replace(
                facts, open_leads=0, leads_today=0, received_lately=0, expected_lately=None,
                has_declined=False, has_lapsed=False,
            )
            for facts in network
        }  # fmt: skip
        self.whole = sum(float(facts.tier_weight) for facts in network if facts.is_active) or 1.0
        self.given: deque[tuple[datetime, str]] = deque()
        self.open: deque[tuple[datetime, str]] = deque()
        self.day: date | None = None
        self.today: set[str] = set()
        self.serving: dict[str, list[str]] = {}
        #: How many of the leads of the last thirty days one partner of weight 1 should have had, since this morning.
        self.share: float | None = None
        if memory:
            self._remember(memory)

    def take(self, lead: PastLead) -> None:
        """Gives one lead out."""
        self.move_to(lead.at)
        decision = route(
            lead.facts, self.who_serves(lead.facts.country), lead.policy, lead.seed, lead.overrides
        )
        if not decision.chosen:
            self.outcome.nobody += 1
        elif decision.mode is Mode.POOL:
            self.outcome.pooled += 1
        else:
            first = next(row.partner_id for row in decision.candidates if row.chosen)
            self.outcome.received[first] += 1
            self.give(first, lead.at)

    def as_json(self) -> dict[str, Any]:
        """Everything the next piece needs to know."""
        return {
            "received": dict(self.outcome.received),
            "pooled": self.outcome.pooled,
            "nobody": self.outcome.nobody,
            "given": [[at.isoformat(), partner_id] for at, partner_id in self.given],
            "open": len(self.open),
            "day": self.day.isoformat() if self.day is not None else None,
            "share": self.share,
        }

    def _remember(self, memory: Mapping[str, Any]) -> None:
        self.outcome = Outcome(Counter(memory["received"]), memory["pooled"], memory["nobody"])
        given = [(datetime.fromisoformat(at), partner_id) for at, partner_id in memory["given"]]
        closed = len(given) - memory["open"]
        self.day = date.fromisoformat(memory["day"]) if memory["day"] else None
        for place, (at, partner_id) in enumerate(given):
            if partner_id in self.by_id:
                self._count(partner_id, at, is_open=place >= closed, is_today=at.date() == self.day)
        self._expect(memory["share"])

    def _count(self, partner_id: str, at: datetime, *, is_open: bool, is_today: bool) -> None:
        facts = self.by_id[partner_id]
        self.by_id[partner_id] = replace(
            facts,
            open_leads=facts.open_leads + is_open,
            leads_today=facts.leads_today + is_today,
            received_lately=facts.received_lately + 1,
        )
        self.given.append((at, partner_id))
        if is_open:
            self.open.append((at, partner_id))
        if is_today:
            self.today.add(partner_id)

    def _expect(self, share: float | None) -> None:
        self.share = share
        if share is not None:
            for partner_id, facts in self.by_id.items():
                self.by_id[partner_id] = replace(facts, expected_lately=share * float(facts.tier_weight))

    def who_serves(self, country: str | None) -> list[CandidateFacts]:
        """Everybody, or only those the filter of the country would let through, which comes to the same."""
        if country is None:
            return list(self.by_id.values())
        if country not in self.serving:
            self.serving[country] = [
                partner_id for partner_id, facts in self.by_id.items() if country in facts.countries
            ]
        return [self.by_id[partner_id] for partner_id in self.serving[country]]

    def give(self, partner_id: str, at: datetime) -> None:
        self._count(partner_id, at, is_open=True, is_today=True)

    def move_to(self, at: datetime) -> None:
        """Forgets what no longer counts; once a day everybody's share is reckoned anew."""
        while self.open and self.open[0][0] <= at - OPEN_FOR:
            _at, partner_id = self.open.popleft()
            facts = self.by_id[partner_id]
            self.by_id[partner_id] = replace(facts, open_leads=facts.open_leads - 1)
        while self.given and self.given[0][0] <= at - COUNTS_FOR:
            _at, partner_id = self.given.popleft()
            facts = self.by_id[partner_id]
            self.by_id[partner_id] = replace(facts, received_lately=facts.received_lately - 1)
        if at.date() == self.day:
            return
        self.day = at.date()
        for partner_id in self.today:
            self.by_id[partner_id] = replace(self.by_id[partner_id], leads_today=0)
        self.today.clear()
        if self.given:
            self._expect(len(self.given) / self.whole)
