"""What a bank says happened on our account: camt.053 (any version) and the 1C client–bank exchange, read into lines.

Files from outside are hostile: a document type or an entity in XML is refused, sizes are limited, nothing is guessed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from core.i18n import gettext as _
from core.money import MoneyError, minor_from_decimal_text

MOST_BYTES = 20 * 1024 * 1024
MOST_LINES = 100_000
_DEEPEST = 60
_KEY = re.compile(r"payout-(\d{1,18})-\d{1,6}")


class UnreadableStatement(ValueError):
    """The file is not a statement that can be read; the message is a sentence for whoever uploaded it."""


@dataclass(frozen=True, slots=True)
class Movement:
    """One booked movement: what left the account is negative. ``key`` is ours, ``payout-17-1``, where it names one."""

    booked_on: date
    amount_minor: int
    currency: str
    counterparty: str
    counter_account: str
    reference: str
    key: str
    text: str

    @property
    def payout_id(self) -> int | None:
        match = _KEY.fullmatch(self.key)
        return int(match[1]) if match else None


@dataclass(frozen=True, slots=True)
class ReadStatement:
    """A whole file."""

    format: str
    account: str
    starts_on: date | None
    ends_on: date | None
    movements: list[Movement] = field(default_factory=list)


def read_statement(content: bytes) -> ReadStatement:
    """Reads a file by what it is, not by its name. Raises UnreadableStatement."""
    if len(content) > MOST_BYTES:
        raise UnreadableStatement(_("The file is larger than %(most)s MB.", most=MOST_BYTES // 1024 // 1024))
    try:
        if content.lstrip(b"\xef\xbb\xbf").startswith(b"1CClientBankExchange"):
            return _read_onec(content)
        if content.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
            return _read_camt(content)
    except (ValueError, KeyError, MoneyError) as problem:
        if isinstance(problem, UnreadableStatement):
            raise
        raise UnreadableStatement(
            _("The statement cannot be read: %(problem)s", problem=str(problem)[:200])
        ) from None
    raise UnreadableStatement(_("Choose a statement as camt.053 (XML) or as 1C client–bank exchange."))


# camt.053


def _parse(content: bytes) -> Element:
    """The tree of an XML document without document type, entities or bottomless nesting; names without namespaces."""
    parser = expat.ParserCreate(namespace_separator="}")
    builder = TreeBuilder()
    depth = 0

    def refuse(*_arguments: Any) -> Any:
        raise UnreadableStatement(
            _("The file declares a document type, which a bank's statement never does.")
        )

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST:
            raise UnreadableStatement(_("The file is nested too deeply."))
        builder.start(name.rpartition("}")[2], attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(name.rpartition("}")[2])

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    try:
        parser.Parse(content, True)
    except expat.ExpatError as problem:
        raise UnreadableStatement(
            _("This is not well-formed XML: %(problem)s", problem=str(problem))
        ) from None
    return builder.close()


def _read_camt(content: bytes) -> ReadStatement:
    root = _parse(content)
    statements = root.findall("BkToCstmrStmt/Stmt")
    if not statements:
        raise UnreadableStatement(_("The file is XML, but not a camt.053 statement."))
    movements = [movement for one in statements for movement in _camt_movements(one)]
    if len(movements) > MOST_LINES:
        raise UnreadableStatement(_("The statement has more than %(most)s lines.", most=MOST_LINES))
    first = statements[0]
    return ReadStatement(
        "camt053",
        _text(first, "Acct/Id/IBAN") or _text(first, "Acct/Id/Othr/Id"),
        _day(_text(first, "FrToDt/FrDtTm") or _text(first, "CreDtTm")),
        _day(_text(statements[-1], "FrToDt/ToDtTm") or _text(statements[-1], "CreDtTm")),
        movements,
    )


def _camt_movements(statement: Element) -> Iterator[Movement]:
    for entry in statement.findall("Ntry"):
        status = _text(entry, "Sts/Cd") or _text(entry, "Sts")
        if status not in {"BOOK", ""}:
            continue
        sign = -1 if _text(entry, "CdtDbtInd") == "DBIT" else 1
        booked_on = _day(_text(entry, "BookgDt/Dt") or _text(entry, "BookgDt/DtTm"))
        if booked_on is None:
            raise UnreadableStatement(_("A movement has no day."))
        reference = _text(entry, "AcctSvcrRef") or _text(entry, "NtryRef")
        details = entry.findall("NtryDtls/TxDtls")
        for detail in details or [entry]:
            amount = detail.find("Amt")
            if amount is None:
                # A single detail may leave the amount to its entry.
                amount = detail.find("AmtDtls/TxAmt/Amt")
            if amount is None and len(details) <= 1:
                amount = entry.find("Amt")
            if amount is None:
                raise UnreadableStatement(_("A movement has no amount."))
            currency = amount.get("Ccy", "")
            other = "Cdtr" if sign < 0 else "Dbtr"
            text = " ".join(part.text or "" for part in detail.findall("RmtInf/Ustrd"))
            yield Movement(
                booked_on,
                sign * minor_from_decimal_text(_padded(amount.text or "", currency), currency),
                currency,
                _text(detail, f"RltdPties/{other}/Pty/Nm") or _text(detail, f"RltdPties/{other}/Nm"),
                _text(detail, f"RltdPties/{other}Acct/Id/IBAN")
                or _text(detail, f"RltdPties/{other}Acct/Id/Othr/Id"),
                _text(detail, "Refs/AcctSvcrRef") or reference,
                _key_in(_text(detail, "Refs/EndToEndId"), _text(detail, "Refs/InstrId"), text),
                text[:500],
            )


def _text(element: Element, path: str) -> str:
    found = element.find(path)
    return (found.text or "").strip() if found is not None else ""


def _day(text: str) -> date | None:
    return date.fromisoformat(text[:10]) if text else None


# 1C


def _read_onec(content: bytes) -> ReadStatement:
    text = _decoded(content)
    head: dict[str, str] = {}
    account = ""
    documents: list[dict[str, str]] = []
    section: dict[str, str] | None = None
    inside_account = False
    for line in text.splitlines()[1:]:
        name, _equals, value = line.strip().partition("=")
        match name:
            case "СекцияДокумент":
                section = {"ВидДокумента": value}
                documents.append(section)
            case "КонецДокумента":
                section = None
            case "СекцияРасчСчет":
                inside_account = True
            case "КонецРасчСчет":
                inside_account = False
            case "РасчСчет":
                account = account or value
            case _other:
                if section is not None:
                    section[name] = value
                elif not inside_account:
                    head[name] = value
    if len(documents) > MOST_LINES:
        raise UnreadableStatement(_("The statement has more than %(most)s lines.", most=MOST_LINES))
    movements = [_onec_movement(document, account) for document in documents if _is_booked(document)]
    return ReadStatement(
        "onec",
        account,
        _russian_day(head.get("ДатаНачала", "")),
        _russian_day(head.get("ДатаКонца", "")),
        movements,
    )


def _decoded(content: bytes) -> str:
    """By what the head says, which is readable in any of the codings."""
    if content.startswith(b"\xef\xbb\xbf"):
        return content.decode("utf-8-sig")
    for coding in ("utf-8", "cp1251", "cp866"):
        try:
            text = content.decode(coding)
        except UnicodeDecodeError:
            continue
        if "Кодировка" in text[:400] or "ВерсияФормата" in text[:400]:
            return text
    raise UnreadableStatement(_("The file says no coding that is known: Windows, DOS or UTF-8."))


def _is_booked(document: dict[str, str]) -> bool:
    """A document with a day on which the account moved; one without is an order that was only typed in."""
    return bool(document.get("ДатаСписано") or document.get("ДатаПоступило"))


def _onec_movement(document: dict[str, str], account: str) -> Movement:
    went_out = document.get("ПлательщикСчет") == account or document.get("ПлательщикРасчСчет") == account
    day = _russian_day(
        document.get("ДатаСписано" if went_out else "ДатаПоступило") or document.get("Дата", "")
    )
    if day is None:
        raise UnreadableStatement(_("A movement has no day."))
    other = "Получатель" if went_out else "Плательщик"
    amount = minor_from_decimal_text(_padded(document["Сумма"], "RUB"), "RUB")
    purpose = document.get("НазначениеПлатежа", "")
    return Movement(
        day,
        -amount if went_out else amount,
        "RUB",
        document.get(f"{other}1") or document.get(other, ""),
        document.get(f"{other}Счет") or document.get(f"{other}РасчСчет", ""),
        f"{document.get('Номер', '')} / {day:%d.%m.%Y}",
        _key_in(purpose),
        purpose[:500],
    )


def _russian_day(text: str) -> date | None:
    return datetime.strptime(text, "%d.%m.%Y").date() if text else None  # noqa: DTZ007 - a day, no moment


def _padded(text: str, currency: str) -> str:
    """Banks leave out trailing zeros, or write more than the currency has; only zeros may be cut."""
    from core.money import exponent

    whole, _dot, part = text.strip().replace(",", ".").partition(".")
    digits = exponent(currency)
    if part[digits:].strip("0"):
        raise UnreadableStatement(_("An amount has more digits than its currency: %(amount)s", amount=text))
    return f"{whole}.{part[:digits]:0<{digits}}" if digits else whole


def _key_in(*texts: str) -> str:
    for text in texts:
        found = _KEY.search(text)
        if found:
            return found[0]
    return ""
