"""The demo's reported sales: one confirmed, one declined and told anew, and two that wait for the vendor."""

from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa

from accounts.models import User
from accounts.permissions import Permission, Role
from accounts.queries import active_staff_with
from commissions.models import SaleReport
from commissions.operations import sale_reports
from commissions.queries.sale_reports import (
    customers_to_report_of,
    deals_to_report_of,
    has_customers_to_report_of,
)
from core import clock
from core.database import session
from core.settings import PROGRAMME_TIME_ZONE, VENDOR_NAME
from core.uploads import CheckedFile, check_file
from demonstration.scans import a_scan
from partners.models import Partner, PartnerStatus
from partners.queries import active_members
from referrals.models import Customer, Deal

DECLINED = "The invoice is made out to another company than the customer. Send the one of this customer."
NOTE = "Signed by their head of purchasing; the contract is the third page."


def make_demo(*, partners: int = 12, leads: int = 40, sales: int = 60, seed: int = 1) -> None:
    """The first partners with customers report what they billed themselves."""
    finn = session.scalars(active_staff_with(Role.FINANCE)).first()
    firms = session.scalars(
        sa.select(Partner).where(Partner.status == PartnerStatus.ACTIVE).order_by(Partner.id)
    )
    tellers = [
        (firm, person) for firm in firms for person in _sellers(firm)[:1] if has_customers_to_report_of(firm)
    ]
    for number, (firm, person) in enumerate(tellers[:3]):
        days_ago = (24, 3, 1)[number]
        report = _tell(firm, person, days_ago, [("licence", 240_000 + 35_000 * number), ("training", 90_000)])
        if finn is None or number == 2:
            continue
        with clock.frozen_at(clock.now() - timedelta(days=days_ago - 2)):
            if number == 0:
                sale_reports.confirm_report(report, by=finn)
            else:
                sale_reports.decline_report(report, DECLINED, by=finn)
    for firm, person in tellers[:1]:
        _tell(firm, person, 0, [("implementation", 460_000)], note=NOTE)


def _sellers(firm: Partner) -> list[User]:
    """Those of a firm who may report."""
    members = session.scalars(active_members(firm))
    return [member.user for member in members if member.user.may(Permission.DEALS_WORK)]


def _tell(
    firm: Partner, person: User, days_ago: int, lines: Sequence[tuple[str, int]], *, note: str = ""
) -> SaleReport:
    deal = session.scalars(deals_to_report_of(firm).order_by(Deal.id.desc()).limit(1)).first()
    customer = deal.customer if deal is not None else None
    if customer is None:
        by_name = customers_to_report_of(firm).order_by(Customer.name, Customer.id)
        customer = session.scalars(by_name.limit(1)).one()
    with clock.frozen_at(clock.now() - timedelta(days=days_ago)):
        today = clock.today(PROGRAMME_TIME_ZONE.value())
        number = f"{today:%Y}-{firm.id * 100 + days_ago:05}"
        return sale_reports.report_sale(
            customer,
            number=number,
            sold_on=today - timedelta(days=2),
            currency="EUR",
            lines=lines,
            file=_an_invoice(number, firm, customer, sum(amount for _kind, amount in lines)),
            deal=deal,
            note=note,
            by=person,
        )


def _an_invoice(number: str, firm: Partner, customer: Customer, total_minor: int) -> CheckedFile:
    words = f"{firm.name}\n\nInvoice {number}\n{customer.name}\n\n{VENDOR_NAME.value()}\nEUR {total_minor / 100:.2f}"
    return check_file(a_scan(words), f"invoice-{number}.png")
