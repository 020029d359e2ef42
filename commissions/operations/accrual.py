"""From facts to earnings: a sale is assessed once, and computed anew whenever something is learned of it.

What is posted is always the difference between what the set of facts grants and what stands in the books, so that
messages may come late, twice, and in any order.
"""

from datetime import date, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from commissions import rates
from commissions.models import (
    Assessment,
    BeneficiaryType,
    CapUse,
    Entry,
    EntryKind,
    Pair,
    PartnerBook,
    PlanVersion,
)
from commissions.operations.corrections import follow_corrections
from commissions.operations.entries import post_entries
from commissions.operations.holds import place_holds
from commissions.queries import plans as queries
from commissions.queries.conversions import NO_RATE, conversion_on
from commissions.queries.recruitments import recruitment_of
from commissions.settings import REFUND_WINDOW_DAYS
from core import clock
from core.activity import Actor
from core.database import session, write_once
from core.settings import PROGRAMME_TIME_ZONE
from partners.models import Partner
from partners.queries.tier_history import TierThen, tier_at, tier_moves
from referrals.models import Chargeback, ChargebackStatus, Customer, Payment, Refund, Sale, SaleDecision
from referrals.operations.sales import hold_sale

Cause = Sale | Payment | Refund | Chargeback | SaleDecision

_STATUSES: dict[ChargebackStatus, Literal["opened", "won", "lost"]] = {
    ChargebackStatus.OPENED: "opened",
    ChargebackStatus.WON: "won",
    ChargebackStatus.LOST: "lost",
}


def cause_of(fact: Cause) -> str:
    """``sale:12``, ``refund:3``, ``chargeback:4``: the fact a line stems from."""
    return f"{type(fact).__name__.lower()}:{fact.id}"


def accrue(sale: Sale, fact: Cause, *, by: Actor | None, cause: str | None = None) -> list[Entry]:
    """Posts what ``fact`` changes about what ``sale`` earns; answers the new lines.

    ``cause`` names it where it is not the fact itself but a person who had the sale worked out again.

    A sale that is nobody's, or under review, earns nothing yet. A sale that turns out to be earlier than others of its
    pair, or of a cap, moves those as well.
    """
    if not sale.earns or sale.partner_id is None:
        return []
    hold_book(sale.partner_id)
    assessment = queries.assessment_of(sale)
    moved: list[Sale] = []
    if assessment is None and not has_to_wait(sale, by=by):
        assessment, moved = assess(sale)
    if assessment is None:
        return []
    posted = settle(sale, assessment, fact, by=by, cause=cause)
    for other in in_order(moved + behind_in_a_cap(sale)):
        other_assessment = queries.assessment_of(other)
        if other.id != sale.id and other_assessment is not None:
            posted += settle(other, other_assessment, fact, by=by, cause=cause)
    return posted


def hold_book(partner_id: int) -> None:
    """One change of a partner's earnings after another: whoever comes second waits here."""
    write_once(PartnerBook, {"partner_id": partner_id}, unique=["partner_id"])
    session.execute(sa.select(PartnerBook.id).where(PartnerBook.partner_id == partner_id).with_for_update())


def assess(sale: Sale) -> tuple[Assessment | None, list[Sale]]:
    """Fixes by what a sale is computed; answers also the pair's other sales when this one is the new first."""
    partner = sale.partner
    assert partner is not None
    plan = queries.plan_by_code(sale.plan_code or partner.plan_code)
    if plan is None:
        return None, []
    at_the_time = queries.version_at(queries.published_versions(plan.id), sale.occurred_at)
    if at_the_time is None:
        # Nothing was promised yet, whether or not the customer bought again later.
        return None, []
    pair = session.scalar(
        sa.select(Pair).where(
            Pair.customer_id == sale.customer_id, Pair.partner_id == partner.id, Pair.plan_id == plan.id
        )
    )
    moved: list[Sale] = []
    if pair is None:
        pair = Pair(
            customer_id=sale.customer_id,
            partner_id=partner.id,
            plan_id=plan.id,
            plan_version=at_the_time,
            first_sale_at=sale.occurred_at,
            first_sale_id=sale.id,
            created_at=clock.now(),
        )
        session.add(pair)
        session.flush()
    elif (sale.occurred_at, sale.external_id) < (pair.first_sale_at, _name_of(pair.first_sale_id)):
        moved = queries.sales_of_pair(pair)
        _begin_earlier(pair, sale, moved)
    version = _version_for(pair, sale)
    assessment = Assessment(
        sale_id=sale.id,
        pair=pair,
        plan_version=version,
        conversion=_conversion_of(sale, version),
        partner=partner_as_it_was(partner, sale.occurred_at),
        customer=customer_as_it_is(sale.customer),
        created_at=clock.now(),
    )
    session.add(assessment)
    session.flush()
    return assessment, moved


def rate_is_known(sale: Sale) -> bool:
    """False while the plan of a sale pays in another currency, and the rate of its day is unknown."""
    partner = sale.partner
    plan = queries.plan_by_code(sale.plan_code or partner.plan_code) if partner is not None else None
    if plan is None:
        return True
    pair = session.scalar(
        sa.select(Pair).where(
            Pair.customer_id == sale.customer_id, Pair.partner_id == sale.partner_id, Pair.plan_id == plan.id
        )
    )
    version = (
        _version_for(pair, sale)
        if pair is not None
        else queries.version_at(queries.published_versions(plan.id), sale.occurred_at)
    )
    if version is None or not version.definition.get("converts"):
        return True
    return conversion_on(_day_of(sale), sale.currency, version.currency) is not None


def has_to_wait(sale: Sale, *, by: Actor | None) -> bool:
    """Holds a sale that names a plan that is not there, or whose rate is not known yet."""
    if queries.names_no_plan(sale):
        hold_sale(sale, queries.NO_PLAN, by=by)
    elif not rate_is_known(sale):
        hold_sale(sale, NO_RATE, by=by)
    return sale.held_because is not None


def _conversion_of(sale: Sale, version: PlanVersion) -> dict[str, Any] | None:
    """The rate that a sale is converted by, for good; ``None`` where nothing is converted."""
    if sale.currency == version.currency or not version.definition.get("converts"):
        return None
    return conversion_on(_day_of(sale), sale.currency, version.currency)


def _day_of(sale: Sale) -> date:
    return sale.occurred_at.astimezone(ZoneInfo(PROGRAMME_TIME_ZONE.value())).date()


def partner_as_it_was(partner: Partner, moment: datetime) -> dict[str, Any]:
    """What rules may ask of a partner, and who recruited it, fixed for what is computed now.

    A sale that is told late goes by the tier that the partner had when it took place (the tier before the event); what
    else is known of a partner has no history.
    """
    recruitment = recruitment_of(partner.id)
    then = tier_at(moment, partner.tier, tier_moves([partner.id]).get(partner.id, ()))
    return partner_with(partner, recruitment.recruiter_id if recruitment is not None else None, then)


def partner_with(partner: Any, recruiter_id: int | None, then: TierThen) -> dict[str, Any]:
    """As :func:`partner_as_it_was`, where it is known who recruited it and which tier it had."""
    return {
        "id": str(partner.id),
        "tier": then.tier,
        "tier_since": then.since.isoformat() if then.since is not None else None,
        "type": str(partner.type),
        "country": partner.country,
        "recruiter_id": str(recruiter_id) if recruiter_id is not None else None,
    }


def customer_as_it_is(customer: Customer) -> dict[str, Any]:
    """What rules may ask of a customer, fixed for what is computed now."""
    return {
        "id": customer.external_id or str(customer.id),
        "country": customer.country,
        "size": customer.size,
    }


def _name_of(sale_id: int) -> str:
    return session.get_one(Sale, sale_id).external_id


def _begin_earlier(pair: Pair, sale: Sale, others: list[Sale]) -> None:
    """The pair began with ``sale``. Its version is the one that held then, among those known when the pair was made."""
    pair.first_sale_at = sale.occurred_at
    pair.first_sale_id = sale.id
    known = queries.published_versions(pair.plan_id, published_by=pair.created_at)
    version = queries.version_at(known, sale.occurred_at)
    if version is not None and version.id != pair.plan_version_id:
        pair.plan_version = version
        session.flush()
        for other in others:
            assessment = queries.assessment_of(other)
            if assessment is not None:
                assessment.plan_version = _version_for(pair, other)


def _version_for(pair: Pair, sale: Sale) -> PlanVersion:
    return version_for(queries.published_versions(pair.plan_id), pair.plan_version, sale.occurred_at)


def version_for(published: list[PlanVersion], bound_to: PlanVersion, occurred_at: datetime) -> PlanVersion:
    """The version a pair is bound to, or a later one that rebinds and has begun when the sale took place."""
    version = bound_to
    for later in published:
        begins_later = (later.effective_from, later.number) > (version.effective_from, version.number)
        if begins_later and later.effective_from <= occurred_at and later.definition.get("rebinds"):
            version = later
    return version


def facts_of(sale: Sale, assessment: Assessment) -> rates.SaleFacts:
    """A stored sale as the engine takes it: the partner as it was, the pair's first sale as it is known now."""
    pair = assessment.pair
    return rates.SaleFacts(
        occurred_at=sale.occurred_at,
        currency=sale.currency,
        partner=rates.PartnerFacts.kept(assessment.partner),
        customer=rates.CustomerFacts(**assessment.customer),
        lines=tuple(
            rates.LineFacts(
                kind=str(line.kind),
                quantity=line.quantity,
                unit_amount_minor=line.unit_amount_minor,
                product=line.product,
                discount_minor=line.discount_minor,
                credit_minor=line.credit_minor,
                tax_minor=line.tax_minor,
                cost_minor=line.cost_minor,
            )
            for line in sale.lines
        ),
        type=str(sale.type),
        billed_by="partner" if sale.billed_by == "partner" else "vendor",
        source=sale.origin,
        country=sale.customer.country,
        metadata=dict(sale.metadata_),
        pair=rates.Pair(pair.first_sale_at, pair.first_sale_id == sale.id),
        paid_minor=sale.paid_minor,
        time_zone=ZoneInfo(PROGRAMME_TIME_ZONE.value()),
    )


def computation_of(sale: Sale, assessment: Assessment) -> rates.Computation:
    """What the sale earns by everything known of it."""
    version = queries.parsed(assessment.plan_version)
    facts, payments, refunds, chargebacks = _everything_known(sale, assessment)
    keys = {
        key: say_cap_key(assessment, key) for rule in version.rules for key in rates.cap_keys(rule, facts)
    }
    used = queries.used_before(
        sorted(set(keys.values())), occurred_at=sale.occurred_at, sale_name=sale.external_id
    )
    return rates.compute(
        version,
        facts,
        payments=payments,
        refunds=refunds,
        chargebacks=chargebacks,
        granted={key: used[name] for key, name in keys.items() if name in used},
    )


def _everything_known(
    sale: Sale, assessment: Assessment
) -> tuple[rates.SaleFacts, list[rates.Payment], list[rates.Refund], list[rates.Chargeback]]:
    """The facts as the engine takes them, in the currency that they are paid in."""
    facts = facts_of(sale, assessment)
    payments = [rates.Payment(_named(payment), payment.amount_minor) for payment in sale.payments]
    refunds = [
        rates.Refund(_named(refund), refund.amount_minor, refund.line) for refund in sale.counted_refunds
    ]
    chargebacks = [
        rates.Chargeback(_named(back), _STATUSES[back.status], back.amount_minor, back.occurred_at)
        for back in sale.settled_chargebacks
    ]
    if assessment.conversion is None:
        return facts, payments, refunds, chargebacks
    by = rates.Conversion(assessment.conversion["to"], assessment.conversion["rate"])
    return rates.converted(facts, payments, refunds, chargebacks, by)


def _named(fact: Payment | Refund | Chargeback) -> str:
    return f"{fact.source}:{fact.external_id}"


def say_cap_key(assessment: Assessment, key: rates.CapKey) -> str:
    """A cap of a rule of a version, for a partner (and customer), in a window, as one text."""
    customer = key.customer_id or ""
    parts = (assessment.plan_version_id, key.rule, key.cap, key.partner_id, customer, key.window)
    return "|".join(str(part) for part in parts)


def settle(
    sale: Sale, assessment: Assessment, fact: Cause, *, by: Actor | None, cause: str | None = None
) -> list[Entry]:
    """Posts the difference between what the facts grant and what the books hold; places and lifts holds."""
    final = computation_of(sale, assessment)
    _note_caps(sale, assessment, final)
    known = list(session.scalars(queries.entries_of_sale(sale.id)))
    cause = cause or cause_of(fact)
    posted = _post(sale, assessment, rates.postings(final, _sums(known)), fact, cause, known, by=by)
    earning = {figure.key for figure in final.figures}
    posted += follow_corrections(sale.id, final.kept, earning, known, fact.received_at, cause, by=by)
    place_holds(sale, [*known, *posted], by=by)
    return posted


def _sums(entries: list[Entry]) -> dict[rates.EntryKey, int]:
    return {key: amount for key, (amount, _first) in queries.granted_by_key(entries).items()}


def _note_caps(sale: Sale, assessment: Assessment, computation: rates.Computation) -> None:
    use = {say_cap_key(assessment, key): amount for key, amount in computation.cap_use.items() if amount}
    rows = {row.cap_key: row for row in session.scalars(sa.select(CapUse).where(CapUse.sale_id == sale.id))}
    for key, row in rows.items():
        row.amount_minor = use.get(key, 0)
    for key in use.keys() - rows.keys():
        session.add(
            CapUse(
                sale_id=sale.id,
                cap_key=key,
                occurred_at=sale.occurred_at,
                sale_name=sale.external_id,
                amount_minor=use[key],
            )
        )
    session.flush()


def behind_in_a_cap(sale: Sale) -> list[Sale]:
    keys = list(session.scalars(sa.select(CapUse.cap_key).where(CapUse.sale_id == sale.id)))
    ids = queries.sales_after(keys, occurred_at=sale.occurred_at, sale_name=sale.external_id)
    return [session.get_one(Sale, sale_id) for sale_id in ids]


def in_order(sales: list[Sale]) -> list[Sale]:
    once = {sale.id: sale for sale in sales}
    return sorted(once.values(), key=lambda sale: (sale.occurred_at, sale.external_id))


def _post(
    sale: Sale,
    assessment: Assessment,
    postings: list[rates.Posting],
    fact: Cause,
    cause: str,
    known: list[Entry],
    *,
    by: Actor | None,
) -> list[Entry]:
    firsts = queries.granted_by_key(known)
    hold_days = queries.parsed(assessment.plan_version).hold_days
    entries = []
    for posting in postings:
        owner = posting.key.beneficiary
        is_reversal = posting.kind == "reversal"
        corrected = firsts.get(posting.key)
        entries.append(
            Entry(
                sale_id=sale.id,
                line=posting.key.line,
                kind=EntryKind(posting.kind),
                beneficiary_type=BeneficiaryType(owner.type),
                partner_id=int(owner.id) if owner.id is not None else None,
                amount_minor=posting.amount_minor,
                currency=posting.currency,
                plan_version_id=assessment.plan_version_id,
                rule=posting.key.name,
                cause=cause,
                received_at=fact.received_at,
                # A reversal counts at once; what is earned waits for its hold.
                available_at=fact.received_at
                if is_reversal
                else rates.available_at(fact.received_at, hold_days, REFUND_WINDOW_DAYS.value()),
                proof=_with_conversion(posting, sale, assessment),
                corrects_id=corrected[1].id if corrected is not None else None,
            )
        )
    return post_entries(entries, by=by)


def _with_conversion(posting: rates.Posting, sale: Sale, assessment: Assessment) -> rates.Proof:
    """The proof, with the original amount and the rate where the sale was made in another currency."""
    proof = dict(posting.proof)
    if assessment.conversion is not None:
        line = posting.key.line
        nets = [one.net_minor for one in sale.lines]
        proof["conversion"] = {
            **assessment.conversion,
            "original_minor": sum(nets) if line is None else nets[line],
        }
    return proof
