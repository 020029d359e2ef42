"""Deals in words for people: states, conflicts, deeds, and the proposal."""

import re
from datetime import datetime
from typing import Any

from core.i18n import (
    country_name,
    format_day,
    format_money,
    format_number,
    format_percent,
    offered_locales,
)
from core.i18n import gettext as _
from core.i18n import lazy_gettext as _l
from core.interface import dotted
from core.settings import VENDOR_NAME
from referrals.estimates import Charges, charges
from referrals.forms.estimates import CHARGED
from referrals.matching import Finding, HitClass, KeyKind, Outcome, finding_sentence
from referrals.models.deals import Deal, DealStatus, Estimate, EstimateLine
from referrals.operations.estimates import as_line, totals_of
from referrals.queries.catalogue import Catalogue

#: Under which name the partner's logo stands beside the proposal's source.
LOGO_FILE = "logo.png"

_ENDLESS = re.compile(r"\S{25,}")
_EIGHT = re.compile(r".{1,8}")

#: What a list of deals can be narrowed to.
STATES: list[tuple[str, Any]] = [
    ("", _l("all")),
    ("open", _l("Open")),
    (DealStatus.DRAFT.value, _l("Draft")),
    ("undecided", _l("With the vendor")),
    (DealStatus.APPROVED.value, _l("Approved")),
    ("order", _l("Order being confirmed")),
    (DealStatus.WON.value, _l("Won")),
    (DealStatus.LOST.value, _l("Lost")),
    (DealStatus.EXPIRED.value, _l("Expired")),
    (DealStatus.REJECTED.value, _l("Not approved")),
    (DealStatus.WITHDRAWN.value, _l("Withdrawn")),
]

DEEDS: dict[str, Any] = {
    "deal opened": _l("Opened with the lead"),
    "deal submitted": _l("Registered"),
    "deal questioned": _l("The vendor asked"),
    "deal answered": _l("The partner answered"),
    "deal approved": _l("Approved"),
    "deal rejected": _l("Not approved"),
    "deal withdrawn": _l("Withdrawn"),
    "deal escalated": _l("Not decided in time"),
    "deal extended": _l("Protection extended"),
    "deal expired": _l("Protection ran out"),
    "order reported": _l("Order reported"),
    "order refused": _l("Order not confirmed"),
    "deal won": _l("Won"),
    "deal lost": _l("Lost"),
    "estimate saved": _l("Estimate saved"),
}

BECAUSE: dict[str, Any] = {
    "": _l("Chosen"),
    "weaker": _l("A stronger source came first"),
    "deal_not_approved": _l("The deal was not approved"),
    "order_not_confirmed": _l("The vendor had not confirmed the order"),
    "unknown_code": _l("Nobody's code"),
    "code_ended": _l("The code had ended"),
    "partner_left": _l("No longer in the programme"),
    "link_ended": _l("The link had ended"),
    "other_click": _l("Another click counts"),
}

#: Why a sale waits for a person; what lacks an exchange rate is said with its day.
HELD_BECAUSE: dict[str, Any] = {
    "self_referral": _l(
        "Partner and customer share a web site, so a person decides whether this sale earns."
    ),
    "same_payee": _l(
        "Partner and customer seem to be the same company, so a person decides whether this sale earns."
    ),
    "same_person": _l(
        "Whoever asked for the customer works for the partner, so a person decides whether this sale earns."
    ),
    "same_account": _l(
        "The customer paid from the account that the partner is paid to, so a person decides whether this sale earns."
    ),
    "same_place": _l(
        "The form was sent from where the partner's people sign in, so a person decides whether this sale earns."
    ),
    "in_a_circle": _l(
        "The customer is a partner that sold to this one, so a person decides whether this sale earns."
    ),
    "disposable_domain": _l(
        "The customer's domain is one that is thrown away after use, so a person decides whether this sale earns."
    ),
}


def findings_of(deal: Deal) -> list[tuple[str, datetime | None]]:
    """What the conflict check found, as the partner may read it, with the end of the protection in the way."""
    told = []
    for stored in deal.conflict_findings:
        until = datetime.fromisoformat(stored["protected_until"]) if stored["protected_until"] else None
        finding = Finding(
            HitClass(stored["class"]), KeyKind(stored["kind"]), Outcome(stored["outcome"]), until
        )
        told.append((finding_sentence(finding), until))
    return told


def proposal_languages(deal: Deal) -> list[tuple[str, str]]:
    """The languages of proposals with their names, the customer's first where its lead told."""
    wanted = deal.lead.language if deal.lead is not None else None
    return sorted(offered_locales().items(), key=lambda one: one[0] != wanted)


def proposal_data(deal: Deal, version: Estimate, language: str) -> dict[str, Any]:
    """Everything that the printed proposal says, in the language that is being spoken; nothing of who earns what."""
    currency = version.currency
    counted = [as_line(line) for line in version.lines]
    totals = totals_of(version.lines)
    catalogue = Catalogue.read()

    def money(minor: int, *, bare: bool = False) -> str:
        return format_money(minor, currency, bare=bare)

    def description(line: EstimateLine) -> str:
        """The seller's words; what is called as in the catalogue has its name in the customer's language."""
        known = catalogue.products.get(line.product or "") or catalogue.services.get(line.kind)
        is_its_name = known is not None and line.description in {known.name, known.name_ru}
        return known.label if known is not None and is_its_name else line.description

    def note(line: EstimateLine) -> str:
        product = catalogue.products.get(line.product or "")
        unit = str(product.unit.label) if product is not None else ""
        return dotted(catalogue.label(line.kind), unit, CHARGED[line.recurring.value])

    def rows(licence: bool) -> list[dict[str, str]]:
        return [
            {
                "description": with_breaks(description(line)),
                "note": note(line),
                "quantity": format_number(line.quantity),
                "price": money(line.unit_price_minor, bare=True),
                "discount": format_percent(line.discount_percent / 100) if line.discount_percent else "",
                "amount": money(one.year_minor, bare=True),
            }
            for line, one in zip(version.lines, counted, strict=True)
            if one.is_licence == licence
        ]

    return {
        "language": language,
        "title": _("Proposal for %(company)s", company=with_breaks(deal.company)),
        "number": f"{deal.number} / {version.version}",
        "date": format_day(version.created_at),
        "valid_until": format_day(version.valid_until) if version.valid_until else "",
        "partner": with_breaks(deal.partner.name),
        "logo": LOGO_FILE if deal.partner.logo else "",
        "partner_lines": [
            with_breaks(part)
            for part in (
                deal.partner.legal_name or deal.partner.name,
                deal.partner.city,
                deal.partner.website,
                deal.owner.name if deal.owner is not None else "",
                deal.owner.email if deal.owner is not None else "",
            )
            if part
        ],
        "customer": [
            with_breaks(part)
            for part in (
                deal.company,
                deal.person or "",
                f"{deal.postcode or ''} {deal.city or ''}".strip(),
                country_name(deal.country),
            )
            if part
        ],
        "words": {
            "for": _("For"),
            "from": _("Offered by"),
            "valid": _("Held until") if version.is_past_its_day else _("Holds until"),
            "over": _("This proposal no longer holds. Please ask for a new one.")
            if version.is_past_its_day
            else "",
            "description": _("Description"),
            "quantity": _("Quantity"),
            "price": _("Unit price"),
            "discount": _("Discount"),
            "amount": _("First year, %(currency)s", currency=currency),
            "milestones": _("Milestones"),
            "milestone": _("Milestone"),
            "due": _("Due on"),
            "document": _("Acceptance document"),
            "part": _("Amount"),
            "sum": _("Sum"),
            "total": _("Total, first year"),
            "again": _("Every following year"),
            "note": _("All amounts without tax. What is charged monthly counts for twelve months."),
            "product": _("with products of %(vendor)s", vendor=VENDOR_NAME.value()),
        },
        "groups": [
            {"name": _("Licence"), "rows": rows(True), "sum": money(totals.licence_minor)},
            {"name": _("Services"), "rows": rows(False), "sum": money(totals.services_minor)},
        ],
        "total": money(totals.total_minor),
        "charges": [[label, money(minor)] for label, minor in charges_in_words(charges(counted))],
        "again": money(totals.again_minor) if totals.again_minor else "",
        "milestones": [
            {
                "name": with_breaks(milestone.name),
                "due": format_day(milestone.due_on) if milestone.due_on else "",
                "document": with_breaks(milestone.document),
                "amount": money(milestone.amount_minor),
            }
            for milestone in version.milestones
        ],
        "text": with_breaks(version.note or ""),
    }


def charges_in_words(sums: Charges) -> list[tuple[str, int]]:
    """What is paid once, each month and each year; nothing where all is paid once."""
    if not sums.recurs:
        return []
    named = [
        (_("Paid once"), sums.once_minor),
        (_("Each month"), sums.month_minor),
        (_("Each year"), sums.year_minor),
    ]
    return [(label, minor) for label, minor in named if minor]


def with_breaks(text: str) -> str:
    """``text`` whose endless words may break at the end of a line, so that none runs over the next column."""
    return _ENDLESS.sub(lambda word: "\u200b".join(_EIGHT.findall(word[0])), text)
