"""What people change about themselves: e-mail, mail, sessions; and what they are told."""

from typing import Any

import sqlalchemy as sa

from accounts import queries
from accounts.models import Notice
from accounts.operations import notices, people
from core import mail
from core.database import session
from core.letters import KINDS, kind
from tests.accounts.test_invitations import link_in
from tests.browser import PASSWORD, Browser

kind("test.weather", "The weather", "accounts/emails/no_account")


def a_mail(to: str) -> None:
    mail.send("accounts/emails/no_account", to=to, locale="en", url=mail.absolute_url("/programme"))
    session.flush()


# E-mail


def test_a_new_address_holds_once_its_link_was_followed(
    browser: Browser, mona: Any, mails: Any, run_jobs: Any
) -> None:
    browser.sign_in(mona).open("/account").click("Change the e-mail")
    browser.fill("New e-mail", "mona@new.example").press("Send the link")
    run_jobs()
    assert mona.email == "mona@meridian.example"
    (letter,) = mails(to="mona@new.example")
    browser.open(link_in(letter)).press("Use this address")
    assert mona.email == "mona@new.example"
    assert "mona@new.example" in mails(to="mona@meridian.example")[-1]["text"]
    browser.open(link_in(letter), expect=404)


def test_a_new_address_wants_the_password_again(browser: Browser, mona: Any, time: Any) -> None:
    browser.sign_in(mona)
    time.move(minutes=11)
    browser.open("/account/email")
    assert browser.heading == "Confirm that it is you"
    browser.fill("Password", PASSWORD).press("Go on")
    assert browser.url == "/account/email"


def test_the_page_does_not_say_who_else_signs_in(
    browser: Browser, mona: Any, finn: Any, mails: Any, run_jobs: Any
) -> None:
    browser.sign_in(mona).open("/account/email").fill("New e-mail", finn.email).press("Send the link")
    assert browser.sees("We have written to")
    run_jobs()
    (letter,) = mails(to=finn.email)
    assert "It is yours already" in letter["text"] and "/account/email/" not in letter["text"]


def test_links_mailed_to_the_old_address_stop_working(mona: Any) -> None:
    from accounts.models import TokenPurpose
    from accounts.operations import issue_token

    reset = issue_token(mona, TokenPurpose.PASSWORD_RESET)
    secret = issue_token(mona, TokenPurpose.EMAIL_CHANGE, email="mona@new.example")
    token = queries.good_token(TokenPurpose.EMAIL_CHANGE, secret)
    assert token is not None
    people.change_email(token)
    assert queries.good_token(TokenPurpose.PASSWORD_RESET, reset) is None


# Sessions


def test_every_other_session_ends_by_one_button(browser: Browser, app: Any, mona: Any) -> None:
    other = Browser(app).sign_in(mona)
    browser.sign_in(mona).open("/account").press("Sign out everywhere else")
    assert browser.sees("You are signed in here only.")
    assert other.open("/account").heading == "Sign in"


# About me


def test_spaces_alone_are_no_name(browser: Browser, mona: Any) -> None:
    browser.sign_in(mona).open("/account").fill("Name", "   ").press("Save", expect=422)
    assert browser.sees("Type a name.")
    assert mona.name == "Mona Manager"


# Mail and notices


def test_what_is_mailed_also_stands_among_the_notices(browser: Browser, mona: Any) -> None:
    a_mail(mona.email)
    browser.sign_in(mona)
    assert "1 unread notice" in browser.html
    browser.click("1 unread notice")
    assert browser.heading == "Notices"
    browser.click("Nobody signs in with this address")
    assert browser.url == "/programme"
    browser.open("/notices")
    assert "unread notice" not in browser.html


def test_a_stopped_kind_is_noted_and_not_mailed(browser: Browser, mona: Any, mails: Any) -> None:
    browser.sign_in(mona).open("/account/mail")
    browser.fill("The weather", False).press("Save")
    a_mail(mona.email)
    assert mails(to=mona.email) == []
    assert session.scalar(sa.select(sa.func.count(Notice.id)).where(Notice.user_id == mona.id)) == 1
    browser.open("/account/mail").fill("The weather", True).press("Save")
    a_mail(mona.email)
    assert len(mails(to=mona.email)) == 1


def test_the_link_at_the_end_stops_a_kind_without_signing_in(browser: Browser, mona: Any, mails: Any) -> None:
    a_mail(mona.email)
    (letter,) = mails(to=mona.email)
    path = letter["stop_url"].removeprefix("http://localhost")
    assert letter["stop_url"] in letter["text"]
    browser.open(path)
    assert queries.mail_stopped_by(mona) == set(), "opening the link alone stops nothing: scanners open links"
    browser.press("No more of this mail")
    assert queries.mail_stopped_by(mona) == {"test.weather"}


def test_a_mail_program_stops_a_kind_with_one_click(browser: Browser, mona: Any, mails: Any) -> None:
    a_mail(mona.email)
    (letter,) = mails(to=mona.email)
    message = mail._message(letter)
    assert message["List-Unsubscribe"] == f"<{letter['stop_url']}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    session.commit()
    path = letter["stop_url"].removeprefix("http://localhost")
    assert browser._ask(path, method="POST", data={"List-Unsubscribe": "One-Click"}).status_code == 200
    session.expire_all()
    assert queries.mail_stopped_by(mona) == {"test.weather"}


def test_a_forged_link_stops_nothing(browser: Browser, mona: Any, finn: Any) -> None:
    theirs = notices.stop_path(mona, KINDS["test.weather"])
    browser.open(theirs.replace(f"/{mona.id}/", f"/{finn.id}/"), expect=404)
    browser.open("/mail-stop/1/accounts/x", expect=404)


def test_a_changed_password_is_mailed_whatever_one_has_stopped(mona: Any, mails: Any) -> None:
    from accounts import emails

    notices.choose_mail(mona, set(), by=mona)
    emails.password_changed(mona)
    assert len(mails(to=mona.email)) == 1 and mails(to=mona.email)[0]["stop_url"] == ""


def test_secret_links_are_not_kept_as_notices(mona: Any) -> None:
    from accounts import emails

    emails.reset(mona, "secret")
    session.flush()
    assert session.scalar(sa.select(Notice).where(Notice.user_id == mona.id)) is None


def test_nobody_opens_anothers_notice(browser: Browser, ada: Any, rex: Any) -> None:
    a_mail(ada.email)
    row = session.scalars(queries.notices_of(ada)).one()
    browser.sign_in(rex).open(f"/notices/{row.id}", expect=404)


def test_a_hundred_notices_cost_no_more_queries_than_ten(browser: Browser, mona: Any) -> None:
    browser.sign_in(mona)
    counts = []
    for many in (3, 20):
        for _ in range(many):
            a_mail(mona.email)
        counts.append(browser.open("/notices").queries)
    assert counts[0] == counts[1]


def test_the_latest_notice_stands_first_whenever_it_was_written(
    browser: Browser, mona: Any, time: Any
) -> None:
    a_mail(mona.email)
    first, second = (notice.text for notice in _two_notices(mona, time))
    browser.sign_in(mona).open("/notices")
    assert browser.text.index(second) < browser.text.index(first)


def _two_notices(person: Any, time: Any) -> tuple[Notice, Notice]:
    """One of now, and one that was written after it about an earlier day."""
    from datetime import timedelta

    from core import clock

    now = clock.now()
    late = Notice(user=person, kind="test.weather", text="It was fair", path="", at=now - timedelta(days=30))
    early = Notice(user=person, kind="test.weather", text="It rains", path="", at=now + timedelta(minutes=1))
    session.add(early)
    session.flush()
    session.add(late)
    session.flush()
    return late, early


def test_with_everything_read_there_is_nothing_to_mark(browser: Browser, mona: Any) -> None:
    a_mail(mona.email)
    browser.sign_in(mona).open("/notices?state=unread").press("Mark all as read")
    assert "Mark all as read" not in browser.buttons
    browser.open("/notices?state=unread")
    assert browser.sees("Everything is read")
    browser.click("All notices")
    assert browser.url == "/notices"


def test_the_session_at_hand_is_named(browser: Browser, app: Any, mona: Any) -> None:
    Browser(app).sign_in(mona)
    browser.sign_in(mona).open("/account")
    assert browser.text.count("This browser") == 1 and browser.buttons.count("Sign out") >= 1
