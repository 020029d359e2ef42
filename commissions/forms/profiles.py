"""Payout details, tax documents and rates, and the accounts that payouts come from."""

from decimal import Decimal
from typing import Any

from flask_wtf.file import FileField
from wtforms import DateField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from commissions.gateways.onec import CODINGS
from commissions.models import PayoutMethod, PayoutProfile, TaxPaperKind, VatStatus
from commissions.models.profiles import DESTINATION, NEEDED
from core.forms import DecimalTextField, Form, choices
from core.i18n import lazy_gettext
from core.uploads import ACCEPTED
from partners.forms import country_choices

_L = lazy_gettext

_NEEDED = DataRequired(_L("Fill this in."))


class BankFields(Form):
    """The fields of an account, for whichever way is chosen; those of other ways are left out."""

    holder = StringField(
        _L("Holder"), [Optional(), Length(max=70)], description=_L("The name as the bank knows it.")
    )
    country = SelectField(_L("Country of the holder"), [Optional()])
    iban = StringField(_L("IBAN"), [Optional(), Length(max=42)])
    account = StringField(
        _L("Account number"),
        [Optional(), Length(max=42)],
        description=_L("An IBAN where the country has one."),
    )
    bic = StringField(_L("BIC"), [Optional(), Length(max=11)])
    bank_code = StringField(_L("BIK of the bank"), [Optional(), Length(max=11)])
    bank_name = StringField(_L("Name of the bank"), [Optional(), Length(max=140)])
    correspondent = StringField(_L("Correspondent account"), [Optional(), Length(max=24)])
    tax_id = StringField(_L("INN"), [Optional(), Length(max=14)])
    tax_code = StringField(_L("KPP"), [Optional(), Length(max=11)])
    street = StringField(_L("Street and number"), [Optional(), Length(max=70)])
    postcode = StringField(_L("Postcode"), [Optional(), Length(max=16)])
    city = StringField(_L("City"), [Optional(), Length(max=35)])
    arrangement = TextAreaField(
        _L("What was agreed"),
        [Optional(), Length(max=500)],
        description=_L("Only when you are paid by hand: the bank, the account, what the vendor must know."),
    )

    def keep_only(self, method: PayoutMethod) -> None:
        """Leaves out the fields that ``method`` does not know, and says which of the others it needs."""
        for name in BANK_FIELDS:
            if name not in DESTINATION.get(method, ()):
                delattr(self, name)
            elif name in NEEDED[method]:
                self[name].flags.required = True

    def bank_values(self) -> dict[str, str]:
        """What was typed, by field."""
        return {name: self[name].data or "" for name in BANK_FIELDS if name in self}


BANK_FIELDS = (
    "holder", "country", "iban", "account", "bic", "bank_code", "bank_name", "correspondent", "tax_id", "tax_code",
    "street", "postcode", "city", "arrangement",
)  # fmt: skip


class ProfileForm(BankFields):
    """Where a partner's money goes, by one way."""

    method = HiddenField(validators=[DataRequired()])
    vat_status = SelectField(_L("Value added tax"), [_NEEDED])

    def __init__(self, profile: PayoutProfile | None, *, method: PayoutMethod, country: str) -> None:
        super().__init__(obj=profile, data=None if profile is not None else {"country": country})
        self.keep_only(method)
        self.method.data = str(method)
        if "country" in self:
            self.country.choices = country_choices()
        self.vat_status.choices = choices([(str(status), status.label) for status in VatStatus])

    def values(self) -> dict[str, Any]:
        """What :func:`commissions.operations.profiles.save_profile` takes."""
        return {
            "method": PayoutMethod(self.method.data),
            "vat_status": VatStatus(self.vat_status.data),
            **self.bank_values(),
        }


class PayingAccountForm(BankFields):
    """An account of the vendor's that payouts come from."""

    method = HiddenField(validators=[DataRequired()])
    currency = SelectField(_L("Currency"), [_NEEDED])
    charges = SelectField(_L("Charges of the banks"), [Optional()])
    coding = SelectField(_L("Coding of the file"), [Optional()])

    def __init__(self, method: PayoutMethod, currencies: list[str], country: str) -> None:
        super().__init__(data={"country": country, "charges": "SHAR", "coding": "windows"})
        self.keep_only(method)
        self.method.data = str(method)
        if "country" in self:
            self.country.choices = country_choices()
        self.currency.choices = choices((code, code) for code in currencies)
        self.charges.choices = choices(
            [("SHAR", _L("Each side bears its own")), ("DEBT", _L("The vendor bears all"))]
        )
        self.coding.choices = choices([(coding, name) for coding, (_codec, name) in CODINGS.items()])
        if method is not PayoutMethod.FOREIGN:
            del self.charges
        if method is not PayoutMethod.ONEC:
            del self.coding

    def further(self) -> dict[str, str]:
        """What else the file of that way says."""
        return {name: self[name].data or "" for name in ("charges", "coding") if name in self}


class TaxPaperForm(Form):
    """A document for the vendor's tax office."""

    kind = SelectField(_L("What it is"), [_NEEDED])
    file = FileField(
        _L("File"), [_NEEDED], description=_L("A PDF or a picture."), render_kw={"accept": ACCEPTED}
    )
    valid_until = DateField(_L("Valid until"), [Optional()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = choices([(str(kind), kind.label) for kind in TaxPaperKind])


class TaxRatesForm(Form):
    """What is added to and withheld from a partner's payouts."""

    vat = DecimalTextField(
        _L("VAT on top, in per cent"), [Optional()], description=_L("Only for partners registered for VAT.")
    )
    withholding = DecimalTextField(_L("Tax withheld, in per cent"), [Optional()])

    def basis_points(self, name: str) -> int | None:
        """The typed rate in hundredths of a per cent; ``None`` when it is not 0 to 100 with two digits."""
        rate = Decimal(self[name].data or 0) * 100
        return int(rate) if rate == int(rate) and 0 <= rate <= 10_000 else None


class StatementForm(Form):
    """A statement of the bank's."""

    file = FileField(
        _L("Statement of the bank"),
        [_NEEDED],
        description=_L("camt.053 (XML), or a 1C client–bank exchange file."),
        render_kw={"accept": ".xml,.txt"},
    )
