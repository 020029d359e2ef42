"""Noting who recruited a partner, and putting it right."""

from commissions.models import Recruitment
from commissions.operations.bonuses import Occasion, grant, take_back
from commissions.queries.recruitments import recruitment_of, recruits_above
from commissions.signals import RecruiterNoted
from core import clock
from core.activity import Actor
from core.database import lock, session
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from core.signals import announce
from partners.models import Partner


def note_recruiter(
    partner: Partner, recruiter: Partner | None, *, because: str, by: Actor | None
) -> Recruitment | None:
    """Says who brought ``partner``; nobody, when ``recruiter`` is None. Sales already assessed stay as they are.

    The reward for bringing it moves along: what the former recruiter was granted is taken back. Raises InvalidInput by
    field, Refusal when that is known already.
    """
    if not because.strip():
        raise InvalidInput({"because": _("Say why, in a sentence.")})
    lock(partner)
    known = recruitment_of(partner.id)
    if (known.recruiter_id if known is not None else None) == (
        recruiter.id if recruiter is not None else None
    ):
        raise Refusal(_("That is how it stands already."))
    if recruiter is not None and (recruiter.id == partner.id or partner.id in recruits_above(recruiter.id)):
        raise InvalidInput(
            {"recruiter_id": _("A partner cannot be brought by itself, or by one it brought.")}
        )
    if known is not None:
        known.ended_at = clock.now()
        session.flush()
        take_back(_cause(known), by=by)
    made = None
    if recruiter is not None:
        made = Recruitment(
            partner_id=partner.id,
            recruiter_id=recruiter.id,
            because=because.strip()[:500],
            noted_at=clock.now(),
        )
        session.add(made)
        session.flush()
        reward_recruiter(partner, by=by)
    announce(
        RecruiterNoted(
            partner,
            by,
            before=known.recruiter.name if known is not None else "",
            after=recruiter.name if recruiter is not None else "",
            reason=because.strip()[:500],
        )
    )
    return made


def reward_recruiter(partner: Partner, *, by: Actor | None) -> None:
    """Grants what the plan of the recruiter pays for a new partner, once it is active."""
    known = recruitment_of(partner.id)
    if known is None or not partner.is_active:
        return
    occasion = Occasion("partner_referral", _cause(known), country=partner.country, number=partner.id)
    grant(known.recruiter, occasion, by=by)


def _cause(recruitment: Recruitment) -> str:
    return f"recruitment:{recruitment.id}"
