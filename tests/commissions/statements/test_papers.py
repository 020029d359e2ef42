"""Acceptance acts and self-billing invoices: by agreement and country, made once, the same bytes ever after."""

import hashlib
import io
from datetime import timedelta
from typing import Any

import pypdf
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from commissions import settings
from commissions.models import EntryKind, PaperKind, Statement, StatementPaper, VatStatus
from commissions.operations.papers import make_papers, paper_bytes, papers_due
from commissions.operations.payouts import execute_file, start_sending
from commissions.operations.statements import bounds_of, issue_due_statements
from commissions.queries.payouts import files_of_run, profile_of
from core import storage
from core.activity import activity_on
from core.database import session
from core.errors import InvalidInput, Refusal
from core.i18n import speaking
from core.settings import change_setting
from partners.operations import accept_agreement, publish_agreement
from tests.browser import Browser
from tests.commissions.cast import FIRST_OF_MARCH, a_definition, a_line, a_live_plan, sold
from tests.commissions.earnings import a_profile, an_account_to_pay_from, an_approved_run, an_entry

ACT, INVOICE = PaperKind.ACT, PaperKind.SELF_BILLING


@pytest.fixture(autouse=True)
def _vendor(programme: None, acme: Any) -> None:
    """Everybody's legal details; acts in Russia and Germany, self-billing everywhere."""
    acme.tax_id = "DE136695976"
    for setting, value in (
        (settings.LEGAL_NAME, "Meridian Software GmbH"),
        (settings.LEGAL_ADDRESS, "Torstraße 1, 10119 Berlin"),
        (settings.LEGAL_TAX_ID, "DE811223344"),
        (settings.SIGNATORY, "N. Petrova, director"),
        (settings.ACT_COUNTRIES, "ru, de"),
        (settings.SELF_BILLING_AGREEMENT, "1"),
    ):
        change_setting(setting, value, by=None)


def _of_march(time: Any) -> Statement:
    time.move_to(bounds_of("2026-03")[1] + timedelta(hours=6))
    (statement,) = issue_due_statements()
    return statement


def _taxed(partner: Any, status: VatStatus, bp: int = 0) -> None:
    profile = profile_of(partner) or a_profile(partner)
    profile.vat_status, profile.vat_bp = status, bp
    session.flush()


def _accepts_a_second_version(partner: Any, locale: str) -> None:
    agreement = publish_agreement(
        text="The second version, which has acts and self-billing in it. " * 9,
        text_ru="Вторая версия, в которой есть акты и self-billing. " * 9,
        summary="Acts and self-billing.",
        summary_ru="Акты и self-billing.",
        by=None,
    )
    with speaking(locale):
        accept_agreement(partner, agreement, by=None)


def _made(statement: Statement, kind: PaperKind) -> StatementPaper:
    make_papers(statement, by=None)
    return next(due.paper for due in papers_due(statement) if due.kind is kind and due.paper is not None)


def _text(paper: StatementPaper) -> str:
    pages = pypdf.PdfReader(io.BytesIO(paper_bytes(paper))).pages
    assert len(pages) == 1
    return " ".join(pages[0].extract_text().replace("\xa0", " ").split())


def _says(paper: StatementPaper, *words: str) -> None:
    text = _text(paper)
    for said in words:
        assert said in text, f"{said!r} is not in {text}"


# What they say


def test_a_russian_act_has_the_usual_form(acme: Any, time: Any) -> None:
    acme.legal_name, acme.country, acme.city, acme.tax_id = "ООО «Снегирь»", "RU", "Казань", "1655000001"
    _accepts_a_second_version(acme, "ru")
    _taxed(acme, VatStatus.REGISTERED, 2000)
    an_entry(acme, 1_000_000, currency="RUB")
    an_entry(acme, 234_500, currency="RUB")
    an_entry(acme, 200_000, currency="RUB", kind=EntryKind.SPLIT)
    an_entry(acme, -34_500, currency="RUB", kind=EntryKind.REVERSAL)
    statement = _of_march(time)
    paper = _made(statement, ACT)
    assert (paper.number, paper.locale) == (f"ACT-{statement.number}", "ru")
    _says(
        paper,
        f"Акт об оказании услуг № ACT-{statement.number} от 31 марта 2026 г.",
        "Исполнитель ООО «Снегирь», ИНН 1655000001 10115 Казань, Россия"
        if acme.postcode
        else "Казань, Россия",
        "Заказчик Meridian Software GmbH, Налоговый номер: DE811223344 Torstraße 1, 10119 Berlin",
        "Партнёрское соглашение, версия 2, принято 2 марта 2026 г.",
        "1 марта 2026 г. – 31 марта 2026 г.",
        "1 Привлечение клиентов и продажи, март 2026 (2 строки ведомости) 1 усл. 12 345,00 12 345,00",
        "2 Доля в проектных работах для клиентов, март 2026 (1 строка ведомости) 1 усл. 2 000,00 2 000,00",
        "3 Удержано по возвратам, март 2026 (1 строка ведомости) 1 усл. −345,00 −345,00",
        "Итого: 14 000,00 НДС 20 %: 2 800,00 Всего к оплате: 16 800,00",
        "Всего наименований 3, на сумму 16 800,00 ₽",
        "Шестнадцать тысяч восемьсот рублей 00 копеек",
        "Заказчик претензий по объёму, качеству и срокам оказания услуг не имеет.",
        "N. Petrova, director",
        "М. П.",
    )


def test_an_english_act_says_the_same(acme: Any, time: Any) -> None:
    an_entry(acme, 123_456)
    paper = _made(_of_march(time), ACT)
    assert paper.locale == "en"
    _says(
        paper,
        "Act of services rendered No. ACT-2026-03-",
        "of 31 March 2026",
        "Performer",
        "Bringing in customers and sales, March 2026 (1 line of the statement) 1 service 1,234.56 1,234.56",
        "Total: 1,234.56 Without tax (VAT): – To pay in all: 1,234.56",
        "One thousand two hundred thirty-four euros and 56/100",
    )


@pytest.mark.parametrize(
    ("status", "bp", "words"),
    [
        (VatStatus.REGISTERED, 1900, "Total: 0.50 VAT 19 %: 0.10 To pay in all: 0.60"),
        (VatStatus.REGISTERED, 0, "Total: 0.50 VAT 0 %: 0.00 To pay in all: 0.50"),
        (VatStatus.SMALL_BUSINESS, 0, "Total: 0.50 Without tax (VAT): – To pay in all: 0.50"),
        (
            VatStatus.ABROAD,
            0,
            "Total: 0.50 VAT: reverse charge, owed by the recipient: – To pay in all: 0.50",
        ),
    ],
)
def test_a_self_billing_invoice_adds_tax_once_and_says_what_it_is(
    acme: Any, time: Any, status: VatStatus, bp: int, words: str
) -> None:
    """0.50 at 19 % is 0.095: 0.10, half up, once for the whole paper."""
    _taxed(acme, status, bp)
    an_entry(acme, 20)
    an_entry(acme, 30, kind=EntryKind.BONUS)
    paper = _made(_of_march(time), INVOICE)
    _says(
        paper,
        "Self-billing invoice No. SB-2026-03-",
        "Supplier",
        words,
        "in the name and on behalf of the supplier",
    )


def test_a_month_that_takes_back_is_a_credit_note_and_an_act_of_reduction(acme: Any, time: Any) -> None:
    _taxed(acme, VatStatus.REGISTERED, 1900)
    an_entry(acme, -100, kind=EntryKind.REVERSAL)
    statement = _of_march(time)
    _says(
        _made(statement, INVOICE),
        "Self-billing credit note No.",
        "VAT 19 %: −0.19",
        "Minus one euro and 19/100",
    )
    _says(_made(statement, ACT), "Act of reduction No.", "reduce what was accepted before")


def test_what_is_no_service_of_the_partner_is_left_out_and_said(acme: Any, time: Any) -> None:
    """A licence that the partner billed is the vendor's but for its commission; an event is no service."""
    _taxed(acme, VatStatus.SMALL_BUSINESS)
    a_live_plan(a_definition())
    sold(acme, a_line("licence", 100_000), name="inv_1", billed_by="partner", occurred_at=FIRST_OF_MARCH)
    sold(acme, a_line("training", 10_000), name="inv_2", occurred_at=FIRST_OF_MARCH)
    an_entry(acme, 5_000, kind=EntryKind.REIMBURSEMENT)
    statement = _of_march(time)
    facts = _made(statement, ACT).content["facts"]
    sums = {row["what"]: row["amount_minor"] for row in facts["rows"]}
    left_out = {row["what"]: row["amount_minor"] for row in facts["left_out"]}
    assert (sums, facts["total_minor"]) == ({"split": 9_000}, 9_000)
    assert left_out["reimbursement"] == 5_000 and left_out["vendors_part"] < 0
    assert sum(sums.values()) + sum(left_out.values()) == statement.moved_minor
    _says(_made(statement, ACT), "Not part of it: the vendor's part of what the partner billed, −€")


# For whom, and when


@pytest.mark.parametrize(
    ("setting", "value", "kinds"),
    [
        (settings.ACT_COUNTRIES, "RU", [INVOICE]),
        (settings.ACT_COUNTRIES, "*", [ACT, INVOICE]),
        (settings.ACT_AGREEMENT, "0", [INVOICE]),
        (settings.ACT_AGREEMENT, "2", [INVOICE]),
        (settings.SELF_BILLING_AGREEMENT, "0", [ACT]),
        (settings.SELF_BILLING_COUNTRIES, "", [ACT]),
        (settings.SELF_BILLING_COUNTRIES, "AT, de", [ACT, INVOICE]),
    ],
)
def test_the_agreement_and_the_country_decide(
    acme: Any, time: Any, setting: Any, value: str, kinds: list[PaperKind]
) -> None:
    change_setting(setting, value, by=None)
    _taxed(acme, VatStatus.REGISTERED)
    an_entry(acme, 100)
    statement = _of_march(time)
    assert [due.kind for due in papers_due(statement)] == kinds
    assert [paper.kind for paper in make_papers(statement, by=None)] == kinds
    assert make_papers(statement, by=None) == []


def test_a_country_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidInput, match="GERMANY is no country"):
        change_setting(settings.ACT_COUNTRIES, "RU, Germany", by=None)


def test_a_version_accepted_after_the_month_does_not_count(acme: Any, time: Any) -> None:
    change_setting(settings.ACT_AGREEMENT, "2", by=None)
    _taxed(acme, VatStatus.REGISTERED)
    an_entry(acme, 100)
    statement = _of_march(time)
    time.move(days=1)
    _accepts_a_second_version(acme, "en")
    assert [due.kind for due in papers_due(statement)] == [INVOICE]


def test_a_month_without_services_has_no_papers(acme: Any, time: Any) -> None:
    an_entry(acme, 100, kind=EntryKind.REIMBURSEMENT)
    assert papers_due(_of_march(time)) == []


def test_it_waits_for_what_it_has_to_say_and_is_made_then(
    acme: Any, ada: Any, finn: Any, time: Any, app: Any
) -> None:
    an_entry(acme, 5_800)
    statement = _of_march(time)
    make_papers(statement, by=None)
    adas = Browser(app).sign_in(ada).open(f"/statements/{statement.number}")
    assert adas.sees("do not say yet how the partner stands to value added tax")
    assert "Make the papers" not in adas.buttons and adas.click("Payout details").sees("Value added tax")
    assert Browser(app).sign_in(finn).open(f"/statements/{statement.number}").sees("once that is said")
    _taxed(acme, VatStatus.REGISTERED, 1900)
    adas.open(f"/statements/{statement.number}").press("Make the papers")
    assert adas.sees("One paper was made.") and "Make the papers" not in adas.buttons
    adas.click("Self-billing invoice")
    assert adas.response.data.startswith(b"%PDF")


def test_who_is_registered_for_vat_has_a_tax_number_on_its_invoice(acme: Any, time: Any) -> None:
    acme.tax_id = ""
    _taxed(acme, VatStatus.REGISTERED)
    an_entry(acme, 100)
    statement = _of_march(time)
    assert [paper.kind for paper in make_papers(statement, by=None)] == [ACT]
    [invoice] = [due for due in papers_due(statement) if due.kind is INVOICE]
    assert invoice.missing is not None and "no tax number" in invoice.missing
    acme.tax_id = "DE136695976"
    _says(_made(statement, INVOICE), "Tax number: DE136695976")


def test_without_the_vendors_details_nothing_is_made(acme: Any, time: Any) -> None:
    change_setting(settings.LEGAL_TAX_ID, "", by=None)
    _taxed(acme, VatStatus.REGISTERED)
    an_entry(acme, 100)
    statement = _of_march(time)
    assert make_papers(statement, by=None) == []
    assert all("settings" in str(due.missing) for due in papers_due(statement))


# The same document comes again


def test_what_changes_later_changes_no_paper_and_its_hash_is_kept(acme: Any, time: Any) -> None:
    _taxed(acme, VatStatus.REGISTERED, 1900)
    an_entry(acme, 5_800)
    statement = _of_march(time)
    first = {paper.kind: paper_bytes(paper) for paper in make_papers(statement, by=None)}
    change_setting(settings.LEGAL_NAME, "Another Name", by=None)
    acme.legal_name = "Renamed"
    _taxed(acme, VatStatus.ABROAD)
    time.move(days=400)
    for due in papers_due(statement):
        assert due.paper is not None
        assert paper_bytes(due.paper) == first[due.kind]
        assert hashlib.sha256(first[due.kind]).hexdigest() == due.paper.sha256


@pytest.mark.parametrize("how", ["lost", "changed"])
def test_a_lost_file_is_made_again_to_the_byte(acme: Any, time: Any, how: str) -> None:
    an_entry(acme, 5_800)
    paper = _made(_of_march(time), ACT)
    first = paper_bytes(paper)
    if how == "lost":
        storage.forget(paper.storage_key)
    else:
        storage.put(paper.storage_key, b"%PDF-1.7 something else")
    time.move(days=3)
    assert paper_bytes(paper) == first
    assert storage.read(paper.storage_key) == first


def test_another_document_is_never_handed_out(acme: Any, time: Any) -> None:
    an_entry(acme, 5_800)
    made = _made(_of_march(time), ACT)
    other = StatementPaper(
        kind=ACT, number="X", content=made.content, storage_key="papers/none", sha256="0" * 64
    )
    with pytest.raises(Refusal, match="not the one that was made"):
        paper_bytes(other)


@pytest.mark.parametrize(
    "change",
    ["UPDATE commissions_statement_paper SET sha256 = 'x'", "DELETE FROM commissions_statement_paper"],
)
def test_a_paper_is_never_changed(acme: Any, time: Any, change: str) -> None:
    an_entry(acme, 5_800)
    _made(_of_march(time), ACT)
    with pytest.raises(DBAPIError, match="append-only"), session.begin_nested():
        session.execute(sa.text(change))


# Where they are found


def test_both_sides_find_them_at_statement_and_payout_and_rex_does_not(
    app: Any, acme: Any, ada: Any, finn: Any, mona: Any, rex: Any, time: Any, run_jobs: Any
) -> None:
    an_account_to_pay_from()
    a_profile(acme)
    an_entry(acme, 120_000)
    run = an_approved_run(finn, mona)
    start_sending(run, by=finn)
    execute_file(files_of_run(run)[0], reference="BANK-7", by=finn)
    payout_id = run.payouts[0].id
    time.move_to(bounds_of("2026-03")[1] + timedelta(hours=6))
    run_jobs()
    number = session.scalars(sa.select(Statement.number)).one()
    for person, page in ((ada, f"/payouts/{payout_id}"), (finn, f"/staff/payouts/{payout_id}")):
        browser = Browser(app).sign_in(person).open(page)
        browser.click("Acceptance act")
        assert browser.response.data.startswith(b"%PDF")
        browser.open(page).click(number).click("Self-billing invoice")
        assert browser.response.headers["Content-Disposition"] == f'attachment; filename="SB-{number}.pdf"'
        assert browser.response.headers["Cache-Control"] == "private, no-store"
    assert session.scalars(sa.select(Statement)).one().received_at is not None
    outsider = Browser(app).sign_in(rex)
    for paper in ("act", "self-billing"):
        outsider.open(f"/statements/{number}/{paper}.pdf", expect=404)


@pytest.mark.parametrize(("bp", "is_said"), [(1900, True), (0, False)])
def test_where_both_are_in_sight_it_is_said_how_the_taxes_agree(
    app: Any, acme: Any, ada: Any, finn: Any, mona: Any, time: Any, run_jobs: Any, bp: int, is_said: bool
) -> None:
    an_account_to_pay_from()
    _taxed(acme, VatStatus.REGISTERED, bp)
    an_entry(acme, 120_000)
    run = an_approved_run(finn, mona)
    start_sending(run, by=finn)
    execute_file(files_of_run(run)[0], reference="BANK-7", by=finn)
    payout_id = run.payouts[0].id
    time.move_to(bounds_of("2026-03")[1] + timedelta(hours=6))
    run_jobs()
    number = session.scalars(sa.select(Statement.number)).one()
    for person, pages in (
        (ada, (f"/payouts/{payout_id}", f"/statements/{number}")),
        (finn, (f"/staff/payouts/{payout_id}", f"/statements/{number}")),
    ):
        browser = Browser(app).sign_in(person)
        for page in pages:
            assert browser.open(page).sees("a payout pays for each line what its paper says") == is_said, page
        assert browser.open(pages[0]).sees("on services of €1,200.00, each line rounded half up") == is_said


def test_programs_read_what_was_made_and_its_hash(acme: Any, time: Any, machine: Any) -> None:
    an_entry(acme, 5_800)
    statement = _of_march(time)
    paper = _made(statement, ACT)
    said = machine("balances:read").get(f"/partners/{acme.id}/statements/{statement.number}").json
    assert [(one["kind"], one["number"], one["sha256"], one["locale"]) for one in said["papers"]] == [
        ("act", paper.number, paper.sha256, "en")
    ]


def test_making_papers_is_written_down(acme: Any, time: Any) -> None:
    an_entry(acme, 5_800)
    statement = _of_march(time)
    paper = _made(statement, ACT)
    deeds = session.scalars(activity_on(statement)).all()
    [made] = [deed for deed in deeds if deed.verb == "statement papers made"]
    assert made.details["hashes"] == {paper.number: paper.sha256}


@pytest.mark.parametrize("on_paper", [True, False])
def test_it_speaks_the_partners_language(acme: Any, time: Any, on_paper: bool) -> None:
    """What was signed outside the portal says nothing of a language; then the first that the firm works in counts."""
    acme.languages = ["de", "ru", "en"]
    if not on_paper:
        _accepts_a_second_version(acme, "en")
    an_entry(acme, 5_800)
    assert _made(_of_march(time), ACT).locale == ("ru" if on_paper else "en")


def test_the_mail_about_the_statement_names_them(
    acme: Any, ada: Any, time: Any, run_jobs: Any, mails: Any
) -> None:
    an_entry(acme, 5_800)
    time.move_to(bounds_of("2026-03")[1] + timedelta(hours=6))
    run_jobs()
    number = session.scalars(sa.select(Statement.number)).one()
    [told] = [mail for mail in mails(to=ada.email) if mail["subject"].startswith("Statement 2026-03")]
    assert f"With it: Acceptance act ACT-{number}." in told["text"]
