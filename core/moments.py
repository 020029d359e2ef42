"""Points in time that somebody wrote down."""

from datetime import UTC, datetime


def in_utc(moment: datetime) -> datetime:
    """An aware moment in UTC. Raises ValueError for one that UTC has no year for, such as the year 1 east of it."""
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(str(error)) from error
