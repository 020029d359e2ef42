"""Sales, payments, refunds and chargebacks in any order, each as often as it likes: the balances are the model's."""

import itertools
import os
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    rule,
    run_state_machine_as_test,
)

from commissions import ledger, rates
from commissions.models import Entry, EntryHold
from commissions.operations.plans import draft_version, publish, simulate
from core.database import session
from partners.models import Partner
from referrals.models import Sale
from referrals.operations.sales import record_chargeback, record_payment, record_refund, record_sale
from tests import cast
from tests.commissions.any_order.model import PLAN, Known, earned
from tests.commissions.cast import a_line

_numbers = itertools.count(1)
_JANUARY = datetime(2026, 1, 31, 12, tzinfo=UTC)
_MONEY = st.integers(1, 30_000)
#: A hundred worlds in the daily check; ANY_ORDER_EXAMPLES=2000 for a soak.
EXAMPLES = int(os.environ.get("ANY_ORDER_EXAMPLES", "100"))
NOTHING: tuple[str, str, dict[str, Any]] = ("nothing", "", {})


class Messages(RuleBasedStateMachine):
    """The world invents messages; they arrive in any order, and more than once."""

    unsent, sent = Bundle("unsent"), Bundle("sent")
    purchases, opened = Bundle("purchases"), Bundle("opened")

    def __init__(self) -> None:
        super().__init__()
        number = next(_numbers)
        self.prefix = f"w{number}"
        self.partner: Partner = cast.a_partner(f"World {number}", plan=f"world-{number}")
        draft = draft_version(f"world-{number}", PLAN, by=None)
        simulate(draft, by=None)
        publish(draft, by=None)
        self.world: dict[str, Known] = {}
        self.arrived: dict[str, Known] = {}
        self.waiting: list[tuple[str, Any]] = []
        self.heard: set[str] = set()
        self.given_back: dict[tuple[str, int | None], int] = {}

    def _name(self, what: str) -> str:
        return f"{self.prefix}-{what}-{next(_numbers)}"

    # What the world does

    @rule(
        targets=(unsent, purchases),
        customer=st.sampled_from(["globex", "globex", "initech"]),
        days=st.sampled_from([0, 1, 30, 88, 89, 90, 130]),
        lines=st.lists(st.tuples(st.booleans(), _MONEY), min_size=1, max_size=3),
        paid=st.sampled_from(["full", "none", "part"]),
        part=st.integers(0, 100),
    )
    def somebody_buys(
        self, customer: str, days: int, lines: list[tuple[bool, int]], paid: str, part: int
    ) -> Any:
        name = self._name("sale")
        total = sum(net for _licence, net in lines)
        at = _JANUARY + timedelta(days=days)
        paid_minor = {"full": total, "none": 0, "part": total * part // 100}[paid]
        self.world[name] = Known(name, customer, at, lines, paid_minor)
        data = {
            "external_id": name,
            "occurred_at": at,
            "currency": "EUR",
            "partner_id": str(self.partner.id),
            "customer": {"external_id": f"{self.prefix}-{customer}", "name": f"{customer} {self.prefix}"},
            "type": "new",
            "billed_by": "vendor",
            "paid": paid,
            **({"paid_minor": paid_minor} if paid == "part" else {}),
            "lines": [a_line("licence" if is_licence else "training", net) for is_licence, net in lines],
        }
        return ("sale", name, data)

    @rule(
        target=unsent,
        purchase=purchases,
        share=st.sampled_from([1, 10, 33, 50, 100]),
        line=st.one_of(st.none(), st.integers(0, 2)),
    )
    def somebody_gets_money_back(self, purchase: Any, share: int, line: int | None) -> Any:
        sale = self.world[purchase[1]]
        line = min(line, len(sale.lines) - 1) if line is not None else None
        amount = max(1, (sale.lines[line][1] if line is not None else sale.total) * share // 100)
        # The world gives back no more than was bought, of a line as of the whole.
        of_line = self.given_back.get((sale.name, line), 0)
        whole = sum(one for (name, _line), one in self.given_back.items() if name == sale.name)
        if whole + amount > sale.total or (line is not None and of_line + amount > sale.lines[line][1]):
            return NOTHING
        self.given_back[sale.name, line] = of_line + amount
        name = self._name("refund")
        data = {
            "external_id": name,
            "amount_minor": amount,
            "sale_external_id": sale.name,
            "occurred_at": sale.at,
        }
        return ("refund", sale.name, data | ({"line": line} if line is not None else {}))

    @rule(target=unsent, purchase=purchases, amount=_MONEY)
    def somebody_pays(self, purchase: Any, amount: int) -> Any:
        sale = self.world[purchase[1]]
        data = {
            "external_id": self._name("payment"),
            "amount_minor": amount,
            "sale_external_id": sale.name,
            "occurred_at": sale.at,
        }
        return ("payment", sale.name, data)

    @rule(targets=(unsent, opened), purchase=purchases, amount=_MONEY)
    def a_bank_opens_a_chargeback(self, purchase: Any, amount: int) -> Any:
        sale = self.world[purchase[1]]
        return ("chargeback", sale.name, self._word(sale, self._name("dp"), "opened", amount))

    @rule(target=unsent, message=consumes(opened), is_lost=st.booleans())
    def a_bank_decides(self, message: Any, is_lost: bool) -> Any:
        _kind, sale_name, data = message
        word = "lost" if is_lost else "won"
        sale = self.world[sale_name]
        return ("chargeback", sale_name, self._word(sale, data["external_id"], word, data["amount_minor"]))

    def _word(self, sale: Known, name: str, status: str, amount: int) -> dict[str, Any]:
        at = sale.at + timedelta(days=0 if status == "opened" else 9)
        return {
            "external_id": name,
            "amount_minor": amount,
            "status": status,
            "sale_external_id": sale.name,
            "occurred_at": at,
        }

    # What arrives

    @rule(target=sent, message=consumes(unsent))
    def a_message_arrives(self, message: Any) -> Any:
        self._send(message)
        return message

    @rule(message=sent)
    def a_message_is_repeated(self, message: Any) -> None:
        self._send(message)

    def _send(self, message: Any) -> None:
        kind, sale_name, data = message
        if kind == "nothing":
            return
        record = {
            "sale": record_sale,
            "refund": record_refund,
            "payment": record_payment,
            "chargeback": record_chargeback,
        }[kind]
        record(dict(data), by=None)
        session.flush()
        key = f"{kind}:{data['external_id']}:{data.get('status', '')}"
        if key in self.heard:
            return
        self.heard.add(key)
        if kind == "sale":
            told = self.world[sale_name]
            self.arrived[sale_name] = Known(told.name, told.customer, told.at, told.lines, told.paid)
            early, self.waiting = self.waiting, []
            for waiting_kind, waiting_data in early:
                self._note(waiting_kind, waiting_data)
        else:
            self._note(kind, data)

    def _note(self, kind: str, data: dict[str, Any]) -> None:
        sale = self.arrived.get(data["sale_external_id"])
        if sale is None:
            self.waiting.append((kind, data))
        elif kind == "refund":
            sale.refunds[data["external_id"]] = (data["amount_minor"], data.get("line"))
        elif kind == "payment":
            sale.payments[data["external_id"]] = data["amount_minor"]
        else:
            _amount, words = sale.chargebacks.setdefault(data["external_id"], (data["amount_minor"], set()))
            words.add(data["status"])

    # What must hold

    @invariant()
    def everybody_has_what_the_model_says(self) -> None:
        partner, vendor = earned(list(self.arrived.values()))
        assert self._sum(Entry.partner_id == self.partner.id) == partner
        assert self._sum(Entry.partner_id.is_(None)) == vendor
        assert ledger.balance_of(self.partner.id, "EUR") == partner

    @invariant()
    def what_a_bank_contests_waits_and_nothing_else(self) -> None:
        waiting = session.scalars(
            sa.select(Sale.external_id)
            .distinct()
            .join(Entry, Entry.sale_id == Sale.id)
            .join(EntryHold, EntryHold.entry_id == Entry.id)
            .where(Sale.partner_id == self.partner.id, EntryHold.lifted_at.is_(None))
        )
        having = set(
            session.scalars(
                sa.select(Sale.external_id)
                .join(Entry, Entry.sale_id == Sale.id)
                .where(Entry.partner_id == self.partner.id)
            )
        )
        assert set(waiting) == {sale.name for sale in self.arrived.values() if sale.is_contested} & having

    def _sum(self, whose: Any) -> int:
        query = (
            sa.select(sa.func.coalesce(sa.func.sum(Entry.amount_minor), 0))
            .join(Sale, Sale.id == Entry.sale_id)
            .where(Sale.partner_id == self.partner.id, whose)
        )
        return int(session.scalar(query) or 0)

    def teardown(self) -> None:
        for entry in session.scalars(sa.select(Entry).where(Entry.partner_id == self.partner.id)):
            assert rates.recompute(entry.proof) == entry.amount_minor


def test_any_order_and_repetition_of_messages_gives_the_models_balances(programme: None) -> None:
    run_state_machine_as_test(
        Messages, settings=settings(max_examples=EXAMPLES, stateful_step_count=40, deadline=None)
    )
    assert ledger.audit() == []
