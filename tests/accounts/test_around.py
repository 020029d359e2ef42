"""Search over everything one may see, and looking at the portal as a partner."""

from typing import Any

import pytest
import sqlalchemy as sa

from accounts.operations.viewing import begin_viewing
from accounts.permissions import Role
from core.activity import Activity
from core.database import session
from core.errors import Refusal
from tests import cast
from tests.browser import Browser
from tests.referrals.deals.cast import a_deal

# Search


def test_one_box_finds_people_firms_and_deals(browser: Browser, pia: Any, acme: Any, ada: Any) -> None:
    deal = a_deal(acme, "Globex Snegir")
    session.flush()
    browser.sign_in(pia).open("/search?q=acme")
    assert browser.sees("Partners") and "Acme" in browser.links
    browser.open("/search?q=LOVELACE")
    assert "Ada Lovelace" in browser.links and "Acme" in browser.links
    browser.open("/search?q=snegir").click("Globex Snegir")
    assert browser.url == f"/deals/{deal.id}"


def test_a_partner_finds_only_its_own(browser: Browser, acme: Any, ada: Any, rex: Any) -> None:
    a_deal(acme, "Globex")
    browser.sign_in(rex).open("/search?q=globex")
    assert browser.sees("Nothing found")
    assert not Browser(browser.app).sign_in(ada).open("/search?q=globex").sees("Nothing found")


def test_case_does_not_matter_in_any_alphabet(browser: Browser, pia: Any, programme: None) -> None:
    cast.a_partner("Снегирь", country="RU")
    browser.sign_in(pia).open("/search?q=СНЕГ")
    assert "Снегирь" in browser.links


@pytest.mark.parametrize("words", ["", "a", "%", "__", "'; drop table", "\\", "x" * 500, "<script>"])
def test_odd_words_break_nothing(browser: Browser, pia: Any, acme: Any, words: str) -> None:
    from urllib.parse import quote

    browser.sign_in(pia).open(f"/search?q={quote(words)}")
    assert "Acme" not in browser.links


def test_more_matches_cost_no_more_queries(browser: Browser, pia: Any, acme: Any) -> None:
    browser.sign_in(pia)
    counts = []
    for number in range(2):
        for one in range(4):
            a_deal(acme, f"Globex {number}{one}")
        counts.append(browser.open("/search?q=globex").queries)
    assert counts[0] == counts[1]


# Looking as somebody else


def test_a_manager_sees_the_portal_as_a_partner_and_changes_nothing(
    browser: Browser, mona: Any, acme: Any, ada: Any
) -> None:
    deal = a_deal(acme, "Globex")
    browser.sign_in(mona)
    send(browser, f"/viewing/{ada.id}")
    assert browser.url == "/" and "You see the portal as Ada Lovelace does." in browser.html
    browser.open(f"/deals/{deal.id}").open("/firm")
    send(browser, "/leads/1/claim")
    assert browser.status == 409 and browser.sees("nothing can be changed")
    for mine in ("/account", "/account/two-factor", "/notices"):
        browser.open(mine, expect=409)
    browser.open("/").press("Back to my own view")
    assert "Mona Manager" in browser.html and "You see the portal as Ada" not in browser.html
    verbs = set(session.scalars(sa.select(Activity.verb).where(Activity.actor_id == mona.id)))
    assert {"viewing begun", "viewing ended"} <= verbs


def send(browser: Browser, url: str) -> Browser:
    """Sends an empty form with the token of the page at hand."""
    import re

    token = re.search(r'name="csrf-token" content="([^"]+)"', browser.html)
    assert token is not None
    return browser._go("POST", url, {"csrf_token": [token[1]]}, None)


def test_nobody_looks_as_a_colleague(browser: Browser, mona: Any, pia: Any) -> None:
    browser.sign_in(mona)
    send(browser, f"/viewing/{pia.id}")
    assert browser.status == 404
    with pytest.raises(Refusal):
        from accounts import queries

        row = session.scalars(queries.sign_ins_of(mona)).first()
        assert row is not None
        begin_viewing(row, pia)


def test_a_partner_looks_as_nobody(browser: Browser, ada: Any, rex: Any) -> None:
    browser.sign_in(rex)
    send(browser, f"/viewing/{ada.id}")
    assert browser.status == 403


def test_finance_does_not_look_as_somebody(browser: Browser, finn: Any, ada: Any) -> None:
    assert finn.role is Role.FINANCE
    browser.sign_in(finn)
    send(browser, f"/viewing/{ada.id}")
    assert browser.status == 403


def test_searching_as_somebody_finds_what_they_find(browser: Browser, mona: Any, acme: Any, ada: Any) -> None:
    a_deal(acme, "Globex")
    cast.a_partner("Globex Partners")
    browser.sign_in(mona)
    send(browser, f"/viewing/{ada.id}")
    browser.open("/search?q=globex")
    assert "Globex" in browser.links and "Globex Partners" not in browser.links


def test_a_closed_page_says_whose_it_is(browser: Browser, mona: Any, acme: Any, ada: Any) -> None:
    browser.sign_in(mona)
    send(browser, f"/viewing/{ada.id}")
    browser.open("/account", expect=409)
    assert browser.sees("This page belongs to Ada Lovelace alone")


def test_one_comes_back_to_where_one_looked_from(browser: Browser, mona: Any, acme: Any, ada: Any) -> None:
    page = f"/staff/partners/{acme.id}"
    browser.sign_in(mona).open(page)
    send(browser, f"/viewing/{ada.id}")
    browser.open("/leads").press("Back to my own view")
    assert browser.url == page and browser.sees("You see the portal as yourself again.")
