"""Every question about recomputations."""

import sqlalchemy as sa

from accounts.models import User
from accounts.permissions import Permission
from commissions.models import Recomputation


def recomputations() -> sa.Select[Recomputation]:
    """All of them, the latest first."""
    return sa.select(Recomputation).order_by(Recomputation.id.desc())


def recomputations_visible_to(user: User) -> sa.Select[Recomputation]:
    """Those that ``user`` may look at: all for whoever of the vendor reads the books."""
    may = user.is_staff and user.may(Permission.LEDGER_READ)
    return recomputations() if may else recomputations().where(sa.false())
