"""The verbs of a deal: opened with a lead or registered, decided, extended, won, lost."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from accounts.models import User
from core import clock
from core.activity import Actor
from core.contacts import company_domain, normalise_email, normalise_phone
from core.database import lock, session
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from core.places import is_country
from core.signals import announce
from core.signing import is_genuine, sign
from core.vendor_time import in_working_days
from partners.models import Partner
from partners.queries import partner_of, products_by_code
from referrals.matching import Key, Outcome, Verdict, keys_of, name_key
from referrals.models.customers import Customer
from referrals.models.deals import (
    OPEN,
    UNDECIDED,
    Deal,
    DealOrigin,
    DealStatus,
    LostReason,
    RejectionCode,
)
from referrals.models.leads import Lead
from referrals.models.sales import AttributionSource, Sale
from referrals.operations.attribution import hold_deal
from referrals.operations.conflicts import check_conflict, hold_deal_keys, identity_of_deal
from referrals.operations.customers import find_or_add_customer
from referrals.operations.sales import attribute_sale, hold_names, sale_named
from referrals.settings import (
    DECISION_DAYS,
    EXTENSION_DAYS,
    LATE_DECISION,
    MOST_OPEN_DEALS,
    PROTECTION_DAYS,
)
from referrals.signals.deals import (
    DealAnswered,
    DealApproved,
    DealEscalated,
    DealExpired,
    DealExtended,
    DealLost,
    DealOpened,
    DealQuestioned,
    DealRejected,
    DealSubmitted,
    DealWithdrawn,
    DealWon,
    OrderRefused,
    OrderReported,
)

_RECEIPT = "deal receipt"
_LONGEST = {
    "company": 200, "website": 300, "tax_id": 60, "postcode": 20, "city": 120, "person": 200, "phone": 60, "need": 5000,
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class DealData:
    """What a partner says of a company that it wants to register."""

    company: str
    website: str | None = None
    tax_id: str | None = None
    country: str | None = None
    postcode: str | None = None
    city: str | None = None
    person: str | None = None
    email: str | None = None
    phone: str | None = None
    need: str = ""
    products: tuple[str, ...] = ()
    close_expected_on: date | None = None


def open_deal(lead: Lead, partner: Partner, *, by: Actor | None) -> Deal:
    """Opens the deal of a lead that ``partner`` has just accepted or claimed: approved at once, and protected."""
    deal = Deal(
        partner=partner,
        lead=lead,
        owner_id=by.id if isinstance(by, User) and not by.is_staff and not by.is_machine else None,
        origin=DealOrigin.ROUTED,
        status=DealStatus.APPROVED,
        company=lead.name,
        website=lead.website,
        domain=company_domain(lead.website, lead.email),
        tax_id=lead.tax_id,
        country=lead.country,
        postcode=lead.postcode,
        city=lead.city,
        person=lead.person,
        email=lead.email,
        phone=lead.phone,
        need=lead.text or "",
        product_codes=list(lead.product_codes),
        conflict_findings=[],
        created_at=clock.now(),
        decided_at=clock.now(),
    )
    deal.protect(PROTECTION_DAYS.value())
    session.add(deal)
    session.flush()
    hold_deal_keys(deal)
    announce(DealOpened(deal, by))
    return deal


def draft_deal(partner: Partner, data: DealData, *, by: Actor | None) -> Deal:
    """Begins a registration, which nobody at the vendor sees yet. Raises InvalidInput at the field that is wrong."""
    _refuse_inactive(partner)
    deal = Deal(
        partner=partner,
        owner_id=by.id if isinstance(by, User) and not by.is_machine else None,
        origin=DealOrigin.REGISTERED,
        status=DealStatus.DRAFT,
        conflict_findings=[],
        created_at=clock.now(),
        **_checked(data),
    )
    session.add(deal)
    session.flush()
    return deal


def change_deal(deal: Deal, data: DealData, *, by: Actor | None) -> None:
    """Changes what a draft, or a registration the vendor asked about, says of the company."""
    lock(deal)
    if not deal.may_be_edited:
        raise Refusal(_("%(number)s cannot be changed like that any more.", number=deal.number))
    before = set(keys_of(identity_of_deal(deal)))
    for name, value in _checked(data).items():
        setattr(deal, name, value)
    if deal.status is DealStatus.INFO_REQUESTED:
        _check_again(deal, before)


def _check_again(deal: Deal, before: set[Key]) -> None:
    """Looks for conflicts after a change of what was handed in.

    First is whoever completed first. So what is said only now does not go before what others completed meanwhile, and
    a registration that has become one of another company is complete from now on, with a receipt of its own.
    """
    hold_deal_keys(deal)
    after = set(keys_of(identity_of_deal(deal)))
    if before.isdisjoint(after):
        deal.submitted_at = clock.now()
        deal.receipt = _receipt_of(deal)
    said_now = {key.kind for key in after - before}
    found = check_conflict(identity_of_deal(deal), partner=deal.partner, but=deal, said_now=said_now)
    _keep_verdict(deal, found)


def check_company(partner: Partner, data: DealData) -> Verdict:
    """The conflict check before anything is registered: what the partner is told while typing."""
    fields = _checked(data)
    return check_conflict(identity_of_deal(Deal(**fields)), partner=partner)


def submit_deal(deal: Deal, *, by: Actor | None) -> Verdict:
    """Hands the registration to the vendor, checks it for conflicts at once, and signs the receipt.

    First is whoever completed first, so the moment is now. Raises Refusal beyond the limit of open registrations.
    """
    _refuse_inactive(deal.partner)
    lock(deal.partner)
    lock(deal)
    most = MOST_OPEN_DEALS.value()
    if _open_registrations(deal.partner) >= most:
        raise Refusal(
            _(
                "You have %(most)s open registrations, which is the most. Close one that leads nowhere.",
                most=most,
            )
        )
    deal.become(DealStatus.SUBMITTED)
    hold_deal_keys(deal)
    deal.submitted_at = clock.now()
    deal.decide_by = in_working_days(DECISION_DAYS.value())
    verdict = check_conflict(identity_of_deal(deal), partner=deal.partner, but=deal)
    _keep_verdict(deal, verdict)
    deal.receipt = _receipt_of(deal)
    announce(DealSubmitted(deal, by))
    return verdict


def register_deal(partner: Partner, data: DealData, *, by: Actor | None) -> Deal:
    """Drafts and submits in one step."""
    deal = draft_deal(partner, data, by=by)
    submit_deal(deal, by=by)
    return deal


def is_receipt_genuine(text: str) -> bool:
    """Whether this very text, with its last line, was signed here."""
    body, _found, signature = text.replace("\r\n", "\n").strip().rpartition("\nsignature: ")
    return bool(body) and is_genuine(_RECEIPT, body, signature)


# The vendor decides


def review_deal(deal: Deal, *, by: Actor | None) -> None:
    """A manager looks at it; the partner sees that."""
    lock(deal)
    deal.become(DealStatus.IN_REVIEW)


def question_deal(deal: Deal, question: str, *, by: Actor | None) -> None:
    """Asks the partner for more; the vendor's clock begins again with the answer."""
    lock(deal)
    if not question.strip():
        raise InvalidInput({"question": _("Write what the partner should add.")})
    deal.become(DealStatus.INFO_REQUESTED)
    deal.question = question.strip()
    deal.answer = None
    deal.decide_by = None
    announce(DealQuestioned(deal, by))


def answer_question(deal: Deal, answer: str, *, by: Actor | None) -> None:
    """The partner answers what the vendor asked."""
    lock(deal)
    if deal.status is not DealStatus.INFO_REQUESTED:
        raise Refusal(_("Nothing was asked about %(number)s.", number=deal.number))
    if not answer.strip():
        raise InvalidInput({"answer": _("Write an answer.")})
    deal.become(DealStatus.IN_REVIEW)
    deal.answer = answer.strip()
    deal.decide_by = in_working_days(DECISION_DAYS.value())
    deal.escalated_at = None  # A new clock, which may run out again.
    announce(DealAnswered(deal, by))


def approve_deal(deal: Deal, *, by: Actor | None) -> None:
    """Protects the company for the partner from now on."""
    lock(deal)
    deal.become(DealStatus.APPROVED)
    _decide(deal, by)
    deal.protect(PROTECTION_DAYS.value())
    announce(DealApproved(deal, by))


def reject_deal(deal: Deal, code: RejectionCode, text: str, *, by: Actor | None) -> None:
    """Turns a registration down, with a reason that the partner reads."""
    lock(deal)
    if not text.strip():
        raise InvalidInput({"text": _("Say why, in a sentence that the partner reads.")})
    deal.become(DealStatus.REJECTED)
    _decide(deal, by)
    deal.rejection_code = code
    deal.rejection_text = text.strip()
    announce(DealRejected(deal, by))


def _decide(deal: Deal, by: Actor | None) -> None:
    deal.decided_at = clock.now()
    deal.decided_by_id = by.id if by is not None else None
    deal.decide_by = None


# Protection


def extend_deal(deal: Deal, evidence: str, *, by: Actor | None) -> None:
    """Adds time to the protection, once, against evidence that the project is alive."""
    lock(deal)
    if not evidence.strip():
        raise InvalidInput({"evidence": _("Say what shows that the project is alive.")})
    if not deal.may_be_extended or deal.protected_until is None:
        raise Refusal(_("Protection can be extended once, while the deal is approved."))
    deal.protected_until += timedelta(days=EXTENSION_DAYS.value())
    deal.extended_at = clock.now()
    deal.extension_evidence = evidence.strip()
    deal.reminded_days = None
    announce(DealExtended(deal, by))


def expire_deal(deal: Deal) -> None:
    """Ends a deal whose protection ran out. One whose order is being confirmed stays."""
    lock(deal)
    ran_out = deal.protected_until is not None and deal.protected_until <= clock.now()
    if deal.status is DealStatus.APPROVED and ran_out and not deal.waits_for_confirmation:
        deal.become(DealStatus.EXPIRED)
        announce(DealExpired(deal, None))


def decide_late_deal(deal: Deal) -> None:
    """What happens when the vendor's clock ran out: escalated once, or approved, as the programme has it."""
    lock(deal)
    late = deal.decide_by is not None and deal.decide_by <= clock.now()
    if deal.status not in UNDECIDED or not late:
        return
    if LATE_DECISION.value() == "approve" and deal.conflict == Outcome.CLEAR:
        approve_deal(deal, by=None)
    elif deal.escalated_at is None:
        deal.escalated_at = clock.now()
        announce(DealEscalated(deal, None))


# Won, lost, given up


def win_deal(deal: Deal, *, order: str, by: Actor | None) -> None:
    """Closes a deal as won, if the order is there.

    The order is a sale's id or an invoice's number. Known as this partner's or this company's sale, or named by the
    vendor, it wins the deal at once; otherwise the deal stays approved until the vendor has confirmed it.
    """
    order = order.strip()
    if not 1 <= len(order) <= 200:
        raise InvalidInput({"order": _("Give the number of the order or invoice.")})
    hold_names([order])
    hold_deal(deal)
    if deal.status is not DealStatus.APPROVED:
        raise Refusal(_("Only an approved deal can be won, and %(number)s is not.", number=deal.number))
    sale = sale_named(None, order)
    if sale is not None and sale.partner_id not in (None, deal.partner_id):
        raise Refusal(_("This order is counted otherwise. Ask your partner manager."))
    if sale is not None and sale.deal_id not in (None, deal.id):
        raise Refusal(_("This order belongs to another deal."))
    if _is_the_vendor(by) or (
        sale is not None and (sale.partner_id is not None or _is_of(sale.customer, deal))
    ):
        _win(deal, order, sale, by=by)
        return
    deal.order_reference = order
    deal.order_reported_at = clock.now()
    deal.order_refused_because = None
    announce(OrderReported(deal, by, order=order))


def confirm_order(deal: Deal, *, by: Actor | None) -> None:
    """The vendor has found the order that the partner named: the deal is won."""
    order = deal.order_reference
    if order is None or not deal.waits_for_confirmation:
        raise Refusal(_("No order of %(number)s waits for confirmation.", number=deal.number))
    win_deal(deal, order=order, by=by)


def refuse_order(deal: Deal, because: str, *, by: Actor | None) -> None:
    """The vendor has not found the order; the partner may name another one."""
    lock(deal)
    if not deal.waits_for_confirmation:
        raise Refusal(_("No order of %(number)s waits for confirmation.", number=deal.number))
    if not because.strip():
        raise InvalidInput({"because": _("Say why, in a sentence that the partner reads.")})
    deal.order_reference = None
    deal.order_reported_at = None
    deal.order_refused_because = because.strip()
    announce(OrderRefused(deal, by))


def win_by_sale(deal: Deal, sale: Sale, *, by: Actor | None) -> None:
    """The vendor recorded the sale of an approved deal: nothing more is needed."""
    if deal.status is DealStatus.APPROVED:
        _win(deal, sale.external_id, sale, by=by)


def lose_deal(deal: Deal, reason: LostReason, text: str, *, by: Actor | None) -> None:
    """Closes a deal as lost, with the reason."""
    hold_deal(deal)
    deal.become(DealStatus.LOST)
    deal.lost_reason = reason
    deal.lost_text = text.strip() or None
    announce(DealLost(deal, by))


def withdraw_deal(deal: Deal, *, by: Actor | None) -> None:
    """The partner gives it up; the company is free for others."""
    hold_deal(deal)
    if deal.lead is not None and deal.lead.is_held:
        raise Refusal(_("This deal came with a lead. Give the lead back, or close the deal as lost."))
    deal.become(DealStatus.WITHDRAWN)
    announce(DealWithdrawn(deal, by))


def close_deal_of_returned_lead(lead: Lead, *, by: Actor | None) -> None:
    """A lead that left its partner takes its deal along."""
    deal = session.scalar(sa.select(Deal).where(Deal.lead_id == lead.id, Deal.closed_at.is_(None)))
    if deal is not None:
        lock(deal)
        deal.become(DealStatus.WITHDRAWN)
        announce(DealWithdrawn(deal, by))


def _win(deal: Deal, order: str, sale: Sale | None, *, by: Actor | None) -> None:
    customer = sale.customer if sale is not None else _customer_of(deal, by)
    deal.become(DealStatus.WON)
    deal.order_reference = order
    deal.order_reported_at = deal.order_reported_at or clock.now()
    deal.order_confirmed_at = clock.now()
    deal.order_refused_because = None
    deal.customer = customer
    if sale is not None and sale.partner_id is None:
        attribute_sale(sale, deal.partner, source=AttributionSource.ORDER, because="", deal=deal, by=by)
    elif sale is not None:
        lock(sale)
        sale.deal = deal
    customer.partner_id = customer.partner_id or deal.partner_id
    announce(DealWon(deal, by, order=order))


def _customer_of(deal: Deal, by: Actor | None) -> Customer:
    return find_or_add_customer(
        name=deal.company, country=deal.country, domain=deal.domain, tax_id=deal.tax_id, by=by
    )


def _is_the_vendor(by: Actor | None) -> bool:
    return by is None or not isinstance(by, User) or partner_of(by) is None


def _is_of(customer: Customer, deal: Deal) -> bool:
    """The buyer is the deal's company, by its site or by its very name."""
    if customer.domain and deal.domain:
        return customer.domain == deal.domain
    return bool(customer.name_key) and customer.name_key == name_key(deal.company)


# What a registration says


def _refuse_inactive(partner: Partner) -> None:
    if not partner.is_active:
        raise Refusal(_("%(name)s is not active, so it cannot register deals.", name=partner.name))


def _checked(data: DealData) -> dict[str, Any]:
    """The columns of a deal in their normal form. Raises InvalidInput with every field that cannot be used."""
    problems: dict[str, str] = {}
    texts = {name: _tidy(getattr(data, name)) for name in _LONGEST}
    for name, longest in _LONGEST.items():
        if len(texts[name] or "") > longest:
            problems[name] = _("It can have at most %(most)s characters.", most=longest)
    if not texts["company"]:
        problems["company"] = _("Give the company's name.")
    country = (data.country or "").strip().upper() or None
    if country is not None and not is_country(country):
        problems["country"] = _("That is not a country's code, such as DE.")
    email = None
    if (data.email or "").strip():
        email = normalise_email(data.email)
        if email is None:
            problems["email"] = _("That is not an e-mail address, such as name@company.com.")
    unknown = [code for code in data.products if code not in products_by_code()]
    if unknown:
        problems["products"] = _("Not in the catalogue: %(codes)s.", codes=", ".join(unknown))
    if problems:
        raise InvalidInput(problems)
    return {
        **texts,
        "need": texts["need"] or "",
        "phone": normalise_phone(texts["phone"], country) or texts["phone"],
        "country": country,
        "email": email,
        "domain": company_domain(texts["website"], email),
        "product_codes": list(data.products),
        "close_expected_on": data.close_expected_on,
    }


def _tidy(text: str | None) -> str | None:
    tidy = "".join(sign for sign in (text or "").strip() if sign in "\n\t" or sign.isprintable())
    return tidy or None


def _open_registrations(partner: Partner) -> int:
    return int(
        session.scalar(
            sa.select(sa.func.count()).where(
                Deal.partner_id == partner.id,
                Deal.origin == DealOrigin.REGISTERED,
                Deal.status.in_(OPEN),
            )
        )
        or 0
    )


def _keep_verdict(deal: Deal, verdict: Verdict) -> None:
    deal.conflict = str(verdict.outcome)
    deal.conflict_findings = [
        {
            "class": str(finding.hit_class),
            "kind": str(finding.kind),
            "outcome": str(finding.outcome),
            "protected_until": _iso(finding.protected_until),
        }
        for finding in verdict.findings
    ]


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None


def _receipt_of(deal: Deal) -> str:
    """The proof of who completed when: plain text, whose last line is the signature of all lines above it."""
    assert deal.submitted_at is not None
    keys = ", ".join(f"{key.kind}={key.value}" for key in keys_of(identity_of_deal(deal)))
    body = "\n".join(
        (
            "deal registration receipt",
            f"number: {deal.number}",
            f"partner: {deal.partner_id} {deal.partner.name}",
            f"company: {deal.company}",
            f"recognised by: {keys}",
            f"completed at: {deal.submitted_at.isoformat()}",
        )
    )
    return f"{body}\nsignature: {sign(_RECEIPT, body)}"
