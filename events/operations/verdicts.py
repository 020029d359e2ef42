"""A funding claim as the vendor decides it, and the partner's appeal.

What is reimbursed is computed by one function; an approval names the version and the amount that were looked at. What
an approval took off stays reserved until the time to appeal is over, so that an appeal that is right can be paid.
"""

from core import clock
from core.activity import Actor
from core.database import lock, session
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from core.money import exponent
from core.signals import announce
from core.vendor_time import in_working_days
from events import signals
from events.models import ClaimLine, ClaimStatus, FundingClaim, LineField
from events.operations.advances import set_off_advance, take_back_advance
from events.operations.claims import note_rates
from events.operations.deciding import refuse_own_firm
from events.operations.requests import release_reserved
from events.queries.claims import appeal_is_open, computed, computed_without_verdicts
from events.settings import APPEAL_DAYS, TWO_PEOPLE_ABOVE


def judge_line(
    line: ClaimLine,
    *,
    is_refused: bool = False,
    cut_minor: int = 0,
    note: str = "",
    field: LineField | None = None,
    by: Actor | None,
) -> None:
    """The vendor accepts a line, takes something off, refuses it, or notes what to mend at which field; with why.

    Changing what an approval stands on starts the approvals again.
    """
    claim = lock(line.claim)
    refuse_own_firm(claim.partner_id, by)
    if not claim.waits_for_vendor:
        raise Refusal(_("This claim has moved on. Look at it again."))
    problems: dict[str, str] = {}
    if not 0 <= cut_minor <= line.gross_minor:
        problems["cut_minor"] = _("It is a part of the amount.")
    if (is_refused or cut_minor) and not note:
        problems["note"] = _("Say why; the partner reads it.")
    if len(note) > 500:
        problems["note"] = _("Type up to %(most)s characters.", most=500)
    if problems:
        raise InvalidInput(problems)
    line.is_refused, line.cut_minor, line.vendor_note = is_refused, 0 if is_refused else cut_minor, note
    line.vendor_field = field if note else None
    line.mended_at = None
    claim.version += 1
    if claim.status is ClaimStatus.PROPOSED:
        claim.become(ClaimStatus.APPEALED if claim.is_appealed else ClaimStatus.SUBMITTED)
        _forget_proposal(claim)
    session.flush()


def _forget_proposal(claim: FundingClaim) -> None:
    claim.proposed_by_id = None
    claim.amount_minor = claim.granted_minor or None


def ask_about_claim(claim: FundingClaim, question: str, *, by: Actor | None) -> None:
    """Gives it back to be mended; what and why stands at the lines and in ``question``."""
    lock(claim)
    refuse_own_firm(claim.partner_id, by)
    if not question and not any(line.vendor_note for line in claim.lines):
        raise InvalidInput({"question": _("Write what is missing, here or at a line.")})
    claim.become(ClaimStatus.INFO_REQUESTED)
    claim.question = question
    # From here it is the partner's clock.
    claim.due_at = in_working_days(APPEAL_DAYS.value())
    announce(signals.ClaimQuestionAsked(claim, by))


def needs_two_people(claim: FundingClaim, amount_minor: int) -> bool:
    """Above the programme's limit one person is not enough."""
    limit: int = TWO_PEOPLE_ABOVE.value() * 10 ** exponent(claim.currency)
    return amount_minor > limit


def approve_claim(
    claim: FundingClaim, *, version: int, amount_minor: int, note: str = "", by: Actor | None
) -> None:
    """Approves what the claim comes to; a large one only once a second person does so as well.

    ``version`` and ``amount_minor`` are what was looked at: when the claim has changed since, nothing is approved.
    """
    lock(claim)
    refuse_own_firm(claim.partner_id, by)
    note_rates(claim.lines, claim.currency)
    result = computed(claim)
    if claim.version != version or result.amount_minor != amount_minor:
        raise Refusal(_("The claim has changed since you opened it. Look at it again."))
    if any(line.rate is None for line in claim.lines):
        raise Refusal(_("A line waits for its exchange rate. Type the rate in first."))
    if result.amount_minor == 0:
        raise Refusal(_("Nothing of it is eligible. Reject it, with the reason."))
    if claim.granted_minor and result.amount_minor <= claim.granted_minor:
        raise Refusal(_("No more than before is eligible. Accept a cost, or turn the appeal down."))
    me = by.id if by is not None else None
    if needs_two_people(claim, amount_minor) and claim.status is not ClaimStatus.PROPOSED:
        claim.become(ClaimStatus.PROPOSED)
        claim.proposed_by_id = me
        claim.amount_minor = amount_minor
        announce(signals.FundingClaimProposed(claim, by, amount_minor=amount_minor, currency=claim.currency))
        return
    if claim.status is ClaimStatus.PROPOSED and claim.proposed_by_id == me:
        raise Refusal(_("You approved it already. A claim of this size needs a second person."))
    claim.become(ClaimStatus.APPROVED)
    request = lock(claim.request)
    more = amount_minor - claim.granted_minor
    disputable = 0 if claim.is_appealed else computed_without_verdicts(claim).amount_minor - amount_minor
    if request.allocation is not None:
        lock(request.allocation).pay(more, of_reserved=request.reserved_minor - disputable)
        request.reserved_minor = disputable
    claim.appeal_until = in_working_days(APPEAL_DAYS.value()) if disputable else None
    claim.amount_minor = claim.granted_minor = amount_minor
    claim.spent_minor = result.spent_minor
    claim.decided_at = clock.now()
    claim.decided_by_id = me
    claim.decision_note = note
    session.flush()
    announce(
        signals.FundingClaimApproved(
            claim, by, amount_minor=amount_minor, currency=claim.currency, more_minor=more
        )
    )
    set_off_advance(request, by=by)
    if not disputable:
        free_refused_receipts(claim)


def free_refused_receipts(claim: FundingClaim) -> None:
    """What was refused for good in a claim that is paid may stand in another one, where it belongs."""
    for line in claim.lines:
        if line.is_refused:
            line.is_live = False
    session.flush()


def reject_claim(claim: FundingClaim, reason: str, *, by: Actor | None) -> None:
    """Reimburses nothing, and says why; what is reserved stays so until the time to appeal is over."""
    if not reason:
        raise InvalidInput({"reason": _("Say why; the partner reads it.")})
    lock(claim)
    refuse_own_firm(claim.partner_id, by)
    if claim.is_appealed:
        raise Refusal(_("The partner has appealed. Turn the appeal down, or approve."))
    claim.become(ClaimStatus.REJECTED)
    claim.amount_minor = None
    claim.proposed_by_id = None
    claim.decided_at = clock.now()
    claim.decided_by_id = by.id if by is not None else None
    claim.decision_note = reason
    claim.appeal_until = in_working_days(APPEAL_DAYS.value())
    announce(signals.FundingClaimRejected(claim, by, reason))


def appeal_claim(claim: FundingClaim, why: str, *, by: Actor | None) -> None:
    """The partner sees a rejection, or what was taken off, otherwise; the vendor looks at it once more."""
    if len(why) < 10:
        raise InvalidInput({"appeal": _("Say in a sentence what should be looked at again.")})
    lock(claim)
    if not appeal_is_open(claim):
        raise Refusal(_("The time to appeal is over."))
    claim.become(ClaimStatus.APPEALED)
    claim.appeal = why
    claim.due_at = in_working_days(APPEAL_DAYS.value())
    announce(signals.FundingClaimAppealed(claim, by))


def dismiss_appeal(claim: FundingClaim, reason: str, *, by: Actor | None) -> None:
    """The decision stands, and what was still reserved is free again. An appeal is upheld by approving."""
    if not reason:
        raise InvalidInput({"reason": _("Say why; the partner reads it.")})
    lock(claim)
    refuse_own_firm(claim.partner_id, by)
    if not claim.is_appealed or not claim.waits_for_vendor:
        raise Refusal(_("This claim has moved on. Look at it again."))
    _forget_proposal(claim)
    claim.decided_at = clock.now()
    claim.decided_by_id = by.id if by is not None else None
    claim.decision_note = reason
    if claim.granted_minor:
        claim.become(ClaimStatus.DECIDED)
        if claim.reimbursed_at is not None:
            claim.become(ClaimStatus.REIMBURSED)
        release_reserved(lock(claim.request))
        free_refused_receipts(claim)
    else:
        close_claim(claim, ClaimStatus.DECIDED, by=by)
    announce(signals.FundingClaimClosed(claim, by, reason))


def close_claim(claim: FundingClaim, status: ClaimStatus, *, by: Actor | None) -> None:
    """Ends a locked claim that is never paid: receipts and reserved money are free again, an advance is owed back."""
    claim.become(status)
    for line in claim.lines:
        line.is_live = False
    request = lock(claim.request)
    release_reserved(request)
    take_back_advance(request, by=by)
    session.flush()


def mark_reimbursed(claim: FundingClaim, *, by: Actor | None) -> None:
    """The money was paid out. Called by whoever pays; saying it twice changes nothing.

    An appeal against what was taken off goes on meanwhile.
    """
    lock(claim)
    is_disputed = claim.granted_minor > 0 and claim.waits_for_vendor
    if claim.status is ClaimStatus.REIMBURSED or (is_disputed and claim.reimbursed_at is not None):
        return
    if not is_disputed:
        claim.become(ClaimStatus.REIMBURSED)
    claim.reimbursed_at = clock.now()
    announce(signals.FundingClaimReimbursed(claim, by))
