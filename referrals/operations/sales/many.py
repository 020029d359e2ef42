"""Recording thousands of sales at once, as :func:`record_sale` records them one after another.

Most sales are plain: no deal is spoken of, nothing waited for them, and their company never was a lead. What is known
of these is read with few statements, each row is decided by the same rules as a single one, and all are written in
bulk. Any other sale goes through :func:`record_sale`, in its place among the others.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from core import clock
from core.activity import Actor, Deed
from core.bulk import among, insert_rows, new_ids, plain_rows, portions
from core.database import session
from core.digits import number_in
from core.errors import InvalidInput, Refusal
from core.signals import announce_together
from partners.models import Partner
from referrals.matching import KeyKind
from referrals.models.customers import Customer, CustomerKey
from referrals.models.deals import Deal, DealKey, DealStatus
from referrals.models.identity import IdentityKey, LeadKey
from referrals.models.sales import Chargeback, Payment, ReceivedFact, Refund, Sale, SaleLine, SaleStatus
from referrals.operations import attribution
from referrals.operations.customers import Said
from referrals.operations.sales.messages import (
    HeldMessage,
    digest_of,
    hold_rows,
    plain,
    refuse_other_contents,
    refuse_partners,
)
from referrals.operations.sales.recording import (
    checked_total,
    line_values,
    names_elsewhere,
    record_sale,
    refuse_other_sum,
    sale_values,
)
from referrals.signals.customers import CustomerAdded
from referrals.signals.sales import SaleRecorded, SalesRecorded

AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a row came to: its sale, new or known before; or why it is none."""

    sale_id: int | None = None
    is_new: bool = False
    problem: Refusal | InvalidInput | None = None


def record_sales(
    rows: Sequence[dict[str, Any]], *, by: Actor | None, source: str = "api", is_a_part: bool = False
) -> list[Outcome]:
    """Records sales, each shaped as ``referrals.schemas.SaleIn``, in their order; answers what each came to.

    The same as :func:`record_sale` of one after another, each in a savepoint: a row that cannot be recorded changes
    nothing, and its outcome holds the Refusal or InvalidInput that :func:`record_sale` raises. ``is_a_part`` is told
    to whoever listens to :class:`referrals.signals.sales.SalesRecorded`.
    """
    refuse_partners(by)
    outcomes: list[Outcome] = []
    for some in portions(rows, AT_ONCE):
        session.flush()
        with plain_rows():
            desk = _Desk([_Row(data) for data in some], source, by, is_a_part)
        outcomes += desk.record()
    return outcomes


def look_at_sales(rows: Sequence[dict[str, Any]], *, source: str) -> list[Outcome]:
    """What :func:`record_sales` would make of each, as far as it can be told from outside; nothing is written."""
    outcomes: list[Outcome] = []
    for some in portions(rows, AT_ONCE):
        known = {
            name: (digest, sale_id)
            for name, digest, sale_id in session.execute(
                sa.select(ReceivedFact.external_id, ReceivedFact.digest, ReceivedFact.subject_id).where(
                    ReceivedFact.source == source,
                    ReceivedFact.kind == "sale",
                    among(ReceivedFact.external_id, [data["external_id"] for data in some]),
                    ReceivedFact.subject_id.is_not(None),
                )
            )
        }
        # Held on to, so that each is read once.
        partners = _partners(_named_partners(some))
        outcomes += [_look(data, *known.get(data["external_id"], (None, None))) for data in some]
        del partners
    return outcomes


def _look(data: dict[str, Any], digest: str | None, sale_id: int | None) -> Outcome:
    try:
        if sale_id is not None:
            refuse_other_contents(data["external_id"], digest, digest_of(plain(data)))
            return Outcome(sale_id)
        checked_total(data)
        attribution.named_partner(data.get("partner_id"))
    except (Refusal, InvalidInput) as problem:
        return Outcome(problem=problem)
    return Outcome(is_new=True)


def _named_partners(rows: Iterable[dict[str, Any]]) -> set[int]:
    return {number_in(data["partner_id"]) or 0 for data in rows if data.get("partner_id")}


class _Row:
    """A message about a sale, with what is looked up by it."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = data
        self.external_id: str = data["external_id"]
        self.invoice: str | None = data.get("invoice") or None
        self.names = {self.external_id, *filter(None, [self.invoice])}
        self.body = plain(data)
        self.digest = digest_of(self.body)
        buyer = data["customer"]
        self.said = Said.of(
            buyer.get("name") or "",
            buyer.get("external_id"),
            buyer.get("country"),
            buyer.get("domain"),
            buyer.get("size"),
            buyer.get("tax_id"),
        )
        self.keys = self.said.keys
        self.word = (data.get("referral_code") or "").strip()


@dataclass(slots=True)
class _Buyer:
    """A customer as a row of its table, and as the rules of attribution read it."""

    external_id: str | None
    name: str
    country: str | None
    domain: str | None
    size: str | None
    tax_id: str | None
    name_key: str
    tax_key: str | None
    partner: Partner | None = None
    id: int | None = None
    was: tuple[Any, ...] | None = None

    def values(self) -> dict[str, Any]:
        """What a sale may change of a customer that is known."""
        partner_id = self.partner.id if self.partner is not None else None
        found = {name: getattr(self, name) for name in _MAY_CHANGE}
        return found | {"partner_id": partner_id}


_MAY_CHANGE = ("external_id", "country", "domain", "size", "tax_id", "tax_key")


@dataclass(slots=True)
class _Sold:
    """A sale that is there, or is about to be; then it has no id yet."""

    currency: str
    total_minor: int
    id: int | None = None


@dataclass(slots=True)
class _NewSale:
    """A sale to be written, with the message that it came by."""

    row: _Row
    sold: _Sold
    buyer: _Buyer
    decision: attribution.Decision
    held_because: str | None


@dataclass
class _Gathered:
    """What is decided and not written yet."""

    sales: list[_NewSale] = field(default_factory=list)
    #: (message, its sale) of every message that came to a sale.
    messages: list[tuple[int, _Sold]] = field(default_factory=list)
    #: (key, whose it is) of keys that nobody had.
    keys: list[tuple[int, _Buyer]] = field(default_factory=list)


class _Desk:
    """Some thousand rows being recorded. What is known is read once, and kept up to date from row to row."""

    def __init__(self, rows: list[_Row], source: str, by: Actor | None, is_a_part: bool) -> None:
        self.rows = rows
        self.is_a_part = is_a_part
        self.source = source
        self.by = by
        self.gathered = _Gathered()
        self.ties = attribution.Ties()
        self.needed: set[tuple[type, int]] = set()
        self._hold()
        self._read()

    def record(self) -> list[Outcome]:
        answers = [self._answer(row) for row in self.rows]
        self._write()
        self._let_go()
        return [
            answer if isinstance(answer, Outcome) else Outcome(answer[0].id, answer[1]) for answer in answers
        ]

    def _answer(self, row: _Row) -> Outcome | tuple[_Sold, bool]:
        try:
            return self._take(row)
        except (Refusal, InvalidInput) as problem:
            return Outcome(problem=problem)

    def _take(self, row: _Row) -> tuple[_Sold, bool]:
        """The sale of a row, and whether it is new. Raises what :func:`record_sale` raises."""
        message = self.messages.get(row.external_id)
        if message is None:
            return self._by_itself(row)
        known = self.sold.get(row.external_id)
        if known is not None:
            refuse_other_contents(row.external_id, message.digest, row.digest)
            return known, False
        if not message.is_fresh or not self._is_plain(row):
            return self._by_itself(row)
        total = checked_total(row.data)
        twin = self.invoices.get(row.invoice) if row.invoice is not None else None
        if twin is not None:
            refuse_other_sum(row.data, total, twin.currency, twin.total_minor)
            self._is_sold(row, message, twin)
            return twin, False
        named = attribution.named_partner(row.data.get("partner_id"))
        buyer = self._buyer(row)
        codes, links = attribution.claims_of(self._meaning_of(row.word), row.data["occurred_at"])
        decision = attribution.choose(named, [], buyer.partner, codes, links)
        held = attribution.reason_to_hold(decision, row.data["customer"], buyer, self.ties)
        sold = _Sold(row.data["currency"], total)
        self._is_sold(row, message, sold)
        self.gathered.sales.append(_NewSale(row, sold, buyer, decision, held))
        if row.invoice is not None:
            self.invoices[row.invoice] = sold
        if buyer.partner is None:
            buyer.partner = decision.partner
        return sold, True

    def _is_sold(self, row: _Row, message: HeldMessage, sold: _Sold) -> None:
        """The message came to that sale; its names stay."""
        self.sold[row.external_id] = sold
        self.gathered.messages.append((message.id, sold))
        self.needed.add((ReceivedFact, message.id))
        self.needed |= {(ReceivedFact, self.names[name].id) for name in row.names}

    def _meaning_of(self, word: str) -> attribution.Meaning:
        if word not in self.words:
            self.words[word] = attribution.meaning_of(word)
        return self.words[word]

    # What a row must not have to be plain

    def _is_plain(self, row: _Row) -> bool:
        """No deal, lead or other channel, and nothing that waited, has a say in it, and no partner has bought."""
        if row.data.get("deal_id") or not row.names.isdisjoint(self.spoken_of):
            return False
        known = [self._recognised(row), self.by_number.get(row.said.external_id or "")]
        companies = {(KeyKind.TAX_ID, row.said.tax_key), (KeyKind.DOMAIN, row.said.domain)}
        for buyer in known:
            if buyer is not None:
                companies |= {(KeyKind.TAX_ID, buyer.tax_key), (KeyKind.DOMAIN, buyer.domain)}
        return companies.isdisjoint(self.companies)

    def _by_itself(self, row: _Row) -> tuple[_Sold, bool]:
        """The row by :func:`record_sale`, once those before it are written."""
        self._write()
        with session.begin_nested():
            recorded = record_sale(row.data, by=self.by, source=self.source)
        sale = recorded.fact
        sold = _Sold(sale.currency, sale.total_minor, sale.id)
        message = self.messages.get(row.external_id)
        if message is not None:
            self.sold[row.external_id] = sold
            self.needed.add((ReceivedFact, message.id))
        self.needed |= {(ReceivedFact, self.names[name].id) for name in row.names}
        if recorded.is_new:
            if sale.invoice is not None:
                self.invoices[sale.invoice] = sold
            self._read_buyers([sale.customer_id], [])
            buyer = self.buyers[sale.customer_id]
            for key in row.keys:
                self.needed.add((CustomerKey, self.keys[key].id))
                self.key_owners.setdefault(key, buyer)
        return sold, recorded.is_new

    # Customers

    def _recognised(self, row: _Row) -> _Buyer | None:
        """As ``customers.find_or_add_customer`` recognises a customer."""
        number = row.said.external_id
        by_kind = dict(sorted(row.keys))
        found = self.key_owners.get(("external", number)) if number else None
        if found is not None:
            return found
        for kind in ("domain", "name"):
            if kind in by_kind:
                found = self.key_owners.get((kind, by_kind[kind]))
                if found is not None and (number is None or found.external_id in (None, number)):
                    return found
        return None

    def _buyer(self, row: _Row) -> _Buyer:
        buyer = self._recognised(row)
        if buyer is None:
            buyer = _Buyer(**row.said.new_values)
        else:
            self._fill_in(buyer, row.said)
        if buyer.external_id:
            self.by_number.setdefault(buyer.external_id, buyer)
        for key in row.keys:
            self.needed.add((CustomerKey, self.keys[key].id))
            if key not in self.key_owners:
                self.key_owners[key] = buyer
                self.gathered.keys.append((self.keys[key].id, buyer))
        return buyer

    def _fill_in(self, buyer: _Buyer, said: Said) -> None:
        """What its earlier sales are computed by is what was known of the customer when they came."""
        before = [(name, getattr(buyer, name)) for name in _MAY_CHANGE]
        said.fill_in(buyer)
        is_told_more = any(getattr(buyer, name) != value for name, value in before)
        if is_told_more and any(one.buyer is buyer for one in self.gathered.sales):
            for name, value in before:
                setattr(buyer, name, value)
            self._write()
            said.fill_in(buyer)

    # What is held and read before the first row

    def _hold(self) -> None:
        """Every message, name and key, in the order in which a single sale holds them.

        An id that stands in several rows with different contents is left to :func:`record_sale`.
        """
        bodies: dict[str, _Row] = {}
        at_odds: set[str] = set()
        for row in self.rows:
            if bodies.setdefault(row.external_id, row).digest != row.digest:
                at_odds.add(row.external_id)
        now = clock.now()
        self.messages = hold_rows(
            ReceivedFact,
            [
                {
                    "source": self.source, "kind": "sale", "external_id": name, "digest": row.digest,
                    "body": row.body, "received_at": now,
                }
                for name, row in sorted(bodies.items())
                if name not in at_odds
            ],
            by="external_id",
            within={"source": self.source, "kind": "sale"},
        )  # fmt: skip
        self.names = hold_rows(
            ReceivedFact,
            [
                {"source": "", "kind": "name", "external_id": name, "received_at": now}
                for name in sorted({name for row in self.rows for name in row.names})
            ],
            by="external_id",
            within={"source": "", "kind": "name"},
        )
        self.keys: dict[tuple[str, str], HeldMessage] = {}
        for kind in ("domain", "external", "name"):
            values = sorted({value for row in self.rows for own, value in row.keys if own == kind})
            held = hold_rows(
                CustomerKey,
                [{"kind": kind, "value": value} for value in values],
                by="value",
                within={"kind": kind},
            )
            self.keys |= {(kind, value): key for value, key in held.items()}

    def _read(self) -> None:
        names = list(self.names)
        self.sold = {
            name: _Sold("", 0, message.subject_id)
            for name, message in self.messages.items()
            if message.subject_id is not None
        }
        #: Names of which a deal, a payment, refund or chargeback, or a sale of another channel speaks.
        self.spoken_of = _named_already(names)
        self.invoices: dict[str | None, _Sold] = {}
        known = sa.select(Sale.invoice, Sale.currency, Sale.total_minor, Sale.id, Sale.source)
        for invoice, currency, total, sale_id, source in session.execute(
            known.where(among(Sale.invoice, names))
        ):
            self.invoices[invoice] = _Sold(currency, total, sale_id)
            if source != self.source and invoice in self.messages:
                self.spoken_of.add(invoice)
        invoices = {row.invoice for row in self.rows if row.invoice is not None} - self.invoices.keys()
        self.spoken_of |= set(session.scalars(names_elsewhere(invoices, self.source)))
        self.words: dict[str, attribution.Meaning] = {}
        self.buyers: dict[int, _Buyer] = {}
        self.by_number: dict[str, _Buyer] = {}
        #: Held on to, so that each is read once.
        self.partners = _partners(_named_partners(row.data for row in self.rows))
        owners = {key.subject_id for key in self.keys.values() if key.subject_id is not None}
        numbers = [row.said.external_id for row in self.rows if row.said.external_id]
        self._read_buyers(sorted(owners), numbers)
        self.key_owners = {
            key: self.buyers[held.subject_id]
            for key, held in self.keys.items()
            if held.subject_id is not None
        }
        self.companies = self._companies_with_a_past()

    def _read_buyers(self, ids: list[int], numbers: list[str]) -> None:
        """Customers as they are, by id, and those that have one of the vendor's numbers."""
        columns = sa.select(
            Customer.id, Customer.external_id, Customer.name, Customer.country, Customer.domain, Customer.size,
            Customer.tax_id, Customer.name_key, Customer.tax_key, Customer.partner_id,
        )  # fmt: skip
        rows = {row[0]: row for row in session.execute(columns.where(among(Customer.id, ids)))}
        if numbers:
            rows |= {
                row[0]: row for row in session.execute(columns.where(among(Customer.external_id, numbers)))
            }
        missing = {row[9] for row in rows.values() if row[9] is not None} - self.partners.keys()
        self.partners |= _partners(missing)
        for row in rows.values():
            partner = self.partners[row[9]] if row[9] is not None else None
            buyer = self.buyers.setdefault(row[0], _Buyer(*row[1:9]))
            for name, value in zip(_COLUMNS, row[1:9], strict=True):
                setattr(buyer, name, value)
            buyer.partner, buyer.id = partner, row[0]
            buyer.was = tuple(buyer.values().values())
            if buyer.external_id:
                self.by_number[buyer.external_id] = buyer

    def _companies_with_a_past(self) -> set[tuple[KeyKind, str | None]]:
        """Of all companies that rows and their customers name, those that are partners, leads, or have a deal.

        Whom a partner bought from decides about its own sales, so that those are taken one after another.
        """
        known = list(self.buyers.values())
        tax = {row.said.tax_key for row in self.rows} | {buyer.tax_key for buyer in known}
        domains = {row.said.domain for row in self.rows} | {buyer.domain for buyer in known}
        deals = (
            sa.select(DealKey.key_id)
            .join(Deal, Deal.id == DealKey.deal_id)
            .where(Deal.status == DealStatus.APPROVED)
        )
        found: set[tuple[KeyKind, str | None]] = set()
        for kind, values in ((KeyKind.TAX_ID, tax), (KeyKind.DOMAIN, domains)):
            query = sa.select(IdentityKey.value).where(
                IdentityKey.kind == kind.value,
                among(IdentityKey.value, sorted(value for value in values if value)),
                sa.or_(IdentityKey.id.in_(sa.select(LeadKey.key_id)), IdentityKey.id.in_(deals)),
            )
            found |= {(kind, value) for value in session.scalars(query)}
            column = Partner.tax_key if kind is KeyKind.TAX_ID else Partner.domain
            partners = sa.select(column).where(among(column, sorted(value for value in values if value)))
            found |= {(kind, value) for value in session.scalars(partners)}
        return found

    # Writing

    def _write(self) -> None:
        """Writes what was gathered, and announces it."""
        gathered, self.gathered = self.gathered, _Gathered()
        with plain_rows():
            sale_ids, new = self._write_down(gathered)
        if sale_ids:
            announce_together(SalesRecorded(sale_ids, self.by, self.is_a_part), _deeds(gathered.sales, new))

    def _write_down(self, gathered: _Gathered) -> tuple[list[int], list[_Buyer]]:
        """Answers the ids of the new sales, and the customers that are new."""
        new, changed = self._sort_out(gathered)
        _write_customers(new, changed)
        sale_ids = new_ids(Sale, len(gathered.sales))
        for sale_id, one in zip(sale_ids, gathered.sales, strict=True):
            one.sold.id = sale_id
        _write_sales(gathered.sales, self.source)
        _say(ReceivedFact, "subject_id", [(row_id, sold.id) for row_id, sold in gathered.messages])
        _say(CustomerKey, "customer_id", [(row_id, buyer.id) for row_id, buyer in gathered.keys])
        return sale_ids, new

    def _sort_out(self, gathered: _Gathered) -> tuple[list[_Buyer], list[_Buyer]]:
        """The customers that are new, and the known ones of which more is known now; each once, in order."""
        buyers = list({id(one.buyer): one.buyer for one in gathered.sales}.values())
        new = [buyer for buyer in buyers if buyer.id is None]
        for buyer_id, buyer in zip(new_ids(Customer, len(new)), new, strict=True):
            buyer.id = buyer_id
            self.buyers[buyer_id] = buyer
        before = {id(buyer) for buyer in new}
        changed = [
            buyer
            for buyer in buyers
            if id(buyer) not in before and buyer.was != tuple(buyer.values().values())
        ]
        for buyer in buyers:
            buyer.was = tuple(buyer.values().values())
        return new, changed

    def _let_go(self) -> None:
        """Rows that were made to be held, and that nothing came of, are as if they had never been."""
        made = [(ReceivedFact, held) for held in [*self.messages.values(), *self.names.values()]]
        kept = [*made, *((CustomerKey, held) for held in self.keys.values())]
        for table in (ReceivedFact, CustomerKey):
            ids = [
                held.id
                for own, held in kept
                if own is table and held.is_fresh and (table, held.id) not in self.needed
            ]
            if ids:
                session.execute(
                    sa.delete(table).where(among(table.id, ids)).execution_options(synchronize_session=False)
                )


_COLUMNS = ("external_id", "name", "country", "domain", "size", "tax_id", "name_key", "tax_key")
_OF_A_SALE = (
    "source", "external_id", "invoice", "link_id", "type", "billed_by", "currency", "occurred_at", "received_at",
    "plan_code", "referral_code", "paid", "paid_minor", "total_minor", "metadata_", "attribution_source", "attribution",
    "held_because",
)  # fmt: skip
_OF_A_LINE = (
    "position", "kind", "product", "description", "quantity", "unit_amount_minor", "discount_minor", "credit_minor",
    "tax_minor", "cost_minor",
)  # fmt: skip


def _partners(ids: Iterable[int]) -> dict[int, Partner]:
    query = sa.select(Partner).where(among(Partner.id, sorted(ids)))
    return {partner.id: partner for partner in session.scalars(query)}


def _named_already(names: list[str]) -> set[str]:
    """Of these names, those of which a deal, or a fact that came before its sale, speaks."""
    orders = sa.select(Deal.order_reference).where(among(Deal.order_reference, names))
    found = {name for name in session.scalars(orders) if name is not None}
    for kind in (Payment, Refund, Chargeback):
        found |= set(
            session.scalars(
                sa.select(kind.sale_external_id).where(
                    kind.sale_id.is_(None), among(kind.sale_external_id, names)
                )
            )
        )
    return found


def _write_customers(new: list[_Buyer], changed: list[_Buyer]) -> None:
    now = clock.now()
    insert_rows(
        Customer,
        ("id", *_COLUMNS, "partner_id", "created_at"),
        (
            (
                buyer.id,
                *(getattr(buyer, name) for name in _COLUMNS),
                buyer.partner.id if buyer.partner is not None else None,
                now,
            )
            for buyer in new
        ),
    )
    if changed:
        session.execute(sa.update(Customer), [{"id": buyer.id, **buyer.values()} for buyer in changed])
    # Whoever has one of them in hand reads it afresh.
    for row in list(session.identity_map.values()):
        if isinstance(row, Customer):
            session.expire(row)


def _write_sales(sales: list[_NewSale], source: str) -> None:
    def rows() -> Iterable[tuple[Any, ...]]:
        for one in sales:
            partner = one.decision.partner
            said = sale_values(one.row.data, one.sold.total_minor, source, one.decision, one.held_because)
            if one.held_because:
                status = SaleStatus.HELD
            else:
                status = SaleStatus.ATTRIBUTED if partner is not None else SaleStatus.UNATTRIBUTED
            partner_id = partner.id if partner is not None else None
            yield one.sold.id, one.buyer.id, partner_id, status, *(said[name] for name in _OF_A_SALE)

    columns = ("metadata" if name == "metadata_" else name for name in _OF_A_SALE)
    insert_rows(Sale, ("id", "customer_id", "partner_id", "status", *columns), rows())
    insert_rows(
        SaleLine,
        ("sale_id", *_OF_A_LINE),
        (
            (one.sold.id, *map(line_values(position, line).__getitem__, _OF_A_LINE))
            for one in sales
            for position, line in enumerate(one.row.data["lines"])
        ),
    )


def _say(
    table: type[ReceivedFact] | type[CustomerKey], column: str, rows: list[tuple[int, int | None]]
) -> None:
    """Writes what became of rows that are held."""
    if rows:
        session.execute(sa.update(table), [{"id": row_id, column: value} for row_id, value in rows])


def _deeds(sales: list[_NewSale], new: list[_Buyer]) -> Iterable[Deed]:
    """The rows of the trail, in the order in which single sales would write them."""
    fresh = {id(buyer) for buyer in new}
    for one in sales:
        if id(one.buyer) in fresh:
            fresh.remove(id(one.buyer))
            yield Deed(CustomerAdded.verb, "customer", one.buyer.id or 0)
        partner = one.decision.partner
        yield Deed(SaleRecorded.verb, "sale", one.sold.id or 0, partner.id if partner is not None else None)
