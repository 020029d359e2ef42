"""Tax numbers: right by their own country's rule, one form, one firm."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.taxids import NUMBERS, parse_tax_id, tax_id_names


@pytest.mark.parametrize(
    ("country", "typed", "value", "name"),
    [
        ("RU", "7707083893", "7707083893", "ИНН"),
        ("RU", "7707083893/773601001", "7707083893", "ИНН"),
        ("RU", "1027700132195", "1027700132195", "ОГРН"),
        ("DE", "DE 136 695 976", "136695976", "USt-IdNr."),
        ("de", "136695976", "136695976", "USt-IdNr."),
        ("GB", "GB 980 7806 84", "980780684", "VAT"),
        ("US", "91-1144442", "911144442", "EIN"),
        ("GR", "EL 094259216", "094259216", "ΑΦΜ"),
        ("AT", "ATU13585627", "U13585627", "UID"),
        ("BY", "УНП 200988541", "200988541", "УНП"),
        ("VN", "0100233488", "0100233488", "VAT"),
    ],
)
def test_a_right_number_has_one_form(country: str, typed: str, value: str, name: str) -> None:
    parsed = parse_tax_id(typed, country)
    assert parsed is not None
    assert (parsed.value, parsed.name, parsed.is_checked) == (value, name, True)
    assert parsed.key.startswith(f"{country.upper()}:")


@pytest.mark.parametrize(
    ("country", "typed"),
    [
        ("RU", "7707083894"),
        ("DE", "DE136695977"),
        ("GB", "123"),
        ("US", ""),
        ("", "7707083893"),
        (None, None),
        ("KZ", "no"),
    ],
)
def test_a_wrong_number_is_none(country: str | None, typed: str | None) -> None:
    assert parse_tax_id(typed, country) is None


@pytest.mark.parametrize(
    ("country", "one", "other"),
    [
        ("FR", "FR 40 303 265 045", "303 265 045"),
        ("SE", "SE556188840401", "556188-8404"),
        ("NO", "NO 995 525 828 MVA", "995 525 828"),
        ("CH", "CHE-107.787.577 IVA", "CHE-107.787.577"),
    ],
)
def test_two_numbers_of_one_firm_share_a_key(country: str, one: str, other: str) -> None:
    first, second = parse_tax_id(one, country), parse_tax_id(other, country)
    assert first and second
    assert first.key == second.key


def test_where_no_rule_is_known_a_plausible_number_is_taken_and_says_so() -> None:
    parsed = parse_tax_id("970 740-001013", "KZ")
    assert parsed is not None
    assert (parsed.value, parsed.is_checked) == ("970740001013", False)
    assert tax_id_names("KZ") == ()
    assert tax_id_names("RU") == ("ИНН", "ОГРН")


@given(st.sampled_from(sorted(NUMBERS)), st.text(max_size=24))
def test_no_text_breaks_the_check_and_what_passes_passes_again(country: str, text: str) -> None:
    parsed = parse_tax_id(text, country)
    if parsed is not None:
        again = parse_tax_id(parsed.value, country)
        assert again is not None
        assert again.key == parsed.key
