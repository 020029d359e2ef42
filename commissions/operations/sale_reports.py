"""Sales that partners report: told with a paper, confirmed or declined by the vendor in time.

A confirmed report is recorded by the operation that every sale goes through, under the source ``partner_report``.
"""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from accounts.models import User
from commissions.models import SaleReport, SaleReportStatus
from commissions.settings import SALE_REPORT_DAYS
from commissions.signals import SaleReportConfirmed, SaleReportDeclined, SaleReported, SaleReportWithdrawn
from core import clock, uploads
from core.database import lock, session
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from core.money import LIMIT, currencies
from core.settings import PROGRAMME_TIME_ZONE
from core.signals import announce
from core.vendor_time import in_working_days
from partners.models import LineKind, Partner
from partners.queries import partner_of
from referrals.models import BilledBy, Customer, Deal, SaleType
from referrals.operations.sales import record_sale, wrong_day

SOURCE = "partner_report"
LONGEST_NOTE = 2000


def report_sale(
    customer: Customer,
    *,
    number: str,
    sold_on: date,
    currency: str,
    lines: Sequence[tuple[str, int]],
    file: uploads.CheckedFile,
    deal: Deal | None = None,
    type: SaleType = SaleType.NEW,
    billed_by: BilledBy = BilledBy.PARTNER,
    note: str = "",
    by: User,
) -> SaleReport:
    """A partner tells of a sale of its own; the vendor's clock runs.

    ``lines`` are kinds with their net amounts. Raises Refusal for what is not the partner's, InvalidInput by field.
    """
    partner = partner_of(by)
    if partner is None or not (
        customer.partner_id == partner.id or (deal is not None and deal.partner_id == partner.id)
    ):
        raise Refusal(_("Only sales to your own customers, or of your own deals, can be reported."))
    if deal is not None and (deal.partner_id != partner.id or deal.customer_id not in (None, customer.id)):
        raise InvalidInput({"deal": _("This deal is with another customer.")})
    number = number.strip()
    _check(number, sold_on, currency, lines)
    # Two people of a firm may send the same invoice at once.
    lock(partner)
    _refuse_a_second(partner, number)
    report = SaleReport(
        partner_id=partner.id,
        status=SaleReportStatus.REPORTED,
        customer_id=customer.id,
        deal_id=deal.id if deal is not None else None,
        number=number,
        sold_on=sold_on,
        currency=currency,
        type=type,
        billed_by=billed_by,
        lines=[{"kind": LineKind(kind).value, "amount_minor": amount} for kind, amount in lines],
        note=note.strip()[:LONGEST_NOTE],
        file_name=file.name,
        file_type=file.content_type,
        file_key=uploads.keep_file(file, folder="sale-reports"),
        file_sha256=file.sha256,
        reported_at=clock.now(),
        reported_by_id=by.id,
        decide_by=in_working_days(SALE_REPORT_DAYS.value()),
    )
    session.add(report)
    session.flush()
    announce(SaleReported(report, by))
    return report


def _check(number: str, sold_on: date, currency: str, lines: Sequence[tuple[str, int]]) -> None:
    problems: dict[str, str] = {}
    if not number:
        problems["number"] = _("This is needed.")
    elif len(number) > 100:
        problems["number"] = _("It can have at most %(most)s characters.", most=100)
    if sold_on > clock.today(PROGRAMME_TIME_ZONE.value()):
        problems["sold_on"] = _("This day is still to come.")
    elif wrong_day(sold_on):
        problems["sold_on"] = wrong_day(sold_on)
    if currency not in currencies():
        problems["currency"] = _("Use an ISO 4217 code such as EUR.")
    if not lines:
        problems["lines"] = _("Give at least one amount.")
    elif any(amount <= 0 for _kind, amount in lines):
        problems["lines"] = _("Give amounts above 0.")
    elif sum(amount for _kind, amount in lines) >= LIMIT:
        problems["lines"] = _("That is more than the books can hold.")
    if problems:
        raise InvalidInput(problems)


def _refuse_a_second(partner: Partner, number: str) -> None:
    known = session.scalar(
        sa.select(SaleReport.id).where(
            SaleReport.partner_id == partner.id,
            SaleReport.number == number,
            SaleReport.status.in_([SaleReportStatus.REPORTED, SaleReportStatus.CONFIRMED]),
        )
    )
    if known is not None:
        raise InvalidInput({"number": _("You have reported this number already.")})


def confirm_report(report: SaleReport, *, by: User) -> bool:
    """The vendor agrees: the sale is recorded, and earns. False when it had come another way and nothing is new.

    Raises Refusal when the report is decided, or its number came before with another sum.
    """
    own = partner_of(by)
    if own is not None and own.id == report.partner_id:
        raise Refusal(_("Nobody confirms what their own firm reports."))
    lock(report)
    if not report.is_undecided:
        raise Refusal(_("This report is decided already."))
    recorded = record_sale(_as_sale(report), by=by, source=SOURCE)
    report.become(SaleReportStatus.CONFIRMED)
    report.sale = recorded.fact
    _decide(report, by)
    announce(SaleReportConfirmed(report, by, is_new=recorded.is_new))
    return recorded.is_new


def _as_sale(report: SaleReport) -> dict[str, Any]:
    """The report in the shape of every other way in. A vendor's invoice is known by its number in any channel."""
    customer = report.customer
    noon = datetime.combine(report.sold_on, time(12), ZoneInfo(PROGRAMME_TIME_ZONE.value()))
    return {
        "external_id": f"report-{report.id}",
        "invoice": report.number if report.billed_by is BilledBy.VENDOR else None,
        "occurred_at": min(noon, report.reported_at),
        "currency": report.currency,
        "partner_id": str(report.partner_id),
        "deal_id": str(report.deal_id) if report.deal_id is not None else None,
        "customer": {
            "name": customer.name,
            "external_id": customer.external_id,
            "country": customer.country,
            "domain": customer.domain,
            "tax_id": customer.tax_id,
        },
        "type": report.type.value,
        "billed_by": report.billed_by.value,
        "metadata": {"reported_number": report.number},
        "lines": [
            {"kind": line["kind"], "quantity": 1, "unit_amount_minor": int(line["amount_minor"])}
            for line in report.lines
        ],
    }


def decline_report(report: SaleReport, reason: str, *, by: User) -> None:
    """The vendor does not agree, for a reason that the partner reads. Raises InvalidInput at ``reason``."""
    reason = reason.strip()
    if not reason:
        raise InvalidInput({"reason": _("This is needed.")})
    lock(report)
    report.become(SaleReportStatus.DECLINED)
    report.reason = reason[:LONGEST_NOTE]
    _decide(report, by)
    announce(SaleReportDeclined(report, by, reason=report.reason))


def withdraw_report(report: SaleReport, *, by: User) -> None:
    """The partner takes it back."""
    lock(report)
    report.become(SaleReportStatus.WITHDRAWN)
    _decide(report, by)
    announce(SaleReportWithdrawn(report, by))


def _decide(report: SaleReport, by: User) -> None:
    report.decided_at = clock.now()
    report.decided_by_id = by.id
    session.flush()
