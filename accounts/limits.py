"""How often somebody may try: limits per address and account, kept in the database.

They hold across processes and restarts. Each hit is a short transaction of its own, so that a refused request counts
as well. Moments here are the world's, not the demo's.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import Flask, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits.storage import Storage
from sqlalchemy.orm import Mapped, mapped_column

from core import races
from core.database import Base, aside, current_database


class LimitCount(Base):
    """How often a key was hit in the window that ends at ``expires_at`` (seconds of the epoch)."""

    __tablename__ = "accounts_limit_count"

    key: Mapped[str] = mapped_column(primary_key=True)
    hits: Mapped[int]
    expires_at: Mapped[int] = mapped_column(index=True)

    @property
    def id(self) -> str:
        return self.key


class DatabaseStorage(Storage):
    """The fixed-window storage of the ``limits`` library, on the portal's own database."""

    STORAGE_SCHEME = ["portal"]

    @property
    def base_exceptions(self) -> type[Exception]:
        return sa.exc.SQLAlchemyError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Counts ``amount`` hits of ``key`` and answers how many there are in its window of ``expiry`` seconds."""
        now = int(time.time())
        if current_database().is_sqlite:
            from sqlalchemy.dialects.sqlite import insert
        else:
            from sqlalchemy.dialects.postgresql import insert  # type: ignore[assignment]
        fresh = LimitCount.expires_at <= now
        statement: Any = insert(LimitCount).values(key=key, hits=amount, expires_at=now + expiry)
        statement = statement.on_conflict_do_update(
            index_elements=["key"],
            set_={
                "hits": sa.case((fresh, amount), else_=LimitCount.hits + amount),
                "expires_at": sa.case((fresh, now + expiry), else_=LimitCount.expires_at),
            },
        ).returning(LimitCount.hits)
        with aside() as own:
            return int(own.scalar(statement) or amount)

    def get(self, key: str) -> int:
        with aside() as own:
            hits = own.scalar(
                sa.select(LimitCount.hits).where(
                    LimitCount.key == key, LimitCount.expires_at > int(time.time())
                )
            )
        return int(hits or 0)

    def get_expiry(self, key: str) -> float:
        with aside() as own:
            moment = own.scalar(sa.select(LimitCount.expires_at).where(LimitCount.key == key))
        return float(moment or time.time())

    def check(self) -> bool:
        return True

    def reset(self) -> int | None:
        with aside() as own:
            return int(own.execute(sa.delete(LimitCount)).rowcount)  # type: ignore[attr-defined]

    def clear(self, key: str) -> None:
        with aside() as own:
            own.execute(sa.delete(LimitCount).where(LimitCount.key == key))


@dataclass
class _Slice:
    """What this process may still let through of a caller's minute before it asks the database again."""

    ends_at: float
    left: int


_slices: dict[str, _Slice] = {}
_slicing = threading.Lock()
_MINUTE = 60


def seconds_to_wait(caller: str, *, per_minute: int) -> int:
    """Counts one request of a machine; 0 when it may go on, else the seconds after which it may.

    A count a request in the database would make each of them a writer. So a process takes a hundredth of the minute's
    allowance at a time, and asks again when that is used up; the figure holds across processes all the same.
    """
    now = time.time()
    with _slicing:
        kept = _slices.get(caller)
        if kept is not None and kept.ends_at > now and kept.left:
            kept.left -= 1
            return 0
        if len(_slices) > _MOST_CALLERS:
            _slices.clear()
    size = max(1, per_minute // 100)
    counts = DatabaseStorage()
    taken = counts.incr(f"api:{caller}", _MINUTE, size) - size
    ends_at = counts.get_expiry(f"api:{caller}")
    if taken >= per_minute:
        return max(1, int(ends_at - now))
    with _slicing:
        _slices[caller] = _Slice(ends_at, min(size, per_minute - taken) - 1)
    return 0


_MOST_CALLERS = 10_000

limiter = Limiter(get_remote_address, storage_uri="portal://", strategy="fixed-window", default_limits=[])


def per_address(limit: str) -> Callable[[Any], Any]:
    """Limits a page's unsafe requests by the caller's address, say ``"20 per hour"``."""
    return limiter.limit(limit, exempt_when=_only_reads)


def per_account(limit: str, field: str = "email") -> Callable[[Any], Any]:
    """Limits unsafe requests by what is typed into ``field``, from any address."""
    return limiter.limit(
        limit,
        key_func=lambda: f"{field}:{request.form.get(field, '').strip().lower()[:200]}",
        exempt_when=_only_reads,
    )


def per_person(whose: Callable[[], Any]) -> Callable[[Any], Any]:
    """Limits how often somebody may guess a second factor, wherever they type it: ``whose`` answers whose it is.

    Five in five minutes, twenty in an hour, fifty in a day: six digits stay out of reach.
    """
    return limiter.shared_limit(
        "5 per 5 minutes;20 per hour;50 per day",
        scope="second factor",
        key_func=lambda: f"second-factor:{whose()}",
        exempt_when=lambda: _only_reads() or whose() is None,
    )


@limiter.request_filter
def _is_a_repeat() -> bool:
    """A request that the edge hands in once more was counted the first time."""
    attempt = races.current_attempt()
    return attempt is not None and attempt.number > 0


def _only_reads() -> bool:
    return request.method in {"GET", "HEAD"}


def init_app(app: Flask) -> None:
    limiter.init_app(app)
