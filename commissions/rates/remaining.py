"""How much of each line the customer has paid and not got back: a function of the facts, not of their order.

- Refunds and lost chargebacks are net of tax. One that names a line reduces it; what exceeds the line, or
  names none, is spread over what remains of the lines, pro rata by largest remainder.
- Money received is spread over what remains after refunds, in the same way. The last payment so takes the
  remainder.
- A chargeback counts once: as lost, or not at all. Of *won* and *lost*, the later word counts; at one moment,
  *lost*.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from commissions.rates.facts import Chargeback, Payment, Refund
from core.money import allocate

Received = TypeVar("Received", Payment, Refund)


class ConflictingFacts(ValueError):
    """The same id was told twice with different contents."""


@dataclass(frozen=True, slots=True)
class MoneyBack:
    """What customers got back: per line as named, and for the sale as a whole."""

    by_line: dict[int, int]
    of_the_sale: int

    @property
    def total(self) -> int:
        return sum(self.by_line.values()) + self.of_the_sale


def money_in(total: int, paid_minor: int | None, payments: Iterable[Payment]) -> int:
    """What was received, at most the sale's total. ``None`` paid means all of it."""
    if paid_minor is None:
        return total
    received = sum(payment.amount_minor for payment in _by_id(payments))
    return max(0, min(total, paid_minor + received))


def money_back(refunds: Iterable[Refund], chargebacks: Iterable[Chargeback] = ()) -> MoneyBack:
    """What was given back: every refund once, and every chargeback that was lost."""
    by_line: dict[int, int] = {}
    of_the_sale = sum(
        chargeback.amount_minor for chargeback in _latest(chargebacks) if chargeback.status == "lost"
    )
    for refund in _by_id(refunds):
        if refund.line is None:
            of_the_sale += refund.amount_minor
        else:
            by_line[refund.line] = by_line.get(refund.line, 0) + refund.amount_minor
    return MoneyBack(by_line, of_the_sale)


def is_contested(chargebacks: Iterable[Chargeback]) -> bool:
    """Whether the bank still has to decide about a chargeback: what the sale earned is held so long."""
    return any(chargeback.status == "opened" for chargeback in _latest(chargebacks))


def remaining(nets: Sequence[int], back: MoneyBack) -> list[int]:
    """What is left of each line's net after refunds; nothing once the sale's total has been given back."""
    total = sum(nets)
    if back.total >= total:
        return [0] * len(nets)
    left = list(nets)
    spread = back.of_the_sale
    for line, amount in back.by_line.items():
        taken = min(amount, max(0, nets[line])) if 0 <= line < len(nets) else 0
        if taken:
            left[line] -= taken
        spread += amount - taken
    if not spread:
        return left
    return [net - part for net, part in zip(left, allocate(spread, left), strict=True)]


def kept(nets: Sequence[int], received: int, back: MoneyBack) -> list[int]:
    """What the vendor keeps of each line: paid, and not given back. The sum is the money kept on the whole
    sale."""
    left = remaining(nets, back)
    money = received - back.total
    if money >= sum(left):
        return left
    if money <= 0:
        return [0] * len(nets)
    return allocate(money, left)


def _by_id(facts: Iterable[Received]) -> Iterable[Received]:
    known: dict[str, Received] = {}
    for fact in facts:
        if known.setdefault(fact.id, fact) != fact:
            raise ConflictingFacts(f"{fact.id!r} was told twice, and differently.")
    return known.values()


def _latest(chargebacks: Iterable[Chargeback]) -> Iterable[Chargeback]:
    """Of each chargeback the status that counts: the outcome if there is one, the later of two."""
    known: dict[str, Chargeback] = {}
    for chargeback in chargebacks:
        before = known.get(chargeback.id)
        if before is None or _weight(chargeback) > _weight(before):
            known[chargeback.id] = chargeback
    return known.values()


def _weight(chargeback: Chargeback) -> tuple[bool, float, bool, int]:
    decided = chargeback.status != "opened"
    return decided, chargeback.occurred_at.timestamp(), chargeback.status == "lost", chargeback.amount_minor
