"""What is typed into forms: numbers beyond any sense, and lines that no page writes."""

from typing import Any

import pytest
from werkzeug.datastructures import MultiDict
from wtforms import FormField, StringField

from core.forms import DecimalTextField, FieldList, Part, parse_minor


class LinePart(Part):
    words = StringField()
    number = DecimalTextField()


class ListPart(Part):
    lines = FieldList(FormField(LinePart), max_entries=3)


@pytest.fixture(autouse=True)
def _in_a_language(app: Any) -> None:
    """Sentences need one."""


@pytest.mark.parametrize(
    "typed", ["sNaN", "-sNaN1", "NaN", "Infinity", "-inf", "1e999999999999999999", "-1e999999"]
)
@pytest.mark.parametrize("currency", ["EUR", "JPY", "KWD"])
def test_no_amount_is_more_than_a_sentence(typed: str, currency: str) -> None:
    with pytest.raises(ValueError, match=r"Type an amount|more than the books"):
        parse_minor(typed, currency)


@pytest.mark.parametrize(
    "typed", ["sNaN", "NaN", "Infinity", "1e999999999999999999", "-1e999999", "1000000000000", "9" * 5000]
)
def test_a_number_beyond_any_sense_is_asked_for_again(typed: str) -> None:
    form = ListPart(MultiDict({"lines-0-number": typed}))
    assert not form.validate()
    assert form.lines[0].form.number.errors == ["Type a number, such as 12.5."]
    assert form.lines[0].form.number._value() == typed


@pytest.mark.parametrize("number", ["²", "٣", "9" * 5000, "-1", "", "1_0"])
def test_a_line_with_a_number_that_no_page_writes_is_none(number: str) -> None:
    form = ListPart(MultiDict({f"lines-{number}-words": "hostile", "lines-7-words": "kept", "lines": "odd"}))
    assert form.data == {"lines": [{"words": "kept", "number": None}]}


def test_the_text_of_a_part_is_tidied_as_that_of_the_whole() -> None:
    form = ListPart(MultiDict({"lines-0-words": "  Fair\u202e\u200b\x00 "}))
    assert form.data["lines"][0]["words"] == "Fair"
