"""A firm among thousands is typed by name or number; no page lists them all."""

from typing import Any

import pytest

from core.places import place_line
from tests.cast import a_partner

ADDRESS = "/staff/leads/accounts"


@pytest.fixture
def accounts(browser: Any, mona: Any, acme: Any) -> Any:
    return browser.sign_in(mona).open(ADDRESS)


def put(browser: Any, words: str, expect: int) -> Any:
    return (
        browser.fill("Company's site or domain", "globex.com")
        .fill("Partner", words)
        .press("Put it on the list", expect=expect)
    )


@pytest.mark.parametrize("words", ["Acme", "acme", " ACME ", "{id}", "Acme · {id}", "acme ·{id}"])
def test_a_name_or_a_number_means_one_firm(accounts: Any, acme: Any, words: Any) -> None:
    put(accounts, words.format(id=acme.id), 200)
    assert accounts.sees("Leads of globex.com go to Acme.")


def test_the_page_lists_no_firms_however_many_there_are(accounts: Any) -> None:
    before = len(accounts.html)
    queries = accounts.queries
    for number in range(30):
        a_partner(f"Firm {number}")
    accounts.open(ADDRESS)
    assert (len(accounts.html), accounts.queries) == (before, queries)
    assert "Firm 12" not in accounts.html


def test_where_several_fit_the_form_asks_and_keeps_what_was_typed(accounts: Any) -> None:
    a_partner("Nordlicht Software", city="Bremen")
    south = a_partner("Nordlicht Consulting", city="Ulm")
    put(accounts, "nordlicht", 422)
    assert accounts.sees("Choose which one you mean.") and accounts.sees("Ulm, Germany")
    accounts.typed["partner_id"] = ["nordlicht", str(south.id)]
    accounts.fill("Company's site or domain", "globex.com").press("Put it on the list", expect=200)
    assert accounts.sees("go to Nordlicht Consulting")


def test_a_choice_does_not_overrule_words_typed_anew(accounts: Any, acme: Any) -> None:
    a_partner("Nordlicht Software")
    south = a_partner("Nordlicht Consulting")
    put(accounts, "nordlicht", 422)
    accounts.typed["partner_id"] = ["Acme", str(south.id)]
    accounts.press("Put it on the list", expect=200)
    assert accounts.sees("go to Acme.")


def test_firms_of_the_same_name_are_told_apart_by_number_and_place(accounts: Any) -> None:
    first, second = a_partner("Twin", city="Bremen"), a_partner("Twin", city="Ulm")
    a_partner("Twin Peaks")
    put(accounts, "Twin", 422)
    assert accounts.sees(f"Twin · {first.id}") and accounts.sees(f"Twin · {second.id}")
    assert not accounts.sees("Twin Peaks")


def test_a_part_of_a_word_is_asked_about_even_when_one_firm_fits(accounts: Any) -> None:
    a_partner("Acmeware")
    a_partner("Globetrotters")
    put(accounts, "globe", 422)
    assert accounts.sees("Choose which one you mean.")
    accounts.press("Put it on the list", expect=200)
    assert accounts.sees("go to Globetrotters")


def test_very_many_are_not_all_shown(accounts: Any) -> None:
    for number in range(15):
        a_partner(f"Firm {number}")
    put(accounts, "firm", 422)
    assert accounts.sees("Very many fit.") and accounts.html.count('type="radio"') == 12


@pytest.mark.parametrize("words", ["Nobody", "999999", "Acme · 999999", "%", "9" * 40, "x" * 300])
def test_nobody_fits(accounts: Any, words: Any) -> None:
    put(accounts, words, 422)
    assert accounts.sees("No partner that can be chosen here") or accounts.sees("At most 200 characters.")


def test_a_firm_that_cannot_be_meant_is_not_found(accounts: Any, mona: Any) -> None:
    from partners.operations import suspend_partner

    suspend_partner(a_partner("Sleepy"), reason="unpaid", by=mona)
    put(accounts, "Sleepy", 422)
    assert accounts.sees("No partner that can be chosen here")


def test_names_are_offered_as_somebody_types(accounts: Any, acme: Any) -> None:
    assert "/staff/partners/names?active=1" in accounts.html
    accounts.open("/staff/partners/names?active=1&q=ac")
    assert accounts.response.json == [{"words": f"Acme · {acme.id}", "note": place_of(acme)}]
    assert accounts.open("/staff/partners/names").response.json == []


def place_of(firm: Any) -> str:
    return place_line(firm.city, firm.region, firm.country)


def test_strangers_to_the_list_are_not_answered(browser: Any, ada: Any, acme: Any) -> None:
    browser.sign_in(ada).open("/staff/partners/names?q=acme", expect=403)
