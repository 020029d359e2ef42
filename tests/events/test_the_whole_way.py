"""From the idea to the money, through the pages alone."""

import io
import re
from datetime import timedelta

from core import clock
from core.database import session
from events.models import ClaimStatus, FundingClaim, FundingRequest, Registration
from tests.browser import Browser
from tests.events import cast


def _a_file(name: str, content: bytes) -> tuple[io.BytesIO, str]:
    return io.BytesIO(content), name


def test_a_partner_asks_runs_the_event_and_gets_half_back(app, acme, ada, mona, pia, time, run_jobs, mails):
    acme.manager = mona
    admin = Browser(app).sign_in(pia).open("/staff/event-budgets").click("Set money aside")
    admin.fill("Name", "Events 2026").fill("Amount", "20000").press("Set it aside")
    admin.fill("Amount", "10000").press("Allocate")
    assert admin.sees("Open to all")

    day = (clock.now() + timedelta(days=30)).date()
    partner = Browser(app).sign_in(ada).open("/funding").click("Request money for an event")
    partner.fill("Kind of event", "Business breakfast").fill("Title", "Cloud breakfast")
    partner.fill("What it is to bring", "Show the cloud to local manufacturers.")
    partner.fill("Begins on", day.isoformat()).fill("Ends on", day.isoformat())
    partner.fill("City", "Berlin").fill("Guests expected", "40").fill("Seats", "1")
    partner.press("Hand in the request", expect=422)
    assert partner.sees("Write down what it will cost.")
    partner.fill("Kind of event", "Business breakfast").fill("Room", "2000").fill("Catering", "1000").press(
        "Hand in the request"
    )
    assert partner.sees("Handed in") and partner.sees("The vendor answers by")
    assert [mail["subject"] for mail in mails(to=mona.email)] == ["Acme asks for money for an event"]

    manager = Browser(app).sign_in(mona)
    assert manager.open("/").sees("Acme asks for money for “Cloud breakfast”")
    manager.open("/staff/funding").click("Cloud breakfast").press("Approve and reserve")
    assert manager.sees("Approved. The money is reserved")
    assert "Approved: up to €1,500.00 for “Cloud breakfast”" in mails(to=ada.email)[-1]["subject"]

    guest = Browser(app).open("/events").click("Cloud breakfast")
    guest.press("Register", expect=422)
    guest.fill("Your name", "Greta Guest").fill("Company", "Globex").fill("E-mail", "greta@globex.example")
    guest.fill(
        "Acme and Guildhall may contact me about their products. I can take this back at any time.", True
    )
    guest.press("Register")
    assert guest.sees("You are registered")
    late = Browser(app).open("/events").click("Cloud breakfast")
    late.fill("Your name", "Lars Late").fill("Company", "Initech").fill("E-mail", "lars@initech.example")
    late.press("Put me on the waiting list")
    assert late.sees("You are on the waiting list")
    mail = mails(to="greta@globex.example")[0]
    assert mail["attachments"][0][1] == "event.ics"
    code = session.query(Registration).filter_by(email="greta@globex.example").one().code
    assert code in mail["text"]

    time.move(days=30)
    door = Browser(app).sign_in(ada).open("/funding").click("Event").click("Check guests in")
    door.fill("Check-in code", "wrong").press("Check in", expect=422)
    door.fill("Check-in code", code.lower()).press("Check in")
    assert door.sees("Greta Guest of Globex is here.")

    time.move(days=1)
    partner = Browser(app).sign_in(ada)
    assert partner.open("/").sees("Claim the cost of “Cloud breakfast”")
    partner.click("Claim").press("Claim the cost").click("Add a cost")
    partner.fill("Receipt", _a_file("hall.jpg", cast.a_picture(5, kind="JPEG")))
    partner.fill("Supplier", "Hotel Adler").fill("Number of the receipt", "2026-77")
    partner.fill("Date of the receipt", day.isoformat()).fill("Amount with tax", "1190").fill(
        "Tax in it", "190"
    )
    partner.fill("Not eligible", "120").fill("What that is", "alcohol").press("Save the cost")
    assert partner.sees("€440.00")
    assert partner.sees("Add the proof “Photos”.")
    partner.fill("What it is", "Photos").fill("File", _a_file("photo.png", cast.a_picture(6))).press(
        "Add the proof"
    )
    partner.press("Claim €440.00")
    assert partner.sees("Handed in")

    manager = Browser(app).sign_in(mona).open("/staff/funding?kind=claims").click("Cloud breakfast")
    manager.press("Approve €440.00")
    assert manager.sees("Approved. It goes to the partner's balance.")
    claim = session.query(FundingClaim).one()
    assert (claim.status, claim.amount_minor) == (ClaimStatus.APPROVED, 44_000)
    assert Browser(app).sign_in(mona).open("/event-results").sees("Cloud breakfast")
    assert run_jobs() > 0


def test_the_amount_is_computed_as_it_is_typed(app, acme, ada, time):
    claim = cast.a_complete_claim(acme, time)
    page = Browser(app).sign_in(ada)
    page.open(
        f"/funding/claims/{claim.id}/lines/new",
    )
    assert 'data-live="/funding/claims/' in page.html
    answer = page.client.get(
        f"/funding/claims/{claim.id}/amount?currency=EUR&gross_minor=119&tax_minor=19&dated_on=2026-04-01"
        "&description=Flyers&has_file=1&kind=printing"
    )
    text = re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", answer.get_data(as_text=True)))
    assert answer.status_code == 200
    assert "You get back €1,050.00" in text
    assert "Flyers: €19.00 is tax, which does not count." in text


def test_rex_finds_nothing_of_acme(app, acme, ada, rex, time):
    claim = cast.a_submitted_claim(acme, time)
    session.flush()
    event_id, request_id = claim.request.event.id, claim.request_id
    line, receipt = claim.lines[0].id, claim.lines[0].receipt_id
    proof = claim.proofs[0].receipt_id
    outsider = Browser(app).sign_in(rex)
    for path in (
        f"/funding/requests/{request_id}",
        f"/funding/requests/{request_id}/edit",
        f"/funding/events/{event_id}",
        f"/funding/events/{event_id}/edit",
        f"/funding/events/{event_id}/check-in",
        f"/funding/events/{event_id}/guests.csv",
        f"/funding/claims/{claim.id}",
        f"/funding/claims/{claim.id}/amount",
        f"/funding/claims/{claim.id}/lines/new",
        f"/funding/claims/{claim.id}/lines/{line}",
        f"/funding/files/{receipt}",
        f"/funding/files/{proof}",
    ):
        outsider.open(path, expect=404)
    assert not outsider.open("/funding").sees("Cloud breakfast")
    assert not outsider.open("/event-results").sees("Cloud breakfast")
    for path in (
        f"/funding/claims/{claim.id}/submission",
        f"/funding/claims/{claim.id}/lines/{line}/removal",
        f"/funding/requests/{request_id}/withdrawal",
        f"/funding/requests/{request_id}/copy",
        f"/funding/events/{event_id}/claim",
    ):
        token = re.search(r'name="csrf-token" content="([^"]+)"', outsider.open("/funding").html)
        assert token is not None
        answer = outsider.client.post(
            path, data={"csrf_token": token[1]}, headers={"Referer": "http://localhost/"}
        )
        assert answer.status_code == 404, path


def test_a_receipt_leaves_as_an_attachment_that_nothing_runs_in(app, acme, ada, time):
    claim = cast.a_complete_claim(acme, time)
    page = Browser(app).sign_in(ada).open(f"/funding/files/{claim.lines[0].receipt_id}")
    headers = page.response.headers
    assert headers["Content-Disposition"].startswith("attachment")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "private, no-store"


def test_a_hostile_receipt_is_refused_with_a_sentence_at_its_field(app, acme, ada, time):
    claim = operations_claim(acme, time)
    page = Browser(app).sign_in(ada).open(f"/funding/claims/{claim.id}/lines/new")
    page.fill(
        "Receipt", _a_file("receipt.png", b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>")
    )
    page.fill("Supplier", "Inn").fill("Number of the receipt", "1").fill("Date of the receipt", "2026-04-01")
    page.fill("Amount with tax", "10").press("Save the cost", expect=422)
    assert page.sees("Choose a PDF, or a picture as JPEG, PNG or HEIC.")


def operations_claim(acme, time):
    from events import operations

    return operations.start_claim(cast.a_held_request(acme, time), by=None)


def test_a_decider_sees_clock_receipts_and_look_alikes_and_can_cut(app, acme, rival, mona, time):
    claim = cast.a_submitted_claim(acme, time)
    page = Browser(app).sign_in(mona).open(f"/funding/claims/{claim.id}")
    page.click("Judge").fill("This cost is", "accepted in part").fill("Amount to take off", "200").press(
        "Note it", expect=422
    )
    assert page.sees("Say why; the partner reads it.")
    page.fill("This cost is", "accepted in part").fill("Amount to take off", "200").fill(
        "Why", "The bar."
    ).press("Note it")
    assert page.sees("Hall: €200.00 was taken off: The bar.")
    assert "Approve €900.00" in page.buttons


def test_a_claim_comes_back_to_be_mended_at_its_line(app, acme, ada, mona, time):
    claim = cast.a_submitted_claim(acme, time)
    page = Browser(app).sign_in(mona).open(f"/funding/claims/{claim.id}").click("Judge")
    page.fill("This cost is", "to be mended").fill("Why", "The second page is missing.").press("Note it")
    page.press("Give it back to the partner")
    partner = Browser(app).sign_in(ada).open("/").click("Mend")
    assert partner.sees("To be mended") and partner.sees("The second page is missing.")


def test_rejected_and_appealed_through_the_pages(app, acme, ada, mona, time):
    claim = cast.a_submitted_claim(acme, time)
    page = Browser(app).sign_in(mona).open(f"/funding/claims/{claim.id}")
    page.fill("Reason", "The photos show another hall.").press("Reject the claim")
    partner = Browser(app).sign_in(ada).open("/").click("Read why")
    assert partner.sees("The photos show another hall.")
    partner.fill("What should be looked at again", "They are of the same hall, from the back.").press(
        "Send the appeal"
    )
    manager = Browser(app).sign_in(mona).open(f"/funding/claims/{claim.id}")
    assert manager.sees("They are of the same hall, from the back.")
    manager.press("Approve €1,000.00")
    assert claim.status is ClaimStatus.APPROVED


def test_every_page_of_the_vendor_opens(app, acme, mona, pia, time):
    cast.a_submitted_request(acme, title="Waits")
    claim = cast.a_submitted_claim(acme, time)
    for who in (mona, pia):
        page = Browser(app).sign_in(who)
        for path in (
            "/staff/funding",
            "/staff/funding?state=all",
            "/staff/funding?kind=claims&state=all",
            "/staff/event-budgets",
            "/event-board?year=2026",
            "/event-board?year=2026&city=berlin&month=4",
            "/event-results",
            "/event-results?format=csv",
            "/event-results?by=partner&year=all",
            "/event-results?by=city",
            f"/funding/requests/{claim.request_id}",
            f"/funding/events/{claim.request.event.id}",
            f"/funding/claims/{claim.id}",
        ):
            page.open(path)
    admin = Browser(app).sign_in(pia).open("/staff/exchange-rates")
    admin.fill("Rate", "1.0842").press("Save the rate")
    assert admin.sees("1.0842")
    table = b"Date, USD, JPY, \n02 March 2026, 1.08, 160.5, \n"
    admin.fill("CSV of the European Central Bank", _a_file("eurofxref.csv", table)).press("Read it")
    assert admin.sees("2 rates read.")
    budget = claim.request.allocation.budget_id
    assert admin.open(f"/staff/event-budgets/{budget}").sees("Allocations")


def test_a_partners_finance_reads_but_does_not_ask(app, acme, time):
    from accounts.permissions import Role
    from tests.cast import a_member

    request = cast.a_submitted_request(acme)
    fay = a_member(acme, "Fay Finance", Role.PARTNER_FINANCE)
    page = Browser(app).sign_in(fay).open(f"/funding/requests/{request.id}")
    assert "Withdraw the request" not in page.buttons
    page.open("/funding/requests/new", expect=403)


def test_a_long_list_asks_the_database_no_more_than_a_short_one(app, acme, mona, ada, time):
    cast.an_approved_request(acme)
    staff = Browser(app).sign_in(mona).open("/staff/funding?state=all")
    partner = Browser(app).sign_in(ada).open("/funding")
    few = staff.queries, partner.queries
    for number in range(6):
        cast.an_approved_request(acme, title=f"Number {number}")
    staff.open("/staff/funding?state=all")
    partner.open("/funding")
    assert (staff.queries, partner.queries) == few
    assert session.query(FundingRequest).count() == 7
