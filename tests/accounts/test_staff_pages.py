"""People, settings, keys, jobs and the audit trail, as the programme admin sees them."""

import io
from typing import Any

import pytest
import sqlalchemy as sa
from PIL import Image

from core import jobs, settings
from core.activity import Activity
from core.database import session
from tests.browser import Browser


@pytest.mark.parametrize(
    "path",
    ["/staff/people", "/staff/settings", "/staff/permissions", "/staff/api-keys", "/staff/jobs", "/staff/activity",
     "/staff/components", "/account", "/account/password"],
)  # fmt: skip
@pytest.mark.parametrize("locale", ["en", "ru"])
def test_every_page_opens_in_both_languages(browser: Browser, pia: Any, path: str, locale: str) -> None:
    browser.sign_in(pia)
    pia.locale = locale
    browser.open(path)
    assert f'lang="{locale}"' in browser.html


def test_a_setting_out_of_bounds_is_refused_at_its_field_and_nothing_is_lost(
    browser: Browser, pia: Any
) -> None:
    browser.sign_in(pia).open("/staff/settings")
    browser.fill("Accent colour", "purple").fill("Vendor's name", "Globex").press(
        "Save the settings", expect=422
    )
    assert browser.sees("Type a colour as #")
    assert 'value="purple"' in browser.html
    browser.fill("Accent colour", "#004466").press("Save the settings", expect=200)
    assert settings.ACCENT.value() == "#004466"
    assert "#004466" in browser.open("/brand.css").html.lower() or browser.status == 200


def test_a_changed_setting_says_who_and_leaves_a_trail(browser: Browser, pia: Any) -> None:
    browser.sign_in(pia).open("/staff/settings").fill("Vendor's name", "Globex").press("Save the settings")
    browser.open("/staff/settings")
    assert browser.sees("Changed by Pia Programme")
    row = session.scalar(sa.select(Activity).where(Activity.verb == "setting changed"))
    assert row is not None and row.details == {"key": "vendor.name", "before": "Guildhall", "after": "Globex"}


def test_a_logo_is_made_anew_and_anything_else_refused(browser: Browser, pia: Any) -> None:
    browser.sign_in(pia).open("/staff/settings")
    browser.fill("Logo", (io.BytesIO(b"<svg onload='alert(1)'/>"), "logo.png")).press(
        "Save the settings", expect=422
    )
    assert browser.sees("Choose a PNG, JPEG or WebP image.")
    picture = io.BytesIO()
    Image.new("RGB", (600, 300), "navy").save(picture, "JPEG")
    browser.open("/staff/settings").fill("Logo", (io.BytesIO(picture.getvalue()), "logo.jpg")).press(
        "Save the settings"
    )
    answer = browser.client.get("/logo")
    assert answer.mimetype == "image/png" and Image.open(io.BytesIO(answer.data)).size == (512, 256)


def test_a_key_is_shown_once_and_works_until_revoked(browser: Browser, pia: Any, app: Any) -> None:
    browser.sign_in(pia).open("/staff/api-keys").fill("Name", "Shop").fill("Scopes", ["leads:read"]).press(
        "Make the key"
    )
    assert "ghk_" in browser.html
    browser.open("/staff/api-keys")
    assert browser.sees("Shop")
    browser.press("Revoke", expect=200)
    assert browser.sees("Revoked")


def test_keys_ask_for_the_password_again(browser: Browser, pia: Any, time: Any) -> None:
    browser.sign_in(pia)
    time.move(minutes=11)
    browser.open("/staff/api-keys")
    assert browser.heading == "Confirm that it is you"


def test_the_audit_trail_cannot_be_changed(pia: Any) -> None:
    settings.change_setting(settings.VENDOR_NAME, "Globex", by=pia)
    session.flush()
    for statement in ("UPDATE core_activity SET verb = 'x'", "DELETE FROM core_activity"):
        with pytest.raises(sa.exc.DBAPIError), session.begin_nested():
            session.execute(sa.text(statement))


def test_a_failing_job_is_tried_again_then_parked(app: Any, time: Any, run_jobs: Any) -> None:
    @jobs.job("test.always-fails")
    def fail(_payload: dict[str, Any]) -> None:
        raise ValueError("no luck")

    jobs.enqueue("test.always-fails", {})
    run_jobs()
    for _ in range(jobs.MOST_ATTEMPTS):
        time.move(hours=7)
        run_jobs()
    row = session.scalars(sa.select(jobs.Job).where(jobs.Job.kind == "test.always-fails")).one()
    assert row.parked_at is not None and row.attempts == jobs.MOST_ATTEMPTS
    assert "no luck" in str(row.last_error)


def test_a_job_with_a_key_is_written_once() -> None:
    for _ in range(3):
        jobs.enqueue("test.once", {}, key="only one")
    count = session.scalar(sa.select(sa.func.count()).where(jobs.Job.key == "only one"))
    assert count == 1


def test_what_a_failing_job_did_is_undone(app: Any, run_jobs: Any) -> None:
    @jobs.job("test.half-done")
    def half(_payload: dict[str, Any]) -> None:
        settings.change_setting(settings.VENDOR_NAME, "Half done", by=None)
        raise ValueError("broken off")

    jobs.enqueue("test.half-done", {})
    run_jobs()
    session.info.pop("settings", None)
    assert settings.VENDOR_NAME.value() == "Guildhall"


def test_the_history_of_a_setting_says_who_changed_what(browser: Browser, pia: Any) -> None:
    settings.change_setting(settings.VENDOR_NAME, "Globex", by=pia)
    settings.change_setting(settings.VENDOR_NAME, "Initech", by=pia)
    settings.change_setting(settings.ACCENT, "#004466", by=pia)
    browser.sign_in(pia).open("/staff/settings/history")
    assert browser.sees("Accent colour") and browser.sees("Pia Programme")
    browser.click("Vendor's name")
    assert browser.sees("Guildhall Globex") and browser.sees("Globex Initech") and not browser.sees("#004466")


def test_the_audit_trail_speaks_in_words(browser: Browser, pia: Any, mona: Any) -> None:
    from accounts import operations
    from accounts.permissions import Role

    operations.change_person(mona, name="Mona Moon", role=Role.FINANCE, by=pia)
    settings.change_setting(settings.VENDOR_NAME, "Globex", by=pia)
    browser.sign_in(pia).open("/staff/activity")
    assert browser.sees("Name: Mona Manager → Mona Moon") and browser.sees(f"Person {mona.id}")
    assert browser.sees("Setting: Vendor's name") and browser.sees("Change: Guildhall → Globex")
    browser.open("/staff/activity?deed=setting+changed")
    assert browser.sees("Globex") and not browser.sees("Mona Moon")
    browser.open("/staff/activity?thing=user&sort=when&since=2026-03-02&until=2026-03-02")
    assert browser.sees("Mona Moon")
    browser.open("/staff/activity?until=2026-03-01")
    assert browser.sees("Nothing found")
    pia.locale = "ru"
    browser.open("/staff/activity?q=pia")
    assert "Globex" in browser.text


def test_the_audit_trail_leaves_as_a_file(browser: Browser, pia: Any) -> None:
    settings.change_setting(settings.VENDOR_NAME, "=cmd()", by=pia)
    browser.sign_in(pia).open("/staff/activity?format=csv&deed=setting+changed")
    assert browser.response.mimetype == "text/csv"
    assert "Vendor's name" in browser.html and browser.html.count("\n") == 2


def test_a_setting_says_its_bounds_and_its_default_in_words(browser: Browser, pia: Any) -> None:
    browser.sign_in(pia).open("/staff/settings")
    assert browser.sees("From 0 to 240. Default: 12.")
    assert browser.sees("Default: Required, except in the demo.") and not browser.sees("in_production")
    browser.fill("Second factor", "Left to each person").press("Save the settings")
    browser.open("/staff/settings/history")
    assert browser.sees("Required, except in the demo") and not browser.sees("in_production")


def test_what_is_wrong_with_settings_leads_to_the_field(browser: Browser, pia: Any) -> None:
    browser.sign_in(pia).open("/staff/settings").fill("Accent colour", "purple")
    browser.press("Save the settings", expect=422)
    assert (
        '<a href="#s-brand-accent">Accent colour</a>' in browser.html
        and 'id="s-brand-accent"' in browser.html
    )
    assert '<a href="#group-1">The programme</a>' in browser.html and 'id="group-1"' in browser.html


def test_an_address_that_somebody_signs_in_with_is_told_at_the_field(
    browser: Browser, pia: Any, mona: Any
) -> None:
    browser.sign_in(pia).open("/staff/people/new").fill("Name", "Mona Two").fill("E-mail", mona.email)
    browser.fill("Role", "Finance").press("Send the invitation", expect=422)
    assert browser.sees("Somebody already signs in with") and 'value="Mona Two"' in browser.html
