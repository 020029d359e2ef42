"""An advance before the event: granted with the approval, set off in the claim, or taken back from what is earned."""

from fractions import Fraction

from core import clock
from core.activity import Actor
from core.database import lock, session
from core.errors import InvalidInput
from core.i18n import format_money
from core.i18n import gettext as _
from core.money import half_up
from core.signals import announce
from events import signals
from events.models import Advance, AdvanceStatus, FundingRequest
from events.settings import ADVANCE_PERCENT


def most_advance(approved_minor: int) -> int:
    """The largest advance on an approved amount: the programme's share of it, half up."""
    return half_up(approved_minor * Fraction(ADVANCE_PERCENT.value()) / 100)


def refuse_large_advance(advance_minor: int, approved_minor: int, currency: str) -> None:
    """Raises InvalidInput at ``advance_minor`` for an advance that is below zero or above the programme's share."""
    most = most_advance(approved_minor)
    if not 0 <= advance_minor <= most:
        sentence = _("An advance is at most %(most)s here.", most=format_money(most, currency))
        raise InvalidInput({"advance_minor": sentence})


def grant_advance(request: FundingRequest, amount_minor: int, *, by: Actor | None) -> Advance:
    """Pays a part of a locked, approved request before its event."""
    refuse_large_advance(amount_minor, request.approved_minor or 0, request.currency)
    advance = Advance(
        request=request,
        partner_id=request.partner_id,
        status=AdvanceStatus.GRANTED,
        amount_minor=amount_minor,
        currency=request.currency,
        granted_at=clock.now(),
    )
    session.add(advance)
    session.flush()
    announce(signals.AdvanceGranted(advance, by, amount_minor=amount_minor, currency=request.currency))
    return advance


def set_off_advance(request: FundingRequest, *, by: Actor | None) -> None:
    """Takes the advance of a locked request off what its claim comes to; without one, nothing happens."""
    _end(request, AdvanceStatus.SET_OFF, by)


def take_back_advance(request: FundingRequest, *, by: Actor | None) -> None:
    """Takes the advance of a locked request out of what the partner earns: no cost was shown for it."""
    _end(request, AdvanceStatus.TAKEN_BACK, by)


def _end(request: FundingRequest, status: AdvanceStatus, by: Actor | None) -> None:
    if request.advance is None:
        return
    advance = lock(request.advance)
    if not advance.is_open:
        return
    advance.end(status, clock.now())
    session.flush()
    announce(signals.AdvanceEnded(advance, by, amount_minor=advance.amount_minor, currency=advance.currency))


def mark_advance_paid(advance: Advance, *, by: Actor | None) -> None:
    """The payout run brought it. Called by whoever pays; saying it twice changes nothing."""
    lock(advance)
    if advance.paid_at is None:
        advance.paid_at = clock.now()
        announce(signals.AdvancePaid(advance, by))
