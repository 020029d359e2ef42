"""The morning's queue: several applications at once, where that is safe; customers who apply; side by side."""

from typing import Any

import pytest
from flask import Flask

from core.database import session
from partners import operations
from partners.models import ApplicationStatus, RejectionReason
from partners.queries import applications as questions
from referrals.models import Customer
from tests import cast
from tests.browser import Browser
from tests.commissions.cast import sold
from tests.partners.cast import a_draft, an_application, confirmed
from tests.partners.test_tier_evaluation import mails


def choose(browser: Browser, *companies: str) -> Browser:
    boxes = [browser._field(f"Choose {company}") for company in companies]
    browser.typed["application"] = [str(box.get("value")) for box in boxes]
    return browser


def test_the_chosen_ones_are_given_to_a_reviewer(browser: Browser, mona: Any, programme: None) -> None:
    first, second, third = an_application("Kontor"), an_application("Nordlys"), an_application("Brise")
    browser.sign_in(mona).open("/staff/applications")
    choose(browser, "Kontor", "Nordlys").press("Do it")
    assert browser.sees("Done for 2 applications.")
    assert (first.reviewer_id, second.reviewer_id, third.reviewer_id) == (mona.id, mona.id, None)
    assert first.status is ApplicationStatus.IN_REVIEW


def test_the_same_question_goes_to_each_by_mail(browser: Browser, mona: Any, programme: None) -> None:
    rows = [an_application("Kontor"), an_application("Nordlys")]
    browser.sign_in(mona).open("/staff/applications")
    choose(browser, "Kontor", "Nordlys").fill("With the chosen ones", "Ask the same question")
    browser.press("Do it", expect=422)
    assert browser.sees("Write the question.")
    browser.fill("Question", "Which projects did you finish?").press("Do it")
    assert {row.status for row in rows} == {ApplicationStatus.INFO_REQUESTED}


def test_spam_is_turned_down_without_a_mail(browser: Browser, mona: Any, programme: None) -> None:
    row = an_application("Kontor")
    before = len(mails(""))
    browser.sign_in(mona).open("/staff/applications")
    choose(browser, "Kontor").fill("With the chosen ones", "Turn down as spam, without a mail").press("Do it")
    assert (row.status, row.reason) == (ApplicationStatus.REJECTED, RejectionReason.SPAM)
    assert len(mails("")) == before


def test_choosing_nothing_is_said_and_loses_nothing(browser: Browser, mona: Any, programme: None) -> None:
    an_application("Kontor")
    browser.sign_in(mona).open("/staff/applications").press("Do it", expect=422)
    assert browser.sees("Choose at least one application.")


def test_one_that_has_moved_on_does_not_stop_the_others(mona: Any, programme: None) -> None:
    gone, there = an_application("Kontor"), an_application("Nordlys")
    operations.reject_application(gone, reason="coverage", by=mona)
    result = operations.decide_together(
        [gone, there], lambda row: operations.assign_application(row, mona, by=mona)
    )
    assert (result.done, len(result.refused)) == (1, 1)
    assert there.reviewer_id == mona.id


@pytest.fixture
def a_customer(acme: Any) -> Customer:
    customer = sold(acme).customer
    customer.domain = "kontor.example"
    session.flush()
    return customer


def test_a_customer_who_proved_the_mailbox_needs_three_answers(
    app: Flask, browser: Browser, mona: Any, a_customer: Customer
) -> None:
    application = confirmed(a_draft("Kontor"))
    assert questions.takes_the_short_path(application)
    browser.open(f"/applications/{application.token}/draft")
    assert browser.sees("We know your company: you are a customer.")
    operations.send_application(
        application, privacy_read=True, type="reseller", languages=["de"], services=["training"]
    )
    assert application.status is ApplicationStatus.SUBMITTED
    assert str(application.heard_from) == "customer"
    staff = Browser(app).sign_in(mona).open(f"/staff/applications/{application.id}")
    assert staff.sees("An existing customer.")


def test_nobody_learns_who_is_a_customer_before_proving_the_mailbox(
    browser: Browser, a_customer: Customer
) -> None:
    application = a_draft("Kontor")
    assert not questions.takes_the_short_path(application)
    assert not browser.open(f"/applications/{application.token}/draft").sees("you are a customer")


def test_partners_like_the_applicant_stand_side_by_side(browser: Browser, mona: Any, programme: None) -> None:
    cast.a_partner("Kontor Nord", website="www.kontor.example")
    row = an_application("Kontor")
    browser.sign_in(mona).open(f"/staff/applications/{row.id}")
    assert browser.sees("Kontor Nord") and browser.sees("the same")
