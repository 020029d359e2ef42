"""Pages around payouts: reconciliation, own accounts, taxes, and what a partner sees of what comes."""

import io
from typing import Any

import pytest

from commissions import ledger
from commissions.models import EntryKind, PayoutMethod, TaxPaper, VatStatus
from commissions.operations.payouts import start_sending
from commissions.operations.profiles import set_tax_rates
from core.database import session
from tests.browser import Browser
from tests.commissions.earnings import a_profile, an_account_to_pay_from, an_approved_run, an_entry
from tests.commissions.payouts.test_bank_files import RUSSIAN, camt, paid


@pytest.fixture(autouse=True)
def _books_are_sound_afterwards() -> Any:
    yield
    assert not ledger.audit()


@pytest.fixture
def someone(app: Any) -> Any:
    return lambda person: Browser(app).sign_in(person)


def _upload(browser: Browser, path: str, content: bytes, name: str, **fields: str) -> Any:
    token = next(one.get("value") for one in browser.page.iter("input") if one.get("name") == "csrf_token")
    session.commit()
    with browser.app.app_context():
        answer = browser.client.post(
            path, data={"csrf_token": token, "file": (io.BytesIO(content), name), **fields}
        )
    session.expire_all()
    return answer


def test_a_statement_is_uploaded_and_settles_the_run(acme: Any, finn: Any, mona: Any, someone: Any) -> None:
    an_account_to_pay_from()
    a_profile(acme)
    an_entry(acme, 120_000)
    run = an_approved_run(finn, mona)
    start_sending(run, by=finn)
    key = run.payouts[0].key
    finance = someone(finn)
    finance.open("/staff/payouts").click("Reconciliation")
    assert finance.sees("Nothing to compare yet")
    path = "/staff/payouts/reconciliation/statements"
    assert _upload(finance, path, b"%PDF-1.7", "x.pdf").status_code == 422
    assert _upload(finance, path, camt(paid(key, "1200.00")), "march.xml").status_code == 302
    finance.open("/staff/payouts/reconciliation")
    assert finance.sees("Not settled here yet")
    assert finance.sees("It was paid: settle it.")
    finance.press("Settle by the statements")
    assert finance.sees("1 payout is paid")
    assert finance.sees("Matched")
    finance.open("/staff/payouts/reconciliation/movements")
    assert finance.sees("Acme")
    assert someone(mona).open("/staff/payouts/reconciliation").status == 200


def test_finance_adds_an_account_to_pay_from(finn: Any, someone: Any) -> None:
    finance = someone(finn)
    finance.open("/staff/payouts/accounts").click("Bank transfer in Russia")
    for label, name in (("Holder", "holder"), ("Account number", "account"), ("BIK of the bank", "bank_code"),
                        ("Name of the bank", "bank_name"), ("Correspondent account", "correspondent"),
                        ("INN", "tax_id"), ("KPP", "tax_code")):  # fmt: skip
        finance.fill(label, RUSSIAN[name])
    finance.press("Pay from this account")
    assert finance.sees(RUSSIAN["account"])
    finance.open("/staff/payouts/accounts?method=foreign").press("Pay from this account", expect=422)
    assert finance.sees("Fill this in.")


def test_tax_and_vat_are_their_own_lines_from_the_run_to_the_year(
    acme: Any, ada: Any, finn: Any, mona: Any, someone: Any, run_jobs: Any
) -> None:
    from commissions.operations.payouts import execute_file
    from commissions.queries.payouts import files_of_run

    an_account_to_pay_from()
    profile = a_profile(acme)
    finance = someone(finn)
    finance.open(f"/staff/partners/{acme.id}/earnings").click("Rates, documents and yearly totals")
    finance.fill("VAT on top, in per cent", "19").fill("Tax withheld, in per cent", "7.125").press(
        "Save the rates", expect=422
    )
    finance.fill("Tax withheld, in per cent", "7.5").press("Save the rates")
    assert (profile.vat_bp, profile.withholding_bp) == (1900, 750)
    an_entry(acme, 99_999)
    run = an_approved_run(finn, mona)
    payout = run.payouts[0]
    assert (payout.vat_minor, payout.withheld_minor, payout.net_minor) == (19_000, 7_500, 111_499)
    start_sending(run, by=finn)
    (file,) = files_of_run(run)
    assert file.total_minor == 111_499
    execute_file(file, reference="BANK-7", by=finn)
    finance.open(f"/staff/payouts/runs/{run.id}")
    assert finance.sees("Tax withheld")
    partner = someone(ada)
    partner.open(f"/payouts/{payout.id}")
    assert partner.sees("€1,114.99")
    assert partner.sees("From the lines to the money")
    partner.open("/payouts")
    assert partner.sees("Year by year")
    finance.open(f"/staff/partners/{acme.id}/taxes")
    assert finance.sees("€75.00")


def test_vat_is_paid_to_registered_firms_only(acme: Any, finn: Any) -> None:
    from core.errors import InvalidInput

    profile = a_profile(acme, vat_status=VatStatus.SMALL_BUSINESS)
    with pytest.raises(InvalidInput):
        set_tax_rates(profile, vat_bp=1900, withholding_bp=0, by=finn)


def test_a_partner_sends_a_tax_document_and_finance_checks_it(
    acme: Any, ada: Any, rex: Any, finn: Any, someone: Any, mails: Any
) -> None:
    from tests.events.cast import a_pdf

    partner = someone(ada)
    partner.open("/payout-profile")
    path = "/payout-profile/tax-papers"
    assert _upload(partner, path, b"MZ\x90", "w8.exe", kind="w8").status_code == 422
    assert _upload(partner, path, a_pdf(), "w8.pdf", kind="w8").status_code == 302
    partner.open("/payout-profile")
    assert partner.sees("w8.pdf")
    paper = session.query(TaxPaper).one()
    assert any("tax document" in mail["subject"] for mail in mails(to=finn.email))
    assert partner.open(f"/payout-profile/tax-papers/{paper.id}").response.mimetype == "application/pdf"
    someone(rex).open(f"/payout-profile/tax-papers/{paper.id}", expect=404)
    finance = someone(finn)
    finance.open(f"/staff/partners/{acme.id}/taxes").press("It is good")
    assert finance.sees("Checked")


def test_a_partner_sees_when_which_money_comes_and_what_is_missing(acme: Any, ada: Any, someone: Any) -> None:
    an_entry(acme, 120_000, available_in=10)
    an_entry(acme, 3_000)
    partner = someone(ada)
    partner.open("/payouts")
    assert partner.sees("Say where your money goes.")
    assert partner.sees("€1,200.00")
    assert partner.sees("Goes into the next run")
    assert partner.sees("from €50.00 on")


def test_both_sides_see_since_when_a_balance_is_below_zero(
    acme: Any, rival: Any, ada: Any, finn: Any, someone: Any, time: Any
) -> None:
    an_entry(rival, -100, kind=EntryKind.REVERSAL)
    time.move(days=1)
    an_entry(acme, 1_000)
    an_entry(acme, -3_000, kind=EntryKind.REVERSAL)
    time.move(days=40)
    browser = someone(ada).open("/payouts")
    assert browser.sees("Set off in later payouts") and browser.sees("open since 3\xa0March\xa02026")
    assert someone(finn).open("/staff/payouts/reconciliation").sees("40 days")


def test_a_suspended_partner_is_not_sent_to_until_it_is_reinstated(
    acme: Any, rival: Any, finn: Any, mona: Any, someone: Any
) -> None:
    from partners.operations import reinstate_partner, suspend_partner

    an_account_to_pay_from()
    for firm in (acme, rival):
        a_profile(firm)
        an_entry(firm, 60_000)
    run = an_approved_run(finn, mona)
    suspend_partner(rival, reason="Looked into", by=mona)
    start_sending(run, by=finn)
    assert {payout.partner_id: str(payout.status) for payout in run.payouts} == {
        acme.id: "sent", rival.id: "pending",
    }  # fmt: skip
    finance = someone(finn)
    finance.open(f"/staff/payouts/runs/{run.id}")
    assert finance.sees("1 payout waits: its partner is suspended.")
    assert "Send what waited" not in finance.buttons
    reinstate_partner(rival, reason="All well", by=mona)
    session.flush()
    finance.open(f"/staff/payouts/runs/{run.id}").press("Send what waited")
    session.expire_all()
    assert {str(payout.status) for payout in run.payouts} == {"sent"}


def test_everybody_hears_whose_turn_it_is(acme: Any, finn: Any, mona: Any, mails: Any) -> None:
    a_profile(acme)
    an_entry(acme, 60_000)
    an_approved_run(finn, mona)
    assert "€600.00 waits for your approval" in [mail["subject"] for mail in mails(to=mona.email)]
    assert "€600.00 is approved and can be sent" in [mail["subject"] for mail in mails(to=finn.email)]


def test_the_approver_sees_what_changed_since_last_time(
    acme: Any, rival: Any, finn: Any, mona: Any, someone: Any, time: Any
) -> None:
    from commissions.operations.payouts import execute_file
    from commissions.queries.payouts import files_of_run
    from tests.commissions.earnings import a_proposed_run

    an_account_to_pay_from()
    for firm in (acme, rival):
        a_profile(firm)
        an_entry(firm, 60_000)
    first = an_approved_run(finn, mona)
    start_sending(first, by=finn)
    execute_file(files_of_run(first)[0], reference="B-1", by=finn)
    time.move(days=31)
    an_entry(acme, 90_000)
    second = a_proposed_run(finn)
    manager = someone(mona)
    manager.open(f"/staff/payouts/runs/{second.id}")
    assert manager.sees("+ €300.00")
    assert manager.sees("Paid last time and not now:")
    assert manager.sees("Rival")


@pytest.mark.parametrize("method", ["foreign", "onec", "manual", "sepa"])
def test_each_way_asks_for_what_it_needs(acme: Any, ada: Any, someone: Any, method: str) -> None:
    partner = someone(ada)
    partner.open(f"/payout-profile?method={method}")
    partner.fill("Value added tax", "Registered for VAT").press("Save the payout details")
    assert partner.sees("Something is still missing")
    assert PayoutMethod(method).label is not None
