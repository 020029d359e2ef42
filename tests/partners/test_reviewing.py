"""The vendor reads applications: the queue, flags, questions, decisions."""

from typing import Any

import pytest
import sqlalchemy as sa

from accounts.models import User
from accounts.permissions import Role
from core.database import session
from core.errors import InvalidInput, Refusal
from partners import operations
from partners.models import ApplicationStatus, Member, Partner, PartnerStatus
from partners.queries import applications as questions
from tests import cast
from tests.accounts.test_invitations import link_in
from tests.browser import PASSWORD, Browser
from tests.commissions.cast import a_live_plan
from tests.commissions.plans import definition, percent
from tests.partners.cast import a_draft, an_application

pytestmark = pytest.mark.usefixtures("programme")


def _codes(application: Any) -> set[str]:
    return {flag["code"] for flag in application.flags}


def test_a_plain_application_has_no_flag() -> None:
    assert _codes(an_application()) == set()


def test_what_does_not_fit_together_is_flagged() -> None:
    application = an_application(
        first={"email": "karl@elsewhere.example"}, phone="+7 495 1234567", heard_from="other_network"
    )
    assert _codes(application) == {"domain_unlike_website", "country_unlike_phone", "other_network"}


def test_free_and_throw_away_mailboxes_are_flagged() -> None:
    assert _codes(an_application(first={"email": "karl@gmail.com"})) == {"free_mail"}
    assert _codes(an_application("Other", first={"email": "karl@mailinator.com"})) == {"disposable_mail"}


def test_a_firm_that_is_known_already_is_flagged_and_shown_beside() -> None:
    known = cast.a_partner("Kontor Nord", website="www.kontor.example")
    application = an_application()
    assert application.flags == [{"code": "duplicate_partner", "detail": "Kontor Nord"}]
    assert questions.similar_partners(application) == [known]


def test_a_second_application_of_the_same_firm_is_flagged() -> None:
    an_application()
    assert _codes(an_application(first={"email": "anna@kontor.example"})) == {"duplicate_application"}


def test_a_phone_shared_with_a_partner_brings_it_beside_the_application() -> None:
    known = cast.a_partner("Somebody Else", phone="+49 40 1234567")
    assert questions.similar_partners(an_application()) == [known]


def test_drafts_are_nobodys_to_read(mona: User) -> None:
    draft = a_draft()
    assert session.scalars(questions.applications_visible_to(mona)).all() == []
    assert draft.status is ApplicationStatus.DRAFT


def test_the_queue_has_the_nearest_clock_on_top(mona: User, browser: Browser, time: Any) -> None:
    first = an_application("Alpha")
    time.move(hours=3)
    second = an_application("Beta")
    assert session.scalars(questions.queue(mona)).all() == [first, second]
    browser.sign_in(mona).open("/staff/applications")
    assert browser.heading == "2 applications wait for a decision"
    time.move(days=4)
    browser.open("/staff/applications")
    assert browser.sees("late")


def test_the_queue_asks_the_database_as_often_for_many_as_for_few(mona: User, browser: Browser) -> None:
    an_application("Alpha")
    browser.sign_in(mona).open("/staff/applications")
    few = browser.queries
    for name in ("Beta", "Gamma", "Delta", "Epsilon"):
        an_application(name)
    browser.open("/staff/applications")
    assert browser.queries == few


def test_approving_makes_the_firm_its_admin_and_an_invitation(
    mona: User, browser: Browser, mails: Any
) -> None:
    an_application(legal_form="GmbH")
    browser.sign_in(mona).open("/staff/applications").click("Kontor").press("Take it")
    browser.fill("Tier to begin with", "Silver").press("Approve Kontor")
    partner = session.scalars(sa.select(Partner)).one()
    assert browser.heading == "No application waits" and browser.sees("Kontor is a partner.")
    assert (partner.status, partner.tier, partner.manager_id) == (PartnerStatus.ONBOARDING, "silver", mona.id)
    assert partner.legal_name == "Kontor GmbH"
    assert partner.latitude is not None
    admin = session.scalars(sa.select(Member)).one()
    assert (admin.user.email, admin.user.role, admin.shown_status) == (
        "karl@kontor.example",
        Role.PARTNER_ADMIN,
        "invited",
    )
    texts = [mail["text"] for mail in mails(to="karl@kontor.example")]
    assert any("/invitation/" in text for text in texts)
    assert any("Mona Manager" in text for text in texts)


def test_a_question_stops_the_clock_and_the_answer_starts_it_anew(
    mona: User, browser: Browser, mails: Any, time: Any
) -> None:
    application = an_application()
    due_at_first = application.review_due_at
    browser.sign_in(mona).open(f"/staff/applications/{application.id}")
    browser.fill("What would you like to know?", "Who would do the projects?").press("Send the question")
    assert browser.url == "/staff/applications", "on to the next one"
    assert application.status is ApplicationStatus.INFO_REQUESTED
    assert application.review_due_at is None
    assert "Who would do the projects?" in mails(to="karl@kontor.example")[-1]["text"]
    time.move(days=3)
    applicant = Browser(browser.app).open(f"/applications/{application.token}")
    assert applicant.sees("Who would do the projects?")
    applicant.fill("Your answer", "Three of us.").press("Send the answer")
    session.refresh(application)
    assert application.status is ApplicationStatus.IN_REVIEW
    assert application.review_due_at is not None and due_at_first is not None
    assert application.review_due_at > due_at_first
    browser.open(f"/staff/applications/{application.id}")
    assert browser.sees("Three of us.")


def test_notes_among_colleagues_are_never_shown_to_the_applicant(mona: User, browser: Browser) -> None:
    application = an_application()
    operations.add_internal_note(application, "Ask Legal first.", by=mona)
    assert not browser.open(f"/applications/{application.token}").sees("Ask Legal first.")


def test_turning_down_names_the_reason_and_the_day(mona: User, browser: Browser, mails: Any) -> None:
    application = an_application()
    browser.sign_in(mona).open(f"/staff/applications/{application.id}")
    browser.fill("Reason", "Your region has enough partners for now").press("Turn down Kontor")
    text = mails(to="karl@kontor.example")[-1]["text"]
    assert "Your region has enough partners for now" in text
    assert "1\N{NO-BREAK SPACE}April\N{NO-BREAK SPACE}2026" in text
    assert Browser(browser.app).open(f"/applications/{application.token}").sees("You can apply again from")


def test_another_reason_needs_words(mona: User) -> None:
    with pytest.raises(InvalidInput):
        operations.reject_application(an_application(), reason="other", by=mona)


def test_an_application_is_decided_once(mona: User) -> None:
    application = an_application()
    operations.approve_application(application, by=mona)
    with pytest.raises(Refusal):
        operations.reject_application(application, reason="coverage", by=mona)
    with pytest.raises(Refusal):
        operations.approve_application(application, by=mona)


def test_answer_times_are_measured_in_working_days_and_only_from_enough_of_them(
    mona: User, time: Any
) -> None:
    for number in range(5):
        application = an_application(f"Firm{number}")
        assert questions.answer_time() is None
        time.move(days=1)
        operations.reject_application(application, reason="coverage", by=mona)
    measured = questions.answer_time()
    assert measured is not None
    assert measured.count == 5
    assert measured.median == pytest.approx(1.0)


def test_applications_wait_on_the_reviewers_first_page(mona: User, finn: User, browser: Browser) -> None:
    an_application()
    assert browser.sign_in(mona).open("/").sees("Application: Kontor")
    assert not Browser(browser.app).sign_in(finn).open("/").sees("Application: Kontor")


def test_with_several_plans_the_reviewer_says_by_which_the_firm_earns(mona: User, browser: Browser) -> None:
    application = an_application()
    browser.sign_in(mona).open(f"/staff/applications/{application.id}")
    assert "Plan" not in browser.labels, "one plan is no question"
    a_live_plan(definition(percent("10"), name="Growth"), "growth")
    browser.open(f"/staff/applications/{application.id}").fill("Plan", "Growth (growth)")
    browser.press("Approve Kontor")
    assert session.scalars(sa.select(Partner)).one().plan_code == "growth"


# Who applies with an address that signs in already


def _approval_of(browser: Browser, mona: User, **first: Any) -> Any:
    application = an_application("Nordwind", first=first)
    browser.sign_in(mona).open(f"/staff/applications/{application.id}")
    return application


def test_an_applicant_of_another_firm_becomes_the_admin_once_they_have_left(
    browser: Browser, mona: User, ada: User, sam: User, acme: Partner, run_jobs: Any, mails: Any, app: Any
) -> None:
    application = _approval_of(browser, mona, email=sam.email)
    assert browser.sees(f"{sam.email} signs in already") and browser.sees("Sam Seller of Acme")
    browser.press("Approve Nordwind", expect=422)
    assert browser.sees("Choose how the firm gets its admin.")
    assert application.is_undecided
    browser.fill("The firm's first admin", "Sam Seller, who confirms it by mail once they have left")
    browser.press("Approve Nordwind", expect=200)
    assert application.status is ApplicationStatus.APPROVED
    firm = session.get_one(Partner, application.partner_id)
    assert session.scalar(sa.select(Member).where(Member.partner_id == firm.id)) is None
    assert sam.role is Role.SELLER, "nothing changes where they are"
    run_jobs()
    [link] = [link_in(one) for one in mails(to=sam.email) if "/firm/invitation/" in one["text"]]
    there = Browser(app).open(link)
    assert there.sees("a person belongs to one firm at a time")
    operations.remove_member(_member(sam), by=ada)
    there.open(link).fill("New password", PASSWORD).fill("The same again", PASSWORD)
    there.press("Set the password and enter", expect=200)
    assert (_member(sam).partner_id, _member(sam).user.role) == (firm.id, Role.PARTNER_ADMIN)


def _member(user: User) -> Member:
    return session.scalars(sa.select(Member).where(Member.user_id == user.id)).one()


def test_somebody_else_can_be_the_admin(browser: Browser, mona: User, sam: User) -> None:
    application = _approval_of(browser, mona, email=sam.email)
    browser.fill("The firm's first admin", "Somebody else").fill("Name of the other person", "Nora Wind")
    browser.fill("Their e-mail", "nonsense").press("Approve Nordwind", expect=422)
    assert browser.sees("Type an e-mail address") and "Nora Wind" in browser.html
    browser.fill("Their e-mail", sam.email).press("Approve Nordwind", expect=422)
    assert browser.sees("signs in already")
    browser.fill("Their e-mail", "nora@nordwind.example").press("Approve Nordwind", expect=200)
    assert browser.sees("An invitation is on its way to nora@nordwind.example.")
    member = session.scalars(sa.select(Member).where(Member.partner_id == application.partner_id)).one()
    assert (member.user.email, member.is_admin) == ("nora@nordwind.example", True)


def test_one_of_the_vendors_own_people_cannot_be_a_firms_admin(
    browser: Browser, mona: User, finn: User
) -> None:
    application = _approval_of(browser, mona, email=finn.email)
    assert browser.sees("one of our own people, who cannot be the admin of a firm")
    browser.press("Approve Nordwind", expect=422)
    assert browser.sees("Name somebody else.") and application.is_undecided


def test_who_has_left_their_firm_is_simply_invited(
    browser: Browser, mona: User, ada: User, sam: User
) -> None:
    operations.remove_member(_member(sam), by=ada)
    application = _approval_of(browser, mona, email=sam.email)
    assert not browser.sees("signs in already")
    browser.press("Approve Nordwind", expect=200)
    member = session.scalars(sa.select(Member).where(Member.partner_id == application.partner_id)).one()
    assert member.user_id == sam.id


def test_an_applicant_learns_nothing_of_who_signs_in(sam: User) -> None:
    """What is shown and done until somebody decides is the same for an address that is somebody's (threat 55)."""
    known = an_application("Nordwind", first={"email": sam.email})
    unknown = an_application("Sudwind", first={"email": "nora@acme.example"})
    assert (known.status, _codes(known)) == (unknown.status, _codes(unknown))
