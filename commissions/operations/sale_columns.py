"""What a row of a file says of a sale: which columns there can be, and rows in the shape of every other way in."""

import re
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from core.errors import InvalidInput
from core.i18n import gettext as _
from core.moments import in_utc
from core.money import InvalidAmount, currencies, minor_from_decimal_text
from core.settings import PROGRAMME_CURRENCY, PROGRAMME_TIME_ZONE
from core.sheets import Column, Record
from partners.models import LineKind
from referrals.models.sales import BilledBy, Paid, SaleType
from referrals.payees import account_digest

_DAY_FIRST = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_LONGEST_NUMBER = 60
_OF_A_LINE = ("amount", "discount", "tax", "cost")


def columns() -> list[Column]:
    """What can be imported, in the reader's language. Rows of one sale stand together."""
    return [
        Column("external_id", _("Sale number"), ("invoice", "order", "id", "number", "номер", "счёт", "счет"), True),
        Column("occurred_at", _("Sold on"), ("date", "sold", "дата"), True, _("A day, as 2026-03-01.")),
        Column("customer", _("Customer"), ("customer name", "company", "клиент", "покупатель"), True),
        Column("amount", _("Unit price without tax"), ("price", "amount", "sum", "цена", "сумма"), True),
        Column("currency", _("Currency"), ("валюта",), hint=_("The programme's, where it is missing.")),
        Column("quantity", _("Quantity"), ("qty", "количество")),
        Column("kind", _("Kind of line"), ("kind", "type of line", "вид"), hint=_("A licence, where it is missing.")),
        Column("product", _("Product"), ("sku", "продукт")),
        Column("description", _("Description"), ("text", "описание")),
        Column("discount", _("Discount"), ("скидка",)),
        Column("tax", _("Tax"), ("vat", "ндс")),
        Column("cost", _("Cost"), ("себестоимость",)),
        Column("partner_id", _("Partner's number"), ("partner", "partner id", "партнёр", "партнер")),
        Column("referral_code", _("Referral code"), ("code", "код")),
        Column("customer_id", _("Customer's number"), ("customer id", "номер клиента")),
        Column("country", _("Country"), ("страна",), hint=_("Two letters, as DE.")),
        Column("domain", _("Customer's web site"), ("website", "domain", "сайт")),
        Column("tax_id", _("Customer's tax number"), ("tax number", "tax id", "vat id", "инн")),
        Column(
            "account", _("Account that was paid from"), ("account", "iban", "bank account", "счёт плательщика"),
            hint=_("An IBAN or another number, to see a partner that buys from itself; only a digest of it is kept."),
        ),
        Column("type", _("Kind of sale"), ("sale type", "вид продажи")),
        Column("billed_by", _("Who bills the project"), ("billed by", "кто выставляет счёт")),
        Column("paid", _("Paid"), ("оплачено",)),
        Column("plan", _("Plan"), ("plan code", "план"), hint=_("Its code; the partner's, where it is missing.")),
    ]  # fmt: skip


def sale_of(rows: Sequence[Record]) -> dict[str, Any]:
    """The rows of one sale as ``record_sale`` takes them. Raises InvalidInput by column, for the row that is wrong."""
    first = rows[0]
    problems: dict[str, str] = {}
    currency = (first.get("currency") or PROGRAMME_CURRENCY.value()).upper()
    if currency not in currencies():
        raise InvalidInput({"currency": _("Use an ISO 4217 code such as EUR.")})
    if not first.get("external_id"):
        problems["external_id"] = _("This is needed.")
    if not first.get("customer") and not first.get("customer_id"):
        problems["customer"] = _("This is needed.")
    country = first.get("country").upper()
    if country and not re.fullmatch("[A-Z]{2}", country):
        problems["country"] = _("Two letters, as DE.")
    sale: dict[str, Any] = {
        "external_id": first.get("external_id")[:200],
        "occurred_at": _moment(first, problems),
        "currency": currency,
        "customer": {
            "name": first.get("customer")[:200],
            "external_id": first.get("customer_id") or None,
            "country": country or None,
            "domain": first.get("domain") or None,
            "tax_id": _short(first, "tax_id", problems),
            "account": account_digest(_short(first, "account", problems) or ""),
        },
        "partner_id": first.get("partner_id") or None,
        "referral_code": first.get("referral_code") or None,
        "type": _one_of(SaleType, first, "type", "new", problems),
        "billed_by": _one_of(BilledBy, first, "billed_by", "vendor", problems),
        "paid": _one_of(Paid, first, "paid", "full", problems),
        "plan": first.get("plan") or None,
        "lines": [_line(row, currency, problems) for row in rows],
    }
    if sale["paid"] == Paid.PART.value:
        problems["paid"] = _("Say full or none; payments in part come as payments.")
    if problems:
        raise InvalidInput(problems)
    return sale


def _short(row: Record, name: str, problems: dict[str, str]) -> str | None:
    """A number of the customer's, no longer than the API takes it."""
    text = row.get(name)
    if len(text) > _LONGEST_NUMBER:
        problems[name] = _("It can have at most %(most)s characters.", most=_LONGEST_NUMBER)
    return text or None


def _line(row: Record, currency: str, problems: dict[str, str]) -> dict[str, Any]:
    quantity = row.get("quantity") or "1"
    if not re.fullmatch(r"-?\d{1,9}", quantity):
        problems["quantity"] = _("Give a whole number.")
        quantity = "1"
    if not row.get("amount"):
        problems["amount"] = _("This is needed.")
    sums = {name: _minor(row, name, currency, problems) for name in _OF_A_LINE}
    return {
        "kind": _one_of(LineKind, row, "kind", "licence", problems),
        "product": row.get("product") or None,
        "description": row.get("description")[:500],
        "quantity": int(quantity),
        "unit_amount_minor": sums["amount"] or 0,
        "discount_minor": sums["discount"] or 0,
        "credit_minor": 0,
        "tax_minor": sums["tax"] or 0,
        "cost_minor": sums["cost"],
    }


def _minor(row: Record, name: str, currency: str, problems: dict[str, str]) -> int | None:
    """``1 234,50`` and ``1234.50`` are the same; where both signs stand, the last one is the decimal's."""
    text = "".join(sign for sign in row.get(name) if not sign.isspace()).replace("'", "")
    if not text:
        return None
    if "," in text and text.rfind(",") > text.rfind("."):
        text = text.replace(".", "").replace(",", ".")
    try:
        return minor_from_decimal_text(text.replace(",", ""), currency)
    except InvalidAmount:
        problems[name] = _(
            "“%(text)s” is no amount in %(currency)s.", text=row.get(name)[:40], currency=currency
        )
        return None


def _moment(row: Record, problems: dict[str, str]) -> datetime | None:
    """A moment with its offset, or a day, which stands for its noon in the programme's time zone."""
    text = row.get("occurred_at")
    zone = ZoneInfo(PROGRAMME_TIME_ZONE.value())
    german = _DAY_FIRST.fullmatch(text)
    try:
        if german is not None:
            day = date(int(german[3]), int(german[2]), int(german[1]))
            return datetime.combine(day, time(12), zone)
        if len(text) == 10:
            return datetime.combine(date.fromisoformat(text), time(12), zone)
        moment = datetime.fromisoformat(text)
        return in_utc(moment if moment.tzinfo is not None else moment.replace(tzinfo=zone))
    except ValueError:
        problems["occurred_at"] = _("Write the day as 2026-03-01.")
        return None


def _one_of(kinds: Any, row: Record, name: str, usual: str, problems: dict[str, str]) -> str:
    value = row.get(name).lower() or usual
    allowed = [one.value for one in kinds]
    if value not in allowed:
        problems[name] = _("Use one of %(choices)s.", choices=", ".join(allowed))
        return usual
    return value
