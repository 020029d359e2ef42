"""Payment orders for Russian banks: the 1C client–bank exchange file, version 1.03, in CP1251 or UTF-8.

A sign that CP1251 lacks is put into Latin letters. A payment order has a number of at most six digits, and its purpose
names the payout's key, by which the bank's statement is matched afterwards.
"""

import re
from collections.abc import Mapping, Sequence

from commissions.gateways import Envelope, HandOver, Order, Outcome, Result
from commissions.models import PayoutMethod
from core.money import decimal_text

CODINGS = {"windows": ("cp1251", "Windows"), "utf-8": ("utf-8", "UTF-8")}
# A payment order's purpose, and the name of whoever is paid, can be this long (rules of the Bank of Russia).
_PURPOSE, _NAME = 210, 160
_WEIGHTS = (7, 1, 3)


def account_key_holds(bank_code: str, account: str) -> bool:
    """Whether a Russian account of 20 digits fits its bank's BIK of 9: the weighted sum of both ends in 0.

    A correspondent account at the Bank of Russia (301…) is proved with the bank's place, others with its number.
    """
    if not re.fullmatch(r"\d{9}", bank_code) or not re.fullmatch(r"\d{20}", account):
        return False
    place = f"0{bank_code[4:6]}" if account.startswith("301") else bank_code[-3:]
    digits = [int(digit) for digit in place + account]
    return sum(digit * _WEIGHTS[at % 3] for at, digit in enumerate(digits)) % 10 == 0


class OneCGateway:
    """Through a file that somebody uploads in the bank's client."""

    method = PayoutMethod.ONEC
    is_remote = False
    extension = "txt"

    def hand_over(self, orders: Sequence[Order], envelope: Envelope) -> HandOver:
        """One file for all orders; roubles only. Raises ValueError for another currency."""
        if any(order.currency != "RUB" for order in orders):
            raise ValueError("A Russian payment order is in roubles.")
        coding, name = CODINGS[envelope.debtor.get("coding") or "windows"]
        lines = [*_head(orders, envelope, name)]
        for order in orders:
            lines += _payment_order(order, envelope)
        lines.append("КонецФайла")
        document = "".join(f"{_encodable(line, coding)}\r\n" for line in lines).encode(coding)
        return HandOver(
            {order.payout_id: Outcome(Result.SENT, envelope.message_id) for order in orders}, document
        )

    def find(self, order: Order) -> Outcome | None:
        return None


def _head(orders: Sequence[Order], envelope: Envelope, coding: str) -> list[str]:
    day = f"{envelope.execute_on:%d.%m.%Y}"
    return [
        "1CClientBankExchange",
        "ВерсияФормата=1.03",
        f"Кодировка={coding}",
        "Отправитель=Guildhall",
        "Получатель=",
        f"ДатаСоздания={envelope.made_at:%d.%m.%Y}",
        f"ВремяСоздания={envelope.made_at:%H:%M:%S}",
        f"ДатаНачала={day}",
        f"ДатаКонца={day}",
        f"РасчСчет={envelope.debtor['account']}",
        "Документ=Платежное поручение",
    ]


def _payment_order(order: Order, envelope: Envelope) -> list[str]:
    fields = {
        "Номер": str(order.payout_id % 999_999 + 1),
        "Дата": f"{envelope.execute_on:%d.%m.%Y}",
        "Сумма": decimal_text(order.amount_minor, order.currency),
        **_side("Плательщик", envelope.debtor["name"], envelope.debtor),
        **_side("Получатель", order.destination["holder"], order.destination),
        "ВидПлатежа": "",
        "ВидОплаты": "01",
        "Очередность": "5",
        "НазначениеПлатежа": _one_line(order.text, _PURPOSE),
        "Код": "",
    }
    return [
        "СекцияДокумент=Платежное поручение",
        *(f"{name}={value}" for name, value in fields.items()),
        "КонецДокумента",
    ]


def _side(who: str, name: str, about: Mapping[str, str]) -> dict[str, str]:
    tax_id = about["tax_id"]
    short = _one_line(name, _NAME)
    return {
        f"{who}Счет": about["account"],
        who: f"ИНН {tax_id} {short}",
        f"{who}ИНН": tax_id,
        f"{who}КПП": about["tax_code"],
        f"{who}1": short,
        f"{who}РасчСчет": about["account"],
        f"{who}Банк1": _one_line(about["bank_name"], _NAME),
        f"{who}БИК": about["bank_code"],
        f"{who}Корсчет": about["correspondent"],
    }


def _one_line(text: str, most: int) -> str:
    return " ".join(text.split())[:most]


def _encodable(text: str, coding: str) -> str:
    from text_unidecode import unidecode

    try:
        text.encode(coding)
    except UnicodeEncodeError:
        return "".join(sign if _fits(sign, coding) else unidecode(sign) for sign in text)
    return text


def _fits(sign: str, coding: str) -> bool:
    try:
        sign.encode(coding)
    except UnicodeEncodeError:
        return False
    return True
