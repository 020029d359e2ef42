"""Sheets that people bring: CSV files of any spreadsheet, read safely and row by row.

A file is hostile until shown otherwise. Its encoding and delimiter are found out, everything in it is limited, and its
rows are read one at a time, so that a large file needs no more memory than a small one. What the columns mean is
agreed with the person: :func:`guessed` proposes by the headings, the person corrects, :func:`problems_of` says what is
still missing. What is wrong with a row is told by row and column, in :class:`Problems`.

Knows nothing of what is imported. An importing domain lists its :class:`Column`\\ s, reads ``record.get("name")``, and
reports with ``problems.add(record.number, "name", "A sentence.")``.
"""

import codecs
import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import islice
from typing import BinaryIO

from core.i18n import gettext as _

MOST_BYTES = 64 * 1024 * 1024
MOST_ROWS = 1_000_000
MOST_COLUMNS = 200
LONGEST_CELL = 20_000
_BETWEEN_MARKS = 1_000
#: So many problems are kept one by one; beyond them only their number is.
MOST_PROBLEMS = 1_000

DELIMITERS = (",", ";", "\t", "|")
ENCODINGS = ("utf-8", "utf-16", "windows-1251", "windows-1252")

_EXCEL_SAYS = re.compile(r"sep=(.)\r?\n?$", re.IGNORECASE)
#: Three Cyrillic letters of windows-1251 in a row; in western texts the same bytes stand alone.
_CYRILLIC = re.compile(rb"[\xc0-\xff\xa8\xb8]{3}")
#: What an export writes before a text that a spreadsheet would take for a formula (``core.exports.safe_cell``).
_PROTECTED = tuple(f"'{sign}" for sign in "=+-@\t\r＝＋－＠")


class RefusedSheet(ValueError):
    """The file is not taken; the message is a whole, translated sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row. ``number`` is what a spreadsheet shows at its left: the headings are row 1."""

    number: int
    cells: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        return not any(self.cells)


@dataclass(frozen=True)
class Sheet:
    """A file that can be read: its headings, and its rows as often as they are asked for."""

    #: The file from a byte on.
    opened: Callable[[int], BinaryIO]
    encoding: str
    delimiter: str
    header: tuple[str, ...]
    #: How many lines stand before the headings (``sep=;``).
    skipped: int = 0
    #: Where some of the rows begin, so that nobody reads from the first on: (number of the row, byte), in order.
    marks: Sequence[tuple[int, int]] = ()

    def rows(self, *, after: int = 1) -> Iterator[Row]:
        """The rows with something in them, behind row ``after``. Raises RefusedSheet where the file breaks."""
        for number, cells in self._records(after):
            _refuse_too_many(number)
            if number <= max(1, after):
                continue
            row = Row(number, cells)
            if not row.is_empty:
                yield row

    def first_rows(self, most: int = 5) -> list[Row]:
        """A few rows to show."""
        return list(islice(self.rows(), most))

    @cached_property
    def count(self) -> int:
        """How many rows there are to read. Raises RefusedSheet where the file breaks."""
        return self.survey()[0]

    def survey(self) -> tuple[int, list[tuple[int, int]]]:
        """How many rows there are to read, and the ``marks`` of the file. Raises RefusedSheet where it breaks."""
        lines = _Lines(self.opened, self.encoding, 0)
        count, marks = 0, []
        for number, cells in _records(lines, self.delimiter, self.skipped, 1, 1):
            _refuse_too_many(number)
            count += number > 1 and any(cells)
            if number % _BETWEEN_MARKS == 0:
                marks.append((number + 1, lines.place))
        return count, marks

    def _records(self, after: int) -> Iterator[tuple[int, tuple[str, ...]]]:
        number, place = 1, 0
        for row, begins_at in self.marks:
            if row <= after + 1:
                number, place = row, begins_at
        lines = _Lines(self.opened, self.encoding, place)
        return _records(lines, self.delimiter, 0 if place else self.skipped, after, number)


def open_sheet(content: bytes, *, encoding: str | None = None, delimiter: str | None = None) -> Sheet:
    """The file as a sheet; ``encoding`` and ``delimiter`` are found out unless told. Raises RefusedSheet."""
    if not content[:4096].strip() and not content.strip():
        raise RefusedSheet(_("The file is empty."))
    if len(content) > MOST_BYTES:
        raise RefusedSheet(_("The file is larger than %(most)s MB.", most=MOST_BYTES // 1024 // 1024))
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF")):
        raise RefusedSheet(_("This is not a CSV file. In your spreadsheet choose “Save as” and CSV (UTF-8)."))
    found = encoding or _encoding_of(content)
    if found not in ENCODINGS:
        raise RefusedSheet(_("Choose one of the encodings."))
    first = _first_line(content, found)
    says = _EXCEL_SAYS.match(first)
    skipped = 1 if says else 0
    if delimiter is None:
        delimiter = says[1] if says else _delimiter_of(content, found)
    if len(delimiter) != 1 or delimiter in '"\r\n':
        raise RefusedSheet(_("Choose one of the delimiters."))
    opened = partial(_in_memory, content)
    _number, header = next(_records(_Lines(opened, found, 0), delimiter, skipped, 0, 1), (1, ()))
    while header and not header[-1]:
        header = header[:-1]
    if not header:
        raise RefusedSheet(_("The first row has to hold the headings of the columns."))
    return Sheet(opened, found, delimiter, header, skipped)


def sheet_again(
    opened: Callable[[int], BinaryIO],
    *,
    encoding: str,
    delimiter: str,
    header: Sequence[str],
    marks: Sequence[tuple[int, int]],
) -> Sheet:
    """A file that was opened as a sheet before, of which that much is known; read piece by piece."""
    first = _first_line(opened(0).read(4096), encoding)
    return Sheet(opened, encoding, delimiter, tuple(header), 1 if _EXCEL_SAYS.match(first) else 0, marks)


def _in_memory(content: bytes, place: int) -> BinaryIO:
    found = io.BytesIO(content)
    found.seek(place)
    return found


def _refuse_too_many(number: int) -> None:
    if number > MOST_ROWS + 1:
        raise RefusedSheet(_("The file has more than %(most)s rows. Divide it.", most=MOST_ROWS))


def _encoding_of(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(content), 1 << 20):
            decoder.decode(content[start : start + (1 << 20)], final=start + (1 << 20) >= len(content))
    except UnicodeDecodeError:
        return "windows-1251" if _CYRILLIC.search(content[: 1 << 20]) else "windows-1252"
    return "utf-8"


def _text(content: bytes, encoding: str) -> io.TextIOWrapper:
    codec = "utf-8-sig" if encoding == "utf-8" else encoding
    return io.TextIOWrapper(io.BytesIO(content), encoding=codec, newline="")


class _Lines:
    """The lines of a file from byte ``place`` on, where a line begins; ``place`` goes on with what was read."""

    def __init__(self, opened: Callable[[int], BinaryIO], encoding: str, place: int) -> None:
        self.codec, mark = encoding, 0
        if encoding == "utf-16":
            # Its first two bytes say which half of a sign comes first.
            beginning = opened(0).read(2)
            self.codec = "utf-16-be" if beginning == codecs.BOM_UTF16_BE else "utf-16-le"
            mark = 2 if beginning in (codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE) else 0
        elif encoding == "utf-8" and place == 0:
            mark = 3 if opened(0).read(3) == codecs.BOM_UTF8 else 0
        self.place = place or mark
        self._text = io.TextIOWrapper(opened(self.place), encoding=self.codec, newline="")
        self._is_narrow = encoding != "utf-16"

    def __iter__(self) -> Iterator[str]:
        for line in self._text:
            is_as_long = self._is_narrow and line.isascii()
            self.place += len(line) if is_as_long else len(line.encode(self.codec))
            yield line


def _first_line(content: bytes, encoding: str) -> str:
    try:
        return _text(content[:4096], encoding).readline(1024)
    except UnicodeError:
        return ""


def _records(
    lines: _Lines, delimiter: str, skipped: int, after: int, first: int
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The records, numbered from ``first``, with their cells, tidied behind record ``after``.

    Those before are passed quickly. Raises RefusedSheet.
    """
    number = first - 1
    try:
        for number, cells in enumerate(csv.reader(islice(lines, skipped, None), delimiter=delimiter), first):
            if len(cells) > MOST_COLUMNS:
                raise RefusedSheet(
                    _("Row %(row)s has more than %(most)s columns.", row=number, most=MOST_COLUMNS)
                )
            yield number, tuple([_tidy(cell, number) for cell in cells]) if number > after else ()
    except UnicodeError as error:
        raise RefusedSheet(
            _("Row %(row)s can't be read as %(encoding)s. Save the file as CSV (UTF-8).", row=number + 1,
              encoding=_encoding_said(lines.codec))
        ) from error  # fmt: skip
    except csv.Error as error:
        raise RefusedSheet(
            _("Row %(row)s can't be read. Look for a quotation mark that is not closed.", row=number + 1)
        ) from error


def _encoding_said(codec: str) -> str:
    return "utf-16" if codec.startswith("utf-16") else codec


def _tidy(cell: str, number: int) -> str:
    """A cell without what nobody sees: spaces around it, control characters, an export's protecting apostrophe."""
    if len(cell) > LONGEST_CELL:
        raise RefusedSheet(
            _("Row %(row)s has a cell of more than %(most)s characters. Look for a quotation mark that is not closed.",
              row=number, most=LONGEST_CELL)
        )  # fmt: skip
    if not cell.isprintable():
        cell = "".join(
            sign if sign.isprintable() or sign in "\n\t" else " " if sign.isspace() else "" for sign in cell
        )
    cell = cell.strip()
    return cell[1:] if cell.startswith(_PROTECTED) else cell


def _delimiter_of(content: bytes, encoding: str) -> str:
    """The one that cuts the first rows into most columns, the same number each."""

    def fit(delimiter: str) -> tuple[int, int]:
        widths = list(_widths(content, encoding, delimiter))
        width, agreeing = Counter(widths).most_common(1)[0] if widths else (0, 0)
        return (agreeing if width > 1 else 0), width

    return max(DELIMITERS, key=fit)


def _widths(content: bytes, encoding: str, delimiter: str) -> Iterator[int]:
    """How many cells the first rows have, as far as they can be read."""
    try:
        for cells in islice(csv.reader(_text(content, encoding), delimiter=delimiter), 20):
            yield len(cells)
    except (UnicodeError, csv.Error):
        return


# What the columns mean


@dataclass(frozen=True, slots=True)
class Column:
    """Something that can be imported: its name in the code, what people call it, and under which headings it comes.

    ``aliases`` are further headings that mean it; case, spaces and punctuation don't matter.
    """

    name: str
    label: str
    aliases: tuple[str, ...] = ()
    required: bool = False
    hint: str = ""


#: Which cell of a row holds what: the name of a column, and the place of its cell.
Places = Mapping[str, int]


def guessed(header: Sequence[str], columns: Sequence[Column]) -> dict[str, int]:
    """What the columns seem to mean by their headings; each heading is used once."""
    plain = [_plain(heading) for heading in header]
    places: dict[str, int] = {}
    taken: set[int] = set()
    for column in columns:
        names = [_plain(name) for name in (column.name, column.label, *column.aliases)]
        for name in names:
            place = next(
                (index for index, each in enumerate(plain) if each == name and index not in taken), None
            )
            if place is not None:
                places[column.name] = place
                taken.add(place)
                break
    return places


def problems_of(places: Places, columns: Sequence[Column], header: Sequence[str]) -> dict[str, str]:
    """What speaks against a choice of columns, by the column's name; empty when it will do."""
    problems: dict[str, str] = {}
    used: dict[int, str] = {}
    for column in columns:
        place = places.get(column.name)
        if place is None:
            if column.required:
                problems[column.name] = _("Choose the column that holds it.")
        elif not 0 <= place < len(header):
            problems[column.name] = _("The file has no such column.")
        elif place in used:
            problems[column.name] = _("This column is used for “%(other)s” already.", other=used[place])
        else:
            used[place] = column.label
    return problems


@dataclass(frozen=True, slots=True)
class Record:
    """A row by what its cells mean. A cell that is missing or empty is ``""``."""

    number: int
    values: Mapping[str, str]

    def get(self, name: str) -> str:
        return self.values.get(name, "")


def records(sheet: Sheet, places: Places, *, after: int = 1) -> Iterator[Record]:
    """The rows by the agreed columns, behind row ``after``."""
    wanted = list(places.items())
    for row in sheet.rows(after=after):
        width = len(row.cells)
        yield Record(row.number, {name: row.cells[place] for name, place in wanted if place < width})


def _plain(heading: str) -> str:
    """``"E-Mail "`` and ``"e_mail"`` are the same heading."""
    text = unicodedata.normalize("NFKC", heading).casefold()
    return "".join(sign for sign in text if sign.isalnum())


# What is wrong with the rows


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, where: the row as a spreadsheet numbers it, the column by its name (``None``: the whole row)."""

    row: int
    column: str | None
    sentence: str


@dataclass
class Problems:
    """What is wrong with a file. All problems are counted, the first :data:`MOST_PROBLEMS` are kept."""

    kept: list[Problem] = field(default_factory=list)
    count: int = 0
    rows: int = 0
    _last_row: int = 0

    def add(self, row: int, column: str | None, sentence: str) -> None:
        """Notes a problem. Rows come in their order."""
        self.count += 1
        if row != self._last_row:
            self.rows += 1
            self._last_row = row
        if len(self.kept) < MOST_PROBLEMS:
            self.kept.append(Problem(row, column, sentence))

    def __bool__(self) -> bool:
        return self.count > 0
