"""The lead form on the vendor's site."""

import pytest

from core.database import session
from referrals.models import Lead, LeadOrigin, LeadStatus
from referrals.models.leads import ConsentText


def _fill(browser, **other):
    answers = {
        "Company": "Globex", "Your name": "Wilma", "Business e-mail": "wilma@globex.example", "Country": "Germany",
        "What do you need?": "Stock and orders in one place.", **other,
    }  # fmt: skip
    for label, value in answers.items():
        browser.fill(label, value)
    consent = next(label for label in browser.labels if label.startswith("I agree"))
    return browser.fill(consent, True)


@pytest.mark.parametrize(
    ("path", "origin"),
    [("/embed/lead-form?source=site&page=https://v.example/cloud", LeadOrigin.EMBEDDED_FORM),
     ("/contact?source=site", LeadOrigin.HOSTED_FORM)],
)  # fmt: skip
def test_a_visitor_asks_for_a_call(browser, acme, time, path, origin):
    browser.open(path)
    time.move(seconds=30)
    _fill(browser).press("Ask for a call", expect=200)
    assert browser.sees("It arrived.")
    lead = session.query(Lead).one()
    assert (lead.origin, lead.source, lead.status) == (origin, "site", LeadStatus.OFFERED)
    assert lead.consent_version == session.query(ConsentText).one().version


def test_the_form_needs_no_session_and_may_stand_in_a_frame(browser):
    browser.open("/embed/lead-form")
    assert "Set-Cookie" not in browser.response.headers
    policy = browser.response.headers["Content-Security-Policy"]
    assert "frame-ancestors 'self' http://localhost http://127.0.0.1" in policy
    assert "X-Frame-Options" not in browser.response.headers
    browser.open("/contact")
    assert "frame-ancestors 'none'" in browser.response.headers["Content-Security-Policy"]


def test_errors_stand_at_their_fields_and_nothing_typed_is_lost(browser, acme, time):
    browser.open("/embed/lead-form")
    time.move(seconds=30)
    _fill(browser, **{"Business e-mail": "nonsense"}).press("Ask for a call", expect=422)
    assert browser.sees("Type an address such as ada@example.com.")
    assert 'value="Globex"' in browser.html


def test_nobody_is_called_without_consent(browser, acme, time):
    browser.open("/embed/lead-form")
    time.move(seconds=30)
    _fill(browser)
    browser.typed.pop("consent")
    browser.press("Ask for a call", expect=422)
    assert session.query(Lead).count() == 0


def test_what_was_typed_too_fast_is_asked_for_once_more(browser, acme, time):
    _fill(browser.open("/embed/lead-form")).press("Ask for a call", expect=422)
    assert browser.sees("That was very fast.")
    time.move(seconds=5)
    consent = next(label for label in browser.labels if label.startswith("I agree"))
    browser.fill(consent, True).press("Ask for a call", expect=200)
    assert session.query(Lead).one().status is LeadStatus.OFFERED


def test_a_form_that_was_open_too_long_is_sent_once_more(browser, acme, time):
    _fill(browser.open("/embed/lead-form"))
    time.move(hours=3)
    _fill(browser).press("Ask for a call", expect=422)
    assert browser.sees("This page was open for too long.")


def test_a_form_sent_twice_is_one_lead(browser, acme, time):
    browser.open("/embed/lead-form")
    time.move(seconds=30)
    page, url = browser.page, browser.url
    _fill(browser).press("Ask for a call", expect=200)
    browser.page, browser.url = page, url
    _fill(browser).press("Ask for a call", expect=200)
    assert session.query(Lead).count() == 1


def test_a_machine_that_fills_in_everything_is_taken_for_one(browser, acme, time):
    browser.open("/embed/lead-form")
    time.move(seconds=30)
    _fill(browser, **{"Leave this empty": "123"}).press("Ask for a call", expect=200)
    assert session.query(Lead).one().status is LeadStatus.SPAM


def test_the_sample_site_shows_the_form_from_another_origin(browser):
    browser.open("/demo-site")
    assert "http://127.0.0.1/embed.js" in browser.html
    assert "frame-src http://127.0.0.1" in browser.response.headers["Content-Security-Policy"]
    browser.open("/embed.js")
    assert "javascript" in browser.response.mimetype


def test_the_form_speaks_the_visitors_language(browser):
    assert 'lang="ru"' in browser.open("/embed/lead-form?lang=ru").html


def test_the_form_wears_the_sites_colour_and_no_other_style(browser):
    assert "/embed/accent/0b5cad.css" in browser.open("/embed/lead-form?accent=%230b5cad").html
    assert "/embed/accent/" not in browser.open("/embed/lead-form?accent=red;}").html
    browser.open("/embed/accent/0b5cad.css")


def test_staff_copy_the_code(browser, mona):
    browser.sign_in(mona).open("/staff/leads/form")
    assert copied(browser) == '<script src="http://localhost/embed.js" data-source="website" async></script>'


def copied(browser):
    """The code that stands to be copied."""
    [code] = [one.get("value") for one in browser.page.iter("input") if one.get("id") == "embed-code"]
    return code


def test_a_marketer_designs_the_form_sees_it_and_copies_its_code(browser, mona):
    browser.sign_in(mona).open("/staff/leads/form")
    browser.fill("Colour", "#0b5cad").fill("Background", "dark").fill("Corners", "square").fill(
        "Language", "Russian"
    )
    browser.fill("Source", "shop").fill("Campaign", "").press("Show it")
    assert copied(browser) == (
        '<script src="http://localhost/embed.js" data-source="shop" data-lang="ru" data-accent="#0b5cad" '
        'data-theme="dark" data-corners="square" async></script>'
    )
    [frame] = [one.get("src") for one in browser.page.iter("iframe")]
    browser.open(frame)
    assert 'data-bs-theme="dark"' in browser.html and 'lang="ru"' in browser.html
    assert 'class="embed-body square"' in browser.html and "/embed/accent/0b5cad.css" in browser.html


def test_what_is_typed_into_the_design_cannot_leave_its_attribute(browser, mona):
    browser.sign_in(mona).open("/staff/leads/form")
    browser.fill("Source", '"><script>').fill("Colour", "red").press("Show it")
    assert copied(browser) == (
        '<script src="http://localhost/embed.js" data-source="&#34;&gt;&lt;script&gt;" async></script>'
    )
    assert browser.sees("Type a colour as # and six digits")


def test_a_frame_is_light_whatever_the_visitors_device_is_unless_the_site_says_so(browser):
    assert 'data-bs-theme="light"' in browser.open("/embed/lead-form").html
    assert 'data-bs-theme="light"' in browser.open("/embed/lead-form?theme=x&corners=x").html
    assert 'data-bs-theme="auto"' in browser.open("/embed/lead-form?theme=auto").html
