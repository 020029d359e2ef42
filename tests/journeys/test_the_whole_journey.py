"""From a stranger's application to money approved for payment: pages only, and the API where machines speak."""

import re
from typing import Any

import sqlalchemy as sa
from flask import Flask

from academy.models import Attempt, Certificate
from commissions.ledger import audit
from core.database import session
from events.models import ClaimStatus
from partners.operations.catalogue import save_product
from tests.academy.cast import a_course, right_answers
from tests.browser import PASSWORD, Browser
from tests.commissions.earnings import an_account_to_pay_from
from tests.commissions.sales.test_sales_over_the_api import PLAN, a_sale
from tests.conftest import Machine
from tests.events.cast import a_submitted_claim


def link_in(mails: list[dict[str, Any]], part: str) -> str:
    """The path of the last mailed link that has ``part`` in it."""
    found = [link for mail in mails for link in re.findall(rf"http://localhost(/\S*{part}\S*)", mail["text"])]
    assert found, [mail["subject"] for mail in mails]
    return found[-1]


def publish_a_plan(machine: Machine) -> None:
    """The plan by which everything below is computed."""
    assert machine.post("/plans/standard/versions", PLAN).status_code == 201
    assert machine.post("/plans/standard/versions/1/simulation", {}).status_code == 201
    assert machine.post("/plans/standard/versions/1/publication", {}).status_code == 201


def apply_to_join(browser: Browser, mails: Any) -> str:
    """A prospect reads the programme page, applies, confirms the address; answers the link of the application."""
    browser.open("/").click("Apply to join")
    browser.fill("Company", "Kontor & Söhne").fill("Country", "Germany")
    browser.fill("Your name", "Karla Kontor").fill("Business e-mail", "karla@kontor.example")
    browser.press("Begin the application")
    browser.fill("City", "Hamburg").fill("Website", "www.kontor.example").fill(
        "You would like to be", "Integrator"
    )
    browser.fill("Services you offer", ["Implementation", "Training"]).fill(
        "Languages you work in", ["German"]
    )
    browser.fill("Regions and countries you serve", "Hamburg, Schleswig-Holstein")
    browser.fill("Where did you hear of us?", "Your site").fill(
        "What your firm does, and for whom", "Warehouses."
    )
    browser.fill("How many projects like ours did you finish in the last 12 months?", "Seven")
    browser.fill("I have read the privacy notice; these are business data of our firm.", True)
    browser.press("Send the application")
    status = browser.url
    browser.open(link_in(mails(to="karla@kontor.example"), "confirmation/")).press("Confirm")
    assert browser.sees("It is with us")
    return status


def be_admitted(app: Flask, mona: Any, mails: Any, run_jobs: Any) -> tuple[Browser, Browser]:
    """The manager approves; the admin accepts the agreement and invites a seller. Answers their two browsers."""
    desk = Browser(app).sign_in(mona).open("/staff/applications").click("Kontor & Söhne").press("Take it")
    desk.fill("Tier to begin with", "Gold").press("Approve Kontor & Söhne")
    karla = Browser(app).open(link_in(mails(to="karla@kontor.example"), "invitation/"))
    karla.fill("New password", PASSWORD).fill("The same again", PASSWORD).press("Set the password and enter")
    karla.open("/agreement").fill("I have read the agreement and may accept it for the firm.", True)
    karla.press("Accept the agreement")
    karla.open("/members").click("Invite a colleague").fill("Name", "Sven Seller")
    karla.fill("E-mail", "sven@kontor.example").fill("Role", "Seller").press("Send the invitation")
    run_jobs()
    sven = Browser(app).open(link_in(mails(to="sven@kontor.example"), "invitation/"))
    sven.fill("New password", PASSWORD).fill("The same again", PASSWORD).press("Set the password and enter")
    return karla, sven


def test_from_a_strangers_application_to_a_sale_with_its_proof(
    app: Flask,
    browser: Browser,
    programme: None,
    mona: Any,
    rex: Any,
    mails: Any,
    machine: Any,
    time: Any,
    run_jobs: Any,
) -> None:
    vendor = machine("plans:write", "leads:write", "leads:read", "sales:write", "sales:read", "balances:read")
    publish_a_plan(vendor)

    status = apply_to_join(browser, mails)
    _karla, sven = be_admitted(app, mona, mails, run_jobs)
    assert browser.open(status).sees("accepted")

    # A visitor sends the form on the vendor's site; the shop posts a lead.
    visitor = Browser(app).open("/embed/lead-form")
    consent = next(label for label in visitor.labels if label.startswith("I agree"))
    time.move(minutes=1)
    visitor.fill("Company", "Globex Hafen").fill("Your name", "Greta").fill(
        "What do you need?", "A warehouse."
    )
    visitor.fill("Business e-mail", "greta@globex-hafen.example")
    visitor.fill("Country", "Germany").fill(consent, True)
    assert visitor.press("Ask for a call", expect=200)
    lead = vendor.post("/leads", {"company": "Initech", "email": "peter@initech.example", "country": "DE"})
    assert lead.status_code == 201, lead.json
    assert lead.json["status"] in {"offered", "available"}
    routing = vendor.get(f"/leads/{lead.json['id']}/routing").json
    assert len(routing["candidates"]) == 2
    again = vendor.post(
        "/leads", {"company": "INITECH GmbH", "email": "Peter@Initech.example", "country": "DE"}
    )
    assert again.status_code == 201 and again.json["status"] == "duplicate"

    # Whoever it was offered to accepts, and logs the first contact; the other cannot even see it.
    rival = Browser(app).sign_in(rex)
    seller, other = (sven, rival) if "Initech" in sven.open("/leads").links else (rival, sven)
    seller.open("/leads").click("Initech")
    assert not seller.sees("peter@initech.example")
    seller.press("Accept the lead", expect=200)
    assert seller.sees("peter@initech.example")
    seller.fill("What it was", "Call").fill("What was said", "Wants an estimate.").press(
        "Write it down", expect=200
    )
    other.open(seller.url, expect=404)

    # The estimate says what each earns; the deal is won with the order that the payment will name.
    seller.open("/deals").click("Initech")
    deal_page = seller.url
    seller.open(f"{deal_page}/estimate")
    seller.fill("What", "licence").fill("Unit price", "2000").press("Add a line", expect=200)
    seller.press("Save the estimate")
    seller.open(f"{deal_page}/estimate")
    assert seller.sees("Standard 2026")
    seller.open(deal_page).fill("Order or invoice number", "R-2026-1").press("The deal is won")

    # The payment arrives, then a refund of a half; each line has its proof.
    deal_id = deal_page.rsplit("/", 1)[1]
    sale = vendor.post(
        "/sales",
        {
            "external_id": "R-2026-1",
            "occurred_at": "2026-03-02T10:00:00Z",
            "currency": "EUR",
            "deal_id": deal_id,
            "customer": {"external_id": "cus_9", "name": "Initech", "country": "DE"},
            "lines": [
                {"kind": "licence", "quantity": 20, "unit_amount_minor": 10000},
                {"kind": "implementation", "quantity": 1, "unit_amount_minor": 999900},
            ],
        },
    )
    assert sale.status_code == 201, sale.json
    kinds = [(entry["kind"], entry["beneficiary"]["type"]) for entry in sale.json["entries"]]
    assert ("split", "partner") in kinds and ("split", "vendor") in kinds
    refund = vendor.post(
        f"/sales/{sale.json['id']}/refunds",
        {"external_id": "re_1", "line": 1, "amount_minor": 499950, "occurred_at": "2026-03-03T10:00:00Z"},
    )
    assert [entry["amount_minor"] for entry in refund.json["entries"]] == [-449955, -49995]
    partner_id = sale.json["partner_id"]
    balance = vendor.get(f"/partners/{partner_id}/balance").json["balances"]
    assert sum(row["total_minor"] for row in balance) > 0
    assert audit() == []


def answer_everything(browser: Browser) -> None:
    """Gives the right answer to each question of the exam that is open."""
    attempt = session.scalars(sa.select(Attempt).where(Attempt.ended_at.is_(None))).one()
    for item in attempt.items:
        shown = item.shown
        right = right_answers(attempt)[item.position]
        if shown["kind"] == "matching":
            for pair in shown["pairs"]:
                browser.fill(pair["left"], pair["right"])
        elif shown["kind"] in {"single", "multiple"}:
            chosen = right if isinstance(right, list) else [right]
            browser.fill(shown["text"], [one["text"] for one in shown["choices"] if one["id"] in chosen])
        elif shown["kind"] == "true_false":
            browser.fill(shown["text"], "True" if shown["truth"] else "False")
        else:
            browser.fill(shown["text"], str(right))


def test_a_certificate_opens_the_way_for_the_next_lead(
    app: Flask, browser: Browser, acme: Any, sam: Any, machine: Any
) -> None:
    save_product(
        code="cloud", name="Cloud", name_ru="Облако", list_price_minor=336_00, currency="EUR", by=None
    )
    a_course("cloud-selling", products=("cloud",))
    shop = machine("leads:write", "leads:read")

    first = shop.post(
        "/leads", {"company": "Globex", "email": "g@globex.example", "country": "DE", "products": ["cloud"]}
    )
    assert first.json["status"] == "triage", first.json
    (row,) = shop.get(f"/leads/{first.json['id']}/routing").json["candidates"]
    assert [one["filter"] for one in row["filtered_by"]] == ["certificate"]

    browser.sign_in(sam).open("/academy/courses/cloud-selling").press("Start the exam", expect=200)
    answer_everything(browser)
    browser.press("Hand in")
    assert browser.heading.startswith("Passed")
    certificate = session.scalars(sa.select(Certificate)).one()
    assert Browser(app).open(f"/certificates/{certificate.serial}").sees("Sam Seller")
    browser.open(f"/academy/certificates/{certificate.serial}/pdf")
    assert browser.response.data.startswith(b"%PDF")

    next_one = shop.post(
        "/leads", {"company": "Initech", "email": "p@initech.example", "country": "DE", "products": ["cloud"]}
    )
    assert next_one.json["status"] in {"offered", "available"}, next_one.json


def test_what_was_earned_and_claimed_is_proposed_approved_and_paid(
    app: Flask, acme: Any, ada: Any, finn: Any, mona: Any, machine: Any, time: Any, run_jobs: Any
) -> None:
    vendor = machine("plans:write", "sales:write", "sales:read", "balances:read")
    publish_a_plan(vendor)
    an_account_to_pay_from()
    sale = vendor.post("/sales", a_sale(partner_id=str(acme.id)))
    assert sale.json["entries"][0]["amount_minor"] == 5800

    partner = Browser(app).sign_in(ada).open("/payout-profile")
    partner.fill("Holder", "Acme GmbH").fill("IBAN", "DE89 3704 0044 0532 0130 00")
    partner.fill("Value added tax", "Registered for VAT").press("Save the payout details")

    claim = a_submitted_claim(acme, time)
    manager = Browser(app).sign_in(mona).open("/staff/funding?kind=claims").click(claim.request.title)
    manager.press("Approve €1,000.00")
    run_jobs()
    time.move(days=31)
    (row,) = vendor.get(f"/partners/{acme.id}/balance").json["balances"]
    assert (row["payable_minor"], row["held_minor"]) == (105_800, 0)

    finance = Browser(app).sign_in(finn).open("/staff/payouts").click("See what is payable")
    finance.press("Propose €1,058.00")
    address = finance.url
    assert "Approve €1,058.00" not in finance.buttons
    Browser(app).sign_in(mona).open(address).press("Approve €1,058.00")
    finance.open(address).press("Send €1,058.00")
    finance.click("Download the file")
    assert b"1058.00" in finance.response.data and b"pain.001.001.09" in finance.response.data
    finance.open(address).fill("The bank's reference", "BANK-7").press("Mark as paid")
    run_jobs()
    (row,) = vendor.get(f"/partners/{acme.id}/balance").json["balances"]
    assert (row["paid_minor"], row["total_minor"]) == (105_800, 0)
    session.refresh(claim)
    assert claim.status is ClaimStatus.REIMBURSED

    time.move(days=31)
    run_jobs()
    partner = Browser(app).sign_in(ada).open("/statements")
    partner.click(next(words for words in partner.links if re.search(r"\d{4}", words)))
    partner.click("Download the PDF")
    assert partner.response.data.startswith(b"%PDF")
    assert audit() == []
