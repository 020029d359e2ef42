"""Who hears of reported sales: the vendor of new ones and of clocks run out, the partner of what was decided."""

from datetime import timedelta
from typing import Any

from commissions.emails import sale_reports as emails
from commissions.queries.sale_reports import reports_late
from commissions.signals import SaleReportConfirmed, SaleReportDeclined, SaleReported
from core import clock
from core.database import session
from core.jobs import recurring
from core.signals import receives


@receives(SaleReported)
def tell_the_vendor_of_a_report(signal: SaleReported) -> None:
    emails.ask_the_vendor(signal.subject)


@receives(SaleReportConfirmed, SaleReportDeclined)
def tell_the_partner_what_was_decided(signal: SaleReportConfirmed | SaleReportDeclined) -> None:
    emails.tell_the_partner(signal.subject)


@recurring("commissions.sale-reports-late", every=timedelta(hours=1))
def remind_of_late_decisions(_payload: dict[str, Any]) -> None:
    """Once a report: it should have been decided."""
    for report in session.scalars(reports_late(clock.now())):
        emails.remind_of_a_late_decision(report)
