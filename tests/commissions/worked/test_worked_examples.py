"""The programme's figures, from the sale to the books: each row is a sentence of the specification."""

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from commissions import ledger
from commissions.models import Entry
from commissions.operations.proofs import check_proofs
from commissions.operations.recruitments import note_recruiter
from core.database import session
from tests.commissions.cast import a_definition, a_line, a_live_plan, given_back, sold
from tests.commissions.plans import a_split, percent


def posted() -> list[int]:
    """Every line in the books, in the order of posting; proved before it is told."""
    session.flush()
    assert not check_proofs(by=None, everything=True).differing
    assert not ledger.audit()
    return list(session.scalars(sa.select(Entry.amount_minor).order_by(Entry.id)))


@pytest.mark.parametrize(
    ("net", "rate", "earned", "why"),
    [
        (3_000, "1.15", [35], "34.5 is rounded half up"),
        (25_000, "0.29", [73], "72.5 is rounded half up, and no binary fraction comes between"),
        (200_000, "2.9", [5_800], "a whole number is not rounded"),
        (9_999, "15", [1_500], "1499.85"),
        (5, "10", [1], "0.5 is rounded half up"),
        (4, "10", [], "0.4 is nothing, and nothing makes no line"),
    ],
)
def test_a_percentage(programme: None, acme: Any, net: int, rate: str, earned: list[int], why: str) -> None:
    a_live_plan(a_definition(rules=[percent(rate)], splits=[]))
    sold(acme, a_line(minor=net))
    assert posted() == earned, why


def test_three_lines_of_333_at_10_per_cent_are_99(programme: None, acme: Any) -> None:
    a_live_plan(a_definition(rules=[percent("10")], splits=[]))
    sold(acme, *(a_line(minor=333) for _line in range(3)))
    assert posted() == [33, 33, 33]


@pytest.mark.parametrize(
    ("whole", "shares", "parts"),
    [
        (9_999, [("partner", "90"), ("vendor", "10")], [8_999, 1_000]),
        (5, [("partner", "90"), ("vendor", "10")], [5]),
        (101, [("partner", "50"), ("vendor", "30"), ("recruiter", "20")], [51, 30, 20]),
    ],
)
def test_a_split(
    programme: None,
    acme: Any,
    rival: Any,
    mona: Any,
    whole: int,
    shares: list[tuple[str, str]],
    parts: list[int],
) -> None:
    """By largest remainder, ties to the partner; a part of nothing is no line."""
    note_recruiter(acme, rival, because="They met at the fair.", by=mona)
    a_live_plan(a_definition(rules=[], splits=[a_split(*shares)]))
    sold(acme, a_line("training", whole))
    assert posted() == parts


def test_9999_at_15_per_cent_given_back_in_three_thirds(programme: None, acme: Any) -> None:
    a_live_plan(a_definition(rules=[percent("15")], splits=[]))
    sale = sold(acme, a_line(minor=9_999))
    for number in range(3):
        given_back(sale, 3_333, name=f"re_{number}")
    assert posted() == [1_500, -500, -500, -500]


def test_a_refund_of_a_split_is_split_anew(programme: None, acme: Any) -> None:
    a_live_plan(a_definition(rules=[], splits=[a_split(("partner", "90"), ("vendor", "10"))]))
    given_back(sold(acme, a_line("training", 9_999)), 3_333)
    assert posted() == [8_999, 1_000, -3_000, -333]


def test_5_at_10_per_cent_less_1_takes_back_what_rounding_gave(programme: None, acme: Any) -> None:
    a_live_plan(a_definition(rules=[percent("10")], splits=[]))
    given_back(sold(acme, a_line(minor=5)), 1)
    assert posted() == [1, -1]


@pytest.mark.parametrize(
    ("at", "is_paid"),
    [
        (datetime(2026, 4, 30, 9, 59, 59, tzinfo=UTC), True),
        (datetime(2026, 4, 30, 10, 0, 0, tzinfo=UTC), False),
    ],
)
def test_three_months_from_31_january_noon_end_on_30_april_noon(
    programme: None, acme: Any, at: datetime, is_paid: bool
) -> None:
    """Noon in Berlin: 11:00 UTC in winter, 10:00 in summer. Paid is what lies before that moment."""
    from core.settings import PROGRAMME_TIME_ZONE, change_setting

    change_setting(PROGRAMME_TIME_ZONE, "Europe/Berlin", by=None)
    a_live_plan(a_definition(rules=[percent("10", term_months=3)], splits=[]))
    first = datetime(2026, 1, 31, 11, 0, tzinfo=UTC)
    sold(acme, a_line(minor=1_000), name="inv_1", occurred_at=first)
    sold(acme, a_line(minor=1_000), name="inv_2", occurred_at=at)
    assert posted() == ([100, 100] if is_paid else [100])
