"""Success stories: with the customer's consent, published by the vendor, withdrawn by anybody concerned."""

from datetime import date
from typing import Any

import pytest
from flask import Flask

from accounts.models import User
from core.errors import InvalidInput, Refusal
from partners import operations
from partners.models import Partner, Story, StoryStatus
from tests.browser import Browser

CONSENT = {
    "consent_by": "Grace Hopper, CIO",
    "consent_on": date(2026, 1, 5),
    "consent_kept_in": "Mail of 4 May",
}


def a_story(acme: Partner, ada: User, **how: Any) -> Story:
    words = {"customer": "Globex", "title": "Twice as fast", "text": "They **waited**.", **CONSENT, **how}
    return operations.save_story(acme, **words, by=ada)


def test_a_story_goes_from_the_firm_by_the_vendor_to_everybody(
    app: Flask, acme: Partner, ada: User, mona: User, mails: Any
) -> None:
    adas = Browser(app).sign_in(ada).open("/stories").click("Write a story")
    adas.fill("Customer, as it may be named", "Globex").fill("Title in English", "Twice as fast")
    adas.fill("The story in English", "They **waited**.").press("Save the draft")
    adas.fill("Who at the customer agreed", "Grace Hopper").fill("Agreed on", "2026-01-05").press(
        "Send it to the vendor"
    )
    assert adas.sees("The vendor reads it now.")
    monas = Browser(app).sign_in(mona).open("/staff/stories").click("Twice as fast")
    assert monas.sees("Grace Hopper")
    monas.press("Publish in the finder")
    stranger = Browser(app).open(f"/finder/{acme.id}").click("Twice as fast")
    assert stranger.sees("They waited.") and stranger.sees("Globex") and stranger.sees("Ask this partner")
    assert "See it as customers do" in adas.open("/stories").click("Twice as fast").html
    assert "published" in mails(to=ada.email)[-1]["subject"]


def test_without_consent_nothing_is_sent(acme: Partner, ada: User) -> None:
    story = a_story(acme, ada, consent_by="")
    with pytest.raises(Refusal):
        operations.submit_story(story, by=ada)
    with pytest.raises(InvalidInput) as told:
        a_story(acme, ada, consent_on=date(2999, 1, 1))
    assert "consent_on" in told.value.problems


def test_sending_keeps_what_was_typed_and_asks_for_the_consent(app: Flask, acme: Partner, ada: User) -> None:
    story = a_story(acme, ada, consent_by="", consent_on=None)
    adas = Browser(app).sign_in(ada).open(f"/stories/{story.id}")
    adas.fill("Title in English", "Three times as fast").press("Send it to the vendor", expect=422)
    assert adas.sees("Who at the customer agreed: This is needed.") and adas.sees(
        "Agreed on: This is needed."
    )
    assert 'value="Three times as fast"' in adas.html
    adas.fill("Who at the customer agreed", "Grace Hopper").fill("Agreed on", "2026-01-05").press(
        "Send it to the vendor"
    )
    assert (story.status, story.title) == (StoryStatus.SUBMITTED, "Three times as fast")


def test_a_seller_reads_the_published_story(
    app: Flask, acme: Partner, ada: User, sam: User, mona: User
) -> None:
    story = a_story(acme, ada)
    sams = Browser(app).sign_in(sam).open("/stories")
    assert f"/finder/stories/{story.id}" not in sams.html
    operations.submit_story(story, by=ada)
    operations.publish_story(story, by=mona)
    assert sams.open("/stories").click("Twice as fast").sees("They waited.")


def test_the_vendor_gives_it_back_with_a_reason_and_it_is_mended(
    acme: Partner, ada: User, mona: User, mails: Any
) -> None:
    story = a_story(acme, ada)
    operations.submit_story(story, by=ada)
    with pytest.raises(Refusal):
        a_story(acme, ada, story=story, title="Other")
    operations.return_story(story, reason="Say by how much.", by=mona)
    assert story.status is StoryStatus.DRAFT and "> Say by how much." in mails(to=ada.email)[-1]["text"]
    a_story(acme, ada, story=story, title="Twice as fast, measured")
    operations.submit_story(story, by=ada)
    operations.publish_story(story, by=mona)
    with pytest.raises(Refusal):
        operations.publish_story(story, by=mona)


def test_a_withdrawn_story_is_gone_at_once(app: Flask, acme: Partner, ada: User, mona: User) -> None:
    story = a_story(acme, ada)
    operations.submit_story(story, by=ada)
    operations.publish_story(story, by=mona)
    stranger = Browser(app).open(f"/finder/stories/{story.id}")
    operations.withdraw_story(story, by=ada)
    stranger.open(f"/finder/stories/{story.id}", expect=404)


def test_rivals_and_the_vendor_do_not_read_drafts(
    app: Flask, acme: Partner, ada: User, rex: User, mona: User
) -> None:
    story = a_story(acme, ada)
    Browser(app).sign_in(rex).open(f"/stories/{story.id}", expect=404)
    Browser(app).sign_in(mona).open(f"/staff/stories/{story.id}", expect=404)
