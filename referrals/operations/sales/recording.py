"""Recording a sale: each message once, in whatever order it comes."""

from collections.abc import Collection
from datetime import date
from typing import Any

import sqlalchemy as sa

from core import clock
from core.activity import Actor
from core.bulk import among
from core.database import lock, session
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from core.money import LIMIT, currencies
from core.signals import announce
from partners.models import LineKind
from referrals.models.sales import BilledBy, Paid, ReceivedFact, Sale, SaleLine, SaleStatus, SaleType
from referrals.operations import attribution
from referrals.operations.customers import find_or_add_customer
from referrals.operations.sales.later import attach, facts_waiting_for
from referrals.operations.sales.messages import (
    Recorded,
    add_names,
    hold_message,
    hold_names,
    known_fact,
    refuse_partners,
)
from referrals.signals.sales import SaleRecorded


def record_sale(
    data: dict[str, Any], *, by: Actor | None, source: str = "api", also_named: Collection[str] = ()
) -> Recorded[Sale]:
    """Records a sale, shaped as ``referrals.schemas.SaleIn``, and whatever came before it and waited for it.

    The same id with the same body, or the same invoice through another channel, answers the sale as it is. Raises
    Refusal for the same id with another body, InvalidInput for what cannot be a sale. What comes later may speak of the
    sale as ``also_named``, too: the names of its payments in the channel ``source``.
    """
    refuse_partners(by)
    message = hold_message(source, "sale", data["external_id"], data)
    if message.subject_id is not None:
        return Recorded(known_fact(Sale, message, data), is_new=False)
    total = checked_total(data)
    names = {data["external_id"], *also_named, *filter(None, [data.get("invoice")])}
    hold_names(names)
    twin = _sale_of_invoice(data.get("invoice"), also_named) or _told_elsewhere(data, total, source)
    if twin is not None:
        refuse_other_sum(data, total, twin.currency, twin.total_minor)
        message.subject_id = twin.id
        add_names(twin, also_named, source=source)
        for fact in facts_waiting_for(lock(twin), names):
            attach(fact, twin, by=by)
        return Recorded(twin, is_new=False)
    sale = _make_sale(data, total, source=source, by=by)
    message.subject_id = sale.id
    add_names(sale, also_named, source=source)
    waiting = facts_waiting_for(sale, names)
    announce(SaleRecorded(sale, by))
    for fact in waiting:
        attach(fact, sale, by=by)
    return Recorded(sale, is_new=True)


def checked_total(data: dict[str, Any]) -> int:
    """The net sum of a sale's lines, at least 0. Raises InvalidInput for sums, and a day, that cannot be."""
    problems: dict[str, str] = {}
    if data["currency"] not in currencies():
        problems["/currency"] = _("Use an ISO 4217 code such as EUR.")
    for name in ("occurred_at", "received_at"):
        if data.get(name) is not None and (wrong := wrong_day(data[name])):
            problems[f"/{name}"] = wrong
    nets = [_net(line) for line in data["lines"]]
    for position, net in enumerate(nets):
        if abs(net) >= LIMIT:
            problems[f"/lines/{position}"] = _("That is more than the books can hold.")
    total = max(0, sum(nets))
    if total >= LIMIT:
        problems["/lines"] = _("That is more than the books can hold.")
    paid, paid_minor = Paid(data.get("paid") or Paid.FULL), data.get("paid_minor")
    if paid is Paid.PART and paid_minor is None:
        problems["/paid_minor"] = _("Say how much was paid.")
    elif paid is not Paid.PART and paid_minor is not None:
        problems["/paid_minor"] = _("Only a sale that is paid in part has it.")
    elif paid_minor is not None and not 0 <= paid_minor <= total:
        problems["/paid_minor"] = _("It can be 0 to the sum of the lines without tax.")
    if problems:
        raise InvalidInput(problems)
    return total


def wrong_day(day: date) -> str:
    """What is wrong with the day of a sale, or nothing: months are counted back and on from it."""
    years = (1970, 2199)
    if years[0] <= day.year <= years[1]:
        return ""
    return _("Give a day from %(first)s to %(last)s.", first=years[0], last=years[1])


def _net(line: dict[str, Any]) -> int:
    price = line.get("quantity", 1) * line["unit_amount_minor"]
    return int(price - line.get("discount_minor", 0) - line.get("credit_minor", 0))


def refuse_other_sum(data: dict[str, Any], total: int, twins_currency: str, twins_total: int) -> None:
    """Raises Refusal when a sale with this invoice came before, and reads otherwise."""
    if (twins_currency, twins_total) != (data["currency"], total):
        name = data.get("invoice") or data["external_id"]
        raise Refusal(_("Invoice %(invoice)s came before with another sum or currency.", invoice=name))


def _sale_of_invoice(invoice: str | None, also_named: Collection[str]) -> Sale | None:
    names = [*filter(None, [invoice]), *also_named]
    if not names:
        return None
    found = session.scalars(sa.select(Sale).where(Sale.invoice.in_(names)).order_by(Sale.id)).all()
    return next((sale for sale in found if sale.invoice == invoice), found[0] if found else None)


def _told_elsewhere(data: dict[str, Any], total: int, source: str) -> Sale | None:
    """The sale of the same sum that another channel told, where one channel's invoice is the other's id.

    Stripe, say, calls by its own id, or by that of a payment, what another channel knows by that as its ``invoice``;
    and a list may have Stripe's number of the invoice as the number of the sale.
    """
    same = (Sale.currency == data["currency"], Sale.total_minor == total)
    found = sa.select(Sale).where(Sale.invoice == data["external_id"], Sale.source != source, *same)
    sale = session.scalar(found)
    if sale is not None or not data.get("invoice"):
        return sale
    ids = names_elsewhere([data["invoice"]], source).with_only_columns(ReceivedFact.subject_id)
    return session.scalar(sa.select(Sale).where(Sale.id.in_(ids), *same).order_by(Sale.id).limit(1))


def names_elsewhere(names: Collection[str], source: str) -> sa.Select[str]:
    """Which of these names other channels than ``source`` have for a sale."""
    return sa.select(ReceivedFact.external_id).where(
        ReceivedFact.kind == "sale", among(ReceivedFact.external_id, names), ReceivedFact.source != source
    )


def _make_sale(data: dict[str, Any], total: int, *, source: str, by: Actor | None) -> Sale:
    named = attribution.named_partner(data.get("partner_id"))
    of_deals = attribution.claims_of_deals(data)
    buyer = data["customer"]
    customer = find_or_add_customer(
        name=buyer.get("name") or "",
        external_id=buyer.get("external_id"),
        country=buyer.get("country"),
        domain=buyer.get("domain"),
        size=buyer.get("size"),
        tax_id=buyer.get("tax_id"),
        by=by,
    )
    decision = attribution.decide(data, named, of_deals, customer)
    partner = decision.partner
    sale = Sale(
        customer=customer,
        partner=partner,
        deal=decision.deal,
        lines=[SaleLine(**line_values(position, line)) for position, line in enumerate(data["lines"])],
        **sale_values(data, total, source, decision, attribution.reason_to_hold(decision, buyer, customer)),
    )
    session.add(sale)
    session.flush()
    sale.settle_status()
    if partner is not None and customer.partner_id is None:
        customer.partner_id = partner.id
    return sale


def sale_values(
    data: dict[str, Any], total: int, source: str, decision: attribution.Decision, held_because: str | None
) -> dict[str, Any]:
    """What a sale says of itself, beside its customer, its partner and its deal."""
    chosen = decision.chosen
    paid = Paid(data.get("paid") or Paid.FULL)
    return {
        "source": source,
        "external_id": data["external_id"],
        "invoice": data.get("invoice") or None,
        "link_id": chosen.link_id if chosen is not None else None,
        "type": SaleType(data.get("type") or SaleType.NEW),
        "billed_by": BilledBy(data.get("billed_by") or BilledBy.VENDOR),
        "currency": data["currency"],
        "occurred_at": data["occurred_at"],
        "received_at": clock.received_at(data.get("received_at")),
        "plan_code": data.get("plan") or None,
        "referral_code": data.get("referral_code") or None,
        "paid": paid,
        "paid_minor": {Paid.FULL: None, Paid.NONE: 0, Paid.PART: data.get("paid_minor")}[paid],
        "total_minor": total,
        "metadata_": data.get("metadata") or {},
        "status": SaleStatus.UNATTRIBUTED,
        "attribution_source": chosen.source if chosen is not None else None,
        "attribution": decision.candidates,
        "held_because": held_because,
    }


def line_values(position: int, line: dict[str, Any]) -> dict[str, Any]:
    """What a line of a sale says of itself."""
    return {
        "position": position,
        "kind": LineKind(line["kind"]),
        "product": line.get("product") or None,
        "description": line.get("description") or "",
        "quantity": line.get("quantity", 1),
        "unit_amount_minor": line["unit_amount_minor"],
        "discount_minor": line.get("discount_minor", 0),
        "credit_minor": line.get("credit_minor", 0),
        "tax_minor": line.get("tax_minor", 0),
        "cost_minor": line.get("cost_minor"),
    }
