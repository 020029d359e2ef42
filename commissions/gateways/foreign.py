"""A bank transfer outside SEPA, in any currency, as pain.001.001.09, proved against the ISO schema before it leaves.

The names of payer and payee are put into Latin letters, and each transfer carries the payout's key as its end-to-end
id. The account is an IBAN or a plain number; the bank is named by its BIC.
"""

import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from commissions.gateways import Envelope, HandOver, Order, Outcome, Result
from commissions.gateways.sepa import SCHEMA, sepa_text
from commissions.models import PayoutMethod
from core.money import decimal_text

_NAMESPACE = f"urn:iso:std:iso:20022:tech:xsd:{SCHEMA}"


class ForeignGateway:
    """Through a file that somebody uploads at the bank."""

    method = PayoutMethod.FOREIGN
    is_remote = False
    extension = "xml"

    def hand_over(self, orders: Sequence[Order], envelope: Envelope) -> HandOver:
        """One file for all orders, which share a currency. Raises ValueError when it would not be valid."""
        document = _document(orders, envelope)
        _check(document)
        return HandOver(
            {order.payout_id: Outcome(Result.SENT, envelope.message_id) for order in orders}, document
        )

    def find(self, order: Order) -> Outcome | None:
        return None


def _document(orders: Sequence[Order], envelope: Envelope) -> bytes:
    (currency,) = {order.currency for order in orders}
    number, total = str(len(orders)), decimal_text(sum(order.amount_minor for order in orders), currency)
    debtor = envelope.debtor
    root = ET.Element("Document", {"xmlns": _NAMESPACE})
    whole = ET.SubElement(root, "CstmrCdtTrfInitn")
    _put(
        whole,
        "GrpHdr",
        {
            "MsgId": envelope.message_id,
            "CreDtTm": envelope.made_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "NbOfTxs": number,
            "CtrlSum": total,
            "InitgPty": {"Nm": sepa_text(debtor["name"], 70)},
        },
    )
    batch = _put(
        whole,
        "PmtInf",
        {
            "PmtInfId": f"{envelope.message_id}-1",
            "PmtMtd": "TRF",
            "BtchBookg": "false",
            "NbOfTxs": number,
            "CtrlSum": total,
            "ReqdExctnDt": {"Dt": envelope.execute_on.isoformat()},
            "Dbtr": _party(debtor["name"], debtor),
            "DbtrAcct": {"Id": _account(debtor["account"]), "Ccy": currency},
            "DbtrAgt": {"FinInstnId": {"BICFI": debtor["bic"]}},
            "ChrgBr": debtor.get("charges") or "SHAR",
        },
    )
    for order in orders:
        _put(batch, "CdtTrfTxInf", _transfer(order))
    ET.indent(root, "  ")
    return bytes(ET.tostring(root, encoding="UTF-8", xml_declaration=True))


def _transfer(order: Order) -> dict[str, Any]:
    to = order.destination
    bank: dict[str, Any] = {"BICFI": to["bic"]}
    if to["bank_name"]:
        bank["Nm"] = sepa_text(to["bank_name"], 140)
    return {
        "PmtId": {"InstrId": order.key, "EndToEndId": order.key},
        "Amt": {"InstdAmt": (decimal_text(order.amount_minor, order.currency), {"Ccy": order.currency})},
        "CdtrAgt": {"FinInstnId": bank},
        "Cdtr": _party(to["holder"], to),
        "CdtrAcct": {"Id": _account(to["account"])},
        "RmtInf": {"Ustrd": sepa_text(order.text, 140)},
    }


def _party(name: str, where: Mapping[str, Any]) -> dict[str, Any]:
    address = {
        "StrtNm": sepa_text(where.get("street") or "", 70),
        "PstCd": sepa_text(where.get("postcode") or "", 16),
        "TwnNm": sepa_text(where.get("city") or "", 35),
        "Ctry": where.get("country") or "",
    }
    said = {tag: text for tag, text in address.items() if text}
    return {"Nm": sepa_text(name, 70), **({"PstlAdr": said} if said else {})}


def _account(number: str) -> dict[str, Any]:
    is_iban = number[:2].isalpha() and number[2:4].isdigit()
    return {"IBAN": number} if is_iban else {"Othr": {"Id": number}}


def _put(parent: ET.Element, tag: str, content: Any) -> ET.Element:
    """Adds ``tag`` with text, with text and attributes, or with further tags in their order."""
    text, attributes = content if isinstance(content, tuple) else (content, {})
    made = ET.SubElement(parent, tag, attributes)
    if isinstance(text, dict):
        for inner, value in text.items():
            _put(made, inner, value)
    else:
        made.text = text
    return made


@cache
def _schema() -> Any:
    import xmlschema

    return xmlschema.XMLSchema(str(files("sepaxml") / "schemas" / f"{SCHEMA}.xsd"))


def _check(document: bytes) -> None:
    problem = next(_schema().iter_errors(document.decode()), None)
    if problem is not None:
        raise ValueError(f"{problem.path}: {problem.reason}")
