"""One customer or one deal of perhaps thousands, typed into a form by name or number."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from core.database import session
from core.digits import number_in
from core.forms import MOST_MATCHES, FindField, Match, name_and_key
from core.i18n import current_locale, gettext
from core.i18n import lazy_gettext as _l
from core.interface import dotted
from core.places import place_line
from referrals.models.customers import Customer
from referrals.models.deals import Deal
from referrals.queries.customers import customers_named
from referrals.queries.deals import deal_numbered, deals_named


class CustomerField(FindField):
    """One customer; ``data`` is its number as text. :meth:`among` says which can be meant, before it is read."""

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        kwargs.setdefault("description", _l("Its name as it stands here, or its number."))
        super().__init__(label, validators, **kwargs)
        self._customers: sa.Select[Customer] = sa.select(Customer).where(sa.false())

    def among(self, customers: sa.Select[Customer], *, suggestions: str) -> None:
        """Only these can be meant; ``suggestions`` is the address that names them as somebody types."""
        self._customers, self.suggestions = customers, suggestions

    def find(self, words: str) -> Sequence[Match]:
        return customer_matches(self._customers, words)

    def nobody_fits(self) -> str:
        return gettext("No customer that can be chosen here has that name or number.")

    @property
    def customer(self) -> Customer | None:
        """Who was meant, once the form holds; None when nothing was typed."""
        number = number_in(self.data)
        return session.scalar(self._customers.where(Customer.id == number)) if number is not None else None


class DealField(FindField):
    """One deal; ``data`` is its number, such as ``D-2026-0418``. :meth:`among` says which can be meant."""

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        kwargs.setdefault("description", _l("The company as it stands here, or the deal's number."))
        super().__init__(label, validators, **kwargs)
        self._deals: sa.Select[Deal] = sa.select(Deal).where(sa.false())

    def among(self, deals: sa.Select[Deal], *, suggestions: str) -> None:
        """Only these can be meant; ``suggestions`` is the address that names them as somebody types."""
        self._deals, self.suggestions = deals, suggestions

    def find(self, words: str) -> Sequence[Match]:
        return deal_matches(self._deals, words)

    def nobody_fits(self) -> str:
        return gettext("No deal that can be chosen here has that company or number.")

    @property
    def deal(self) -> Deal | None:
        """Which was meant, once the form holds; None when nothing was typed."""
        return deal_numbered(self._deals, self.data) if self.data else None


def customer_matches(customers: sa.Select[Customer], words: str) -> list[Match]:
    """Of ``customers`` those that the words mean, the nearest first; one more than a form shows, if there are more."""
    name, key = name_and_key(words)
    number = number_in(key)
    found = customers_named(customers, name, number=number, most=1) if number is not None else []
    found = found or customers_named(customers, words.strip(), most=MOST_MATCHES + 1)
    return [customer_match(one) for one in found]


def deal_matches(deals: sa.Select[Deal], words: str) -> list[Match]:
    """The same of deals."""
    name, key = name_and_key(words)
    one = deal_numbered(deals, key) if key is not None else None
    if one is not None and one.company.casefold() == name.casefold():
        return [deal_match(one)]
    return [deal_match(one) for one in deals_named(deals, words.strip(), most=MOST_MATCHES + 1)]


def customer_match(customer: Customer) -> Match:
    place = place_line(None, None, customer.country, current_locale()) if customer.country else ""
    return Match(str(customer.id), customer.name, dotted(customer.domain or "", place))


def deal_match(deal: Deal) -> Match:
    return Match(deal.number, deal.company, dotted(deal.domain or "", deal.city or ""))
