"""Half a year of deals and sales: what became of the leads, what partners registered themselves, and who paid."""

import heapq
import itertools
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from accounts.models import User
from accounts.permissions import Role
from core import clock
from core.database import session
from core.errors import Refusal
from partners.models import LineKind, Member, Partner, PartnerStatus, Product, Recurrence
from partners.queries import products
from referrals.models import Customer, Deal, DealStatus, LostReason, RejectionCode
from referrals.models.sales import BilledBy
from referrals.operations import deals as operations
from referrals.operations import sales as facts
from referrals.operations.deals import DealData
from referrals.operations.estimates import EstimateData, LineData, MilestoneData, save_estimate, totals_of
from referrals.operations.rates import save_rate

_DAYS = 175

#: Companies that partners found themselves: country, company, site, what they need.
_FOUND = (
    ("DE", "Holstein Fördertechnik", "holstein-foerdertechnik.example", "Service for 300 conveyors, with spare parts."),
    ("DE", "Bäckerei Lornsen", "lornsen.example", "Eleven shops order by fax until nine in the evening."),
    ("AT", "Tauern Seilbahnen", "tauern-seilbahnen.example", "Inspections by season, with photos from the mast."),
    ("NL", "Zuiderzee Yachts", "zuiderzee-yachts.example", "Refits with forty suppliers each; costs known too late."),
    ("PL", "Bałtyk Logistyka", "baltyk-logistyka.example", "Two depots and a cross-dock on one stock."),
    ("RU", "Уралтехсервис", "uraltehservis.example", "Сервисные бригады и склад запчастей в трёх городах."),
    ("KZ", "Тянь-Шань Агро", "tianshan-agro.example", "Урожай, склад и отгрузки в одном плане."),
    ("GB", "Pennine Archives", "pennine-archives.example", "Boxes, retention dates and requests of 80 clients."),
    ("US", "Great Lakes Pallet", "greatlakes-pallet.example", "Pools of pallets at 60 customers."),
    ("DE", "Kieler Werftbedarf", "werftbedarf.example", "Tenders, call-off orders and certificates."),
    ("NL", "Rijn Chemie", "rijnchemie.example", "Batches and safety sheets travel with every order."),
    ("PL", "Huta Szkła Beskid", "beskid-szklo.example", "Furnace campaigns planned against orders."),
)  # fmt: skip
_SERVICES = (
    (LineKind.IMPLEMENTATION, "Implementation", 115_000, (6, 14)),
    (LineKind.INTEGRATION, "Integration with bookkeeping and scanners", 125_000, (3, 9)),
    (LineKind.MIGRATION, "Data migration", 110_000, (2, 6)),
    (LineKind.TRAINING, "Training, two groups", 98_000, (2, 4)),
    (LineKind.CUSTOMISATION, "Reports and forms", 105_000, (1, 5)),
)
_CURRENCY = "EUR"


class _Story:
    """What is going to happen, in the order of time."""

    def __init__(self, end: datetime, seed: int, sales: int) -> None:
        self.end = end
        self.sales = sales
        self.chance = random.Random(seed)  # noqa: S311 - a story, not a secret
        self.manager = session.scalar(
            sa.select(User).where(User.role == Role.PARTNER_MANAGER).order_by(User.id)
        )
        self.offered = [product for product in products() if product.currency == _CURRENCY]
        self.invoices = itertools.count(1001)
        self.told = 0
        self._count = itertools.count()
        self._ahead: list[tuple[datetime, int, Callable[[], None]]] = []

    def at(self, moment: datetime, deed: Callable[[], None]) -> bool:
        """Plans a deed; what would lie after today does not happen."""
        if moment < self.end:
            heapq.heappush(self._ahead, (moment, next(self._count), deed))
            return True
        return False

    def days(self, least: float, most: float) -> timedelta:
        return timedelta(days=self.chance.uniform(least, most))

    def tell(self) -> None:
        while self._ahead:
            moment, _number, deed = heapq.heappop(self._ahead)
            with clock.frozen_at(moment):
                deed()


def make_demo(*, sales: int = 60, seed: int = 1, **_sizes: int) -> None:
    """Goes on with every deal that the leads opened, adds the partners' own, and records ``sales`` sales."""
    story = _Story(clock.now(), seed, sales)
    for deal in session.scalars(
        sa.select(Deal).where(Deal.status == DealStatus.APPROVED).order_by(Deal.id)
    ).all():
        _go_on(story, deal, (deal.lead.last_activity_at if deal.lead else deal.created_at) + story.days(1, 6))
    _rate_cards()
    _register(story)
    story.tell()
    _sell_on(story)
    _loose_ends(story)


# Rates


def _rate_cards() -> None:
    """What the first firms charge for their own services."""
    for partner in session.scalars(sa.select(Partner).order_by(Partner.id).limit(4)):
        for kind, name, price, _days in _SERVICES[:4]:
            save_rate(
                partner, kind=kind, name=name, unit_price_minor=price, currency=_CURRENCY,
                recurring=Recurrence.ONCE, by=_seller(partner),
            )  # fmt: skip


# Deals


def _register(story: _Story) -> None:
    firms = session.scalars(
        sa.select(Partner).where(Partner.status == PartnerStatus.ACTIVE).order_by(Partner.id)
    ).all()
    if not firms:
        return
    span = timedelta(days=_DAYS)
    for number, found in enumerate(_FOUND):
        near = [firm for firm in firms if firm.country == found[0]] or firms
        firm = near[number % len(near)]
        moment = story.end - span + span * number / len(_FOUND)
        story.at(moment, lambda found=found, firm=firm: _hand_in(story, found, firm))  # type: ignore[misc]
    for number, firm in enumerate(firms[:3]):
        found = _FOUND[(number * 5 + 2) % len(_FOUND)]
        again = (found[0], f"{found[1]} II", "", found[3])
        story.at(story.end - timedelta(hours=5 + 20 * number), lambda f=again, p=firm: _hand_in(story, f, p))  # type: ignore[misc]


def _hand_in(story: _Story, found: tuple[str, str, str, str], firm: Partner) -> None:
    seller = _seller(firm)
    country, company, site, need = found
    wanted = tuple(product.code for product in story.offered[:1])
    deal = operations.register_deal(
        firm, DealData(company=company, website=site, country=country, need=need, products=wanted), by=seller
    )
    _write_estimate(story, deal, seller)
    story.at(clock.now() + story.days(1, 2.5), lambda: _decide(story, deal))


def _decide(story: _Story, deal: Deal) -> None:
    luck = story.chance.random()
    if not deal.is_undecided:
        return
    if luck < 0.1:
        operations.reject_deal(
            deal,
            RejectionCode.VENDOR_OPPORTUNITY,
            "Our own people have been talking to them since spring; ask us about joining in.",
            by=story.manager,
        )
    elif luck < 0.2:
        operations.question_deal(
            deal, "Who decides there, and is there a budget for this year?", by=story.manager
        )
        story.at(clock.now() + story.days(1, 3), lambda: _answer(story, deal))
    else:
        operations.approve_deal(deal, by=story.manager)
        _go_on(story, deal, clock.now() + story.days(14, 45))


def _answer(story: _Story, deal: Deal) -> None:
    operations.answer_question(
        deal, "The managing director; the budget was agreed in May.", by=_seller(deal.partner)
    )
    story.at(clock.now() + story.days(1, 2), lambda: _decide(story, deal))


def _go_on(story: _Story, deal: Deal, moment: datetime) -> None:
    """An estimate first, an end some weeks later: won, lost, or forgotten until protection runs out."""
    story.at(moment, lambda: _write_estimate(story, deal, _seller(deal.partner)))
    end = moment + story.days(8, 30)
    luck = story.chance.random()
    if luck < 0.6:
        story.at(end, lambda: _win(story, deal))
    elif luck < 0.8:
        story.at(end, lambda: _lose(story, deal))
    elif deal.protected_until is not None:
        story.at(deal.protected_until + timedelta(minutes=20), lambda: operations.expire_deal(deal))


def _write_estimate(story: _Story, deal: Deal, seller: User | None) -> None:
    if deal.closed_at is not None or deal.estimates:
        return
    chance = story.chance
    lines = [
        LineData(
            kind=LineKind.LICENCE,
            product=product.code,
            description=product.name,
            quantity=Decimal(chance.choice((5, 8, 12, 16, 20, 40))),
            unit_price_minor=product.list_price_minor,
            discount_percent=Decimal(chance.choice((0, 0, 5, 10))),
            recurring=product.recurring,
        )
        for product in chance.sample(story.offered, min(len(story.offered), chance.choice((1, 1, 2))))
    ]
    lines += [
        LineData(
            kind=kind,
            description=name,
            quantity=Decimal(chance.randint(*days)),
            unit_price_minor=price,
            recurring=Recurrence.ONCE,
        )
        for kind, name, price, days in chance.sample(_SERVICES, chance.randint(2, 4))
    ]
    if chance.random() < 0.5:
        lines.append(
            LineData(
                kind=LineKind.SUPPORT,
                description="Technical support",
                quantity=Decimal(1),
                unit_price_minor=65_000,
                recurring=Recurrence.MONTH,
            )
        )
    half = totals_of(tuple(lines)).services_minor // 2
    milestones = (MilestoneData(name="Ready to use", amount_minor=half, document="Acceptance record"),)
    billed_by = BilledBy.VENDOR if chance.random() < 0.5 else BilledBy.PARTNER
    save_estimate(
        deal,
        EstimateData(currency=_CURRENCY, billed_by=billed_by, lines=tuple(lines), milestones=milestones),
        by=seller,
    )


def _win(story: _Story, deal: Deal) -> None:
    if deal.status is not DealStatus.APPROVED:
        return
    order = f"R-{clock.now():%Y}-{next(story.invoices)}"
    operations.win_deal(deal, order=order, by=_seller(deal.partner))
    if not story.at(clock.now() + story.days(0.5, 2), lambda: _confirm(story, deal)):
        return


def _confirm(story: _Story, deal: Deal) -> None:
    if deal.waits_for_confirmation:
        operations.confirm_order(deal, by=story.manager)
    story.at(clock.now() + story.days(1, 5), lambda: _first_sale(story, deal))


def _lose(story: _Story, deal: Deal) -> None:
    if deal.status is DealStatus.APPROVED:
        reason = story.chance.choice((LostReason.PRICE, LostReason.NO_BUDGET, LostReason.COMPETITOR))
        operations.lose_deal(deal, reason, "", by=_seller(deal.partner))


# Sales


def _first_sale(story: _Story, deal: Deal) -> None:
    """The invoice of a won deal, by the lines of its estimate; the partner bills its own services itself."""
    if story.told >= story.sales or deal.order_reference is None:
        return
    estimate = deal.estimate
    lines = [
        {
            "kind": line.kind.value,
            "product": line.product,
            "description": line.description,
            "quantity": int(line.quantity),
            "unit_amount_minor": line.unit_price_minor,
            "discount_minor": int(line.quantity * line.unit_price_minor * line.discount_percent / 100),
        }
        for line in (estimate.lines if estimate is not None else [])
        if line.kind is LineKind.LICENCE or (estimate is not None and estimate.billed_by is BilledBy.VENDOR)
    ]
    if not lines:
        lines = [_licence(story.offered[0], 10)] if story.offered else []
    if lines:
        buyer = {"name": deal.company, "country": deal.country, "domain": deal.domain}
        _record(story, buyer, lines, invoice=deal.order_reference)


def _sell_on(story: _Story) -> None:
    """More of the same to customers who bought before, until there are as many sales as were asked for."""
    customers = session.scalars(
        sa.select(Customer).where(Customer.partner_id.is_not(None)).order_by(Customer.id)
    ).all()
    left = story.sales - story.told
    if not customers or not story.offered or left <= 0:
        return
    for number in range(left):
        buyer = customers[number % len(customers)]
        begins = max(buyer.created_at + timedelta(days=2), story.end - timedelta(days=_DAYS))
        moment = begins + (story.end - begins) * story.chance.random()
        story.at(moment, lambda buyer=buyer: _another_sale(story, buyer))  # type: ignore[misc]
    story.tell()


def _another_sale(story: _Story, buyer: Customer) -> None:
    chance = story.chance
    lines: list[dict[str, Any]] = [_licence(chance.choice(story.offered), chance.choice((2, 3, 5, 10)))]
    if chance.random() < 0.3:
        kind, name, price, days = chance.choice(_SERVICES)
        lines.append(
            {
                "kind": kind.value,
                "description": name,
                "quantity": chance.randint(*days),
                "unit_amount_minor": price,
            }
        )
    who = {"name": buyer.name, "country": buyer.country, "domain": buyer.domain}
    _record(story, who, lines, type=chance.choice(("expansion", "expansion", "renewal")))


def _licence(product: Product, quantity: int) -> dict[str, Any]:
    return {
        "kind": "licence",
        "product": product.code,
        "description": product.name,
        "quantity": quantity,
        "unit_amount_minor": product.list_price_minor,
    }


def _record(story: _Story, buyer: dict[str, Any], lines: list[dict[str, Any]], **about: Any) -> None:
    story.told += 1
    number = next(story.invoices)
    total = sum(
        line["quantity"] * line["unit_amount_minor"] - line.get("discount_minor", 0) for line in lines
    )
    in_parts = story.chance.random() < 0.08
    sale = facts.record_sale(
        {
            "external_id": f"inv_{number}",
            "occurred_at": clock.now(),
            "currency": _CURRENCY,
            "customer": {**buyer, "external_id": None},
            "lines": lines,
            "paid": "part" if in_parts else "full",
            "paid_minor": total // 2 if in_parts else None,
            **about,
        },
        by=None,
    ).fact
    if in_parts:
        rest = {"external_id": f"pay_{number}", "amount_minor": total - total // 2}
        story.at(clock.now() + story.days(10, 30), lambda: _later(facts.record_payment, rest, sale))
    luck = story.chance.random()
    if luck < 0.06:
        back = {"external_id": f"re_{number}", "amount_minor": total // story.chance.choice((2, 4, 10)) or 1}
        story.at(clock.now() + story.days(4, 25), lambda: _later(facts.record_refund, back, sale))
    elif luck < 0.08:
        word = {"external_id": f"dp_{number}", "amount_minor": total}
        story.at(
            clock.now() + story.days(5, 15),
            lambda: _later(facts.record_chargeback, {**word, "status": "opened"}, sale),
        )
        story.at(
            clock.now() + story.days(25, 40),
            lambda: _later(facts.record_chargeback, {**word, "status": "won"}, sale),
        )


def _later(record: Callable[..., Any], data: dict[str, Any], sale: Any) -> None:
    record({**data, "occurred_at": clock.now()}, sale=sale, by=None)


def _loose_ends(story: _Story) -> None:
    """What somebody still has to look at: a sale that is nobody's, an order to confirm, a refund before its sale."""
    with clock.frozen_at(story.end - timedelta(hours=7)):
        if story.offered and story.sales:
            _record(story, {"name": "Alster Kontor", "country": "DE"}, [_licence(story.offered[0], 4)])
            facts.record_refund(
                {
                    "external_id": "re_early",
                    "sale_external_id": "inv_9001",
                    "amount_minor": 12_000,
                    "occurred_at": clock.now(),
                },
                by=None,
            )
        deal = session.scalar(
            sa.select(Deal)
            .where(Deal.status == DealStatus.APPROVED, Deal.order_reported_at.is_(None))
            .order_by(Deal.id.desc())
        )
        seller = _seller(deal.partner) if deal is not None else None
        if deal is not None and seller is not None:
            try:
                operations.win_deal(deal, order=f"R-{next(story.invoices)}", by=seller)
            except Refusal:
                return


def _seller(partner: Partner) -> User | None:
    return session.scalar(
        sa.select(User)
        .join(Member, Member.user_id == User.id)
        .where(
            Member.partner_id == partner.id,
            Member.left_at.is_(None),
            User.role.in_((Role.SELLER, Role.PARTNER_ADMIN)),
        )
        .order_by(User.role.desc(), User.id)
    )
