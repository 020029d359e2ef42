"""Payout details, proposing and deciding a run, and what became of a payout."""

from typing import Any

from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from commissions.models import PayoutMethod, PayoutProfile, VatStatus
from core.forms import Form, ListField, SelectChoice, choices
from core.i18n import lazy_gettext
from partners.forms import country_choices

_L = lazy_gettext

_NEEDED = DataRequired(_L("Fill this in."))


class ProfileForm(Form):
    """Where a partner's money goes."""

    method = RadioField(_L("How you are paid"), [_NEEDED])
    holder = StringField(
        _L("Holder"), [Optional(), Length(max=70)], description=_L("The name as the bank knows it.")
    )
    iban = StringField(_L("IBAN"), [Optional(), Length(max=42)])
    bic = StringField(
        _L("BIC"),
        [Optional(), Length(max=11)],
        description=_L("Only needed for some banks outside the euro area."),
    )
    country = SelectField(_L("Country of the holder"), [Optional()])
    street = StringField(_L("Street and number"), [Optional(), Length(max=70)])
    postcode = StringField(_L("Postcode"), [Optional(), Length(max=16)])
    city = StringField(_L("City"), [Optional(), Length(max=35)])
    arrangement = TextAreaField(
        _L("What was agreed"),
        [Optional(), Length(max=500)],
        description=_L("Only when you are paid by hand: the bank, the account, what the vendor must know."),
    )
    vat_status = SelectField(_L("Value added tax"), [_NEEDED])

    def __init__(self, profile: PayoutProfile | None, *, country: str, with_stripe: bool) -> None:
        super().__init__(
            obj=profile, data=None if profile is not None else {"country": country, "method": "sepa"}
        )
        offered = [
            method
            for method in PayoutMethod
            if method is not PayoutMethod.STRIPE
            or with_stripe
            or (profile is not None and profile.method is PayoutMethod.STRIPE)
        ]
        self.method.choices = [SelectChoice(str(method), method.label) for method in offered]
        self.country.choices = country_choices()
        self.vat_status.choices = choices([(str(status), status.label) for status in VatStatus])

    def values(self) -> dict[str, Any]:
        """What :func:`commissions.operations.profiles.save_profile` takes."""
        texts = ("holder", "iban", "bic", "country", "street", "postcode", "city", "arrangement")
        return {
            "method": PayoutMethod(self.method.data),
            "vat_status": VatStatus(self.vat_status.data),
            **{name: getattr(self, name).data or "" for name in texts},
        }


class ProposalForm(Form):
    """Proposing exactly what was shown, without those who are left out by hand."""

    digest = HiddenField(validators=[DataRequired()])
    leave_out = ListField(_L("Leave out of this run"), [Optional()])


class ApprovalForm(Form):
    """Approving exactly what was shown."""

    digest = HiddenField(validators=[DataRequired()])
    total_minor = HiddenField(validators=[DataRequired()])


class ReasonForm(Form):
    """A word why."""

    reason = TextAreaField(_L("Why"), [_NEEDED, Length(max=500)])


class AgainForm(Form):
    """Proposing a run again that was sent back, without somebody."""

    drop = ListField(_L("Take out of the run"), [Optional()])


class ReferenceForm(Form):
    """The bank's own name for what it did."""

    reference = StringField(_L("The bank's reference"), [_NEEDED, Length(max=140)])


class ExecutionForm(ReferenceForm):
    """A file was carried out, perhaps not all of it."""

    refused = ListField(_L("Payouts the bank refused"), [Optional()])
    reason = StringField(
        _L("What the bank says about them"),
        [Optional(), Length(max=200)],
        description=_L("Empty when it took all."),
    )
