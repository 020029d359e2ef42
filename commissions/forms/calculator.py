"""What a reader supposes for the calculator; read from the address, so that a computation can be passed on."""

from typing import Any

from flask import request
from werkzeug.datastructures import MultiDict
from wtforms import IntegerField
from wtforms.validators import InputRequired, NumberRange, ValidationError

from commissions.calculator import Assumptions
from core.forms import DecimalTextField, Form, MoneyField, SelectField, choices
from core.i18n import format_number
from core.i18n import gettext as _
from core.i18n import lazy_gettext as _l
from partners.models import Partner
from partners.queries import tiers

MOST_DEALS = 20
MOST_MINOR = 100_000_000_00
USUAL = {
    "deals": "1",
    "licence": "6000",
    "services": "14000",
    "renewals": "85",
    "tier": "silver",
    "billing": "partner",
}


class CalculatorForm(Form):
    """Deals a month, what they bring, who stays, and the tier."""

    class Meta(Form.Meta):
        csrf = False

    deals = DecimalTextField(
        _l("Deals a month"), [InputRequired()], description=_l("0.5 is one every two months.")
    )
    licence = MoneyField(_l("Licence per deal, a year"), [InputRequired()])
    services = MoneyField(_l("Services per deal"), [InputRequired()])
    billing = SelectField(_l("Who bills the services"), [InputRequired()])
    renewals = IntegerField(_l("Customers who renew"), [InputRequired(), NumberRange(0, 100)])
    tier = SelectField(_l("Tier"), [InputRequired()])

    @classmethod
    def asked(cls, currency: str, partner: Partner | None) -> "CalculatorForm":
        """The form with what the address says, and the usual where it says nothing."""
        usual = USUAL | ({"tier": partner.tier} if partner is not None else {})
        answers = MultiDict({name: request.args.get(name, value) for name, value in usual.items()})
        form = cls(formdata=answers)
        form.licence.currency = form.services.currency = currency
        form.process(answers)
        known = tiers()
        form.tier.choices = choices((tier.code, tier.label) for tier in known)
        form.billing.choices = choices({"partner": _("You yourself"), "vendor": _("We, and share with you")})
        if form.tier.data not in {tier.code for tier in known} and known and "tier" not in request.args:
            form.tier.data = known[0].code
        return form

    def supposed(self, partner: Partner | None) -> Assumptions | None:
        """What was typed, for ``partner`` or for nobody in particular; ``None`` where something has to be corrected."""
        return self._supposed(partner) if self.validate() else None

    def _supposed(self, partner: Partner | None) -> Assumptions:
        deals, licence, services = self.deals.data, self.licence.data, self.services.data
        assert deals is not None and licence is not None and services is not None, "it was validated"
        return Assumptions(
            deals_a_month=deals,
            licence_minor=licence,
            services_minor=services,
            renewals_percent=self.renewals.data,
            tier=self.tier.data,
            services_billed_by="vendor" if self.billing.data == "vendor" else "partner",
            country=partner.country if partner is not None else None,
            partner_type=str(partner.type) if partner is not None else None,
        )

    def validate_deals(self, field: Any) -> None:
        if field.data is not None and not 0 < field.data <= MOST_DEALS:
            raise ValidationError(_("Give more than 0 and at most %(most)s.", most=format_number(MOST_DEALS)))

    def validate_licence(self, field: Any) -> None:
        _not_too_much(field)

    def validate_services(self, field: Any) -> None:
        _not_too_much(field)


def _not_too_much(field: Any) -> None:
    if field.data is not None and not 0 <= field.data <= MOST_MINOR:
        raise ValidationError(_("Give 0 or more, and less than the books can hold."))
