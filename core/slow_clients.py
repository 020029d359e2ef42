"""A client that sends its request in drips holds up nobody: bodies are read before anybody works on them.

The server gives each request a thread, and a thread that waits for a body does nothing else. So there are many threads,
which wait for bodies, and few places, where a request is worked on; it gets one only with its body complete. From one
address so many bodies may be on their way at once, so that no one visitor takes all the threads.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from werkzeug.wrappers import Response

from core.digits import number_in

#: Threads of the server; nearly all of them may be waiting for bodies.
THREADS = 64
#: How many requests are worked on at once: more would only wait for each other.
PLACES = 4
FROM_ONE_ADDRESS = 12

_PIECE = 65_536
_KEPT_IN_MEMORY = 1024 * 1024


class BodiesFirst:
    """The outermost layer of the served application (WSGI)."""

    def __init__(
        self,
        app: Callable[[dict[str, Any], Any], Iterable[bytes]],
        *,
        longest: int,
        places: int = PLACES,
        from_one_address: int = FROM_ONE_ADDRESS,
    ) -> None:
        self.app = app
        self.longest = longest
        self.from_one_address = from_one_address
        self._places = threading.BoundedSemaphore(places)
        self._on_their_way: Counter[str] = Counter()
        self._counting = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        is_chunked = "chunked" in str(environ.get("HTTP_TRANSFER_ENCODING", "")).lower()
        length = self.longest + 1 if is_chunked else _length_of(environ)
        if not is_chunked and not 0 < length <= self.longest:
            # Nothing to wait for; or too much, which is refused without being read
            with self._places:
                return self.app(environ, start_response)
        with self._counted(str(environ.get("REMOTE_ADDR"))) as is_one_too_many:
            if is_one_too_many:
                refusal = Response(
                    "Too many requests are on their way from here.\n", 503, {"Retry-After": "5"}
                )
                return refusal(environ, start_response)
            body, came = _whole(environ["wsgi.input"], length)
        complete = {**environ, "wsgi.input": body}
        if is_chunked:
            # Now its length is known; one that is too long is refused by it
            complete.pop("HTTP_TRANSFER_ENCODING")
            complete["CONTENT_LENGTH"] = str(came)
        with body, self._places:
            return self.app(complete, start_response)

    @contextmanager
    def _counted(self, address: str) -> Any:
        with self._counting:
            is_one_too_many = self._on_their_way[address] >= self.from_one_address
            self._on_their_way[address] += 1
        try:
            yield is_one_too_many
        finally:
            with self._counting:
                self._on_their_way[address] -= 1
                if not self._on_their_way[address]:
                    del self._on_their_way[address]


def _length_of(environ: dict[str, Any]) -> int:
    return number_in(environ.get("CONTENT_LENGTH"), most_digits=15) or 0


def _whole(source: Any, length: int) -> tuple[IO[bytes], int]:
    """At most ``length`` bytes of the body as a file, and how many came: fewer when it ended, or the client gave up."""
    body = SpooledTemporaryFile(max_size=_KEPT_IN_MEMORY)  # noqa: SIM115 - closed by the caller
    came = 0
    while came < length:
        piece = source.read(min(length - came, _PIECE))
        if not piece:
            break
        body.write(piece)
        came += len(piece)
    body.seek(0)
    return body, came
