"""Rex of Rival opens what is Acme's, and the vendor's; nothing of it is there for him."""

from typing import Any

import pytest
import sqlalchemy as sa

from accounts.models import User
from accounts.permissions import Permission
from core.database import session
from partners import operations, queries
from partners.models import Member, Partner
from tests.browser import Browser
from tests.partners.cast import an_application


def test_a_firm_is_visible_to_the_vendor_and_to_its_own(
    acme: Any, rival: Any, ada: User, rex: User, mona: User
) -> None:
    def names(user: User) -> list[str]:
        return [firm.name for firm in session.scalars(queries.partners_visible_to(user))]

    assert names(mona) == ["Acme", "Rival"]
    assert names(ada) == ["Acme"]
    assert names(rex) == ["Rival"]


def test_rows_of_a_firm_are_the_vendors_and_its_own(
    acme: Any, rival: Any, ada: User, rex: User, mona: User
) -> None:
    def numbers(user: User, permission: Permission) -> list[int]:
        rows = queries.rows_visible_to(user, Partner.id, permission)
        return list(session.scalars(sa.select(Partner.id).where(rows).order_by(Partner.id)))

    assert numbers(mona, Permission.LEADS_READ) == [acme.id, rival.id]
    assert numbers(ada, Permission.LEADS_READ) == [acme.id]
    assert numbers(rex, Permission.LEADS_READ) == [rival.id]
    assert numbers(ada, Permission.RUNS_READ) == []


def test_who_left_sees_nothing(acme: Any, ada: User, sam: User) -> None:
    operations.remove_member(session.scalars(sa.select(Member).where(Member.user_id == sam.id)).one(), by=ada)
    assert session.scalars(queries.partners_visible_to(sam)).all() == []


def test_rex_finds_nobody_of_acme(acme: Any, ada: User, sam: User, rex: User, browser: Browser) -> None:
    row = session.scalars(sa.select(Member).where(Member.user_id == sam.id)).one()
    key, _secret = operations.make_partner_key(acme, name="CRM", scopes=["leads:read"], by=ada)
    browser.sign_in(rex).open("/members/new")
    token = {"csrf_token": _token(browser)}
    browser.open(f"/members/{row.id}/role", expect=404)
    for path in (
        f"/members/{row.id}/role",
        f"/members/{row.id}/removal",
        f"/members/{row.id}/invitation",
        f"/firm/api-keys/{key.id}/revocation",
    ):
        with browser.app.app_context():
            assert browser.client.post(path, data=token | {"role": "seller"}).status_code == 404, path
    session.expire_all()
    assert row.is_active and key.revoked_at is None


def _token(browser: Browser) -> str:
    field = next(one for one in browser.page.iter("input") if one.get("name") == "csrf_token")
    return str(field.get("value"))


@pytest.mark.parametrize(
    "path",
    [
        "/staff/applications",
        "/staff/partners",
        "/staff/partners.csv",
        "/staff/agreements",
        "/staff/catalogue",
    ],
)
def test_the_vendors_pages_are_closed_to_partners(rex: User, browser: Browser, path: str) -> None:
    browser.sign_in(rex).open(path, expect=403)


def test_a_stranger_is_asked_to_sign_in(programme: None, mona: User, browser: Browser) -> None:
    assert browser.open("/firm").url.startswith("/sign-in")
    assert browser.open("/staff/partners").url.startswith("/sign-in")


def test_the_vendors_people_have_no_firm(mona: User, browser: Browser) -> None:
    browser.sign_in(mona).open("/firm", expect=403)


def test_finance_reads_firms_and_changes_none(acme: Any, finn: User, browser: Browser) -> None:
    browser.sign_in(finn).open(f"/staff/partners/{acme.id}")
    assert not browser.sees("Suspend")
    browser.open(f"/staff/partners/{acme.id}/profile", expect=403)
    browser.open("/staff/applications", expect=403)


def test_an_application_is_not_found_by_who_may_not_review(
    programme: None, finn: User, browser: Browser
) -> None:
    application = an_application()
    browser.sign_in(finn).open(f"/staff/applications/{application.id}", expect=403)


def test_a_member_of_one_firm_is_not_reached_through_another(
    acme: Any, rival: Any, sam: User, mona: User, browser: Browser
) -> None:
    row = session.scalars(sa.select(Member).where(Member.user_id == sam.id)).one()
    browser.sign_in(mona).open(f"/staff/partners/{rival.id}")
    with browser.app.app_context():
        answer = browser.client.post(
            f"/staff/partners/{rival.id}/members/{row.id}/removal", data={"csrf_token": _token(browser)}
        )
    assert answer.status_code == 404
