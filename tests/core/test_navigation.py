"""The menu asks once for all its numbers, by a statement that is kept only as long as it says the same."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from accounts.permissions import Role
from core import clock, navigation, settings
from core.database import session
from partners.operations.announcements import publish_announcement
from tests.browser import Browser
from tests.conftest import Time


@pytest.fixture
def _nothing_kept() -> None:
    navigation._kept.clear()


def _counts(app: Flask, person: Any) -> dict[str, int]:
    with app.test_request_context("/"):
        return navigation._counts(navigation._entries_for(person), person)


@pytest.mark.usefixtures("_nothing_kept")
def test_a_statement_is_kept_for_a_person_and_built_anew_when_their_role_changes(
    app: Flask, mona: Any
) -> None:
    first = _counts(app, mona)
    assert _counts(app, mona) == first and len(navigation._kept) == 1
    mona.role = Role.FINANCE
    assert set(_counts(app, mona)) != set(first) and len(navigation._kept) == 2


@pytest.mark.usefixtures("_nothing_kept")
def test_a_statement_is_built_anew_when_a_setting_changes(app: Flask, mona: Any) -> None:
    _counts(app, mona)
    settings.change_setting(settings.VENDOR_NAME, "Another", by=mona)
    _counts(app, mona)
    assert len(navigation._kept) == 2


@pytest.mark.usefixtures("_nothing_kept")
def test_a_kept_statement_goes_with_the_time(app: Flask, sam: Any, mona: Any, time: Time) -> None:
    publish_announcement(title="Summer fair", text="Come.", ends_at=clock.now() + timedelta(days=2), by=mona)
    session.flush()
    assert _counts(app, sam)["partners.announcements"] == 1
    time.move(days=3)
    assert _counts(app, sam)["partners.announcements"] == 0
    assert len(navigation._kept) == 1


@pytest.mark.usefixtures("_nothing_kept")
def test_a_statement_with_a_moment_written_into_it_is_not_kept(app: Flask) -> None:
    old = sa.select(sa.literal(1)).where(sa.literal(clock.now()) < clock.when_asked())
    ageless = sa.select(sa.literal(1)).where(clock.when_asked() < clock.when_asked(timedelta(days=1)))
    assert not navigation._is_timeless(old)
    assert navigation._is_timeless(ageless)


def test_both_menus_of_a_page_have_ids_of_their_own(browser: Browser, mona: Any) -> None:
    browser.sign_in(mona).open("/staff/leads")
    assert 'id="menu-side-2"' in browser.html and 'id="menu-top-2"' in browser.html
