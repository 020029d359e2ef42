"""What goes into a spreadsheet cannot run there."""

import pytest

from core.exports import csv_text, safe_cell


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM", "\t=1", "\r=1", " =1", "＝1", "  ＠x"])
def test_a_text_that_could_run_gets_an_apostrophe(text: str) -> None:
    assert safe_cell(text).startswith("'")


def test_numbers_stay_numbers_and_nothing_stays_empty() -> None:
    assert [safe_cell(value) for value in (-5, 1.5, None, True, "plain")] == [
        "-5",
        "1.5",
        "",
        "true",
        "plain",
    ]


def test_a_file_begins_with_the_mark_and_quotes_what_must_be() -> None:
    assert csv_text(("name",), [("a,b",), ('say "hi"',)]) == '\ufeffname\r\n"a,b"\r\n"say ""hi"""\r\n'
