"""Announcements: to all or a segment, counted when read, withdrawn."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from accounts.models import User
from core import clock
from core.database import session
from core.errors import InvalidInput, Refusal
from partners import operations
from partners.models import Announcement, Partner
from partners.queries import announcements as asked
from tests.browser import Browser


def an_announcement(by: User, **how: Any) -> Announcement:
    return operations.publish_announcement(
        **{"title": "New prices", "text": "From *May* on.", "by": by, **how}
    )


def test_a_manager_publishes_to_gold_partners_and_sees_who_read_it(
    app: Flask, acme: Partner, rival: Partner, ada: User, rex: User, mona: User, browser: Browser
) -> None:
    browser.sign_in(mona).open("/staff/announcements").click("Write an announcement")
    browser.fill("Title in English", "Gold weeks").fill("Text in English", "Twice the *co-funding*.")
    browser.fill("Tiers", ["Gold"]).press("Publish")
    assert browser.heading == "Gold weeks" and browser.sees("Gold")
    adas = Browser(app).sign_in(ada).open("/").click("Gold weeks")
    assert adas.sees("Twice the co-funding.")
    adas.open("/")
    assert not adas.sees("Gold weeks"), "what was read leaves the home page"
    row = session.scalars(asked.announcements_visible_to(mona)).one()
    reach = asked.reach_of(row)
    assert (reach.firms, reach.firms_read, reach.people_read) == (1, 1, 1)
    Browser(app).sign_in(rex).open(f"/announcements/{row.id}", expect=404)


def test_the_text_is_in_the_readers_language(acme: Partner, ada: User, mona: User, browser: Browser) -> None:
    row = an_announcement(mona, title_ru="Новые цены", text_ru="С мая.")
    ada.locale = "ru"
    browser.sign_in(ada).open(f"/announcements/{row.id}")
    assert browser.heading == "Новые цены" and browser.sees("С мая.")


def test_nobody_is_told_of_an_empty_segment(acme: Partner, mona: User) -> None:
    with pytest.raises(InvalidInput) as told:
        an_announcement(mona, tiers=["platinum"])
    assert "tiers" in told.value.problems


def test_a_withdrawn_or_outdated_one_is_no_longer_shown(
    acme: Partner, ada: User, mona: User, time: Any
) -> None:
    row = an_announcement(mona)
    other = an_announcement(mona, title="Soon over", ends_at=clock.now() + timedelta(days=1))
    operations.withdraw_announcement(row, by=mona)
    with pytest.raises(Refusal):
        operations.withdraw_announcement(row, by=mona)
    assert session.scalars(asked.unread_announcements(ada)).all() == [other]
    time.move_to(clock.now() + timedelta(days=2))
    assert session.scalars(asked.unread_announcements(ada)).all() == []
    assert session.scalars(asked.announcements_visible_to(ada)).all() == [other], "it stays in the list"


def test_by_mail_it_reaches_the_admins_of_the_segment_once(
    acme: Partner, rival: Partner, ada: User, sam: User, rex: User, mona: User, run_jobs: Any, mails: Any
) -> None:
    an_announcement(mona, tiers=["gold"], by_mail=True)
    run_jobs()
    assert [mail["subject"] for mail in mails(to=ada.email)] == ["New prices"]
    assert not mails(to=sam.email) and not mails(to=rex.email)


def test_it_is_looked_at_before_it_is_published(
    acme: Partner, rival: Partner, mona: User, browser: Browser
) -> None:
    browser.sign_in(mona).open("/staff/announcements/new").fill("Title in English", "New prices")
    browser.fill("Text in English", "From *May* on.").fill("Tiers", ["Gold"])
    browser.press("Look at it first", expect=200)
    assert browser.sees("for 1 firm") and browser.sees("From May on.") and "data-unsaved" in browser.html
    assert session.scalars(asked.announcements_visible_to(mona)).all() == []
    browser.press("Publish")
    assert browser.heading == "New prices" and browser.sees("Gold")


def test_half_a_translation_is_refused_at_its_field(acme: Partner, mona: User) -> None:
    with pytest.raises(InvalidInput) as told:
        an_announcement(mona, title_ru="Новые цены")
    assert set(told.value.problems) == {"text_ru"}


def test_a_segment_says_which_of_its_parts_narrow_each_other(
    acme: Partner, mona: User, browser: Browser
) -> None:
    an_announcement(mona, tiers=[acme.tier], types=[acme.type], countries=[acme.country])
    assert "Gold · Reseller · Germany" in browser.sign_in(mona).open("/staff/announcements").text
