"""How long a rule pays and when its money is free: calendar months, terms, cap windows, holds."""

from calendar import monthrange
from datetime import UTC, datetime, timedelta, tzinfo

from commissions.rates.facts import Pair


def add_months(moment: datetime, months: int, time_zone: tzinfo = UTC) -> datetime:
    """The same day and hour ``months`` later on the calendar of ``time_zone``, in UTC.

    A day the month doesn't have becomes its last: 31 January and three months is 30 April.
    """
    local = moment.astimezone(time_zone)
    years, month0 = divmod(local.month - 1 + months, 12)
    year, month = local.year + years, month0 + 1
    day = min(local.day, monthrange(year, month)[1])
    return local.replace(year=year, month=month, day=day).astimezone(UTC)


def months_between(first: datetime, later: datetime, time_zone: tzinfo = UTC) -> int:
    """Whole calendar months from ``first`` to ``later``; 0 within the first month, and before it."""
    start, end = first.astimezone(time_zone), later.astimezone(time_zone)
    months = (end.year - start.year) * 12 + end.month - start.month
    while months > 0 and add_months(first, months, time_zone) > later:
        months -= 1
    return max(0, months)


def is_first_sale(pair: Pair, occurred_at: datetime) -> bool:
    """Whether a sale at that moment is the pair's first."""
    if pair.is_first_sale is not None:
        return pair.is_first_sale
    return pair.first_sale_at is None or occurred_at <= pair.first_sale_at


def term_ends_at(pair: Pair, occurred_at: datetime, months: int, time_zone: tzinfo = UTC) -> datetime:
    """The moment from which a rule of ``months`` no longer pays for this pair: paid while the event is before
    it."""
    return add_months(pair.first_sale_at or occurred_at, months, time_zone)


def is_within_term(pair: Pair, occurred_at: datetime, months: int | None, time_zone: tzinfo = UTC) -> bool:
    """``None`` months: for ever; 0: the first sale only; N: before the N-th month after it has ended."""
    if months is None:
        return True
    if months == 0:
        return is_first_sale(pair, occurred_at)
    return occurred_at < term_ends_at(pair, occurred_at, months, time_zone)


def available_at(received_at: datetime, hold_days: int, refund_window_days: int = 0) -> datetime:
    """When a line becomes payable: the hold, or the refund window if that is longer, after the money was
    received.

    It is payable at that very moment.
    """
    return received_at.astimezone(UTC) + timedelta(days=max(hold_days, refund_window_days))


def window_label(window: str, moment: datetime, time_zone: tzinfo = UTC) -> str:
    """The name of the window a moment falls into: ``2026-03``, ``2026-Q1``, ``2026``, or ``lifetime``."""
    local = moment.astimezone(time_zone)
    match window:
        case "calendar_month":
            return f"{local.year:04d}-{local.month:02d}"
        case "calendar_quarter":
            return f"{local.year:04d}-Q{(local.month + 2) // 3}"
        case "calendar_year":
            return f"{local.year:04d}"
        case _:
            return "lifetime"
