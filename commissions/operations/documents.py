"""Statements as documents: what was frozen, in the words of one language, as a PDF."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from commissions.models import VatStatus
from commissions.models.entries import said_rule
from core.i18n import country_name, format_day, format_money, speaking
from core.i18n import gettext as _
from core.pdf import render_pdf


def movement_word(kind: str) -> str:
    """What a movement of a statement, or a line of earnings, is called."""
    return {
        "commission": _("Commission"),
        "split": _("Project share"),
        "reversal": _("Reversal"),
        "bonus": _("Bonus"),
        "adjustment": _("Adjustment"),
        "reimbursement": _("Event reimbursement"),
        "set_off": _("Set-off"),
        "payout": _("Payout"),
        "payout_reversed": _("Payout that came back"),
    }[kind]


def statement_document(content: dict[str, Any], locale: str) -> bytes:
    """The PDF of a statement's frozen ``content`` in ``locale``."""
    with speaking(locale):
        return render_pdf("commissions/pdf/statement.typ", said_statement(content))


def said_statement(content: dict[str, Any]) -> dict[str, Any]:
    """Everything the document prints, as text in the language that is spoken now."""
    currency = content["currency"]
    zone = ZoneInfo(content["time_zone"])
    partner = content["partner"]

    def said(amount_minor: int) -> str:
        return format_money(amount_minor, currency)

    def moment(text: str) -> datetime:
        return datetime.fromisoformat(text).astimezone(zone)

    def day(text: str) -> str:
        return format_day(moment(text).date())

    address = " ".join(part for part in (partner["postcode"], partner["city"]) if part)
    return {
        "title": _("Statement %(number)s", number=content["number"]),
        "vendor": content["vendor"],
        "programme": content["programme"],
        "facts": [
            [_("Partner"), partner["legal_name"] or partner["name"]],
            [_("Address"), ", ".join(part for part in (address, country_name(partner["country"])) if part)],
            *([[_("Tax number"), partner["tax_id"]]] if partner["tax_id"] else []),
            [_("Value added tax"), str(VatStatus(partner["vat_status"]).label)],
            [_("First day"), day(content["starts_at"])],
            [_("Last day"), format_day((moment(content["ends_at"]) - timedelta(microseconds=1)).date())],
            [_("Time zone"), content["time_zone"]],
        ],
        "head": [_("Day"), _("What"), _("Amount")],
        "opening": [_("Owed at the start"), said(content["opening_minor"])],
        "lines": [
            {
                "day": day(line["at"]),
                "what": movement_word(line["kind"]),
                "detail": " · ".join(part for part in _details(line) if part),
                "amount": said(line["amount_minor"]),
            }
            for line in content["lines"]
        ],
        "nothing": _("Nothing moved in this month."),
        "closing": [_("Owed at the end"), said(content["closing_minor"])],
        "note": _(
            "What is owed includes what is still held and what is in a payout run. "
            "A line that is wrong is corrected by a new line in a later statement."
        ),
    }


def _details(line: dict[str, Any]) -> list[str]:
    return [line.get("customer") or "", line.get("sale") or "", said_rule(line.get("text") or "")]
