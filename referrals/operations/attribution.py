"""Whose a sale is: every claim to it, in the published order of strength, and whether a person has to look first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import sqlalchemy as sa

from core.contacts import company_domain, email_key, is_disposable, normalise_phone, registrable_domain
from core.database import lock, session
from core.digits import number_in
from core.errors import InvalidInput
from core.i18n import gettext as _
from core.i18n import lazy_gettext as _l
from core.taxids import parse_tax_id
from partners.models import Partner, PartnerStatus
from partners.queries import active_members
from referrals import touches
from referrals.matching import KeyKind, name_key
from referrals.models.customers import Customer
from referrals.models.deals import Deal, DealKey, DealOrigin, DealStatus
from referrals.models.identity import IdentityKey
from referrals.models.leads import Lead
from referrals.models.links import ReferralLink
from referrals.models.sales import AttributionSource, SaleType
from referrals.operations.senders import is_neighbour
from referrals.payees import Payee, account_digest, payee_of
from referrals.queries.codes import KnownCode, code_named, codes_named
from referrals.queries.links import leads_of_company, link_with_token, touches_of_leads
from referrals.queries.sales import keys_of_who_sold_to
from referrals.settings import CREDIT_DAYS, LINK_CREDIT

#: A deal in one of these states can have a sale.
_SELLABLE = frozenset({DealStatus.APPROVED, DealStatus.WON})


@dataclass(frozen=True, kw_only=True)
class Claim:
    """Somebody whose the sale could be. ``against`` is what speaks against it, by itself."""

    source: AttributionSource
    partner: Partner | None
    deal: Deal | None = None
    lead_id: int | None = None
    link_id: int | None = None
    at: datetime | None = None
    against: str = ""


@dataclass(frozen=True)
class Decision:
    """Whose a sale is, and everybody who was looked at."""

    candidates: list[dict[str, Any]]
    chosen: Claim | None
    deal: Deal | None

    @property
    def partner(self) -> Partner | None:
        return self.chosen.partner if self.chosen is not None else None


def claims_of_deals(data: dict[str, Any]) -> list[Claim]:
    """The deal that the sale names, those won or reported with it as their order, and those of the company; all held.

    A sale that only repeats an earlier one is not what a deal of the company is about. Raises InvalidInput when there
    is no such deal.
    """
    found: list[Claim] = []
    if data.get("deal_id"):
        named = session.get(Deal, number_in(data["deal_id"]) or 0)
        if named is None:
            raise InvalidInput({"/deal_id": _("There is no such deal.")})
        found.append(Claim(source=AttributionSource.DEAL, partner=named.partner, deal=named))
    orders = list(filter(None, {data["external_id"], data.get("invoice")}))
    reported = (
        sa.select(Deal).where(Deal.order_reference.in_(orders)).order_by(Deal.order_reported_at, Deal.id)
    )
    found += [
        Claim(source=AttributionSource.ORDER, partner=deal.partner, deal=deal)
        for deal in session.scalars(reported)
    ]
    if data.get("type") != SaleType.RENEWAL:
        known = {claim.deal for claim in found}
        found += [
            Claim(
                source=AttributionSource.REGISTRATION
                if deal.origin is DealOrigin.REGISTERED
                else AttributionSource.LEAD,
                partner=deal.partner,
                deal=deal,
                lead_id=deal.lead_id,
            )
            for deal in _deals_of_company(company_keys(data["customer"]), data["occurred_at"])
            if deal not in known
        ]
    for deal in sorted({claim.deal for claim in found if claim.deal is not None}, key=lambda deal: deal.id):
        hold_deal(deal)
    return [_with_objection(claim) for claim in found]


def hold_deal(deal: Deal) -> None:
    """Locks a deal, its lead before it."""
    if deal.lead is not None:
        lock(deal.lead)
    lock(deal)


def decide(
    data: dict[str, Any], named: Partner | None, of_deals: list[Claim], customer: Customer
) -> Decision:
    """The first claim that nothing speaks against, in the published order; the others are kept with the reason."""
    codes, links = claims_of(meaning_of(data.get("referral_code")), data["occurred_at"])
    of_leads = _claims_of_leads(_leads_before(data, customer))
    return choose(named, of_deals, customer.partner, [*codes, *of_leads[0]], [*links, *of_leads[1]])


def choose(
    named: Partner | None,
    of_deals: list[Claim],
    keeper: Partner | None,
    codes: list[Claim],
    links: list[Claim],
) -> Decision:
    """As :func:`decide`, of claims that are known. ``keeper`` looks after the customer."""
    claims: list[Claim] = []
    if named is not None:
        claims.append(Claim(source=AttributionSource.PARTNER, partner=named))
    claims += sorted(of_deals, key=lambda claim: list(AttributionSource).index(claim.source))
    claims += codes
    if keeper is not None:
        claims.append(Claim(source=AttributionSource.CUSTOMER, partner=keeper))
    claims += links
    chosen: Claim | None = None
    candidates = []
    for claim in claims:
        against = claim.against
        if claim.partner is not None and claim.partner.status is PartnerStatus.TERMINATED:
            against = against or "partner_left"
        if not against and chosen is not None:
            same = claim.source is AttributionSource.LINK is chosen.source
            against = "other_click" if same else "weaker"
        if not against:
            chosen = claim
        candidates.append(_written(claim, against))
    return Decision(candidates, chosen, _deal_of(chosen, of_deals))


def candidate(
    source: AttributionSource, partner_id: int | None, deal_id: int | None, chosen: bool, because: str
) -> dict[str, Any]:
    """One of those whose a sale could be, as the sale keeps it."""
    return {
        "source": str(source),
        "partner_id": partner_id,
        "deal_id": deal_id,
        "chosen": chosen,
        "because": because,
    }


def _written(claim: Claim, against: str) -> dict[str, Any]:
    further = {
        "lead_id": claim.lead_id,
        "link_id": claim.link_id,
        "at": claim.at.isoformat() if claim.at is not None else None,
    }
    return {
        **candidate(
            claim.source,
            claim.partner.id if claim.partner is not None else None,
            claim.deal.id if claim.deal is not None else None,
            not against,
            against,
        ),
        **{name: value for name, value in further.items() if value is not None},
    }


def _with_objection(claim: Claim) -> Claim:
    """Somebody at the vendor has seen the order: a number that a partner only reported, or guessed, gets it no sale."""
    deal = claim.deal
    if deal is None or deal.status not in _SELLABLE:
        against = "deal_not_approved"
    elif claim.source is AttributionSource.ORDER and deal.status is not DealStatus.WON:
        against = "order_not_confirmed"
    else:
        return claim
    return Claim(
        source=claim.source, partner=claim.partner, deal=deal, lead_id=claim.lead_id, against=against
    )


def _deal_of(chosen: Claim | None, claims: Iterable[Claim]) -> Deal | None:
    """The deal that the sale came of, if it is the chosen partner's."""
    if chosen is None or chosen.partner is None:
        return None
    own = (
        claim.deal for claim in claims if claim.partner is not None and claim.partner.id == chosen.partner.id
    )
    return next((deal for deal in own if deal is not None and deal.status in _SELLABLE), None)


# What is known of the company


def company_keys(buyer: dict[str, Any]) -> dict[KeyKind, str]:
    """By what the buyer's company is known for certain: what the sale says, and what an earlier one said."""
    number = buyer.get("external_id")
    known = session.scalar(sa.select(Customer).where(Customer.external_id == number)) if number else None
    found = parse_tax_id(buyer.get("tax_id"), buyer.get("country"))
    domain = company_domain(buyer["domain"]) if buyer.get("domain") else None
    keys = {
        KeyKind.TAX_ID: found.key if found is not None else (known.tax_key if known is not None else None),
        KeyKind.DOMAIN: domain or (known.domain if known is not None else None),
    }
    return {kind: value for kind, value in keys.items() if value}


def _deals_of_company(keys: dict[KeyKind, str], at: datetime) -> list[Deal]:
    """Approved deals of the company that stood and were protected when it bought; who came first is first."""
    if not keys:
        return []
    since = sa.func.coalesce(Deal.submitted_at, Deal.created_at)
    return list(
        session.scalars(
            sa.select(Deal)
            .where(
                Deal.id.in_(
                    sa.select(DealKey.deal_id)
                    .join(IdentityKey, IdentityKey.id == DealKey.key_id)
                    .where(
                        sa.tuple_(IdentityKey.kind, IdentityKey.value).in_(
                            [(kind.value, value) for kind, value in keys.items()]
                        )
                    )
                ),
                Deal.status == DealStatus.APPROVED,
                sa.or_(Deal.protected_until.is_(None), Deal.protected_until > at),
                since <= at,
            )
            .order_by(since, Deal.id)
            .limit(10)
        )
    )


@dataclass(frozen=True)
class Meaning:
    """What the word that was named with a sale is: a code, a link, nothing that is known, or no word at all."""

    code: KnownCode | None = None
    link: ReferralLink | None = None
    is_unknown: bool = False


def meaning_of(word: str | None) -> Meaning:
    """A code goes before a link."""
    word = (word or "").strip()
    if not word:
        return Meaning()
    code = code_named(word)
    link = link_with_token(word) if code is None and touches.TOKEN.fullmatch(word) else None
    return Meaning(code, link, is_unknown=code is None and link is None)


def claims_of(word: Meaning, at: datetime) -> tuple[list[Claim], list[Claim]]:
    """The claims by what was named with a sale of that moment: by code, and by link. Later the code or link may end."""
    if word.code is not None:
        return [_claim_by_code(word.code, not word.code.has_not_ended(at))], []
    if word.link is not None:
        against = "" if word.link.ended_at is None or at < word.link.ended_at else "link_ended"
        source = AttributionSource.LINK
        return [], [Claim(source=source, partner=word.link.partner, link_id=word.link.id, against=against)]
    unknown = Claim(source=AttributionSource.CODE, partner=None, against="unknown_code")
    return [unknown] if word.is_unknown else [], []


def _claim_by_code(code: KnownCode, had_ended: bool, lead: Lead | None = None) -> Claim:
    return Claim(
        source=AttributionSource.CODE,
        partner=code.partner,
        lead_id=lead.id if lead is not None else None,
        against="code_ended" if had_ended else "",
    )


def _claims_of_leads(leads: list[Lead]) -> tuple[list[Claim], list[Claim]]:
    """What the company's leads brought along: codes, and clicks on links."""
    links: list[Claim] = []
    named = codes_named({lead.referral_code for lead in leads if lead.referral_code})
    codes = [
        _claim_by_code(known, not known.brought(lead), lead)
        for lead in leads
        if (known := named.get(lead.referral_code or "")) is not None
        and known.row.created_at <= lead.received_at
    ]
    clicks = touches_of_leads([lead.id for lead in leads])
    links += [
        Claim(
            source=AttributionSource.LINK,
            partner=click.link.partner,
            lead_id=click.lead_id,
            link_id=click.link_id,
            at=click.at,
        )
        for click in touches.in_order_of_credit(clicks, first=LINK_CREDIT.value() == "first")
    ]
    return codes, links


def _leads_before(data: dict[str, Any], customer: Customer) -> list[Lead]:
    keys = {KeyKind.TAX_ID: customer.tax_key or "", KeyKind.DOMAIN: customer.domain or ""}
    at = data["occurred_at"]
    return leads_of_company(keys, since=at - timedelta(days=CREDIT_DAYS.value()), until=at)


def named_partner(given: str | None) -> Partner | None:
    """Raises InvalidInput when a sale names a partner that is none."""
    if not given:
        return None
    partner = session.get(Partner, number_in(given) or 0)
    if partner is None:
        raise InvalidInput({"/partner_id": _("There is no such partner.")})
    return partner


# Who must be looked at first


class Buyer(Protocol):
    """A customer, as far as it may turn out to be the partner itself."""

    @property
    def country(self) -> str | None: ...
    @property
    def domain(self) -> str | None: ...
    @property
    def name_key(self) -> str: ...
    @property
    def tax_key(self) -> str | None: ...


class Ties:
    """Who pays a partner and who refers it; each partner is looked up once. Give one where many sales are looked at."""

    def __init__(self) -> None:
        self._payees: dict[int, Payee] = {}
        self._sellers: dict[int, set[str]] = {}

    def payee(self, partner: Partner) -> Payee:
        """Whom the partner's money goes to."""
        if partner.id not in self._payees:
            self._payees[partner.id] = payee_of(partner)
        return self._payees[partner.id]

    def sellers(self, partner: Partner) -> set[str]:
        """Domains and tax numbers of the partners whose customer this one is."""
        if partner.id not in self._sellers:
            self._sellers[partner.id] = keys_of_who_sold_to(partner)
        return self._sellers[partner.id]


def reason_to_hold(
    decision: Decision, buyer: dict[str, Any], customer: Buyer, ties: Ties | None = None
) -> str | None:
    """A partner that refers itself, or a throw-away address, is looked at by a person, unless the vendor named it."""
    ties = ties or Ties()
    partner = decision.partner
    if partner is None or decision.chosen is None or decision.chosen.source is AttributionSource.PARTNER:
        return None
    if customer.domain is not None and customer.domain == company_domain(partner.domain):
        return "self_referral"
    payee = ties.payee(partner)
    if _is_same_company(partner, payee, customer):
        return "same_payee"
    if buyer.get("account") and payee.account and buyer["account"] == account_digest(payee.account):
        return "same_account"
    if _is_same_person(partner, decision):
        return "same_person"
    if is_neighbour(partner, _leads_of(partner, decision)):
        return "same_place"
    if not ties.sellers(partner).isdisjoint({customer.domain, customer.tax_key}):
        return "in_a_circle"
    domain = registrable_domain(buyer["domain"]) if buyer.get("domain") else customer.domain
    return "disposable_domain" if is_disposable(domain) else None


@dataclass(frozen=True)
class _Asker:
    """The company of a lead, as a :class:`Buyer` is compared."""

    country: str | None
    domain: str | None
    name_key: str
    tax_key: str | None


#: What :func:`why_its_own` says, in words for both sides.
OWN_BECAUSE: dict[str, Any] = {
    "self_referral": _l("The company that asked and the partner that brought it share a web site."),
    "same_payee": _l("The company that asked and the partner that brought it seem to be the same."),
    "same_person": _l("Whoever asked works for the partner that brought the lead."),
}


def why_its_own(partner: Partner, lead: Lead, ties: Ties | None = None) -> str | None:
    """Why the lead that ``partner`` brought is of the partner itself, as :func:`reason_to_hold` says it of a sale.

    The same firm, its payee or one of its people; ``None`` when it is somebody else's.
    """
    number = parse_tax_id(lead.tax_id, lead.country)
    asker = _Asker(
        lead.country,
        company_domain(lead.website, lead.email),
        name_key(lead.company),
        number.key if number is not None else None,
    )
    if asker.domain is not None and asker.domain == company_domain(partner.domain):
        return "self_referral"
    if _is_same_company(partner, (ties or Ties()).payee(partner), asker):
        return "same_payee"
    return "same_person" if _is_one_of(partner, [lead]) else None


def _is_same_company(partner: Partner, payee: Payee, customer: Buyer) -> bool:
    """Who pays is who would be paid: the same tax number, or the same name in the same country."""
    payees_number = parse_tax_id(payee.tax_id, payee.country or partner.country)
    numbers = {partner.tax_key, payees_number.key if payees_number is not None else None}
    if customer.tax_key and customer.tax_key in numbers:
        return True
    names = {name_key(name) for name in (partner.name, partner.legal_name, payee.holder) if name}
    return customer.country in (None, partner.country) and customer.name_key in names


def _is_same_person(partner: Partner, decision: Decision) -> bool:
    """Whoever asked for the customer works for the partner."""
    return _is_one_of(partner, _asked(partner, decision))


def _is_one_of(partner: Partner, asked: list[Deal | Lead]) -> bool:
    if not any(one.email or one.phone for one in asked):
        return False
    people = session.scalars(active_members(partner)).all()
    mails = {email_key(member.user.email) for member in people}
    phone = normalise_phone(partner.phone, partner.country)
    return any(
        (email_key(one.email) or "-") in mails
        or (phone is not None and normalise_phone(one.phone, one.country) == phone)
        for one in asked
    )


def _asked(partner: Partner, decision: Decision) -> list[Deal | Lead]:
    """What speaks of who asked for the customer: the deal, and the leads by which the sale is this partner's."""
    ids = _leads_of(partner, decision)
    leads = session.scalars(sa.select(Lead).where(Lead.id.in_(ids))).all() if ids else []
    return [*leads, decision.deal] if decision.deal is not None else [*leads]


def _leads_of(partner: Partner, decision: Decision) -> set[int]:
    """The leads that speak for this partner, whichever of its claims counts."""
    ids = {
        one["lead_id"] for one in decision.candidates if one["partner_id"] == partner.id and "lead_id" in one
    }
    if decision.deal is not None and decision.deal.lead_id is not None:
        ids.add(decision.deal.lead_id)
    return ids
