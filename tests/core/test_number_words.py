"""Amounts in words: a table that can be read aloud, and laws over every number and currency."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import LIMIT, currencies
from core.number_words import amount_in_words, english, russian

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("amount_minor", "currency", "locale", "words"),
    [
        (0, "RUB", "ru", "Ноль рублей 00 копеек"),
        (100, "RUB", "ru", "Один рубль 00 копеек"),
        (201, "RUB", "ru", "Два рубля 01 копейка"),
        (502, "RUB", "ru", "Пять рублей 02 копейки"),
        (1_111, "RUB", "ru", "Одиннадцать рублей 11 копеек"),
        (2_121, "RUB", "ru", "Двадцать один рубль 21 копейка"),
        (100_000, "RUB", "ru", "Одна тысяча рублей 00 копеек"),
        (200_000, "RUB", "ru", "Две тысячи рублей 00 копеек"),
        (1_200_100, "RUB", "ru", "Двенадцать тысяч один рубль 00 копеек"),
        (1_234_567, "RUB", "ru", "Двенадцать тысяч триста сорок пять рублей 67 копеек"),
        (2_122_001_440, "RUB", "ru", "Двадцать один миллион двести двадцать тысяч четырнадцать рублей 40 копеек"),
        (123_456, "EUR", "ru", "Одна тысяча двести тридцать четыре евро 56 центов"),
        (2_101, "USD", "ru", "Двадцать один доллар США 01 цент"),
        (2_250, "BYN", "ru", "Двадцать два белорусских рубля 50 копеек"),
        (100, "UAH", "ru", "Одна украинская гривна 00 копеек"),
        (10_250, "SEK", "ru", "Сто две шведские кроны 50/100"),
        (2_150, "MOP", "ru", "Двадцать одна патака Макао 50/100"),
        (41, "JPY", "ru", "Сорок одна японская иена"),
        (1_005, "KWD", "ru", "Один кувейтский динар 005/1000"),
        (-150, "RUB", "ru", "Минус один рубль 50 копеек"),
        (0, "EUR", "en", "Zero euros and 00/100"),
        (100, "EUR", "en", "One euro and 00/100"),
        (123_456, "EUR", "en", "One thousand two hundred thirty-four euros and 56/100"),
        (1_900, "USD", "en", "Nineteen US dollars and 00/100"),
        (10_001_000, "GBP", "en", "One hundred thousand ten British pounds and 00/100"),
        (1_000_000, "JPY", "en", "One million Japanese yen"),
        (1_005, "KWD", "en", "One Kuwaiti dinar and 005/1000"),
        (-2_000, "EUR", "en", "Minus twenty euros and 00/100"),
    ],
)  # fmt: skip
def test_it_reads_as_people_write_it(amount_minor: int, currency: str, locale: str, words: str) -> None:
    assert amount_in_words(amount_minor, currency, locale).replace("\xa0", " ") == words


_SAID = """
0 zero ноль
1 one один одна
2 two два две
3 three три
4 four четыре
5 five пять
6 six шесть
7 seven семь
8 eight восемь
9 nine девять
10 ten десять
11 eleven одиннадцать
12 twelve двенадцать
13 thirteen тринадцать
14 fourteen четырнадцать
15 fifteen пятнадцать
16 sixteen шестнадцать
17 seventeen семнадцать
18 eighteen восемнадцать
19 nineteen девятнадцать
20 twenty двадцать
30 thirty тридцать
40 forty сорок
50 fifty пятьдесят
60 sixty шестьдесят
70 seventy семьдесят
80 eighty восемьдесят
90 ninety девяносто
100 сто
200 двести
300 триста
400 четыреста
500 пятьсот
600 шестьсот
700 семьсот
800 восемьсот
900 девятьсот
"""
_VALUES = {
    word: int(number)
    for number, *words in (row.split() for row in _SAID.strip().splitlines())
    for word in words
}
_POWERS = (
    "thousand тысяч",
    "million миллион",
    "billion миллиард",
    "trillion триллион",
    "quadrillion квадриллион",
)


def _read(words: str) -> int:
    """The number that was said, added up word by word: an independent reader."""
    whole, group = 0, 0
    for word in words.replace("-", " ").split():
        power = next(
            (at for at, names in enumerate(_POWERS, 1) for name in names.split() if word.startswith(name)),
            None,
        )
        if power is not None:
            whole, group = whole + group * 1000**power, 0
        elif word == "hundred":
            group *= 100
        else:
            group += _VALUES[word]
    return whole + group


@given(st.integers(0, 10**18 - 1) | st.integers(0, 3_000))
def test_what_is_said_is_the_number(number: int) -> None:
    assert _read(english(number)) == number
    assert _read(russian(number)) == _read(russian(number, "feminine")) == number


@given(st.sampled_from(sorted(currencies())), st.integers(-LIMIT + 1, LIMIT - 1))
def test_every_amount_of_every_currency_can_be_said(currency: str, amount_minor: int) -> None:
    for locale in ("en", "ru"):
        said = amount_in_words(amount_minor, currency, locale)
        assert said[0].isupper() or said[0].isdigit()
        assert "  " not in said
        assert said != amount_in_words(-amount_minor, currency, locale) or not amount_minor
