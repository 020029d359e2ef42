"""What the vendor sells, what tiers give, and what a programme has from its first day."""

from decimal import Decimal
from typing import Any

import pytest

from accounts.models import User
from core.errors import InvalidInput
from partners import operations, queries
from partners.models import LineKind
from tests.browser import Browser

CLOUD: dict[str, Any] = {
    "code": "cloud-pro",
    "name": "Cloud Pro",
    "name_ru": "Облако Про",
    "list_price_minor": 12_000,
    "currency": "EUR",
    "by": None,
}


def test_setting_up_twice_changes_nothing(programme: None) -> None:
    tier = queries.tiers_by_code()["gold"]
    operations.save_tier(tier, lead_weight="3", by=None)
    operations.set_up_programme(by=None)
    assert [row.code for row in queries.tiers()] == ["registered", "silver", "gold", "platinum"]
    assert queries.tiers_by_code()["gold"].lead_weight == "3"
    current = queries.current_agreement()
    assert current is not None and current.number == 1


def test_the_services_are_the_line_kinds_beside_the_licence(programme: None) -> None:
    assert {service.code for service in queries.services()} == set(LineKind) - {LineKind.LICENCE}


def test_a_programme_admin_adds_reprices_and_retires_a_product(
    programme: None, pia: User, browser: Browser
) -> None:
    browser.sign_in(pia).open("/staff/catalogue").click("Add a product")
    browser.fill("Code", "cloud-pro").fill("Name in English", "Cloud Pro").fill(
        "Name in Russian", "Облако Про"
    )
    browser.fill("List price", "120.00").press("Save the product")
    assert browser.sees("€120.00")
    browser.click("Cloud Pro").fill("List price", "135.50").press("Save the product")
    assert queries.products_by_code()["cloud-pro"].list_price_minor == 13_550
    browser.click("Cloud Pro").fill("No longer offered", True).press("Save the product")
    assert queries.products() == []
    assert "cloud-pro" in queries.products_by_code()


def test_a_price_in_yen_has_no_decimals(programme: None, pia: User, browser: Browser) -> None:
    browser.sign_in(pia).open("/staff/catalogue/products/new").fill("Code", "desk").fill(
        "Name in English", "Desk"
    )
    browser.fill("Name in Russian", "Деск").fill("Currency", "JPY").fill("List price", "12000").press(
        "Save the product"
    )
    assert queries.products_by_code()["desk"].list_price_minor == 12_000


@pytest.mark.parametrize(
    ("field", "value"),
    [("code", "Cloud Pro!"), ("name", " "), ("currency", "XXX"), ("list_price_minor", -1), ("unit", "kilo")],
)
def test_a_product_that_cannot_be_is_refused_by_field(programme: None, field: str, value: Any) -> None:
    with pytest.raises(InvalidInput) as problem:
        operations.save_product(**{**CLOUD, field: value})
    assert list(problem.value.problems) == [field]


def test_a_code_stands_for_one_product(programme: None) -> None:
    operations.save_product(**CLOUD)
    with pytest.raises(InvalidInput):
        operations.save_product(**CLOUD)


def test_a_tier_gives_what_was_saved(programme: None, pia: User, browser: Browser) -> None:
    browser.sign_in(pia).open("/staff/tiers").click("Gold")
    browser.fill("Co-funded share of an event", "62.5").fill("At most, per event", "7500").press(
        "Save the tier"
    )
    tier = queries.tiers_by_code()["gold"]
    assert (Decimal(tier.cofunding_rate), tier.cofunding_cap_minor) == (Decimal("0.625"), 750_000)
    browser.click("Gold").fill("Co-funded share of an event", "140").press("Save the tier")
    assert browser.status == 422


def test_a_question_of_our_own_is_asked_in_the_form_until_retired(
    programme: None, pia: User, browser: Browser
) -> None:
    browser.sign_in(pia).open("/staff/catalogue").click("Add a question: Questions to applicants")
    browser.fill("Question in English", "Do you speak Finnish?").fill(
        "Question in Russian", "Вы говорите по-фински?"
    )
    browser.press("Save")
    assert [question.label for question in queries.questions()][-1] == "Do you speak Finnish?"
    browser.click("Do you speak Finnish?").fill("No longer asked", True).press("Save")
    assert len(queries.questions()) == 2


def test_names_are_said_in_the_readers_language(programme: None, app: Any) -> None:
    from core.i18n import speaking

    with speaking("ru"):
        assert queries.tiers_by_code()["gold"].label == "Золотой"
    with speaking("en"):
        assert queries.tiers_by_code()["gold"].label == "Gold"
