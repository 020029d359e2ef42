"""What people decide about sales: whose one is, whether it waits, that it was none."""

from core import clock
from core.activity import Actor
from core.database import lock, session
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from core.signals import announce
from partners.models import Partner
from referrals.models.deals import Deal
from referrals.models.sales import AttributionSource, Sale, SaleDecision
from referrals.operations import attribution
from referrals.signals.sales import SaleAttributed, SaleHeld, SalePlanNamed, SalePutRight


def attribute_sale(
    sale: Sale,
    partner: Partner,
    *,
    source: AttributionSource,
    because: str,
    deal: Deal | None = None,
    by: Actor | None,
) -> None:
    """Gives a sale that is nobody's to ``partner``. Raises Refusal when it is somebody's."""
    lock(sale.customer)
    lock(sale)
    if sale.voided_at is not None:
        raise Refusal(_("This sale is void."))
    if sale.partner_id is not None:
        raise Refusal(_("This sale already has a partner."))
    sale.partner = partner
    sale.deal = deal
    sale.attribution_source = source
    sale.attribution = [
        *sale.attribution,
        attribution.candidate(source, partner.id, deal.id if deal is not None else None, True, because),
    ]
    sale.customer.partner_id = sale.customer.partner_id or partner.id
    session.flush()
    sale.settle_status()
    announce(SaleAttributed(sale, by, source=str(source)))


def hold_sale(sale: Sale, reason: str, *, by: Actor | None) -> None:
    """Lets a sale wait for a person, for a reason that :class:`Sale` knows; it earns nothing so long."""
    sale.held_because = reason
    sale.settle_status()
    announce(SaleHeld(sale, by, reason=reason))


def release_sale(sale: Sale, *, by: Actor | None) -> None:
    """Ends the review of a sale that was held: it earns from now on. Raises Refusal when it is not under review."""
    lock(sale)
    if sale.held_because is None or sale.partner_id is None:
        raise Refusal(_("This sale is not under review."))
    sale.held_because = None
    sale.settle_status()
    announce(SaleAttributed(sale, by, source=str(sale.attribution_source)))


def name_plan(sale: Sale, code: str | None, *, by: Actor | None) -> None:
    """The sale is computed by the plan ``code`` from now on, ``None``: by its partner's; and waits no longer.

    Whoever knows the plans has seen that there is such a one. Raises Refusal when the sale is not under review.
    """
    before, sale.plan_code = sale.plan_code, code
    announce(SalePlanNamed(sale, by, before=before or "", after=code or ""))
    release_sale(sale, by=by)


def void_sale(sale: Sale, *, reason: str, by: Actor | None) -> SaleDecision:
    """It was no sale: whatever it earned is taken back, and it earns nothing any more. The facts stay readable.

    Raises InvalidInput at ``reason``, Refusal when it is void already.
    """
    _hold_to_put_right(sale, reason)
    sale.voided_at = clock.now()
    sale.settle_status()
    return _put_right(sale, sale.partner, sale.partner, reason, is_void=True, by=by)


def reattribute_sale(sale: Sale, partner: Partner | None, *, reason: str, by: Actor | None) -> SaleDecision:
    """Gives a sale that is somebody's to another partner, or to nobody when ``partner`` is None.

    Raises InvalidInput by field, Refusal when the sale is void or nobody's.
    """
    _hold_to_put_right(sale, reason)
    former = sale.partner
    if former is None:
        raise Refusal(_("This sale is nobody's yet. Give it to a partner."))
    if partner is not None and partner.id == former.id:
        raise InvalidInput({"partner_id": _("It is this partner's already.")})
    sale.partner = partner
    if sale.deal is not None and (partner is None or sale.deal.partner_id != partner.id):
        sale.deal = None
    sale.attribution_source = AttributionSource.MANAGER if partner is not None else None
    decided = attribution.candidate(
        AttributionSource.MANAGER, partner.id if partner is not None else None, None, True, reason
    )
    sale.attribution = [*({**one, "chosen": False} for one in sale.attribution), decided]
    session.flush()
    sale.settle_status()
    return _put_right(sale, former, partner, reason, is_void=False, by=by)


def _hold_to_put_right(sale: Sale, reason: str) -> None:
    if len(reason.strip()) < 3:
        raise InvalidInput({"reason": _("Say why, in a sentence.")})
    lock(sale.customer)
    lock(sale)
    if sale.voided_at is not None:
        raise Refusal(_("This sale is void."))


def _put_right(
    sale: Sale,
    former: Partner | None,
    partner: Partner | None,
    reason: str,
    *,
    is_void: bool,
    by: Actor | None,
) -> SaleDecision:
    decision = SaleDecision(
        sale=sale,
        is_void=is_void,
        from_partner_id=former.id if former is not None else None,
        to_partner_id=None if is_void or partner is None else partner.id,
        reason=reason.strip()[:1000],
        decided_by_id=by.id if by is not None else None,
        decided_at=clock.now(),
    )
    session.add(decision)
    session.flush()
    announce(
        SalePutRight(
            sale,
            by,
            decision=decision,
            before=former.name if former is not None else "",
            after="" if is_void or partner is None else partner.name,
            reason=decision.reason,
        )
    )
    return decision
