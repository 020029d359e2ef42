"""What events adds to the menu and to what waits for a person."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from accounts.models import User
from accounts.permissions import Permission
from core import clock, navigation
from core.database import session
from core.i18n import gettext as _
from core.i18n import lazy_gettext
from core.navigation import Entry
from core.waiting import Waiting, waits
from events.models import ClaimStatus, Event, EventStatus, FundingClaim, FundingRequest, RequestStatus
from events.queries.claims import claims_waiting_for_vendor
from events.queries.funding import requests_waiting_for_vendor
from partners.models import Partner
from partners.queries import partner_of


def _waiting(person: User) -> tuple[sa.Select[Any], ...] | None:
    """What waits for the vendor's decision."""
    if not person.may(Permission.FUNDING_DECIDE):
        return None
    return requests_waiting_for_vendor(), claims_waiting_for_vendor()


def init_app() -> None:
    """Adds the places of this domain."""
    read, decide, rates_manage = Permission.FUNDING_READ, Permission.FUNDING_DECIDE, Permission.RATES_MANAGE
    icon, count = "calendar-event", _waiting
    funding, board = lazy_gettext("Event funding"), lazy_gettext("Event board")
    results, budgets = lazy_gettext("Event results"), lazy_gettext("Event budgets")
    rates = lazy_gettext("Exchange rates")
    for entry in (
        Entry(funding, "events.funding", icon, read, "growth", 60, audience="partner"),
        Entry(funding, "events.staff_funding", icon, read, "growth", 60, count, due=True, audience="staff"),
        Entry(board, "events.board", "calendar3", read, "growth", 61),
        Entry(results, "events.results", "graph-up", read, "growth", 62),
        Entry(budgets, "events.budgets", "wallet2", decide, "money", 70, audience="staff"),
        Entry(
            rates, "events.exchange_rates", "currency-exchange", rates_manage, "money", 80, audience="staff"
        ),
    ):
        navigation.add(entry)


@waits
def what_waits_for_the_vendor(person: User) -> Iterable[Waiting]:
    """Requests and claims to decide."""
    if not person.is_staff or not person.may(Permission.FUNDING_DECIDE):
        return
    for request in session.scalars(requests_waiting_for_vendor().limit(10)):
        yield Waiting(
            title=_(
                "%(partner)s asks for money for “%(title)s”",
                partner=request.partner.name,
                title=request.title,
            ),
            detail=request.city or str(request.activity.label),
            url=f"/funding/requests/{request.id}",
            verb=_("Decide"),
            icon="calendar-event",
            due_at=request.due_at,
        )
    for claim in session.scalars(claims_waiting_for_vendor().limit(10)):
        if claim.proposed_by_id == person.id:
            continue
        yield Waiting(
            title=_(
                "%(partner)s claims the cost of “%(title)s”",
                partner=claim.partner.name,
                title=claim.request.title,
            ),
            detail=_("Waits for a second person")
            if claim.status is ClaimStatus.PROPOSED
            else _("Check the receipts"),
            url=f"/funding/claims/{claim.id}",
            verb=_("Check"),
            icon="receipt",
            due_at=claim.due_at,
        )


@waits
def what_waits_for_the_partner(person: User) -> Iterable[Waiting]:
    """Questions to answer, and events whose cost can be claimed."""
    firm = partner_of(person)
    if firm is None or not person.may(Permission.FUNDING_REQUEST):
        return
    yield from _questions(firm)
    yield from _claims(firm)


def _questions(firm: Partner) -> Iterable[Waiting]:
    asked = sa.select(FundingRequest).where(
        FundingRequest.partner_id == firm.id, FundingRequest.status == RequestStatus.INFO_REQUESTED
    )
    for request in session.scalars(asked.order_by(FundingRequest.id).limit(5)):
        yield Waiting(
            title=_("A question about “%(title)s”", title=request.title),
            detail=request.question[:160],
            url=f"/funding/requests/{request.id}",
            verb=_("Answer"),
            icon="question-circle",
        )


def _claims(firm: Partner) -> Iterable[Waiting]:
    """Events that are over and not claimed, drafts, and claims to mend."""
    open_ones = (
        sa.select(FundingRequest, FundingClaim)
        .join(Event, Event.request_id == FundingRequest.id)
        .outerjoin(FundingClaim, FundingClaim.request_id == FundingRequest.id)
        .where(
            FundingRequest.partner_id == firm.id,
            FundingRequest.status == RequestStatus.APPROVED,
            Event.status != EventStatus.CANCELLED,
            Event.ends_at <= clock.now(),
            sa.or_(
                FundingClaim.id.is_(None),
                FundingClaim.status.in_(
                    (ClaimStatus.DRAFT, ClaimStatus.INFO_REQUESTED, ClaimStatus.REJECTED)
                ),
            ),
        )
        .order_by(FundingRequest.claim_by, FundingRequest.id)
        .limit(10)
    )
    for request, claim in session.execute(open_ones).all():
        if claim is not None and claim.status is ClaimStatus.REJECTED:
            yield Waiting(
                title=_("The claim for “%(title)s” was rejected", title=request.title),
                detail=_("You can appeal against it."),
                url=f"/funding/claims/{claim.id}",
                verb=_("Read why"),
                icon="receipt",
                due_at=claim.appeal_until,
            )
        elif claim is not None and claim.status is ClaimStatus.INFO_REQUESTED:
            yield Waiting(
                title=_("Mend the claim for “%(title)s”", title=request.title),
                detail=claim.question[:160] or _("What is wanted stands at the lines."),
                url=f"/funding/claims/{claim.id}",
                verb=_("Mend"),
                icon="receipt",
                due_at=claim.due_at,
            )
        else:
            yield Waiting(
                title=_("Claim the cost of “%(title)s”", title=request.title),
                detail=_("Half of it, or what was agreed, comes back."),
                url=f"/funding/claims/{claim.id}"
                if claim is not None
                else f"/funding/events/{request.event.id}",
                verb=_("Go on") if claim is not None else _("Claim"),
                icon="receipt",
                due_at=_end_of(request),
            )


def _end_of(request: FundingRequest) -> Any:
    """The end of the last day to claim, where the event was."""
    from datetime import datetime, time, timedelta
    from zoneinfo import ZoneInfo

    if request.claim_by is None:
        return None
    return datetime.combine(request.claim_by + timedelta(days=1), time(0), ZoneInfo(request.time_zone))
