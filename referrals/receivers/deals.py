"""How deals follow sales and leads, the mails about them, and the clocks that run while nobody looks."""

from datetime import timedelta
from typing import Any

from core import clock
from core.database import session
from core.jobs import enqueue, recurring
from core.signals import receives
from referrals.emails.deals import tell_partner, tell_vendor
from referrals.operations.deals import close_deal_of_returned_lead, decide_late_deal, expire_deal, win_by_sale
from referrals.queries import deals as asked
from referrals.signals.deals import (
    DealApproved,
    DealEscalated,
    DealExpired,
    DealQuestioned,
    DealRejected,
    DealSubmitted,
    OrderRefused,
    OrderReported,
)
from referrals.signals.leads import LeadReturned
from referrals.signals.sales import SaleRecorded

#: So many at a time; what is left is done by the next run.
_AT_ONCE = 200
#: Days before the end of protection on which the partner is reminded, the last first.
_REMINDERS = (1, 7, 14)


@receives(SaleRecorded)
def win_the_deal_when_its_sale_is_recorded(signal: SaleRecorded) -> None:
    """The vendor's own record of the sale is the order."""
    sale = signal.subject
    if sale.deal is not None:
        win_by_sale(sale.deal, sale, by=signal.by)


@receives(LeadReturned)
def close_the_deal_when_its_lead_is_given_back(signal: LeadReturned) -> None:
    close_deal_of_returned_lead(signal.subject, by=signal.by)


@receives(DealSubmitted)
def tell_the_vendor_that_a_deal_was_registered(signal: DealSubmitted) -> None:
    deal = signal.subject
    tell_vendor(
        "deal_submitted", deal, key="submitted", due_at=deal.decide_by, is_clear=deal.conflict == "clear"
    )


@receives(DealEscalated)
def tell_the_vendor_that_a_decision_is_late(signal: DealEscalated) -> None:
    deal = signal.subject
    tell_vendor("deal_late", deal, key=f"late:{deal.decide_by:%Y%m%d%H%M}")


@receives(DealQuestioned)
def ask_the_partner(signal: DealQuestioned) -> None:
    deal = signal.subject
    tell_partner(
        "deal_question", deal, key=f"question:{clock.now():%Y%m%d%H%M%S}", question=deal.question or ""
    )


@receives(DealApproved)
def tell_the_partner_that_the_deal_is_approved(signal: DealApproved) -> None:
    deal = signal.subject
    tell_partner("deal_approved", deal, key="approved", protected_until=deal.protected_until)


@receives(DealRejected)
def tell_the_partner_why_the_deal_is_not_approved(signal: DealRejected) -> None:
    deal = signal.subject
    tell_partner("deal_rejected", deal, key="rejected", why=deal.rejection_text or "")


@receives(DealExpired)
def tell_the_partner_that_protection_ran_out(signal: DealExpired) -> None:
    tell_partner("deal_expired", signal.subject, key="expired")


@receives(OrderReported)
def ask_the_vendor_to_confirm_the_order(signal: OrderReported) -> None:
    tell_vendor("order_reported", signal.subject, key=f"order:{signal.order}", order=signal.order)


@receives(OrderRefused)
def tell_the_partner_why_the_order_was_not_confirmed(signal: OrderRefused) -> None:
    deal = signal.subject
    key = f"order-refused:{clock.now():%Y%m%d%H%M%S}"
    tell_partner("order_refused", deal, key=key, why=deal.order_refused_because or "")


@recurring("referrals.deal-clocks", every=timedelta(minutes=15))
def move_the_clocks_of_deals(_payload: dict[str, Any]) -> None:
    """Late decisions are escalated or made, and protection that ran out ends."""
    for deal in session.scalars(asked.late_decisions(clock.now()).limit(_AT_ONCE)).all():
        decide_late_deal(deal)
    for deal in session.scalars(asked.expired_deals(clock.now()).limit(_AT_ONCE)).all():
        expire_deal(deal)


@recurring("referrals.deal-reminders", at="07:00")
def remind_partners_of_protection_that_ends(payload: dict[str, Any]) -> None:
    """14, 7 and 1 days before the end, once each; the nearest one only when several are due. Many take several jobs."""
    has_more = False
    for days in _REMINDERS:
        ending = session.scalars(asked.deals_ending_within(clock.now(), days).limit(_AT_ONCE)).all()
        has_more = has_more or len(ending) == _AT_ONCE
        for deal in ending:
            deal.reminded_days = days
            tell_partner(
                "deal_ends", deal, key=f"ends:{days}:{deal.protected_until}", until=deal.protected_until
            )
    if has_more:
        enqueue("referrals.deal-reminders", payload)
