"""What is held about a person, the file of it, and erasing it; and how long what is kept."""

import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from accounts import operations, queries
from accounts.models import AuthenticatorApp, DataExport, Notice, SignIn, User
from accounts.operations import erasure
from accounts.operations.factors import begin_app
from core import clock, personal_data, retention, settings, storage
from core.activity import Activity
from core.database import session
from core.errors import InvalidInput, Refusal
from core.jobs import Job
from core.personal_data import Person
from partners.models import Application, Member, Message
from partners.operations import open_thread
from referrals.models import IdentityKey, Lead, LeadKey
from referrals.models.leads import LeadStatus
from tests.academy.cast import a_certificate, a_course
from tests.browser import Browser
from tests.events.cast import a_submitted_claim
from tests.referrals.leads.cast import a_lead


def read(export: DataExport) -> dict[str, Any]:
    with zipfile.ZipFile(io.BytesIO(storage.read(str(export.storage_key)))) as archive:
        data: dict[str, Any] = json.loads(archive.read("data.json"))
        return data


# The file


def test_everybody_takes_their_own_data_along(
    browser: Browser, ada: Any, acme: Any, run_jobs: Any, mails: Any
) -> None:
    open_thread(acme, subject="Prices", text="Which list holds?", by=ada)
    a_certificate(ada, a_course("selling"))
    browser.sign_in(ada).open("/account/data")
    assert browser.heading == "My data" and browser.sees("Messages to and from the vendor")
    browser.press("Make the file")
    run_jobs()
    assert mails(to=ada.email)[-1]["subject"] == "The file of your data is ready"
    browser.open("/account/data").press("Download")
    assert browser.response.mimetype == "application/zip"
    assert "no-store" in browser.response.headers["Cache-Control"]
    data = json.loads(zipfile.ZipFile(io.BytesIO(browser.response.data)).read("data.json"))
    kinds = {one["code"]: one["records"] for one in data["holdings"]}
    assert kinds["account"][0]["name"] == "Ada Lovelace" and kinds["membership"][0]["partner"] == "Acme"
    assert kinds["messages"][0]["text"] == "Which list holds?"
    assert {"certificates", "sign_ins", "deeds"} <= kinds.keys()
    assert "password" not in json.dumps(data["holdings"][0]).replace("password_changed_at", "")
    verbs = set(session.scalars(sa.select(Activity.verb)))
    assert {"data export asked", "data export fetched"} <= verbs


def test_a_file_is_for_whoever_asked(app: Any, ada: Any, sam: Any, run_jobs: Any) -> None:
    export = erasure.ask_for_data(erasure.person_of(ada), by=ada)
    run_jobs()
    adas, sams = Browser(app).sign_in(ada), Browser(app).sign_in(sam)
    assert "Download" in adas.open("/account/data").buttons
    assert "Download" not in sams.open("/account/data").buttons
    assert session.scalar(queries.data_exports_for(sam).where(DataExport.id == export.id)) is None


def test_one_file_at_a_time_and_for_a_week(ada: Any, run_jobs: Any, time: Any) -> None:
    export = erasure.ask_for_data(erasure.person_of(ada), by=ada)
    number = export.id
    with pytest.raises(Refusal, match="being made"):
        erasure.ask_for_data(erasure.person_of(ada), by=ada)
    run_jobs()
    key = str(export.storage_key)
    time.move(days=8)
    with pytest.raises(Refusal, match="not there"):
        erasure.fetch_export(export, by=ada)
    run_jobs()
    assert session.get(DataExport, number) is None
    with pytest.raises(FileNotFoundError):
        storage.read(key)


def test_staff_find_what_is_held_about_a_leads_contact(
    browser: Browser, pia: Any, acme: Any, ada: Any, run_jobs: Any
) -> None:
    lead = a_lead("Umbrella", person="Carla Customer", email="carla@umbrella.example")
    browser.sign_in(pia).open("/staff/personal-data").fill("E-mail", "Carla@umbrella.example").press("Look")
    assert browser.sees("Contact of leads")
    browser.press("Make the file")
    run_jobs()
    export = session.scalars(sa.select(DataExport)).one()
    kinds = {one["code"]: one["records"] for one in read(export)["holdings"]}
    assert kinds["leads"][0]["id"] == lead.id
    browser.open("/staff/personal-data?email=nobody@nowhere.example")
    assert browser.sees("Nothing is held")
    browser.open("/staff/personal-data?email=no%20address")
    assert browser.sees("That is not an e-mail address")


# Erasure


def test_a_person_is_erased_and_the_books_stay(
    browser: Browser, pia: Any, acme: Any, ada: Any, sam: Any, time: Any, mails: Any
) -> None:
    thread = open_thread(acme, subject="Prices", text="Which list?", by=sam)
    certificate = a_certificate(sam, a_course("selling"))
    begin_app(sam, name="Phone")
    operations.change_person(sam, name="Samuel Seller", by=ada)
    Browser(browser.app).sign_in(sam).open("/account")
    session.flush()
    number, address = sam.id, sam.email
    browser.sign_in(pia).open(f"/staff/people/{number}")
    browser.open(f"/staff/personal-data?email={address}").click("Erase…")
    browser.fill("E-mail of the person, typed out", "sam").press("Erase for good")
    assert browser.status == 422 and browser.sees(f"Type {address} to go on.")
    browser.fill("E-mail of the person, typed out", address).press("Erase for good")
    assert browser.sees("What named them is gone.")
    session.expire_all()
    gone = session.get_one(User, number)
    assert (gone.name, gone.email) == (f"#{number}", f"erased-{number}@invalid")
    assert gone.password_hash is None and gone.erased_at is not None and gone.suspended_at is not None
    for row in (SignIn, AuthenticatorApp, Notice):
        assert session.scalar(sa.select(sa.func.count()).where(row.user_id == number)) == 0
    assert certificate.holder == f"#{number}"
    assert session.scalars(sa.select(Member).where(Member.user_id == number)).one().left_at is not None
    assert (
        session.scalars(sa.select(Message.text).where(Message.thread_id == thread.id)).one() == "Which list?"
    )
    trail = session.scalars(sa.select(Activity).order_by(Activity.id)).all()
    assert (
        trail[-1].verb == "person erased"
        and trail[-1].subject_id == number
        and trail[-1].details["rows"]["account"] == 1
    )
    said = json.dumps([[row.actor_name, row.details, row.address or ""] for row in trail])
    assert "Samuel" not in said and address not in said and "Sam " not in said
    assert any(row.actor_id == number for row in trail)
    assert mails(to=address)[-1]["subject"] == "Your personal data was erased" and len(mails(to=address)) == 1
    browser.open(f"/staff/people/{number}", expect=404)
    with pytest.raises(Refusal, match="erased"):
        operations.reinstate_person(gone, by=pia)


def test_somebody_erases_themselves(browser: Browser, acme: Any, ada: Any, sam: Any) -> None:
    number, address = sam.id, sam.email
    browser.sign_in(sam).open("/account/data").click("Erase my data…")
    browser.fill("E-mail of the person, typed out", address).press("Erase my data for good")
    assert browser.url.startswith("/sign-in") and browser.sees("Your personal data is gone.")
    session.expire_all()
    assert session.get_one(User, number).is_erased
    last = session.scalars(sa.select(Activity).where(Activity.verb == "person erased")).one()
    assert last.actor_id == number and last.actor_name == f"#{number}" and last.address is None


def test_the_last_admins_stay(pia: Any, ada: Any, sam: Any, acme: Any) -> None:
    with pytest.raises(Refusal, match="last programme admin"), session.begin_nested():
        erasure.erase(erasure.person_of(pia), words=pia.email, by=pia)
    with pytest.raises(Refusal, match="last admin of Acme"), session.begin_nested():
        erasure.erase(erasure.person_of(ada), words=ada.email, by=pia)
    session.expire_all()
    assert pia.erased_at is None and ada.erased_at is None
    with pytest.raises(InvalidInput):
        erasure.erase(erasure.person_of(sam), words="sam", by=pia)


def test_a_leads_contact_is_erased(pia: Any, acme: Any, ada: Any) -> None:
    lead = a_lead("Umbrella", person="Carla Customer", email="carla@umbrella.example", phone="+4930123456")
    nameless = a_lead(None, person="Dan", email="dan@umbrella.example")
    for address in ("carla@umbrella.example", "dan@umbrella.example"):
        erasure.erase(Person(address), words=address, by=pia)
    session.expire_all()
    assert (lead.person, lead.email, lead.phone) == (None, None, None) and lead.company == "Umbrella"
    assert nameless.person is None and nameless.email == f"erased-{nameless.id}@invalid"
    kinds = session.scalars(
        sa.select(IdentityKey.kind)
        .join(LeadKey, LeadKey.key_id == IdentityKey.id)
        .where(LeadKey.lead_id == lead.id)
    ).all()
    assert "email" not in kinds and "phone" not in kinds
    assert not session.scalars(sa.select(IdentityKey).where(IdentityKey.value.contains("carla"))).all()
    row = session.scalars(sa.select(Activity).where(Activity.verb == "contact erased")).first()
    assert row is not None and "carla" not in json.dumps(row.details)


def test_a_guest_is_erased(pia: Any, acme: Any, ada: Any, time: Any) -> None:
    guest = a_submitted_claim(acme, time).request.event.registrations[0]
    address = guest.email
    assert personal_data.held_of(Person(address))
    erasure.erase(Person(address), words=address, by=pia)
    session.expire_all()
    assert guest.name == "" and guest.email.startswith("erased-") and guest.checked_in_at is not None
    assert personal_data.held_of(Person(address)) == []


def test_the_database_lets_no_other_name_go_from_the_trail(pia: Any, ada: Any) -> None:
    operations.change_person(ada, name="Ada King", by=pia)
    session.flush()
    for change in (
        {"actor_name": "Nobody"},
        {"address": "10.0.0.1"},
        {"details": {}},
        {"verb": "x"},
        {"actor_id": 7},
    ):
        with pytest.raises(sa.exc.DBAPIError), session.begin_nested():
            session.execute(sa.update(Activity).where(Activity.verb == "person changed").values(**change))
    ada.erased_at = clock.now()
    session.flush()
    session.execute(sa.update(Activity).where(Activity.verb == "person changed").values(details={}))
    for change in ({"actor_name": "Nobody"}, {"verb": "x"}):
        with pytest.raises(sa.exc.DBAPIError), session.begin_nested():
            session.execute(sa.update(Activity).where(Activity.verb == "person changed").values(**change))


def test_nobody_else_opens_these_pages(app: Any, finn: Any, ada: Any) -> None:
    for person in (finn, ada):
        for page in (
            "/staff/personal-data",
            "/staff/retention",
            "/staff/personal-data/erasure?email=a@b.example",
        ):
            Browser(app).sign_in(person).open(page, expect=403)


# Retention


def test_contacts_of_bad_leads_go_after_their_time(
    browser: Browser, pia: Any, acme: Any, ada: Any, time: Any, run_jobs: Any
) -> None:
    bad = a_lead("Umbrella", person="Carla", email="carla@umbrella.example")
    good = a_lead("Initech", person="Ina", email="ina@initech.example")
    session.execute(
        sa.update(Lead).where(Lead.id == bad.id).values(status=LeadStatus.SPAM, closed_at=clock.now())
    )
    session.expire_all()
    rule = retention.RULES["leads"]
    assert rule.due_now == 0
    time.move(days=361)
    assert rule.due_now == 1
    browser.sign_in(pia).open("/staff/retention")
    assert browser.sees("Unqualified leads and spam") and browser.sees("12 months")
    assert retention.keep(rule) == 1 and retention.keep(rule) == 0
    session.expire_all()
    assert bad.email is None and bad.company == "Umbrella" and good.email == "ina@initech.example"
    browser.open("/staff/retention")
    assert browser.sees("Unqualified leads and spam 1")


def test_declined_applicants_and_guests_go_after_their_time(acme: Any, ada: Any, pia: Any, time: Any) -> None:
    from partners.operations import reject_application
    from tests.partners.cast import an_application

    application = an_application()
    reject_application(application, reason="profile", note="", by=pia)
    guest = a_submitted_claim(acme, time).request.event.registrations[0]
    session.flush()
    time.move(days=500)
    for code in ("applications", "event_guests"):
        assert retention.keep(retention.RULES[code]) >= 1
        assert retention.RULES[code].due_now == 0
    session.expire_all()
    row = session.get_one(Application, application.id)
    assert row.person == "" and row.phone is None and row.email.startswith("erased-") and row.company
    assert guest.name == ""


def test_a_setting_of_none_keeps_for_ever(pia: Any, ada: Any, time: Any) -> None:
    session.add(Notice(user_id=ada.id, kind="other", text="Old", path="", at=clock.now()))
    session.flush()
    rule = retention.RULES["notices"]
    time.move(days=400)
    assert rule.due_now == 1
    settings.change_setting(rule.months, "0", by=pia)
    assert rule.due_now == 0 and retention.keep(rule) == 0


def test_every_rule_is_kept_each_night(ada: Any, time: Any, run_jobs: Any) -> None:
    session.add(
        Notice(user_id=ada.id, kind="other", text="Old", path="", at=clock.now() - timedelta(days=500))
    )
    run_jobs()
    assert session.scalar(sa.select(sa.func.count()).select_from(Notice).where(Notice.text == "Old")) == 0
    row = session.scalars(sa.select(Activity).where(Activity.verb == "retention kept")).one()
    assert row.details == {"kind": "notices", "rows": 1} and row.actor_id is None
    done = session.scalars(sa.select(Job.kind).where(Job.parked_at.is_not(None))).all()
    assert done == []


def test_the_page_clears_at_once_when_asked(browser: Browser, pia: Any, ada: Any, run_jobs: Any) -> None:
    session.add(
        Notice(user_id=ada.id, kind="other", text="Old", path="", at=clock.now() - timedelta(days=500))
    )
    browser.sign_in(pia).open("/staff/retention").press("Clear what is due")
    run_jobs()
    browser.open("/staff/retention")
    assert browser.sees("Notices 1")
