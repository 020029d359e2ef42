"""Who hears of disputes: the vendor of questions, the partner of answers and decisions, finance of clocks run out."""

from datetime import timedelta
from typing import Any

from commissions.emails import disputes as emails
from commissions.queries.disputes import disputes_late
from commissions.signals import (
    DisputeAnswered,
    DisputeCorrected,
    DisputeOpened,
    DisputeRejected,
    DisputeRepliedTo,
)
from core import clock
from core.database import session
from core.jobs import recurring
from core.signals import receives


@receives(DisputeOpened, DisputeRepliedTo)
def tell_the_vendor_of_a_question(signal: DisputeOpened | DisputeRepliedTo) -> None:
    emails.ask_the_vendor(signal.subject)


@receives(DisputeAnswered, DisputeCorrected, DisputeRejected)
def tell_the_partner_what_was_said(
    signal: DisputeAnswered | DisputeCorrected | DisputeRejected,
) -> None:
    emails.tell_the_partner(signal.subject)


@recurring("commissions.disputes-late", every=timedelta(hours=1))
def remind_of_late_answers(_payload: dict[str, Any]) -> None:
    """Once a clock: the answer is overdue."""
    for dispute in session.scalars(disputes_late(clock.now())):
        emails.remind_of_a_late_answer(dispute)
