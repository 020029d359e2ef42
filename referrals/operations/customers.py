"""Recognising a customer, or making one, exactly once."""

from typing import Any, NamedTuple, Protocol

import sqlalchemy as sa

from core import clock
from core.activity import Actor
from core.contacts import company_domain
from core.database import lock, session, write_once
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from core.signals import announce
from core.taxids import parse_tax_id
from referrals.matching import name_key
from referrals.models.customers import Customer, CustomerKey
from referrals.models.deals import Deal
from referrals.models.sales import Sale
from referrals.signals.customers import CustomerAdded, CustomersMerged


class Known(Protocol):
    """A customer, as far as a sale may tell more of it."""

    external_id: Any
    country: Any
    domain: Any
    tax_id: Any
    tax_key: Any
    size: Any


class Said(NamedTuple):
    """What a sale says of its customer, in normal form."""

    name: str
    external_id: str | None
    country: str | None
    domain: str | None
    size: str | None
    tax_id: str | None

    @classmethod
    def of(
        cls,
        name: str,
        external_id: str | None,
        country: str | None,
        domain: str | None,
        size: str | None,
        tax_id: str | None,
    ) -> "Said":
        """As somebody wrote it."""
        normal = company_domain(domain) if domain else None
        return cls(name, external_id, country.upper() if country else None, normal, size, tax_id)

    @property
    def keys(self) -> set[tuple[str, str]]:
        """By what the customer is recognised: (kind, value)."""
        by_name = f"{self.country or ''}:{name_key(self.name)}" if self.name and not self.domain else None
        wanted = {"external": self.external_id, "domain": self.domain, "name": by_name}
        return {(kind, value) for kind, value in wanted.items() if value}

    @property
    def tax_key(self) -> str | None:
        found = parse_tax_id(self.tax_id, self.country)
        return found.key if found is not None else None

    @property
    def new_values(self) -> dict[str, Any]:
        """The customer, when it is a new one."""
        return {
            "external_id": self.external_id,
            "name": self.name or self.external_id or self.domain or "",
            "country": self.country,
            "domain": self.domain,
            "size": self.size,
            "tax_id": self.tax_id,
            "name_key": name_key(self.name or self.external_id or self.domain),
            "tax_key": self.tax_key,
        }

    def fill_in(self, customer: Known) -> None:
        """Tells a known customer what was not known of it before."""
        customer.external_id = customer.external_id or self.external_id
        customer.country = customer.country or self.country
        customer.domain = customer.domain or self.domain
        customer.tax_id = customer.tax_id or self.tax_id
        customer.tax_key = customer.tax_key or self.tax_key
        customer.size = self.size or customer.size


def find_or_add_customer(
    *,
    name: str,
    external_id: str | None = None,
    country: str | None = None,
    domain: str | None = None,
    size: str | None = None,
    tax_id: str | None = None,
    by: Actor | None,
) -> Customer:
    """The customer that this is, or a new one.

    The vendor's number decides. Without a known one, the web domain, and where there is none the name with the
    country, find a customer that has no other number. The keys are held until the transaction ends, so two sales of a
    new customer at one moment make one customer. What was not known of it before is filled in.
    """
    said = Said.of(name, external_id, country, domain, size, tax_id)
    keys = _hold(said.keys)
    customer = _recognise(keys, external_id)
    if customer is None:
        customer = Customer(created_at=clock.now(), **said.new_values)
        session.add(customer)
        announce(CustomerAdded(customer, by))
    else:
        said.fill_in(customer)
    for key in keys.values():
        if key.customer_id is None:
            key.customer_id = customer.id
    session.flush()
    return customer


def merge_customers(duplicate: Customer, survivor: Customer, *, reason: str, by: Actor | None) -> None:
    """``duplicate`` was ``survivor`` all along: its sales, deals and keys move; it lends what was not known.

    Lines of earnings stay as they are: they belong to sales. Raises InvalidInput at ``reason`` or ``survivor``.
    """
    if len(reason.strip()) < 3:
        raise InvalidInput({"reason": _("Say why, in a sentence.")})
    for customer in sorted({duplicate, survivor}, key=lambda customer: customer.id):
        lock(customer)
    if duplicate is survivor or survivor.merged_into_id is not None:
        raise InvalidInput({"survivor": _("Choose another customer.")})
    if duplicate.merged_into_id is not None:
        raise Refusal(_("%(name)s has been merged already.", name=duplicate.name))
    name = duplicate.name
    for column in (Sale.customer_id, Deal.customer_id, CustomerKey.customer_id, Customer.merged_into_id):
        session.execute(
            sa.update(column.class_)
            .where(column == duplicate.id)
            .values({column.key: survivor.id})
            .execution_options(synchronize_session=False)
        )
    for lent in _LENT:
        if getattr(survivor, lent) in (None, ""):
            setattr(survivor, lent, getattr(duplicate, lent))
    duplicate.merged_into_id = survivor.id
    # By these it would be recognised once more.
    duplicate.domain = duplicate.tax_key = duplicate.partner_id = duplicate.former_partner_id = None
    duplicate.name_key = ""
    session.flush()
    session.expire_all()
    announce(CustomersMerged(survivor, by, merged_id=duplicate.id, merged_name=name, reason=reason.strip()))


#: What a merged customer lends where the other knows nothing.
_LENT = ("country", "domain", "size", "tax_id", "tax_key", "partner_id", "former_partner_id")


def _hold(wanted: set[tuple[str, str]]) -> dict[str, CustomerKey]:
    """The keys, made where they are new and held until the transaction ends; always in the same order."""
    held = {}
    for kind, value in sorted(wanted):
        write_once(CustomerKey, {"kind": kind, "value": value}, unique=["kind", "value"])
        held[kind] = session.scalars(
            sa.select(CustomerKey)
            .where(CustomerKey.kind == kind, CustomerKey.value == value)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).one()
    return held


def _recognise(keys: dict[str, CustomerKey], external_id: str | None) -> Customer | None:
    by_number = keys.get("external")
    if by_number is not None and by_number.customer_id is not None:
        return session.get(Customer, by_number.customer_id, populate_existing=True)
    for kind in ("domain", "name"):
        key = keys.get(kind)
        if key is not None and key.customer_id is not None:
            found = session.get(Customer, key.customer_id, populate_existing=True)
            if found is not None and (external_id is None or found.external_id in (None, external_id)):
                return found
    return None
