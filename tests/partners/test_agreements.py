"""The agreement: accepted by whom, when and which text; new versions with a day to accept them by."""

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from accounts.models import User
from core.database import session
from core.errors import InvalidInput, Refusal
from core.jobs import Job
from core.signals import _receivers, receives
from partners import operations, queries
from partners.models import AgreementAcceptance, Partner, PartnerStatus
from partners.operations.programme import AGREEMENT, AGREEMENT_RU
from partners.queries import agreements as versions
from partners.signals import PartnerActivated
from tests.browser import Browser
from tests.partners.cast import an_application


def _next_version(by: User | None = None, accept_by: date = date(2026, 4, 1)) -> Any:
    return operations.publish_agreement(
        text=AGREEMENT + "\n## 11. More\n\nMore.",
        text_ru=AGREEMENT_RU + "\n## 11. Ещё\n\nЕщё.",
        summary="A new clause 11.",
        summary_ru="Новый пункт 11.",
        accept_by=accept_by,
        by=by,
    )


@pytest.fixture
def newcomer(programme: None, mona: User) -> Partner:
    """A firm in onboarding, whose admin has set a password."""
    return operations.approve_application(an_application(), by=mona)


def _admin(firm: Partner) -> User:
    from accounts.passwords import hash_password
    from tests.browser import PASSWORD

    user = session.scalars(queries.active_members(firm)).one().user
    user.password_hash = hash_password(PASSWORD)
    return user


def test_a_firm_becomes_active_when_its_admin_accepts(
    newcomer: Partner, browser: Browser, mails: Any
) -> None:
    admin = _admin(newcomer)
    browser.sign_in(admin).open("/agreement")
    assert browser.sees("What this agreement is")
    browser.fill("I have read the agreement and may accept it for the firm.", True).press(
        "Accept the agreement"
    )
    row = session.scalars(sa.select(AgreementAcceptance)).one()
    current = queries.current_agreement()
    assert current is not None
    assert (row.accepted_by_id, row.text_hash, row.on_paper) == (admin.id, current.text_hash, False)
    assert session.get_one(Partner, newcomer.id).status is PartnerStatus.ACTIVE
    assert queries.has_valid_agreement(newcomer)
    assert "takes part" in mails(to=admin.email)[-1]["subject"]


def test_becoming_active_is_announced_once(newcomer: Partner) -> None:
    heard = []

    @receives(PartnerActivated)
    def listen(signal: PartnerActivated) -> None:
        heard.append(signal.subject)

    try:
        operations.accept_agreement(newcomer, queries.current_agreement(), by=None)
        assert heard == [newcomer]
    finally:
        _receivers[PartnerActivated].remove(listen)


def test_without_the_tick_nothing_is_accepted(newcomer: Partner, browser: Browser) -> None:
    browser.sign_in(_admin(newcomer)).open("/agreement").press("Accept the agreement", expect=422)
    assert not queries.has_valid_agreement(newcomer)


def test_a_seller_reads_but_does_not_accept(acme: Any, sam: User, browser: Browser) -> None:
    _next_version()
    browser.sign_in(sam).open("/agreement")
    assert browser.sees("An admin of your firm accepts it.")


def test_a_firm_in_onboarding_gets_no_leads(newcomer: Partner, acme: Any) -> None:
    assert session.scalars(queries.routable_partners()).all() == [acme]


def test_another_text_than_the_one_on_the_page_is_not_accepted(newcomer: Partner) -> None:
    current = queries.current_agreement()
    with pytest.raises(Refusal):
        operations.accept_agreement(newcomer, current, text_hash="0" * 64, by=None)
    _next_version()
    with pytest.raises(Refusal):
        operations.accept_agreement(newcomer, current, by=None)


def test_a_version_is_accepted_once(acme: Any) -> None:
    with pytest.raises(Refusal):
        operations.accept_agreement(acme, queries.current_agreement(), by=None)


def test_the_version_before_is_good_until_the_day_of_the_new_one(acme: Any, time: Any) -> None:
    _next_version(accept_by=date(2026, 4, 1))
    time.move(days=30)
    assert queries.has_valid_agreement(acme)
    time.move(days=1)
    assert not queries.has_valid_agreement(acme)
    assert session.scalars(queries.routable_partners()).all() == []
    operations.accept_agreement(acme, queries.current_agreement(), by=None)
    assert queries.has_valid_agreement(acme)
    assert session.scalars(queries.routable_partners()).all() == [acme]


def test_publishing_asks_every_admin_and_stands_on_their_first_page(
    ada: User, pia: User, browser: Browser, mails: Any, run_jobs: Any
) -> None:
    browser.sign_in(pia).open("/staff/agreements").click("Write the next version")
    browser.fill("Text in English", AGREEMENT + "More.").fill("Text in Russian", AGREEMENT_RU + "Ещё.")
    browser.fill("What changes, in English", "One word.").fill("What changes, in Russian", "Одно слово.")
    browser.press("Publish the version")
    assert browser.sees("Version 2")
    run_jobs()
    assert "One word." in mails(to=ada.email)[-1]["text"]
    assert Browser(browser.app).sign_in(ada).open("/").sees("Accept the new agreement")


def test_a_version_needs_both_languages_a_change_and_a_day_to_come(acme: Any) -> None:
    with pytest.raises(InvalidInput) as problem:
        operations.publish_agreement(text="Short", text_ru=AGREEMENT_RU, accept_by=date(2026, 3, 1), by=None)
    assert set(problem.value.problems) == {"text", "accept_by", "summary"}
    with pytest.raises(InvalidInput):
        operations.publish_agreement(
            text=AGREEMENT, text_ru=AGREEMENT_RU, summary="x", summary_ru="х", by=None
        )


def test_published_versions_and_acceptances_cannot_be_changed(acme: Any) -> None:
    for table in ("partners_agreement", "partners_agreement_acceptance"):
        for statement in (f"UPDATE {table} SET text_hash = 'x'", f"DELETE FROM {table}"):
            with pytest.raises(sa.exc.DBAPIError), session.begin_nested():
                session.execute(sa.text(statement))


def test_a_manager_notes_an_agreement_on_paper(acme: Any, mona: User, browser: Browser) -> None:
    _next_version()
    browser.sign_in(mona).open(f"/staff/partners/{acme.id}").press("Note version 2 as signed")
    assert browser.sees("on paper")
    assert (
        session.scalars(sa.select(AgreementAcceptance).order_by(AgreementAcceptance.id.desc()))
        .first()
        .on_paper
    )


def _texts(browser: Browser) -> Browser:
    """The next version typed in: a new clause, and another number of days in an old one."""
    browser.open("/staff/agreements/new")
    text = AGREEMENT.replace("30 days", "45 days") + "\n## 11. More\n\nMore."
    return browser.fill("Text in English", text).fill(
        "Text in Russian", AGREEMENT_RU + "\n## 11. Ещё\n\nЕщё."
    )


def test_a_version_is_looked_at_before_it_is_published(programme: None, pia: User, browser: Browser) -> None:
    before = queries.current_agreement()
    _texts(browser.sign_in(pia)).fill("What changes, in English", "Clause 11.").press(
        "Look at it first", expect=200
    )
    assert browser.sees("What changes from version 1: English") and browser.sees("taken out: 30")
    assert browser.sees("added: 45") and browser.sees("added: 11. Ещё")
    assert "Clause 11." in browser.html and queries.current_agreement() == before
    browser.fill("What changes, in Russian", "Пункт 11.").press("Publish the version")
    current = queries.current_agreement()
    assert current is not None and (current.number, current.summary) == (2, "Clause 11.")


def test_what_changes_is_asked_for_in_both_languages_and_nothing_typed_is_lost(
    programme: None, pia: User, browser: Browser
) -> None:
    _texts(browser.sign_in(pia)).fill("What changes, in English", "Clause 11.").press(
        "Publish the version", expect=422
    )
    assert browser.sees("What changes, in Russian: This is needed.") and "45 days" in browser.html
    assert "data-unsaved" in browser.html


def test_whoever_accepted_an_earlier_version_reads_what_changes(
    newcomer: Partner, browser: Browser, mona: User, time: Any
) -> None:
    admin = _admin(newcomer)
    operations.accept_agreement(newcomer, queries.current_agreement(), by=admin)
    assert not browser.sign_in(admin).open("/agreement").sees("What changes from version")
    _next_version(mona)
    browser.open("/agreement")
    assert browser.sees("What changes from version 1, which you accepted") and browser.sees("added: 11. More")
    assert browser.sees("after that day payouts and new leads wait")
    time.move(days=120)
    assert browser.sign_in(admin).open("/agreement").sees("It was to be accepted by")


def test_the_vendor_sees_who_has_not_accepted_the_latest_version(
    acme: Partner, newcomer: Partner, pia: User, browser: Browser
) -> None:
    _next_version(pia)
    operations.accept_agreement(acme, queries.current_agreement(), by=None, on_paper=True)
    browser.sign_in(pia).open("/staff/agreements")
    waiting = session.scalar(versions.number_of_firms_to_accept(queries.current_agreement()))
    assert browser.sees(f"{waiting} firm has not" if waiting == 1 else f"{waiting} firms have not")
    browser.click("Version 2")
    assert browser.sees("accepted by 1 firm") and browser.sees(newcomer.name)
    assert not browser.sees(acme.name)
    assert not browser.open("/staff/agreements/1").sees("Not accepted yet")


def test_many_admins_are_asked_in_short_transactions_each_once(
    acme: Any, ada: User, rival: Any, rex: User, mails: Any, run_jobs: Any, monkeypatch: Any
) -> None:
    from partners import receivers

    monkeypatch.setattr(receivers, "WRITTEN_TO_AT_ONCE", 1)
    _next_version()
    run_jobs()
    for admin in (ada, rex):
        assert len(mails(to=admin.email)) == 1
    steps = sa.select(sa.func.count()).where(Job.kind == "partners.ask-to-accept")
    assert session.scalar(steps) == 3
