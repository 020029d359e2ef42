"""What is learned of a sale after it, or before it came: payments, refunds, and what banks say."""

from typing import Any, TypeVar

import sqlalchemy as sa

from core import clock
from core.activity import Actor
from core.database import lock, session
from core.errors import InvalidInput, Refusal
from core.i18n import format_money
from core.i18n import gettext as _
from core.signals import announce
from referrals.models.sales import Chargeback, ChargebackStatus, Payment, ReceivedFact, Refund, Sale
from referrals.operations.sales.messages import (
    Recorded,
    hold_message,
    hold_names,
    known_fact,
    refuse_partners,
)
from referrals.signals.sales import ChargebackRecorded, PaymentRecorded, RefundRecorded, RefundRefused

Later = TypeVar("Later", Payment, Refund, Chargeback)


def record_payment(
    data: dict[str, Any], *, by: Actor | None, sale: Sale | None = None, source: str = "api"
) -> Recorded[Payment]:
    """Records money received for a sale: the given one, or the one named, which may not have come."""
    return _record_later(Payment, data, "payment", by=by, sale=sale, source=source)


def record_refund(
    data: dict[str, Any], *, by: Actor | None, sale: Sale | None = None, source: str = "api"
) -> Recorded[Refund]:
    """Records money given back. Raises Refusal when all refunds together would be more than the sale."""
    return _record_later(Refund, data, "refund", by=by, sale=sale, source=source, line=data.get("line"))


def record_chargeback(
    data: dict[str, Any], *, by: Actor | None, sale: Sale | None = None, source: str = "api"
) -> Recorded[Chargeback]:
    """Records one word of the customer's bank: opened, won or lost. Each word of a chargeback counts once."""
    status = ChargebackStatus(data["status"])
    return _record_later(
        Chargeback, data, f"chargeback.{status}", by=by, sale=sale, source=source, status=status
    )


def _record_later(
    kind: type[Later],
    data: dict[str, Any],
    message_kind: str,
    *,
    by: Actor | None,
    sale: Sale | None,
    source: str,
    **further: Any,
) -> Recorded[Later]:
    refuse_partners(by)
    data = dict(data)
    data["sale_external_id"] = sale.external_id if sale is not None else data["sale_external_id"]
    message = hold_message(source, message_kind, data["external_id"], data)
    if message.subject_id is not None:
        return Recorded(known_fact(kind, message, data), is_new=False)
    if data["amount_minor"] <= 0:
        raise InvalidInput({"/amount_minor": _("Give an amount above 0.")})
    if sale is None:
        hold_names([data["sale_external_id"]])
        sale = sale_named(source, data["sale_external_id"])
    received_at = clock.received_at(data.get("received_at"))
    fact = kind(
        source=source,
        external_id=data["external_id"],
        sale_external_id=data["sale_external_id"],
        amount_minor=data["amount_minor"],
        occurred_at=data.get("occurred_at") or received_at,
        received_at=received_at,
        **further,
    )
    if sale is not None:
        lock(sale)
        if isinstance(fact, Refund):
            _refuse_excess(fact, sale)
    session.add(fact)
    session.flush()
    message.subject_id = fact.id
    if sale is not None:
        attach(fact, sale, by=by)
    return Recorded(fact, is_new=True)


def sale_named(source: str | None, name: str) -> Sale | None:
    """The sale with this id in the channel ``source``, or the only one with it, or with this invoice number, in any."""
    alias = sa.select(ReceivedFact.subject_id).where(
        ReceivedFact.kind == "sale", ReceivedFact.external_id == name, ReceivedFact.subject_id.is_not(None)
    )
    own = session.scalar(alias.where(ReceivedFact.source == source)) if source is not None else None
    if own is not None:
        return session.get_one(Sale, own)
    others = set(session.scalars(alias))
    others |= set(session.scalars(sa.select(Sale.id).where(Sale.invoice == name)))
    return session.get_one(Sale, others.pop()) if len(others) == 1 else None


def facts_waiting_for(sale: Sale, names: set[str]) -> list[Payment | Refund | Chargeback]:
    """What spoke of the sale before it came, in the order it came."""
    waiting: list[Payment | Refund | Chargeback] = []
    for kind in (Payment, Refund, Chargeback):
        waiting += session.scalars(
            sa.select(kind)
            .where(kind.sale_id.is_(None), kind.sale_external_id.in_(names))
            .order_by(kind.id)
            .with_for_update()
        )
    return sorted(waiting, key=lambda fact: (fact.received_at, fact.source != sale.source, fact.id))


def attach(fact: Payment | Refund | Chargeback, sale: Sale, *, by: Actor | None) -> None:
    """Puts a fact to its sale, and tells everybody."""
    if isinstance(fact, Refund) and fact.refused_because is None:
        fact.refused_because = objection_to(fact, sale)
    fact.sale = sale
    session.flush()
    sale.settle_status()
    if isinstance(fact, Payment):
        announce(PaymentRecorded(fact, by))
    elif isinstance(fact, Chargeback):
        announce(ChargebackRecorded(fact, by))
    elif fact.refused_because is None:
        announce(RefundRecorded(fact, by))
    else:
        announce(RefundRefused(fact, by))


def _refuse_excess(refund: Refund, sale: Sale) -> None:
    objection = objection_to(refund, sale)
    if objection == "line":
        raise InvalidInput({"/line": _("The sale has no such line.")})
    if objection == "excess":
        raise Refusal(
            _(
                "Refunds would come to %(refunds)s, more than the %(total)s of the sale.",
                refunds=format_money(sale.refunded_minor + refund.amount_minor, sale.currency),
                total=format_money(sale.total_minor, sale.currency),
            )
        )
    if objection == "line_excess":
        raise Refusal(_("That is more than is left of this line."))


def objection_to(refund: Refund, sale: Sale) -> str | None:
    """Why the sale cannot bear a refund beside those it has; ``None`` when it can."""
    others = [known for known in sale.counted_refunds if known is not refund]
    if sum(known.amount_minor for known in others) + refund.amount_minor > sale.total_minor:
        return "excess"
    if refund.line is None:
        return None
    if not 0 <= refund.line < len(sale.lines):
        return "line"
    of_the_line = sum(known.amount_minor for known in others if known.line == refund.line)
    if of_the_line + refund.amount_minor > max(0, sale.lines[refund.line].net_minor):
        return "line_excess"
    return None
