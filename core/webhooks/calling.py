"""One POST to a checked address: no redirects, no proxies, fifteen seconds in all, and of the answer 64 KiB at most."""

import http.client
import socket
import ssl
import threading
from dataclasses import dataclass

from core.digits import number_in
from core.webhooks.addresses import Target

MOST_SECONDS = 15.0
MOST_ANSWER = 64 * 1024


@dataclass(frozen=True)
class Answer:
    """What the other side said; ``status`` 0 when it said nothing, and then ``text`` says why."""

    status: int
    text: str
    retry_after: int | None = None


class _Connection(http.client.HTTPConnection):
    """A connection to the very address that was checked, with a certificate for the name."""

    def __init__(self, target: Target) -> None:
        super().__init__(target.host, target.port, timeout=MOST_SECONDS)
        self.target = target

    def connect(self) -> None:
        plain = socket.create_connection((self.target.address, self.target.port), timeout=MOST_SECONDS)
        if self.target.is_https:
            self.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=self.target.host)
        else:
            self.sock = plain

    def cut(self) -> None:
        """Ends whatever is going on, however slowly the other side speaks."""
        if self.sock is not None:
            try:
                self.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                return


def post(target: Target, body: bytes, headers: dict[str, str]) -> Answer:
    """Sends ``body``; every failure is an answer as well."""
    connection = _Connection(target)
    deadline = threading.Timer(MOST_SECONDS, connection.cut)
    deadline.daemon = True
    deadline.start()
    try:
        connection.request("POST", target.path, body, headers)
        response = connection.getresponse()
        text = response.read(MOST_ANSWER).decode("utf-8", "replace")
        wait = response.getheader("Retry-After", "")
        return Answer(response.status, text, number_in(wait))
    except (OSError, http.client.HTTPException) as error:
        return Answer(0, f"{type(error).__name__}: {error}")
    finally:
        deadline.cancel()
        connection.close()
