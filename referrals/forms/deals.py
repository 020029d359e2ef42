"""What people type about deals: the company, and the decisions of both sides."""

from typing import Any

from wtforms import DateField, EmailField, SelectField, StringField, TelField, TextAreaField
from wtforms.validators import Email, Length, Optional

from core import places
from core.forms import LINE, NEEDED, Form, ListField, choices
from core.i18n import current_locale
from core.i18n import lazy_gettext as _l
from partners.queries import products
from referrals.models.deals import Deal, LostReason, RejectionCode
from referrals.operations.deals import DealData

_TEXT = Length(max=5000, message=_l("At most 5,000 characters."))


class DealForm(Form):
    """A company that a partner wants to register."""

    company = StringField(_l("Company"), [NEEDED, LINE])
    country = SelectField(_l("Country"), [Optional()])
    website = StringField(
        _l("Web site"), [Optional(), Length(max=300)], description=_l("The surest way to tell who was first.")
    )
    tax_id = StringField(_l("Tax number"), [Optional(), Length(max=60)])
    city = StringField(_l("City"), [Optional(), Length(max=120)])
    postcode = StringField(_l("Postcode"), [Optional(), Length(max=20)])
    person = StringField(_l("Contact person"), [Optional(), LINE])
    email = EmailField(_l("E-mail"), [Optional(), Email(_l("Type an address such as ada@example.com."))])
    phone = TelField(_l("Phone"), [Optional(), Length(max=60)])
    products = ListField(_l("Products"), [Optional()])
    close_expected_on = DateField(_l("Decision expected on"), [Optional()])
    need = TextAreaField(
        _l("What they need"),
        [Optional(), _TEXT],
        description=_l("What shows that there is a project: who decides, by when, with which budget."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.country.choices = choices(places.countries(current_locale()), empty="")
        self.products.choices = choices((product.code, product.label) for product in products())

    @classmethod
    def of(cls, deal: Deal) -> "DealForm":
        """Filled with what the deal says already."""
        return cls(obj=deal, data={"products": deal.product_codes})

    def typed(self) -> DealData:
        return DealData(
            company=self.company.data or "",
            website=self.website.data,
            tax_id=self.tax_id.data,
            country=self.country.data,
            postcode=self.postcode.data,
            city=self.city.data,
            person=self.person.data,
            email=self.email.data,
            phone=self.phone.data,
            need=self.need.data or "",
            products=tuple(self.products.data or ()),
            close_expected_on=self.close_expected_on.data,
        )


class QuestionForm(Form):
    """What the vendor asks."""

    question = TextAreaField(_l("What should the partner add?"), [NEEDED, _TEXT])


class AnswerForm(Form):
    """What the partner answers."""

    answer = TextAreaField(_l("Your answer"), [NEEDED, _TEXT])


class RejectionForm(Form):
    """Why a registration is turned down."""

    code = SelectField(_l("Reason"), [NEEDED])
    text = TextAreaField(_l("What the partner reads"), [NEEDED, _TEXT])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.code.choices = choices((code.value, code.label) for code in RejectionCode)


class ExtensionForm(Form):
    """What shows that the project is alive."""

    evidence = TextAreaField(_l("What shows that the project is alive?"), [NEEDED, _TEXT])


class WinForm(Form):
    """Which order it is."""

    order = StringField(
        _l("Order or invoice number"),
        [NEEDED, LINE],
        description=_l("The vendor's number of it. When it is not known there yet, the vendor confirms it."),
    )


class LossForm(Form):
    """Why a deal was lost."""

    reason = SelectField(_l("Reason"), [NEEDED])
    text = TextAreaField(_l("In a few words"), [Optional(), _TEXT])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reason.choices = choices((reason.value, reason.label) for reason in LostReason)


class OrderRefusalForm(Form):
    """Why an order cannot be confirmed."""

    because = TextAreaField(_l("What the partner reads"), [NEEDED, _TEXT])


class ReceiptForm(Form):
    """A receipt to be checked."""

    receipt = TextAreaField(_l("The whole text of the receipt"), [NEEDED, _TEXT])
