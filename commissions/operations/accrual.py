"""From facts to earnings: a sale is assessed once, and computed anew whenever something is learned of it.

What is posted is always the difference between what the set of facts grants and what stands in the books, so that
messages may come late, twice, and in any order.
"""

from typing import Literal
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
from commissions.operations.entries import hold_entries, lift_holds, post_entries
from commissions.queries import plans as queries
from core import clock
from core.activity import Actor
from core.database import session, write_once
from core.settings import PROGRAMME_TIME_ZONE
from referrals.models import Chargeback, ChargebackStatus, Payment, Refund, Sale

Cause = Sale | Payment | Refund | Chargeback

_STATUSES: dict[ChargebackStatus, Literal["opened", "won", "lost"]] = {
    ChargebackStatus.OPENED: "opened",
    ChargebackStatus.WON: "won",
    ChargebackStatus.LOST: "lost",
}


def cause_of(fact: Cause) -> str:
    """``sale:12``, ``refund:3``, ``chargeback:4``: the fact a line stems from."""
    return f"{type(fact).__name__.lower()}:{fact.id}"


def accrue(sale: Sale, fact: Cause, *, by: Actor | None) -> list[Entry]:
    """Posts what ``fact`` changes about what ``sale`` earns; answers the new lines.

    A sale that is nobody's, or under review, earns nothing yet. A sale that turns out to be earlier than others of its
    pair, or of a cap, moves those as well.
    """
    if not sale.earns or sale.partner_id is None:
        return []
    _hold_book(sale.partner_id)
    assessment = queries.assessment_of(sale)
    moved: list[Sale] = []
    if assessment is None:
        assessment, moved = _assess(sale)
    if assessment is None:
        return []
    posted = _settle(sale, assessment, fact, by=by)
    for other in _in_order(moved + _behind_in_a_cap(sale)):
        other_assessment = queries.assessment_of(other)
        if other.id != sale.id and other_assessment is not None:
            posted += _settle(other, other_assessment, fact, by=by)
    return posted


def _hold_book(partner_id: int) -> None:
    """One sale of a partner after another: whoever comes second waits here."""
    write_once(PartnerBook, {"partner_id": partner_id}, unique=["partner_id"])
    session.execute(sa.select(PartnerBook.id).where(PartnerBook.partner_id == partner_id).with_for_update())


def _assess(sale: Sale) -> tuple[Assessment | None, list[Sale]]:
    """Fixes by what a sale is computed; answers also the pair's other sales when this one is the new first."""
    partner = sale.partner
    assert partner is not None
    plan = queries.plan_by_code(sale.plan_code or partner.plan_code)
    if plan is None:
        return None, []
    pair = session.scalar(
        sa.select(Pair).where(
            Pair.customer_id == sale.customer_id, Pair.partner_id == partner.id, Pair.plan_id == plan.id
        )
    )
    moved: list[Sale] = []
    if pair is None:
        version = queries.version_at(queries.published_versions(plan.id), sale.occurred_at)
        if version is None:
            return None, []
        pair = Pair(
            customer_id=sale.customer_id,
            partner_id=partner.id,
            plan_id=plan.id,
            plan_version=version,
            first_sale_at=sale.occurred_at,
            first_sale_id=sale.id,
            created_at=clock.now(),
        )
        session.add(pair)
        session.flush()
    elif (sale.occurred_at, sale.external_id) < (pair.first_sale_at, _name_of(pair.first_sale_id)):
        moved = queries.sales_of_pair(pair)
        _begin_earlier(pair, sale, moved)
    assessment = Assessment(
        sale_id=sale.id,
        pair=pair,
        plan_version=_version_for(pair, sale),
        partner={
            "id": str(partner.id),
            "tier": partner.tier,
            "type": str(partner.type),
            "country": partner.country,
            "recruiter_id": None,
        },
        customer={
            "id": sale.customer.external_id or str(sale.customer_id),
            "country": sale.customer.country,
            "size": sale.customer.size,
        },
        created_at=clock.now(),
    )
    session.add(assessment)
    session.flush()
    return assessment, moved


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
    """The pair's version, or a later one that rebinds and has begun when the sale took place."""
    version = pair.plan_version
    for later in queries.published_versions(pair.plan_id):
        begins_later = (later.effective_from, later.number) > (version.effective_from, version.number)
        if begins_later and later.effective_from <= sale.occurred_at and later.definition.get("rebinds"):
            version = later
    return version


def facts_of(sale: Sale, assessment: Assessment) -> rates.SaleFacts:
    """A stored sale as the engine takes it: the partner as it was, the pair's first sale as it is known now."""
    pair = assessment.pair
    return rates.SaleFacts(
        occurred_at=sale.occurred_at,
        currency=sale.currency,
        partner=rates.PartnerFacts(**assessment.partner),
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
    facts = facts_of(sale, assessment)
    keys = {
        key: say_cap_key(assessment, key) for rule in version.rules for key in rates.cap_keys(rule, facts)
    }
    used = queries.used_before(
        sorted(set(keys.values())), occurred_at=sale.occurred_at, sale_name=sale.external_id
    )
    return rates.compute(
        version,
        facts,
        payments=[rates.Payment(_named(payment), payment.amount_minor) for payment in sale.payments],
        refunds=[
            rates.Refund(_named(refund), refund.amount_minor, refund.line) for refund in sale.counted_refunds
        ],
        chargebacks=[
            rates.Chargeback(_named(back), _STATUSES[back.status], back.amount_minor, back.occurred_at)
            for back in sale.settled_chargebacks
        ],
        granted={key: used[name] for key, name in keys.items() if name in used},
    )


def _named(fact: Payment | Refund | Chargeback) -> str:
    return f"{fact.source}:{fact.external_id}"


def say_cap_key(assessment: Assessment, key: rates.CapKey) -> str:
    """A cap of a rule of a version, for a partner (and customer), in a window, as one text."""
    customer = key.customer_id or ""
    parts = (assessment.plan_version_id, key.rule, key.cap, key.partner_id, customer, key.window)
    return "|".join(str(part) for part in parts)


def _settle(sale: Sale, assessment: Assessment, fact: Cause, *, by: Actor | None) -> list[Entry]:
    """Posts the difference between what the facts grant and what the books hold; places and lifts holds."""
    final = computation_of(sale, assessment)
    _note_caps(sale, assessment, final)
    known = list(session.scalars(queries.entries_of_sale(sale.id)))
    cause = cause_of(fact)
    posted = _post(sale, assessment, rates.postings(final, _sums(known)), fact, cause, known, by=by)
    _place_holds(sale, [*known, *posted], by=by)
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


def _behind_in_a_cap(sale: Sale) -> list[Sale]:
    keys = list(session.scalars(sa.select(CapUse.cap_key).where(CapUse.sale_id == sale.id)))
    ids = queries.sales_after(keys, occurred_at=sale.occurred_at, sale_name=sale.external_id)
    return [session.get_one(Sale, sale_id) for sale_id in ids]


def _in_order(sales: list[Sale]) -> list[Sale]:
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
                else rates.available_at(fact.received_at, hold_days),
                proof=dict(posting.proof),
                corrects_id=corrected[1].id if corrected is not None else None,
            )
        )
    return post_entries(entries, by=by)


def _place_holds(sale: Sale, entries: list[Entry], *, by: Actor | None) -> None:
    """While a chargeback is open the sale's lines wait; won or lost, they wait for it no longer."""
    for chargeback in sale.settled_chargebacks:
        cause = f"chargeback:{chargeback.source}:{chargeback.external_id}"
        if chargeback.status is ChargebackStatus.OPENED:
            theirs = [entry for entry in entries if entry.partner_id is not None]
            hold_entries(theirs, cause=cause, reason="chargeback", by=by)
        else:
            lift_holds(cause, by=by)
