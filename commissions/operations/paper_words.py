"""What acceptance acts and self-billing invoices print, in the language that is spoken now.

The Russian act follows the usual form: who performed, who ordered, the ground, the table, the sum with and without
tax, the sum in words, that nobody has claims, two signatures.
"""

from datetime import date
from typing import Any

from babel.dates import format_date

from commissions.models import PaperKind, VatStatus
from commissions.models.profiles import said_rate
from core.i18n import country_name, current_locale, format_day, format_money, ngettext, pgettext
from core.i18n import gettext as _
from core.number_words import amount_in_words


def printed(facts: dict[str, Any]) -> dict[str, Any]:
    """The words of a paper for its template, from its ``facts``."""
    is_act = facts["kind"] == PaperKind.ACT.value
    currency = facts["currency"]
    rows = [_row(number, row, facts) for number, row in enumerate(facts["rows"], 1)]
    return {
        "title": _title(facts),
        "note": _("to statement %(number)s", number=facts["statement"]),
        "author": facts["vendor"]["name"],
        "lang": current_locale(),
        "parties": _parties(facts),
        "facts": _grounds(facts),
        "head": [
            pgettext("table", "No."),
            _("Works, services"),
            pgettext("paper", "Quantity"),
            pgettext("paper", "Unit"),
            pgettext("paper", "Price"),
            pgettext("paper", "Sum"),
        ],
        "rows": rows,
        "sums": _sums(facts),
        "in_all": ngettext(
            "%(num)s service in all, for the sum of %(amount)s",
            "%(num)s services in all, for the sum of %(amount)s",
            len(rows),
            amount=format_money(facts["total_minor"], currency),
        ),
        "in_words": amount_in_words(facts["total_minor"], currency, current_locale()),
        "sentences": _sentences(facts),
        "signatures": _signatures(facts) if is_act else [],
    }


def _title(facts: dict[str, Any]) -> str:
    said = {"number": facts["number"], "day": format_day(date.fromisoformat(facts["dated"]))}
    takes_back = facts["total_minor"] < 0
    if facts["kind"] == PaperKind.ACT.value:
        if takes_back:
            return _("Act of reduction No. %(number)s of %(day)s", **said)
        return _("Act of services rendered No. %(number)s of %(day)s", **said)
    if takes_back:
        return _("Self-billing credit note No. %(number)s of %(day)s", **said)
    return _("Self-billing invoice No. %(number)s of %(day)s", **said)


def _parties(facts: dict[str, Any]) -> list[dict[str, str]]:
    vendor, partner = facts["vendor"], facts["partner"]
    town = " ".join(part for part in (partner["postcode"], partner["city"]) if part)
    address = [partner["street"], town, country_name(partner["country"])]
    return [
        {
            "role": _performer(facts),
            "name": partner["name"],
            "lines": ", ".join(part for part in address if part),
            "tax": _tax_numbers(partner),
        },
        {
            "role": _customer(facts),
            "name": vendor["name"],
            "lines": vendor["address"],
            "tax": _("Tax number: %(number)s", number=vendor["tax_id"]),
        },
    ]


def _performer(facts: dict[str, Any]) -> str:
    return pgettext("act", "Performer") if facts["kind"] == PaperKind.ACT.value else _("Supplier")


def _customer(facts: dict[str, Any]) -> str:
    if facts["kind"] == PaperKind.ACT.value:
        return pgettext("act", "Customer")
    return pgettext("invoice", "Recipient and issuer")


def _tax_numbers(partner: dict[str, str]) -> str:
    if not partner["tax_id"]:
        return ""
    if partner["country"] == "RU":
        said = _("INN %(number)s", number=partner["tax_id"])
        return said + (", " + _("KPP %(number)s", number=partner["tax_code"]) if partner["tax_code"] else "")
    return _("Tax number: %(number)s", number=partner["tax_id"])


def _grounds(facts: dict[str, Any]) -> list[list[str]]:
    day = {name: format_day(date.fromisoformat(facts[name])) for name in ("from", "to", "accepted_on")}
    return [
        [
            _("Ground"),
            _(
                "Partner agreement, version %(version)s, accepted on %(day)s",
                version=facts["agreement"],
                day=day["accepted_on"],
            ),
        ],
        [_("Period of the services"), f"{day['from']} – {day['to']}"],
        [_("Currency"), facts["currency"]],
    ]


def _row(number: int, row: dict[str, Any], facts: dict[str, Any]) -> list[str]:
    said = {
        "commission": _("Bringing in customers and sales"),
        "split": _("Share of project work for customers"),
        "bonus": _("Bonuses"),
        "adjustment": _("Corrections of earlier lines"),
        "reversal": _("Taken back for refunds"),
    }[row["what"]]
    lines = ngettext("%(num)s line of the statement", "%(num)s lines of the statement", row["lines"])
    month = format_date(date.fromisoformat(facts["from"]), "LLLL y", locale=current_locale())
    amount = format_money(row["amount_minor"], facts["currency"], bare=True)
    return [str(number), f"{said}, {month} ({lines})", "1", pgettext("unit", "service"), amount, amount]


def _sums(facts: dict[str, Any]) -> list[list[str]]:
    def said(amount_minor: int) -> str:
        return format_money(amount_minor, facts["currency"], bare=True)

    status = VatStatus(facts["vat_status"])
    rates = [each["vat_bp"] for each in facts.get("taxes", [])]
    is_abroad = status is VatStatus.REGISTERED and facts["partner"]["country"] != facts["vendor"]["country"]
    if rates and rates != [facts["vat_bp"]]:
        # Lines that were paid, or that others take back, keep the rate of their time.
        taxes = [
            [
                _(
                    "VAT %(rate)s %% on %(amount)s",
                    rate=said_rate(each["vat_bp"]),
                    amount=said(each["net_minor"]),
                ),
                said(each["vat_minor"]),
            ]
            for each in facts["taxes"]
        ]
    elif status is VatStatus.REGISTERED and (facts["vat_bp"] or not is_abroad):
        taxes = [[_("VAT %(rate)s %%", rate=said_rate(facts["vat_bp"])), said(facts["vat_minor"])]]
    elif status is VatStatus.ABROAD or is_abroad:
        taxes = [[_("VAT: reverse charge, owed by the recipient"), "–"]]
    else:
        taxes = [[_("Without tax (VAT)"), "–"]]
    return [
        [pgettext("paper", "Total"), said(facts["net_minor"])],
        *taxes,
        [_("To pay in all"), said(facts["total_minor"])],
    ]


def _sentences(facts: dict[str, Any]) -> list[str]:
    if facts["kind"] == PaperKind.ACT.value:
        first = (
            _(
                "The sums above reduce what was accepted before. The parties have no claims against each other."
            )
            if facts["total_minor"] < 0
            else _(
                "The services listed above were rendered completely and in time. "
                "The customer has no claims as to their extent, quality and time."
            )
        )
    else:
        first = _(
            "Self-billing: the recipient of the services issues this invoice in the name and on behalf of the "
            "supplier, as the partner agreement says."
        )
    listed = _("Each line stands on statement %(number)s.", number=facts["statement"])
    if facts["vat_minor"] and "taxes" in facts:
        listed = f"{listed} {_('VAT is worked out line by line, each rounded half up.')}"
    return [first, listed, *(_left_out(one, facts["currency"]) for one in facts["left_out"])]


def _left_out(one: dict[str, Any], currency: str) -> str:
    amount = format_money(one["amount_minor"], currency)
    match one["what"]:
        case "vendors_part":
            return _(
                "Not part of it: the vendor's part of what the partner billed, %(amount)s.", amount=amount
            )
        case "reimbursement":
            return _("Not part of it: reimbursed costs of events, %(amount)s.", amount=amount)
        case _other:
            return _("Not part of it: sums set off or transferred, %(amount)s.", amount=amount)


def _signatures(facts: dict[str, Any]) -> list[dict[str, str]]:
    return [
        {"role": _performer(facts), "name": facts["partner"]["name"], "who": "", "stamp": _("Stamp")},
        {
            "role": _customer(facts),
            "name": facts["vendor"]["name"],
            "who": facts["vendor"]["signatory"],
            "stamp": _("Stamp"),
        },
    ]
