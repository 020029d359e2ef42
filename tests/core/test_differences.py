"""What changed between two texts, as people read it."""

import pytest

from core.differences import MOST_PAIRS, Change, Kind, Piece, changes

pytestmark = pytest.mark.pure

TEXT = "## 1. Leads\n\nA lead is answered\nwithin 30 days.\n\n- By mail.\n- By phone.\n\n## 2. Ending\n\nIn writing.\n"


def test_where_lines_break_does_not_count() -> None:
    assert changes(TEXT, TEXT.replace("answered\nwithin", "answered within").replace("\n", "\r\n")) == []


def test_a_changed_paragraph_is_told_word_by_word_under_its_heading() -> None:
    assert changes(TEXT, TEXT.replace("30", "45")) == [
        Change(
            "1. Leads",
            (
                Piece(Kind.SAME, "A lead is answered within"),
                Piece(Kind.GONE, "30"),
                Piece(Kind.NEW, "45"),
                Piece(Kind.SAME, "days."),
            ),
        )
    ]


def test_what_comes_stands_under_its_own_heading_and_what_goes_under_its_old_one() -> None:
    after = TEXT.replace("- By phone.\n", "") + "\n## 3. Courts\n\nIn Hamburg.\n"
    assert changes(TEXT, after) == [
        Change("1. Leads", (Piece(Kind.GONE, "- By phone."),)),
        Change("", (Piece(Kind.NEW, "3. Courts"),)),
        Change("3. Courts", (Piece(Kind.NEW, "In Hamburg."),)),
    ]


def test_another_paragraph_is_no_changed_one() -> None:
    assert changes("Leads are paid.", "Nobody owes anything here.") == [
        Change("", (Piece(Kind.NEW, "Nobody owes anything here."),)),
        Change("", (Piece(Kind.GONE, "Leads are paid."),)),
    ]


def test_a_text_that_was_written_anew_is_not_compared_pair_by_pair() -> None:
    old = [f"Rule {number} of the old house." for number in range(MOST_PAIRS)]
    new = [f"Rule {number} of the new house." for number in range(MOST_PAIRS)]
    found = changes("\n\n".join(old), "\n\n".join(new))
    assert len(found) == 2 * MOST_PAIRS and {len(change.pieces) for change in found} == {1}
