"""A handful of stories in a real Chromium, scripts on: what only a browser can tell."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from core import clock
from core.database import session, transaction
from partners.operations import start_application
from referrals.models import Lead, LeadOrigin, LeadStatus
from referrals.operations import LeadData, accept_offer, receive_lead
from referrals.queries.deals import deal_of_lead
from referrals.queries.offers import open_offers_of
from tests.portal import PHONE, Portal, Watch, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.pure]


@pytest.fixture
def visit(portal: Portal, chromium: Any) -> Iterator[Any]:
    """Opens pages, signed in or not; at the end no console has complained."""
    from contextlib import ExitStack

    watches: list[Watch] = []
    with ExitStack() as stack:

        def open_page(person: str | None = None, path: str = "/", **how: Any) -> Any:
            page, watch = stack.enter_context(portal.visit(chromium, person, **how))
            watches.append(watch)
            page.goto(portal.address + path if path.startswith("/") else path)
            return page

        yield open_page
        assert [complaint for watch in watches for complaint in watch.complaints] == []


def a_lead(portal: Portal, company: str, **facts: Any) -> int:
    """A lead from the vendor's site, routed; answers its id."""
    with portal.app.app_context(), transaction():
        lead = receive_lead(
            LeadData(
                origin=LeadOrigin.EMBEDDED_FORM, company=company, person="Greta Lund",
                email=f"greta@{re.sub('[^a-z]', '', company.lower())}.example", country="DE", language="de",
                employees=60, text="Stock and dispatch in one place.", consent_version="1",
                consent_at=clock.now(), **facts,
            ),
            by=None,
        )  # fmt: skip
        return lead.id


def a_deal_of_hansen(portal: Portal, company: str) -> int:
    """A deal that Hansen & Brandt began by accepting an offer; answers its id."""
    from accounts.models import User

    lead_id = a_lead(portal, company, region="DE-HH", city="Hamburg")
    with portal.app.app_context(), transaction():
        lead = session.get_one(Lead, lead_id)
        sam = session.scalars(sa.select(User).where(User.email == "sam@hansen-brandt.example")).one()
        accept_offer(open_offers_of(lead)[0], by=sam)
        deal = deal_of_lead(lead.id)
        assert deal is not None
        return deal.id


def test_a_seller_accepts_an_offer_and_logs_a_contact_on_a_phone(portal: Portal, visit: Any) -> None:
    a_lead(portal, "Kajen Werft", region="DE-HH", city="Hamburg")
    page = visit("seller", "/leads", size=PHONE)
    page.click("text=Kajen Werft")
    expect(page.locator(".decide-bar")).to_be_visible()
    expect(page.locator(".bottombar")).to_be_hidden()  # the decision takes the menu's place
    page.click("text=Accept the lead")
    page.wait_for_selector("text=Whom to call")
    assert page.locator("main").get_by_text("Greta Lund").first.is_visible()
    page.fill("textarea[name=text]", "Reached her; a demo on Thursday.")
    page.click("text=Write it down")
    page.wait_for_selector(".notice.good")
    assert page.locator(".timeline").get_by_text("Reached her; a demo on Thursday.").is_visible()


def test_two_browsers_claim_the_same_lead_at_once_and_one_reads_why_not(portal: Portal, visit: Any) -> None:
    lead_id = a_lead(portal, "Nordlicht Handel", source="shop")
    with portal.app.app_context(), transaction():
        assert session.get_one(Lead, lead_id).status is LeadStatus.AVAILABLE
    pages = [visit("seller", f"/leads/{lead_id}"), visit("rival", f"/leads/{lead_id}")]
    for page in pages:
        expect(page.locator("form[action$='/claim']")).to_have_count(1)
    for page in pages:
        page.evaluate(
            "setTimeout(() => document.querySelector('form[action$=\"/claim\"]').requestSubmit(), 50)"
        )
    for page in pages:
        expect(page.locator("form[action$='/claim']")).to_have_count(0)
    texts = [page.inner_text("main") for page in pages]
    winners = [text for text in texts if "Whom to call" in text]
    losers = [text for text in texts if "already been claimed" in text]
    assert (len(winners), len(losers)) == (1, 1), texts


def test_a_visitor_of_another_site_sends_the_embedded_form(portal: Portal, visit: Any) -> None:
    page = visit(None, f"{portal.elsewhere}/demo-site")
    frame = page.frame_locator("iframe")
    frame.get_by_label("Company", exact=True).fill("Alsterblick Möbel")
    assert page.frames[1].url.startswith(portal.address), "the form comes from another origin"
    frame.get_by_label("Your name").fill("Jette Ohlsen")
    frame.get_by_label("Business e-mail").fill("jette@alsterblick.example")
    frame.get_by_label("Country").select_option("DE")
    frame.get_by_label("What do you need?").fill("Four shops, one stock.")
    frame.get_by_label("I agree").check()
    height = int(page.locator("iframe").get_attribute("height"))
    assert 300 < height < 2000 and height != 720, "the frame is as high as its form"
    page.wait_for_timeout(3000)  # faster than a person writes is taken for a machine
    frame.get_by_role("button", name="Ask for a call").click()
    frame.get_by_text("It arrived.").wait_for()
    manager = visit("manager", "/staff/leads")
    assert manager.get_by_text("Alsterblick Möbel").is_visible()


def test_the_estimate_is_worked_out_as_one_types(portal: Portal, visit: Any) -> None:
    page = visit("seller", f"/deals/{a_deal_of_hansen(portal, 'Fleetkontor')}/estimate")
    if not page.locator("[data-line]").count():
        page.click("text=Add a line")
    line = page.locator("[data-line]").first
    line.get_by_label("What").select_option("licence/cloud")
    line.get_by_label("Quantity").fill("10")
    price = line.get_by_label("Unit price")
    expect(price).to_have_value("540.00")
    expect(price).not_to_be_editable()
    expect(page.locator("#figures")).to_contain_text("€5,400.00")
    lines = page.locator("[data-line]").count()
    page.click("text=Add a line")
    assert page.locator("[data-line]").count() == lines + 1
    added = page.locator("[data-line]").last
    added.get_by_label("What").select_option("implementation")
    added.get_by_label("Quantity").fill("4")
    added.get_by_label("Unit price").fill("1000")
    expect(page.locator("#figures")).to_contain_text("€9,400.00")
    assert "Gold: licence in the first year" in page.inner_text("#figures")
    questions: list[str] = []
    page.once("dialog", lambda dialog: (questions.append(dialog.type), dialog.dismiss()))
    page.locator(".crumb a").first.click()
    page.wait_for_timeout(300)
    assert questions == ["beforeunload"], "unsaved text is not lost by a slip"
    page.click("text=Save the estimate")
    page.wait_for_selector(".notice.good")


#: An estimate: its currency, and its lines as kind, quantity, unit price, discount and how it is charged.
SUMS = (
    ("EUR", (("licence", "16", "336", "10", "year"), ("training", "2.5", "1050.50", "33.33", "once"))),
    ("EUR", (("licence", "3", "0.35", "50", "month"), ("audit", "1", "999999.99", "", "once"))),
    ("JPY", (("licence", "7", "5600", "12.5", "year"), ("support", "1", "9999", "0.01", "month"))),
    ("KWD", (("licence", "3", "12.345", "", "once"), ("hosting", "12.001", "0.001", "50", "month"))),
)


def test_what_is_worked_out_as_one_types_is_what_is_saved_to_the_last_unit(
    portal: Portal, visit: Any
) -> None:
    from decimal import Decimal

    from core.forms import parse_minor
    from core.i18n import format_money
    from referrals.estimates import Line, totals
    from referrals.models import Estimate

    deal_id = a_deal_of_hansen(portal, "Sollbruch")
    page = visit("seller", f"/deals/{deal_id}/estimate")
    for version, (currency, wanted) in enumerate(SUMS, start=1):
        page.get_by_label("Currency").select_option(currency)
        while page.locator("[data-line]").count() < len(wanted):
            page.click("text=Add a line")
        for number, typed in enumerate(wanted):
            line = page.locator("[data-line]").nth(number)
            line.get_by_label("What").select_option(typed[0])
            for label, text in zip(("Quantity", "Unit price", "Discount"), typed[1:4], strict=True):
                line.get_by_label(label).fill(text)
            line.get_by_label("Charged").select_option(typed[4])
        sums = totals(
            Line(kind, Decimal(quantity), parse_minor(price, currency), Decimal(discount or 0), charged)
            for kind, quantity, price, discount, charged in wanted
        )
        figures = page.locator("#figures .panel").first
        for minor in (sums.licence_minor, sums.services_minor, sums.total_minor):
            expect(figures).to_contain_text(format_money(minor, currency, locale="en"))
        page.click("text=Save the estimate")
        expect(page.locator("h1 + .tag, .head-line")).to_contain_text(f"Version {version}")
        with portal.app.app_context():
            saved = session.scalars(
                sa.select(Estimate).where(Estimate.deal_id == deal_id, Estimate.version == version)
            ).one()
            assert (saved.total_minor, saved.licence_minor) == (sums.total_minor, sums.licence_minor)
            session.rollback()


def test_a_product_brings_its_price_a_milestone_its_day_and_silence_is_told(
    portal: Portal, visit: Any
) -> None:
    page = visit("seller", f"/deals/{a_deal_of_hansen(portal, 'Preisliste')}/estimate")
    if not page.locator("[data-line]").count():
        page.click("text=Add a line")
    line = page.locator("[data-line]").first
    line.get_by_label("What").select_option("licence/cloud")
    line.get_by_label("Quantity").fill("2")
    price = line.get_by_label("Unit price")
    expect(price).not_to_have_value("")
    expect(line.get_by_label("Charged")).to_have_value("year")
    first = price.input_value()
    line.get_by_label("What").select_option("licence/flow")
    expect(price).not_to_have_value(first)
    expect(price).not_to_be_editable()
    line.get_by_label("What").select_option("training")
    expect(price).to_be_editable()
    expect(price).to_have_value("")
    price.fill("12.34")
    line.get_by_label("What").select_option("audit")
    page.wait_for_timeout(800)
    expect(price).to_have_value("12.34")
    page.click("text=Add a milestone")
    page.locator('[name="milestones-0-name"]').fill("Go-live")
    page.locator('[name="milestones-0-amount"]').fill("10")
    expect(page.locator("#figures")).to_contain_text("Go-live")
    page.route("**/estimate/figures", lambda route: route.abort())
    line.get_by_label("Quantity").fill("3")
    expect(page.locator("#figures-behind")).to_be_visible()
    page.unroute("**/estimate/figures")
    line.get_by_label("Quantity").fill("4")
    expect(page.locator("#figures-behind")).to_be_hidden()
    expect(page.locator("#figures")).to_contain_text("49.36")


def test_a_price_of_the_list_is_none_in_another_currency(portal: Portal, visit: Any) -> None:
    page = visit("seller", f"/deals/{a_deal_of_hansen(portal, 'Wechselkurs')}/estimate")
    if not page.locator("[data-line]").count():
        page.click("text=Add a line")
    line = page.locator("[data-line]").first
    line.get_by_label("What").select_option("licence/cloud")
    price = line.get_by_label("Unit price")
    expect(price).not_to_be_editable()
    listed = price.input_value()
    page.get_by_label("Currency").select_option("JPY")
    expect(price).to_be_editable()
    expect(price).to_have_value("")
    price.fill("5000")
    page.get_by_label("Currency").select_option("USD")
    page.wait_for_timeout(800)
    expect(price).to_have_value("5000")
    price.fill("")
    page.get_by_label("Currency").select_option("EUR")
    expect(price).to_have_value(listed)
    expect(price).not_to_be_editable()


def test_the_calculator_answers_as_one_types(visit: Any) -> None:
    page = visit(None, "/programme")
    answer = page.locator("#calculator-out .figure").first
    before = answer.inner_text()
    page.evaluate("window.sameDocument = true")
    page.get_by_label("Deals a month").fill("4")
    expect(answer).not_to_have_text(before)
    assert "€" in answer.inner_text() and page.evaluate("window.sameDocument")


def test_a_new_lead_comes_into_the_list_by_itself(portal: Portal, visit: Any) -> None:
    page = visit("manager", "/staff/leads")
    page.evaluate("window.sameDocument = true")
    a_lead(portal, "Speicherstadt Kaffee", region="DE-HH", city="Hamburg")
    page.get_by_text("Speicherstadt Kaffee").wait_for()
    assert page.evaluate("window.sameDocument")


def test_the_language_is_switched_where_one_stands(visit: Any) -> None:
    page = visit("finance", "/earnings")
    page.goto(page.url.replace("/earnings", "/staff/earnings"))
    page.locator(".rail").get_by_role("button", name="Русский").click()
    page.wait_for_selector("html[lang=ru]")
    assert page.url.endswith("/staff/earnings") and re.search("[а-я]", page.inner_text("h1"))
    page.locator(".rail").get_by_role("button", name="English").click()
    page.wait_for_selector("html[lang=en]")


def test_the_theme_is_the_persons_or_the_devices(visit: Any) -> None:
    page = visit("author", "/account")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.emulate_media(color_scheme="dark")
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert dark != light
    page.emulate_media(color_scheme="light")
    page.get_by_label("Appearance").select_option("dark")
    page.click("main button.btn-primary")
    page.wait_for_selector("html[data-bs-theme=dark]")
    page.wait_for_load_state()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark
    page.get_by_label("Appearance").select_option("auto")
    page.click("main button.btn-primary")
    page.wait_for_selector("html[data-bs-theme=auto]")


def test_a_password_is_changed_and_holds(portal: Portal, visit: Any) -> None:
    email, new = "miriam@kessler-systemhaus.example", "gravel teapot nine lamps"
    page = visit(None, "/sign-in")
    sign_in(page, portal.address, email)
    page.goto(f"{portal.address}/account/password")
    page.get_by_label("Password until now").fill("not this one at all")
    page.get_by_label("New password").fill(new)
    page.get_by_label("The same again").fill(new)
    page.click("main button.btn-primary")
    # Errors are read first.
    expect(page.locator("main [role=alert]")).to_be_focused()
    page.get_by_label("Password until now").fill("demo demo demo 1")
    page.get_by_label("New password").fill(new)
    page.get_by_label("The same again").fill(new)
    page.click("main button.btn-primary")
    page.wait_for_selector(".notice.good")
    page.locator(".rail").get_by_role("button", name="Sign out").click()
    page.wait_for_url(lambda url: "/account" not in url)
    sign_in(page, portal.address, email, password=new)
    assert page.locator(".rail").get_by_text("Miriam Vogt").is_visible()


def test_a_clock_is_told_in_both_ways(visit: Any) -> None:
    page = visit("seller", "/", size=PHONE)
    texts = page.locator(".job .clock").all_inner_texts()
    assert texts and all(re.search(r"\d", text) for text in texts), texts
    moments = page.locator(".job .clock time").evaluate_all("all => all.map(one => one.dateTime)")
    assert moments == sorted(moments), "the nearest clock stands first"


def test_what_an_applicant_types_is_kept_though_the_page_is_lost(portal: Portal, visit: Any) -> None:
    with portal.app.app_context(), transaction():
        draft = start_application(
            company="Kontor Alster", country="DE", person="Karl", email="karl@alster.example", locale="en"
        )
        path = f"/applications/{draft.token}/draft"
    phone = visit(None, path, size=PHONE)
    phone.fill("#city", "Hamburg")
    expect(phone.get_by_text("What you typed is kept.")).to_be_visible()
    phone.fill("#about", "Stock and dispatch.")
    phone.goto(portal.address + "/programme")  # before the pause is over
    again = visit(None, path, size=PHONE)
    expect(again.locator("#city")).to_have_value("Hamburg")
    expect(again.locator("#about")).to_have_value("Stock and dispatch.")


def test_a_partner_is_offered_while_its_name_is_typed(visit: Any) -> None:
    page = visit("manager", "/staff/leads/accounts")
    field = page.locator("input[name=partner_id]")
    field.press_sequentially("hans")
    offered = page.locator(f"#{field.get_attribute('list')} option")
    expect(offered).to_have_count(1)
    chosen = offered.get_attribute("value")
    assert chosen.startswith("Hansen & Brandt IT")
    field.fill(chosen)
    page.fill("input[name=domain]", "kontor-nordlicht.example")
    page.click("text=Put it on the list")
    page.wait_for_selector("text=Leads of kontor-nordlicht.example go to Hansen & Brandt IT.")
