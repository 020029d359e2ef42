"""Recording what happened between customers and the vendor: each message once, in whatever order it comes.

Locks are taken in one order: the message, the names of the sale, lead and deal, the customer's keys, the sale.
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
from core.contacts import company_domain
from core.database import lock, session, write_once
from core.errors import InvalidInput, Refusal
from core.i18n import format_money
from core.i18n import gettext as _
from core.money import LIMIT, currencies
from core.signals import announce
from partners.models import LineKind, Partner, PartnerStatus
from partners.queries import partner_of
from referrals.models.customers import Customer
from referrals.models.deals import Deal, DealStatus
from referrals.models.sales import (
    AttributionSource,
    BilledBy,
    Chargeback,
    ChargebackStatus,
    Paid,
    Payment,
    ReceivedFact,
    Refund,
    Sale,
    SaleLine,
    SaleStatus,
    SaleType,
)
from referrals.operations.customers import find_or_add_customer
from referrals.queries.codes import partner_of_code
from referrals.signals.sales import (
    ChargebackRecorded,
    PaymentRecorded,
    RefundRecorded,
    RefundRefused,
    SaleAttributed,
    SaleRecorded,
)

Fact = TypeVar("Fact", Sale, Payment, Refund, Chargeback)
Later = TypeVar("Later", Payment, Refund, Chargeback)

#: A deal in one of these states can have a sale.
_SELLABLE = frozenset({DealStatus.APPROVED, DealStatus.WON})


@dataclass(frozen=True)
class Recorded(Generic[Fact]):
    """What a message came to. ``is_new`` is false when it had come before and nothing was changed."""

    fact: Fact
    is_new: bool


def record_sale(data: dict[str, Any], *, by: Actor | None, source: str = "api") -> Recorded[Sale]:
    """Records a sale, shaped as ``referrals.schemas.SaleIn``, and whatever came before it and waited for it.

    The same id with the same body, or the same invoice through another channel, answers the sale as it is. Raises
    Refusal for the same id with another body, InvalidInput for what cannot be a sale.
    """
    _refuse_partners(by)
    message = _hold_message(source, "sale", data["external_id"], data)
    if message.subject_id is not None:
        return Recorded(_known(Sale, message, data), is_new=False)
    total = _checked_total(data)
    names = {data["external_id"], *filter(None, [data.get("invoice")])}
    hold_names(names)
    twin = _sale_of_invoice(data.get("invoice"))
    if twin is not None:
        if (twin.currency, twin.total_minor) != (data["currency"], total):
            raise Refusal(
                _("Invoice %(invoice)s came before with another sum or currency.", invoice=data["invoice"])
            )
        message.subject_id = twin.id
        for fact in _facts_waiting_for(lock(twin), names):
            _attach(fact, twin, by=by)
        return Recorded(twin, is_new=False)
    sale = _make_sale(data, total, source=source, by=by)
    message.subject_id = sale.id
    waiting = _facts_waiting_for(sale, names)
    announce(SaleRecorded(sale, by))
    for fact in waiting:
        _attach(fact, sale, by=by)
    return Recorded(sale, is_new=True)


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


def attribute_sale(
    sale: Sale,
    partner: Partner,
    *,
    source: AttributionSource,
    because: str,
    deal: Deal | None = None,
    by: Actor | None,
) -> None:
    """Gives a sale that is nobody's to ``partner``. Raises Refusal when it is somebody's."""
    lock(sale.customer)
    lock(sale)
    if sale.partner_id is not None:
        raise Refusal(_("This sale already has a partner."))
    sale.partner = partner
    sale.deal = deal
    sale.attribution_source = source
    sale.attribution = [
        *sale.attribution,
        _candidate(source, partner.id, deal.id if deal is not None else None, True, because),
    ]
    sale.customer.partner_id = sale.customer.partner_id or partner.id
    session.flush()
    sale.settle_status()
    announce(SaleAttributed(sale, by, source=str(source)))


def release_sale(sale: Sale, *, by: Actor | None) -> None:
    """Ends the review of a sale that was held: it earns from now on. Raises Refusal when it is not under review."""
    lock(sale)
    if sale.held_because is None or sale.partner_id is None:
        raise Refusal(_("This sale is not under review."))
    sale.held_because = None
    sale.settle_status()
    announce(SaleAttributed(sale, by, source=str(sale.attribution_source)))


# Messages and names


def _refuse_partners(by: Actor | None) -> None:
    if isinstance(by, User) and partner_of(by) is not None:
        raise Refusal(_("Sales and payments are recorded by the vendor."))


def _hold_message(source: str, kind: str, external_id: str, data: dict[str, Any]) -> ReceivedFact:
    """The row of a message, made if it is new, and held until the transaction ends."""
    body = _plain(data)
    values = {
        "source": source,
        "kind": kind,
        "external_id": external_id,
        "digest": _digest(body),
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


def _held(source: str, kind: str, external_id: str) -> ReceivedFact:
    return session.scalars(
        sa.select(ReceivedFact)
        .where(
            ReceivedFact.source == source, ReceivedFact.kind == kind, ReceivedFact.external_id == external_id
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _known(kind: type[Fact], message: ReceivedFact, data: dict[str, Any]) -> Fact:
    """The fact that a repeated message came to before. Raises Refusal when the message reads otherwise now."""
    if message.digest != _digest(_plain(data)):
        raise Refusal(
            _("%(id)s came before with other contents. Nothing was changed.", id=message.external_id)
        )
    return session.get_one(kind, message.subject_id)


def _plain(value: Any) -> Any:
    """A message as JSON holds it, so that equal messages are equal texts."""
    if isinstance(value, dict):
        return {str(key): _plain(entry) for key, entry in value.items() if entry is not None}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)


def _digest(body: dict[str, Any]) -> str:
    text = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


# Sales


def _checked_total(data: dict[str, Any]) -> int:
    """The net sum of a sale's lines, at least 0. Raises InvalidInput for sums that cannot be."""
    problems: dict[str, str] = {}
    if data["currency"] not in currencies():
        problems["/currency"] = _("Use an ISO 4217 code such as EUR.")
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


def _net(line: dict[str, Any]) -> int:
    price = line.get("quantity", 1) * line["unit_amount_minor"]
    return int(price - line.get("discount_minor", 0) - line.get("credit_minor", 0))


def _sale_of_invoice(invoice: str | None) -> Sale | None:
    return session.scalar(sa.select(Sale).where(Sale.invoice == invoice)) if invoice else None


def _make_sale(data: dict[str, Any], total: int, *, source: str, by: Actor | None) -> Sale:
    named = _named_partner(data.get("partner_id"))
    deals = _hold_deals(data)
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
    candidates = _candidates(named, deals, data.get("referral_code"), customer)
    chosen = next((candidate for candidate in candidates if candidate["chosen"]), None)
    partner = session.get(Partner, chosen["partner_id"]) if chosen is not None else None
    paid = Paid(data.get("paid") or Paid.FULL)
    sale = Sale(
        source=source,
        external_id=data["external_id"],
        invoice=data.get("invoice") or None,
        customer=customer,
        partner=partner,
        deal=_deal_of(partner, deals),
        type=SaleType(data.get("type") or SaleType.NEW),
        billed_by=BilledBy(data.get("billed_by") or BilledBy.VENDOR),
        currency=data["currency"],
        occurred_at=data["occurred_at"],
        received_at=clock.received_at(data.get("received_at")),
        plan_code=data.get("plan") or None,
        referral_code=data.get("referral_code") or None,
        paid=paid,
        paid_minor={Paid.FULL: None, Paid.NONE: 0, Paid.PART: data.get("paid_minor")}[paid],
        total_minor=total,
        metadata_=data.get("metadata") or {},
        status=SaleStatus.UNATTRIBUTED,
        attribution_source=AttributionSource(chosen["source"]) if chosen is not None else None,
        attribution=candidates,
        held_because=_reason_to_hold(partner, customer, chosen),
        lines=[_make_line(position, line) for position, line in enumerate(data["lines"])],
    )
    session.add(sale)
    session.flush()
    sale.settle_status()
    if partner is not None and customer.partner_id is None:
        customer.partner_id = partner.id
    return sale


def _make_line(position: int, line: dict[str, Any]) -> SaleLine:
    return SaleLine(
        position=position,
        kind=LineKind(line["kind"]),
        product=line.get("product") or None,
        description=line.get("description") or "",
        quantity=line.get("quantity", 1),
        unit_amount_minor=line["unit_amount_minor"],
        discount_minor=line.get("discount_minor", 0),
        credit_minor=line.get("credit_minor", 0),
        tax_minor=line.get("tax_minor", 0),
        cost_minor=line.get("cost_minor"),
    )


# Whose a sale is


def _named_partner(given: str | None) -> Partner | None:
    """Raises InvalidInput when a sale names a partner that is none."""
    if not given:
        return None
    partner = session.get(Partner, int(given)) if _is_id(given) else None
    if partner is None:
        raise InvalidInput({"/partner_id": _("There is no such partner.")})
    return partner


def _hold_deals(data: dict[str, Any]) -> list[tuple[AttributionSource, Deal]]:
    """The deal that the sale names, and those won or reported with it as their order; held, leads first."""
    found: list[tuple[AttributionSource, Deal]] = []
    if data.get("deal_id"):
        named = session.get(Deal, int(data["deal_id"])) if _is_id(data["deal_id"]) else None
        if named is None:
            raise InvalidInput({"/deal_id": _("There is no such deal.")})
        found.append((AttributionSource.DEAL, named))
    orders = list(filter(None, {data["external_id"], data.get("invoice")}))
    reported = (
        sa.select(Deal).where(Deal.order_reference.in_(orders)).order_by(Deal.order_reported_at, Deal.id)
    )
    found += [(AttributionSource.ORDER, deal) for deal in session.scalars(reported)]
    for _source, deal in sorted(found, key=lambda pair: pair[1].id):
        hold_deal(deal)
    return found


def hold_deal(deal: Deal) -> None:
    """Locks a deal, its lead before it."""
    if deal.lead is not None:
        lock(deal.lead)
    lock(deal)


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 18


def _candidates(
    named: Partner | None, deals: list[tuple[AttributionSource, Deal]], code: str | None, customer: Customer
) -> list[dict[str, Any]]:
    """Everybody the sale could belong to, strongest first; the first that nothing speaks against is chosen."""
    claims: list[tuple[AttributionSource, Partner | None, Deal | None, str]] = []
    if named is not None:
        claims.append((AttributionSource.PARTNER, named, None, ""))
    for source, deal in deals:
        against = "" if deal.status in _SELLABLE else "deal_not_approved"
        if source is AttributionSource.ORDER and not against and not _order_holds(deal):
            against = "order_not_confirmed"
        claims.append((source, deal.partner, deal, against))
    if code:
        owner = partner_of_code(code)
        claims.append((AttributionSource.CODE, owner, None, "" if owner is not None else "unknown_code"))
    if customer.partner is not None:
        claims.append((AttributionSource.CUSTOMER, customer.partner, None, ""))
    candidates: list[dict[str, Any]] = []
    for source, partner, claim_deal, objection in claims:
        against = objection
        if partner is not None and partner.status is PartnerStatus.TERMINATED:
            against = against or "partner_left"
        if not against and any(candidate["chosen"] for candidate in candidates):
            against = "weaker"
        candidates.append(
            _candidate(
                source,
                partner.id if partner is not None else None,
                claim_deal.id if claim_deal is not None else None,
                not against,
                against,
            )
        )
    return candidates


def _order_holds(deal: Deal) -> bool:
    """Somebody at the vendor has seen it. A number that a partner only reported, or guessed, gets it no sale."""
    return deal.status is DealStatus.WON


def _candidate(
    source: AttributionSource, partner_id: int | None, deal_id: int | None, chosen: bool, because: str
) -> dict[str, Any]:
    return {
        "source": str(source),
        "partner_id": partner_id,
        "deal_id": deal_id,
        "chosen": chosen,
        "because": because,
    }


def _deal_of(partner: Partner | None, deals: list[tuple[AttributionSource, Deal]]) -> Deal | None:
    """The deal that the sale came of, if it is the chosen partner's."""
    own = (deal for _source, deal in deals if partner is not None and deal.partner_id == partner.id)
    return next((deal for deal in own if deal.status in _SELLABLE), None)


def _reason_to_hold(partner: Partner | None, customer: Customer, chosen: dict[str, Any] | None) -> str | None:
    """A partner that refers itself is looked at by a person, unless the vendor named it."""
    if partner is None or chosen is None or chosen["source"] == AttributionSource.PARTNER:
        return None
    same_site = customer.domain is not None and customer.domain == company_domain(partner.domain)
    return "self_referral" if same_site else None


# Facts after the sale, and before it


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
    _refuse_partners(by)
    data = dict(data)
    data["sale_external_id"] = sale.external_id if sale is not None else data["sale_external_id"]
    message = _hold_message(source, message_kind, data["external_id"], data)
    if message.subject_id is not None:
        return Recorded(_known(kind, message, data), is_new=False)
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
        _attach(fact, sale, by=by)
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


def _facts_waiting_for(sale: Sale, names: set[str]) -> list[Payment | Refund | Chargeback]:
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


def _attach(fact: Payment | Refund | Chargeback, sale: Sale, *, by: Actor | None) -> None:
    """Puts a fact to its sale, and tells everybody."""
    if isinstance(fact, Refund) and fact.refused_because is None:
        fact.refused_because = _objection(fact, sale)
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
    objection = _objection(refund, sale)
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


def _objection(refund: Refund, sale: Sale) -> str | None:
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
