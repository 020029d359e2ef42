"""Files of any spreadsheet are read, and what cannot be read is refused with a sentence."""

import io

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from core import sheets
from core.exports import csv_text
from core.sheets import (
    MOST_COLUMNS,
    MOST_PROBLEMS,
    Column,
    Problems,
    RefusedSheet,
    guessed,
    open_sheet,
    problems_of,
    records,
    sheet_again,
)

COLUMNS = (
    Column("external_id", "Invoice", ("invoice number", "Номер счёта"), required=True),
    Column("amount", "Amount", ("sum", "Сумма")),
    Column("email", "E-mail"),
)


@pytest.fixture(autouse=True)
def in_the_app(app: Flask):
    with app.test_request_context():
        yield


@pytest.mark.parametrize(
    ("content", "encoding", "delimiter"),
    [
        ("Счёт,Сумма\nА-1,5\n".encode(), "utf-8", ","),
        ("Счёт;Сумма\nА-1;5\n".encode("utf-8-sig"), "utf-8", ";"),
        ("Счёт;Сумма\nА-1;5\n".encode("cp1251"), "windows-1251", ";"),
        ("Rechnung;Größe\nA-1;5\n".encode("cp1252"), "windows-1252", ";"),
        ("Rechnung\tGröße\r\nA-1\t5\r\n".encode("utf-16"), "utf-16", "\t"),
        (b"a|b\r1|2\r", "utf-8", "|"),
    ],
)
def test_encoding_and_delimiter_are_found_out(content: bytes, encoding: str, delimiter: str) -> None:
    sheet = open_sheet(content)
    assert (sheet.encoding, sheet.delimiter, len(sheet.header), sheet.count) == (encoding, delimiter, 2, 1)


def test_a_comma_within_semicolons_is_no_delimiter() -> None:
    sheet = open_sheet(b"id;amount;note\n1;2,50;a, b\n2;3,10;c\n")
    assert [row.cells for row in sheet.rows()] == [("1", "2,50", "a, b"), ("2", "3,10", "c")]


def test_excel_may_say_its_delimiter_in_a_line_of_its_own() -> None:
    sheet = open_sheet(b"sep=|\r\nid|amount\r\n1|2\r\n")
    assert (sheet.header, [row.number for row in sheet.rows()]) == (("id", "amount"), [2])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_rows_are_found_again_without_reading_those_before(
    encoding: str, newline: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the nearest noted byte on: also behind cells with line breaks, empty rows and a line for Excel."""
    monkeypatch.setattr(sheets, "_BETWEEN_MARKS", 3)
    rows = [f'{place};"Фирма{newline}{place}"' if place % 4 else f";{place}" for place in range(20)]
    rows[9:9] = [""]
    content = newline.join(["sep=;", "номер;имя", *rows]).encode(encoding)
    whole = open_sheet(content)
    count, marks = whole.survey()
    asked: list[int] = []

    def opened(place: int) -> io.BytesIO:
        asked.append(place)
        return io.BytesIO(content[place:])

    again = sheet_again(
        opened, encoding=whole.encoding, delimiter=whole.delimiter, header=whole.header, marks=marks
    )
    expected = list(whole.rows())
    assert (count, again.count, len(marks)) == (20, 20, 7)
    for after in range(23):
        asked.clear()
        assert list(again.rows(after=after)) == [row for row in expected if row.number > after]
        assert after < 4 or max(asked) > len(content) * (after - 3) // 30


def test_rows_are_numbered_as_a_spreadsheet_shows_them() -> None:
    sheet = open_sheet(b'id,note\n1,"two\nlines"\n\n2,x\n')
    assert [(row.number, row.cells) for row in sheet.rows()] == [(2, ("1", "two\nlines")), (4, ("2", "x"))]
    assert [row.number for row in sheet.rows(after=2)] == [4]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"PK\x03\x04 a workbook", "not a CSV file"),
        (b"\n\n", "empty"),
        (b",,\n1,2,3\n", "headings"),
        ((",".join(["x"] * (MOST_COLUMNS + 1)) + "\n").encode(), "columns"),
    ],
)
def test_what_is_no_sheet_is_refused(content: bytes, says: str) -> None:
    with pytest.raises(RefusedSheet, match=says):
        open_sheet(content)


def test_a_quotation_mark_that_is_never_closed_is_found() -> None:
    sheet = open_sheet(b'id,note\n1,"begins\n' + b"2,x\n" * 40_000)
    with pytest.raises(RefusedSheet, match="quotation mark"):
        _ = sheet.count


def test_a_wrong_encoding_is_told_with_its_row() -> None:
    sheet = open_sheet(b"id,note\n1,a\n2,\xe9t\xe9\n", encoding="windows-1252")
    assert [row.cells[1] for row in sheet.rows()] == ["a", "été"]
    with pytest.raises(RefusedSheet, match="utf-8"):
        _ = open_sheet(b"id,note\n1,a\n2,\xe9t\xe9\n", encoding="utf-8").count


def test_columns_are_known_by_their_headings_in_either_language() -> None:
    assert guessed(["E-MAIL", "номер  счёта", "Sum"], COLUMNS) == {"external_id": 1, "amount": 2, "email": 0}


def test_a_heading_means_one_thing() -> None:
    assert guessed(["amount", "Invoice"], COLUMNS) == {"external_id": 1, "amount": 0}
    found = problems_of({"amount": 0, "email": 0}, COLUMNS, ["a", "b"])
    assert set(found) == {"external_id", "email"}
    assert problems_of({"external_id": 7}, COLUMNS, ["a"]) == {"external_id": "The file has no such column."}


def test_a_row_that_is_too_short_has_empty_cells() -> None:
    sheet = open_sheet(b"invoice,amount,email\n1,5\n")
    [record] = records(sheet, guessed(sheet.header, COLUMNS))
    assert (record.number, record.get("amount"), record.get("email")) == (2, "5", "")


def test_all_problems_are_counted_and_the_first_are_kept() -> None:
    problems = Problems()
    for row in range(2, MOST_PROBLEMS + 10):
        problems.add(row, "amount", "No number.")
        problems.add(row, None, "No row.")
    assert len(problems.kept) == MOST_PROBLEMS
    assert (problems.count, problems.rows) == (2 * (MOST_PROBLEMS + 8), MOST_PROBLEMS + 8)


@given(
    st.lists(
        st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=20),
        min_size=2,
        max_size=5,
    )
)
def test_what_we_export_comes_back_the_same(cells: list[str]) -> None:
    """A text that looked like a formula loses the apostrophe the export gave it; one that began with it keeps it."""
    sheet = open_sheet(csv_text([f"h{place}" for place in range(len(cells))], [cells]).encode())
    [row] = sheet.rows()
    plain = [
        cell[1:] if cell.startswith(("'=", "'+", "'-", "'@", "'＝", "'＋", "'－", "'＠")) else cell
        for cell in cells
    ]
    assert list(row.cells) == plain
