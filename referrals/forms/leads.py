"""What people type about leads: answers, contacts, decisions by hand, and the lead form itself."""

from typing import Any

from wtforms import (
    BooleanField,
    EmailField,
    RadioField,
    SelectField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.validators import Email, InputRequired, Length, Optional

from core import places
from core.forms import LINE, NEEDED, Form, ListField, MoneyField, choices
from core.i18n import LOCALES, current_locale, language_name
from core.i18n import gettext as _
from core.i18n import lazy_gettext as _l
from core.settings import PROGRAMME_COUNTRY, PROGRAMME_CURRENCY
from partners.forms.choosing import PartnerField
from partners.models import INDUSTRIES, LineKind
from partners.queries import products, services
from referrals.models.leads import CALL_LABELS, CONTACT_LABELS, ContactKind
from referrals.models.routing import DECLINE_LABELS, DeclineReason

_SHORT = Length(max=60, message=_l("At most 60 characters."))
_TEXT = Length(max=5000, message=_l("At most 5,000 characters."))
_EMAIL = Email(_l("Type an address such as ada@example.com."))


class DeclineForm(Form):
    """Why not."""

    reason = RadioField(_l("Reason"), [NEEDED])
    note = TextAreaField(_l("In a few words"), [Optional(), Length(max=1000)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reason.choices = choices((reason.value, label) for reason, label in DECLINE_LABELS.items())

    def chosen(self) -> DeclineReason:
        return DeclineReason(self.reason.data)


class ContactForm(Form):
    """What was said, and where it stands."""

    kind = RadioField(_l("What it was"), [NEEDED], default=ContactKind.CALL.value)
    text = TextAreaField(_l("What was said"), [NEEDED, _TEXT])
    is_working = BooleanField(_l("The customer wants to go on"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = choices((kind.value, label) for kind, label in CONTACT_LABELS.items())


class ReturnForm(Form):
    """Why the lead goes back."""

    reason = TextAreaField(_l("Why"), [NEEDED, Length(max=500)])


class AssignForm(Form):
    """A manager's choice of partner."""

    partner_id = PartnerField(_l("Partner"), [NEEDED])
    reason = StringField(_l("Why"), [NEEDED, Length(max=300)])


class AccountForm(Form):
    """A company for one partner."""

    domain = StringField(
        _l("Company's site or domain"), [NEEDED, LINE], description=_l("Such as globex.com.")
    )
    partner_id = PartnerField(_l("Partner"), [NEEDED])


class MergeForm(Form):
    """Which other lead is the same."""

    other = StringField(_l("The other lead"), [NEEDED, Length(max=30)], description=_l("A lead's number."))


class SortForm(Form):
    """What a lead is, in a person's judgement."""

    sort = RadioField(_l("It is"), [NEEDED])
    duplicate_of = StringField(
        _l("It repeats"), [Optional(), Length(max=30)], description=_l("A lead's number.")
    )
    reason = StringField(_l("Why"), [Optional(), Length(max=300)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sort.choices = choices(
            (
                ("genuine", _("A real lead: route it")),
                ("unqualified", _("Not one for partners")),
                ("duplicate", _("A repeat of another lead")),
                ("spam", _("Spam")),
            )
        )


class _Asked(Form):
    """What every lead form asks."""

    company = StringField(_l("Company"), [NEEDED, LINE], render_kw={"autocomplete": "organization"})
    person = StringField(_l("Your name"), [NEEDED, LINE], render_kw={"autocomplete": "name"})
    email = EmailField(_l("Business e-mail"), [NEEDED, _EMAIL, LINE], render_kw={"autocomplete": "email"})
    phone = TelField(_l("Phone"), [Optional(), _SHORT], render_kw={"autocomplete": "tel"})
    country = SelectField(_l("Country"), [NEEDED], render_kw={"autocomplete": "country"})
    city = StringField(_l("City"), [Optional(), LINE], render_kw={"autocomplete": "address-level2"})
    employees = SelectField(_l("People in your company"), [Optional()])
    language = SelectField(_l("Language to be called in"), [Optional()])
    call_at = SelectField(_l("When to call"), [Optional()])
    products = ListField(_l("What are you interested in?"), [Optional()])
    text = TextAreaField(_l("What do you need?"), [NEEDED, _TEXT])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.country.choices = choices(places.countries(current_locale()), empty=_("Choose"))
        self.employees.choices = choices(EMPLOYEE_BANDS.items(), empty=_("Choose"))
        self.language.choices = choices(((code, language_name(code)) for code in _SPOKEN), empty=_("Any"))
        self.call_at.choices = choices(
            ((wish.value, label) for wish, label in CALL_LABELS.items()), empty=_("It does not matter")
        )
        self.products.choices = choices((product.code, product.label) for product in products())
        if self.country.data is None:
            self.country.data = PROGRAMME_COUNTRY.value()


#: A band by the number that stands for it: its lower end.
EMPLOYEE_BANDS: dict[str, str] = {
    "1": "1–9",
    "10": "10–49",
    "50": "50–199",
    "200": "200–999",
    "1000": "1,000+",
}


class VisitorForm(_Asked):
    """The form on the vendor's site. It has no session: its token is signed, short-lived, and stands in the page."""

    class Meta(Form.Meta):
        csrf = False

    consent = BooleanField(validators=[InputRequired(_l("Without your consent nobody may call you."))])
    #: A field that people do not see, and programs fill in.
    fax = StringField(_l("Leave this empty"), render_kw={"tabindex": "-1", "autocomplete": "off"})


class StaffLeadForm(_Asked):
    """A lead typed in by a colleague: less is needed, more is asked."""

    website = StringField(_l("Website"), [Optional(), Length(max=300)])
    region = StringField(
        _l("Region"), [Optional(), LINE], description=_l("A name or code, such as Hamburg or DE-HH.")
    )
    postcode = StringField(_l("Postcode"), [Optional(), Length(max=20)])
    industry = SelectField(_l("Industry"), [Optional()])
    services = ListField(_l("Services wanted"), [Optional()])
    size = MoneyField(_l("Size of the project"), [Optional()], least=0)
    source = StringField(_l("Source"), [Optional(), Length(max=80)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person.validators = [Optional(), LINE]
        self.person.flags.required = False
        self.person.label.text = _("Person")
        self.email.validators = [Optional(), _EMAIL, LINE]
        self.email.flags.required = False
        self.email.label.text = _("E-mail")
        self.company.validators = [Optional(), LINE]
        self.company.flags.required = False
        self.employees.label.text = _("Company size")
        self.products.label.text = _("Interested in")
        self.text.label.text = _("What they need")
        self.text.validators = [Optional(), _TEXT]
        self.text.flags.required = False
        self.size.currency = PROGRAMME_CURRENCY.value()
        self.language.label.text = _("Language")
        self.industry.choices = choices(INDUSTRIES.items(), empty=_("Not known"))
        self.services.choices = choices(
            (service.code, service.label) for service in services() if service.code != LineKind.LICENCE
        )


_SPOKEN = (*LOCALES, "de", "fr", "nl", "pl", "es", "it", "cs", "uk", "kk")
