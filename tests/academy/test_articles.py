"""The knowledge base: found by words in any language, useful or not."""

from typing import Any

import pytest

from academy import operations, queries
from academy.models import Article
from core.database import session
from core.errors import InvalidInput
from tests.browser import Browser
from tests.partners.test_search import found_by


def an_article(slug: str = "claim-a-lead", **changes: Any) -> Article:
    texts = {
        "en": {"title": "How do I claim a lead?", "text": "Open the **pool** and press *Claim*."},
        "ru": {"title": "Как взять лид?", "text": "Откройте пул и нажмите «Взять»."},
    }
    values: dict[str, Any] = {
        "slug": slug,
        "product_codes": ["cloud"],
        "texts": texts,
        "is_published": True,
        "by": None,
    }
    return operations.save_article(None, **{**values, **changes})


def found(person: Any, words: str) -> list[str]:
    rows = queries.articles_found(queries.articles_visible_to(person), operations.words_of(words))
    return [row.slug for row in session.scalars(rows)]


def test_every_word_has_to_begin_a_word_of_some_edition(sam: Any) -> None:
    an_article()
    an_article("payouts", texts={"en": {"title": "When am I paid?", "text": "Monthly."}}, product_codes=[])
    assert found(sam, "Claim") == ["claim-a-lead"]
    assert found(sam, "взя лид") == ["claim-a-lead"]
    assert found(sam, "paid monthly") == ["payouts"]
    assert found(sam, "claim monthly") == []
    assert found(sam, "laim") == []
    assert found(sam, "100%_") == []


def test_a_draft_is_seen_by_authors_only(sam: Any, arthur: Any) -> None:
    an_article(is_published=False)
    assert found(sam, "claim") == []
    assert found(arthur, "claim") == ["claim-a-lead"]


def test_it_is_narrowed_by_product_and_language(sam: Any) -> None:
    an_article()
    an_article("payouts", texts={"en": {"title": "When?", "text": "Monthly."}}, product_codes=["flow"])
    rows = queries.articles_visible_to(sam)
    assert [row.slug for row in session.scalars(queries.articles_about(rows, "flow"))] == ["payouts"]
    assert [row.slug for row in session.scalars(queries.articles_in(rows, "ru"))] == ["claim-a-lead"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"slug": "A lead!"}, "slug"),
        ({"texts": {"ru": {"title": "a", "text": "b"}}}, "title_en"),
        ({"texts": {"en": {"title": "a", "text": ""}}}, "text_en"),
    ],
)
def test_what_is_missing_is_said_at_its_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as problem:
        an_article(**changes)
    assert field in problem.value.problems


def test_readers_say_whether_it_helped_and_authors_see_what_was_missing(
    browser: Any, sam: Any, ada: Any, arthur: Any
) -> None:
    an_article()
    browser.sign_in(sam).open("/academy/answers?q=claim").click("How do I claim a lead?").press(
        "Yes, it helped"
    )
    browser.fill("What was missing?", "What does it cost?").press("No, something is missing")
    assert browser.sees("You said no.")
    assert not browser.sees("What does it cost?")
    browser.client.delete_cookie("guildhall")
    browser.sign_in(arthur).open("/academy/answers/claim-a-lead")
    assert browser.sees("What does it cost?")
    assert browser.sees("0 of 1")
    browser.click("Change").fill("Title in English", "Claiming").press("Save")
    assert browser.heading == "Claiming"


def test_a_search_without_an_answer_says_what_to_do(browser: Any, sam: Any) -> None:
    browser.sign_in(sam).open("/academy/answers?q=nothing+like+this")
    assert browser.sees("Nothing found")


def test_the_one_search_finds_answers_as_the_knowledge_base_does(
    app: Any, sam: Any, arthur: Any, browser: Browser
) -> None:
    an_article()
    an_article("draft", is_published=False)
    with app.test_request_context():
        assert found_by(sam, "claim lead")["Knowledge base"] == ["How do I claim a lead?"]
        assert len(found_by(arthur, "claim lead")["Knowledge base"]) == 2, "drafts are the authors'"
        assert found_by(sam, "laim") == {} == found_by(sam, "%_")
    browser.sign_in(sam).open("/search?q=claim").click("How do I claim a lead?")
    assert browser.heading == "How do I claim a lead?"
    browser.open("/search?q=claim").click("All that match: Knowledge base")
    assert browser.heading == "Knowledge base" and browser.sees("How do I claim a lead?")
