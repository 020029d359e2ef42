"""What Stripe took back of a payment: of its one sale, or of several invoices that were paid by it at once.

Stripe says what each invoice got of a payment, but not to which of them a refund or a chargeback belongs. Taken back as
a whole, each invoice's own part is taken back, to the cent. Of anything less a person says how it is divided; until
then it is kept as a message of its own and takes back nothing.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Literal

import sqlalchemy as sa

from commissions.stripe_facts import net_of
from core.activity import Actor
from core.database import lock, session
from core.errors import InvalidInput, Refusal
from core.i18n import format_money
from core.i18n import gettext as _
from referrals.models import Chargeback, ChargebackStatus, ReceivedFact, Refund, Sale
from referrals.operations.sales import record_chargeback, record_refund, sale_named
from referrals.operations.sales.messages import hold_message, refuse_partners

SOURCE = "stripe"
#: Kinds of messages: what nobody has divided yet, and how a dispute of the bank's was divided.
UNDIVIDED, DIVISION = "undivided", "division"


@dataclass(frozen=True)
class TakenBack:
    """What was taken back of a payment: ``gross_minor``, tax included; of a refund all that was given back so far.

    ``thing`` is the id of the charge, or of the bank's dispute; ``status`` is the bank's word: opened, won or lost.
    ``parts`` are what each invoice got of the payment; empty where it paid one sale.
    """

    what: Literal["refund", "chargeback"]
    thing: str
    gross_minor: int
    occurred_at: str
    parts: dict[str, int]
    status: str = ""
    #: Of the sales, once they are known.
    currency: str = ""

    @property
    def name(self) -> str:
        """The message's own name."""
        return f"{self.thing}:{self.status or self.gross_minor}"


def taken_back_of(message: ReceivedFact) -> TakenBack:
    """What a message says that waits to be divided."""
    assert message.body is not None
    return TakenBack(**message.body)


def waiting_to_be_divided() -> "sa.Select[ReceivedFact]":
    """What a person has to divide, in the order in which it came."""
    return (
        sa.select(ReceivedFact)
        .where(
            ReceivedFact.source == SOURCE,
            ReceivedFact.kind == UNDIVIDED,
            ReceivedFact.subject_id.is_(None),
        )
        .order_by(ReceivedFact.id)
    )


def sales_of(told: TakenBack) -> dict[str, Sale]:
    """invoice → its sale, as far as they have come."""
    found = {invoice: sale_named(SOURCE, invoice) for invoice in told.parts}
    return {invoice: sale for invoice, sale in found.items() if sale is not None}


def take_back_of_one(told: TakenBack, sale: Sale) -> None:
    """The payment paid one sale."""
    _record_at(sale, told, told.gross_minor, told.thing, by=None)


def take_back_of_several(told: TakenBack, sales: Mapping[str, Sale]) -> None:
    """Takes back what can be told exactly; keeps the rest for a person."""
    if told.gross_minor == sum(told.parts.values()):
        division: dict[str, int] | None = told.parts
    else:
        division = _division_of(told)
    if division is None:
        currency = next(iter(sales.values())).currency
        hold_message(SOURCE, UNDIVIDED, told.name, asdict(replace(told, currency=currency)))
    else:
        _record(told, division, sales, by=None)


def divide(message: ReceivedFact, division: Mapping[str, int], *, by: Actor | None) -> None:
    """A person says how much of it is whose: invoice → gross amount.

    Raises InvalidInput by invoice, or at ``""`` where the amounts do not sum up; Refusal when it was divided before.
    """
    refuse_partners(by)
    lock(message)
    told = taken_back_of(message)
    if message.subject_id is not None:
        raise Refusal(_("This is divided already."))
    sales = sales_of(told)
    problems = {
        invoice: _("This invoice got %(amount)s of the payment.", amount=format_money(got, told.currency))
        for invoice, got in told.parts.items()
        if not 0 <= division[invoice] <= got
    }
    if not problems and sum(division.values()) != told.gross_minor:
        amount = format_money(told.gross_minor, told.currency)
        problems[""] = _("Together it has to be %(amount)s.", amount=amount)
    if not problems and told.what == "refund":
        problems = {
            invoice: _("More of it was given back before.")
            for invoice, sale in sales.items()
            if _net(sale, division[invoice]) < _given_back(sale, told.thing)
        }
    if problems:
        raise InvalidInput(problems)
    if told.what == "chargeback":
        hold_message(SOURCE, DIVISION, told.thing, {"parts": dict(division)})
    _record(told, division, sales, by=by)


def _division_of(told: TakenBack) -> dict[str, int] | None:
    """How a person divided this dispute of the bank's when another word of it came; refunds are divided each anew."""
    body = session.scalar(
        sa.select(ReceivedFact.body).where(
            ReceivedFact.source == SOURCE,
            ReceivedFact.kind == DIVISION,
            ReceivedFact.external_id == told.thing,
        )
    )
    division: dict[str, int] | None = body["parts"] if body is not None else None
    return division if division is not None and sum(division.values()) == told.gross_minor else None


def _record(
    told: TakenBack, division: Mapping[str, int], sales: Mapping[str, Sale], *, by: Actor | None
) -> None:
    """Records it at each sale, and whatever of the same charge or dispute is settled by that."""
    waiting = session.scalars(
        waiting_to_be_divided().where(ReceivedFact.external_id.startswith(f"{told.thing}:", autoescape=True))
    ).all()
    words = {told.name: told}
    for message in waiting:
        other = taken_back_of(message)
        is_word = told.what == "chargeback" and other.gross_minor == told.gross_minor
        if is_word:
            words[other.name] = other
        if is_word or (told.what == "refund" and other.gross_minor <= told.gross_minor):
            message.subject_id = min(sale.id for sale in sales.values())
    # Locked in one order, whoever records it.
    for invoice, sale in sorted(sales.items(), key=lambda one: one[1].id):
        for word in words.values():
            if division[invoice]:
                _record_at(sale, word, division[invoice], f"{told.thing}:{invoice}", by=by)


def _record_at(sale: Sale, told: TakenBack, gross_minor: int, name: str, *, by: Actor | None) -> None:
    """What of it is this sale's; of a refund, what is new of it."""
    lock(sale)
    moment = datetime.fromisoformat(told.occurred_at)
    if told.what == "chargeback":
        if _is_said(name, told.status):
            return
        amount = min(_net(sale, gross_minor), sale.total_minor)
        data = {"external_id": name, "amount_minor": amount, "occurred_at": moment, "status": told.status}
        record_chargeback(data, sale=sale, by=by, source=SOURCE)
        return
    fresh = _net(sale, gross_minor) - _given_back(sale, told.thing)
    if fresh > 0:
        named = f"{told.name}{name.removeprefix(told.thing)}"
        data = {"external_id": named, "amount_minor": fresh, "occurred_at": moment, "line": None}
        record_refund(data, sale=sale, by=by, source=SOURCE)


def _is_said(name: str, status: str) -> bool:
    """Whether Stripe told this word of the bank before: it does so by several events, at different moments."""
    known = sa.exists().where(
        Chargeback.source == SOURCE,
        Chargeback.external_id == name,
        Chargeback.status == ChargebackStatus(status),
    )
    return bool(session.scalar(sa.select(known)))


def _given_back(sale: Sale, charge: str) -> int:
    """What a charge gave back of a sale so far, net of tax."""
    return int(
        session.scalar(
            sa.select(sa.func.coalesce(sa.func.sum(Refund.amount_minor), 0)).where(
                Refund.sale_id == sale.id,
                Refund.source == SOURCE,
                Refund.external_id.startswith(f"{charge}:", autoescape=True),
            )
        )
        or 0
    )


def _net(sale: Sale, gross_minor: int) -> int:
    gross = sale.metadata_.get("gross_minor", sale.total_minor)
    return net_of(gross_minor, sale_net_minor=sale.total_minor, sale_gross_minor=int(gross))
