"""One table for the whole product: which word, tone and shape each state is shown with.

A state is looked up as ``<kind>.<state>`` first, then by itself, because *held* means one thing for an event and
another for a commission. Shapes: circle new, half circle in review, hourglass offered, pause held, tick agreed or
paid, triangle late or at risk, octagon refused or blocked, diamond a question to somebody.
"""

from dataclasses import dataclass
from typing import Literal

from flask_babel import LazyString

from core.i18n import lazy_pgettext

Tone = Literal["mute", "info", "wait", "good", "bad"]


@dataclass(frozen=True, slots=True)
class Status:
    """How a state is shown: in a word, a tone, and a shape that says the same without colour."""

    word: LazyString
    tone: Tone
    icon: str


_NEW = "circle"
_DRAFT = "pencil"
_REVIEW = "circle-half"
_OFFERED = "hourglass-split"
_PAUSED = "pause-circle-fill"
_UNDER_WAY = "arrow-right-circle-fill"
_SENT = "send-fill"
_ASKED = "diamond-fill"
_DONE = "check-circle-fill"
_RISK = "exclamation-triangle-fill"
_REFUSED = "x-octagon-fill"
_OVER = "dash-lg"
_REVERSED = "arrow-counterclockwise"
_PEOPLE = "people-fill"

STATUSES: dict[str, Status] = {
    # Shared by several kinds: the word is the same wherever it stands
    "draft": Status(lazy_pgettext("status", "Draft"), "mute", _DRAFT),
    "new": Status(lazy_pgettext("status", "New"), "mute", _NEW),
    "submitted": Status(lazy_pgettext("status", "Submitted"), "info", _SENT),
    "in_review": Status(lazy_pgettext("status", "In review"), "wait", _REVIEW),
    "info_requested": Status(lazy_pgettext("status", "Information requested"), "wait", _ASKED),
    "approved": Status(lazy_pgettext("status", "Approved"), "good", _DONE),
    "rejected": Status(lazy_pgettext("status", "Rejected"), "bad", _REFUSED),
    "withdrawn": Status(lazy_pgettext("status", "Withdrawn"), "mute", _OVER),
    "expired": Status(lazy_pgettext("status", "Expired"), "mute", _OVER),
    "cancelled": Status(lazy_pgettext("status", "Cancelled"), "mute", _OVER),
    "superseded": Status(lazy_pgettext("status", "Superseded"), "mute", _OVER),
    "published": Status(lazy_pgettext("status", "Published"), "good", _DONE),
    "archived": Status(lazy_pgettext("status", "Archived"), "mute", _OVER),
    "active": Status(lazy_pgettext("status", "Active"), "good", _DONE),
    "inactive": Status(lazy_pgettext("status", "Inactive"), "mute", _OVER),
    "open": Status(lazy_pgettext("status", "Open"), "info", _UNDER_WAY),
    "closed": Status(lazy_pgettext("status", "Closed"), "mute", _OVER),
    "overdue": Status(lazy_pgettext("status", "Overdue"), "bad", _RISK),
    "risk": Status(lazy_pgettext("status", "Risk flag"), "bad", _RISK),
    "won": Status(lazy_pgettext("status", "Won"), "good", "trophy-fill"),
    "lost": Status(lazy_pgettext("status", "Lost"), "mute", "x-lg"),
    "held": Status(lazy_pgettext("status", "Held"), "wait", _PAUSED),
    "payable": Status(lazy_pgettext("status", "Payable"), "info", "cash-stack"),
    "paid": Status(lazy_pgettext("status", "Paid"), "good", _DONE),
    "unpaid": Status(lazy_pgettext("status", "Not paid"), "wait", _OFFERED),
    "part": Status(lazy_pgettext("status", "Paid in part"), "wait", _REVIEW),
    "reversed": Status(lazy_pgettext("status", "Reversed"), "mute", _REVERSED),
    "pending": Status(lazy_pgettext("status", "Pending"), "wait", _OFFERED),
    "proposed": Status(lazy_pgettext("status", "Waits for a second person"), "wait", _PEOPLE),
    "sending": Status(lazy_pgettext("status", "Being sent"), "info", _UNDER_WAY),
    "sent": Status(lazy_pgettext("status", "Sent"), "info", _SENT),
    "failed": Status(lazy_pgettext("status", "Failed"), "bad", _RISK),
    "unknown": Status(lazy_pgettext("status", "Result unknown"), "wait", _ASKED),
    "done": Status(lazy_pgettext("status", "Done"), "good", _DONE),
    "accepted": Status(lazy_pgettext("status", "Accepted"), "good", _DONE),
    "declined": Status(lazy_pgettext("status", "Declined"), "mute", "x-lg"),
    "running": Status(lazy_pgettext("status", "Running"), "info", _UNDER_WAY),
    "passed": Status(lazy_pgettext("status", "Passed"), "good", _DONE),
    "answered": Status(lazy_pgettext("status", "Answered"), "info", "chat-left-text-fill"),
    "corrected": Status(lazy_pgettext("status", "Corrected"), "good", _DONE),
    "received": Status(lazy_pgettext("status", "Received"), "info", _DONE),
    "signed": Status(lazy_pgettext("status", "Signed"), "good", _DONE),
    "revoked": Status(lazy_pgettext("status", "Revoked"), "bad", _REFUSED),
    # Applications and partners
    "email_confirmed": Status(lazy_pgettext("status", "E-mail confirmed"), "mute", _NEW),
    "onboarding": Status(lazy_pgettext("status", "Onboarding"), "info", _UNDER_WAY),
    "suspended": Status(lazy_pgettext("status", "Suspended"), "bad", _PAUSED),
    "terminated": Status(lazy_pgettext("status", "Terminated"), "mute", _REFUSED),
    "paused": Status(lazy_pgettext("status", "Paused"), "wait", _PAUSED),
    "invited": Status(lazy_pgettext("status", "Invited"), "wait", _SENT),
    "left": Status(lazy_pgettext("status", "Left"), "mute", _OVER),
    "deactivated": Status(lazy_pgettext("status", "Deactivated"), "mute", _OVER),
    # Leads
    "triage": Status(lazy_pgettext("status", "Triage"), "wait", "signpost-split-fill"),
    "spam": Status(lazy_pgettext("status", "Spam"), "mute", _REFUSED),
    "duplicate": Status(lazy_pgettext("status", "Duplicate"), "mute", "files"),
    "unqualified": Status(lazy_pgettext("status", "Not qualified"), "mute", "x-lg"),
    "qualified": Status(lazy_pgettext("status", "Qualified"), "info", _NEW),
    "offered": Status(lazy_pgettext("status", "Offered"), "wait", _OFFERED),
    "available": Status(lazy_pgettext("status", "In the pool"), "info", "geo-alt-fill"),
    "claimed": Status(lazy_pgettext("status", "Claimed"), "good", _DONE),
    "lapsed": Status(lazy_pgettext("status", "Lapsed"), "mute", _OVER),
    "contacted": Status(lazy_pgettext("status", "Contacted"), "info", "telephone-fill"),
    "working": Status(lazy_pgettext("status", "Working"), "info", _UNDER_WAY),
    "recycled": Status(lazy_pgettext("status", "Recycled"), "mute", _REVERSED),
    "clear": Status(lazy_pgettext("status", "No conflict"), "good", _DONE),
    "needs_review": Status(lazy_pgettext("status", "Conflict check"), "wait", _REVIEW),
    "conflict": Status(lazy_pgettext("status", "Conflict"), "bad", _RISK),
    # Sales and money
    "full": Status(lazy_pgettext("status", "Paid in full"), "good", _DONE),
    "none": Status(lazy_pgettext("status", "Not paid"), "wait", _OFFERED),
    "attributed": Status(lazy_pgettext("status", "Attributed"), "good", _DONE),
    "unattributed": Status(lazy_pgettext("status", "Without a partner"), "wait", _ASKED),
    "in_run": Status(lazy_pgettext("status", "In a payout run"), "info", "bank"),
    "disputed": Status(lazy_pgettext("status", "Disputed"), "wait", _ASKED),
    "frozen": Status(lazy_pgettext("status", "Frozen"), "bad", _PAUSED),
    "matched": Status(lazy_pgettext("status", "Matched"), "good", _DONE),
    "missing": Status(lazy_pgettext("status", "Missing"), "bad", _RISK),
    "different": Status(lazy_pgettext("status", "Different"), "bad", _RISK),
    "partly_sent": Status(lazy_pgettext("status", "Partly sent"), "wait", _REVIEW),
    "opened": Status(lazy_pgettext("status", "Opened by the bank"), "wait", _RISK),
    # Academy
    "enrolled": Status(lazy_pgettext("status", "Enrolled"), "info", _NEW),
    "in_progress": Status(lazy_pgettext("status", "In progress"), "info", _UNDER_WAY),
    "completed": Status(lazy_pgettext("status", "Completed"), "good", _DONE),
    "valid": Status(lazy_pgettext("status", "Valid"), "good", _DONE),
    "expiring": Status(lazy_pgettext("status", "Expires soon"), "wait", _RISK),
    # Events
    "planned": Status(lazy_pgettext("status", "Planned"), "info", "calendar-event"),
    "appealed": Status(lazy_pgettext("status", "Appealed"), "wait", _ASKED),
    "decided": Status(lazy_pgettext("status", "Decided"), "info", _DONE),
    "reimbursed": Status(lazy_pgettext("status", "Reimbursed"), "good", _DONE),
    "reserved": Status(lazy_pgettext("status", "Reserved"), "info", "bookmark-fill"),
    "waitlisted": Status(lazy_pgettext("status", "On the waiting list"), "wait", _OFFERED),
    "registered": Status(lazy_pgettext("status", "Registered"), "info", _DONE),
    "checked_in": Status(lazy_pgettext("status", "Checked in"), "good", _DONE),
    # Tiers and development plans
    "met": Status(lazy_pgettext("status", "Met"), "good", _DONE),
    "runs_out": Status(lazy_pgettext("status", "Runs out"), "wait", _RISK),
    "agreed": Status(lazy_pgettext("status", "Agreed"), "good", _DONE),
    # Conversations
    "unread": Status(lazy_pgettext("status", "New"), "info", _NEW),
    "waiting": Status(lazy_pgettext("status", "Waits for an answer"), "wait", _ASKED),
    # The same word, another meaning
    "story.submitted": Status(lazy_pgettext("status", "Waits for the vendor"), "wait", _REVIEW),
    "co_host.asked": Status(lazy_pgettext("status", "Waits for the host"), "wait", _ASKED),
    "co_host.accepted": Status(lazy_pgettext("status", "Co-host"), "good", _DONE),
    "co_host.declined": Status(lazy_pgettext("status", "Not joined"), "bad", _REFUSED),
    "event.held": Status(lazy_pgettext("status", "Took place"), "good", _DONE),
    # Imports from files
    "import.uploaded": Status(lazy_pgettext("status", "Columns to agree on"), "wait", _DRAFT),
    "import.checking": Status(lazy_pgettext("status", "Being looked at"), "info", _UNDER_WAY),
    "import.checked": Status(lazy_pgettext("status", "To be taken in"), "wait", _REVIEW),
    "import.taking": Status(lazy_pgettext("status", "Being taken in"), "info", _UNDER_WAY),
    "import.routing": Status(lazy_pgettext("status", "Being routed"), "info", _UNDER_WAY),
    "import.working_out": Status(lazy_pgettext("status", "Being worked out"), "info", _UNDER_WAY),
    "import.stopped": Status(lazy_pgettext("status", "Stopped"), "mute", _PAUSED),
    "import.done": Status(lazy_pgettext("status", "Done"), "good", _DONE),
    "import.undoing": Status(lazy_pgettext("status", "Being taken back"), "info", _REVERSED),
    "import.undone": Status(lazy_pgettext("status", "Taken back"), "mute", _REVERSED),
    "offer.offered": Status(lazy_pgettext("status", "Offered to you"), "wait", _OFFERED),
    "deal.submitted": Status(lazy_pgettext("status", "Submitted"), "wait", _REVIEW),
    "deal.rejected": Status(lazy_pgettext("status", "Not approved"), "bad", _REFUSED),
    "estimate.sent": Status(lazy_pgettext("status", "Estimate sent"), "info", _SENT),
    "attempt.submitted": Status(lazy_pgettext("status", "Handed in"), "info", _SENT),
    "attempt.expired": Status(lazy_pgettext("status", "Time ran out"), "mute", _OFFERED),
    "attempt.failed": Status(lazy_pgettext("status", "Not passed"), "bad", "x-lg"),
    "attempt.open": Status(lazy_pgettext("status", "Under way"), "info", _UNDER_WAY),
    "certificate.superseded": Status(lazy_pgettext("status", "Replaced by a newer one"), "mute", _OVER),
    "seat.booked": Status(lazy_pgettext("status", "Has a seat"), "good", _DONE),
    "seat.waiting": Status(lazy_pgettext("status", "In the queue"), "wait", _OFFERED),
    "seat.given_up": Status(lazy_pgettext("status", "Given up"), "mute", _OVER),
    "webinar.planned": Status(lazy_pgettext("status", "Planned"), "info", _NEW),
    "webinar.held": Status(lazy_pgettext("status", "Was held"), "mute", _DONE),
    "work.submitted": Status(lazy_pgettext("status", "Waits for its verdict"), "wait", _OFFERED),
    "work.appealed": Status(lazy_pgettext("status", "Second look"), "wait", _REVIEW),
    "work.passed": Status(lazy_pgettext("status", "Passed"), "good", _DONE),
    "work.failed": Status(lazy_pgettext("status", "Not passed"), "bad", "x-lg"),
    "job.pending": Status(lazy_pgettext("status", "Queued"), "mute", _NEW),
    "job.failed": Status(lazy_pgettext("status", "Failed, tried again later"), "wait", _REVERSED),
    "job.dead": Status(lazy_pgettext("status", "Given up"), "bad", _REFUSED),
    "job.parked": Status(lazy_pgettext("status", "Given up"), "bad", _REFUSED),
    "payout.pending": Status(lazy_pgettext("status", "Not sent yet"), "mute", _NEW),
    "run.approved": Status(lazy_pgettext("status", "Approved, not sent yet"), "good", _DONE),
    "chargeback.lost": Status(lazy_pgettext("status", "Lost"), "bad", _REFUSED),
    "sale_report.reported": Status(lazy_pgettext("status", "Waits for the vendor"), "wait", _ASKED),
    "sale_report.confirmed": Status(lazy_pgettext("status", "Confirmed"), "good", _DONE),
    "dispute.rejected": Status(lazy_pgettext("status", "Stays as it is"), "mute", "x-lg"),
}


def status_of(state: str, kind: str | None = None) -> Status:
    """How ``state`` of a thing of ``kind`` is shown. An unknown state raises: it has no word yet."""
    found = STATUSES.get(f"{kind}.{state}") if kind else None
    found = found or STATUSES.get(str(state))
    if found is None:
        raise KeyError(f"The state {state!s} has no word in core/statuses.py")
    return found
