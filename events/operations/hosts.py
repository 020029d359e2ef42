"""Joining another partner's event with a stated share, and how many partners of a country may host."""

from zoneinfo import ZoneInfo

import sqlalchemy as sa

from core import clock
from core.activity import Actor
from core.database import lock, session
from core.errors import InvalidInput, Refusal
from core.i18n import country_name, format_money
from core.i18n import gettext as _
from core.signals import announce
from events import signals
from events.models import CoHost, CoHostStatus, Event, FundingRequest
from events.queries.board import span_of
from events.queries.funding import hosts_of_country
from events.settings import HOSTS_PER_COUNTRY
from partners.models import Partner


def refuse_another_host(request: FundingRequest, *, for_good: bool = False) -> None:
    """Raises Refusal when the country of ``request`` has all the hosts of that year, and this is not one of them.

    ``for_good`` is for who makes it a host now: whoever else does waits on the limit's own row until that is written.
    """
    most = HOSTS_PER_COUNTRY.value()
    country = request.country or request.partner.country
    if not most or not country:
        return
    limit = HOSTS_PER_COUNTRY.stored()
    if for_good and limit is not None:
        lock(limit)
    year = request.starts_at.astimezone(ZoneInfo(request.time_zone)).year
    first, last = span_of(year)
    others = hosts_of_country(country, first, last, besides=request)
    if request.partner_id not in others and len(others) >= most:
        raise Refusal(
            _(
                "%(country)s has all its %(most)s hosts of %(year)s. Join one of their events instead.",
                country=country_name(country),
                most=most,
                year=year,
            )
        )


def own_part_minor(event: Event) -> int:
    """What the host pays of the planned cost once the vendor and all co-hosts have paid: what can still be shared."""
    request = event.request
    shared = sum(one.share_minor for one in event.joined if one.is_accepted)
    return max(0, request.planned_minor - (request.approved_minor or 0) - request.co_hosts_minor - shared)


def ask_to_join(
    event: Event, partner: Partner, *, share_minor: int, note: str = "", by: Actor | None
) -> CoHost:
    """Asks the host whether ``partner`` may join and pay ``share_minor``. Raises InvalidInput by field, or Refusal."""
    lock(event)
    if not partner.is_active:
        raise Refusal(_("Co-funding is for firms that take part in the programme."))
    if event.partner_id == partner.id:
        raise Refusal(_("It is your own event."))
    _refuse_closed(event)
    problems = {}
    if not 0 <= share_minor <= own_part_minor(event):
        problems["share_minor"] = _too_much(event)
    if len(note) > 500:
        problems["note"] = _("Type up to %(most)s characters.", most=500)
    if problems:
        raise InvalidInput(problems)
    row = session.scalar(
        sa.select(CoHost).where(CoHost.event_id == event.id, CoHost.partner_id == partner.id)
    )
    if row is None:
        row = CoHost(event=event, partner=partner, status=CoHostStatus.ASKED)
        session.add(row)
    else:
        row.become(CoHostStatus.ASKED)
    row.share_minor, row.note = share_minor, note
    row.asked_by_id = by.id if by is not None else None
    row.asked_at = clock.now()
    session.flush()
    announce(signals.CoHostAsked(row, by))
    return row


def accept_co_host(row: CoHost, *, by: Actor | None) -> None:
    """The host takes the partner in. Vendor and co-hosts together never pay more than the event is planned to cost."""
    event = lock(row.event)
    lock(row)
    _refuse_closed(event)
    session.expire(event, ["joined"])
    if row.share_minor > own_part_minor(event):
        raise Refusal(_too_much(event))
    row.become(CoHostStatus.ACCEPTED)
    row.answered_at = clock.now()
    announce(signals.CoHostAnswered(row, by))


def decline_co_host(row: CoHost, answer: str, *, by: Actor | None) -> None:
    """The host would rather not, and says why."""
    if not answer:
        raise InvalidInput({"answer": _("Say why; the partner reads it.")})
    lock(row)
    row.become(CoHostStatus.DECLINED)
    row.answer, row.answered_at = answer[:500], clock.now()
    announce(signals.CoHostAnswered(row, by))


def withdraw_from_joining(row: CoHost, *, by: Actor | None) -> None:
    """The partner takes its question back, as long as it was not answered."""
    lock(row)
    row.become(CoHostStatus.WITHDRAWN)
    announce(signals.CoHostWithdrew(row, by))


def _refuse_closed(event: Event) -> None:
    if not event.is_planned or event.starts_at <= clock.now():
        raise Refusal(_("“%(title)s” takes no more co-hosts.", title=event.title))


def _too_much(event: Event) -> str:
    left = format_money(own_part_minor(event), event.request.currency)
    return _("The host's own part is %(left)s. A share can't be more than that.", left=left)
