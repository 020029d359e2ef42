"""Where a lead stands, told from the link in the mail that asks: one tap, once, without signing in."""

import re

import pytest
import sqlalchemy as sa

from core.database import session
from partners.models import Member
from partners.operations import remove_member
from referrals.models import LeadStatus
from referrals.operations import claim_lead
from referrals.queries.leads import contacts_of
from referrals.receivers.leads import ask_where_leads_stand
from tests.browser import Browser
from tests.referrals.leads.cast import a_pooled_lead


@pytest.fixture
def lead(acme, sam, time):
    found = claim_lead(a_pooled_lead(), by=sam)
    time.move(days=15)
    return found


@pytest.fixture
def link(lead, sam, mails):
    """What the mail to Sam holds."""
    ask_where_leads_stand({})
    [mail] = [one for one in mails(to=sam.email) if one["subject"].startswith("How is it going")]
    [path] = re.findall(r"/lead-updates/\S+", mail["text"])
    return path


def test_one_tap_writes_down_what_came_of_the_call_by_whom_the_mail_went_to(browser, lead, link, sam):
    browser.open(link).press("Reached them")
    [contact] = contacts_of(lead, partner_id=lead.partner_id)
    assert (contact.user_id, contact.text, lead.status) == (
        sam.id,
        "Reached them by phone.",
        LeadStatus.CONTACTED,
    )
    assert browser.sees("Written down.") and browser.sees("written down already")
    assert "What came of the call?" not in browser.html


def test_opening_the_link_does_nothing_and_shows_nobody_to_call(browser, lead, link):
    browser.open(link)
    assert contacts_of(lead, partner_id=lead.partner_id) == []
    assert lead.email not in browser.html and lead.person not in browser.html


def test_a_page_that_is_still_open_writes_nothing_a_second_time(app, lead, link):
    first, second = Browser(app), Browser(app)
    for one in (first, second):
        one.open(link)
    first.press("No answer")
    second.press("Reached them", expect=409)
    assert len(contacts_of(lead, partner_id=lead.partner_id)) == 1


def test_words_of_ones_own_are_needed_and_kept(browser, lead, link):
    browser.open(link).press("Write it down", expect=422)
    assert browser.sees("What came of the call?")
    browser.fill("What was said", "They decide in May.").press("Write it down")
    assert [one.text for one in contacts_of(lead, partner_id=lead.partner_id)] == ["They decide in May."]


def test_more_time_and_giving_back_need_a_reason(browser, lead, link):
    browser.open(link).press("Take more time", expect=422)
    browser.fill("Why", "Their budget round is in May.").press("Take more time")
    assert lead.extension_reason == "Their budget round is in May."
    assert browser.sees("You have more time now.")
    browser.press("Give the lead back", expect=422)
    browser.fill("Why", "No capacity.").press("Give the lead back")
    assert not lead.is_held and browser.sees("with you no longer")


def test_the_link_is_nothing_for_who_left_and_for_who_made_it_up(browser, acme, ada, link, sam):
    browser.open(link[:-1] + ("0" if link[-1] != "0" else "1"), expect=404)
    remove_member(session.scalars(sa.select(Member).where(Member.user_id == sam.id)).one(), by=ada)
    browser.open(link, expect=404)
