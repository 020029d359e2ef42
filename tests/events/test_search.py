"""The one search finds events, requests for co-funding and claims, for whoever may see them."""

from typing import Any

import pytest

from accounts.models import User
from accounts.permissions import Role
from core.search import search
from events import operations
from tests import cast
from tests.browser import Browser
from tests.events.cast import (
    a_complete_claim,
    a_draft,
    a_submitted_claim,
    a_submitted_request,
    an_approved_request,
)
from tests.partners.test_search import found_by
from tests.statements import heard_statements


@pytest.fixture(autouse=True)
def _addresses(app: Any) -> Any:
    """Answers name pages by their address, which only a request has."""
    with app.test_request_context():
        yield


def test_a_request_is_found_until_it_has_become_an_event(acme: Any, ada: User, mona: User, rex: User) -> None:
    a_submitted_request(acme, title="Quokka breakfast")
    an_approved_request(acme, title="Quokka seminar")
    found = {"Funding requests": ["Quokka breakfast"], "Events": ["Quokka seminar"]}
    assert found_by(ada, "quokka") == found == found_by(mona, "QUOKKA")
    assert found_by(rex, "quokka") == {}


def test_a_claim_is_found_by_its_event(acme: Any, ada: User, mona: User, rex: User, time: Any) -> None:
    a_submitted_claim(acme, time, title="Quokka seminar")
    for person in (ada, mona):
        assert found_by(person, "quokka")["Funding claims"] == ["Quokka seminar"]
    assert found_by(rex, "quokka") == {}


def test_a_draft_is_nobody_elses(acme: Any, ada: User, mona: User, time: Any) -> None:
    a_complete_claim(acme, time, title="Quokka seminar")
    a_draft(acme, title="Quokka breakfast")
    assert set(found_by(ada, "quokka")) == {"Events", "Funding requests", "Funding claims"}
    assert set(found_by(mona, "quokka")) == {"Events"}


def test_engineers_and_authors_find_none_of_it(acme: Any, arthur: User, time: Any) -> None:
    a_submitted_claim(acme, time, title="Quokka seminar")
    a_submitted_request(acme, title="Quokka breakfast")
    engineer = cast.a_member(acme, "Eve Engineer", Role.ENGINEER)
    assert found_by(engineer, "quokka") == found_by(arthur, "quokka") == {}


def hrefs(page: Browser) -> list[str | None]:
    return [link.get("href") for link in page.page.iter("a")]


def test_what_was_found_opens_on_both_sides(acme: Any, ada: User, mona: User, app: Any, time: Any) -> None:
    claim = a_submitted_claim(acme, time, title="Quokka seminar")
    operations.approve_claim(claim, version=claim.version, amount_minor=100_000, by=None)
    a_submitted_request(acme, title="Wombat breakfast")
    for person in (ada, mona):
        browser = Browser(app).sign_in(person)
        browser.open("/search?q=wombat").click("Wombat breakfast")
        assert browser.heading == "Wombat breakfast"
        page = browser.open("/search?q=quokka")
        assert page.sees("€1,000.00") and f"/funding/claims/{claim.id}" in hrefs(page)
        page.open(f"/funding/claims/{claim.id}")
        assert page.heading == "The cost of “Quokka seminar”"


def test_more_of_it_costs_no_more_questions(acme: Any, mona: User) -> None:
    def questions() -> int:
        with heard_statements() as heard:
            search(mona, "quokka")
        return len(heard)

    def one_more() -> None:
        a_submitted_request(acme, title="Quokka breakfast")
        an_approved_request(acme, title="Quokka seminar")

    one_more()
    questions()
    few = questions()
    for _number in range(4):
        one_more()
    assert questions() == few
