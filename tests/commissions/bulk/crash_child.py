"""A recomputation of all sales, for a process that can be killed at any place of it (:mod:`tests.doomed`)."""

import sys
from pathlib import Path

from commissions.models import Recomputation
from commissions.operations import recomputations
from core.database import session, transaction
from tests.conftest import make_app
from tests.doomed import carry_out


def recompute() -> None:
    """Begins one, or goes on with the one that was killed, two sales a step."""
    recomputations.STEP = 2
    with transaction():
        run_id = recomputations.start_recomputation(by=None).id
    is_open = True
    while is_open:
        with transaction():
            is_open = recomputations.recompute_further(session.get_one(Recomputation, run_id))


if __name__ == "__main__":
    carry_out(make_app(sys.argv[1], Path(sys.argv[2])), {"recompute": recompute})
