"""Where the seeds of routing come from: nobody can foresee them, but for a story that is told twice alike."""

import random
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

MOST = 2**31

_given: ContextVar[random.Random | None] = ContextVar("seeds_of_routing", default=None)


def fresh_seed() -> int:
    """A seed for one decision, from 0 to ``MOST`` - 1; it is kept with the decision, which can be worked out again."""
    given = _given.get()
    return secrets.randbelow(MOST) if given is None else given.randrange(MOST)


@contextmanager
def seeds_from(chance: random.Random) -> Iterator[None]:
    """Inside, seeds follow ``chance``: for the demo, which is the same each time."""
    token = _given.set(chance)
    try:
        yield
    finally:
        _given.reset(token)
