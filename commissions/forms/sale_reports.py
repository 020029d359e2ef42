"""What a partner types about a sale of its own, and why the vendor does not agree."""

from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_wtf.file import FileField
from wtforms import DateField, FormField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from commissions import wording
from commissions.operations.sale_reports import LONGEST_NOTE
from commissions.rates.plan import LINE_KINDS
from core.forms import NEEDED, FieldList, Form, MoneyField, Part, choices
from core.i18n import lazy_gettext as _l
from core.i18n import lazy_pgettext
from core.money import currencies
from core.settings import PROGRAMME_CURRENCY
from core.uploads import ACCEPTED
from referrals.forms.choosing import CustomerField, DealField
from referrals.models import Customer, Deal

#: Kinds of work on one invoice.
LINES = 3


class ReportLineForm(Part):
    """What was sold, and for how much."""

    kind = SelectField(_l("Kind of line"), [NEEDED], validate_choice=False)
    amount = MoneyField(_l("Amount without tax"), [Optional()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = wording.names_now()
        self.kind.choices = choices((kind, names.kind(kind)) for kind in LINE_KINDS)


class SaleReportForm(Form):
    """A sale as the partner tells it."""

    customer = CustomerField(_l("Customer"), [NEEDED])
    deal = DealField(
        _l("Deal"),
        [Optional()],
        description=_l("Where the sale came of one: its company as it stands here, or its number."),
    )
    number = StringField(
        _l("Number of the invoice or order"),
        [NEEDED, Length(max=100, message=_l("It can have at most 100 characters."))],
    )
    sold_on = DateField(lazy_pgettext("sale", "Sold on"), [NEEDED])
    currency = SelectField(_l("Currency"), [NEEDED])
    type = SelectField(_l("Kind of sale"), [NEEDED], choices=lambda: choices(wording.SALE_TYPES))
    billed_by = SelectField(_l("Whose invoice"), [NEEDED], choices=lambda: choices(wording.BILLERS))
    lines = FieldList(FormField(ReportLineForm), min_entries=LINES, max_entries=LINES)
    file = FileField(
        _l("What shows it"),
        [NEEDED],
        description=_l("The invoice, the order or the contract, as a PDF or a picture."),
        render_kw={"accept": ACCEPTED},
    )
    note = TextAreaField(_l("What else helps to check"), [Optional(), Length(max=LONGEST_NOTE)])

    def __init__(self, *, customers: sa.Select[Customer], deals: sa.Select[Deal], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.customer.among(customers, suggestions=url_for("commissions.sale_report_customers"))
        self.deal.among(deals, suggestions=url_for("commissions.sale_report_deals"))
        own = PROGRAMME_CURRENCY.value()
        self.currency.choices = choices((code, code) for code in (own, *sorted(currencies() - {own})))
        for row in self.lines:
            row.form.amount.read_in(self.currency.data if self.currency.data in currencies() else own)
        # One amount is needed, which the operation checks over all lines; the page asks for it at the first.
        self.lines[0].form.amount.flags.required = True

    @property
    def typed_lines(self) -> list[tuple[str, int]]:
        """The lines that have an amount."""
        rows = [(row.form.kind.data, row.form.amount.data) for row in self.lines]
        return [(kind, amount) for kind, amount in rows if amount is not None and kind in LINE_KINDS]


class DeclineForm(Form):
    """Why the vendor does not agree."""

    reason = TextAreaField(_l("Why, for the partner"), [NEEDED, Length(max=LONGEST_NOTE)])
