"""Makers for the tests of leads, built on the operations."""

from typing import Any

from partners.models import Partner
from partners.operations import save_product
from referrals.models import Lead, LeadOrigin
from referrals.operations import LeadData, receive_lead
from referrals.queries.offers import open_offers_of


def a_lead(company: str | None = "Globex", *, by: Any = None, **about: Any) -> Lead:
    """A lead from the vendor's shop in Germany, with a way to reach it."""
    word = (company or "globex").split()[0].lower()
    about = {
        "origin": LeadOrigin.API,
        "person": "Wilma Buyer",
        "email": f"wilma@{word}.example",
        "phone": None,
        "country": "DE",
        "employees": 60,
        **about,
    }
    return receive_lead(LeadData(company=company, **about), by=by)


def a_pooled_lead(company: str = "Globex", **about: Any) -> Lead:
    """A lead that every eligible partner may claim."""
    return a_lead(company, **{"source": "shop", **about})


def make_product(code: str) -> None:
    """A product of the catalogue."""
    save_product(
        code=code, name=code.title(), name_ru=code.title(), list_price_minor=10_000, currency="EUR", by=None
    )


def the_offer(lead: Lead) -> Any:
    """The one offer that is open."""
    [offer] = open_offers_of(lead)
    return offer


def the_asked(lead: Lead) -> Partner:
    """Who is being asked."""
    partner: Partner = the_offer(lead).partner
    return partner


__all__ = ["a_lead", "a_pooled_lead", "make_product", "the_asked", "the_offer"]
