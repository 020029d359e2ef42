"""Work that the database ended for the sake of somebody else's is done again, whole and from its beginning.

Two transactions that wait for each other (a deadlock), or that cannot both have happened (a serialization failure):
PostgreSQL ends one of them and keeps nothing of it. So nothing is lost by doing it again: a request at the edge, where
one request is one transaction, and a job in the worker. After :data:`MOST_REPEATS` the person is told
instead. SQLite has one writer at a time and no such races.
"""

import logging
import secrets
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from io import RawIOBase
from tempfile import SpooledTemporaryFile
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from flask import has_request_context, request

log = logging.getLogger(__name__)

MOST_REPEATS = 8
#: After so many seconds since the first try nobody waits for another one.
LONGEST_SECONDS = 15.0

#: SQLSTATEs after which nothing of the transaction is kept, and doing it again may work.
_UNDONE = {"40P01": "deadlock", "40001": "serialization"}
LOCK_TIMEOUT = "55P03"

#: Told of each race that was lost: ``request`` or ``job``, by what, and ``repeated`` or ``given up``.
observers: list[Callable[[str, str, str], None]] = []

_KEY = "guildhall.attempt"
_KEPT_IN_MEMORY = 1024 * 1024
_random = secrets.SystemRandom()
Answer = TypeVar("Answer")
Start = Callable[..., Any]


def sqlstate_of(error: BaseException) -> str:
    """The five signs by which PostgreSQL says what went wrong; nothing for any other error."""
    return str(getattr(getattr(error, "orig", None), "sqlstate", None) or "")


def lost_by(error: BaseException) -> str:
    """``deadlock`` or ``serialization`` when the database undid everything for one of these, else nothing."""
    return _UNDONE.get(sqlstate_of(error), "")


def is_cut_off(error: BaseException) -> bool:
    """Whether the connection to the database was lost, as when the server is started anew."""
    return bool(getattr(error, "connection_invalidated", False))


def wait_a_little(number: int) -> None:
    """Full jitter: anything up to 50 ms, then 100, 200 … at most a second, so that two do not meet again."""
    time.sleep(_random.uniform(0, min(0.05 * 2**number, 1.0)))


def _tell(where: str, what: str, reason: str, number: int, is_repeated: bool) -> None:
    outcome = "repeated" if is_repeated else "given up"
    log.warning("%s %s lost to a %s at try %s: %s", where, what, reason, number + 1, outcome)
    for observer in observers:
        observer(where, reason, outcome)


def repeated(deed: Callable[[], Answer], *, what: str) -> Answer:
    """Carries out ``deed``, which must be one whole transaction of a job, again while it loses a race."""
    number = 0
    while True:
        try:
            return deed()
        except sa.exc.OperationalError as error:
            reason = lost_by(error)
            if reason:
                _tell("job", what, reason, number, is_repeated=number < MOST_REPEATS)
            if not reason or number >= MOST_REPEATS:
                raise
        wait_a_little(number)
        number += 1


@dataclass
class Attempt:
    """One try at a request, as it stands in the request's environment."""

    number: int
    until: float
    #: Somebody else was called meanwhile (a bank, an identity provider), who would be called twice.
    has_called_out: bool = False
    #: The commit had begun: when the connection is lost then, nobody knows what was kept.
    is_ending: bool = False
    lost_by: str = ""

    def loses(self, error: BaseException, *, what: str, only_reads: bool) -> bool:
        """Whether the request is done again for ``error``; the edge then does so."""
        reason = lost_by(error) or ("lost connection" if is_cut_off(error) else "")
        if not reason:
            return False
        is_undone = only_reads or not self.is_ending or lost_by(error) != ""
        has_time = self.number < MOST_REPEATS and time.monotonic() < self.until
        may_repeat = is_undone and has_time and not self.has_called_out
        _tell("request", what, reason, self.number, is_repeated=may_repeat)
        self.lost_by = reason if may_repeat else ""
        return may_repeat


def current_attempt() -> Attempt | None:
    """The running try at the running request; ``None`` outside of requests, and on SQLite."""
    return cast("Attempt | None", request.environ.get(_KEY)) if has_request_context() else None


class _Rewindable(RawIOBase):
    """A request's body that can be read again from its beginning; what was read is kept, on disk when it is long."""

    def __init__(self, source: Any) -> None:
        self._source = source
        self._kept = SpooledTemporaryFile(max_size=_KEPT_IN_MEMORY)  # noqa: SIM115 - closed with this
        self._is_again = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._is_again:
            again = self._kept.read(len(buffer))
            if again:
                buffer[: len(again)] = again
                return len(again)
            self._is_again = False
        fresh = self._source.read(len(buffer))
        self._kept.write(fresh)
        buffer[: len(fresh)] = fresh
        return len(fresh)

    def rewind(self) -> None:
        self._kept.seek(0)
        self._is_again = True

    def close(self) -> None:
        self._kept.close()
        super().close()


class RepeatLostRaces:
    """The edge (WSGI): a request that lost a race is handed to the application once more, with the same body."""

    def __init__(self, app: Callable[[dict[str, Any], Start], Iterable[bytes]]) -> None:
        self.app = app

    def __call__(self, environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        until = time.monotonic() + LONGEST_SECONDS
        with closing(_Rewindable(environ["wsgi.input"])) as body:
            number = 0
            while True:
                attempt = Attempt(number, until)
                begun: list[tuple[Any, ...]] = []
                own = {**environ, "wsgi.input": body, _KEY: attempt}
                answer = self.app(own, lambda *said, begun=begun: begun.append(said))
                if not attempt.lost_by:
                    start_response(*begun[-1])
                    return answer
                if hasattr(answer, "close"):
                    answer.close()
                body.rewind()
                wait_a_little(number)
                number += 1
