"""Recognising a customer, or making one, exactly once."""

import sqlalchemy as sa

from core import clock
from core.activity import Actor
from core.contacts import company_domain
from core.database import session, write_once
from core.signals import announce
from core.taxids import parse_tax_id
from referrals.matching import name_key
from referrals.models.customers import Customer, CustomerKey
from referrals.signals.customers import CustomerAdded


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
    domain = company_domain(domain) if domain else None
    country = country.upper() if country else None
    wanted = {
        "external": external_id,
        "domain": domain,
        "name": f"{country or ''}:{name_key(name)}" if name and not domain else None,
    }
    keys = _hold({(kind, value) for kind, value in wanted.items() if value})
    customer = _recognise(keys, external_id)
    if customer is None:
        customer = Customer(
            external_id=external_id,
            name=name or external_id or domain or "",
            country=country,
            domain=domain,
            size=size,
            tax_id=tax_id,
            name_key=name_key(name or external_id or domain),
            tax_key=_tax_key(tax_id, country),
            created_at=clock.now(),
        )
        session.add(customer)
        announce(CustomerAdded(customer, by))
    else:
        customer.external_id = customer.external_id or external_id
        customer.country = customer.country or country
        customer.domain = customer.domain or domain
        customer.tax_id = customer.tax_id or tax_id
        customer.tax_key = customer.tax_key or _tax_key(tax_id, country)
        customer.size = size or customer.size
    for key in keys.values():
        if key.customer_id is None:
            key.customer_id = customer.id
    session.flush()
    return customer


def _tax_key(tax_id: str | None, country: str | None) -> str | None:
    found = parse_tax_id(tax_id, country)
    return found.key if found is not None else None


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
