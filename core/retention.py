"""How long what is kept: each domain names rules, a setting holds the months of each, a nightly job keeps them.

A rule finds its rows by their own clock (decided, received, over) and takes out what names people, or the rows as a
whole where nothing else needs them. What it has done to, it does not find again. 0 months: kept for ever.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

import sqlalchemy as sa

from core import clock, jobs
from core.activity import Actor
from core.database import session
from core.i18n import lazy_gettext, lazy_pgettext
from core.settings import Setting, whole_number
from core.signals import Signal, announce

GROUP = lazy_gettext("How long it is kept")
_AT_ONCE = 500
#: What one job does at most; the rest is done by the next one, so that no transaction is long.
_MOST = 20_000


@dataclass(frozen=True)
class Rule:
    """One kind of rows and their time."""

    code: str
    label: Any
    #: What goes, and what stays of it: a sentence.
    effect: Any
    months: Setting[int]
    #: The ids of rows that are older than a moment and still say something.
    due: Callable[[datetime], sa.Select[Any]]
    #: Does it to rows by their ids.
    clear: Callable[[list[int]], Any]

    @property
    def limit(self) -> datetime | None:
        """Before when rows are due; ``None`` where they are kept for ever. A month is 30 days here."""
        months = self.months.value()
        return clock.now() - timedelta(days=30 * months) if months else None

    @property
    def due_now(self) -> int:
        """How many rows the next night takes."""
        limit = self.limit
        if limit is None:
            return 0
        return session.scalar(sa.select(sa.func.count()).select_from(self.due(limit).subquery())) or 0


@dataclass(frozen=True)
class RetentionKept(Signal[None]):
    """Rows were cleared since their time was over."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Old data cleared")

    kind: str
    rows: int


RULES: dict[str, Rule] = {}


def rule(
    code: str,
    label: Any,
    effect: Any,
    *,
    months: int,
    due: Callable[[datetime], sa.Select[Any]],
    clear: Callable[[list[int]], Any],
) -> None:
    """Declares a rule and its setting, ``retention.<code>``."""
    if code not in RULES:
        setting = whole_number(
            f"retention.{code}", months, label, GROUP, most=240, hint=lazy_gettext("Months; 0: for ever.")
        )
        RULES[code] = Rule(code, label, effect, setting, due, clear)


def keep(one: Rule, *, by: Actor | None = None, most: int = _MOST) -> int:
    """Clears what is due under a rule, at most ``most`` rows; answers how many."""
    limit = one.limit
    if limit is None:
        return 0
    done = 0
    while done < most:
        ids = list(session.scalars(one.due(limit).limit(min(_AT_ONCE, most - done))))
        if not ids:
            break
        one.clear(ids)
        session.flush()
        done += len(ids)
    if done:
        announce(RetentionKept(None, by, kind=one.code, rows=done))
    return done


@jobs.recurring("core.retention", at="03:50")
def keep_every_rule(_payload: dict[str, Any]) -> None:
    """Each rule in a job of its own, so that one that fails holds no other up."""
    for code in RULES:
        jobs.enqueue("core.retention.rule", {"rule": code})


@jobs.job("core.retention.rule")
def keep_one_rule(payload: dict[str, Any]) -> None:
    """One rule, as much as one transaction should hold; goes on in another where more is left."""
    one = RULES.get(payload["rule"])
    if one is not None and keep(one) >= _MOST:
        jobs.enqueue("core.retention.rule", {"rule": one.code})
