"""Sales that a partner reports: what it says, with the paper that shows it, until the vendor confirms or declines."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import User
from core.database import Base
from core.errors import Refusal
from core.i18n import gettext as _
from core.triggers import refuse_when
from partners.models import Partner
from referrals.models import BilledBy, Customer, Deal, Sale, SaleType


class SaleReportStatus(StrEnum):
    """Where a report stands. Only *reported* waits for somebody."""

    REPORTED = "reported"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class SaleReport(Base):
    """A sale as its partner tells it, to a customer of its own or out of one of its deals.

    ``number`` is that of the invoice or order. ``lines`` are ``{"kind", "amount_minor"}``, net of tax. While it is
    *reported*, ``decide_by`` is the vendor's clock. Confirmed, it has become ``sale``.
    """

    __tablename__ = "commissions_sale_report"
    __table_args__ = (
        sa.CheckConstraint("(status = 'confirmed') = (sale_id IS NOT NULL)", name="sale"),
        sa.CheckConstraint("(status = 'reported') = (decided_at IS NULL)", name="decided"),
        sa.CheckConstraint("(status = 'declined') = (reason IS NOT NULL)", name="reason"),
        # The same invoice is reported once; what was declined or withdrawn may be told again.
        sa.Index(
            "ux_commissions_sale_report_number",
            "partner_id",
            "number",
            unique=True,
            sqlite_where=sa.text("status IN ('reported', 'confirmed')"),
            postgresql_where=sa.text("status IN ('reported', 'confirmed')"),
        ),
        sa.Index("ix_commissions_sale_report_queue", "status", "decide_by", "id"),
        sa.Index("ix_commissions_sale_report_partner", "partner_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_partner.id"))
    status: Mapped[SaleReportStatus]
    customer_id: Mapped[int] = mapped_column(sa.ForeignKey("referrals_customer.id"))
    deal_id: Mapped[int | None] = mapped_column(sa.ForeignKey("referrals_deal.id"))
    number: Mapped[str]
    sold_on: Mapped[date]
    currency: Mapped[str]
    type: Mapped[SaleType]
    billed_by: Mapped[BilledBy]
    lines: Mapped[list[dict[str, Any]]]
    note: Mapped[str]
    file_name: Mapped[str]
    file_type: Mapped[str]
    file_key: Mapped[str]
    file_sha256: Mapped[str]
    reported_at: Mapped[datetime]
    reported_by_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts_user.id"))
    decide_by: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts_user.id"))
    reason: Mapped[str | None]
    sale_id: Mapped[int | None] = mapped_column(sa.ForeignKey("referrals_sale.id"), index=True)

    partner: Mapped[Partner] = relationship()
    customer: Mapped[Customer] = relationship()
    deal: Mapped[Deal | None] = relationship()
    sale: Mapped[Sale | None] = relationship()
    reported_by: Mapped[User] = relationship(foreign_keys=[reported_by_id])

    @property
    def total_minor(self) -> int:
        """The sum of its lines, net of tax."""
        return sum(int(line["amount_minor"]) for line in self.lines)

    @property
    def is_undecided(self) -> bool:
        return self.status is SaleReportStatus.REPORTED

    def become(self, status: SaleReportStatus) -> None:
        """Ends it. Raises Refusal when that has happened already."""
        if not self.is_undecided:
            raise Refusal(_("This report is decided already."))
        self.status = status


_REPORT: sa.Table = SaleReport.__table__  # type: ignore[assignment]
refuse_when(
    _REPORT,
    "UPDATE",
    "keeps_what_was_told",
    [
        (
            "a report stays as it was told, and once decided stays decided",
            "NEW.id <> OLD.id OR NEW.partner_id <> OLD.partner_id OR NEW.number <> OLD.number "
            "OR NEW.file_sha256 <> OLD.file_sha256 OR CAST(NEW.lines AS TEXT) <> CAST(OLD.lines AS TEXT) "
            "OR (OLD.status <> 'reported' AND (NEW.status <> OLD.status "
            "OR COALESCE(NEW.sale_id, 0) <> COALESCE(OLD.sale_id, 0)))",
        )
    ],
)
refuse_when(_REPORT, "DELETE", "stays", [("a report of a sale is never removed", "TRUE")])
