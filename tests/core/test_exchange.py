"""Exchange rates of the day: as stored, turned round, through the euro, and never older than a week."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from core.database import session
from core.errors import InvalidInput
from core.exchange import ExchangeRate, import_ecb, rate_on, set_rate
from core.money import currencies

FRIDAY, SUNDAY = date(2026, 2, 20), date(2026, 2, 22)


def test_a_rate_is_found_either_way_and_through_the_euro():
    set_rate(FRIDAY, "EUR", "USD", Decimal("1.25"), source="typed", by=None)
    set_rate(FRIDAY, "EUR", "GBP", Decimal("0.8"), source="typed", by=None)
    assert rate_on(FRIDAY, "EUR", "USD") == "1.25"
    assert rate_on(FRIDAY, "USD", "EUR") == "0.8"
    assert rate_on(FRIDAY, "USD", "GBP") == "0.64"
    assert rate_on(FRIDAY, "EUR", "EUR") == "1"
    assert rate_on(FRIDAY, "EUR", "JPY") is None


def test_a_weekend_uses_the_rate_before_it_but_not_an_old_one():
    set_rate(FRIDAY, "EUR", "USD", Decimal("1.25"), source="typed", by=None)
    assert rate_on(SUNDAY, "EUR", "USD") == "1.25"
    assert rate_on(date(2026, 2, 28), "EUR", "USD") is None
    assert rate_on(date(2026, 2, 19), "EUR", "USD") is None


def test_a_correction_replaces_the_days_rate():
    set_rate(FRIDAY, "EUR", "USD", Decimal("1.25"), source="typed", by=None)
    set_rate(FRIDAY, "EUR", "USD", Decimal("1.2"), source="typed", by=None)
    assert rate_on(FRIDAY, "EUR", "USD") == "1.2"


def test_the_banks_table_is_read_in_both_of_its_forms():
    assert import_ecb("Date,USD,JPY,XXX\n2026-02-20,1.08,160.5,3\n2026-02-19,1.07,N/A,\n", by=None) == 3
    assert import_ecb("Date, USD, \n18 February 2026, 1.06, \n", by=None) == 1
    assert rate_on(FRIDAY, "EUR", "JPY") == "160.5"


@pytest.mark.parametrize("text", ["", "hello", "Date,USD\n2026-02-20,many\n", "Date,USD\nyesterday,1\n"])
def test_what_is_no_table_is_refused_with_a_sentence(text):
    with pytest.raises(InvalidInput):
        import_ecb(text, by=None)


@pytest.mark.parametrize("rate", ["0", "-1", "NaN", "1e12"])
def test_a_rate_is_above_zero(rate):
    with pytest.raises(InvalidInput):
        set_rate(FRIDAY, "EUR", "USD", Decimal(rate), source="typed", by=None)


def test_a_tiny_rate_is_written_out():
    set_rate(FRIDAY, "EUR", "USD", Decimal("100000000"), source="typed", by=None)
    assert rate_on(FRIDAY, "USD", "EUR") == "0.00000001"


def test_the_whole_history_is_read_in_bulk():
    """A year of 40 currencies is thousands of rates; reading them twice adds none and corrects what changed."""
    codes = sorted(currencies() - {"EUR"})[:40]
    days = [date(2025, 1, 1) + timedelta(days=number) for number in range(250)]
    lines = [f"{day.isoformat()},{','.join('1.5' for _code in codes)}" for day in days]
    text = "\n".join([f"Date,{','.join(codes)}", *lines])
    assert import_ecb(text, by=None) == 10_000
    assert import_ecb(text.replace("1.5", "1.6", 1), by=None) == 10_000
    assert session.scalar(sa.select(sa.func.count()).select_from(ExchangeRate)) == 10_000
    assert rate_on(days[0], "EUR", codes[0]) == "1.6"
    assert rate_on(days[1], "EUR", codes[0]) == "1.5"


@pytest.mark.parametrize("value", ["0", "-1", "NaN", "Infinity", "1e12"])
def test_a_rate_of_the_table_is_in_range_too(value):
    with pytest.raises(InvalidInput, match="is not a rate"):
        import_ecb(f"Date,USD\n2026-02-20,{value}\n", by=None)
