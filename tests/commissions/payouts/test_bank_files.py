"""Files a bank accepts, and what it says back: valid, the same to the byte, read by somebody else's programs."""

import hashlib
import io
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import sqlalchemy as sa
from client_bank_1c import ClientBank1CLoader

from commissions import ledger
from commissions.gateways import Envelope, Order, Result, gateway_for
from commissions.gateways.onec import account_key_holds
from commissions.gateways.statements import UnreadableStatement, read_statement
from commissions.models import BankLine, PaymentFile, PayoutMethod, PayoutStatus
from commissions.operations.paying_accounts import pay_from
from commissions.operations.payouts import document_of, execute_file, start_sending
from commissions.operations.reconciliation import compare_with_bank, read_bank_statement, settle_by_bank
from commissions.queries.payouts import files_of_run
from core.database import session
from core.errors import InvalidInput, Refusal
from tests.commissions.earnings import a_profile, an_account_to_pay_from, an_approved_run, an_entry

BIK = "044525225"
PAIN = "{urn:iso:std:iso:20022:tech:xsd:pain.001.001.09}"


def a_russian_account(tail: str = "0000001", bik: str = BIK) -> str:
    """A number of 20 digits that is well-formed at the bank ``bik``, and nobody's."""
    return next(number for key in range(10) if account_key_holds(bik, number := f"40702810{key}0000{tail}"))


CORRESPONDENT = next(
    number for key in range(10) if account_key_holds(BIK, number := f"30101810{key}00000000225")
)
RUSSIAN = {
    "holder": "ООО «Снегирь»", "country": "RU", "account": a_russian_account(), "bank_code": BIK,
    "bank_name": "ПАО Сбербанк", "correspondent": CORRESPONDENT, "tax_id": "7707083893", "tax_code": "773601001",
}  # fmt: skip
ABROAD = {
    "holder": "Snow & Sons Ltd", "country": "US", "account": "000123456789", "bic": "CHASUS33", "bank_name": "Chase",
    "city": "New York", "street": "1 Main Street",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _books_are_sound_afterwards(request: pytest.FixtureRequest) -> Any:
    yield
    if request.node.get_closest_marker("pure"):
        return
    assert not ledger.audit()


@pytest.fixture
def sent(acme: Any, rival: Any, finn: Any, mona: Any) -> Any:
    """A run to Acme and Rival, sent by ``method`` in ``currency``: its file."""

    def send(method: PayoutMethod, currency: str, **about: str) -> PaymentFile:
        an_account_to_pay_from()
        for partner, amount in ((acme, 123_456), (rival, 70_000)):
            a_profile(partner, method, **about)
            an_entry(partner, amount, currency=currency)
        run = an_approved_run(finn, mona, currency)
        start_sending(run, by=finn)
        return files_of_run(run)[0]

    return send


def _order(**about: Any) -> Order:
    whole = {
        "payout_id": 17,
        "key": "payout-17-1",
        "amount_minor": 123_456,
        "currency": "RUB",
        "text": "Выплата",
    }
    return Order(**{**whole, "destination": RUSSIAN, **about})


def _envelope(**debtor: str) -> Envelope:
    own = {**RUSSIAN, "name": "ООО «Меридиан»", "account": a_russian_account("0000777"), **debtor}
    return Envelope("GH-1-1", datetime(2026, 3, 2, 9, tzinfo=UTC), date(2026, 3, 3), own)


# 1C


@pytest.mark.parametrize(("coding", "codec"), [("windows", "cp1251"), ("utf-8", "utf-8")])
@pytest.mark.pure
def test_a_file_for_1c_is_read_by_an_independent_program(coding: str, codec: str) -> None:
    document = gateway_for(PayoutMethod.ONEC).hand_over([_order()], _envelope(coding=coding)).document or b""
    assert b"\r\n" in document
    stream = io.TextIOWrapper(io.BytesIO(document), encoding=codec)
    read = ClientBank1CLoader()(stream)
    assert read.info["ВерсияФормата"] == "1.03"
    assert read.info["РасчСчет"] == [a_russian_account("0000777")]
    (order,) = read.documents
    assert str(order["Сумма"]) == "1234.56"
    assert order["ПолучательИНН"] == "7707083893"
    assert order["ПолучательРасчСчет"] == RUSSIAN["account"]
    assert order["Получатель1"] == "ООО «Снегирь»"
    assert order["ПолучательБИК"] == BIK


@pytest.mark.pure
def test_signs_that_cp1251_lacks_become_latin_letters() -> None:
    to = {**RUSSIAN, "holder": "ООО «Żółw» 東"}
    document = gateway_for(PayoutMethod.ONEC).hand_over([_order(destination=to)], _envelope()).document or b""
    assert "Получатель1=ООО «Zolw»" in document.decode("cp1251")


@pytest.mark.pure
def test_a_line_break_in_a_name_opens_no_second_payment() -> None:
    to = {**RUSSIAN, "holder": "ООО\r\nКонецДокумента\r\nСекцияДокумент=Платежное поручение"}
    document = gateway_for(PayoutMethod.ONEC).hand_over([_order(destination=to)], _envelope()).document or b""
    assert document.decode("cp1251").count("\r\nСекцияДокумент") == 1


@pytest.mark.pure
def test_roubles_only() -> None:
    with pytest.raises(ValueError, match="roubles"):
        gateway_for(PayoutMethod.ONEC).hand_over([_order(currency="EUR")], _envelope())


@pytest.mark.pure
def test_an_account_is_proved_with_its_bank() -> None:
    account = a_russian_account()
    assert account_key_holds(BIK, account)
    assert not account_key_holds(BIK, account[:-1] + str((int(account[-1]) + 1) % 10))
    assert not account_key_holds("044525226", account)


def test_a_profile_with_another_banks_account_is_refused(acme: Any) -> None:
    with pytest.raises(InvalidInput):
        a_profile(acme, PayoutMethod.ONEC, **{**RUSSIAN, "bank_code": "044525974"})


def test_a_run_in_roubles_goes_through_1c(sent: Any, finn: Any) -> None:
    pay_from(PayoutMethod.ONEC, "RUB", by=finn, **RUSSIAN)
    file = sent(PayoutMethod.ONEC, "RUB", **RUSSIAN)
    read = ClientBank1CLoader()(document_of(file))
    assert sorted(str(order["Сумма"]) for order in read.documents) == ["1234.56", "700.00"]
    assert {payout.status for payout in file.run.payouts} == {PayoutStatus.SENT}


# pain.001


def test_a_run_in_dollars_is_a_pain_001_with_sums_and_control_totals(sent: Any, finn: Any) -> None:
    pay_from(
        PayoutMethod.FOREIGN, "USD", by=finn, holder="Meridian Software GmbH", account="DE02120300000000202051",
        bic="BYLADEM1001", country="DE", charges="SHAR",
    )  # fmt: skip
    file = sent(PayoutMethod.FOREIGN, "USD", **ABROAD)
    root = ET.fromstring(document_of(file))
    assert [found.text for found in root.iter(f"{PAIN}CtrlSum")] == ["1934.56", "1934.56"]
    assert [found.text for found in root.iter(f"{PAIN}NbOfTxs")] == ["2", "2"]
    assert {found.get("Ccy") for found in root.iter(f"{PAIN}InstdAmt")} == {"USD"}
    assert [found.text for found in root.iter(f"{PAIN}ChrgBr")] == ["SHAR"]
    assert root.find(f".//{PAIN}CdtrAcct/{PAIN}Id/{PAIN}Othr/{PAIN}Id") is not None
    assert root.find(f".//{PAIN}DbtrAcct/{PAIN}Id/{PAIN}IBAN") is not None
    assert root.find(f".//{PAIN}SvcLvl") is None


@pytest.mark.pure
@pytest.mark.parametrize(
    ("currency", "minor", "said"), [("JPY", 1200, "1200"), ("KWD", 1_234_567, "1234.567")]
)
def test_each_currency_has_its_own_digits(currency: str, minor: int, said: str) -> None:
    order = _order(
        currency=currency, amount_minor=minor, destination={**ABROAD, "postcode": "", "bic": "CHASUS33"}
    )
    envelope = _envelope(account="000777", bic="CHASUS33")
    document = gateway_for(PayoutMethod.FOREIGN).hand_over([order], envelope).document or b""
    assert f'<InstdAmt Ccy="{currency}">{said}</InstdAmt>'.encode() in document


@pytest.mark.pure
def test_names_and_texts_keep_to_the_letters_of_banks() -> None:
    to = {**ABROAD, "holder": "ООО «Снег» <b>&", "postcode": ""}
    order = _order(currency="USD", destination=to, text="Выплата №1 <script>")
    document = (
        gateway_for(PayoutMethod.FOREIGN).hand_over([order], _envelope(account="7", bic="CHASUS33")).document
    )
    root = ET.fromstring(document or b"")
    for tag in ("Nm", "Ustrd"):
        for found in root.iter(f"{PAIN}{tag}"):
            assert set(found.text or "") <= set(
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/-?:().,'+ "
            )


@pytest.mark.pure
def test_a_file_that_the_schema_refuses_is_not_made() -> None:
    order = _order(currency="USD", destination={**ABROAD, "bic": "not a BIC", "postcode": ""})
    with pytest.raises(ValueError, match="BICFI"):
        gateway_for(PayoutMethod.FOREIGN).hand_over([order], _envelope(account="7", bic="CHASUS33"))


@pytest.mark.parametrize(
    ("method", "currency", "about"),
    [
        (PayoutMethod.SEPA, "EUR", {}),
        (PayoutMethod.FOREIGN, "USD", ABROAD),
        (PayoutMethod.ONEC, "RUB", RUSSIAN),
    ],
)
def test_a_file_is_the_same_to_the_byte_and_executed_once(
    sent: Any, finn: Any, method: PayoutMethod, currency: str, about: dict[str, str]
) -> None:
    pay_from(PayoutMethod.ONEC, "RUB", by=finn, **RUSSIAN)
    pay_from(PayoutMethod.FOREIGN, "USD", by=finn, **ABROAD)
    file = sent(method, currency, **about)
    assert document_of(file) == document_of(file)
    assert hashlib.sha256(document_of(file)).hexdigest() == file.sha256
    execute_file(file, reference="BANK-7", by=finn)
    assert {payout.status for payout in file.run.payouts} == {PayoutStatus.PAID}
    with pytest.raises(Refusal, match="already"):
        execute_file(file, reference="BANK-8", by=finn)


def test_a_file_that_was_changed_behind_our_back_is_not_given_out(sent: Any) -> None:
    file = sent(PayoutMethod.SEPA, "EUR")
    file.debtor = {**file.debtor, "iban": "DE89370400440532013000"}
    with pytest.raises(Refusal, match="Do not pay"):
        document_of(file)


def test_without_an_account_to_pay_from_nothing_is_sent(acme: Any, finn: Any, mona: Any) -> None:
    a_profile(acme, PayoutMethod.FOREIGN, **ABROAD)
    an_entry(acme, 60_000, currency="USD")
    run = an_approved_run(finn, mona, "USD")
    with pytest.raises(Refusal, match="which account pays USD"):
        start_sending(run, by=finn)


def test_a_new_account_does_not_change_a_file_that_was_made(sent: Any, finn: Any) -> None:
    file = sent(PayoutMethod.SEPA, "EUR")
    before = document_of(file)
    pay_from(PayoutMethod.SEPA, "EUR", by=finn, holder="Meridian", iban="DE89370400440532013000")
    assert document_of(file) == before


# Statements


def camt(*entries: str, version: str = "08") -> bytes:
    """A statement of one account with these entries, as banks write it."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"><BkToCstmrStmt><GrpHdr><MsgId>1</MsgId>
<CreDtTm>2026-03-05T06:00:00</CreDtTm></GrpHdr><Stmt><Id>1</Id><CreDtTm>2026-03-05T06:00:00</CreDtTm>
<Acct><Id><IBAN>DE02120300000000202051</IBAN></Id></Acct>{"".join(entries)}</Stmt></BkToCstmrStmt></Document>""".encode()


def paid(key: str, amount: str, *, sign: str = "DBIT", currency: str = "EUR", booked: str = "BOOK") -> str:
    return f"""<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{sign}</CdtDbtInd><Sts><Cd>{booked}</Cd></Sts>
<BookgDt><Dt>2026-03-04</Dt></BookgDt><AcctSvcrRef>REF-{key}</AcctSvcrRef><NtryDtls><TxDtls><Refs><EndToEndId>{key}
</EndToEndId></Refs><Amt Ccy="{currency}">{amount}</Amt><RltdPties><Cdtr><Pty>
<Nm>Acme GmbH</Nm></Pty></Cdtr><CdtrAcct><Id>
<IBAN>DE89370400440532013000</IBAN></Id></CdtrAcct></RltdPties></TxDtls></NtryDtls></Ntry>"""


@pytest.mark.pure
@pytest.mark.parametrize("version", ["02", "08", "10"])
def test_a_camt_053_is_read_in_any_version(version: str) -> None:
    read = read_statement(camt(paid("payout-7-1", "1234.5"), paid("x", "3", booked="PDNG"), version=version))
    (movement,) = read.movements
    assert (movement.amount_minor, movement.key, movement.payout_id) == (-123_450, "payout-7-1", 7)
    assert (read.account, movement.counterparty) == ("DE02120300000000202051", "Acme GmbH")


@pytest.mark.parametrize(
    "bad",
    [
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><Document>&x;</Document>',
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><Document>&b;</Document>',
        b"<Document><unclosed>",
        b"<Document/>",
        b"<a>" * 5000,
        b"%PDF-1.7",
        b"",
        b"1CClientBankExchange\r\n\xff\xfe",
        camt(paid("payout-7-1", "12.345")),
        camt(paid("payout-7-1", "12.34", currency="ZZZ")),
        camt(paid("payout-7-1", "NaN")),
    ],
)
def test_what_is_no_statement_is_refused_with_a_sentence(app: Any, bad: bytes) -> None:
    with pytest.raises(UnreadableStatement) as problem:
        read_statement(bad)
    assert str(problem.value)
    assert "root:" not in str(problem.value)


def a_russian_statement(*documents: str, account: str = "") -> bytes:
    own = account or a_russian_account("0000777")
    return (
        "1CClientBankExchange\r\nВерсияФормата=1.03\r\nКодировка=Windows\r\nДатаНачала=01.03.2026\r\n"
        f"ДатаКонца=05.03.2026\r\nРасчСчет={own}\r\nСекцияРасчСчет\r\nДатаНачала=01.03.2026\r\n"
        f"РасчСчет={own}\r\nНачальныйОстаток=100.00\r\nКонецРасчСчет\r\n{''.join(documents)}КонецФайла\r\n"
    ).encode("cp1251")


def a_russian_movement(key: str, amount: str, *, out: bool = True) -> str:
    own, other = a_russian_account("0000777"), RUSSIAN["account"]
    payer, payee, day = (own, other, "ДатаСписано") if out else (other, own, "ДатаПоступило")
    return (
        f"СекцияДокумент=Платежное поручение\r\nНомер=18\r\nДата=03.03.2026\r\nСумма={amount}\r\n"
        f"ПлательщикСчет={payer}\r\nПолучательСчет={payee}\r\n"
        f"Получатель1=ООО «Снегирь»\r\nПлательщик1=ООО «Меридиан»\r\n"
        f"{day}=04.03.2026\r\nНазначениеПлатежа=Meridian, run 1, {key}\r\nКонецДокумента\r\n"
    )


@pytest.mark.pure
def test_a_russian_statement_is_read() -> None:
    read = read_statement(
        a_russian_statement(
            a_russian_movement("payout-7-1", "1234.56"), a_russian_movement("", "5.00", out=False)
        )
    )
    assert [(movement.amount_minor, movement.payout_id) for movement in read.movements] == [
        (-123_456, 7),
        (500, None),
    ]
    assert read.starts_on == date(2026, 3, 1)


def _keys(file: PaymentFile) -> list[str]:
    return file.keys


def test_a_statement_settles_what_it_shows(sent: Any, finn: Any, time: Any) -> None:
    file = sent(PayoutMethod.SEPA, "EUR")
    first, second = _keys(file)
    amounts = {payout.key: f"{payout.amount_minor / 100:.2f}" for payout in file.run.payouts}
    read_bank_statement(camt(paid(first, amounts[first]), paid(second, "1.00")), "march.xml", by=finn)
    states = {finding.ours.payout_id: finding.state for finding in compare_with_bank() if finding.ours}
    assert sorted(states.values()) == ["different", "open"]
    assert settle_by_bank(by=finn) == (1, 0)
    by_key = {payout.key: payout for payout in file.run.payouts}
    assert by_key[first].status is PayoutStatus.PAID
    assert by_key[first].reference == f"REF-{first}"
    assert by_key[second].status is PayoutStatus.SENT
    assert sorted(finding.state for finding in compare_with_bank()) == ["different", "matched"]


def test_money_that_came_back_is_owed_again(sent: Any, finn: Any, acme: Any) -> None:
    file = sent(PayoutMethod.SEPA, "EUR")
    execute_file(file, reference="BANK-7", by=finn)
    payout = next(one for one in file.run.payouts if one.partner_id == acme.id)
    back = paid(payout.key, "1234.56", sign="CRDT")
    read_bank_statement(camt(paid(payout.key, "1234.56"), back), "march.xml", by=finn)
    assert settle_by_bank(by=finn) == (0, 1)
    assert session.get_one(type(payout), payout.id).status is PayoutStatus.REVERSED


def test_what_the_bank_should_have_carried_out_and_did_not_is_missing(
    sent: Any, finn: Any, time: Any
) -> None:
    sent(PayoutMethod.SEPA, "EUR")
    read_bank_statement(camt(paid("rent", "5.00")), "march.xml", by=finn)
    assert compare_with_bank() == []
    time.move(days=6)
    assert [finding.state for finding in compare_with_bank()] == ["missing", "missing"]


def test_a_payment_that_names_no_payout_of_ours_is_shown(sent: Any, finn: Any) -> None:
    sent(PayoutMethod.SEPA, "EUR")
    read_bank_statement(camt(paid("payout-4711-1", "5.00")), "march.xml", by=finn)
    assert [finding.state for finding in compare_with_bank()] == ["unknown_there"]


def test_a_statement_is_read_once(finn: Any) -> None:
    content = camt(paid("payout-1-1", "5.00"))
    read_bank_statement(content, "march.xml", by=finn)
    with pytest.raises(Refusal, match="already"):
        read_bank_statement(content, "again.xml", by=finn)
    assert session.scalar(sa.select(sa.func.count()).select_from(BankLine)) == 1


# Every way is asked the same


_DESTINATIONS: dict[PayoutMethod, dict[str, str]] = {
    PayoutMethod.SEPA: {
        "holder": "Acme GmbH", "iban": "DE89370400440532013000", "bic": "", "country": "DE", "street": "",
        "postcode": "", "city": "Berlin",
    },
    PayoutMethod.FOREIGN: {**ABROAD, "postcode": ""},
    PayoutMethod.ONEC: RUSSIAN,
    PayoutMethod.MANUAL: {"holder": "Acme", "arrangement": "By cheque", "country": "DE"},
    PayoutMethod.STRIPE: {"account": "acct_1"},
}  # fmt: skip


@pytest.fixture
def way(app: Any, request: pytest.FixtureRequest) -> Any:
    """A gateway with somebody on the other side."""
    from tests.commissions.payouts.stripe_server import FakeStripe

    method: PayoutMethod = request.param
    with FakeStripe() as fake:
        fake.an_account("acct_1")
        before = {name: app.config[name] for name in ("STRIPE_API_KEY", "STRIPE_API_BASE")}
        app.config.update(STRIPE_API_KEY="sk_test_x", STRIPE_API_BASE=fake.url)
        yield method
        app.config.update(before)


def _orders(method: PayoutMethod) -> tuple[list[Order], Envelope]:
    currency = method.currency or "USD"
    debtor = {
        PayoutMethod.SEPA: {"name": "Meridian", "iban": "DE02120300000000202051", "bic": "BYLADEM1001"},
        PayoutMethod.FOREIGN: {**ABROAD, "name": "Meridian"},
        PayoutMethod.ONEC: {**RUSSIAN, "name": "Меридиан"},
    }.get(method, {})
    to = _DESTINATIONS[method]
    orders = [
        Order(number, f"payout-{number}-1", 10_000 + number, currency, to, f"Meridian, payout-{number}-1")
        for number in (1, 2, 3)
    ]
    return orders, Envelope("GH-1-1", datetime(2026, 3, 2, 9, tzinfo=UTC), date(2026, 3, 3), debtor)


@pytest.mark.parametrize("way", list(PayoutMethod), indirect=True)
def test_every_gateway_keeps_the_same_promises(way: PayoutMethod) -> None:
    """It says something of each order, hands the same over twice without a second effect, and makes the same file."""
    gateway = gateway_for(way)
    orders, envelope = _orders(way)
    assert gateway.method is way
    first, second = gateway.hand_over(orders, envelope), gateway.hand_over(orders, envelope)
    assert first.outcomes.keys() == {1, 2, 3}
    assert first.outcomes == second.outcomes
    assert first.document == second.document
    assert (first.document is not None) == bool(gateway.extension)
    results = {outcome.result for outcome in first.outcomes.values()}
    assert results == ({Result.WAITING} if way is PayoutMethod.MANUAL else {Result.SENT})
    for order in orders:
        found = gateway.find(order)
        assert found is None or found == first.outcomes[order.payout_id]
        assert (found is not None) == gateway.is_remote
        if first.document is not None:
            text = first.document.decode("cp1251" if way is PayoutMethod.ONEC else "utf-8")
            assert order.key in text


def test_the_iso_schema_lies_where_the_library_keeps_it() -> None:
    from importlib.resources import files

    assert Path(str(files("sepaxml") / "schemas" / "pain.001.001.09.xsd")).exists()
