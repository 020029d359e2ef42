"""A tier set by hand: a floor or an exact tier, with a reason and a last day."""

from datetime import date, timedelta

from accounts.models import User
from core import clock
from core.database import lock, session
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from core.signals import announce
from partners import signals
from partners.models import DecisionKind, HoldKind, Partner, TierHold
from partners.operations.tier_evaluation import close_grace, note_decision, set_tier
from partners.queries import standing
from partners.queries.measures import programme_today

#: Whoever wants it for longer sets it again, with a reason again.
LONGEST_HOLD = timedelta(days=731)


def hold_tier(
    partner: Partner, tier: str, *, kind: HoldKind | str, until: date | None, reason: str, by: User
) -> TierHold:
    """Gives a firm a tier until (and including) a day, whatever its figures say. Raises InvalidInput by field."""
    lock(partner)
    today, ranks = programme_today(), standing.ranks()
    problems: dict[str, str] = {}
    if tier not in ranks:
        problems["tier"] = _("There is no tier %(code)s.", code=tier)
    if kind not in set(HoldKind):
        problems["kind"] = _("Choose one of the list.")
    if until is None or not today <= until <= today + LONGEST_HOLD:
        problems["until"] = _("Choose a last day within two years from today.")
    if len(reason.strip()) < 3:
        problems["reason"] = _("Say why, in a sentence.")
    if problems:
        raise InvalidInput(problems)
    assert until is not None
    _end(partner)
    hold = TierHold(
        partner_id=partner.id,
        tier=tier,
        kind=HoldKind(kind),
        reason=reason.strip(),
        until=until,
        set_at=clock.now(),
        set_by_name=by.name,
    )
    session.add(hold)
    session.flush()
    before = partner.tier
    moves = tier != before and (hold.kind is HoldKind.EXACT or ranks.index(tier) > ranks.index(before))
    after = tier if moves else before
    if moves or ranks.index(tier) >= ranks.index(before):
        close_grace(partner, "held")
    note_decision(partner, DecisionKind.HELD, before, after, reason=hold.reason, by=by)
    announce(signals.TierHeld(partner, by, tier=tier, until=until.isoformat(), reason=hold.reason))
    if moves:
        set_tier(partner, tier)
        announce(signals.TierChanged(partner, by, before=before, after=tier, reason=hold.reason))
    return hold


def release_tier(partner: Partner, *, reason: str, by: User) -> None:
    """Lets the figures decide again; a lower tier follows only after the usual grace."""
    lock(partner)
    if len(reason.strip()) < 3:
        raise InvalidInput({"reason": _("Say why, in a sentence.")})
    if not _end(partner):
        raise Refusal(_("Nothing is held by hand for %(name)s.", name=partner.name))
    note_decision(partner, DecisionKind.RELEASED, partner.tier, partner.tier, reason=reason.strip(), by=by)
    announce(signals.TierReleased(partner, by, reason=reason.strip()))


def _end(partner: Partner) -> bool:
    hold = standing.standing_hold(partner)
    if hold is None:
        return False
    hold.ended_at = clock.now()
    session.flush()
    return True
