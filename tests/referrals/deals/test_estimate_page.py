"""The estimate's page: what it shows, what it keeps, and that it works without a script."""

from typing import Any

import pytest

from core.database import session
from partners.models import Recurrence
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


def test_a_removed_line_is_gone_whatever_stood_in_it(browser: Browser, sam: Any, acme: Any) -> None:
    deal = a_deal(acme)
    browser.sign_in(sam).open(f"/deals/{deal.id}/estimate")
    browser.fill("What", "training").fill("Unit price", "500").press("Add a line", expect=200)
    browser.typed["lines-1-item"] = ["hosting"]
    browser.typed["lines-1-unit_price"] = ["nonsense"]
    browser.typed["lines-1-remove"] = ["y"]
    browser.press("Save the estimate")
    assert [line.kind.value for line in deal.estimate.lines] == ["training"]


@pytest.mark.parametrize(
    ("locale", "typed", "kept"),
    [("en", "1,000", "1000"), ("en", "12,500.5", "12500.5"), ("en", "1,5", "1.5"), ("en", "0,125", "0.125"),
     ("ru", "1,125", "1.125"), ("ru", "1 000,5", "1000.5")],
)  # fmt: skip
def test_a_quantity_is_read_as_its_language_writes_it(
    browser: Browser, sam: Any, acme: Any, locale: str, typed: str, kept: str
) -> None:
    deal = a_deal(acme)
    sam.locale = locale
    browser.sign_in(sam).open(f"/deals/{deal.id}/estimate")
    browser.typed.update(
        {"lines-0-item": ["training"], "lines-0-quantity": [typed], "lines-0-unit_price": ["1"]}
    )
    browser.press("Save the estimate" if locale == "en" else "Сохранить смету")
    assert deal.estimate.lines[0].quantity_text == kept


@pytest.mark.parametrize(
    ("currency", "price", "kept"), [("JPY", "1200", 1200), ("KWD", "1.234", 1234), ("EUR", "12.30", 1230)]
)
def test_a_price_has_the_decimals_of_its_currency(
    browser: Browser, sam: Any, acme: Any, currency: str, price: str, kept: int
) -> None:
    deal = a_deal(acme)
    browser.sign_in(sam).open(f"/deals/{deal.id}/estimate")
    browser.fill("What", "training").fill("Currency", currency).fill("Unit price", price)
    browser.press("Save the estimate")
    assert (deal.estimate.currency, deal.estimate.lines[0].unit_price_minor) == (currency, kept)
    browser.fill("Unit price", "1.2345").press("Save the estimate", expect=422)
    assert browser.sees(f"{currency} has")


def test_a_rate_that_left_the_card_leaves_its_service(browser: Browser, sam: Any, acme: Any) -> None:
    from partners.models import LineKind, Recurrence
    from referrals.operations.rates import remove_rate, save_rate

    rate = save_rate(
        acme, kind=LineKind.AUDIT, name="Audit day", unit_price_minor=900_00, currency="EUR",
        recurring=Recurrence.ONCE, by=None,
    )  # fmt: skip
    deal = a_deal(acme)
    browser.sign_in(sam).open(f"/deals/{deal.id}/estimate").fill("What", f"audit#{rate.id}")
    browser.fill("Unit price", "950")
    remove_rate(rate, by=None)
    session.flush()
    browser.press("Save the estimate")
    assert (deal.estimate.lines[0].kind, deal.estimate.total_minor) == (LineKind.AUDIT, 950_00)


def test_a_hundred_lines_are_enough_and_one_more_is_refused_with_a_sentence(
    browser: Browser, sam: Any, acme: Any
) -> None:
    from referrals.operations import save_estimate

    deal = a_deal(acme)
    save_estimate(deal, an_estimate(*[a_line(price=number) for number in range(100)]), by=sam)
    browser.sign_in(sam).open(f"/deals/{deal.id}/estimate")
    assert "Add a line" not in browser.buttons and browser.sees("at most 100 lines")
    browser.press("Recompute", expect=200)
    token = next(one for one in browser.page.iter("input") if one.get("name") == "csrf_token").get("value")
    sent = {"csrf_token": token, "currency": "EUR", "billed_by": "partner", "based_on": "1"}
    for number in range(101):
        sent |= {f"lines-{number}-item": "audit", f"lines-{number}-recurring": "once"}
        sent |= {f"lines-{number}-unit_price": "1"}
    answer = browser.client.post(f"/deals/{deal.id}/estimate", data=sent)
    assert answer.status_code == 422
    assert "An estimate has at most 100 lines." in answer.get_data(as_text=True)


def test_what_the_price_list_filled_in_is_told_to_the_page(
    browser: Browser, sam: Any, acme: Any, cloud: Any
) -> None:
    import json

    deal = a_deal(acme)
    browser.sign_in(sam).open(f"/deals/{deal.id}/estimate")
    browser.fill("What", "licence/cloud").press("Recompute", expect=200)
    told = next(one for one in browser.page.iter() if one.get("id") == "figures")
    assert json.loads(str(told.get("data-filled"))) == {
        "lines-0": {"unit_price": "336.00", "recurring": "year", "description": "Cloud Pro"}
    }


def test_hostile_words_stay_words(browser: Browser, sam: Any, acme: Any) -> None:
    deal = a_deal(acme, "<script>alert(1)</script>")
    evil = '"><img src=x onerror=alert(1)>{{7*7}} #eval("1+1") $x$'
    browser.sign_in(sam).open(f"/deals/{deal.id}/estimate")
    browser.fill("What", "training").fill("Description", evil).fill("Unit price", "1")
    browser.fill("Note to the customer", evil).press("Save the estimate")
    for path in ("", "/estimate", "/estimate?version=1"):
        browser.open(f"/deals/{deal.id}{path}")
        assert "<img src=x" not in browser.html and "<script>alert" not in browser.html
    pdf = browser.open(f"/deals/{deal.id}/estimate/proposal").response.get_data()
    text = " ".join(_pages(pdf)).replace("\n", " ").replace("\u200b", "")
    assert "{{7*7}}" in text and "1+1" in text and "$x$" in text


@pytest.mark.parametrize(
    "typed",
    ["9" * 400, "1e999999", "-5", "NaN", "Infinity", "0x10", "１２３", "1__0", "\x00", "💶", "1.2.3.4"],
)
def test_no_number_breaks_the_page(browser: Browser, sam: Any, acme: Any, typed: str) -> None:
    deal = a_deal(acme)
    browser.sign_in(sam).open(f"/deals/{deal.id}/estimate")
    token = next(one for one in browser.page.iter("input") if one.get("name") == "csrf_token").get("value")
    for field in ("quantity", "unit_price", "discount"):
        sent = {
            "csrf_token": token, "currency": "EUR", "billed_by": "partner", "based_on": typed,
            "lines-0-item": "training", "lines-0-unit_price": "1", "lines-0-recurring": "once",
            "milestones-0-name": "x", "milestones-0-amount": typed, f"lines-0-{field}": typed,
        }  # fmt: skip
        for path in ("estimate/figures", "estimate"):
            answer = browser.client.post(f"/deals/{deal.id}/{path}", data=sent)
            assert answer.status_code in {200, 302, 409, 422}, (field, answer.status_code)


def _pages(pdf: bytes) -> list[str]:
    from io import BytesIO

    from pypdf import PdfReader

    return [page.extract_text() for page in PdfReader(BytesIO(pdf)).pages]


def test_a_proposal_says_what_the_customer_pays_and_nothing_of_who_earns_it(
    browser: Browser, sam: Any, acme: Any, cloud: Any, ten_per_cent: None
) -> None:
    from datetime import date

    from referrals.operations import save_estimate
    from referrals.operations.estimates import EstimateData, MilestoneData

    deal = a_deal(acme)
    cloud.list_price_minor = 100_00
    lines = (
        a_line("licence", 100_00, product="cloud", recurring=Recurrence.YEAR),
        *[a_line("training", 200_00, description=f"Group {number} " + "long " * 30) for number in range(40)],
        a_line("support", 10_00, description="x" * 200, recurring=Recurrence.MONTH),
    )
    data = EstimateData(
        currency="EUR", billed_by=an_estimate().billed_by, lines=lines, valid_until=date(2026, 4, 30),
        note="Payable within 14 days.", milestones=(MilestoneData(name="Live", amount_minor=100_00),),
    )  # fmt: skip
    save_estimate(deal, data, by=sam)
    browser.sign_in(sam).open(f"/deals/{deal.id}/estimate/proposal?language=en")
    pages = _pages(browser.response.get_data())
    assert len(pages) > 2 and all("Description" in page for page in pages[:2])
    text = " ".join(pages).replace("\xa0", " ")
    for words in ("30 April 2026", "Payable within 14 days.", "€8,000.00", "€10.00", "€100.00", "€8,220.00",
                  "€220.00", "per user", "Live", "Group 39"):  # fmt: skip
        assert words in text, words
    for words in ("ommission", "Standard, version", "Licence share", "€8,010.00"):
        assert words not in text, words


def test_a_vendor_that_bills_says_what_a_milestone_pays_the_partner(
    browser: Browser, sam: Any, acme: Any, ten_per_cent: None
) -> None:
    from referrals.operations import save_estimate
    from referrals.operations.estimates import EstimateData, MilestoneData

    deal = a_deal(acme)
    lines = (a_line("licence", 100_00), a_line("training", 900_00))
    milestones = (MilestoneData(name="Half", amount_minor=450_00),)
    for biller in ("vendor", "partner"):
        given = an_estimate(*lines, billed_by=biller)
        save_estimate(deal, EstimateData(**{**vars(given), "milestones": milestones}), by=sam)
    browser.sign_in(sam).open(f"/deals/{deal.id}/estimate?version=1")
    assert browser.sees("€450.00 of it for the partner") and browser.sees("€550.00")
    browser.open(f"/deals/{deal.id}/estimate")
    assert browser.sees("The customer pays the partner at each milestone.")
    assert not browser.sees("of it for the partner")


def test_a_page_of_many_versions_asks_no_more_than_one_of_few(browser: Browser, sam: Any, acme: Any) -> None:
    from referrals.operations import save_estimate

    deal = a_deal(acme)
    counts = []
    for price in range(1, 9):
        save_estimate(deal, an_estimate(a_line("licence", price)), by=sam)
        if price == 1:
            browser.sign_in(sam)
        if price in (2, 8):
            session.expire_all()
            browser.open(f"/deals/{deal.id}/estimate")
            counts.append(browser.open(f"/deals/{deal.id}/estimate").queries)
    assert counts[0] == counts[1]


def test_what_is_called_as_in_the_catalogue_has_its_name_in_the_customers_language(
    browser: Browser, sam: Any, acme: Any, cloud: Any
) -> None:
    from partners.queries import services_by_code
    from referrals.operations import save_estimate

    cloud.name, cloud.name_ru = "Meridian Cloud", "Меридиан Облако"
    training = services_by_code()["training"]
    deal = a_deal(acme)
    lines = (
        a_line("licence", 336_00, product="cloud", recurring=Recurrence.YEAR, description="Meridian Cloud"),
        a_line("training", description=training.name),
        a_line("support", description="Two days on site"),
    )
    save_estimate(deal, an_estimate(*lines), by=sam)
    browser.sign_in(sam).open(f"/deals/{deal.id}/estimate/proposal?language=ru")
    text = " ".join(_pages(browser.response.get_data())).replace("\xa0", " ")
    assert "Меридиан Облако" in text and training.name_ru in text
    assert "Meridian Cloud" not in text and training.name not in text
    assert "Two days on site" in text, "the seller's own words are the seller's"
