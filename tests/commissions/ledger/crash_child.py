"""A posting, for a process that can be killed at any place of it (:mod:`tests.doomed`)."""

import sys
from pathlib import Path

from commissions import ledger
from commissions.ledger import AccountCode
from commissions.models import JournalKind
from core.database import transaction
from tests.conftest import make_app
from tests.doomed import carry_out


def post() -> None:
    """The same fact, whoever tells it first."""
    expense, bank = (AccountCode.vendor(name, "EUR") for name in ("expense:commission", "asset:sepa"))
    with transaction():
        ledger.post(
            key="fact:1",
            kind=JournalKind.CORRECTION,
            source="test:1",
            by=None,
            lines=[(expense, 100), (bank, -100)],
        )


if __name__ == "__main__":
    carry_out(make_app(sys.argv[1], Path(sys.argv[2])), {"post": post})
