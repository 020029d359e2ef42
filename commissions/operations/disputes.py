"""Disputes: opened by the partner, answered by the vendor in time, and ended by a corrected line or a reason."""

from datetime import datetime

from accounts.models import User
from commissions.models import Dispute, DisputeMessage, DisputeStatus, Entry
from commissions.operations.accrual import computation_of, hold_book
from commissions.operations.corrections import correct_entry
from commissions.operations.entries import hold_entries, lift_holds
from commissions.queries import disputes as queries
from commissions.queries.plans import assessment_of
from commissions.settings import DISPUTE_ANSWER_DAYS
from commissions.signals import (
    DisputeAnswered,
    DisputeCorrected,
    DisputeOpened,
    DisputeRejected,
    DisputeRepliedTo,
    DisputeWithdrawn,
)
from core import clock
from core.database import lock, session
from core.errors import InvalidInput, Refusal
from core.i18n import format_day
from core.i18n import gettext as _
from core.signals import announce
from core.vendor_time import in_working_days
from partners.queries import partner_of

LONGEST_TEXT = 5000


def open_dispute(entry: Entry, text: str, *, expected_minor: int | None = None, by: User) -> Dispute:
    """The partner questions a line of its own: it waits for the decision, and the vendor's clock runs.

    Raises Refusal when the time for it is over or the line is, or was, disputed already; InvalidInput at ``text``.
    """
    partner = partner_of(by)
    if partner is None or entry.partner_id != partner.id:
        raise Refusal(_("Only the partner whose line it is can dispute it."))
    text = _checked(text)
    lock(entry)
    last_day = queries.can_be_disputed_until(entry)
    if last_day is not None and clock.now() > last_day:
        raise Refusal(_("This line could be disputed until %(day)s.", day=format_day(last_day)))
    before = queries.dispute_of_line(entry)
    if before is not None:
        raise Refusal(
            _("This line is disputed already.")
            if before.is_undecided
            else _("A dispute about this line was decided. Its decision is final.")
        )
    dispute = Dispute(
        entry_id=entry.id,
        partner_id=partner.id,
        status=DisputeStatus.OPEN,
        expected_minor=expected_minor,
        opened_at=clock.now(),
        opened_by_id=by.id,
        answer_due_at=_answer_due(),
    )
    session.add(dispute)
    _say(dispute, text, is_vendors=False, by=by)
    hold_entries([entry], cause=dispute.hold_cause, reason="dispute", by=by)
    announce(DisputeOpened(dispute, by))
    return dispute


def answer_dispute(dispute: Dispute, text: str, *, by: User) -> None:
    """The vendor explains; the clock stands, and the line still waits until somebody decides."""
    text = _checked(text)
    lock(dispute)
    dispute.become(DisputeStatus.ANSWERED)
    dispute.answer_due_at = None
    dispute.answered_at = clock.now()
    _say(dispute, text, is_vendors=True, by=by)
    announce(DisputeAnswered(dispute, by))


def reply_to_answer(dispute: Dispute, text: str, *, by: User) -> None:
    """The partner asks further: the vendor's clock runs anew."""
    text = _checked(text)
    lock(dispute)
    if dispute.status is not DisputeStatus.ANSWERED:
        raise Refusal(_("The vendor has not answered yet.") if dispute.is_undecided else _decided())
    # Asked for first: what is read in between must not find a question without its clock.
    due = _answer_due()
    dispute.become(DisputeStatus.OPEN)
    dispute.answer_due_at = due
    _say(dispute, text, is_vendors=False, by=by)
    announce(DisputeRepliedTo(dispute, by))


def correct_line(dispute: Dispute, *, should_be_minor: int, reason: str, by: User) -> Entry:
    """The partner was right, at least in part: a new line makes up the difference, and the hold ends.

    Raises InvalidInput at ``reason``, Refusal when there is no difference.
    """
    reason = _checked(reason, at="reason")
    hold_book(dispute.partner_id)
    lock(dispute)
    if not dispute.is_undecided:
        raise Refusal(_decided())
    correction = correct_entry(
        dispute.entry,
        should_be_minor=should_be_minor,
        reason=reason,
        cause=dispute.hold_cause,
        kept=_kept_of_its_sale(dispute.entry),
        by=by,
    )
    dispute.correction = correction
    _end(dispute, DisputeStatus.CORRECTED, reason, by=by)
    announce(DisputeCorrected(dispute, by, amount_minor=correction.amount_minor, reason=reason))
    return correction


def reject_dispute(dispute: Dispute, reason: str, *, by: User) -> None:
    """The line was right: it stays as it is, the partner is told why, and the hold ends."""
    reason = _checked(reason, at="reason")
    lock(dispute)
    _end(dispute, DisputeStatus.REJECTED, reason, by=by)
    announce(DisputeRejected(dispute, by, reason=reason))


def withdraw_dispute(dispute: Dispute, *, by: User) -> None:
    """The partner takes it back; it counts as neither won nor lost, and the hold ends."""
    lock(dispute)
    _end(dispute, DisputeStatus.WITHDRAWN, None, by=by)
    announce(DisputeWithdrawn(dispute, by))


def _end(dispute: Dispute, status: DisputeStatus, reason: str | None, *, by: User) -> None:
    dispute.become(status)
    dispute.answer_due_at = None
    dispute.decided_at = clock.now()
    dispute.decided_by_id = by.id
    if reason is not None:
        _say(dispute, reason, is_vendors=True, by=by)
    session.flush()
    lift_holds(dispute.hold_cause, by=by)


def _say(dispute: Dispute, text: str, *, is_vendors: bool, by: User) -> None:
    dispute.messages.append(DisputeMessage(at=clock.now(), author_id=by.id, is_vendors=is_vendors, text=text))
    session.flush()


def _answer_due() -> datetime:
    return in_working_days(DISPUTE_ANSWER_DAYS.value())


def _kept_of_its_sale(entry: Entry) -> tuple[int, ...]:
    """What the customer keeps of each line of the sale; nothing for what stems from no sale."""
    assessment = assessment_of(entry.sale) if entry.sale is not None else None
    return computation_of(entry.sale, assessment).kept if entry.sale is not None and assessment else ()


def _decided() -> str:
    return _("This dispute is decided.")


def _checked(text: str, *, at: str = "text") -> str:
    text = text.strip()
    if not text:
        raise InvalidInput({at: _("This is needed.")})
    if len(text) > LONGEST_TEXT:
        raise InvalidInput({at: _("It can have at most %(most)s characters.", most=LONGEST_TEXT)})
    return text
