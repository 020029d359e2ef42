"""Numbers and amounts in words, English and Russian, as papers with a signature want them.

``1234567, "RUB"`` in Russian is ``Двенадцать тысяч триста сорок пять рублей 67 копеек``, in English ``Twelve thousand
three hundred forty-five Russian rubles and 67/100``. The names of currencies and their plurals are CLDR's.
"""

from typing import Literal

from babel.numbers import get_currency_name

from core.money import exponent, whole

Gender = Literal["masculine", "feminine"]

_EN_ONES = (
    "", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_EN_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_EN_THOUSANDS = ("", "thousand", "million", "billion", "trillion", "quadrillion")

_RU_ONES = (
    "", "", "", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять", "десять", "одиннадцать", "двенадцать",
    "тринадцать", "четырнадцать", "пятнадцать", "шестнадцать", "семнадцать", "восемнадцать", "девятнадцать",
)  # fmt: skip
_RU_ONE_AND_TWO: dict[Gender, tuple[str, str]] = {
    "masculine": ("один", "два"),
    "feminine": ("одна", "две"),
}
_RU_TENS = (
    "", "", "двадцать", "тридцать", "сорок", "пятьдесят", "шестьдесят", "семьдесят", "восемьдесят", "девяносто",
)  # fmt: skip
_RU_HUNDREDS = (
    "", "сто", "двести", "триста", "четыреста", "пятьсот", "шестьсот", "семьсот", "восемьсот", "девятьсот",
)  # fmt: skip
_RU_THOUSANDS: tuple[tuple[Gender, tuple[str, str, str]], ...] = (
    ("masculine", ("", "", "")),
    ("feminine", ("тысяча", "тысячи", "тысяч")),
    ("masculine", ("миллион", "миллиона", "миллионов")),
    ("masculine", ("миллиард", "миллиарда", "миллиардов")),
    ("masculine", ("триллион", "триллиона", "триллионов")),
    ("masculine", ("квадриллион", "квадриллиона", "квадриллионов")),
)

# In a Russian paper the rouble is never called Russian.
_RU_CURRENCIES = {"RUB": ("рубль", "рубля", "рублей")}
# What the hundredths are called where that is usual; the others are said as a fraction.
_KOPECKS, _CENTS = ("копейка", "копейки", "копеек"), ("цент", "цента", "центов")
_RU_HUNDREDTHS = {
    **dict.fromkeys(("RUB", "BYN", "UAH"), _KOPECKS),
    **dict.fromkeys(("EUR", "USD", "AUD", "CAD", "NZD", "SGD", "HKD"), _CENTS),
    "GBP": ("пенс", "пенса", "пенсов"),
    "KZT": ("тиын", "тиына", "тиынов"),
}


def amount_in_words(amount_minor: int, currency: str, locale: str) -> str:
    """A sum of ``currency`` in the words of ``locale`` (``ru``, otherwise English), beginning with a capital.

    The part below one is in figures, as it is on invoices and acts.
    """
    digits = exponent(currency)
    above, below = divmod(abs(whole(amount_minor)), 10**digits)
    said = _ru_amount(above, currency) if locale == "ru" else _en_amount(above, currency)
    if digits:
        said += (
            _ru_part(below, currency, digits) if locale == "ru" else f" and {below:0{digits}}/{10**digits}"
        )
    if amount_minor < 0:
        said = f"{'минус' if locale == 'ru' else 'minus'} {said}"
    return said[:1].upper() + said[1:]


def _en_amount(number: int, currency: str) -> str:
    return f"{english(number)} {get_currency_name(currency, count=number, locale='en')}"


def _ru_amount(number: int, currency: str) -> str:
    own = _RU_CURRENCIES.get(currency)
    name = own[_ru_form(number)] if own else get_currency_name(currency, count=number, locale="ru")
    return f"{russian(number, _gender_of(currency))} {name}"


def _ru_part(below: int, currency: str, digits: int) -> str:
    names = _RU_HUNDREDTHS.get(currency)
    if names is None:
        return f" {below:0{digits}}/{10**digits}"
    return f" {below:02} {names[_ru_form(below)]}"


def _gender_of(currency: str) -> Gender:
    """By the ending of the name: *шведская крона* and *патака Макао*, all others like *рубль* and *евро*."""
    first = get_currency_name(currency, count=1, locale="ru").split()[0]
    return "feminine" if first.islower() and first.endswith(("ая", "а")) else "masculine"


def english(number: int) -> str:
    """``1234`` as ``one thousand two hundred thirty-four``; not negative, below 10^18."""
    if not number:
        return "zero"
    parts = [
        f"{_en_below_thousand(group)} {_EN_THOUSANDS[power]}".strip()
        for power, group in enumerate(_groups_of(number))
        if group
    ]
    return " ".join(reversed(parts))


def _en_below_thousand(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    said = [f"{_EN_ONES[hundreds]} hundred"] if hundreds else []
    if rest >= len(_EN_ONES):
        tens, ones = divmod(rest, 10)
        said.append(_EN_TENS[tens] + (f"-{_EN_ONES[ones]}" if ones else ""))
    elif rest:
        said.append(_EN_ONES[rest])
    return " ".join(said)


def russian(number: int, gender: Gender = "masculine") -> str:
    """``1234`` as ``одна тысяча двести тридцать четыре``, agreeing with a noun of ``gender`` behind it."""
    if not number:
        return "ноль"
    parts = []
    for power, group in enumerate(_groups_of(number)):
        if group:
            of_this, names = _RU_THOUSANDS[power]
            words = _ru_below_thousand(group, of_this if power else gender)
            parts.append(f"{words} {names[_ru_form(group)]}".strip())
    return " ".join(reversed(parts))


def _ru_below_thousand(number: int, gender: Gender) -> str:
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10) if rest >= len(_RU_ONES) else (0, rest)
    last = _RU_ONE_AND_TWO[gender][ones - 1] if ones in {1, 2} else _RU_ONES[ones]
    return " ".join(part for part in (_RU_HUNDREDS[hundreds], _RU_TENS[tens], last) if part)


def _ru_form(number: int) -> int:
    """Which of (рубль, рубля, рублей) stands behind a number."""
    if number % 100 in range(11, 20) or number % 10 in {0, 5, 6, 7, 8, 9}:
        return 2
    return 0 if number % 10 == 1 else 1


def _groups_of(number: int) -> list[int]:
    """Its digits by threes, the last three first."""
    groups = []
    while number:
        number, group = divmod(number, 1000)
        groups.append(group)
    return groups
