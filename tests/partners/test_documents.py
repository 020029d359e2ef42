"""Papers of a firm: uploaded by either side, read by few, withdrawn and never deleted, renewed in time."""

import io
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from pypdf import PdfWriter

from accounts.models import User
from accounts.operations.erasure import erase, person_of
from accounts.permissions import Role
from core import retention, storage
from core.activity import Activity
from core.database import session
from core.errors import InvalidInput, Refusal
from core.personal_data import records_of
from core.waiting import waiting_for
from partners import operations
from partners.models import Document, Member, Partner
from partners.operations.leaving import merge_partners, terminate_partner
from partners.queries.documents import documents_to_renew, documents_visible_to
from partners.queries.measures import programme_today
from tests import cast
from tests.browser import Browser
from tests.partners.cast import posted
from tests.partners.test_resources import a_logo, a_pdf
from tests.statements import heard_statements


def another_pdf(pages: int = 1) -> bytes:
    writer = PdfWriter()
    for _number in range(pages):
        writer.add_blank_page(200, 200)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def a_document(partner: Partner, by: User, **how: Any) -> Document:
    about = {
        "kind": "contract", "title": "Reseller contract", "valid_until": None, "content": a_pdf(),
        "name": "contract.pdf", **how,
    }  # fmt: skip
    return operations.keep_document(partner, **about, by=by)


def test_an_admin_uploads_and_the_vendor_reads_it(
    acme: Partner, ada: User, mona: User, browser: Browser, app: Any
) -> None:
    browser.sign_in(ada).open("/firm").click("All documents")
    browser.fill("What it is", "Certificate of registration").fill("Title", "Register entry")
    browser.fill("File", (io.BytesIO(a_pdf()), "../../Register.pdf")).press("Upload")
    assert browser.sees("Uploaded: both sides see it.") and browser.sees("Register entry")
    row = session.scalars(sa.select(Document)).one()
    assert "/" not in row.name and row.name not in str(row.storage_key) and len(row.sha256) == 64
    staff = Browser(app).sign_in(mona).open(f"/staff/partners/{acme.id}")
    assert staff.sees("Register entry")
    staff.click("All: Documents").click("Register entry")
    headers = staff.response.headers
    assert headers["Content-Disposition"].startswith("attachment")
    assert headers["Cache-Control"] == "private, no-store" and headers["X-Content-Type-Options"] == "nosniff"
    assert staff.response.get_data().startswith(b"%PDF")


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "empty.pdf"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "drawing.svg"),
        (b"<script>alert(1)</script>", "page.pdf"),
        (a_logo(), "picture.pdf"),
        (b"%PDF-1.4 /JavaScript (app.alert(1)) %%EOF", "script.pdf"),
        (b"x" * (10 * 1024 * 1024 + 1), "large.pdf"),
    ],
)
def test_what_is_no_plain_paper_is_refused_at_the_file(
    acme: Partner, ada: User, content: bytes, name: str
) -> None:
    with pytest.raises(InvalidInput, match="file"):
        a_document(acme, ada, content=content, name=name)
    assert session.scalar(sa.select(Document)) is None


def test_a_contract_may_be_longer_than_a_receipt(acme: Partner, ada: User) -> None:
    assert a_document(acme, ada, content=another_pdf(60)).size > 0
    with pytest.raises(InvalidInput, match="file"):
        a_document(acme, ada, content=another_pdf(201))


def test_a_form_sent_back_says_what_is_wrong_and_keeps_what_was_typed(
    acme: Partner, ada: User, browser: Browser
) -> None:
    browser.sign_in(ada).open("/firm/documents").fill("What it is", "Contract").fill("Title", "Ours")
    browser.fill("Valid until", "2020-01-01").fill("File", (io.BytesIO(a_pdf()), "c.pdf")).press(
        "Upload", expect=422
    )
    assert browser.sees("That day is over.") and 'value="Ours"' in browser.html
    a_document(acme, ada)
    browser.open("/firm/documents").fill("What it is", "Contract").fill("Title", "Again")
    browser.fill("File", (io.BytesIO(a_pdf()), "c.pdf")).press("Upload", expect=422)
    assert browser.sees("This file is here already: Reseller contract.")


def test_admins_and_finance_of_the_firm_read_and_nobody_else_there(
    acme: Partner, ada: User, sam: User, rex: User, browser: Browser, app: Any
) -> None:
    row = a_document(acme, ada)
    fina = cast.a_member(acme, "Fina Books", Role.PARTNER_FINANCE)
    browser.sign_in(fina).open("/firm/documents")
    assert browser.sees("Reseller contract") and "Upload a document" not in browser.html
    browser.open(f"/firm/documents/{row.id}/file")
    browser.open("/firm/documents")
    assert posted(browser, "/firm/documents") == 403
    sams = Browser(app).sign_in(sam)
    sams.open(f"/firm/documents/{row.id}/file", expect=403)
    assert "Reseller contract" not in sams.open("/firm").html
    rexs = Browser(app).sign_in(rex)
    assert "Reseller contract" not in rexs.open("/firm/documents").html
    for path in (
        f"/firm/documents/{row.id}/file",
        f"/staff/partners/{acme.id}/documents",
        f"/staff/partners/{acme.id}/documents/{row.id}/file",
        f"/staff/partners/{row.id}/documents/{row.id}/file",
    ):
        rexs.open(path, expect=404)
    assert posted(rexs, f"/firm/documents/{row.id}/withdrawal") == 404


def test_of_the_vendor_only_who_looks_after_firms_and_money_reads(
    acme: Partner, ada: User, arthur: User, finn: User, browser: Browser, app: Any
) -> None:
    a_document(acme, ada)
    assert browser.sign_in(finn).open(f"/staff/partners/{acme.id}/documents").sees("Reseller contract")
    arthurs = Browser(app).sign_in(arthur)
    arthurs.open(f"/staff/partners/{acme.id}/documents", expect=403)
    assert "Reseller contract" not in arthurs.open(f"/staff/partners/{acme.id}").html


def test_a_document_of_one_firm_is_not_found_under_another(
    acme: Partner, rival: Partner, ada: User, mona: User, browser: Browser
) -> None:
    row = a_document(acme, ada)
    browser.sign_in(mona).open(f"/staff/partners/{rival.id}/documents/{row.id}/file", expect=404)


def test_withdrawn_stays_readable_and_the_vendors_paper_is_the_vendors_to_withdraw(
    acme: Partner, ada: User, mona: User, browser: Browser
) -> None:
    own, ours = a_document(acme, ada), a_document(acme, mona, content=another_pdf(), title="Signed by us")
    with pytest.raises(Refusal, match="vendor put"):
        operations.withdraw_document(ours, by=ada)
    browser.sign_in(ada).open("/firm/documents").press("Withdraw")
    assert browser.sees("Withdrawn") and own.withdrawn_at is not None and ours.withdrawn_at is None
    with pytest.raises(Refusal, match="already"):
        operations.withdraw_document(own, by=mona)
    assert browser.open(f"/firm/documents/{own.id}/file").response.status_code == 200
    a_document(acme, ada, title="The same file once more, since the first is withdrawn")


def test_papers_about_to_end_wait_for_the_firms_admin_and_its_manager(
    acme: Partner, rival: Partner, ada: User, rex: User, mona: User, pia: User, app: Any
) -> None:
    acme.manager_id = mona.id
    rival.manager_id = pia.id
    today = programme_today()
    soon = a_document(acme, ada, valid_until=today + timedelta(days=30))
    a_document(acme, ada, kind="licence", content=another_pdf(), valid_until=today + timedelta(days=31))
    with app.test_request_context():
        for person, waits in ((ada, True), (mona, True), (pia, False), (rex, False)):
            titles = [one.title for one in waiting_for(person)]
            assert ("Renew: Reseller contract" in titles) is waits, person.name
    a_document(acme, ada, content=another_pdf(2), valid_until=today + timedelta(days=365))
    assert soon not in session.scalars(documents_to_renew(mona)).all(), "a younger one of its kind holds on"


def test_what_has_ended_waits_until_it_is_renewed_or_withdrawn(
    acme: Partner, ada: User, mona: User, time: Any
) -> None:
    row = a_document(acme, ada, valid_until=programme_today() + timedelta(days=1))
    time.move(days=10)
    # Nobody manages Acme, so it waits for every partner manager.
    assert session.scalars(documents_to_renew(mona)).all() == [row]
    assert row.shown_status(programme_today()) == "expired"
    operations.withdraw_document(row, by=mona)
    assert session.scalars(documents_to_renew(mona)).all() == []


def test_long_after_the_withdrawal_the_file_goes_and_what_it_was_stays(
    acme: Partner, ada: User, browser: Browser, run_jobs: Any, time: Any
) -> None:
    kept, gone = a_document(acme, ada), a_document(acme, ada, content=another_pdf(), title="Old contract")
    operations.withdraw_document(gone, by=ada)
    key = gone.storage_key
    assert key is not None
    rule = retention.RULES["documents"]
    time.move(days=36 * 30 - 1)
    assert rule.due_now == 0
    time.move(days=2)
    assert rule.due_now == 1 and rule.limit is not None
    rule.clear(list(session.scalars(rule.due(rule.limit))))
    run_jobs()
    with pytest.raises(FileNotFoundError):
        storage.read(key)
    assert session.get_one(Document, gone.id).name == "" and session.get_one(Document, kept.id).storage_key
    browser.sign_in(ada).open("/firm/documents")
    assert browser.sees("Old contract") and browser.sees("the file is no longer kept")
    browser.open(f"/firm/documents/{gone.id}/file", expect=404)


def test_whoever_uploaded_takes_the_list_along_and_the_paper_stays_the_firms(
    acme: Partner, ada: User, sam: User, pia: User
) -> None:
    row = a_document(acme, ada)
    kinds = {holding.code: list(rows) for holding, rows in records_of(person_of(ada))}
    assert kinds["documents"][0]["title"] == "Reseller contract"
    sams = session.scalars(sa.select(Member).where(Member.user_id == sam.id)).one()
    operations.change_member_role(sams, "partner_admin", by=ada)
    erase(person_of(ada), words=ada.email, by=pia)
    assert session.get_one(Document, row.id).uploaded_by.name == f"#{ada.id}"


def test_papers_go_along_when_firms_are_one_and_are_read_after_the_end(
    acme: Partner, rival: Partner, ada: User, rex: User, mona: User, browser: Browser
) -> None:
    row = a_document(acme, ada)
    merge_partners(acme, rival, reason="The same firm.", by=mona)
    assert session.scalars(documents_visible_to(rex)).all() == [row]
    terminate_partner(rival, reason="They stop.", heir=None, by=mona)
    browser.sign_in(rex).open("/firm/documents")
    assert browser.sees("Reseller contract") and "Upload a document" not in browser.html
    assert posted(browser, "/firm/documents") == 409


def test_a_list_of_documents_takes_as_many_queries_for_one_as_for_many(
    acme: Partner, ada: User, mona: User, browser: Browser
) -> None:
    def statements() -> int:
        with heard_statements() as heard:
            browser.open(f"/staff/partners/{acme.id}/documents")
        return len(heard)

    browser.sign_in(mona)
    a_document(acme, ada)
    statements()
    one = statements()
    for number in range(2, 12):
        a_document(
            acme, cast.a_member(acme, f"P{number} Person", Role.PARTNER_ADMIN), content=another_pdf(number)
        )
    assert statements() <= one


def test_another_last_day_is_said_without_another_file_and_the_trail_keeps_both(
    acme: Partner, ada: User, mona: User, browser: Browser, app: Any
) -> None:
    today = programme_today()
    row = a_document(acme, ada, valid_until=today + timedelta(days=3))
    key = row.storage_key
    assert session.scalars(documents_to_renew(ada)).all() == [row]
    browser.sign_in(ada).open("/firm/documents").click("Change")
    assert 'value="Reseller contract"' in browser.html
    later = today + timedelta(days=400)
    browser.fill("Valid until", later.isoformat()).press("Save")
    assert browser.sees("Saved. The file is as it was.") and row.valid_until == later
    assert row.storage_key == key and session.scalars(documents_to_renew(ada)).all() == []
    activity = session.scalars(sa.select(Activity).order_by(Activity.id.desc())).first()
    assert activity is not None and activity.details == {
        "before": {"valid_until": (today + timedelta(days=3)).isoformat()},
        "after": {"valid_until": later.isoformat()},
    }
    staff = Browser(app).sign_in(mona).open(f"/staff/partners/{acme.id}/documents").click("Change")
    staff.fill("Title", "Contract of 2026").fill("Valid until", "").press("Save")
    row = session.get_one(Document, row.id)
    assert row.title == "Contract of 2026" and row.valid_until is None


def test_a_last_day_that_proves_to_be_over_is_taken_and_waits_to_be_renewed(acme: Partner, ada: User) -> None:
    row = a_document(acme, ada, valid_until=programme_today() + timedelta(days=400))
    yesterday = programme_today() - timedelta(days=1)
    operations.change_document(row, kind="contract", title="Reseller contract", valid_until=yesterday, by=ada)
    assert row.shown_status(programme_today()) == "expired"
    assert session.scalars(documents_to_renew(ada)).all() == [row]


def test_saving_what_stands_already_leaves_no_trace(acme: Partner, ada: User) -> None:
    row = a_document(acme, ada)

    def traces() -> int:
        return session.scalar(sa.select(sa.func.count()).select_from(Activity)) or 0

    before = traces()
    operations.change_document(row, kind="contract", title=" Reseller  contract ", valid_until=None, by=ada)
    assert traces() == before


def test_a_changed_paper_sent_back_keeps_what_was_typed(acme: Partner, ada: User, browser: Browser) -> None:
    row = a_document(acme, ada)
    browser.sign_in(ada).open(f"/firm/documents/{row.id}/change")
    browser.fill("Title", "").fill("Valid until", "soon").press("Save", expect=422)
    assert browser.sees("This is needed.") and 'value="soon"' in browser.html
    assert row.title == "Reseller contract"


def test_only_who_put_a_paper_there_changes_it_and_nobody_a_withdrawn_one(
    acme: Partner, rival: Partner, ada: User, sam: User, rex: User, mona: User, finn: User, browser: Browser, app: Any
) -> None:  # fmt: skip
    own, ours = a_document(acme, ada), a_document(acme, mona, content=another_pdf(), title="Signed by us")
    said: dict[str, Any] = {"kind": "other", "title": "Mine now", "valid_until": None}
    with pytest.raises(Refusal, match="vendor put"):
        operations.change_document(ours, **said, by=ada)
    operations.change_document(ours, **said, by=mona)
    operations.withdraw_document(own, by=ada)
    with pytest.raises(Refusal, match="withdrawn already"):
        operations.change_document(own, **said, by=ada)
    assert browser.sign_in(ada).open("/firm/documents").html.count("/change") == 0
    fina = cast.a_member(acme, "Fina Books", Role.PARTNER_FINANCE)
    for person, path, expect in (
        (rex, f"/firm/documents/{ours.id}/change", 404),
        (rex, f"/staff/partners/{acme.id}/documents/{ours.id}/change", 404),
        (sam, f"/firm/documents/{ours.id}/change", 403),
        (fina, f"/firm/documents/{ours.id}/change", 403),
        (mona, f"/staff/partners/{rival.id}/documents/{ours.id}/change", 404),
        (finn, f"/staff/partners/{acme.id}/documents/{ours.id}/change", 200),
    ):
        Browser(app).sign_in(person).open(path, expect=expect)
