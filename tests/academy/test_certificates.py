"""Certificates that mean something: they prove themselves, they end, they can be taken back, and routing follows."""

import json
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa
from pypdf import PdfReader

from academy import operations, queries
from academy.models import Certificate
from academy.queries.measures import certified_people
from academy.views.certificates import code_of, pdf_of
from core import clock
from core.database import session
from core.errors import Refusal
from core.jobs import Job
from core.webhooks import Message, delivering
from partners.models import Member
from partners.operations import add_member, remove_member
from partners.queries.measures import Between
from tests.academy.cast import a_certificate, a_course, an_attempt, live, right_answers
from tests.statements import heard_statements


def test_a_certificate_lasts_twelve_calendar_months(sam: Any) -> None:
    certificate = a_certificate(sam, a_course(), on=datetime(2026, 1, 31, 12, tzinfo=UTC))
    assert certificate.expires_at == datetime(2027, 1, 31, 12, tzinfo=UTC)


def test_a_firm_is_certified_through_its_people(acme: Any, sam: Any, rival: Any) -> None:
    a_certificate(sam, a_course(products=("cloud",)))
    assert queries.certified_courses_by_partner([acme.id, rival.id]) == {acme.id: {"selling"}}
    assert queries.certified_products_by_partner([acme.id, rival.id]) == {acme.id: {"cloud"}}
    assert queries.products_with_a_course() == {"cloud"}


def test_an_expired_certificate_does_not_qualify(acme: Any, sam: Any, time: Any) -> None:
    certificate = a_certificate(sam, a_course(products=("cloud",)))
    time.move_to(certificate.expires_at)
    assert certificate.status == "expired"
    assert queries.certified_products_by_partner([acme.id]) == {}


def test_a_revoked_certificate_stops_counting_at_once(
    browser: Any, acme: Any, sam: Any, pia: Any, mails: Any
) -> None:
    certificate = a_certificate(sam, a_course(products=("cloud",)))
    browser.sign_in(pia).open("/staff/certificates").click("Revoke…")
    browser.fill("Reason", "Somebody else sat the exam.").press("Revoke the certificate")
    assert browser.sees("The certificate of Sam Seller is revoked.")
    assert queries.certified_products_by_partner([acme.id]) == {}
    assert "Somebody else sat the exam." in mails(to=sam.email)[-1]["text"]
    browser.open(f"/certificates/{certificate.serial}")
    assert browser.sees("This certificate does not hold.")
    assert not browser.sees("Somebody else sat the exam.")


def test_it_is_revoked_once(sam: Any, pia: Any) -> None:
    certificate = a_certificate(sam, a_course())
    operations.revoke_certificate(certificate, reason="A mistake", by=pia)
    with pytest.raises(Refusal, match="revoked already"):
        operations.revoke_certificate(certificate, reason="Again", by=pia)


def test_who_leaves_takes_the_certificate_along(acme: Any, sam: Any, ada: Any) -> None:
    from partners.models import Member

    certificate = a_certificate(sam, a_course(products=("cloud",)))
    member = session.scalars(sa.select(Member).where(Member.user_id == sam.id)).one()
    remove_member(member, by=ada)
    assert queries.certified_products_by_partner([acme.id]) == {}
    assert certificate.is_valid


def test_a_retake_supersedes_the_certificate(browser: Any, sam: Any, time: Any) -> None:
    course = a_course()
    first = a_certificate(sam, course)
    time.move(days=300)
    second = a_certificate(sam, course)
    assert (first.status, second.status) == ("superseded", "valid")
    browser.open(f"/certificates/{first.serial}")
    assert browser.sees("A newer one has replaced this certificate.")


def test_anybody_can_check_a_serial_and_sees_no_mailbox(browser: Any, sam: Any) -> None:
    certificate = a_certificate(sam, a_course())
    browser.open("/certificates").fill("Serial", certificate.serial.lower().replace("-", " ")).press("Check")
    assert browser.heading == "Selling"
    assert browser.sees("This certificate holds.")
    assert browser.sees("Sam Seller")
    assert sam.email not in browser.html
    assert "acme" not in browser.html.lower()


def test_a_serial_nobody_has_is_not_found(browser: Any) -> None:
    browser.open("/certificates/0000-0000-0000-0000-0000", expect=404)
    assert browser.sees("No certificate has this serial.")


def test_the_check_code_unmasks_an_edited_paper(app: Any, browser: Any, sam: Any) -> None:
    certificate = a_certificate(sam, a_course())
    code = code_of(certificate)
    page = browser.open(f"/certificates/{certificate.serial}?code={code.lower()}")
    assert page.sees("The check code belongs to it.")
    other = ("1" if code[0] == "0" else "0") + code[1:]
    page.fill("Check code on the paper", other).press("Compare")
    assert page.sees("The check code does not belong to this certificate.")


def test_the_paper_speaks_the_holders_language_and_bears_the_code(app: Any, sam: Any) -> None:
    sam.locale = "ru"
    certificate = a_certificate(sam, a_course())
    with app.test_request_context():
        text = PdfReader(BytesIO(pdf_of(certificate))).pages[0].extract_text()
        code = code_of(certificate)
    assert "Сертификат" in text
    assert "Sam Seller" in text
    assert certificate.serial in text
    assert code in text


def test_a_paper_has_one_page_whatever_the_names(app: Any, sam: Any) -> None:
    sam.name = "Maximiliana Alexandra von Hohenstein-Wittgenstein zu Sayn " * 2
    certificate = a_certificate(
        sam, a_course(title="Implementation of everything that can be implemented " * 3)
    )
    with app.test_request_context():
        assert len(PdfReader(BytesIO(pdf_of(certificate))).pages) == 1


def test_a_paper_is_for_its_holder_their_admin_and_the_vendor(
    browser: Any, sam: Any, ada: Any, rex: Any, mona: Any
) -> None:
    serial = a_certificate(sam, a_course()).serial
    for person, status in ((sam, 200), (ada, 200), (mona, 200), (rex, 404)):
        browser.client.delete_cookie("guildhall")
        browser.sign_in(person).open(f"/academy/certificates/{serial}/pdf", expect=status)
        assert status == 404 or browser.response.headers["Cache-Control"] == "private, no-store"


def test_a_colleague_does_not_get_ones_paper(browser: Any, sam: Any, ada: Any) -> None:
    serial = a_certificate(ada, a_course()).serial
    browser.sign_in(sam).open(f"/academy/certificates/{serial}/pdf", expect=404)


def test_a_manager_sees_certificates_and_cannot_revoke(browser: Any, sam: Any, mona: Any) -> None:
    serial = a_certificate(sam, a_course()).serial
    browser.sign_in(mona).open("/staff/certificates?q=sam")
    assert browser.sees(serial)
    assert "Revoke…" not in browser.links
    browser.open(f"/staff/certificates/{serial}", expect=403)


def test_the_api_says_what_a_serial_stands_for_without_a_key(app: Any, sam: Any, time: Any) -> None:
    certificate = a_certificate(sam, a_course())
    session.commit()
    client = app.test_client()
    found = client.get(f"/api/v1/certificates/{certificate.serial}")
    assert found.status_code == 200
    assert found.json == {
        "serial": certificate.serial,
        "status": "valid",
        "holder": "Sam Seller",
        "course": {"code": "selling", "title": "Selling", "version": 1},
        "level": "foundation",
        "band": "distinction",
        "issued_at": "2026-03-02T09:00:00Z",
        "expires_at": "2027-03-02T09:00:00Z",
        "revoked_at": None,
        "superseded_at": None,
    }
    time.move(days=366)
    assert client.get(f"/api/v1/certificates/{certificate.serial}").json["status"] == "expired"
    assert client.get("/api/v1/certificates/nothing").status_code == 404


def test_the_holder_is_told_and_reminded_once_a_step(sam: Any, time: Any, run_jobs: Any, mails: Any) -> None:
    certificate = a_certificate(sam, a_course())
    subjects = [mail["subject"] for mail in mails(to=sam.email)]
    assert subjects == ["Your certificate: Selling"]
    session.commit()
    sent = 0
    for days, reminder, new in (
        (91, None, 0),
        (90, 90, 1),
        (89, 90, 0),
        (61, 90, 0),
        (60, 60, 1),
        (30, 30, 1),
        (6, 7, 1),
        (5, 7, 0),
    ):
        time.move_to(certificate.expires_at.replace(hour=12))
        time.move(days=-days)
        run_jobs()
        assert session.get_one(Certificate, certificate.id).reminded_days == reminder, days
        since = session.scalars(sa.select(Job.id).where(Job.kind == "core.mail", Job.id > sent)).all()
        assert len([one for one in since if one]) == new + (1 if days == 91 else 0), days
        sent = max([sent, *since])


def test_an_expiry_is_announced_once(sam: Any, time: Any, run_jobs: Any) -> None:
    from core.activity import Activity

    a_certificate(sam, a_course())
    session.commit()
    time.move(days=366)
    for _run in range(2):
        run_jobs()
        time.move(hours=2)
    verbs = session.scalars(sa.select(Activity.verb).where(Activity.verb == "certificate expired")).all()
    assert len(verbs) == 1


def test_a_certificate_that_ends_waits_on_the_home_page(browser: Any, sam: Any, time: Any) -> None:
    certificate = a_certificate(sam, a_course())
    time.move_to(certificate.expires_at)
    time.move(days=-80)
    browser.sign_in(sam).open("/")
    assert browser.sees("Renew: Selling")


def test_what_a_certificate_says_never_changes(sam: Any) -> None:
    certificate = a_certificate(sam, a_course())
    with pytest.raises(sa.exc.DatabaseError, match="names its holder"), session.begin_nested():
        session.execute(sa.update(Certificate).where(Certificate.id == certificate.id).values(holder="Rex"))


def test_asking_for_many_firms_costs_one_query(acme: Any, sam: Any) -> None:
    a_certificate(sam, a_course(products=("cloud",)))
    session.flush()
    with heard_statements() as statements:
        queries.certified_products_by_partner(range(1, 500))
    assert len(statements) == 1


def _leaves(person: Any, by: Any) -> None:
    remove_member(session.scalars(sa.select(Member).where(Member.user_id == person.id)).one(), by=by)


def test_who_changes_firms_takes_the_qualification_to_the_new_one(
    acme: Any, rival: Any, sam: Any, ada: Any, rex: Any, mails: Any, browser: Any
) -> None:
    course = a_course(products=("cloud",))
    certificate = a_certificate(sam, course)
    _leaves(sam, ada)
    assert queries.certified_products_by_partner([acme.id, rival.id]) == {}
    member = add_member(rival, email=sam.email, name="Samuel", role="engineer", by=rex)
    assert (member.user_id, member.user.name) == (sam.id, "Sam Seller")
    assert queries.certified_products_by_partner([acme.id, rival.id]) == {rival.id: {"cloud"}}
    assert session.scalars(queries.partners_certified_for("cloud")).all() == [rival.id]
    assert certificate.is_valid
    # The mailbox has to be theirs still: the password of the old firm opens nothing.
    assert not sam.has_signed_up
    link = next(word for word in mails(to=sam.email)[-1]["text"].split() if "/invitation/" in word)
    browser.open(link.removeprefix("http://localhost"))
    browser.fill("New password", "wooden horse in a rainy yard")
    browser.fill("The same again", "wooden horse in a rainy yard").press("Set the password and enter")
    assert browser.open("/academy/certificates").sees("Selling")


def test_tiers_of_both_firms_follow_who_changes(acme: Any, rival: Any, sam: Any, ada: Any, rex: Any) -> None:
    a_certificate(sam, a_course())

    def counted() -> dict[int, int]:
        rows = certified_people(Between(None, clock.now()), "selling").subquery()
        return dict(session.execute(sa.select(rows.c.partner_id, rows.c.amount)).all())

    assert counted() == {acme.id: 1}
    _leaves(sam, ada)
    assert counted() == {}
    add_member(rival, email=sam.email, name="Sam", role="seller", by=rex)
    assert counted() == {rival.id: 1}


def test_who_has_not_left_cannot_be_taken_over(rival: Any, sam: Any, rex: Any) -> None:
    with pytest.raises(Refusal, match="already signs in"):
        add_member(rival, email=sam.email, name="Sam", role="seller", by=rex)


def _published_again(course: Any, last_day: Any) -> None:
    operations.begin_draft(course, by=None)
    operations.publish_version(queries.draft_version(course), last_day_of_earlier=last_day, by=None)
    session.expire_all()


def test_a_new_version_ends_certificates_of_the_old_one_on_a_day(
    browser: Any, acme: Any, sam: Any, time: Any, run_jobs: Any, mails: Any
) -> None:
    course = a_course(products=("cloud",))
    certificate = a_certificate(sam, course)
    day = clock.now().date() + timedelta(days=20)
    _published_again(course, day)
    assert certificate.is_valid and certificate.holds_until < certificate.expires_at
    assert "version 1 and holds until" in mails(to=sam.email)[-1]["text"]
    assert queries.exam_state(sam, live(course)).may_begin
    browser.open(f"/certificates/{certificate.serial}")
    assert browser.sees("This certificate holds.") and browser.sees("certified in a newer version")
    time.move_to(certificate.holds_until)
    assert certificate.status == "superseded"
    assert queries.certified_products_by_partner([acme.id]) == {}
    run_jobs()
    assert certificate.superseded_at is not None
    assert mails(to=sam.email)[-1]["subject"] == "Your certificate has ended: Selling"
    browser.open(f"/certificates/{certificate.serial}")
    assert browser.sees("A newer version of the course has ended this certificate.")
    renewed = a_certificate(sam, course)
    assert renewed.is_valid and renewed.ends_at is None


def test_without_a_day_certificates_last_to_their_end(sam: Any) -> None:
    course = a_course()
    certificate = a_certificate(sam, course)
    _published_again(course, None)
    assert certificate.ends_at is None


def test_a_later_end_lengthens_nothing(sam: Any) -> None:
    course = a_course()
    certificate = a_certificate(sam, course)
    _published_again(course, clock.now().date() + timedelta(days=30))
    first = certificate.holds_until
    _published_again(course, clock.now().date() + timedelta(days=900))
    assert certificate.holds_until == first


def test_a_certificate_for_an_old_version_earned_later_ends_with_the_others(sam: Any, time: Any) -> None:
    course = a_course()
    attempt = an_attempt(sam, course)
    day = clock.now().date() + timedelta(days=10)
    _published_again(course, day)
    operations.hand_in(attempt, right_answers(attempt), by=sam)
    certificate = queries.standing_certificate(sam, course)
    assert certificate.ends_at.date() <= day and certificate.is_valid


def test_the_author_names_the_day_on_the_page(browser: Any, arthur: Any, sam: Any) -> None:
    course = a_course()
    certificate = a_certificate(sam, course)
    operations.begin_draft(course, by=arthur)
    browser.sign_in(arthur).open("/staff/courses/selling")
    browser.fill("Certificates of earlier versions end on", "2020-01-01").press(
        "Publish version 2", expect=422
    )
    assert browser.sees("That day is over.")
    day = clock.now().date() + timedelta(days=40)
    browser.fill("Certificates of earlier versions end on", day.isoformat()).press("Publish version 2")
    assert browser.sees("earlier certificates end on")
    assert certificate.ends_at is not None


def _told(app: Any, monkeypatch: Any) -> Any:
    """Lets another system listen; answers a reader of (type, data) it was told of certificates, oldest first."""
    monkeypatch.setitem(app.config, "WEBHOOK_PRIVATE_ADDRESSES", ["127.0.0.0/8"])
    types = ["certificate.issued", "certificate.expired", "certificate.revoked"]
    delivering.make_endpoint(name="HR", url="http://127.0.0.1:9/", event_types=types, by=None)

    def read() -> list[tuple[str, dict[str, Any]]]:
        rows = session.scalars(sa.select(Message).order_by(Message.id))
        return [(row.type, json.loads(row.body)["data"]) for row in rows]

    return read


def test_other_systems_hear_once_that_a_new_version_ended_a_certificate(
    app: Any, acme: Any, sam: Any, time: Any, run_jobs: Any, monkeypatch: Any
) -> None:
    course = a_course()
    certificate = a_certificate(sam, course)
    read = _told(app, monkeypatch)
    _published_again(course, clock.now().date() + timedelta(days=20))
    end = certificate.holds_until
    time.move_to(end)
    for _run in range(2):
        run_jobs()
        time.move(minutes=20)
    ((kind, data),) = read()
    assert (kind, data["serial"], data["status"]) == ("certificate.expired", certificate.serial, "superseded")
    assert data["expires_at"] == end.isoformat()
    time.move_to(certificate.expires_at + timedelta(days=1))
    run_jobs()
    assert [data for kind, data in read() if data["status"] == "expired"] == []


def test_other_systems_hear_of_an_end_in_time_and_of_a_revocation(
    app: Any, acme: Any, sam: Any, pia: Any, time: Any, run_jobs: Any, monkeypatch: Any
) -> None:
    course = a_course()
    a_certificate(sam, course)
    time.move(days=366)
    read = _told(app, monkeypatch)
    run_jobs()
    operations.revoke_certificate(a_certificate(sam, course), reason="Somebody else sat the exam", by=pia)
    assert [(kind, data["status"]) for kind, data in read()] == [
        ("certificate.expired", "expired"),
        ("certificate.issued", "valid"),
        ("certificate.revoked", "revoked"),
    ]
