"""The same receipt is known again however it is typed."""

from datetime import date

import pytest

from events.documents import document_keys, plain_number, plain_supplier

pytestmark = pytest.mark.pure

DAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Café Adler GmbH & Co. KG", "cafe adler"),
        ("ООО «Ромашка»", "Ромашка"),
        ("Hotel-Adler", "HOTEL ADLER"),
        ("Žižkov s.r.o.", "Zizkov"),
        ("Ａｄｌｅｒ", "Adler"),
    ],
)
def test_a_supplier_is_the_same_without_case_accents_signs_and_legal_form(one, other):
    assert plain_supplier(one) == plain_supplier(other)


def test_a_firm_that_is_called_like_a_legal_form_keeps_its_name():
    assert plain_supplier("AG") == "ag"
    assert plain_supplier("Inc") != plain_supplier("Ltd")


@pytest.mark.parametrize(
    ("one", "other"),
    [("INV 2026/0077", "inv-2026-77"), ("№ 000123", "123"), ("R-1", "r 1")],
)
def test_a_number_is_the_same_without_signs_and_leading_zeros(one, other):
    assert plain_number(one).removeprefix("no") == plain_number(other)


def test_numbers_with_zeros_inside_differ():
    assert plain_number("1001") != plain_number("101")


def test_a_document_is_known_by_tax_number_and_by_name():
    by_tax, by_name = document_keys("Hotel Adler", "DE 811 907 980", "77", DAY)
    assert (by_tax, by_name) == ("de811907980|77|2026-03-02", "hoteladler|77|2026-03-02")
    assert document_keys("Hotel Adler", "", "77", DAY)[0] is None
