"""Contacts: one form however they are typed, and what says nothing about a company says nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.contacts import (
    company_domain,
    display_domain,
    display_phone,
    email_domain,
    email_key,
    is_disposable,
    is_free_mail,
    normalise_email,
    normalise_phone,
    phone_country,
    registrable_domain,
)


def test_an_address_is_kept_in_lower_case_with_its_tag() -> None:
    assert normalise_email("  Ada.Lovelace+Demo@Globex.Example ") == "ada.lovelace+demo@globex.example"


def test_a_domain_typed_in_punycode_is_the_same_address() -> None:
    assert normalise_email("a@XN--E1AFMKFD.xn--p1ai") == normalise_email("a@пример.рф") == "a@пример.рф"


@pytest.mark.parametrize(
    "text", ["", None, "ada", "ada@", "@globex.example", "a b@globex.example", "ada@localhost"]
)
def test_what_cannot_be_an_address_is_none(text: str | None) -> None:
    assert normalise_email(text) is None
    assert email_key(text) is None
    assert email_domain(text) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ada+demo@globex.example", "ADA@globex.example"),
        ("a.d.a@gmail.com", "ada+x@googlemail.com"),
        ("ada@ya.ru", "ada@yandex.ru"),
    ],
)
def test_spellings_of_one_mailbox_share_a_key(one: str, other: str) -> None:
    assert email_key(one) == email_key(other)


def test_dots_count_where_they_do() -> None:
    assert email_key("a.da@globex.example") != email_key("ada@globex.example")


@pytest.mark.parametrize("typed", ["040 123456", "+49 (40) 123-456", "0049 40 123456", "040/123456"])
def test_one_phone_in_many_spellings_is_one_number(typed: str) -> None:
    assert normalise_phone(typed, "DE") == "+4940123456"


def test_a_russian_number_with_the_trunk_eight() -> None:
    assert normalise_phone("8 (495) 123-45-67 доб. 5", "RU") == "+74951234567"
    assert phone_country("+74951234567") == "RU"
    assert display_phone("+74951234567") == "+7 495 123-45-67"


@pytest.mark.parametrize(
    ("typed", "country"), [("", "DE"), ("112", "DE"), ("040 123456", None), ("call me", "DE")]
)
def test_what_cannot_be_a_number_is_none(typed: str, country: str | None) -> None:
    assert normalise_phone(typed, country) is None


@pytest.mark.parametrize(
    ("typed", "domain"),
    [
        ("https://shop.globex.co.uk/a?b", "globex.co.uk"),
        ("WWW.Globex.Example:8080", "globex.example"),
        ("http://shop.Пример.рф.", "xn--e1afmkfd.xn--p1ai"),
        ("acme.github.io", "acme.github.io"),
        ("old_host.globex.com", "globex.com"),
        ("http://10.0.0.1/", None),
        ("http://[::1]:80/", None),
        ("localhost", None),
        ("co.uk", None),
        ("javascript:alert(1)", None),
        ("http://[", None),
        ("not a site", None),
        ("", None),
        (None, None),
    ],
)
def test_the_registrable_part_of_a_web_address(typed: str | None, domain: str | None) -> None:
    assert registrable_domain(typed) == domain


def test_a_company_is_named_by_its_site_before_its_mail() -> None:
    assert company_domain("www.globex.example", "ada@mail.globex.test") == "globex.example"
    assert company_domain(None, "ada@mail.globex.test") == "globex.test"


@pytest.mark.parametrize(
    "site", ["https://facebook.com/globex", "vk.com/globex", "gmail.com", "globex.tilda.ws"]
)
def test_a_site_that_many_firms_share_names_none_of_them(site: str) -> None:
    assert company_domain(site) is None
    assert company_domain(site, "ada@globex.example") == "globex.example"


def test_free_and_throw_away_mail_names_no_company() -> None:
    assert company_domain(None, "ada@mail.ru") is None
    assert company_domain(None, "ada@mailinator.com") is None
    assert is_free_mail("gmail.com")
    assert is_disposable("mailinator.com")
    assert is_disposable("box.mailinator.com")
    assert not is_disposable("globex.example")
    assert not is_disposable(None)


def test_a_domain_is_shown_in_its_own_letters() -> None:
    assert display_domain("xn--e1afmkfd.xn--p1ai") == "пример.рф"
    assert display_domain("globex.example") == "globex.example"


@given(st.emails())
def test_normalising_an_address_again_changes_nothing(address: str) -> None:
    once = normalise_email(address)
    if once is not None:
        assert normalise_email(once) == once
        assert email_key(once) == email_key(address)


@given(st.text(max_size=60))
def test_no_text_breaks_the_door(text: str) -> None:
    domain = registrable_domain(text)
    assert domain is None or registrable_domain(domain) == domain
    normalise_email(text)
    number = normalise_phone(text, "RU")
    assert number is None or normalise_phone(number) == number
