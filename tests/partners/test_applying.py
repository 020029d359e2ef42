"""A stranger applies: the form, the draft, the mailbox, the status page."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from accounts.models import User
from core import settings as programme
from core.database import session
from core.errors import InvalidInput, Refusal
from partners import operations
from partners import settings as rules
from partners.models import Application, ApplicationStatus
from tests.browser import Browser
from tests.partners.cast import COMPLETE, a_draft, an_application, confirmed, posted

pytestmark = pytest.mark.usefixtures("programme")


def _begin(browser: Browser) -> Browser:
    browser.open("/apply").fill("Company", "Kontor & Söhne").fill("Country", "Germany")
    browser.fill("Your name", "Karl Kontor").fill("Business e-mail", "karl@kontor.example")
    return browser.press("Begin the application")


def _fill_in(browser: Browser) -> Browser:
    browser.fill("City", "Hamburg").fill("Website", "www.kontor.example").fill(
        "You would like to be", "Integrator"
    )
    browser.fill("Services you offer", ["Implementation", "Training"]).fill(
        "Languages you work in", ["German"]
    )
    browser.fill("Regions and countries you serve", "Hamburg, Schleswig-Holstein, Austria")
    browser.fill("Where did you hear of us?", "Your site").fill(
        "What your firm does, and for whom", "Warehouses."
    )
    browser.fill("How many projects like ours did you finish in the last 12 months?", "Seven")
    return browser.fill("I have read the privacy notice; these are business data of our firm.", True)


def _mailed_path(mail: dict[str, Any], part: str) -> str:
    link = next(word for word in mail["text"].split() if part in word)
    return str(link.removeprefix("http://localhost"))


def test_a_stranger_applies_confirms_the_mailbox_and_follows_the_status(browser: Browser, mails: Any) -> None:
    _fill_in(_begin(browser)).press("Send the application")
    assert browser.sees("One step is left: confirm your e-mail")
    browser.open(_mailed_path(mails(to="karl@kontor.example")[0], "/confirmation/")).press("Confirm")
    assert browser.sees("It is with us")
    assert browser.sees("Our answer comes by in 2 days")
    application = session.scalars(sa.select(Application)).one()
    assert application.status is ApplicationStatus.SUBMITTED
    assert application.regions == ["DE-HH", "DE-SH", "AT"]
    assert application.answers[0]["answer"] == "Seven"
    assert "We have your application" in mails(to="karl@kontor.example")[-1]["subject"]


def test_a_draft_keeps_what_was_typed_under_its_own_link(browser: Browser) -> None:
    _begin(browser).fill("City", "Hamburg").press("Keep as a draft")
    again = Browser(browser.app).open(browser.url)
    assert 'value="Hamburg"' in again.html


def test_what_is_missing_is_said_at_its_field_and_nothing_typed_is_lost(browser: Browser) -> None:
    _begin(browser).fill("City", "Hamburg").press("Send the application", expect=422)
    assert browser.sees("answers need another look")
    assert 'value="Hamburg"' in browser.html
    assert session.scalars(sa.select(Application)).one().completed_at is None


def test_the_link_in_the_mail_alone_confirms_nothing(browser: Browser, mails: Any) -> None:
    _begin(browser)
    browser.open(_mailed_path(mails()[0], "/confirmation/"))
    assert session.scalars(sa.select(Application)).one().confirmed_at is None


def test_a_wrong_or_old_confirming_link_is_refused(time: Any) -> None:
    application = a_draft()
    secret = operations.ask_to_confirm(application)
    with pytest.raises(Refusal):
        operations.confirm_email(application, "something else")
    time.move(hours=25)
    with pytest.raises(Refusal):
        operations.confirm_email(application, secret)


def test_a_fresh_link_replaces_the_one_before(browser: Browser, mails: Any) -> None:
    _begin(browser).press("Send the mail again")
    first, second = (_mailed_path(mail, "/confirmation/") for mail in mails(to="karl@kontor.example"))
    browser.open(first).press("Confirm", expect=409)
    browser.open(second).press("Confirm")
    assert browser.sees("Confirmed.")


def test_an_unknown_link_opens_nothing(browser: Browser) -> None:
    browser.open("/applications/guessed", expect=404)
    browser.open("/applications/guessed/draft", expect=404)


def test_a_sent_application_is_no_longer_a_draft(browser: Browser) -> None:
    application = an_application()
    browser.open(f"/applications/{application.token}/draft")
    assert browser.url == f"/applications/{application.token}"
    with pytest.raises(Refusal):
        operations.save_draft(application, city="Kiel")


def test_an_address_in_the_link_is_not_told_to_other_sites(browser: Browser) -> None:
    browser.open(f"/applications/{a_draft().token}")
    assert browser.response.headers["Referrer-Policy"] == "no-referrer"


def test_a_program_that_fills_in_the_hidden_field_makes_no_draft(browser: Browser) -> None:
    browser.open("/apply").fill("Company", "Bot").fill("Country", "Germany").fill("Your name", "B")
    browser.fill("Business e-mail", "b@bot.example").fill("Leave this empty", "123").press(
        "Begin the application"
    )
    assert browser.status == 422
    assert session.scalar(sa.select(sa.func.count()).select_from(Application)) == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("website", "javascript:alert(1)"),
        ("website", "not a site"),
        ("phone", "12"),
        ("tax_id", "DE000000000"),
        ("region", "Bavaria-on-Sea"),
        ("languages", ["klingon"]),
        ("services", ["licence"]),
        ("products", ["nothing"]),
    ],
)
def test_what_cannot_be_used_is_named_by_its_field(field: str, value: Any) -> None:
    with pytest.raises(InvalidInput) as problem:
        operations.save_draft(a_draft(), **{field: value})
    assert list(problem.value.problems) == [field]


def test_a_tax_number_is_read_by_the_rule_of_its_country() -> None:
    application = a_draft(country="RU")
    operations.save_draft(application, tax_id="7707083893 / 773601001")
    assert application.tax_key == "RU:7707083893"


def test_countries_outside_the_programme_are_turned_away_before_the_form() -> None:
    programme.change_setting(rules.COUNTRIES, "AT, CH", by=None)
    with pytest.raises(InvalidInput) as problem:
        a_draft(country="DE")
    assert list(problem.value.problems) == ["country"]


def test_free_mailboxes_can_be_refused() -> None:
    a_draft(email="karl@gmail.com")
    programme.change_setting(rules.FREE_MAIL, "refuse", by=None)
    with pytest.raises(InvalidInput):
        a_draft(email="karl@gmail.com")


def test_who_was_turned_down_applies_again_after_thirty_days(mona: Any, time: Any) -> None:
    operations.reject_application(an_application(), reason="coverage", by=mona)
    again = confirmed(a_draft())
    with pytest.raises(Refusal, match=r"1.April"):
        operations.send_application(again, privacy_read=True, **COMPLETE)
    time.move(days=30)
    operations.send_application(again, privacy_read=True, **COMPLETE)
    assert again.status is ApplicationStatus.SUBMITTED


def test_nobody_learns_before_confirming_that_an_address_was_turned_down(mona: Any) -> None:
    operations.reject_application(an_application(), reason="coverage", by=mona)
    again = a_draft()
    operations.send_application(again, privacy_read=True, **COMPLETE)
    assert again.waits_for_email
    confirmed(again)
    assert again.status is ApplicationStatus.EMAIL_CONFIRMED
    assert again.is_editable


def test_the_clock_counts_the_vendors_working_days(time: Any) -> None:
    time.move_to(datetime(2026, 3, 6, 14, 0, tzinfo=UTC))
    application = an_application()
    assert application.review_due_at == datetime(2026, 3, 10, 14, 0, tzinfo=UTC)


def test_mail_speaks_the_applicants_language(mails: Any) -> None:
    a_draft(locale="ru")
    assert "Подтвердите" in mails()[-1]["subject"]


def test_a_draft_begins_with_the_languages_of_its_country_on_top(browser: Browser) -> None:
    draft = a_draft(country="AT")
    assert draft.languages == ["de"]
    html = browser.open(f"/applications/{draft.token}/draft").html
    first = re.findall(r'name="languages"[^>]*value="(\w+)"|value="(\w+)"[^>]*name="languages"', html)[:3]
    assert {one or other for one, other in first[:2]} == {"de", "en"} and "ar" in first[2]


def _typed(browser: Browser, draft: Application, **said: str) -> int:
    return posted(
        browser.open(f"/applications/{draft.token}/draft"), f"/applications/{draft.token}/draft/typed", **said
    )


def test_what_is_typed_is_kept_while_it_is_typed_but_for_what_cannot_be_yet(browser: Browser) -> None:
    draft = a_draft()
    said = {
        "city": "Leipzig",
        "tax_id": "DE12",
        "employees": "many",
        "about": "We build",
        "type": "integrator",
    }
    assert _typed(browser, draft, **said) == 204
    session.refresh(draft)
    assert (draft.city, draft.about, draft.type) == ("Leipzig", "We build", "integrator")
    assert (draft.tax_id or "", draft.employees) == ("", None)
    page = browser.open(f"/applications/{draft.token}/draft").html
    assert 'value="Leipzig"' in page and "data-keep=" in page


def test_what_is_typed_into_a_sent_application_changes_nothing(browser: Browser) -> None:
    sent = an_application()
    other = a_draft("Elsewhere")
    browser.open(f"/applications/{other.token}/draft")
    assert posted(browser, f"/applications/{sent.token}/draft/typed", city="Leipzig") == 409
    assert posted(browser, "/applications/guessed/draft/typed", city="Leipzig") == 404
    session.refresh(sent)
    assert sent.city == "Hamburg"


def test_whoever_was_turned_down_reads_when_to_send_before_filling_in_and_loses_nothing_by_sending(
    mona: User, browser: Browser
) -> None:
    operations.reject_application(an_application(), reason="spam", by=mona)
    again = confirmed(a_draft())
    browser.open(f"/applications/{again.token}/draft")
    assert browser.sees("You can send this one from")
    _fill_in(browser).press("Send the application", expect=422)
    assert browser.sees("You can apply again from") and 'value="Hamburg"' in browser.html


def test_only_whose_mailbox_it_is_learns_that_somebody_was_turned_down(mona: User, browser: Browser) -> None:
    operations.reject_application(an_application(), reason="spam", by=mona)
    strangers = a_draft("Anybody", email="karl@kontor.example")
    for page in ("", "/draft"):
        browser.open(f"/applications/{strangers.token}{page}")
        assert "turned down" not in browser.html
