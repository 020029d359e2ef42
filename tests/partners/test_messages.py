"""Conversations: on a thing or in general, a clock for the vendor, mail to the other side, nothing for strangers."""

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from accounts.models import User
from core.database import session
from core.errors import InvalidInput, Refusal
from partners import operations
from partners.models import Partner, Thread
from partners.queries import messages as asked
from partners.subjects import topic_of
from referrals.operations import claim_lead
from tests.browser import Browser
from tests.events.cast import a_submitted_claim
from tests.partners.test_announcements import an_announcement
from tests.referrals.deals.cast import a_deal
from tests.referrals.leads.cast import a_pooled_lead

MONDAY = datetime(2026, 9, 7, 9, 0, tzinfo=UTC)


def a_question(acme: Partner, by: User, subject: str = "Which price list holds?") -> Thread:
    return operations.open_thread(acme, subject=subject, text="We saw two of them.", by=by)


def test_a_firms_word_starts_the_vendors_clock_and_an_answer_stops_it(
    acme: Partner, ada: User, mona: User, time: Any
) -> None:
    time.move_to(MONDAY)
    thread = a_question(acme, ada)
    assert thread.answer_due_at is not None and thread.answer_due_at.date().isoformat() == "2026-09-09"
    time.move_to(datetime(2026, 9, 8, 9, 0, tzinfo=UTC))
    operations.write_message(thread, "And which currency?", by=ada)
    assert thread.answer_due_at.date().isoformat() == "2026-09-09", "asking again does not give more time"
    operations.write_message(thread, "The one of May, in euros.", by=mona)
    assert thread.answer_due_at is None and thread.shown_status == "answered"


def test_a_message_reaches_the_other_side_by_mail(
    acme: Partner, ada: User, sam: User, mona: User, mails: Any
) -> None:
    acme.manager_id = mona.id
    thread = a_question(acme, ada)
    mail = mails(to=mona.email)[-1]
    assert "Ada Lovelace" in mail["subject"] and "> We saw two of them." in mail["text"]
    assert f"/messages/{thread.id}" in mail["text"]
    operations.write_message(thread, "The one of May.", by=mona)
    assert "> The one of May." in mails(to=ada.email)[-1]["text"]
    assert not mails(to=sam.email), "only whoever took part gets the answer"


def test_whoever_of_the_vendor_answers_is_named_from_then_on(
    acme: Partner, ada: User, mona: User, finn: User
) -> None:
    thread = a_question(acme, ada)
    operations.write_message(thread, "Finn knows.", by=mona)
    operations.name_people(thread, [finn], by=mona)
    assert asked.vendor_side(thread) == [finn]
    operations.write_message(thread, "Thank you", by=ada)
    assert thread in session.scalars(asked.threads_to_answer(finn)).all()
    assert thread not in session.scalars(asked.threads_to_answer(mona)).all()


def test_a_firms_person_cannot_be_named_as_the_vendors(
    acme: Partner, ada: User, sam: User, mona: User
) -> None:
    thread = a_question(acme, ada)
    with pytest.raises(Refusal):
        operations.name_people(thread, [sam], by=mona)


def test_empty_words_are_said_at_their_field(acme: Partner, ada: User) -> None:
    with pytest.raises(InvalidInput) as told:
        operations.open_thread(acme, subject=" ", text="x", by=ada)
    assert "subject" in told.value.problems
    with pytest.raises(InvalidInput) as told:
        operations.open_thread(acme, subject="x", text=" \n", by=ada)
    assert "text" in told.value.problems


def test_a_seller_asks_about_a_deal_and_the_manager_answers_there(
    app: Flask, acme: Partner, ada: User, mona: User, browser: Browser
) -> None:
    deal = a_deal(acme, "Globex")
    browser.sign_in(ada).open(f"/deals/{deal.id}").click("Write a message")
    assert browser.sees("Globex")
    browser.fill("Subject", "May we give 12 %?").fill("Message", "They ask for it.").press("Send")
    assert browser.heading == "May we give 12 %?" and browser.sees("They ask for it.")
    monas = Browser(app).sign_in(mona).open("/")
    assert monas.sees("May we give 12 %?")
    monas.open("/messages").click("May we give 12 %?").fill("Message", "Up to 15 %.").press("Send")
    assert monas.sees("Up to 15 %.")
    browser.open(f"/deals/{deal.id}")
    assert browser.sees("May we give 12 %?") and browser.sees("Answered")


def test_an_unread_answer_is_counted_until_it_is_opened(
    acme: Partner, ada: User, mona: User, browser: Browser
) -> None:
    thread = a_question(acme, ada)
    operations.write_message(thread, "The one of May.", by=mona)
    assert thread in session.scalars(asked.unread_threads(ada)).all()
    browser.sign_in(ada).open(f"/messages/{thread.id}")
    assert session.scalars(asked.unread_threads(ada)).all() == []


def test_a_closed_conversation_opens_again_with_a_new_message(
    acme: Partner, ada: User, browser: Browser
) -> None:
    thread = a_question(acme, ada)
    browser.sign_in(ada).open(f"/messages/{thread.id}").press("Close the conversation")
    assert thread.closed_at is not None and thread.answer_due_at is None
    with pytest.raises(Refusal):
        operations.close_thread(thread, by=ada)
    operations.write_message(thread, "One more thing", by=ada)
    assert thread.closed_at is None and thread.answer_due_at is not None


def test_what_people_type_is_text_on_the_page(acme: Partner, ada: User, browser: Browser) -> None:
    thread = operations.open_thread(acme, subject="<b>x</b>", text="<script>alert(1)</script>", by=ada)
    browser.sign_in(ada).open(f"/messages/{thread.id}")
    assert browser.heading == "<b>x</b>" and browser.sees("<script>alert(1)</script>")


def test_a_stranger_finds_no_conversation_and_asks_about_nothing_foreign(
    acme: Partner, ada: User, rex: User, browser: Browser
) -> None:
    thread, deal = a_question(acme, ada), a_deal(acme, "Globex")
    browser.sign_in(rex)
    for path in (
        f"/messages/{thread.id}",
        f"/messages/new?about=deal-{deal.id}",
        "/messages/new?about=deal-x",
    ):
        browser.open(path, expect=404)
    browser.open("/messages")
    assert not browser.sees("Which price list holds?")


def test_who_writes_reads_who_answers_and_by_when(
    app: Flask, acme: Partner, ada: User, mona: User, browser: Browser
) -> None:
    acme.manager = mona
    browser.sign_in(ada).open("/messages/new")
    assert browser.sees(f"{mona.name} reads it first") and browser.sees("You have an answer by")
    assert browser.open("/messages?state=closed").sees("Nothing is closed yet")
    monas = Browser(app).sign_in(mona).open("/messages")
    assert monas.sees("Nobody waits for us") and monas.click("All open").sees("Nothing here")


def test_what_a_conversation_is_about_opens_for_both_sides(
    app: Flask, acme: Partner, ada: User, mona: User, time: Any
) -> None:
    claim = a_submitted_claim(acme, time)
    lead = a_pooled_lead("Umbrella")
    claim_lead(lead, by=ada)
    things = {
        "lead": lead.id,
        "deal": a_deal(acme, "Initech").id,
        "funding-request": claim.request_id,
        "funding-claim": claim.id,
        "announcement": an_announcement(mona, title="Autumn").id,
    }
    adas, monas = Browser(app).sign_in(ada), Browser(app).sign_in(mona)
    for kind, number in things.items():
        adas.open(f"/messages/new?about={kind}-{number}").fill("Subject", f"About a {kind}")
        adas.fill("Message", "How is it meant?").press("Send")
        with app.test_request_context():
            topic = topic_of(ada, kind, number)
        assert topic is not None and adas.heading == f"About a {kind}", kind
        for reader in (adas, monas):
            reader.open("/messages?state=").click(f"About a {kind}").click(topic.title)
