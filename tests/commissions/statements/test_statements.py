"""Statements: every movement once, half-open months in the programme's time zone, frozen."""

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pypdf
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from commissions import ledger
from commissions.models import EntryKind, Statement
from commissions.operations.documents import said_statement, statement_document
from commissions.operations.payouts import execute_file, start_sending
from commissions.operations.statements import bounds_of, issue_due_statements, month_after, month_of
from commissions.queries.payouts import files_of_run
from core import storage
from core.database import session
from core.i18n import speaking
from tests.browser import Browser
from tests.commissions.earnings import a_profile, an_account_to_pay_from, an_approved_run, an_entry


@pytest.fixture(autouse=True)
def _books_are_sound_afterwards() -> Any:
    yield
    assert not ledger.audit()


def test_a_month_of_the_programme_begins_and_ends_at_its_own_midnight() -> None:
    """Berlin: March has 31 days less an hour, because summer time begins in it."""
    starts_at, ends_at = bounds_of("2026-03")
    assert (starts_at, ends_at) == (
        datetime(2026, 2, 28, 23, tzinfo=UTC),
        datetime(2026, 3, 31, 22, tzinfo=UTC),
    )
    assert ends_at - starts_at == timedelta(days=31, hours=-1)
    assert month_of(starts_at) == "2026-03"
    assert month_of(starts_at - timedelta(microseconds=1)) == "2026-02"
    assert month_after("2026-12") == "2027-01"


def test_a_month_is_closed_once_it_is_over(acme: Any, time: Any) -> None:
    an_entry(acme, 5_800)
    assert issue_due_statements() == []
    time.move_to(bounds_of("2026-03")[1])
    (statement,) = issue_due_statements()
    assert statement.number == f"2026-03-{acme.id:04d}-EUR"
    assert (statement.opening_minor, statement.moved_minor, statement.closing_minor) == (0, 5_800, 5_800)
    assert issue_due_statements() == []


def test_the_last_moment_of_a_month_is_in_it_and_the_next_is_not(acme: Any, time: Any) -> None:
    end = bounds_of("2026-03")[1]
    an_entry(acme, 100, received_at=end - timedelta(microseconds=1), available_at=end)
    an_entry(acme, 7, received_at=end, available_at=end)
    time.move_to(bounds_of("2026-04")[1])
    march, april = issue_due_statements()
    assert (march.closing_minor, april.opening_minor, april.closing_minor) == (100, 100, 107)


def test_what_comes_late_stands_on_the_next_statement(acme: Any, time: Any) -> None:
    an_entry(acme, 100)
    march = time.moment
    time.move_to(bounds_of("2026-03")[1])
    issue_due_statements()
    an_entry(acme, 50, received_at=march, available_at=march)
    time.move_to(bounds_of("2026-04")[1])
    (april,) = issue_due_statements()
    assert (april.opening_minor, april.moved_minor) == (100, 50)


def test_a_balance_without_movement_is_carried_on(acme: Any, time: Any) -> None:
    an_entry(acme, 100)
    time.move_to(bounds_of("2026-05")[1])
    assert [statement.closing_minor for statement in issue_due_statements()] == [100, 100, 100]


def test_a_payout_and_its_lines_stand_on_the_statement(acme: Any, finn: Any, mona: Any, time: Any) -> None:
    an_account_to_pay_from()
    a_profile(acme)
    an_entry(acme, 120_000)
    an_entry(acme, -20_000, kind=EntryKind.REVERSAL)
    run = an_approved_run(finn, mona)
    start_sending(run, by=finn)
    execute_file(files_of_run(run)[0], reference="BANK-7", by=finn)
    time.move_to(bounds_of("2026-03")[1])
    (statement,) = issue_due_statements()
    assert [(line["kind"], line["amount_minor"]) for line in statement.content["lines"]] == [
        ("commission", 120_000),
        ("reversal", -20_000),
        ("payout", -100_000),
    ]
    assert statement.closing_minor == 0


def test_each_currency_has_its_own(acme: Any, time: Any) -> None:
    an_entry(acme, 100)
    an_entry(acme, 900, currency="JPY")
    time.move_to(bounds_of("2026-03")[1])
    assert [(statement.currency, statement.closing_minor) for statement in issue_due_statements()] == [
        ("EUR", 100),
        ("JPY", 900),
    ]


@pytest.mark.parametrize(
    "change", ["closing_minor = 1, moved_minor = 1", "number = 'x'", "content = '{}'", "digest = 'x'"]
)
def test_an_issued_statement_is_frozen(acme: Any, time: Any, change: str) -> None:
    an_entry(acme, 100)
    time.move_to(bounds_of("2026-03")[1])
    issue_due_statements()
    with pytest.raises(DBAPIError), session.begin_nested():
        session.execute(sa.text(f"UPDATE commissions_statement SET {change}"))


@pytest.mark.parametrize(("locale", "words"), [("en", "Owed at the end"), ("ru", "Ведомость")])
def test_the_document_says_it_in_both_languages_and_no_text_becomes_markup(
    acme: Any, locale: str, words: str
) -> None:
    acme.legal_name = "ООО «Ромашка» #strong[x] $1$ *b*"
    content = {
        "number": "2026-03-0001-EUR", "month": "2026-03", "starts_at": "2026-02-28T23:00:00Z",
        "ends_at": "2026-03-31T22:00:00Z", "time_zone": "Europe/Berlin", "vendor": "Meridian", "programme": "Partners",
        "partner": {"name": "x", "legal_name": acme.legal_name, "postcode": "10115", "city": "Berlin", "country": "DE",
                    "tax_id": "", "vat_status": "registered"},
        "currency": "EUR", "opening_minor": 0, "moved_minor": 5_800, "closing_minor": 5_800,
        "lines": [{"at": "2026-03-02T09:00:00Z", "kind": "commission", "text": "Gold: *licence*", "sale": "inv_1",
                   "customer": "Globex", "amount_minor": 5_800}],
    }  # fmt: skip
    document = statement_document(content, locale)
    text = pypdf.PdfReader(io.BytesIO(document)).pages[0].extract_text()
    with speaking(locale):
        assert said_statement(content)["closing"][0] in text
    assert words in text
    assert "#strong[x] $1$ *b*" in text
    assert "Gold: *licence*" in text


def test_the_partner_downloads_the_statement_and_the_first_time_is_written_down(
    app: Any, acme: Any, ada: Any, rex: Any, time: Any, run_jobs: Any
) -> None:
    an_entry(acme, 5_800)
    time.move_to(bounds_of("2026-03")[1] + timedelta(hours=6))
    run_jobs()
    number = session.scalars(sa.select(Statement.number)).one()
    browser = Browser(app).sign_in(ada)
    browser.open("/statements").click(number)
    assert browser.sees("€58.00")
    browser.click("Download the PDF")
    assert browser.response.data.startswith(b"%PDF")
    assert session.scalars(sa.select(Statement)).one().received_at is not None
    outsider = Browser(app).sign_in(rex)
    outsider.open(f"/statements/{number}", expect=404)
    outsider.open(f"/statements/{number}.pdf", expect=404)


def test_the_days_of_a_month_are_the_programmes_wherever_the_reader_is(
    app: Any, acme: Any, ada: Any, finn: Any, mona: Any, time: Any
) -> None:
    an_account_to_pay_from()
    a_profile(acme)
    an_entry(acme, 120_000)
    run = an_approved_run(finn, mona)
    start_sending(run, by=finn)
    execute_file(files_of_run(run)[0], reference="BANK-7", by=finn)
    time.move_to(bounds_of("2026-03")[1] + timedelta(hours=6))
    (statement,) = issue_due_statements()
    ada.time_zone = "America/New_York"
    browser = Browser(app).sign_in(ada).open(f"/statements/{statement.number}")
    assert browser.sees("First day 1\u00a0March\u00a02026")
    assert browser.sees("Last day 31\u00a0March\u00a02026")
    assert browser.sees("Time zone Europe/Berlin")
    browser.click("Payout")
    finance = Browser(app).sign_in(finn).open(f"/statements/{statement.number}")
    finance.click("Payout")
    assert finance.sees("BANK-7")
    finance.open(f"/statements/{statement.number}").click("Commission")
    assert finance.heading == "Commission €1,200.00"


def test_what_no_plan_grants_is_said_in_the_readers_words(app: Any, acme: Any, ada: Any, time: Any) -> None:
    an_entry(acme, 100, kind=EntryKind.SET_OFF, rule="set-off")
    time.move_to(bounds_of("2026-03")[1] + timedelta(hours=6))
    (statement,) = issue_due_statements()
    assert statement.content["lines"][0]["text"] == "set-off"
    assert said_statement(statement.content)["lines"][0]["detail"] == "Set off in a later payout"
    browser = Browser(app).sign_in(ada).open(f"/statements/{statement.number}")
    assert browser.sees("Set off in a later payout")


def test_the_partner_is_told_by_mail(acme: Any, ada: Any, time: Any, run_jobs: Any, mails: Any) -> None:
    an_entry(acme, 5_800)
    time.move_to(bounds_of("2026-03")[1] + timedelta(hours=6))
    run_jobs()
    assert any(mail["subject"].startswith("Statement 2026-03") for mail in mails(to=ada.email))
    (statement,) = session.scalars(sa.select(Statement))
    assert all(storage.read(key).startswith(b"%PDF") for key in statement.documents.values())
    assert set(statement.documents) == {"en", "ru"}
