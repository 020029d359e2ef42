"""The catalogue as an estimate asks it: what can be sold, and which price of the list holds for a line."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from core.database import session
from core.i18n import gettext as _
from partners.models import LineKind, Product, Recurrence, Service
from partners.queries import products_by_code, services_by_code
from referrals.models.deals import Deal, Estimate, EstimateLine

#: A price as a line was written with it: currency, product, minor units, how often it is charged.
Written = tuple[str, str, int, Recurrence]


@dataclass(frozen=True)
class Catalogue:
    """Products and services by code, read once for all lines of a page; those no longer offered as well."""

    products: Mapping[str, Product]
    services: Mapping[str, Service]

    @classmethod
    def read(cls) -> "Catalogue":
        """As it stands now."""
        return cls(products_by_code(), services_by_code())

    def offered(self) -> list[Product]:
        """What may be licensed today, by price list order."""
        return [product for product in self.products.values() if product.retired_at is None]

    def service_kinds(self, chosen: str | None = None) -> list[LineKind]:
        """What can be sold: no kind that was taken out of the catalogue, unless it is ``chosen`` already."""
        retired = {code for code, service in self.services.items() if service.retired_at is not None}
        return [
            kind
            for kind in LineKind
            if kind is not LineKind.LICENCE and (kind.value not in retired or kind.value == chosen)
        ]

    def label(self, kind: LineKind) -> str:
        """A line's kind in words: the licence, or the service as the catalogue calls it."""
        if kind is LineKind.LICENCE:
            return _("Licence")
        service = self.services.get(kind.value)
        return service.label if service is not None else _("Other service")

    def listed(self, product: str | None, currency: str) -> Product | None:
        """The product by whose list price a line of it is held; ``None`` where the price is typed.

        A list price in another currency says nothing of this one, and a list price of 0 names no price.
        """
        known = self.products.get(product or "")
        return known if known is not None and known.currency == currency and known.list_price_minor else None


class PricesWritten:
    """The prices that lines of a deal's estimate were written with: a line that was made then keeps its own.

    Asked line after line: as many lines keep a price as one version had with it, so that an old price is none for
    lines that are new.
    """

    def __init__(self, counts: Mapping[Written, int]) -> None:
        self._left = Counter(counts)

    def keeps(self, price: Written) -> bool:
        """Whether one more line may have this price though the list has another."""
        if self._left[price] <= 0:
            return False
        self._left[price] -= 1
        return True


def prices_written(deal: Deal) -> Counter[Written]:
    """How many licence lines of one version of the deal's estimate had each price, at the most."""
    price = (
        Estimate.currency, EstimateLine.product, EstimateLine.unit_price_minor, EstimateLine.recurring,
    )  # fmt: skip
    rows = session.execute(
        sa.select(*price, sa.func.count())
        .join(EstimateLine.estimate)
        .where(Estimate.deal_id == deal.id, EstimateLine.product.is_not(None))
        .group_by(Estimate.id, *price)
    )
    most: Counter[Written] = Counter()
    for currency, product, minor, recurring, number in rows:
        key = (currency, product or "", minor, recurring)
        most[key] = max(most[key], number)
    return most
