"""Leads and new partners that a plan rewards, the moment they come about, and when they are undone."""

import sqlalchemy as sa

from commissions.operations.bonuses import Occasion, grant, granted_causes, refuse, take_back
from commissions.operations.recruitments import note_recruiter, reward_recruiter
from commissions.rates.facts import Trigger
from core.activity import Actor
from core.bulk import among
from core.database import session
from core.i18n import gettext as _
from core.signals import receives
from partners.models import HeardFrom, Partner, PartnerStatus
from partners.signals import ApplicationApproved, PartnerActivated
from referrals.models import AttributionSource, Lead, LeadClaim, LeadStatus
from referrals.operations.attribution import Ties, why_its_own
from referrals.queries.codes import partner_of_code
from referrals.queries.links import bringer_of, bringers_of
from referrals.signals.leads import (
    LeadAccepted,
    LeadClaimed,
    LeadReceived,
    LeadReturned,
    LeadSorted,
    LeadsReceived,
    LeadsSortedOut,
)


@receives(LeadAccepted)
def reward_a_lead_that_was_accepted(signal: LeadAccepted) -> None:
    _reward_the_taking(signal.subject.lead, by=signal.by)


@receives(LeadClaimed)
def reward_a_lead_that_was_claimed(signal: LeadClaimed) -> None:
    _reward_the_taking(signal.subject, by=signal.by)


def _reward_the_taking(lead: Lead, *, by: Actor | None) -> None:
    """Whoever holds the lead now took it on."""
    claim = session.scalar(
        sa.select(LeadClaim).where(LeadClaim.lead_id == lead.id, LeadClaim.ended_at.is_(None))
    )
    if claim is not None:
        occasion = _of_lead("lead_accepted", f"lead-claim:{claim.id}", lead, source="routed")
        grant(session.get_one(Partner, claim.partner_id), occasion, by=by)


@receives(LeadReturned)
def take_back_the_reward_of_a_lead_that_was_given_back(signal: LeadReturned) -> None:
    claims = sa.select(LeadClaim.id).where(
        LeadClaim.lead_id == signal.subject.id, LeadClaim.partner_id == signal.former_partner_id
    )
    for claim_id in session.scalars(claims).all():
        take_back(f"lead-claim:{claim_id}", by=signal.by)


@receives(LeadReceived, LeadSorted)
def reward_or_take_back_when_a_lead_is_judged(signal: LeadReceived | LeadSorted) -> None:
    """A genuine lead is rewarded to the partner whose code or link brought it; one that proves otherwise is not.

    Neither is a partner's own, and both sides read why. What there is to say for it, a person says, by a correction.
    """
    lead = signal.subject
    cause = f"lead:{lead.id}"
    if lead.status is not LeadStatus.QUALIFIED:
        take_back(cause, by=signal.by)
        return
    brought = bringer_of(lead)
    if brought is not None:
        _reward_the_bringer(lead, brought, Ties(), by=signal.by)


@receives(LeadsReceived)
def reward_those_who_brought_some_of_many_leads(signal: LeadsReceived) -> None:
    """As :func:`reward_or_take_back_when_a_lead_is_judged` does for one; what just came has nothing to take back."""
    genuine = session.scalars(
        sa.select(Lead)
        .where(among(Lead.id, signal.subject), Lead.status == LeadStatus.QUALIFIED)
        .order_by(Lead.id)
    ).all()
    brought, ties = bringers_of(genuine), Ties()
    for lead in genuine:
        if lead.id in brought:
            _reward_the_bringer(lead, brought[lead.id], ties, by=signal.by)


def _reward_the_bringer(
    lead: Lead, brought: tuple[Partner, AttributionSource, str], ties: Ties, *, by: Actor | None
) -> None:
    bringer, source, word = brought
    occasion = _of_lead("lead_qualified", f"lead:{lead.id}", lead, source=source.value)
    because = why_its_own(bringer, lead, ties)
    if because is None:
        grant(bringer, occasion, by=by)
    else:
        refuse(bringer, occasion, lead, because=because, word=word, by=by)


@receives(LeadsSortedOut)
def take_back_what_many_leads_brought(signal: LeadsSortedOut) -> None:
    for cause in granted_causes([f"lead:{lead_id}" for lead_id in signal.subject]):
        take_back(cause, by=signal.by)


def _of_lead(trigger: Trigger, cause: str, lead: Lead, *, source: str) -> Occasion:
    return Occasion(
        trigger,
        cause,
        number=lead.id,
        country=lead.country,
        size=lead.employees,
        source=source,
        metadata={
            name: value
            for name, value in (("campaign", lead.campaign), ("origin", lead.origin.value))
            if value is not None
        },
    )


@receives(ApplicationApproved)
def note_who_brought_the_applicant(signal: ApplicationApproved) -> None:
    """An applicant who heard from a partner, and wrote its code or its exact name, was brought by it."""
    application = signal.subject
    partner = application.partner
    said = (application.heard_detail or "").strip()
    if application.heard_from is not HeardFrom.PARTNER or not said or partner is None:
        return
    named = session.scalars(
        sa.select(Partner)
        .where(sa.func.lower(Partner.name) == said.lower(), Partner.status == PartnerStatus.ACTIVE)
        .limit(2)
    ).all()
    wrote_at = application.submitted_at or application.created_at
    recruiter = partner_of_code(said, at=wrote_at) or (named[0] if len(named) == 1 else None)
    if recruiter is not None and recruiter.id != partner.id:
        note_recruiter(
            partner, recruiter, because=_("The application says: “%(said)s”", said=said[:200]), by=signal.by
        )


@receives(PartnerActivated)
def reward_the_recruiter_when_the_partner_is_active(signal: PartnerActivated) -> None:
    reward_recruiter(signal.subject, by=signal.by)
