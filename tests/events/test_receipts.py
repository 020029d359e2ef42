"""Receipts after the upload: near matches for the reviewer, 24 months of keeping, a photo from the phone."""

import io
from datetime import date

import pytest

from core import storage
from core.database import session
from core.uploads import check_file
from events import operations
from events.models import Receipt
from events.queries.receipts import look_alikes
from tests.browser import Browser
from tests.core.test_likeness import a_receipt, photographed_again
from tests.events import cast


def a_file(image, kind="JPEG") -> bytes:
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


@pytest.fixture
def photographed_twice(acme, rival, time):
    """Acme claims a paper; Rival photographs the same one and types something else beside it."""
    mine = operations.start_claim(cast.a_held_request(acme, time), by=None)
    theirs = operations.start_claim(cast.a_held_request(rival, time), by=None)
    paper = a_receipt(1)
    for claim, photo, number in (
        (mine, a_file(paper), "A-1"),
        (theirs, a_file(photographed_again(paper, 7)), "B-2"),
    ):
        line = cast.a_line(claim, number=number, supplier=number, supplier_tax_id="", receipt=False)
        written = {name: getattr(line, name) for name in operations.claims.WRITTEN}
        written["gross_minor"] = 100_000 if claim is mine else 90_000
        file = check_file(photo, "photo.jpg")
        operations.save_line(claim, written, line=line, file=file, by=None)
    session.flush()
    return mine, theirs


def test_a_paper_photographed_again_is_shown_to_the_reviewer(photographed_twice):
    mine, theirs = photographed_twice
    (match,) = look_alikes(theirs)[theirs.lines[0].id]
    assert match.line is mine.lines[0]
    assert match.looks_alike and not match.same_day_and_sum and 0 < match.bits <= 8


def test_the_same_day_and_sum_are_shown_without_a_likeness(acme, rival, time):
    mine = operations.start_claim(cast.a_held_request(acme, time), by=None)
    theirs = operations.start_claim(cast.a_held_request(rival, time), by=None)
    first = cast.a_line(mine, number="A-1", receipt=False)
    second = cast.a_line(
        theirs, number="B-2", supplier="Pub", supplier_tax_id="", dated_on=first.dated_on, receipt=False
    )
    (match,) = look_alikes(theirs)[second.id]
    assert match.same_day_and_sum and not match.looks_alike


def test_the_reviewer_reads_how_near_it_is(app, photographed_twice, mona, time):
    _mine, theirs = photographed_twice
    for kind in ("agenda", "photos"):
        file = check_file(cast.a_picture(40), "proof.png")
        operations.add_proof(theirs, cast.ProofKind(kind), file=file, by=None)
    operations.submit_claim(theirs, by=None)
    page = Browser(app).sign_in(mona).open(f"/funding/claims/{theirs.id}")
    assert page.sees("Looks like a receipt of Acme for “Cloud breakfast”")
    few = page.queries
    for number in range(4):
        cast_line = cast.a_line
        theirs.status = type(theirs.status).DRAFT
        cast_line(theirs, number=f"C-{number}", shade=50 + number, supplier="Inn", supplier_tax_id="")
    theirs.status = type(theirs.status).SUBMITTED
    session.flush()
    assert page.open(f"/funding/claims/{theirs.id}").queries == few


def test_originals_are_kept_for_24_months_and_known_for_ever(acme, rival, mona, time, run_jobs, app, ada):
    claim = cast.a_submitted_claim(acme, time)
    cast.approve(claim, by=mona)
    receipt = claim.lines[0].receipt
    time.move(days=729)
    assert operations.delete_old_originals() == 0
    time.move(days=3)
    assert operations.delete_old_originals() == 4
    assert operations.delete_old_originals() == 0
    run_jobs()
    with pytest.raises(FileNotFoundError):
        storage.read(receipt.storage_key)
    page = Browser(app).sign_in(ada)
    page.open(f"/funding/files/{receipt.id}", expect=404)
    assert page.open(f"/funding/claims/{claim.id}").sees("kept for 24 months, deleted")
    later = cast.a_budget(starts_on=date(2028, 1, 1), ends_on=date(2028, 12, 31))
    allocation = operations.make_allocation(later, amount_minor=200_000, expires_on=later.ends_on, by=None)
    again = operations.start_claim(cast.a_held_request(rival, time, allocation=allocation), by=None)
    with pytest.raises(Exception, match="in a claim already"):
        cast.a_line(again, number="other", supplier="Other", supplier_tax_id="", shade=11)


def test_an_open_claim_keeps_its_originals(acme, time):
    claim = cast.a_submitted_claim(acme, time)
    time.move(days=800)
    assert operations.delete_old_originals() == 0
    assert session.query(Receipt).filter(Receipt.deleted_at.is_(None)).count() == 4
    assert claim.lines[0].receipt is not None


def test_a_phone_takes_the_photo_into_the_claim(app, acme, ada, time):
    claim = operations.start_claim(cast.a_held_request(acme, time), by=None)
    page = Browser(app).sign_in(ada).open(f"/funding/claims/{claim.id}/lines/new")
    assert 'capture="environment"' in page.html
    page.fill("Or take a photo of it now", (io.BytesIO(cast.a_picture(9, kind="JPEG")), "image.jpg"))
    page.fill("Supplier", "Inn").fill("Number of the receipt", "1").fill("Date of the receipt", "2026-04-01")
    page.fill("Amount with tax", "10").press("Save the cost")
    assert claim.lines[0].receipt.content_type == "image/jpeg"


def test_what_is_noted_stands_at_its_field_and_is_answered_there(app, acme, ada, mona, time):
    claim = cast.a_submitted_claim(acme, time)
    vendor = Browser(app).sign_in(mona).open(f"/funding/claims/{claim.id}").click("Judge")
    vendor.fill("This cost is", "to be mended").fill("Where", "Number of the receipt")
    vendor.fill("Why", "It reads 17, not R-1.").press("Note it")
    vendor.press("Give it back to the partner")
    partner = Browser(app).sign_in(ada).open(f"/funding/claims/{claim.id}")
    assert partner.sees("Mend “Hall”, or answer what is noted there.")
    partner.click("Change")
    assert 'id="number-error">It reads 17, not R-1.' in partner.html
    partner.fill("Number of the receipt", "17").fill("Your answer", "You are right.").press("Save the cost")
    partner.press("Claim €1,000.00")
    vendor.open(f"/funding/claims/{claim.id}")
    assert vendor.sees("Mended") and vendor.sees("You are right.")
