"""What a row of a file says of a lead: which columns there can be, and the row in the shape of every other way in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any

from core.digits import number_in
from core.errors import InvalidInput
from core.i18n import gettext as _
from core.moments import in_utc
from core.money import InvalidAmount, currencies, minor_from_decimal_text
from core.settings import PROGRAMME_CURRENCY
from core.sheets import Column, Record
from referrals.models.leads import LeadOrigin
from referrals.operations.intake import Catalogue, LeadData

_AS_THEY_ARE = (
    "company", "website", "tax_id", "person", "email", "phone", "country", "region", "city", "postcode", "language",
    "industry", "text", "call_at", "source", "campaign", "referral_code",
)  # fmt: skip


def columns() -> list[Column]:
    """What can be imported, in the reader's language; a company or an e-mail is needed in each row."""
    return [
        Column("company", _("Company"), ("organisation", "organization", "firm", "account", "компания")),
        Column("person", _("Person"), ("name", "contact", "full name", "контакт", "имя")),
        Column("email", _("E-mail"), ("mail", "email address", "почта")),
        Column("phone", _("Phone"), ("telephone", "mobile", "tel", "телефон")),
        Column("website", _("Website"), ("site", "url", "domain", "сайт")),
        Column("tax_id", _("Tax number"), ("vat", "vat id", "tax id", "инн")),
        Column("country", _("Country"), ("страна",)),
        Column("region", _("Region"), ("state", "province", "регион")),
        Column("city", _("City"), ("town", "город")),
        Column("postcode", _("Postcode"), ("zip", "postal code", "zip code", "индекс")),
        Column("language", _("Language"), ("язык",)),
        Column("industry", _("Industry"), ("branch", "отрасль")),
        Column(
            "employees", _("People"), ("headcount", "company size", "сотрудники"), hint=_("A whole number.")
        ),
        Column("products", _("Products"), ("product", "продукт"), hint=_("Codes or names, with commas.")),
        Column(
            "services", _("Services wanted"), ("service", "услуги"), hint=_("Codes or names, with commas.")
        ),
        Column("size", _("Size of the project"), ("amount", "budget", "value", "сумма")),
        Column("currency", _("Currency"), ("валюта",)),
        Column("text", _("What they need"), ("message", "comment", "notes", "description", "комментарий")),
        Column("call_at", _("To be called"), ("call",)),
        Column("source", _("Source"), ("lead source", "источник")),
        Column("campaign", _("Campaign"), ("кампания",)),
        Column("referral_code", _("Referral code"), ("code", "ref")),
        Column("consent_version", _("Consent text"), ("consent",)),
        Column(
            "consent_at", _("Consent given on"), ("consent date", "opt in"), hint=_("A day, as 2026-03-01.")
        ),
    ]


@dataclass(frozen=True)
class Usual:
    """What holds for every row that says nothing else."""

    source: str
    campaign: str


def lead_data(record: Record, usual: Usual, catalogue: Catalogue) -> LeadData:
    """A row as a lead comes in. Raises InvalidInput at the columns whose cells cannot be read."""
    problems: dict[str, str] = {}
    said: dict[str, Any] = {name: record.get(name) or None for name in _AS_THEY_ARE}
    said["source"] = said["source"] or usual.source or None
    said["campaign"] = said["campaign"] or usual.campaign or None
    currency = record.get("currency").upper() or PROGRAMME_CURRENCY.value()
    if currency not in currencies():
        problems["currency"] = _("That is not a currency's code, such as EUR.")
    data = LeadData(
        origin=LeadOrigin.IMPORT,
        employees=_whole(record.get("employees"), problems),
        products=_codes(record.get("products"), catalogue.products),
        services=_codes(record.get("services"), catalogue.services),
        size_minor=_amount(record.get("size"), currency, problems),
        currency=currency if record.get("size") else None,
        consent_version=record.get("consent_version") or None,
        consent_at=_day(record.get("consent_at"), problems),
        **said,
    )
    if problems:
        raise InvalidInput(problems)
    return data


def _whole(cell: str, problems: dict[str, str]) -> int | None:
    """``1,200``, ``1 200`` and ``1200`` are one number."""
    digits = "".join(sign for sign in cell if sign not in " .,'\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}")
    if not digits:
        return None
    number = number_in(digits, most_digits=14)
    if number is None:
        problems["employees"] = _("Type a whole number, such as %(example)s.", example=120)
    return number


def _amount(cell: str, currency: str, problems: dict[str, str]) -> int | None:
    plain = "".join(cell.split()).replace("'", "")
    if not plain:
        return None
    if "," in plain:
        plain = plain.replace(",", "") if "." in plain else plain.replace(",", ".")
    try:
        return minor_from_decimal_text(plain, currency) if currency in currencies() else None
    except InvalidAmount:
        problems["size"] = _("Type an amount, such as 1234.50.")
        return None


def _day(cell: str, problems: dict[str, str]) -> datetime | None:
    if not cell:
        return None
    try:
        moment = datetime.fromisoformat(cell)
        if moment.tzinfo is not None:
            return in_utc(moment)
    except ValueError:
        problems["consent_at"] = _("Type a day, such as 2026-03-01.")
        return None
    # A day or an hour without a zone; noon is on that day in nearly every one.
    return moment.replace(tzinfo=UTC) if moment.time() != time(0) else moment.replace(hour=12, tzinfo=UTC)


def _codes(cell: str, known: Mapping[str, Any]) -> tuple[str, ...]:
    """Codes, or names that mean one; what is neither stays as it is, and is complained of by the way in."""
    parts = [part.strip() for part in cell.replace(";", ",").split(",")]
    by_name = {str(one.label).casefold(): code for code, one in known.items()}
    return tuple(by_name.get(part.casefold(), part) for part in parts if part)
