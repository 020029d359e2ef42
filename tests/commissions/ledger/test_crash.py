"""Killed between any two statements: after the restart nothing is half done, and the same fact can be told again."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from commissions import ledger
from commissions.models import JournalEntry
from core.database import session, transaction
from tests.doomed import Doomed

MOST_PLACES = 200


@pytest.mark.soak
def test_a_posting_killed_anywhere_is_whole_or_not_there(own_app: Any, tmp_path: Path) -> None:
    """At every place, one after another, until it lives to its end."""
    url = own_app.config["DATABASE_URL"]
    with Doomed("tests.commissions.ledger.crash_child", url, str(tmp_path)) as doomed:
        for place in range(1, MOST_PLACES):
            lived = doomed.do("post", place)
            with own_app.app_context(), transaction():
                there = session.scalar(sa.select(sa.func.count()).select_from(JournalEntry))
                assert ledger.audit() == [], f"killed at {place}"
                assert there in {0, 1} and (there == 1 or not lived)
            if lived:
                break
        # It was killed often enough, and told again at the end it is there once.
        assert lived and place > 10
        assert doomed.do("post")
    with own_app.app_context(), transaction():
        assert session.scalar(sa.select(sa.func.count()).select_from(JournalEntry)) == 1
