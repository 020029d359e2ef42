"""Files for partners: by tier and language, with the partner's own name where they are co-branded."""

import io
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from pypdf import PdfReader, PdfWriter

from accounts.models import User
from core.database import session
from core.errors import InvalidInput, Refusal
from partners import operations
from partners.models import Partner, Resource
from partners.queries import resources as asked
from tests.browser import Browser


def a_pdf() -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(595, 842)
    writer.add_blank_page(595, 842)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def a_logo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (300, 100), "navy").save(out, "PNG")
    return out.getvalue()


def a_resource(by: User, **how: Any) -> Resource:
    asked_for = {
        "kind": "price_list",
        "title": "Prices 2026",
        "upload": (a_pdf(), "prices.pdf"),
        "by": by,
        **how,
    }
    return operations.save_resource(**asked_for)


def test_a_gold_partner_takes_a_paper_with_its_own_name_on_it(
    app: Flask, acme: Partner, ada: User, mona: User, browser: Browser
) -> None:
    row = a_resource(mona, tiers=["gold"], co_branded=True)
    operations.change_logo(acme, a_logo(), by=ada)
    browser.sign_in(ada).open("/resources")
    assert browser.sees("Prices 2026") and browser.sees("with our name and logo")
    answer = browser.open(f"/resources/{row.id}/file").response
    assert answer.headers["Content-Disposition"].startswith("attachment")
    pages = PdfReader(io.BytesIO(answer.get_data())).pages
    assert len(pages) == 2 and "Acme" in pages[0].extract_text() and "Acme" not in pages[1].extract_text()
    assert asked.downloads_of([row]) == {row.id: (1, 1)}
    assert Browser(app).sign_in(mona).open("/staff/resources").sees("Prices 2026")


def test_other_tiers_and_retired_files_are_not_there(
    app: Flask, acme: Partner, rival: Partner, ada: User, rex: User, mona: User
) -> None:
    row = a_resource(mona, tiers=["gold"])
    rexs = Browser(app).sign_in(rex).open("/resources")
    assert not rexs.sees("Prices 2026")
    rexs.open(f"/resources/{row.id}/file", expect=404)
    operations.retire_resource(row, by=mona)
    with pytest.raises(Refusal):
        operations.retire_resource(row, by=mona)
    Browser(app).sign_in(ada).open(f"/resources/{row.id}/file", expect=404)


def test_a_new_file_is_the_next_version(mona: User) -> None:
    row = a_resource(mona)
    operations.save_resource(row, kind="deck", title="Deck", upload=(a_pdf(), "deck.pdf"), by=mona)
    assert (row.version, row.file_name) == (2, "deck.pdf")
    operations.save_resource(row, kind="deck", title="Our deck", upload=None, by=mona)
    assert (row.version, row.title) == (2, "Our deck")


@pytest.mark.parametrize(
    ("name", "content"),
    [("deck.pptx", b"not a zip"), ("run.exe", b"MZ" + bytes(100)), ("prices.pdf", b""), ("a.svg", b"<svg/>")],
)
def test_other_kinds_of_files_are_refused_with_a_sentence(mona: User, name: str, content: bytes) -> None:
    with pytest.raises(InvalidInput) as told:
        a_resource(mona, upload=(content, name))
    assert "upload" in told.value.problems
    assert session.query(Resource).count() == 0


def test_only_a_pdf_can_be_co_branded(mona: User) -> None:
    with pytest.raises(InvalidInput) as told:
        a_resource(mona, co_branded=True, upload=(a_logo(), "logo.png"))
    assert "co_branded" in told.value.problems


def test_the_price_list_is_the_catalogue_of_today_under_the_partners_name(
    app: Flask, acme: Partner, ada: User
) -> None:
    product = operations.save_product(
        None, code="cloud-pro", name="Cloud Pro", name_ru="Облако Про", list_price_minor=4500, currency="EUR",
        unit="user", recurring="month", by=None,
    )  # fmt: skip
    answer = Browser(app).sign_in(ada).open("/resources/price-list.pdf").response
    words = "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.get_data())).pages)
    assert "Acme" in words and product.label in words and "45.00" in words


def test_the_badge_names_tier_and_vendor(app: Flask, ada: User) -> None:
    answer = Browser(app).sign_in(ada).open("/resources/badge.svg").response
    assert answer.mimetype == "image/svg+xml" and "Gold partner" in answer.get_data(as_text=True)


def test_what_may_be_uploaded_is_said_at_the_file(mona: User, browser: Browser) -> None:
    browser.sign_in(mona).open("/staff/resources/new").fill("Title in English", "Deck")
    browser.fill("File", (io.BytesIO(b"PK"), "deck.key")).press("Save", expect=422)
    assert browser.sees("or an Office file (DOCX, PPTX, XLSX).") and 'value="Deck"' in browser.html
    assert browser.open("/staff/resources?kind=logo").sees("Take a filter away to see more.")
