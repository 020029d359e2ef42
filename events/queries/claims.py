"""Claims: who sees which, what they come to, and what is still missing."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from accounts.models import User
from accounts.permissions import Permission
from core import clock
from core.database import session
from core.i18n import gettext as _
from core.settings import PROGRAMME_CURRENCY
from events.models import (
    APPEALABLE,
    CHECKLISTS,
    ClaimLine,
    ClaimStatus,
    FundingClaim,
    FundingRequest,
    ProofKind,
    Registration,
)
from events.models.claims import WITH_THE_VENDOR
from events.reimbursement import Cost, Reimbursement, Terms, reimburse
from events.settings import COST_BASIS, RATE
from partners.models import Partner
from partners.queries import rows_visible_to, tiers_by_code


def claims_visible_to(user: User) -> sa.Select[FundingClaim]:
    """The claims ``user`` may see, latest first. A partner's draft is nobody else's, also not the vendor's."""
    mine = sa.select(FundingClaim).where(
        rows_visible_to(user, FundingClaim.partner_id, Permission.FUNDING_READ)
    )
    if user.is_staff:
        mine = mine.where(FundingClaim.status != ClaimStatus.DRAFT)
    return mine.options(joinedload(FundingClaim.request), joinedload(FundingClaim.partner)).order_by(
        FundingClaim.id.desc()
    )


def whole_claim(claims: sa.Select[FundingClaim]) -> sa.Select[FundingClaim]:
    """The same claims with everything their page shows."""
    return claims.options(
        selectinload(FundingClaim.lines).joinedload(ClaimLine.receipt),
        selectinload(FundingClaim.proofs),
        joinedload(FundingClaim.request).options(
            joinedload(FundingRequest.event), joinedload(FundingRequest.advance)
        ),
        joinedload(FundingClaim.proposed_by),
        joinedload(FundingClaim.decided_by),
    )


def claims_waiting_for_vendor() -> sa.Select[FundingClaim]:
    """Handed in and not decided, the nearest clock first."""
    return (
        sa.select(FundingClaim)
        .where(FundingClaim.status.in_(WITH_THE_VENDOR))
        .options(joinedload(FundingClaim.request), joinedload(FundingClaim.partner))
        .order_by(FundingClaim.due_at, FundingClaim.id)
    )


def funding_rate(partner: Partner) -> Decimal:
    """The vendor's share for a partner: the tier's own, else the programme's. Between 0 and 1."""
    tier = tiers_by_code().get(partner.tier)
    if tier is not None and tier.cofunding_rate.strip():
        return Decimal(tier.cofunding_rate)
    return RATE.value() / 100


def funding_cap(partner: Partner, currency: str) -> int | None:
    """The most that one event is reimbursed by the partner's tier, if it says so in this currency."""
    tier = tiers_by_code().get(partner.tier)
    if tier is None or currency != PROGRAMME_CURRENCY.value():
        return None
    return tier.cofunding_cap_minor


def terms_of(request: FundingRequest) -> Terms:
    """What was approved, for computing with."""
    return Terms(
        currency=request.currency,
        approved_minor=request.approved_minor or 0,
        rate=Fraction(request.rate or "0"),
        cap_minor=request.cap_minor,
        counts_tax=COST_BASIS.value() == "gross",
    )


def cost_of(line: ClaimLine) -> Cost:
    """A line, for computing with."""
    return Cost(
        key=str(line.id),
        label=line.description or line.supplier,
        currency=line.currency,
        gross_minor=line.gross_minor,
        tax_minor=line.tax_minor,
        excluded_minor=line.excluded_minor,
        excluded_because=line.excluded_because,
        cut_minor=line.cut_minor,
        cut_because=line.vendor_note,
        is_refused=line.is_refused,
        has_receipt=line.receipt_id is not None,
        rate=Fraction(line.rate) if line.rate is not None else None,
    )


def computed(claim: FundingClaim) -> Reimbursement:
    """What the claim comes to as it stands."""
    return reimburse([cost_of(line) for line in claim.lines], terms_of(claim.request))


def computed_without_verdicts(claim: FundingClaim) -> Reimbursement:
    """What the claim would come to if the vendor took nothing off its lines: what an appeal could win."""
    costs = [replace(cost_of(line), cut_minor=0, is_refused=False) for line in claim.lines]
    return reimburse(costs, terms_of(claim.request))


def checked_in_guests(claim: FundingClaim) -> int:
    """How many guests of the claim's event were checked in."""
    event = claim.request.event
    if event is None:
        return 0
    return (
        session.scalar(
            sa.select(sa.func.count()).where(
                Registration.event_id == event.id, Registration.checked_in_at.is_not(None)
            )
        )
        or 0
    )


def checklist(claim: FundingClaim) -> list[tuple[ProofKind, bool]]:
    """What the kind of event has to show, and whether it is there."""
    shown = {proof.kind for proof in claim.proofs}
    guests = checked_in_guests(claim)
    return [
        (kind, kind in shown or (kind is ProofKind.ATTENDEES and guests > 0))
        for kind in CHECKLISTS[claim.request.activity]
    ]


def missing(claim: FundingClaim) -> list[str]:
    """What keeps the claim from being handed in, a sentence each; empty when it is complete."""
    sentences = []
    if not claim.lines:
        sentences.append(_("Add at least one cost."))
    sentences += [
        _("Add the receipt of “%(cost)s”.", cost=line.description or line.supplier)
        for line in claim.lines
        if line.receipt_id is None
    ]
    sentences += [
        _("Mend “%(cost)s”, or answer what is noted there.", cost=line.description or line.supplier)
        for line in claim.lines
        if line.is_to_be_mended
    ]
    sentences += [
        _("Add the proof “%(kind)s”.", kind=kind.label) for kind, is_there in checklist(claim) if not is_there
    ]
    return sentences


def appeal_is_open(claim: FundingClaim, moment: datetime | None = None) -> bool:
    """A rejection, or what was taken off, can still be appealed against; once."""
    until = claim.appeal_until
    if claim.status not in APPEALABLE or claim.is_appealed or until is None:
        return False
    return (moment or clock.now()) < until
