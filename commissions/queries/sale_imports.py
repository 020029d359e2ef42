"""Every question about imports of sales."""

import sqlalchemy as sa

from accounts.models import User
from accounts.permissions import Permission
from commissions.models import SaleImport


def sale_imports_visible_to(user: User) -> sa.Select[SaleImport]:
    """For the vendor's people who may record sales: all, the latest first."""
    rows = sa.select(SaleImport).order_by(SaleImport.id.desc())
    return rows if user.is_staff and user.may(Permission.SALES_WRITE) else rows.where(sa.false())
