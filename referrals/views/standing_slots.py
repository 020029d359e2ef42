"""What referrals shows about a firm on other pages: open deals, what it earned by, what somebody would inherit."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from babel.dates import format_skeleton
from markupsafe import Markup

from accounts.access import signed_in_user
from accounts.models import User
from accounts.permissions import Permission
from core.database import session
from core.i18n import current_locale
from core.settings import PROGRAMME_CURRENCY
from core.slots import fills, rendered
from partners.models import LineKind, Partner
from partners.queries import partner_of
from partners.queries.measures import by_month, measure_of, month_starts, programme_today
from referrals.models import Customer, Deal, DealStatus, Lead
from referrals.models.deals import OPEN
from referrals.models.leads import HELD
from referrals.operations.handing_on import is_handed_on_now
from referrals.queries.catalogue import Catalogue
from referrals.queries.deals import deals_visible_to, with_everything
from referrals.queries.measures import revenue_by_earning_point

MOST_DEALS = 5
MOST_LISTED = 200


@fills("core.home.main", order=20)
def open_deals_of_the_firm(person: User) -> Markup | None:
    """For a firm's people: the open deals that end first, with what they are worth."""
    if person.is_staff or not person.may(Permission.DEALS_READ) or partner_of(person) is None:
        return None
    open_deals = deals_visible_to(person).where(Deal.status.in_(OPEN))
    number = session.scalar(open_deals.order_by(None).with_only_columns(sa.func.count())) or 0
    if not number:
        return None
    rows = session.scalars(
        with_everything(open_deals)
        .order_by(Deal.protected_until.is_(None), Deal.protected_until, Deal.id)
        .limit(MOST_DEALS)
    ).all()
    return rendered("referrals/deals/_home_deals.html", deals=rows, number=number)


@fills("partners.scorecard.main", order=20)
def revenue_and_leads(partner: Partner) -> Markup | None:
    """On a firm's scorecard: what it earned by, and what became of its leads, month by month."""
    if not signed_in_user().may(Permission.FIRM_READ) and not signed_in_user().is_staff:
        return None
    by_kind, label = revenue_by_earning_point(partner.id), Catalogue.read().label
    months = [
        format_skeleton("yMMM", month, locale=current_locale())
        for month in month_starts(programme_today(), 12)
    ]
    return rendered(
        "referrals/deals/_scorecard.html",
        months=months,
        currency=PROGRAMME_CURRENCY.value(),
        revenue=[(label(kind), amounts) for kind, amounts in largest_first(by_kind)],
        leads=[
            (str(measure.label), [value for _month, value in by_month(measure, partner.id)])
            for code in ("leads_offered", "leads_taken", "leads_won")
            if (measure := measure_of(code)) is not None
        ],
    )


def largest_first(by_kind: dict[LineKind, list[int]]) -> Iterable[tuple[LineKind, list[int]]]:
    """Licences first, then the kinds by what they brought; a chart tells four apart, so the rest is one."""
    order = sorted(by_kind.items(), key=lambda row: (row[0] is not LineKind.LICENCE, -sum(row[1])))
    if len(order) <= 4:
        return order
    rest = [sum(amounts) for amounts in zip(*(amounts for _kind, amounts in order[3:]), strict=True)]
    return [*order[:3], (LineKind.OTHER, rest)]


@fills("partners.handing_on.main", order=20)
def what_somebody_would_inherit(partner: Partner) -> Markup | None:
    """The firm's customers, open leads and open deals."""
    person: Any = signed_in_user()
    if not person.may(Permission.CUSTOMERS_READ):
        return None
    customers = session.scalars(
        sa.select(Customer)
        .where(
            sa.or_(
                Customer.partner_id == partner.id,
                sa.and_(Customer.former_partner_id == partner.id, Customer.partner_id.is_(None)),
            )
        )
        .order_by(Customer.name, Customer.id)
        .limit(MOST_LISTED)
    ).all()
    leads = session.scalars(
        sa.select(Lead).where(Lead.partner_id == partner.id, Lead.status.in_(HELD)).limit(MOST_LISTED)
    ).all()
    deals = session.scalars(
        sa.select(Deal)
        .where(Deal.partner_id == partner.id, Deal.status.in_(OPEN), Deal.status != DealStatus.DRAFT)
        .order_by(Deal.id)
        .limit(MOST_LISTED)
    ).all()
    return rendered(
        "referrals/customers/_handing_on.html",
        customers=customers,
        leads=leads,
        deals=deals,
        most=MOST_LISTED,
        is_moving=is_handed_on_now(partner),
    )
