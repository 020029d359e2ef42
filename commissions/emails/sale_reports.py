"""Mail about reported sales, both ways."""

from collections.abc import Iterable

from accounts.models import User
from accounts.permissions import Role
from commissions.emails.people import money_people, plain, staff
from commissions.models import SaleReport, SaleReportStatus
from core import mail
from core.mail import absolute_url

_SAID = {
    SaleReportStatus.CONFIRMED: "commissions/emails/report_confirmed",
    SaleReportStatus.DECLINED: "commissions/emails/report_declined",
}


def ask_the_vendor(report: SaleReport) -> None:
    """Finance decides; there is something new."""
    _send("commissions/emails/report_asked", report, staff(Role.FINANCE))


def remind_of_a_late_decision(report: SaleReport) -> None:
    """The time to decide is over."""
    _send("commissions/emails/report_late", report, staff(Role.FINANCE))


def tell_the_partner(report: SaleReport) -> None:
    """Confirmed, or why not."""
    people = {person.id: person for person in money_people(report.partner)}
    if report.reported_by.suspended_at is None:
        people.setdefault(report.reported_by_id, report.reported_by)
    _send(_SAID[report.status], report, people.values())


def _send(template: str, report: SaleReport, people: Iterable[User]) -> None:
    for person in people:
        mail.send(
            template,
            to=person.email,
            locale=person.locale,
            key=f"sale-report:{report.id}:{template}:{person.id}",
            person=person,
            report=report,
            partner=plain(report.partner.name),
            customer=plain(report.customer.name),
            number=plain(report.number),
            reason=plain(report.reason or "", 2000),
            url=absolute_url(f"/sale-reports/{report.id}"),
        )
