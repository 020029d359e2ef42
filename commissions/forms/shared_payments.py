"""How much of what was taken back of a payment belongs to which of its invoices."""

from collections.abc import Iterable, Mapping
from typing import Any

from core.errors import InvalidInput
from core.forms import NEEDED, Form, MoneyField
from referrals.models import Sale

_PART = "sale-"


class DivisionForm(Form):
    """An amount, tax included, for each invoice; made by :func:`division_form`."""

    def division(self, sales: Mapping[str, Sale]) -> dict[str, int]:
        """invoice → amount."""
        return {invoice: self[f"{_PART}{sale.id}"].data for invoice, sale in sales.items()}

    def complain_of(self, problem: InvalidInput, sales: Mapping[str, Sale]) -> None:
        """Puts a rule's sentences at the invoices that they speak of."""
        where = {invoice: f"{_PART}{sale.id}" for invoice, sale in sales.items()}
        self.complain(InvalidInput({where.get(name, name): said for name, said in problem.problems.items()}))


def division_form(labels: Iterable[tuple[Sale, str, str]], **how: Any) -> DivisionForm:
    """A field for each (sale, label, description)."""
    fields = {
        f"{_PART}{sale.id}": MoneyField(
            label, [NEEDED], description=description, currency=sale.currency, least=0
        )
        for sale, label, description in labels
    }
    form: DivisionForm = type("DivisionOfOnePayment", (DivisionForm,), fields)(**how)
    return form
