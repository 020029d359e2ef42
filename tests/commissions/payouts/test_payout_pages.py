"""From what is payable to money on the account, through pages only."""

from typing import Any

import pytest
import sqlalchemy as sa

from commissions import ledger
from commissions.models import PayoutMethod, PayoutRun
from commissions.operations.runs import propose_run
from core.database import session
from tests.browser import Browser
from tests.commissions.earnings import a_profile, an_account_to_pay_from, an_entry
from tests.statements import heard_statements


@pytest.fixture(autouse=True)
def _books_are_sound_afterwards() -> Any:
    yield
    assert not ledger.audit()


@pytest.fixture
def someone(app: Any) -> Any:
    """A browser for a person: ``someone(finn)``."""
    return lambda person: Browser(app).sign_in(person)


def test_finance_proposes_a_manager_approves_the_file_is_paid_and_the_partner_sees_it(
    acme: Any, ada: Any, finn: Any, mona: Any, someone: Any, run_jobs: Any
) -> None:
    an_account_to_pay_from()
    a_profile(acme)
    an_entry(acme, 120_000)
    an_entry(acme, -20_000)
    finance = someone(finn)
    finance.open("/staff/payouts").click("See what is payable")
    assert finance.heading == "€1,000.00 is payable"
    finance.press("Propose €1,000.00")
    assert finance.sees("Waits for a second person")
    assert "Approve €1,000.00" not in finance.buttons
    address = finance.url
    manager = someone(mona)
    manager.open(address).press("Approve €1,000.00")
    assert manager.sees("Mona Manager approved")
    finance.open(address).press("Send €1,000.00")
    finance.click("Download the file")
    assert finance.response.mimetype == "application/xml"
    assert b'<InstdAmt Ccy="EUR">1000.00</InstdAmt>' in finance.response.data
    finance.open(address).fill("The bank's reference", "BANK-7").press("Mark as paid")
    assert finance.sees("Done")
    run_jobs()
    partner = someone(ada)
    partner.open("/payouts")
    assert partner.sees("€1,000.00")
    assert partner.sees("Paid")
    partner.click(
        next(words for words in partner.links if words.startswith("Payout ") and words[-1].isdigit())
    )
    assert partner.sees("BANK-7")
    partner.open("/earnings")
    assert partner.sees("€1,000.00")


def test_the_partner_is_told_by_mail_that_money_comes(
    acme: Any, ada: Any, finn: Any, mona: Any, someone: Any, mails: Any
) -> None:
    from commissions.operations.payouts import execute_file, start_sending
    from commissions.queries.payouts import files_of_run
    from tests.commissions.earnings import an_approved_run

    an_account_to_pay_from()
    a_profile(acme)
    an_entry(acme, 120_000)
    run = an_approved_run(finn, mona)
    start_sending(run, by=finn)
    execute_file(files_of_run(run)[0], reference="BANK-7", by=finn)
    assert "€1,200.00 is on its way to you" in [mail["subject"] for mail in mails(to=ada.email)]


def test_a_page_opened_before_the_list_changed_approves_nothing(
    acme: Any, finn: Any, mona: Any, someone: Any
) -> None:
    from commissions.models import PayoutRun
    from commissions.operations.runs import propose_again, send_back
    from core.database import session
    from tests.commissions.earnings import a_proposed_run

    a_profile(acme)
    an_entry(acme, 120_000)
    run = a_proposed_run(finn)
    manager = someone(mona)
    manager.open(f"/staff/payouts/runs/{run.id}")
    run = session.get_one(PayoutRun, run.id)
    send_back(run, note="Look again", by=mona)
    propose_again(run, by=finn)
    session.flush()
    old = {"digest": "0" * 64, "total_minor": "120000"}
    for form in manager.page.iter("form"):
        if str(form.get("action")).endswith("/approval"):
            for field in form.iter("input"):
                if field.get("name") in old:
                    field.set("value", old[str(field.get("name"))])
    manager.press("Approve €1,200.00", expect=409)
    assert manager.sees("not the list that you were shown")


def test_a_manager_sends_it_back_with_a_word_why(
    acme: Any, rival: Any, finn: Any, mona: Any, someone: Any
) -> None:
    a_profile(acme)
    a_profile(rival)
    an_entry(acme, 120_000)
    an_entry(rival, 130_000)
    from tests.commissions.earnings import a_proposed_run

    run = a_proposed_run(finn)
    manager = someone(mona)
    manager.open(f"/staff/payouts/runs/{run.id}").fill("Why", "Ask Rival first").press("Send it back")
    finance = someone(finn)
    finance.open(f"/staff/payouts/runs/{run.id}")
    assert finance.sees("Ask Rival first")
    finance.click("Take out: Rival").press("Propose it again")
    assert finance.sees("€1,200.00")


def test_a_payout_by_hand_waits_for_its_reference(acme: Any, finn: Any, mona: Any, someone: Any) -> None:
    from commissions.operations.payouts import start_sending
    from tests.commissions.earnings import an_approved_run

    a_profile(acme, PayoutMethod.MANUAL)
    an_entry(acme, 120_000)
    run = an_approved_run(finn, mona)
    start_sending(run, by=finn)
    finance = someone(finn)
    finance.open(f"/staff/payouts/{run.payouts[0].id}").fill("The bank's reference", "KZ-1").press(
        "Mark as paid"
    )
    assert finance.sees("KZ-1")


def test_a_payout_the_bank_refused_is_sent_once_more_or_given_up(
    acme: Any, finn: Any, mona: Any, someone: Any
) -> None:
    from commissions.operations.payouts import start_sending
    from tests.commissions.earnings import an_approved_run

    an_account_to_pay_from()
    a_profile(acme)
    an_entry(acme, 120_000)
    run = an_approved_run(finn, mona)
    start_sending(run, by=finn)
    finance = someone(finn)
    finance.open(f"/staff/payouts/runs/{run.id}")
    finance.fill("Payouts the bank refused", ["Acme, €1,200.00"]).fill("The bank's reference", "B-1")
    finance.fill("What the bank says about them", "Account closed").press("Mark as paid")
    assert finance.sees("Account closed")
    finance.open(f"/staff/payouts/{run.payouts[0].id}").press("Send it once more")
    assert finance.sees("payout-1-2") or finance.sees("-2")
    finance.open(f"/staff/payouts/{run.payouts[0].id}").fill("Why", "Closed again").press("It did not arrive")
    finance.press("Give it up")
    assert finance.sees("Given up")
    finance.open("/staff/payouts/proposal")
    assert finance.heading == "€1,200.00 is payable"


def test_payout_details_are_written_down_by_the_partner(
    acme: Any, ada: Any, someone: Any, mails: Any
) -> None:
    partner = someone(ada)
    partner.open("/payout-profile")
    partner.fill("Holder", "Acme GmbH").fill("IBAN", "DE00 1234").press("Save the payout details", expect=422)
    assert partner.sees("not a valid IBAN")
    partner.fill("IBAN", "DE89 3704 0044 0532 0130 00").fill("Value added tax", "Registered for VAT")
    partner.press("Save the payout details")
    assert partner.sees("DE••\xa0••••\xa03000")
    assert partner.sees("waits until")
    assert any("Payout details of Acme" in mail["subject"] for mail in mails(to=ada.email))


def test_a_partner_sees_what_is_missing(acme: Any, ada: Any, someone: Any) -> None:
    an_entry(acme, 120_000)
    partner = someone(ada)
    partner.open("/earnings")
    assert partner.sees("Money cannot be paid to you yet.")


@pytest.mark.parametrize("path", ["/earnings", "/payouts", "/statements", "/payout-profile"])
def test_pages_have_their_empty_states(acme: Any, ada: Any, someone: Any, path: str) -> None:
    assert someone(ada).open(path).status == 200


@pytest.mark.parametrize(
    "path", ["/staff/payouts", "/staff/payouts/proposal", "/staff/books", "/staff/earnings"]
)
def test_the_vendors_pages_have_their_empty_states(finn: Any, someone: Any, path: str) -> None:
    assert someone(finn).open(path).status == 200


def test_the_vendor_sees_a_partners_earnings_and_the_journal(acme: Any, finn: Any, someone: Any) -> None:
    a_profile(acme)
    an_entry(acme, 120_000)
    finance = someone(finn)
    assert finance.open(f"/staff/partners/{acme.id}/earnings").sees("€1,200.00")
    assert finance.open("/staff/books").sees("€1,200.00")
    assert finance.press("Audit now").sees("Every rule of the books holds.")


def test_rex_sees_nothing_of_acmes_money(
    acme: Any, rex: Any, ada: Any, finn: Any, mona: Any, someone: Any
) -> None:
    from tests.commissions.earnings import an_approved_run

    a_profile(acme)
    line = an_entry(acme, 120_000)
    run = an_approved_run(finn, mona)
    outsider = someone(rex)
    outsider.open(f"/payouts/{run.payouts[0].id}", expect=404)
    outsider.open(f"/earnings/lines/{line.id}", expect=404)
    outsider.open(f"/staff/payouts/runs/{run.id}", expect=403)
    assert not outsider.open("/earnings").sees("€1,200.00")
    assert not outsider.open("/payouts").sees("€1,200.00")


def test_finance_leaves_somebody_out_by_hand_from_page_to_page(
    acme: Any, rival: Any, finn: Any, someone: Any
) -> None:
    for partner in (acme, rival):
        a_profile(partner)
        an_entry(partner, 120_000)
    finance = someone(finn)
    finance.open("/staff/payouts/proposal").click("Leave out: Rival")
    assert finance.heading == "€1,200.00 is payable"
    assert finance.sees("1 partner is left out this time")
    finance.click("Take back in: Rival").click("Leave out: Rival").press("Propose €1,200.00")
    run = session.scalars(sa.select(PayoutRun)).one()
    assert [payout.partner for payout in run.payouts] == [acme]
    assert [left["reasons"] for left in run.left_out] == [["by_hand"]]


def test_a_long_proposal_is_read_page_by_page_with_the_same_queries(
    acme: Any, finn: Any, someone: Any
) -> None:
    from tests import cast

    def firms(some: range) -> None:
        for number in some:
            partner = cast.a_partner(f"Firm {number:02}", country="DE")
            if number % 2:
                a_profile(partner)
            an_entry(partner, 10_000 + number)
        session.flush()

    finance = someone(finn)
    firms(range(4))
    with heard_statements() as few:
        finance.open("/staff/payouts/proposal")
    firms(range(4, 70))
    with heard_statements() as many:
        finance.open("/staff/payouts/proposal")
    assert finance.sees("1–25 of 35")
    assert len(many) == len(few)
    finance.click("All 35 who are left out")
    assert finance.sees("1–25 of 35") and finance.sees("No payout details yet")
    finance.open("/staff/payouts/proposal?q=firm+07")
    assert finance.sees("Firm 07") and finance.sees("1–1 of 1")
    run = propose_run("EUR", by=finn)
    finance.open(f"/staff/payouts/runs/{run.id}")
    assert finance.sees("1–25 of 35")
    finance.open(f"/staff/payouts/runs/{run.id}?list=left-out&page=2")
    assert finance.sees("26–35 of 35")
