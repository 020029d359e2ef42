"""What the vendor types about money for events: budgets, allocations, the year's plan, exchange rates."""

from typing import Any

import sqlalchemy as sa
from flask_wtf.file import FileField
from wtforms import DateField, IntegerField, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from core import places
from core.forms import NEEDED, DecimalTextField, Form, MoneyField, choices
from core.i18n import current_locale, gettext, lazy_gettext, lazy_pgettext
from events.forms.fields import SumsForm, country_choices, currency_choices
from partners.forms.choosing import PartnerField
from partners.models import Partner

_L = lazy_gettext


class BudgetForm(SumsForm):
    """Money for events in a period."""

    name = StringField(_L("Name"), [NEEDED, Length(max=120, message=_L("At most 120 characters."))])
    currency = SelectField(_L("Currency"), [NEEDED])
    amount_minor = MoneyField(_L("Amount"), [NEEDED], least=1)
    region = SelectField(_L("Country"), description=_L("Empty: for partners of every country."))
    starts_on = DateField(lazy_pgettext("period", "From"), [NEEDED])
    ends_on = DateField(_L("Until"), [NEEDED])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency.choices = currency_choices()
        self.region.choices = choices(places.countries(current_locale()), empty=gettext("Every country"))


class AllocationForm(SumsForm):
    """A part of a budget for somebody."""

    partner_id = PartnerField(
        _L("For"), [Optional()], description=_L("A partner's name or number. Empty: open to all.")
    )
    amount_minor = MoneyField(_L("Amount"), [NEEDED], least=1)
    expires_on = DateField(_L("Expires after"), [NEEDED])

    def __init__(self, *args: Any, currency: str, partners: sa.Select[Partner], **kwargs: Any) -> None:
        self.sums_in = currency
        super().__init__(*args, **kwargs)
        self.partner_id.among(partners, active=True)


class RateForm(Form):
    """One exchange rate of a day."""

    day = DateField(_L("Day"), [NEEDED])
    base = SelectField(_L("One"), [NEEDED])
    quote = SelectField(_L("costs so many"), [NEEDED])
    rate = DecimalTextField(_L("Rate"), [NEEDED])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.base.choices = currency_choices()
        self.quote.choices = currency_choices()


class RatesFileForm(Form):
    """The European Central Bank's table."""

    file = FileField(
        _L("CSV of the European Central Bank"),
        [NEEDED],
        description=_L("The bank's daily or historical table, unpacked."),
        render_kw={"accept": ".csv"},
    )


class PlanForm(Form):
    """How many events a city is to have in a year."""

    country = SelectField(_L("Country"), [NEEDED])
    city = StringField(_L("City"), [NEEDED, Length(max=120, message=_L("At most 120 characters."))])
    events = IntegerField(
        _L("Events"),
        [InputRequired(_L("This is needed.")), NumberRange(0, 1000, _L("Type a number up to 1,000."))],
        description=_L("0 takes the plan of this city away."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.country.choices = country_choices()
