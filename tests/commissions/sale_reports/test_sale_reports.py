"""Sales that partners report: told with a paper, confirmed into a sale that earns, or declined with a reason."""

import io
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from commissions.models import Entry, SaleReport, SaleReportStatus
from commissions.operations import sale_reports as operations
from commissions.receivers.sale_reports import remind_of_late_decisions
from core import uploads
from core.database import session
from core.errors import InvalidInput, Refusal
from referrals.models import BilledBy, Sale
from tests.browser import Browser
from tests.commissions.cast import FIRST_OF_MARCH, a_live_plan, sold
from tests.events.cast import a_pdf
from tests.referrals.deals.cast import a_deal, a_won_deal

LINES = [("licence", 500_000), ("training", 40_000)]


@pytest.fixture
def customer(acme: Any, time: Any) -> Any:
    """Globex, which bought through Acme before."""
    time.move_to(FIRST_OF_MARCH)
    a_live_plan()
    return sold(acme, name="inv_1", occurred_at=FIRST_OF_MARCH, received_at=FIRST_OF_MARCH).customer


def told(customer: Any, by: Any, **about: Any) -> SaleReport:
    return operations.report_sale(
        customer,
        **{
            "number": "R-1",
            "sold_on": date(2026, 2, 27),
            "currency": "EUR",
            "lines": LINES,
            "file": uploads.check_file(a_pdf(), "invoice.pdf"),
            "by": by,
        }
        | about,
    )


@pytest.fixture
def someone(app: Any) -> Any:
    return lambda person: Browser(app).sign_in(person)


def test_confirmed_it_is_a_sale_like_any_other_and_earns(customer: Any, ada: Any, finn: Any) -> None:
    report = told(customer, ada)
    assert operations.confirm_report(report, by=finn)
    sale = report.sale
    assert sale is not None
    assert (sale.source, sale.external_id, sale.total_minor) == (
        "partner_report", f"report-{report.id}", 540_000,
    )  # fmt: skip
    assert (sale.partner_id, sale.customer_id, sale.billed_by) == (
        report.partner_id, customer.id, BilledBy.PARTNER,
    )  # fmt: skip
    assert session.scalars(sa.select(Entry).where(Entry.sale_id == sale.id)).all()


def test_an_invoice_that_came_another_way_is_not_recorded_twice(
    customer: Any, acme: Any, ada: Any, finn: Any
) -> None:
    known = sold(acme, name="ch_9", invoice="INV-9")
    report = told(
        customer, ada, number="INV-9", billed_by=BilledBy.VENDOR, lines=[("licence", known.total_minor)]
    )
    assert not operations.confirm_report(report, by=finn)
    assert report.sale is known
    assert session.scalar(sa.select(sa.func.count()).select_from(Sale)) == 2


def test_declined_with_a_reason_it_can_be_told_anew(customer: Any, ada: Any, finn: Any) -> None:
    report = told(customer, ada)
    with pytest.raises(InvalidInput):
        operations.decline_report(report, "  ", by=finn)
    operations.decline_report(report, "The invoice is of another year.", by=finn)
    assert (report.status, report.sale_id) == (SaleReportStatus.DECLINED, None)
    with pytest.raises(Refusal, match="decided already"):
        operations.confirm_report(report, by=finn)
    assert told(customer, ada).is_undecided


def test_the_same_number_is_told_once(customer: Any, ada: Any, sam: Any) -> None:
    told(customer, ada)
    with pytest.raises(InvalidInput) as problem:
        told(customer, sam)
    assert list(problem.value.problems) == ["number"]


def test_only_what_is_ones_own_can_be_told(customer: Any, rex: Any, acme: Any, ada: Any) -> None:
    with pytest.raises(Refusal, match="your own customers"):
        told(customer, rex)
    deal = a_won_deal(acme, "Initech", order="PO-3")
    with pytest.raises(InvalidInput):
        told(customer, ada, deal=deal)
    assert told(deal.customer, ada, deal=deal, number="PO-3").deal is deal


@pytest.mark.parametrize(
    ("about", "where"),
    [
        ({"number": " "}, "number"),
        ({"sold_on": date(2027, 1, 1)}, "sold_on"),
        ({"sold_on": date(1, 1, 1)}, "sold_on"),
        ({"lines": []}, "lines"),
        ({"lines": [("licence", 0)]}, "lines"),
        ({"currency": "XYZ"}, "currency"),
    ],
)
def test_what_can_not_be_a_sale_is_said_at_its_field(
    customer: Any, ada: Any, about: dict[str, Any], where: str
) -> None:
    with pytest.raises(InvalidInput) as problem:
        told(customer, ada, **about)
    assert list(problem.value.problems) == [where]


def test_the_database_keeps_what_was_told(customer: Any, ada: Any) -> None:
    report = told(customer, ada)
    for change in ("number = 'other'", "lines = '[]'", "partner_id = partner_id + 1"):
        with pytest.raises(sa.exc.DBAPIError), session.begin_nested():
            session.execute(sa.text(f"UPDATE commissions_sale_report SET {change}"))
    with pytest.raises(sa.exc.DBAPIError), session.begin_nested():
        session.execute(sa.text("DELETE FROM commissions_sale_report"))
    assert report.is_undecided


def test_both_sides_are_told_and_a_late_one_is_reminded_of_once(
    customer: Any, ada: Any, finn: Any, time: Any, mails: Any
) -> None:
    def sent(to: Any) -> list[str]:
        return [mail["subject"] for mail in mails(to=to.email) if "/sale-reports/" in str(mail)]

    report = told(customer, ada)
    [asked] = sent(finn)
    assert "reports a sale" in asked
    time.move_to(report.decide_by + timedelta(hours=1))
    remind_of_late_decisions({})
    remind_of_late_decisions({})
    [_asked, late] = sent(finn)
    assert "waits for too long" in late
    operations.confirm_report(report, by=finn)
    [told_back] = sent(ada)
    assert "is confirmed" in told_back


# The pages


def _send(browser: Browser, **about: Any) -> Any:
    fields = {
        "number": "R-7", "sold_on": "2026-02-27", "currency": "EUR", "type": "renewal", "billed_by": "partner",
        "deal": "", "lines-0-kind": "training", "lines-0-amount": "1 200,50", "lines-1-kind": "licence",
        "lines-1-amount": "", "lines-2-kind": "licence", "lines-2-amount": "",
        "file": (io.BytesIO(a_pdf()), "invoice.pdf"),
    }  # fmt: skip
    browser.open("/sale-reports/new")
    token = next(one.get("value") for one in browser.page.iter("input") if one.get("name") == "csrf_token")
    session.commit()
    with browser.app.app_context():
        answer = browser.client.post("/sale-reports/new", data=fields | about | {"csrf_token": token})
    session.expire_all()
    return answer


def test_a_partner_tells_and_the_vendor_confirms_on_pages(
    customer: Any, ada: Any, finn: Any, rex: Any, someone: Any
) -> None:
    partner = someone(ada)
    partner.open("/sale-reports")
    assert partner.sees("Nothing reported yet")
    wrong = _send(partner, customer=str(customer.id), **{"lines-0-amount": ""})
    assert wrong.status_code == 422 and b"Give at least one amount" in wrong.data
    assert _send(partner, customer=str(customer.id)).status_code == 302
    report = session.scalars(sa.select(SaleReport)).one()
    assert (report.total_minor, report.lines[0]["kind"]) == (120_050, "training")
    partner.open("/sale-reports")
    assert partner.sees("Waits for the vendor")
    outsider = someone(rex)
    for path in (f"/sale-reports/{report.id}", f"/sale-reports/{report.id}/file"):
        outsider.open(path, expect=404)
    finance = someone(finn)
    finance.open("/staff/sale-reports").click("Globex")
    assert finance.sees("May be the same sale")
    finance.press("Confirm")
    assert finance.sees("Confirmed. The sale is recorded")
    partner.open(f"/sale-reports/{report.id}")
    assert partner.sees("Confirmed: the sale is recorded.")


def test_the_vendor_declines_on_the_page_with_a_reason(
    customer: Any, ada: Any, finn: Any, someone: Any
) -> None:
    report = told(customer, ada)
    finance = someone(finn)
    finance.open(f"/sale-reports/{report.id}").press("Decline it", expect=422)
    finance.fill("Why, for the partner", "The paper is of another firm.").press("Decline it")
    assert finance.sees("Declined. The partner has been told why.")
    partner = someone(ada)
    partner.open(f"/sale-reports/{report.id}")
    assert partner.sees("The paper is of another firm.")


def test_from_a_won_deal_it_is_one_click_and_the_deal_shows_it(
    customer: Any, acme: Any, ada: Any, finn: Any, someone: Any
) -> None:
    deal = a_won_deal(acme, "Initech", order="PO-3")
    partner = someone(ada).open(f"/deals/{deal.id}").click("Report a sale")
    typed = {one.get("name"): one.get("value") for one in partner.page.iter("input")}
    assert typed["customer"] == f"Initech · {deal.customer_id}"
    assert typed["deal"] == f"Initech · {deal.number}"
    told(deal.customer, ada, deal=deal, number="PO-3")
    partner.open(f"/deals/{deal.id}").click("PO-3")
    assert partner.sees("Waits for the vendor")
    finance = someone(finn).open(f"/deals/{deal.id}")
    assert finance.sees("PO-3") and not finance.sees("Report a sale")


def test_a_deal_that_can_have_no_sale_offers_none(acme: Any, ada: Any, someone: Any) -> None:
    deal = a_deal(acme, "Umbrella")
    assert deal.customer_id is None
    assert not someone(ada).open(f"/deals/{deal.id}").sees("Report a sale")
