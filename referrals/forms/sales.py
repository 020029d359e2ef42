"""What finance types about a sale that came by no other way, and about what followed it."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from wtforms import DateField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, Optional, ValidationError

from core import clock, places
from core.forms import LINE, NEEDED, Form, MoneyField, choices
from core.i18n import current_locale, format_money
from core.i18n import gettext as _
from core.i18n import lazy_gettext as _l
from core.money import currencies
from core.settings import PROGRAMME_CURRENCY, PROGRAMME_TIME_ZONE
from partners.forms.choosing import PartnerField
from partners.models import LineKind, Partner
from partners.queries import products
from referrals.models.sales import BilledBy, ChargebackStatus, Paid, Sale, SaleType
from referrals.queries.catalogue import Catalogue

#: What finance can say that followed a sale.
LATER_FACTS: dict[str, Any] = {
    "payment": _l("The customer paid"),
    "refund": _l("Money was given back to the customer"),
    ChargebackStatus.OPENED.value: _l("The customer's bank looks into a payment"),
    ChargebackStatus.WON.value: _l("The bank decided for us"),
    ChargebackStatus.LOST.value: _l("The bank decided for the customer"),
}


class SaleForm(Form):
    """A sale with one amount for the licence and one for the services, as an invoice on paper has them."""

    external_id = StringField(_l("Sale or invoice number"), [NEEDED, LINE])
    occurred_on = DateField(_l("Sold on"), [NEEDED])
    customer = StringField(_l("Customer"), [NEEDED, LINE])
    country = SelectField(_l("Country"), [Optional()])
    domain = StringField(_l("Customer's web site"), [Optional(), Length(max=300)])
    partner_id = PartnerField(
        _l("Partner"), [Optional()], description=_l("Its name or its number. Empty: found by the sale.")
    )
    type = SelectField(_l("Kind of sale"), [NEEDED])
    billed_by = SelectField(_l("Who bills the project"), [NEEDED])
    currency = SelectField(_l("Currency"), [NEEDED])
    product = SelectField(_l("Product"), [Optional()])
    licence = MoneyField(_l("Licence, without tax"), [Optional()], least=0)
    service = SelectField(_l("Service"), [NEEDED])
    services = MoneyField(_l("Services, without tax"), [Optional()], least=0)
    paid = SelectField(_l("Paid"), [NEEDED])

    def __init__(self, partners: sa.Select[Partner], **kwargs: Any) -> None:
        kwargs.setdefault(
            "data", {"currency": PROGRAMME_CURRENCY.value(), "billed_by": "vendor", "type": "new"}
        )
        super().__init__(**kwargs)
        self.country.choices = choices(places.countries(current_locale()), empty="")
        self.partner_id.among(partners)
        self.type.choices = choices((one.value, one.label) for one in SaleType)
        self.billed_by.choices = choices((one.value, one.label) for one in BilledBy)
        self.currency.choices = choices((code, code) for code in sorted(currencies()))
        self.product.choices = choices(((one.code, one.label) for one in products()), empty="")
        label = Catalogue.read().label
        self.service.choices = choices(
            (kind.value, label(kind)) for kind in LineKind if kind is not LineKind.LICENCE
        )
        self.paid.choices = choices([(Paid.FULL.value, _l("In full")), (Paid.NONE.value, _l("Not yet"))])
        self.read_sums()

    def read_sums(self) -> None:
        """Sums are read by the decimals of their currency."""
        for field in (self.licence, self.services):
            field.read_in(self.currency.data if self.currency.data in currencies() else field.currency)

    def typed(self) -> dict[str, Any]:
        """The sale as ``referrals.operations.record_sale`` takes it."""
        lines = []
        if self.licence.data:
            lines.append(
                {
                    "kind": LineKind.LICENCE.value,
                    "product": self.product.data or None,
                    "unit_amount_minor": self.licence.data,
                }
            )
        if self.services.data:
            lines.append({"kind": self.service.data, "unit_amount_minor": self.services.data})
        return {
            "external_id": self.external_id.data,
            "invoice": self.external_id.data,
            "occurred_at": _moment_of(self.occurred_on.data),
            "currency": self.currency.data,
            "partner_id": self.partner_id.data or None,
            "customer": {
                "name": self.customer.data,
                "country": self.country.data or None,
                "domain": self.domain.data or None,
            },
            "type": self.type.data,
            "billed_by": self.billed_by.data,
            "paid": self.paid.data,
            "lines": lines,
        }


class LaterFactForm(Form):
    """What followed a sale, and came by no other way: a payment, a refund, or a word of the customer's bank."""

    what = SelectField(_l("What happened"), [NEEDED])
    external_id = StringField(
        _l("Its number"),
        [NEEDED, LINE],
        description=_l("Of the payment, the credit note or the bank's case. Each number counts once."),
    )
    occurred_on = DateField(_l("Happened on"), [NEEDED])
    amount_minor = MoneyField(_l("Amount without tax"), [NEEDED], least=1)
    line = SelectField(_l("Line"), [Optional()], description=_l("Of a refund that is for one line only."))

    def __init__(self, sale: Sale, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.sale = sale
        self.what.choices = choices(LATER_FACTS, empty=_("Choose"))
        label = Catalogue.read().label
        self.line.choices = choices(
            ((str(line.position), line.description or label(line.kind)) for line in sale.lines),
            empty=_l("All of the sale, in proportion"),
        )
        self.amount_minor.read_in(sale.currency)

    def validate_amount_minor(self, field: MoneyField) -> None:
        """A payment is a part of what is not paid yet."""
        left = self.sale.total_minor - self.sale.received_minor
        if self.what.data == "payment" and field.data is not None and field.data > left:
            raise ValidationError(
                _("Only %(left)s is not paid yet.", left=format_money(left, self.sale.currency))
            )

    def typed(self) -> dict[str, Any]:
        """The fact as ``referrals.operations.sales`` takes it."""
        data = {
            "external_id": self.external_id.data,
            "amount_minor": self.amount_minor.data,
            "occurred_at": _moment_of(self.occurred_on.data),
        }
        if self.what.data == "refund":
            return data | {"line": int(self.line.data) if self.line.data else None}
        return data if self.what.data == "payment" else data | {"status": self.what.data}


def _moment_of(day: date) -> datetime:
    """A day as the moment of what happened on it: now for today, else its noon in the programme's time zone."""
    if day == clock.today(PROGRAMME_TIME_ZONE.value()):
        return clock.now()
    return datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(PROGRAMME_TIME_ZONE.value()))


class AttributionForm(Form):
    """Whose a sale is, decided by a person."""

    partner_id = PartnerField(_l("Partner"), [NEEDED])
    because = TextAreaField(_l("Why"), [NEEDED, Length(max=1000)])

    def __init__(self, partners: sa.Select[Partner], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.partner_id.among(partners)
