"""How Stripe is called: the key, the address, the pace, and what each kind of answer means."""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import stripe
from flask import current_app

API = "https://api.stripe.com"
VERSION = "2026-05-27.dahlia"
# Stripe allows 25 reads and 25 writes a second in test mode and 100 for real; several processes share that.
CALLS_A_SECOND = 20


class NotSetUp(RuntimeError):
    """No key, or an address that this installation must not talk to."""


class TryAgain(RuntimeError):
    """Stripe asks for patience, or cannot be reached; nothing happened. The same key may be used again."""


def is_set_up() -> bool:
    """Whether this installation can pay through Stripe."""
    return bool(current_app.config["STRIPE_API_KEY"])


def is_live() -> bool:
    """Whether the key moves real money; events of the other mode are not ours."""
    return bool(current_app.config["STRIPE_API_KEY"].startswith(("sk_live_", "rk_live_")))


def check_configuration(config: Mapping[str, Any]) -> None:
    """Raises NotSetUp when production would talk to anybody but Stripe, or a test to the real one."""
    if not config["STRIPE_API_KEY"]:
        return
    base, kind = config["STRIPE_API_BASE"].rstrip("/"), config["KIND"]
    if kind == "production" and base != API:
        raise NotSetUp("STRIPE_API_BASE must be https://api.stripe.com in production.")
    if (
        kind != "production"
        and base == API
        and not config["STRIPE_API_KEY"].startswith(("sk_test_", "rk_test_"))
    ):
        raise NotSetUp("Outside production STRIPE_API_KEY must be a test key (sk_test_…).")


class Pace:
    """At most so many calls a second in this process; whoever comes too early waits."""

    def __init__(self, calls_a_second: int) -> None:
        self.span = 1 / calls_a_second
        self._lock = threading.Lock()
        self._next = 0.0

    def wait(self) -> None:
        with self._lock:
            now = time.monotonic()
            at = max(now, self._next)
            self._next = at + self.span
        if at > now:
            time.sleep(at - now)


_pace = Pace(CALLS_A_SECOND)


def client() -> stripe.StripeClient:
    """A client for one call. Raises NotSetUp without a key."""
    if not is_set_up():
        raise NotSetUp("STRIPE_API_KEY is not set.")
    _pace.wait()
    return stripe.StripeClient(
        current_app.config["STRIPE_API_KEY"],
        base_addresses={"api": current_app.config["STRIPE_API_BASE"].rstrip("/")},
        stripe_version=VERSION,
        max_network_retries=1,
        http_client=stripe.RequestsClient(timeout=(3, 20)),
    )


def id_of(thing: Any) -> str | None:
    """The id of something that Stripe may answer whole or as an id."""
    return thing if isinstance(thing, str) or thing is None else str(thing.id)


@contextmanager
def patiently() -> Iterator[None]:
    """For questions that change nothing: without an answer they are simply asked again later (TryAgain)."""
    try:
        yield
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        raise NotSetUp(f"Stripe refuses the key: {error.user_message}") from error
    except stripe.StripeError as error:
        raise TryAgain(str(error.user_message or type(error).__name__)) from error
