"""The one search finds what passes between firms and the vendor, for whoever may see it."""

import pytest

from accounts.models import User
from core.search import search
from partners import operations
from partners.models import Partner
from tests.browser import Browser
from tests.partners.test_announcements import an_announcement
from tests.partners.test_documents import a_document
from tests.partners.test_messages import a_question
from tests.partners.test_resources import a_resource
from tests.partners.test_stories import a_story
from tests.statements import heard_statements


def found_by(person: User, words: str) -> dict[str, list[str]]:
    return {group.label: [one.title for one in group.found] for group in search(person, words)}


@pytest.fixture
def everything(acme: Partner, ada: User, mona: User) -> None:
    """One of each kind with *quokka* in its name."""
    a_question(acme, ada, "Where is the Quokka list?")
    an_announcement(mona, title="Quokka week")
    a_resource(mona, title="Quokka deck")
    a_document(acme, ada, title="Quokka contract")
    a_story(acme, ada, title="From zero to quokka")


@pytest.fixture(autouse=True)
def _addresses(app: object) -> object:
    """Answers name pages by their address, which only a request has."""
    with app.test_request_context():  # type: ignore[attr-defined]
        yield


EVERYTHING = {
    "Messages": ["Where is the Quokka list?"],
    "Announcements": ["Quokka week"],
    "Resources": ["Quokka deck"],
    "Documents": ["Quokka contract"],
    "Success stories": ["From zero to quokka"],
}


def test_a_firms_admin_finds_whatever_of_the_firm_has_a_name(ada: User, everything: None) -> None:
    assert found_by(ada, "quokka") == EVERYTHING


def test_the_vendors_manager_finds_it_too_but_for_drafts(mona: User, everything: None) -> None:
    assert found_by(mona, "QUOKKA") == {
        kind: EVERYTHING[kind] for kind in EVERYTHING if kind != "Success stories"
    }


def test_a_seller_does_not_learn_that_there_are_documents(sam: User, everything: None) -> None:
    assert "Documents" not in found_by(sam, "quokka") and "Messages" in found_by(sam, "quokka")


def test_a_rival_finds_what_is_for_everybody(rex: User, everything: None) -> None:
    assert set(found_by(rex, "quokka")) <= {"Announcements", "Resources"}


def test_people_find_their_colleagues_and_nobody_elses(ada: User, sam: User, rex: User) -> None:
    assert found_by(ada, sam.email)["Our people"] == [sam.name]
    assert "Our people" not in found_by(rex, sam.email)


def test_what_was_found_opens(ada: User, everything: None, browser: Browser) -> None:
    browser.sign_in(ada)
    for words in ("Where is the Quokka list?", "Quokka week", "Quokka contract", "From zero to quokka"):
        browser.open("/search?q=quokka").click(words)


def test_more_of_it_costs_no_more_questions(acme: Partner, ada: User, mona: User, everything: None) -> None:
    def questions() -> int:
        with heard_statements() as heard:
            search(mona, "quokka")
        return len(heard)

    search(mona, "quokka")
    few = questions()
    for number in range(5):
        a_question(acme, ada, f"Quokka {number}")
        operations.make_partner(name=f"Quokka {number}", country="DE", by=None)
    assert questions() <= few + 1  # the tier of firms that are found
