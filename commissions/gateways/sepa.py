"""A SEPA credit transfer file (pain.001.001.09): valid against the ISO schema, the same to the byte each time.

Names and texts are put into the Latin letters that banks take (Cyrillic is transliterated), and each transfer carries
the payout's key as its end-to-end id.
"""

import re
from collections.abc import Sequence
from typing import Any

from commissions.gateways import Envelope, HandOver, Order, Outcome, Result
from commissions.models import PayoutMethod

SCHEMA = "pain.001.001.09"

# The character set every bank of the scheme must take.
_NOT_SEPA = re.compile(r"[^A-Za-z0-9/\-?:().,'+ ]")


def sepa_text(text: str, most: int) -> str:
    """``text`` in the letters that banks take, at most ``most`` of them."""
    from text_unidecode import unidecode

    plain = _NOT_SEPA.sub(" ", str(unidecode(text)))
    return " ".join(plain.split())[:most].strip()


class SepaGateway:
    """Through a file that somebody uploads at the bank."""

    method = PayoutMethod.SEPA
    is_remote = False
    extension = "xml"

    def hand_over(self, orders: Sequence[Order], envelope: Envelope) -> HandOver:
        """One file for all orders; euros only. Raises ValueError when the file would not be valid."""
        document = self._document(orders, envelope)
        return HandOver(
            {order.payout_id: Outcome(Result.SENT, envelope.message_id) for order in orders}, document
        )

    def find(self, order: Order) -> Outcome | None:
        return None

    def _document(self, orders: Sequence[Order], envelope: Envelope) -> bytes:
        from sepaxml import SepaTransfer

        config = {
            "name": sepa_text(envelope.debtor["name"], 70),
            "IBAN": envelope.debtor["iban"],
            "batch": True,
            "currency": "EUR",
        }
        if envelope.debtor["bic"]:
            config["BIC"] = envelope.debtor["bic"]
        transfer = SepaTransfer(config, schema=SCHEMA, clean=True)
        transfer.msg_id = envelope.message_id
        for order in orders:
            if order.currency != "EUR":
                raise ValueError("SEPA pays euros only.")
            transfer.add_payment(_payment(order, envelope))
        transfer._finalize_batch()
        transfer._finalize_batch = lambda: None
        _say_when_and_who(transfer._xml, envelope)
        return bytes(transfer.export(validate=True))


def _payment(order: Order, envelope: Envelope) -> dict[str, Any]:
    to = order.destination
    payment: dict[str, Any] = {
        "name": sepa_text(to["holder"], 70),
        "IBAN": to["iban"],
        "amount": order.amount_minor,
        "execution_date": envelope.execute_on,
        "description": sepa_text(order.text, 140),
        "endtoend_id": order.key,
    }
    if to["bic"]:
        payment["BIC"] = to["bic"]
    if to["city"]:
        payment["address"] = {
            "country": to["country"],
            "town": sepa_text(to["city"], 35),
            **({"street_name": sepa_text(to["street"], 70)} if to["street"] else {}),
            **({"postcode": sepa_text(to["postcode"], 16)} if to["postcode"] else {}),
        }
    return payment


def _say_when_and_who(xml: Any, envelope: Envelope) -> None:
    """The library numbers and dates a file by chance and the wall clock; ours says what the envelope says."""
    header = xml.find("CstmrCdtTrfInitn/GrpHdr")
    header.find("MsgId").text = envelope.message_id
    header.find("CreDtTm").text = envelope.made_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    for number, batch in enumerate(xml.iterfind("CstmrCdtTrfInitn/PmtInf"), 1):
        batch.find("PmtInfId").text = f"{envelope.message_id}-{number}"
