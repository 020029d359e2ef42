"""A funding request from the draft to the decision. Approval reserves the money under the allocation's lock."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core import clock
from core.activity import Actor
from core.database import lock, session
from core.errors import InvalidInput, Refusal
from core.i18n import format_day, format_money
from core.i18n import gettext as _
from core.money import LIMIT, currencies
from core.places import is_country
from core.signals import announce
from core.vendor_time import in_working_days
from events import signals
from events.models import (
    Activity,
    Allocation,
    ClaimStatus,
    CostKind,
    Event,
    FundingLine,
    FundingRequest,
    RequestStatus,
)
from events.operations.advances import grant_advance, refuse_large_advance, take_back_advance
from events.operations.deciding import refuse_own_firm
from events.operations.gatherings import call_off, plan_event
from events.operations.hosts import refuse_another_host
from events.queries.claims import funding_cap, funding_rate
from events.settings import CLAIM_WITHIN_DAYS, NOTICE_DAYS, REQUEST_DAYS
from partners.models import LANGUAGES, Partner

#: What a partner writes into a request; everything else has a verb of its own.
WRITTEN = frozenset(
    [
        "activity",
        "title",
        "city",
        "country",
        "venue",
        "starts_at",
        "ends_at",
        "time_zone",
        "language",
        "goal",
        "expected_guests",
        "expected_leads",
        "seats",
        "currency",
        "own_share_minor",
        "co_hosts",
        "wants_advance",
    ]
)
MOST_LINES = 30


def save_request(
    partner: Partner,
    values: dict[str, Any],
    lines: Sequence[dict[str, Any]],
    *,
    request: FundingRequest | None = None,
    by: Actor | None,
) -> FundingRequest:
    """Writes a draft down, or what was asked about. ``lines``: kind, description, amount_minor. Raises InvalidInput."""
    strangers = sorted(set(values) - WRITTEN)
    if strangers:
        raise TypeError(f"A request has no {', '.join(strangers)}.")
    if not partner.is_active:
        raise Refusal(_("Co-funding is for firms that take part in the programme."))
    if request is not None:
        lock(request)
        if not request.is_editable:
            raise Refusal(_("The request is with the vendor. It can't be changed now."))
    _refuse_bad_values(values, lines)
    if request is None:
        request = FundingRequest(
            partner=partner,
            status=RequestStatus.DRAFT,
            created_by_id=by.id if by is not None else None,
            created_at=clock.now(),
        )
        session.add(request)
    for name, value in values.items():
        setattr(request, name, value)
    request.lines = [
        FundingLine(
            position=position,
            kind=CostKind(line["kind"]),
            description=line.get("description", ""),
            amount_minor=line["amount_minor"],
        )
        for position, line in enumerate(lines)
    ]
    session.flush()
    return request


def _refuse_bad_values(values: dict[str, Any], lines: Sequence[dict[str, Any]]) -> None:
    problems: dict[str, str] = {}
    if not 1 <= len(values["title"]) <= 140:
        problems["title"] = _("Give it a title of up to 140 characters.")
    if values["ends_at"] <= values["starts_at"]:
        problems["ends_on"] = _("It ends before it begins.")
    elif values["ends_at"] - values["starts_at"] > timedelta(days=120):
        problems["ends_on"] = _("An event lasts up to 120 days.")
    try:
        ZoneInfo(values["time_zone"])
    except (ZoneInfoNotFoundError, ValueError):
        problems["time_zone"] = _("Choose a time zone such as Europe/Berlin.")
    if values["language"] not in LANGUAGES:
        problems["language"] = _("Choose a language.")
    if values.get("country") and not is_country(values["country"]):
        problems["country"] = _("Choose a country.")
    if values["currency"] not in currencies():
        problems["currency"] = _("Choose a currency by its code, such as EUR.")
    for name in ("expected_guests", "expected_leads"):
        if not 0 <= (values.get(name) or 0) <= 100_000:
            problems[name] = _("Type a number up to 100,000.")
    if values.get("seats") is not None and not 1 <= values["seats"] <= 100_000:
        problems["seats"] = _("Type a number from 1 to 100,000, or nothing.")
    if len(lines) > MOST_LINES:
        problems["lines"] = _("Up to %(most)s costs.", most=MOST_LINES)
    if any(not 0 < line["amount_minor"] < LIMIT for line in lines):
        problems["lines"] = _("Each cost needs an amount above zero.")
    shares = (
        values.get("own_share_minor") or 0,
        *(host["share_minor"] for host in values.get("co_hosts", [])),
    )
    if any(share < 0 for share in shares):
        problems["own_share_minor"] = _("A share is not below zero.")
    if problems:
        raise InvalidInput(problems)


def missing_in_request(request: FundingRequest) -> dict[str, str]:
    """What keeps a request from being submitted, by field; empty when it is complete."""
    problems: dict[str, str] = {}
    earliest = clock.now() + timedelta(days=NOTICE_DAYS.value())
    if request.starts_at < earliest and request.status is RequestStatus.DRAFT:
        problems["starts_on"] = _(
            "An event is requested at least %(days)s days before it begins: from %(day)s on.",
            days=NOTICE_DAYS.value(),
            day=format_day(earliest),
        )
    if not request.activity.is_online and not (request.city and request.country):
        problems["city"] = _("Say in which city and country it takes place.")
    if len(request.goal) < 10:
        problems["goal"] = _("Say in a sentence what the event is to bring.")
    if request.activity.has_guests and not request.expected_guests:
        problems["expected_guests"] = _("Say how many guests you expect.")
    if not request.lines:
        problems["lines"] = _("Write down what it will cost.")
    elif request.requested_minor <= 0:
        problems["own_share_minor"] = _(
            "Your share and the co-hosts' pay for everything: nothing is asked for."
        )
    return problems


def submit_request(request: FundingRequest, *, by: Actor | None) -> None:
    """Hands it to the vendor, whose clock runs from now. Raises InvalidInput with what is missing."""
    lock(request)
    problems = missing_in_request(request)
    if problems:
        raise InvalidInput(problems)
    refuse_another_host(request)
    request.become(RequestStatus.SUBMITTED)
    request.submitted_at = clock.now()
    request.due_at = in_working_days(REQUEST_DAYS.value())
    announce(signals.FundingRequested(request, by))


def ask_about_request(request: FundingRequest, question: str, *, by: Actor | None) -> None:
    """Gives it back with a question; the vendor's clock stands."""
    if not question:
        raise InvalidInput({"question": _("Write what you want to know.")})
    lock(request)
    refuse_own_firm(request.partner_id, by)
    request.become(RequestStatus.INFO_REQUESTED)
    request.question = question
    request.answer = ""
    request.due_at = None
    announce(signals.FundingQuestionAsked(request, by, question))


def suggested_amount(request: FundingRequest) -> int:
    """What an approval is filled in with: the tier's share of the planned cost, not more than is asked for."""
    from fractions import Fraction

    from core.money import half_up

    share = half_up(Fraction(funding_rate(request.partner)) * request.planned_minor)
    cap = funding_cap(request.partner, request.currency)
    return max(0, min(share, request.requested_minor, *([cap] if cap is not None else [])))


def claim_day(request: FundingRequest) -> date:
    """The last day to claim the cost of an event."""
    ends_on = request.ends_at.astimezone(ZoneInfo(request.time_zone)).date()
    return ends_on + timedelta(days=CLAIM_WITHIN_DAYS.value())


def approve_request(
    request: FundingRequest,
    allocation: Allocation,
    *,
    amount_minor: int,
    rate: Decimal | None = None,
    cap_minor: int | None = None,
    claim_by: date | None = None,
    advance_minor: int = 0,
    note: str = "",
    by: Actor | None,
) -> None:
    """Promises up to ``amount_minor`` and reserves it; the event is planned. Raises Refusal when too little is left.

    ``rate`` (0 to 1) and ``claim_by`` are the tier's and the programme's unless given. ``advance_minor`` of it is paid
    before the event.
    """
    lock(request)
    refuse_own_firm(request.partner_id, by)
    rate = funding_rate(request.partner) if rate is None else rate
    claim_by = claim_by or claim_day(request)
    problems: dict[str, str] = {}
    if not 0 < amount_minor <= request.requested_minor:
        problems["amount_minor"] = _(
            "Approve more than zero and at most what is asked for, %(asked)s.",
            asked=format_money(request.requested_minor, request.currency),
        )
    if not 0 < rate <= 1:
        problems["percent"] = _("Type a share above 0 and up to 100.")
    if cap_minor is not None and cap_minor <= 0:
        problems["cap_minor"] = _("Type an amount above zero, or nothing.")
    if claim_by < request.ends_at.astimezone(ZoneInfo(request.time_zone)).date():
        problems["claim_by"] = _("Choose a day after the event.")
    if problems:
        raise InvalidInput(problems)
    refuse_large_advance(advance_minor, amount_minor, request.currency)
    refuse_another_host(request, for_good=True)
    request.become(RequestStatus.APPROVED)
    lock(allocation)
    _refuse_wrong_allocation(request, allocation)
    allocation.reserve(amount_minor)
    request.allocation = allocation
    request.approved_minor = request.reserved_minor = amount_minor
    request.rate = format(rate.normalize(), "f")
    request.cap_minor = cap_minor
    request.claim_by = claim_by
    request.decided_at = clock.now()
    request.decided_by_id = by.id if by is not None else None
    request.decision_note = note
    session.flush()
    plan_event(request, by=by)
    if advance_minor:
        grant_advance(request, advance_minor, by=by)
    announce(
        signals.FundingRequestApproved(request, by, amount_minor=amount_minor, currency=request.currency)
    )


def _refuse_wrong_allocation(request: FundingRequest, allocation: Allocation) -> None:
    if allocation.currency != request.currency:
        raise Refusal(_("That allocation is in another currency."))
    if allocation.partner_id not in (None, request.partner_id):
        raise Refusal(_("That allocation is for another partner."))
    if allocation.budget.region not in ("", request.partner.country):
        raise Refusal(_("That allocation is for another country."))


def decline_request(request: FundingRequest, reason: str, *, by: Actor | None) -> None:
    """No money for it, and why."""
    if not reason:
        raise InvalidInput({"reason": _("Say why; the partner reads it.")})
    lock(request)
    refuse_own_firm(request.partner_id, by)
    request.become(RequestStatus.DECLINED)
    request.decided_at = clock.now()
    request.decided_by_id = by.id if by is not None else None
    request.decision_note = reason
    announce(signals.FundingRequestDeclined(request, by, reason))


def release_reserved(request: FundingRequest) -> None:
    """Gives back to the allocation what is still reserved for a locked request."""
    if request.allocation is not None and request.reserved_minor:
        lock(request.allocation).release(request.reserved_minor)
        request.reserved_minor = 0
        session.flush()


def withdraw_request(request: FundingRequest, *, by: Actor | None) -> None:
    """The partner changes its mind; an event planned for it is cancelled, what was reserved is free again."""
    lock(request)
    claim = request.claim
    if claim is not None and claim.status is not ClaimStatus.EXPIRED:
        raise Refusal(_("Its cost is being claimed already."))
    if request.event is not None and request.event.is_over:
        raise Refusal(_("The event is over. Claim its cost, or let the request lapse."))
    request.become(RequestStatus.WITHDRAWN)
    release_reserved(request)
    take_back_advance(request, by=by)
    if request.event is not None and request.event.is_planned:
        call_off(request.event, _("The host called it off."), by=by)
    announce(signals.FundingRequestWithdrawn(request, by))


def cancel_event(event: Event, reason: str, *, by: Actor | None) -> None:
    """It does not take place: guests are told, and the money reserved for it is free again."""
    if not reason:
        raise InvalidInput({"reason": _("Say why; the guests read it.")})
    if event.starts_at <= clock.now():
        raise Refusal(_("It has begun already. Say whether it took place."))
    # The request first, as everywhere: two orders of locks could wait for each other.
    lock(event.request)
    call_off(event, reason, by=by)
    withdraw_request(event.request, by=by)


def copy_request(request: FundingRequest, *, by: Actor | None) -> FundingRequest:
    """A new draft like an earlier request, a year later to the week: same weekday, same time on the clock."""
    zone = ZoneInfo(request.time_zone)
    local = request.starts_at.astimezone(zone)
    weeks = 52
    while local + timedelta(weeks=weeks) < clock.now() + timedelta(days=NOTICE_DAYS.value()):
        weeks += 52

    def later(moment: datetime) -> datetime:
        # On the wall clock, so that a change to summer time does not move it by an hour.
        return moment.astimezone(zone) + timedelta(weeks=weeks)

    values = {name: getattr(request, name) for name in WRITTEN}
    values["starts_at"], values["ends_at"] = later(request.starts_at), later(request.ends_at)
    lines = [
        {"kind": line.kind, "description": line.description, "amount_minor": line.amount_minor}
        for line in request.lines
    ]
    values["activity"] = Activity(values["activity"])
    return save_request(request.partner, values, lines, by=by)
