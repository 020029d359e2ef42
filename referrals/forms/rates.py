"""What is typed about a partner's own rates, and which estimate another begins with."""

from typing import Any

from wtforms import SelectField, StringField
from wtforms.validators import Length

from core.forms import NEEDED, Form, MoneyField, choices
from core.i18n import lazy_gettext as _l
from core.money import currencies
from core.settings import PROGRAMME_CURRENCY
from referrals.forms.estimates import CHARGED
from referrals.queries.catalogue import Catalogue


class RateForm(Form):
    """A service, and what one unit of it costs."""

    kind = SelectField(_l("Service"), [NEEDED])
    name = StringField(
        _l("What the customer reads"),
        [NEEDED, Length(max=200, message=_l("At most 200 characters."))],
        description=_l("Such as: day of a senior consultant."),
    )
    unit_price = MoneyField(_l("Unit price"), [NEEDED], least=0)
    currency = SelectField(_l("Currency"), [NEEDED])
    recurring = SelectField(_l("Charged"), [NEEDED])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        catalogue = Catalogue.read()
        self.kind.choices = choices((kind.value, catalogue.label(kind)) for kind in catalogue.service_kinds())
        self.currency.choices = choices((code, code) for code in sorted(currencies()))
        self.recurring.choices = choices(CHARGED.items())
        if self.currency.data not in currencies():
            self.currency.data = PROGRAMME_CURRENCY.value()
        self.unit_price.read_in(self.currency.data)


class CopyForm(Form):
    """Which estimate this one begins with."""

    estimate_id = SelectField(_l("Estimate"), [NEEDED])
