"""What a row of a file says of a firm: which columns there can be, and the row as a firm is added by hand."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from accounts.models import User
from core import contacts, places
from core.errors import InvalidInput
from core.i18n import gettext as _
from core.sheets import Column, Record
from partners.models import INDUSTRIES, LANGUAGES, Agreement, PartnerType
from partners.operations.firms import Catalogue, checked_firm
from partners.operations.profile import there_are
from partners.queries.plans import USUAL_PLAN

_TEXTS = ("legal_name", "region", "city", "postcode", "website", "phone", "tax_id")
_YES = frozenset({"yes", "y", "true", "1", "x", "да"})
_NO = frozenset({"", "no", "n", "false", "0", "нет"})


def columns() -> list[Column]:
    """What can be imported, in the reader's language."""
    codes = _("Codes or names, with commas.")
    return [
        Column("name", _("Name"), ("company", "firm", "partner", "название", "партнёр"), required=True),
        Column("country", _("Country"), ("страна",), required=True, hint=_("A code such as DE, or a name.")),
        Column("legal_name", _("Legal name"), ("legal entity", "юридическое название")),
        Column(
            "type", _("Type"), ("partner type", "тип"), hint=", ".join(kind.value for kind in PartnerType)
        ),
        Column("tier", _("Tier"), ("level", "уровень"), hint=_("Its code; registered where nothing stands.")),
        Column(
            "plan", _("Plan"), ("commission plan", "план"), hint=_("Its code; standard where nothing stands.")
        ),
        Column("region", _("Region"), ("state", "province", "регион")),
        Column("city", _("City"), ("town", "город")),
        Column("postcode", _("Postcode"), ("zip", "postal code", "индекс")),
        Column("website", _("Website"), ("site", "url", "domain", "сайт")),
        Column("phone", _("Phone"), ("telephone", "tel", "телефон")),
        Column("tax_id", _("Tax number"), ("vat", "vat id", "tax id", "инн")),
        Column("regions", _("Regions and countries it serves"), ("territory", "территория"), hint=codes),
        Column("languages", _("Languages"), ("language", "языки"), hint=codes),
        Column("products", _("Products"), ("product", "продукты"), hint=codes),
        Column("services", _("Services"), ("service", "услуги"), hint=codes),
        Column("industries", _("Industries"), ("industry", "отрасли"), hint=codes),
        Column("manager", _("Partner manager"), ("account manager", "менеджер"), hint=_("By e-mail.")),
        Column("admin_name", _("Admin's name"), ("contact", "contact person", "контактное лицо")),
        Column("admin_email", _("Admin's e-mail"), ("email", "e-mail", "mail", "почта")),
        Column(
            "signed", _("Agreement signed"), ("agreement", "contract", "соглашение"), hint=_("Yes or no.")
        ),
    ]


@dataclass(frozen=True)
class Known:
    """What names in a file are looked up by; fetched once for many rows."""

    products: Mapping[str, str]
    services: Mapping[str, str]
    managers: Mapping[str, User]
    catalogue: Catalogue
    #: Codes of plans by what may be typed for them.
    plans: Mapping[str, str]
    #: What firms that have signed have signed.
    agreement: Agreement | None


@dataclass(frozen=True)
class FirmRow:
    """A row as :func:`partners.operations.firms.new_firm` takes it, and what is done beside it."""

    values: dict[str, Any]
    country: str
    tier: str
    plan: str
    manager: User | None
    admin_name: str
    admin_email: str
    is_signed: bool


def firm_row(record: Record, known: Known) -> FirmRow:
    """A row with its names as codes. Raises InvalidInput at the columns whose cells will not do."""
    problems: dict[str, str] = {}
    country = places.country_code(record.get("country")) or ""
    if not country:
        problems["country"] = _("That is not a country, such as DE or Germany.")
    firm: dict[str, Any] = {name: record.get(name) for name in _TEXTS if record.get(name)}
    firm |= {
        "name": record.get("name"),
        "country": country,
        "type": record.get("type").casefold() or PartnerType.RESELLER.value,
        "tier": record.get("tier").casefold() or "registered",
        "plan": known.plans.get((record.get("plan") or USUAL_PLAN).casefold(), ""),
    }
    if not firm["plan"]:
        nobody = _("There is no published plan %(code)s.", code=record.get("plan"))
        problems["plan"] = f"{nobody} {there_are(known.plans.values())}"
    for name, codes in (
        ("products", known.products),
        ("services", known.services),
        ("languages", {code: code for code in LANGUAGES}),
        ("industries", {code: code for code in INDUSTRIES}),
    ):
        if record.get(name):
            firm[name] = [codes.get(word.casefold(), word) for word in _words(record.get(name))]
    if record.get("regions"):
        firm["regions"] = [_place(word, country) for word in _words(record.get("regions"))]
    manager = known.managers.get(record.get("manager").casefold())
    if record.get("manager") and manager is None:
        problems["manager"] = _("Nobody of the vendor's partner managers has this address.")
    email = record.get("admin_email")
    address = contacts.normalise_email(email) if email else ""
    if address is None:
        problems["admin_email"] = _("That is not an e-mail address, such as name@company.com.")
    if address and not record.get("admin_name"):
        problems["admin_name"] = _("Say whose address it is.")
    signed = record.get("signed").casefold()
    if signed not in _YES | _NO:
        problems["signed"] = _("Say yes or no.")
    is_signed = signed in _YES
    if is_signed and known.agreement is None:
        problems["signed"] = _("Publish the partner agreement first.")
    values: dict[str, Any] = {}
    if country:  # how phone, tax number and region are read
        try:
            values = checked_firm(**firm, known=known.catalogue)
        except InvalidInput as more:
            problems = {**more.problems, **problems}
    if problems:
        raise InvalidInput(problems)
    return FirmRow(
        values,
        country,
        firm["tier"],
        firm["plan"],
        manager,
        record.get("admin_name"),
        address or "",
        is_signed,
    )


def _words(cell: str) -> list[str]:
    return [word.strip() for word in cell.replace(";", ",").split(",") if word.strip()]


def _place(word: str, country: str) -> str:
    """``Germany``, ``DE`` or a region of the firm's country by its name; what is unknown is complained of later."""
    return places.region_code(word, country) or places.country_code(word) or word
