"""What people type about firms."""

from datetime import date, timedelta
from typing import Any

from flask import current_app
from itsdangerous import BadSignature, TimestampSigner
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    Field,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TelField,
    TextAreaField,
    TimeField,
    URLField,
)
from wtforms.fields.core import UnboundField
from wtforms.validators import (
    Email,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    StopValidation,
    ValidationError,
)
from wtforms.widgets import TextInput

from accounts.permissions import PARTNER_ROLES
from core import clock, places
from core.forms import LINE, MARKS, NEEDED, DecimalTextField, Form, ListField, MoneyField, choices
from core.i18n import country_name, current_locale, gettext, language_name, lazy_gettext, time_zone_names
from core.money import currencies
from core.settings import PROGRAMME_TIME_ZONE
from partners import queries
from partners.models import (
    INDUSTRIES,
    LANGUAGES,
    Application,
    HeardFrom,
    HoldKind,
    Partner,
    PartnerType,
    Question,
    Recurrence,
    RejectionReason,
    Unit,
)
from partners.operations.members import PARTNER_SCOPES
from partners.operations.profile import SAID_BY_FIRMS, usual_languages
from partners.queries.plans import USUAL_PLAN, plans_on_offer
from partners.settings import COUNTRIES

_L = lazy_gettext
_TEXT = Length(max=4000, message=_L("At most 4,000 characters."))
_EMAIL = [NEEDED, Email(_L("Type an address such as ada@example.com.")), LINE]

#: A person needs longer than this to fill in four fields; a program that does not is turned away.
FASTEST_PERSON = timedelta(seconds=2)
#: A form open for longer than this is loaded again.
SLOWEST_PERSON = timedelta(days=1)


def country_choices(only: list[str] | None = None) -> list[Any]:
    """Countries by name in the reader's language; ``only`` those, when there are any."""
    known = [(code, name) for code, name in places.countries(current_locale()) if not only or code in only]
    return choices(known, empty=gettext("Choose"))


class RegionsField(Field):
    """Regions and countries by name, divided by commas, in any language we know; kept as ISO codes.

    A name is looked for among the regions of ``country`` first, then among all countries.
    """

    widget = TextInput()

    country = ""

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return ", ".join(place_name(code) for code in self.data or ())

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data: list[str] = []

    def pre_validate(self, form: Any) -> None:
        """Reads the names; only now is it known whose regions they are."""
        unknown = []
        for name in (self.raw_data[0] if self.raw_data else "").split(","):
            code = self._code_of(name.strip())
            if code is not None:
                self.data.append(code)
            elif name.strip():
                unknown.append(name.strip()[:60])
        if unknown:
            raise StopValidation(
                gettext("We do not know %(names)s. Use names or codes.", names=", ".join(unknown))
            )

    def _code_of(self, name: str) -> str | None:
        found = places.region_code(name, self.country) or places.country_code(name)
        return found or (name.upper() if places.is_region(name.upper()) else None)


def place_name(code: str) -> str:
    """``DE`` as *Germany*, ``DE-HH`` as *Hamburg*."""
    return places.region_name(code, current_locale()) if "-" in code else country_name(code)


def _signer() -> TimestampSigner:
    return TimestampSigner(current_app.secret_key or "", salt="partners.application-form")


class ApplyForm(Form):
    """The first four answers, which make a draft."""

    company = StringField(_L("Company"), [NEEDED, LINE], render_kw={"autocomplete": "organization"})
    country = SelectField(_L("Country"), [NEEDED])
    person = StringField(_L("Your name"), [NEEDED, LINE], render_kw={"autocomplete": "name"})
    email = EmailField(
        _L("Business e-mail"),
        _EMAIL,
        description=_L("We send a link there to confirm it, and our answer."),
        render_kw={"autocomplete": "email"},
    )
    #: A field that people do not see, and programs fill in.
    fax = StringField(_L("Leave this empty"), render_kw={"tabindex": "-1", "autocomplete": "off"})
    opened = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.country.choices = country_choices(COUNTRIES.value().split())
        if not self.is_submitted():
            self.opened.data = _signer().sign(b"form").decode()

    @property
    def is_from_a_program(self) -> bool:
        """The hidden field was filled in, or the form came back faster than anybody types."""
        if self.fax.data:
            return True
        try:
            _value, signed_at = _signer().unsign(
                self.opened.data or "", max_age=int(SLOWEST_PERSON.total_seconds()), return_timestamp=True
            )
        except BadSignature:
            return True
        return clock.real_now() - signed_at < FASTEST_PERSON and not current_app.testing


def _questions_form(base: type[Form], questions: list[Question]) -> type[Form]:
    """``base`` with a field for each of the programme's own questions."""
    fields: dict[str, UnboundField] = {
        f"question_{question.id}": TextAreaField(question.label, [Optional(), _TEXT])
        for question in questions
    }
    return type("ApplicationFormWithQuestions", (base,), fields)


class _ProfileForm(Form):
    """What firms and applicants say about where and what they work."""

    region = SelectField(_L("Region"), [Optional()])
    city = StringField(_L("City"), [LINE])
    postcode = StringField(_L("Postcode"), [LINE], render_kw={"autocomplete": "postal-code"})
    website = URLField(
        _L("Website"), [LINE], render_kw={"autocomplete": "url", "placeholder": "www.example.com"}
    )
    phone = TelField(_L("Phone"), [LINE], render_kw={"autocomplete": "tel", "placeholder": "+49 40 123456"})
    tax_id = StringField(_L("Tax number"), [LINE])
    regions = RegionsField(
        _L("Regions and countries you serve"),
        description=_L("Names divided by commas, such as Hamburg, Austria."),
    )
    languages = ListField(_L("Languages you work in"))
    services = ListField(_L("Services you offer"))
    products = ListField(_L("Products you know or want to learn"))
    industries = ListField(_L("Industries you know"))

    def prepare(self, country: str, *, old_products: list[str] | None = None) -> None:
        """Fills the lists, in the reader's language and for the firm's country: chosen and likely languages first."""
        self.region.choices = choices(places.regions(country, current_locale()), empty=gettext("not said"))
        likely = {*(self.languages.data or ()), *usual_languages(country), "en"}
        self.languages.choices = choices(
            (code, name)
            for _unlikely, name, code in sorted(
                (code not in likely, language_name(code), code) for code in LANGUAGES
            )
        )
        self.services.choices = choices((service.code, service.label) for service in queries.services())
        offered = [product for product in queries.products_by_code().values() if product.retired_at is None]
        kept = [code for code in old_products or () if code not in {product.code for product in offered}]
        self.products.choices = choices(
            [(product.code, product.label) for product in offered] + [(code, code) for code in kept]
        )
        self.industries.choices = choices(INDUSTRIES)
        names = places_tax_names(country)
        if names:
            self.tax_id.label.text = names

    def profile(self) -> dict[str, Any]:
        """The answers as :mod:`partners.operations` takes them."""
        return {name: getattr(self, name).data for name in SAID_BY_FIRMS}


def places_tax_names(country: str) -> str:
    """What a tax number is called there: ``ИНН, ОГРН``."""
    from core.taxids import tax_id_names

    return ", ".join(tax_id_names(country))


#: What a draft may leave open, and an application that is sent may not.
NEEDED_TO_SEND = ("type", "city", "languages", "services", "heard_from", "about", "privacy_read")


class ApplicationForm(_ProfileForm):
    """Everything else that an applicant is asked; saved in any state, sent when complete."""

    position = StringField(_L("Your position"), [LINE], render_kw={"autocomplete": "organization-title"})
    legal_form = StringField(_L("Legal form"), [LINE], render_kw={"placeholder": "GmbH, Ltd, ООО"})
    employees = IntegerField(_L("People in the firm"), [Optional(), NumberRange(1, 1_000_000)])
    type = RadioField(_L("You would like to be"), [Optional()])
    heard_from = SelectField(_L("Where did you hear of us?"), [Optional()])
    heard_detail = StringField(
        _L("Which one?"),
        [LINE],
        description=_L("The network, event or partner; and whether another vendor binds you exclusively."),
    )
    about = TextAreaField(
        _L("What your firm does, and for whom"),
        [_TEXT],
        description=_L("A few sentences; we read every one."),
    )
    privacy_read = BooleanField(_L("I have read the privacy notice; these are business data of our firm."))

    def __init__(self, application: Application, **kwargs: Any) -> None:
        super().__init__(obj=application, data=kwargs.pop("data", None), **kwargs)
        self.regions.country = application.country
        self.prepare(application.country)
        for name in NEEDED_TO_SEND:
            self[name].flags.required = True
        self.type.choices = choices((kind.value, kind.label) for kind in PartnerType)
        self.heard_from.choices = choices(
            ((kind.value, kind.label) for kind in HeardFrom), empty=gettext("Choose")
        )

    def draft(self) -> dict[str, Any]:
        """The answers as :func:`partners.operations.save_draft` takes them."""
        names = ["position", "legal_form", "employees", "type", "heard_from", "heard_detail", "about"]
        return (
            self.profile() | {name: getattr(self, name).data for name in names} | {"answers": self.answers()}
        )

    def answers(self) -> list[dict[str, Any]]:
        from partners.operations import answers_as_asked

        typed = {
            int(name.removeprefix("question_")): field.data or ""
            for name, field in self._fields.items()
            if name.startswith("question_")
        }
        return answers_as_asked(typed)

    @property
    def question_fields(self) -> list[Field]:
        return [field for name, field in self._fields.items() if name.startswith("question_")]


def application_form(application: Application) -> ApplicationForm:
    """The form of one application, with what is kept so far and the programme's own questions."""
    kind = _questions_form(ApplicationForm, queries.questions())
    answered = {f"question_{answer['question']}": answer["answer"] for answer in application.answers}
    form: ApplicationForm = kind(application, data=answered)
    return form


class AnswerForm(Form):
    text = TextAreaField(_L("Your answer"), [NEEDED, _TEXT])


class QuestionToApplicantForm(Form):
    text = TextAreaField(
        _L("What would you like to know?"), [NEEDED, _TEXT], description=_L("Sent to the applicant by mail.")
    )


class InternalNoteForm(Form):
    text = TextAreaField(_L("Note for colleagues"), [NEEDED, _TEXT])


class ApprovalForm(Form):
    tier = SelectField(_L("Tier to begin with"), [NEEDED])
    plan = SelectField(_L("Plan"), default=USUAL_PLAN, description=_L("Its sales earn by it."))
    manager_id = SelectField(_L("Partner manager"), [NEEDED], coerce=int)
    # Asked only where the applicant's address signs in already.
    admin = RadioField(_L("The firm's first admin"), [Optional()])
    admin_name = StringField(_L("Name of the other person"), [LINE])
    admin_email = StringField(_L("Their e-mail"), [LINE])

    def prepare(self, managers: list[Any], *, holder: Any = None) -> None:
        """``holder`` is who signs in with the applicant's address already, and has not left where they are."""
        self.holder = holder
        if holder is None:
            del self.admin, self.admin_name, self.admin_email
        else:
            may_wait = holder.role in PARTNER_ROLES
            wait = gettext("%(name)s, who confirms it by mail once they have left", name=holder.name)
            self.admin.choices = choices(
                [*([("wait", wait)] if may_wait else []), ("other", gettext("Somebody else"))]
            )
        self.tier.choices = choices((tier.code, tier.label) for tier in queries.tiers())
        self.plan.choices = choices(plans_on_offer())
        self.manager_id.choices = choices((str(manager.id), manager.name) for manager in managers)

    def chosen_admin(self, application: Application) -> dict[str, Any] | None:
        """Who was chosen, as :class:`partners.operations.FirstAdmin` takes it; None where nothing was."""
        if self.holder is None or not self.admin.data:
            return None
        if self.admin.data == "other":
            return {"email": self.admin_email.data or "", "name": self.admin_name.data or ""}
        return {"email": application.email, "name": application.person, "may_wait": True}


class RejectionForm(Form):
    reason = SelectField(_L("Reason"), [NEEDED], description=_L("The applicant reads it."))
    note = TextAreaField(_L("A few words to the applicant"), [_TEXT])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reason.choices = choices(
            ((reason.value, reason.label) for reason in RejectionReason), empty=gettext("Choose")
        )


WEEKDAYS = (
    _L("Monday"),
    _L("Tuesday"),
    _L("Wednesday"),
    _L("Thursday"),
    _L("Friday"),
    _L("Saturday"),
    _L("Sunday"),
)


class FirmForm(_ProfileForm):
    """The firm's profile as its own admin, or its manager, changes it."""

    name = StringField(_L("Name"), [NEEDED, LINE])
    legal_name = StringField(_L("Legal name"), [LINE])
    latitude = DecimalTextField(_L("Latitude of the office"), [Optional()])
    longitude = DecimalTextField(_L("Longitude of the office"), [Optional()])
    open_lead_cap = IntegerField(_L("Open leads at once, at most"), [NEEDED, NumberRange(0, 10_000)])
    daily_lead_cap = IntegerField(_L("New leads a day, at most"), [NEEDED, NumberRange(0, 10_000)])
    time_zone = SelectField(_L("Time zone"), [NEEDED])
    days = ListField(_L("Working days"))
    opens = TimeField(_L("Opens"), [NEEDED])
    closes = TimeField(_L("Closes"), [NEEDED])

    def __init__(self, partner: Partner, **kwargs: Any) -> None:
        from datetime import time

        hours = partner.business_hours
        super().__init__(
            obj=partner,
            data={
                "days": [str(day) for day in hours["days"]],
                "opens": time.fromisoformat(hours["opens"]),
                "closes": time.fromisoformat(hours["closes"]),
            },
            **kwargs,
        )
        self.regions.country = partner.country
        self.prepare(partner.country, old_products=partner.products)
        self.time_zone.choices = choices(
            (name, name.replace("_", " ")) for name in ["UTC", *time_zone_names()]
        )
        self.days.choices = choices((str(number), name) for number, name in enumerate(WEEKDAYS))
        self._place_before = (partner.city, partner.region, partner.latitude, partner.longitude)

    def changes(self) -> dict[str, Any]:
        """The answers as :func:`partners.operations.change_partner` takes them.

        Coordinates that were the old city's move along with the city; typed ones stay.
        """
        city, region, latitude, longitude = self._place_before
        typed = tuple(
            float(field.data) if field.data is not None else None for field in (self.latitude, self.longitude)
        )
        moved = (self.city.data or "", self.region.data or None) != (city, region)
        kept: dict[str, Any] = (
            {}
            if moved and typed == (latitude, longitude)
            else dict(zip(("latitude", "longitude"), typed, strict=True))
        )
        return (
            kept
            | self.profile()
            | {
                "name": self.name.data,
                "legal_name": self.legal_name.data,
                "open_lead_cap": self.open_lead_cap.data,
                "daily_lead_cap": self.daily_lead_cap.data,
                "time_zone": self.time_zone.data,
                "business_hours": {
                    "days": [int(day) for day in self.days.data or ()],
                    "opens": f"{self.opens.data:%H:%M}",
                    "closes": f"{self.closes.data:%H:%M}",
                },
            }
        )


def _role_choices() -> list[Any]:
    return choices((role.value, role.label) for role in PARTNER_ROLES)


class MemberForm(Form):
    name = StringField(_L("Name"), [NEEDED, LINE])
    email = EmailField(_L("E-mail"), _EMAIL)
    role = RadioField(_L("Role"), [NEEDED])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.role.choices = _role_choices()


class RoleForm(Form):
    role = RadioField(_L("Role"), [NEEDED])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.role.choices = _role_choices()


class AcceptForm(Form):
    """Accepting the agreement: by somebody who may, of the text that was on the page."""

    text_hash = HiddenField()
    read = BooleanField(_L("I have read the agreement and may accept it for the firm."), [NEEDED])


class KeyForm(Form):
    name = StringField(_L("What the key is for"), [NEEDED, LINE], description=_L("For instance: our CRM."))
    scopes = ListField(_L("What it may do"), [InputRequired(_L("Choose at least one."))])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.scopes.choices = choices((scope, scope) for scope in PARTNER_SCOPES)


class ReasonForm(Form):
    reason = TextAreaField(_L("Why"), [NEEDED, _TEXT])


class TierHoldForm(Form):
    """A tier given by hand until a day."""

    tier = SelectField(_L("Tier"), [NEEDED])
    kind = RadioField(_L("How"), [NEEDED], default="floor")
    until = DateField(
        _L("Until and including"), [NEEDED], description=_L("From the day after, the figures decide again.")
    )
    reason = TextAreaField(_L("Why"), [NEEDED, _TEXT], description=_L("The partner's admins read it."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tier.choices = choices((tier.code, tier.label) for tier in queries.tiers())
        self.kind.choices = choices((kind.value, kind.label) for kind in HoldKind)


class NewPartnerForm(Form):
    """A firm whose agreement is signed on paper."""

    name = StringField(_L("Name"), [NEEDED, LINE])
    country = SelectField(_L("Country"), [NEEDED])
    city = StringField(_L("City"), [LINE])
    website = URLField(_L("Website"), [LINE])
    type = SelectField(_L("Kind of partner"), [NEEDED])
    tier = SelectField(_L("Tier"), [NEEDED])
    plan = SelectField(_L("Plan"), default=USUAL_PLAN, description=_L("Its sales earn by it."))
    admin_name = StringField(_L("Its admin"), [NEEDED, LINE])
    admin_email = EmailField(_L("E-mail of the admin"), _EMAIL, description=_L("Gets an invitation."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.country.choices = country_choices()
        self.type.choices = choices((kind.value, kind.label) for kind in PartnerType)
        self.tier.choices = choices((tier.code, tier.label) for tier in queries.tiers())
        self.plan.choices = choices(plans_on_offer())


class PlanOfFirmForm(Form):
    """Another plan for a firm that is here."""

    plan = SelectField(
        _L("Plan"),
        [NEEDED],
        description=_L("For sales that come from now on; what was worked out stays as it is."),
    )

    def __init__(self, partner: Partner, **kwargs: Any) -> None:
        super().__init__(data={"plan": partner.plan_code}, **kwargs)
        # A key may have put the firm on a plan before its first version.
        self.plan.choices = choices({partner.plan_code: partner.plan_code, **plans_on_offer()})


_AGREEMENT = Length(max=100_000, message=_L("At most 100,000 characters."))


class AgreementForm(Form):
    """The first version of the agreement."""

    text = TextAreaField(_L("Text in English"), [NEEDED, _AGREEMENT], description=MARKS)
    text_ru = TextAreaField(_L("Text in Russian"), [NEEDED, _AGREEMENT], description=MARKS)

    def answers(self) -> dict[str, Any]:
        """As :func:`partners.operations.publish_agreement` takes them."""
        return {name: field.data for name, field in self._fields.items() if name != "csrf_token"}


class NextAgreementForm(AgreementForm):
    """A later version: firms are told what changes, and until when to accept it."""

    summary = TextAreaField(
        _L("What changes, in English"), [NEEDED, _TEXT], description=_L("Stands in the mail to the partners.")
    )
    summary_ru = TextAreaField(
        _L("What changes, in Russian"), [NEEDED, _TEXT], description=_L("Stands in the mail to the partners.")
    )
    accept_by = DateField(
        _L("To be accepted by"), [NEEDED], description=_L("Until then the version before is good enough.")
    )

    def validate_accept_by(self, field: Any) -> None:
        today: date = clock.today(PROGRAMME_TIME_ZONE.value())
        if field.data is not None and field.data <= today:
            raise ValidationError(gettext("Give partners until a day to come."))


class ProductForm(Form):
    code = StringField(_L("Code"), [LINE], description=_L("Sales and leads name it. It stays as it is."))
    name = StringField(_L("Name in English"), [NEEDED, LINE])
    name_ru = StringField(_L("Name in Russian"), [NEEDED, LINE])
    currency = SelectField(_L("Currency"), [NEEDED])
    unit = SelectField(_L("Unit"), [NEEDED])
    recurring = SelectField(_L("Paid"), [NEEDED])
    is_retired = BooleanField(_L("No longer offered"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency.choices = choices((code, code) for code in sorted(currencies()))
        self.unit.choices = choices((unit.value, unit.label) for unit in Unit)
        self.recurring.choices = choices((kind.value, kind.label) for kind in Recurrence)


def product_form(currency: str, **kwargs: Any) -> Any:
    """The form of a product whose price is typed in ``currency``."""

    class PricedProductForm(ProductForm):
        list_price = MoneyField(_L("List price"), [NEEDED], least=0, currency=currency)

    return PricedProductForm(**kwargs)


class ServiceForm(Form):
    name = StringField(_L("Name in English"), [NEEDED, LINE])
    name_ru = StringField(_L("Name in Russian"), [NEEDED, LINE])
    description = StringField(_L("In a sentence, in English"), [LINE])
    description_ru = StringField(_L("In a sentence, in Russian"), [LINE])
    is_retired = BooleanField(_L("No longer offered"))


class QuestionForm(Form):
    text = StringField(_L("Question in English"), [NEEDED, LINE])
    text_ru = StringField(_L("Question in Russian"), [NEEDED, LINE])
    is_retired = BooleanField(_L("No longer asked"))


class TierForm(Form):
    name = StringField(_L("Name in English"), [NEEDED, LINE])
    name_ru = StringField(_L("Name in Russian"), [NEEDED, LINE])
    lead_weight = DecimalTextField(
        _L("Weight in routing"), [NEEDED], description=_L("1 is the ground; 2 counts double.")
    )
    cofunding_percent = DecimalTextField(_L("Co-funded share of an event"), [NEEDED])
    support = StringField(_L("Support, in English"), [LINE])
    support_ru = StringField(_L("Support, in Russian"), [LINE])
    demands = StringField(_L("What it takes, in English"), [LINE])
    demands_ru = StringField(_L("What it takes, in Russian"), [LINE])


def tier_form(currency: str, **kwargs: Any) -> Any:
    """The form of a tier's benefits, with the cap in the programme's ``currency``."""

    class CappedTierForm(TierForm):
        cofunding_cap_minor = MoneyField(
            _L("At most, per event"),
            [Optional()],
            least=0,
            currency=currency,
            description=_L("Empty: no cap."),
        )

    return CappedTierForm(**kwargs)
