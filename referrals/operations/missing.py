"""Missing-referral requests: a partner asks for a sale, and the vendor says yes or no."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from accounts.models import User
from core import clock
from core.activity import Actor
from core.database import lock, session
from core.errors import InvalidInput, Refusal
from core.i18n import format_day
from core.i18n import gettext as _
from core.settings import PROGRAMME_TIME_ZONE
from core.signals import announce
from core.vendor_time import in_working_days
from partners.models import Partner
from referrals.models.missing import ReferralRequest, RequestStatus
from referrals.models.sales import AttributionSource, Sale
from referrals.operations.sales import attribute_sale, reattribute_sale, sale_named
from referrals.settings import DECISION_DAYS, MISSING_DAYS
from referrals.signals.links import ReferralGranted, ReferralRefused, ReferralRequested

#: A partner can have so many waiting at once: it is no way to guess order numbers.
MOST_OPEN = 20


def ask_for_referral(
    partner: Partner, *, order_number: str, ordered_on: date | None, company: str, text: str, by: Actor | None
) -> ReferralRequest:
    """Files a request. Raises InvalidInput by field, Refusal when too many wait already.

    Whether the order exists is not told: it is for the vendor to say.
    """
    order_number, company, text = order_number.strip(), company.strip(), text.strip()
    today = clock.today(PROGRAMME_TIME_ZONE.value())
    problems: dict[str, str] = {}
    if not 1 <= len(order_number) <= 100:
        problems["order_number"] = _("Give the number of the order or of the invoice.")
    if ordered_on is None or ordered_on > today:
        problems["ordered_on"] = _("Give the day of the order.")
    elif ordered_on < today - timedelta(days=MISSING_DAYS.value()):
        problems["ordered_on"] = _(
            "A referral can be asked for within %(days)s days of the order.", days=MISSING_DAYS.value()
        )
    if not 1 <= len(company) <= 200:
        problems["company"] = _("Give the company that ordered.")
    if not 3 <= len(text) <= 2000:
        problems["text"] = _("Say how you brought the customer: when, with whom, by which link or code.")
    if problems or ordered_on is None:
        raise InvalidInput(problems)
    lock(partner)
    if not partner.is_active:
        raise Refusal(_("%(partner)s is not active.", partner=partner.name))
    waiting = session.scalars(
        sa.select(ReferralRequest.order_number).where(
            ReferralRequest.partner_id == partner.id, ReferralRequest.status == RequestStatus.OPEN
        )
    ).all()
    if order_number in waiting:
        raise InvalidInput({"order_number": _("You have asked for this order already.")})
    if len(waiting) >= MOST_OPEN:
        raise Refusal(_("%(number)s requests wait for the vendor already.", number=len(waiting)))
    request = ReferralRequest(
        partner=partner,
        order_number=order_number,
        ordered_on=ordered_on,
        company=company,
        text=text,
        filed_by_id=by.id if isinstance(by, User) and not by.is_machine else None,
        filed_at=clock.now(),
        decide_by=in_working_days(DECISION_DAYS.value()),
        status=RequestStatus.OPEN,
    )
    session.add(request)
    session.flush()
    announce(ReferralRequested(request, by))
    return request


def sale_asked_for(request: ReferralRequest) -> Sale | None:
    """The sale that the request speaks of, if the vendor has recorded it."""
    return request.sale or sale_named(None, request.order_number)


def came_too_late(request: ReferralRequest, sale: Sale) -> bool:
    """The order is older than the days in which it could be asked for; whatever day the partner typed."""
    zone = ZoneInfo(PROGRAMME_TIME_ZONE.value())
    last_day = sale.occurred_at.astimezone(zone).date() + timedelta(days=MISSING_DAYS.value())
    return request.filed_at >= datetime.combine(last_day + timedelta(days=1), time(), zone)


def accept_request(request: ReferralRequest, *, reason: str, by: Actor | None) -> Sale:
    """Gives the sale to the partner, whoever's it was. Raises InvalidInput at ``reason``, Refusal when it cannot be."""
    reason = _reason(reason)
    sale = sale_asked_for(request)
    if sale is None:
        raise Refusal(_("No sale with the number %(number)s is recorded yet.", number=request.order_number))
    if came_too_late(request, sale):
        raise Refusal(_("The order of %(day)s was asked for too late.", day=format_day(sale.occurred_at)))
    _hold_open(request)
    because = f"{request.number}: {reason}"
    if sale.partner_id is None:
        attribute_sale(sale, request.partner, source=AttributionSource.MANAGER, because=because, by=by)
    else:
        reattribute_sale(sale, request.partner, reason=because, by=by)
    _decide(request, RequestStatus.ACCEPTED, sale, reason, by)
    announce(ReferralGranted(request, by))
    return sale


def reject_request(request: ReferralRequest, *, reason: str, by: Actor | None) -> None:
    """Says no, and why. Raises InvalidInput at ``reason``, Refusal when it was decided in the meantime."""
    reason = _reason(reason)
    sale = sale_asked_for(request)
    _hold_open(request)
    _decide(request, RequestStatus.REJECTED, sale, reason, by)
    announce(ReferralRefused(request, by, reason=reason))


def _reason(text: str) -> str:
    text = text.strip()
    if not 3 <= len(text) <= 900:
        raise InvalidInput({"reason": _("Say why, in a sentence. The partner reads it.")})
    return text


def _hold_open(request: ReferralRequest) -> None:
    lock(request)
    if request.status is not RequestStatus.OPEN:
        raise Refusal(_("%(number)s was decided in the meantime.", number=request.number))


def _decide(
    request: ReferralRequest, status: RequestStatus, sale: Sale | None, reason: str, by: Actor | None
) -> None:
    request.status = status
    request.sale = sale
    request.reason = reason
    request.decided_at = clock.now()
    request.decided_by_id = by.id if isinstance(by, User) and not by.is_machine else None
    session.flush()
