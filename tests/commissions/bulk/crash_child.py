"""Long work over sales, for a process that can be killed at any place of it (:mod:`tests.doomed`)."""

import sys
from pathlib import Path

import sqlalchemy as sa

from commissions.models import Recomputation, SaleImport
from commissions.operations import recomputations, sale_imports
from core.database import session, transaction
from core.imports import ImportStatus
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


def import_sales() -> None:
    """Goes on with the only import, a few rows a step, until it is done."""
    sale_imports.CHECKED_AT_ONCE, sale_imports.TAKEN_AT_ONCE, sale_imports.WORKED_OUT_AT_ONCE = 6, 4, 3
    status = None
    while status is not ImportStatus.DONE:
        with transaction():
            row = session.scalars(sa.select(SaleImport)).one()
            if row.status is ImportStatus.CHECKING:
                sale_imports.check_rows(row)
            elif row.status is ImportStatus.CHECKED:
                sale_imports.start_taking(row, leave_out_wrong=False)
            else:
                sale_imports.take_rows(row)
            status = row.status


if __name__ == "__main__":
    carry_out(
        make_app(sys.argv[1], Path(sys.argv[2])), {"recompute": recompute, "import_sales": import_sales}
    )
