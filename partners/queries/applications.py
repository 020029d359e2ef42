"""Applications: the queue, what speaks against one, who it resembles, and how long answers take."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import quantiles
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from accounts.models import User
from accounts.permissions import Permission
from core import clock, contacts, taxids
from core.calendars import OFFICE_HOURS, WorkingCalendar
from core.database import session
from core.settings import PROGRAMME_TIME_ZONE
from core.vendor_time import vendors_calendar
from partners.models import UNDECIDED, WITH_THE_VENDOR, Application, ApplicationStatus, HeardFrom, Partner

MEASURED_OVER = timedelta(days=90)
FEWEST_MEASURED = 5
HOURS_A_DAY = OFFICE_HOURS[0][0][1].hour - OFFICE_HOURS[0][0][0].hour


def application_by_token(token: str) -> Application | None:
    """The application that an applicant's own link opens."""
    return session.scalar(sa.select(Application).where(Application.token == token))


def applications_visible_to(user: User) -> sa.Select[Application]:
    """Every application that was sent, for reviewers; nobody else sees any."""
    return sa.select(Application).where(
        Application.submitted_at.is_not(None) if user.may(Permission.APPLICATIONS_REVIEW) else sa.false()
    )


def queue(user: User, state: str = "") -> sa.Select[Application]:
    """What reviewers work through: those with a clock first, the nearest clock on top. ``state``: one, or undecided."""
    rows = applications_visible_to(user).options(joinedload(Application.reviewer))
    if state in set(ApplicationStatus):
        rows = rows.where(Application.status == ApplicationStatus(state))
    else:
        rows = rows.where(Application.status.in_(UNDECIDED))
    if state in (ApplicationStatus.APPROVED, ApplicationStatus.REJECTED):
        return rows.order_by(Application.decided_at.desc(), Application.id.desc())
    return rows.order_by(Application.review_due_at.is_(None), Application.review_due_at, Application.id)


def state_counts(user: User) -> dict[str, int]:
    """How many applications are in each state."""
    rows = applications_visible_to(user).with_only_columns(Application.status, sa.func.count())
    return {str(state): count for state, count in session.execute(rows.group_by(Application.status))}


def waiting_applications(user: User) -> sa.Select[Application]:
    """Those that wait for a reviewer."""
    return applications_visible_to(user).where(Application.status.in_(WITH_THE_VENDOR))


def overdue_applications(user: User) -> int:
    """How many are past their clock."""
    rows = applications_visible_to(user).where(
        Application.status.in_(WITH_THE_VENDOR), Application.review_due_at < clock.now()
    )
    return session.scalar(rows.with_only_columns(sa.func.count())) or 0


def may_apply_on(application: Application) -> date | None:
    """The day from which the same mailbox or the same firm may apply again; ``None`` when it may now."""
    same = [Application.email_key == application.email_key]
    if application.tax_key:
        same.append(Application.tax_key == application.tax_key)
    today = clock.today(PROGRAMME_TIME_ZONE.value())
    return session.scalar(
        sa.select(sa.func.max(Application.may_reapply_on)).where(
            Application.status == ApplicationStatus.REJECTED,
            Application.may_reapply_on > today,
            Application.id != application.id,
            sa.or_(*same),
        )
    )


#: By mail domains and tax keys to what is known of a customer; a domain above answers (``referrals``).
Recognises = Callable[[Collection[str], Collection[str]], "KnownCustomer | None"]
_recognisers: list[Recognises] = []


@dataclass(frozen=True)
class KnownCustomer:
    """A firm that buys already."""

    name: str
    since: datetime


def recognises(source: Recognises) -> Recognises:
    """Registers a function that knows customers by domain or tax key."""
    if source not in _recognisers:
        _recognisers.append(source)
    return source


def known_customer(application: Application) -> KnownCustomer | None:
    """The customer behind an application, for reviewers: by mail domain, site or tax number."""
    mail = contacts.email_domain(application.email)
    domains = {application.domain or "", "" if contacts.is_free_mail(mail) else mail or ""} - {""}
    taxes = {application.tax_key} if application.tax_key else set()
    return _recognised(domains, taxes)


def takes_the_short_path(application: Application) -> bool:
    """Whether the applicant proved a mailbox at a customer's own domain; nobody else learns who is a customer."""
    mail = contacts.email_domain(application.email)
    if application.confirmed_at is None or not mail or contacts.is_free_mail(mail):
        return False
    return _recognised({mail}, set()) is not None


def _recognised(domains: Collection[str], taxes: Collection[str]) -> KnownCustomer | None:
    for source in _recognisers:
        known = source(domains, taxes)
        if known is not None:
            return known
    return None


def flags_of(application: Application) -> list[dict[str, Any]]:
    """What a reviewer should look at twice; any of these keeps a person in the decision."""
    mail = contacts.email_domain(application.email)
    firm = contacts.company_domain(application.website, application.email)
    found = [_flag("duplicate_partner", name) for name in _same_partners(application, firm)]
    found += [_flag("duplicate_application", name) for name in _same_applications(application)]
    if contacts.is_disposable(mail):
        found.append(_flag("disposable_mail", mail))
    elif contacts.is_free_mail(mail):
        found.append(_flag("free_mail", mail))
    elif application.domain and mail != application.domain:
        found.append(_flag("domain_unlike_website", f"{mail} / {application.domain}"))
    phone = contacts.phone_country(application.phone)
    if phone is not None and phone != application.country:
        found.append(_flag("country_unlike_phone", phone))
    if application.tax_id:
        number = taxids.parse_tax_id(application.tax_id, application.country)
        if number is None or not number.is_checked:
            found.append(_flag("tax_id_unchecked", application.tax_id))
    if application.heard_from is HeardFrom.OTHER_NETWORK:
        found.append(_flag("other_network", application.heard_detail))
    return found


def _flag(code: str, detail: str | None) -> dict[str, Any]:
    return {"code": code, "detail": detail or ""}


def _same_partners(application: Application, firm: str | None) -> list[str]:
    same = []
    if application.tax_key:
        same.append(Partner.tax_key == application.tax_key)
    if firm:
        same.append(Partner.domain == firm)
    if not same:
        return []
    return list(session.scalars(sa.select(Partner.name).where(sa.or_(*same)).order_by(Partner.id).limit(3)))


def _same_applications(application: Application) -> list[str]:
    same = [Application.email_key == application.email_key]
    if application.tax_key:
        same.append(Application.tax_key == application.tax_key)
    if application.domain:
        same.append(Application.domain == application.domain)
    rows = sa.select(Application.company).where(
        sa.or_(*same), Application.id != application.id, Application.submitted_at.is_not(None)
    )
    return list(session.scalars(rows.order_by(Application.id.desc()).limit(3)))


_LEGAL_FORMS = frozenset(
    [
        "ооо",
        "оао",
        "зао",
        "пао",
        "ао",
        "ип",
        "тоо",
        "gmbh",
        "ag",
        "kg",
        "ug",
        "se",
        "bv",
        "nv",
        "sp",
        "zoo",
        "z",
        "o",
        "srl",
        "sarl",
        "sas",
        "sa",
        "spa",
        "ltd",
        "limited",
        "llc",
        "inc",
        "corp",
        "co",
        "oy",
        "as",
        "ab",
        "aps",
        "the",
        "und",
        "and",
    ]
)


def similar_partners(application: Application) -> list[Partner]:
    """At most five firms that could be the same: tax number, domain, phone, or the first word of the name."""
    words = [word.strip(".,«»\"'()").casefold() for word in application.company.split()]
    telling = [word for word in words if len(word) > 2 and word not in _LEGAL_FORMS]
    same: list[sa.ColumnElement[bool]] = []
    if telling:
        same.append(Partner.search_text.contains(telling[0], autoescape=True))
    firm = contacts.company_domain(application.website, application.email)
    for column, value in (
        (Partner.tax_key, application.tax_key),
        (Partner.domain, firm),
        (Partner.phone, application.phone),
    ):
        if value:
            same.append(column == value)
    if not same:
        return []
    rows = sa.select(Partner).options(joinedload(Partner.manager)).where(sa.or_(*same))
    if application.partner_id is not None:
        rows = rows.where(Partner.id != application.partner_id)
    return list(session.scalars(rows.order_by(Partner.id).limit(5)))


@dataclass(frozen=True)
class AnswerTime:
    """How long answers took: the half of all, and nine of ten, in working days of the vendor."""

    count: int
    median: float
    nine_of_ten: float


def answer_time() -> AnswerTime | None:
    """Measured over the applications decided in the last 90 days (at most 500); ``None`` with fewer than five."""
    rows = session.execute(
        sa.select(Application.submitted_at, Application.decided_at)
        .where(Application.decided_at >= clock.now() - MEASURED_OVER, Application.submitted_at.is_not(None))
        .order_by(Application.decided_at.desc())
        .limit(500)
    )
    calendar = vendors_calendar()
    days = [
        _working_days(calendar, submitted, decided) for submitted, decided in rows if submitted and decided
    ]
    if len(days) < FEWEST_MEASURED:
        return None
    tenths = quantiles(days, n=10, method="inclusive")
    return AnswerTime(len(days), tenths[4], tenths[8])


def _working_days(calendar: WorkingCalendar, start: datetime, end: datetime) -> float:
    return calendar.working_hours_between(start, end) / HOURS_A_DAY
