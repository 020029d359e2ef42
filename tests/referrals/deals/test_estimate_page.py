"""The estimate's page: what it shows, what it keeps, and that it works without a script."""

from typing import Any

import pytest

from core.database import session
from partners.operations.catalogue import save_product
from referrals import quotes
from referrals.models import Estimate
from referrals.quotes import Inquiry, Quote, QuoteRow
from tests.browser import Browser
from tests.referrals.deals.cast import a_deal, a_line, an_estimate


@pytest.fixture
def nothing_published(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quotes, "_quoters", [])


@pytest.fixture
def ten_per_cent(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(inquiry: Inquiry) -> Quote:
        licence = sum(line.net_minor for line in inquiry.lines if line.kind == "licence")
        services = sum(line.net_minor for line in inquiry.lines) - licence
        commission = licence // 10
        rows = (QuoteRow("partner", "Your commission", commission, "10 % of the licence"),)
        return Quote(services + commission, licence - commission, commission, "Standard, version 1", rows)

    monkeypatch.setattr(quotes, "_quoters", [answer])


@pytest.fixture
def cloud(programme: None) -> Any:
    return save_product(
        code="cloud", name="Cloud Pro", name_ru="Облако", list_price_minor=336_00, currency="EUR", by=None
    )


def test_a_seller_writes_an_estimate_line_by_line_and_sees_the_share(
    browser: Browser, sam: Any, acme: Any, nothing_published: None
) -> None:
    deal = a_deal(acme)
    browser.sign_in(sam).open(f"/deals/{deal.id}/estimate")
    browser.fill("What", "licence").fill("Unit price", "1000").press("Add a line", expect=200)
    assert browser.sees("Add €9,000.00 of services to reach it.")
    second = next(one for one in browser.page.iter("select") if one.get("name") == "lines-1-item")
    browser.typed[str(second.get("name"))] = ["implementation"]
    browser.typed["lines-1-unit_price"] = ["9000"]
    browser.press("Recompute", expect=200)
    assert browser.sees("Reached")
    assert browser.sees("No plan is published")
    assert session.query(Estimate).count() == 0
    browser.press("Save the estimate")
    assert browser.sees("Version 1 is saved.")
    assert browser.sees("10,000.00")


def test_a_bad_line_keeps_what_was_typed_with_the_error_at_its_field(
    browser: Browser, sam: Any, acme: Any
) -> None:
    deal = a_deal(acme)
    browser.sign_in(sam).open(f"/deals/{deal.id}/estimate")
    browser.fill("What", "hosting").fill("Description", "Hosting in Frankfurt")
    browser.fill("Quantity", "12").fill("Unit price", "18o").press("Save the estimate", expect=422)
    assert browser.sees("Type an amount, such as 1234.50.")
    field = next(one for one in browser.page.iter("input") if one.get("name") == "lines-0-unit_price")
    assert field.get("value") == "18o"
    assert field.get("aria-invalid") == "true"
    assert session.query(Estimate).count() == 0


def test_a_product_brings_its_list_price(browser: Browser, sam: Any, acme: Any, cloud: Any) -> None:
    deal = a_deal(acme)
    browser.sign_in(sam).open(f"/deals/{deal.id}/estimate")
    browser.fill("What", "Cloud Pro").fill("Quantity", "16").fill("Discount %", "10").press(
        "Save the estimate"
    )
    [line] = deal.estimates[-1].lines
    assert (line.product, line.unit_price_minor, line.recurring.value) == ("cloud", 336_00, "year")
    assert deal.estimates[-1].total_minor == 4838_40


def test_a_new_estimate_begins_with_the_deals_products(
    browser: Browser, sam: Any, acme: Any, cloud: Any
) -> None:
    deal = a_deal(acme, products=("cloud",))
    browser.sign_in(sam).open(f"/deals/{deal.id}/estimate")
    assert 'value="336.00"' in browser.html


def test_the_figures_come_as_a_fragment_and_keep_nothing(
    browser: Browser, sam: Any, acme: Any, ten_per_cent: None
) -> None:
    deal = a_deal(acme)
    browser.sign_in(sam).open(f"/deals/{deal.id}/estimate")
    token = next(one for one in browser.page.iter("input") if one.get("name") == "csrf_token").get("value")
    typed = {
        "csrf_token": token,
        "currency": "EUR",
        "billed_by": "partner",
        "lines-0-item": "licence",
        "lines-0-unit_price": "1000",
        "lines-0-recurring": "year",
        "lines-3-item": "training",
        "lines-3-unit_price": "nonsense",
        "lines-3-recurring": "once",
    }
    answer = browser.client.post(f"/deals/{deal.id}/estimate/figures", data=typed)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert 'data-amounts="lines-0=1,000.00;"' in text
    assert "Your commission" in text
    assert "<html" not in text
    assert session.query(Estimate).count() == 0


def test_every_version_stays_and_the_same_again_makes_none(browser: Browser, sam: Any, acme: Any) -> None:
    from referrals.operations import save_estimate

    deal = a_deal(acme)
    first = an_estimate(a_line("licence", 100_00))
    save_estimate(deal, first, by=sam)
    save_estimate(deal, first, by=sam)
    save_estimate(deal, an_estimate(a_line("licence", 200_00)), by=sam)
    assert [one.version for one in deal.estimates] == [1, 2]
    browser.sign_in(sam).open(f"/deals/{deal.id}/estimate").click("Version 1")
    assert browser.sees("€100.00")


def test_a_milestone_belongs_to_the_estimate(browser: Browser, sam: Any, acme: Any) -> None:
    deal = a_deal(acme)
    browser.sign_in(sam).open(f"/deals/{deal.id}/estimate")
    browser.fill("What", "training").fill("Unit price", "500").press("Add a milestone", expect=200)
    browser.fill("Milestone", "Training held").fill("Amount", "600").press("Save the estimate", expect=422)
    assert browser.sees("Together the milestones are more than the project.")
    browser.fill("Amount", "500").press("Save the estimate")
    assert deal.estimates[-1].milestones[0].amount_minor == 500_00


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_proposal_is_a_pdf_in_the_customers_language(
    browser: Browser, sam: Any, acme: Any, language: str
) -> None:
    from io import BytesIO

    from pypdf import PdfReader

    from referrals.operations import save_estimate

    deal = a_deal(acme, "ООО «Ромашка»")
    save_estimate(deal, an_estimate(a_line("licence", 100_00), a_line("training", 900_00)), by=sam)
    browser.sign_in(sam).open(f"/deals/{deal.id}/estimate/proposal?language={language}")
    text = PdfReader(BytesIO(browser.response.get_data())).pages[0].extract_text()
    assert "Ромашка" in text
    assert "Acme" in text
    assert "1,000.00" in text if language == "en" else "1\u00a0000,00" in text


def test_the_vendor_reads_the_estimate_and_cannot_write_it(
    browser: Browser, mona: Any, sam: Any, acme: Any
) -> None:
    from referrals.operations import save_estimate

    deal = a_deal(acme)
    save_estimate(deal, an_estimate(a_line("licence", 100_00)), by=sam)
    browser.sign_in(mona).open(f"/deals/{deal.id}/estimate")
    assert "Save the estimate" not in browser.buttons
    assert browser.sees("€100.00")
