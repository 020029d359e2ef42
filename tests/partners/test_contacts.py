"""Who at the vendor looks after a firm: chosen, shown to the firm, written to, and handed over when somebody leaves."""

from typing import Any

import pytest
import sqlalchemy as sa

from accounts import operations as accounts
from accounts.models import User
from accounts.operations.erasure import erase, person_of
from accounts.permissions import Role
from core.activity import Activity
from core.database import session
from core.errors import InvalidInput, Refusal
from partners import operations
from partners.models import Contact, ContactKind, Partner, Thread
from partners.operations.leaving import merge_partners
from partners.queries import messages as conversations
from partners.queries.contacts import care_of, people_of, places_of
from tests import cast
from tests.browser import Browser
from tests.partners.cast import posted

K = ContactKind


def _names(partner: Partner) -> dict[str, str]:
    return {place.code: place.user.name for place in people_of(partner) if place.user is not None}


def test_a_manager_chooses_who_looks_after_a_firm_and_the_firm_sees_it(
    acme: Partner, ada: User, mona: User, finn: User, arthur: User, browser: Browser, app: Any
) -> None:
    browser.sign_in(mona).open(f"/staff/partners/{acme.id}").click("Change: Who looks after them")
    browser.fill("Partner manager", "Mona Manager").fill("Finance contact", "Finn Finance · Finance")
    browser.fill("Marketing contact", "Arthur Author · Author").press("Save")
    assert _names(acme) == {
        "manager": "Mona Manager",
        "marketing": "Arthur Author",
        "finance": "Finn Finance",
    }
    adas = Browser(app).sign_in(ada).open("/firm")
    assert adas.sees("Finance contact") and adas.sees("statements, payouts, taxes")
    assert f'href="mailto:{finn.email}"' in adas.html and "Executive sponsor" not in adas.html
    said = session.scalars(sa.select(Activity).where(Activity.verb == "contacts changed")).one()
    assert said.details["after"] == {"marketing": arthur.id, "finance": finn.id}
    browser.open(f"/staff/partners/{acme.id}/contacts").fill("Finance contact", "nobody").press("Save")
    assert "finance" not in _names(acme)


def test_a_message_from_there_names_that_person(
    acme: Partner, ada: User, mona: User, finn: User, browser: Browser, mails: Any
) -> None:
    operations.name_contacts(acme, {K.FINANCE: finn}, manager=mona, by=mona)
    browser.sign_in(ada).open("/firm").click("Write a message to Finn Finance")
    browser.fill("Subject", "Our statement").fill("Message", "Where is it?").press("Send")
    thread = session.scalars(sa.select(Thread)).one()
    assert thread.people == [finn] and mails(to=finn.email) and not mails(to=mona.email)


def test_a_message_can_name_nobody_but_those_who_look_after_the_firm(
    acme: Partner, ada: User, mona: User, pia: User, browser: Browser
) -> None:
    operations.name_contacts(acme, {}, manager=mona, by=mona)
    browser.sign_in(ada).open(f"/messages/new?to={pia.id}")
    assert "Pia Programme" not in browser.html
    browser.fill("Subject", "Hello").fill("Message", "You there?")
    browser.typed["people"] = [str(pia.id)]
    browser.press("Send", expect=422)
    assert session.scalar(sa.select(Thread)) is None


def test_who_may_not_sign_in_any_more_is_shown_to_nobody_and_the_place_is_empty(
    acme: Partner, ada: User, mona: User, finn: User, pia: User, browser: Browser, app: Any
) -> None:
    operations.name_contacts(acme, {K.FINANCE: finn, K.SPONSOR: pia}, manager=mona, by=mona)
    thread = operations.open_thread(acme, subject="Taxes", text="When?", people=[finn], by=ada)
    for gone in (finn, mona):
        accounts.suspend_person(gone, by=pia)
    assert _names(acme) == {"sponsor": "Pia Programme"}
    adas = Browser(app).sign_in(ada)
    for path in ("/firm", "/", "/messages/new"):
        assert "Finn Finance" not in adas.open(path).html and "Mona Manager" not in adas.html, path
    staff = browser.sign_in(pia).open(f"/staff/partners/{acme.id}")
    assert staff.sees("Finn Finance is no longer here") and staff.sees("Mona Manager is no longer here")
    # Nobody who is named can answer, so it is everybody's who manages partners.
    other = cast.a_user("Nora Next", Role.PARTNER_MANAGER)
    assert thread in session.scalars(conversations.threads_to_answer(other)).all()


def test_only_people_of_the_vendor_who_are_there_can_be_named(
    acme: Partner, ada: User, mona: User, finn: User, arthur: User
) -> None:
    with pytest.raises(InvalidInput, match="sponsor"):
        operations.name_contacts(acme, {K.SPONSOR: ada}, by=mona)
    with pytest.raises(InvalidInput, match="manager_id"):
        operations.name_contacts(acme, {}, manager=arthur, by=mona)
    accounts.suspend_person(finn, by=mona)
    with pytest.raises(InvalidInput, match="finance"):
        operations.name_contacts(acme, {K.FINANCE: finn}, by=mona)
    assert session.scalar(sa.select(Contact)) is None


def test_a_firm_has_one_person_of_a_kind(acme: Partner, mona: User, finn: User) -> None:
    operations.name_contacts(acme, {K.FINANCE: finn}, by=mona)
    with pytest.raises(sa.exc.IntegrityError), session.begin_nested():
        session.add(Contact(partner_id=acme.id, kind=K.FINANCE, user_id=mona.id))
        session.flush()


def test_everything_somebody_looks_after_goes_to_a_colleague_in_one_step(
    acme: Partner, rival: Partner, ada: User, mona: User, pia: User, browser: Browser
) -> None:
    nora = cast.a_user("Nora Next", Role.PARTNER_MANAGER)
    operations.name_contacts(acme, {K.SPONSOR: mona}, manager=mona, by=pia)
    operations.name_contacts(rival, {K.TECHNICAL: mona}, manager=pia, by=pia)
    thread = operations.open_thread(acme, subject="Prices", text="Which?", people=[mona], by=ada)
    done = operations.open_thread(acme, subject="Old", text="Done?", people=[mona], by=ada)
    operations.close_thread(done, by=ada)
    accounts.suspend_person(mona, by=pia)
    browser.sign_in(pia).open(f"/staff/people/{mona.id}")
    assert browser.sees("Nobody looks after them now.") and browser.sees("2 firms · 1 open conversation")
    browser.click("See and hand over")
    assert browser.sees("Partner manager, Executive sponsor") and browser.sees("Technical contact")
    browser.fill("Who takes over", "Nora Next · Partner manager").press("Hand over")
    assert browser.heading == "Partners of Nora Next"
    session.expire_all()
    assert _names(acme) == {"manager": "Nora Next", "sponsor": "Nora Next"}
    assert _names(rival) == {"manager": "Pia Programme", "technical": "Nora Next"}
    assert thread.people == [nora] and done.people == [mona]
    assert not care_of(mona).is_any
    said = session.scalars(sa.select(Activity).where(Activity.verb == "firms handed over")).one()
    assert (said.subject_id, said.details) == (mona.id, {"to_id": nora.id, "firms": 2, "conversations": 1})
    with pytest.raises(Refusal, match="looks after no firm"):
        operations.hand_over_firms(mona, nora, by=pia)


def test_of_many_firms_the_worker_hands_over_the_rest(
    programme: None, mona: User, pia: User, run_jobs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("partners.operations.contacts.AT_ONCE", 2)
    firms = [cast.a_partner(f"Firm {number}") for number in range(5)]
    for firm in firms:
        operations.name_contacts(firm, {}, manager=mona, by=pia)
    operations.hand_over_firms(mona, pia, by=pia)
    assert care_of(mona).firms == 3
    run_jobs()
    assert care_of(mona).firms == 0 and care_of(pia).firms == 5


def test_firms_are_handed_to_somebody_who_may_manage_them(
    acme: Partner, mona: User, pia: User, finn: User, browser: Browser
) -> None:
    operations.name_contacts(acme, {}, manager=mona, by=pia)
    for wrong in (finn, mona):
        with pytest.raises(InvalidInput, match="heir"):
            operations.hand_over_firms(mona, wrong, by=pia)
    browser.sign_in(pia).open(f"/staff/care/{mona.id}")
    assert "Finn Finance ·" not in browser.html
    browser.press("Hand over", expect=422)
    assert "aria-invalid" in browser.html


def test_a_contact_without_firms_of_their_own_hands_over_to_anybody(
    acme: Partner, finn: User, arthur: User, pia: User
) -> None:
    operations.name_contacts(acme, {K.FINANCE: arthur}, by=pia)
    operations.hand_over_firms(arthur, finn, by=pia)
    assert _names(acme) == {"finance": "Finn Finance"}


def test_finance_sees_whose_partners_somebody_looks_after_and_changes_nothing(
    acme: Partner, ada: User, mona: User, finn: User, browser: Browser, app: Any
) -> None:
    operations.name_contacts(acme, {K.FINANCE: finn}, manager=mona, by=mona)
    browser.sign_in(finn).open("/staff/partners?manager=care")
    assert browser.sees("Acme")
    assert not browser.open("/staff/partners?manager=me").sees("Acme")
    browser.open(f"/staff/care/{mona.id}")
    assert browser.sees("Acme") and "Hand over" not in browser.html
    assert posted(browser, f"/staff/care/{mona.id}/handing-over") == 403
    assert browser.open(f"/staff/care/{ada.id}", expect=404)
    Browser(app).sign_in(ada).open(f"/staff/care/{mona.id}", expect=403)


def test_whoever_is_erased_looks_after_nothing(acme: Partner, mona: User, finn: User, pia: User) -> None:
    operations.name_contacts(acme, {K.FINANCE: mona}, manager=mona, by=pia)
    erase(person_of(mona), words=mona.email, by=pia)
    assert acme.manager_id is None and session.scalar(sa.select(Contact)) is None
    assert all(place.user is None and place.gone is None for place in places_of(acme))


def test_merging_fills_the_places_that_are_empty(
    acme: Partner, rival: Partner, mona: User, finn: User, pia: User
) -> None:
    operations.name_contacts(acme, {K.FINANCE: finn, K.SPONSOR: pia}, manager=mona, by=pia)
    operations.name_contacts(rival, {K.FINANCE: pia}, by=pia)
    merge_partners(acme, rival, reason="The same firm.", by=pia)
    assert _names(rival) == {
        "manager": "Mona Manager",
        "finance": "Pia Programme",
        "sponsor": "Pia Programme",
    }


def test_machines_read_who_looks_after_a_firm(
    acme: Partner, rival: Partner, mona: User, finn: User, arthur: User, machine: Any
) -> None:
    operations.name_contacts(acme, {K.TECHNICAL: arthur, K.FINANCE: finn}, manager=mona, by=mona)
    accounts.suspend_person(arthur, by=mona)
    key = machine("partners:read", "partners:write")
    body = key.get(f"/partners/{acme.id}").json
    assert body["manager"] == {"name": "Mona Manager", "email": mona.email}
    assert body["contacts"] == [{"kind": "finance", "name": "Finn Finance", "email": finn.email}]
    listed = {one["name"]: one for one in key.get("/partners").json["items"]}
    assert listed["Acme"]["contacts"] == body["contacts"] and listed["Rival"]["manager"] is None
    assert key("PATCH", f"/partners/{acme.id}", {"city": "Kiel"}).json["contacts"] == body["contacts"]
