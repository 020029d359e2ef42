"""Killed between any two statements: after the restart nothing is half done, and the same fact can be told again."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from commissions import ledger
from commissions.models import JournalEntry
from core.database import session, transaction

ROOT = Path(__file__).parents[3]

CHILD = """
import os, signal, sys
from sqlalchemy import event
from commissions import ledger
from commissions.ledger import AccountCode
from commissions.models import JournalKind
from core.database import current_database, transaction
from tests.conftest import make_app
from pathlib import Path

app = make_app(sys.argv[1], Path(sys.argv[2]))
last = int(sys.argv[3])
with app.app_context():
    seen = 0

    def count(*_):
        global seen
        seen += 1
        if seen > last:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(current_database().engine, "before_cursor_execute", count)
    event.listen(current_database().engine, "commit", count)
    expense, bank = (AccountCode.vendor(name, "EUR") for name in ("expense:commission", "asset:sepa"))
    with transaction():
        ledger.post(
            key="fact:1", kind=JournalKind.CORRECTION, source="test:1", by=None,
            lines=[(expense, 100), (bank, -100)],
        )
print("acknowledged")
"""


@pytest.mark.soak
def test_a_posting_killed_anywhere_is_whole_or_not_there(own_app: Any, tmp_path: Path) -> None:
    """Small here: every fourth place. SOAK=full kills at every place."""
    url = own_app.config["DATABASE_URL"]
    stride = 1 if os.environ.get("SOAK") == "full" else 4
    places = range(0, 24, stride)
    outcomes = set()
    for place in places:
        child = subprocess.run(
            [sys.executable, "-c", CHILD, url, str(tmp_path), str(place)],
            cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        assert child.returncode in {0, -signal.SIGKILL}, child.stderr
        with own_app.app_context(), transaction():
            there = session.scalar(sa.select(sa.func.count()).select_from(JournalEntry))
            assert ledger.audit() == []
        if child.returncode == 0:
            assert (child.stdout.strip(), there) == ("acknowledged", 1)
        outcomes.add(child.returncode)
        if child.returncode == 0:
            break
    assert outcomes == {0, -signal.SIGKILL}
