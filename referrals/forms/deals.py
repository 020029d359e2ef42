"""What people type about deals: the company, the estimate, and the decisions of both sides."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    FieldList,
    FormField,
    RadioField,
    SelectField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms import Form as PlainForm
from wtforms.validators import Email, Length, Optional

from core import places
from core.digits import number_in
from core.errors import InvalidInput
from core.forms import LINE, NEEDED, DecimalTextField, Form, ListField, MoneyField, SelectChoice, choices
from core.i18n import current_locale
from core.i18n import gettext as _
from core.i18n import lazy_gettext as _l
from core.money import currencies
from core.settings import PROGRAMME_CURRENCY
from partners.models import LineKind, Recurrence
from partners.queries import products, products_by_code, services_by_code
from referrals.models.deals import Deal, Estimate, LostReason, RejectionCode
from referrals.models.rates import ServiceRate
from referrals.models.sales import BilledBy
from referrals.operations.deals import DealData, EstimateData, LineData, MilestoneData

_TEXT = Length(max=5000, message=_l("At most 5,000 characters."))
MOST_LINES = 100


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


# The estimate


class _Unguarded(PlainForm):
    """A part of a form; the whole carries the token."""

    class Meta:
        csrf = False


class LineForm(_Unguarded):
    """One line. A line in which nothing was typed is none.

    ``item`` is a service's kind, ``licence``, ``licence/<product>`` from the price list, or ``<kind>#<rate>`` from the
    partner's own card.
    """

    rates: Mapping[str, ServiceRate] = MappingProxyType({})

    item = SelectField(_l("What"))
    description = StringField(_l("Description"), [LINE])
    quantity = DecimalTextField(_l("Quantity"))
    unit_price = MoneyField(_l("Unit price"), least=0)
    discount = DecimalTextField(_l("Discount"))
    recurring = SelectField(_l("Charged"))
    remove = BooleanField(_l("Remove"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.item.choices = _items(self.item.data)
        self.recurring.choices = choices(CHARGED.items())

    def offer(self, rates: Mapping[str, ServiceRate]) -> None:
        """Adds the partner's own rates, by their number, to what can be chosen."""
        ours = _("Our rates")
        offered = [
            SelectChoice(f"{rate.kind.value}#{number}", rate.name, optgroup=ours)
            for number, rate in rates.items()
        ]
        self.rates = rates
        self.item.choices = [*_items(self.item.data), *offered]

    @property
    def is_blank(self) -> bool:
        typed = (self.description, self.quantity, self.unit_price, self.discount)
        is_chosen = bool(self.product or self.rate)
        return not is_chosen and all(_is_open(field) for field in typed)

    @property
    def kind(self) -> LineKind | None:
        """What the line is for; ``None`` when that cannot be read."""
        word = (self.item.data or "").partition("/")[0].partition("#")[0]
        return LineKind(word) if word in set(LineKind) else None

    @property
    def product(self) -> str | None:
        return (self.item.data or "").partition("/")[2] or None

    @property
    def rate(self) -> ServiceRate | None:
        """The partner's own rate that was chosen."""
        return self.rates.get((self.item.data or "").partition("#")[2])

    def complete(self, currency: str) -> None:
        """Fills in what the price list and the partner's card know, and asks for what is missing."""
        product, rate = products_by_code().get(self.product or ""), self.rate
        if rate is not None:
            self.description.data = self.description.data or rate.name
            if rate.currency == currency and _is_open(self.unit_price):
                _put(self.unit_price, rate.unit_price_minor)
                _put(self.recurring, rate.recurring.value)
        if not self.description.data and self.kind is not None:
            self.description.data = product.label if product is not None else kind_label(self.kind)
        if product is not None and product.currency == currency and _is_open(self.unit_price):
            _put(self.unit_price, product.list_price_minor)
            _put(self.recurring, product.recurring.value)
        if _is_open(self.quantity):
            _put(self.quantity, Decimal(1))
        if self.unit_price.data is None and not self.unit_price.errors:
            self.unit_price.errors = [_("Enter an amount, like 180.00.")]
        if self.quantity.data is not None and not 0 < self.quantity.data < 10**9:
            self.quantity.errors = [_("Give more than 0.")]
        if self.discount.data is not None and not 0 <= self.discount.data <= 100:
            self.discount.errors = [_("Give 0 to 100.")]

    @property
    def holds(self) -> bool:
        return self.kind is not None and not any(field.errors for field in self)

    def typed(self) -> LineData:
        return LineData(
            kind=self.kind or LineKind.OTHER,
            product=self.product,
            description=(self.description.data or "").strip(),
            quantity=_plain(self.quantity.data or Decimal(1)),
            unit_price_minor=self.unit_price.data or 0,
            discount_percent=_plain(self.discount.data or Decimal(0)),
            recurring=Recurrence(self.recurring.data),
        )


class MilestoneForm(_Unguarded):
    """A part of the project that becomes payable when it is accepted."""

    name = StringField(_l("Milestone"), [LINE])
    amount = MoneyField(_l("Amount"), least=0)
    due_on = DateField(_l("Due on"), [Optional()])
    document = StringField(_l("Acceptance document"), [LINE])
    remove = BooleanField(_l("Remove this milestone"))

    @property
    def is_blank(self) -> bool:
        return all(_is_open(field) for field in (self.name, self.amount, self.due_on, self.document))

    def complete(self) -> None:
        """Asks for what is missing."""
        if not (self.name.data or "").strip():
            self.name.errors = [*self.name.errors, _("Give it a name.")]
        if self.amount.data is None and not self.amount.errors:
            self.amount.errors = [_("Enter an amount, like 180.00.")]

    @property
    def holds(self) -> bool:
        return not any(field.errors for field in self)

    def typed(self) -> MilestoneData:
        return MilestoneData(
            name=(self.name.data or "").strip(),
            amount_minor=self.amount.data or 0,
            due_on=self.due_on.data,
            document=(self.document.data or "").strip(),
        )


class EstimateForm(Form):
    """The whole estimate. Lines keep what was typed, with the error at the field, whichever button was pressed."""

    currency = SelectField(_l("Currency"), [NEEDED])
    billed_by = RadioField(_l("Who bills the project"), [NEEDED])
    lines = FieldList(FormField(LineForm), max_entries=MOST_LINES)
    milestones = FieldList(FormField(MilestoneForm), max_entries=MOST_LINES)

    def __init__(self, *args: Any, rates: Iterable[ServiceRate] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rates = {str(rate.id): rate for rate in rates}
        self.offer_rates()
        self.currency.choices = choices((code, code) for code in sorted(currencies()))
        self.billed_by.choices = choices((biller.value, biller.label) for biller in BilledBy)
        chosen = self.currency.data if self.currency.data in currencies() else PROGRAMME_CURRENCY.value()
        for entry in self.lines:
            entry.unit_price.currency = chosen
            read_in_currency(entry.unit_price)
        for entry in self.milestones:
            entry.amount.currency = chosen
            read_in_currency(entry.amount)

    def offer_rates(self) -> None:
        """Every line offers the partner's own rates; asked again after lines were added."""
        for entry in self.lines:
            entry.form.offer(self.rates)

    @classmethod
    def of(cls, estimate: Estimate | None, rates: Iterable[ServiceRate] = ()) -> "EstimateForm":
        """Filled with a version, or empty."""
        if estimate is None:
            empty = {"currency": PROGRAMME_CURRENCY.value(), "billed_by": BilledBy.PARTNER.value}
            return cls(data=empty, rates=rates)
        return cls(
            rates=rates,
            data={
                "currency": estimate.currency,
                "billed_by": estimate.billed_by.value,
                "lines": [
                    {
                        "item": f"licence/{line.product}" if line.product else line.kind.value,
                        "description": line.description,
                        "quantity": line.quantity,
                        "unit_price": line.unit_price_minor,
                        "discount": line.discount_percent or None,
                        "recurring": line.recurring.value,
                    }
                    for line in estimate.lines
                ],
                "milestones": [
                    {
                        "name": milestone.name,
                        "amount": milestone.amount_minor,
                        "due_on": milestone.due_on,
                        "document": milestone.document,
                    }
                    for milestone in estimate.milestones
                ],
            },
        )

    @property
    def chosen_currency(self) -> str:
        return self.currency.data if self.currency.data in currencies() else PROGRAMME_CURRENCY.value()

    def read(self) -> bool:
        """Completes every line from the price list, drops those that were emptied, and tells whether all hold."""
        holds = bool(self.validate())
        kept_lines = [entry for entry in self.lines if not entry.remove.data and not entry.form.is_blank]
        for entry in kept_lines:
            entry.form.complete(self.chosen_currency)
        kept_milestones = [
            entry for entry in self.milestones if not entry.remove.data and not entry.form.is_blank
        ]
        for entry in kept_milestones:
            entry.form.complete()
        self.lines.entries = kept_lines
        self.milestones.entries = kept_milestones
        if holds:
            return all(entry.form.holds for entry in [*kept_lines, *kept_milestones])
        return False

    def sound_lines(self) -> tuple[LineData, ...]:
        """The lines that can be counted already."""
        return tuple(entry.form.typed() for entry in self.lines if entry.form.holds)

    def typed(self) -> EstimateData:
        return EstimateData(
            currency=self.chosen_currency,
            billed_by=self.chosen_biller,
            lines=tuple(entry.form.typed() for entry in self.lines),
            milestones=tuple(entry.form.typed() for entry in self.milestones),
        )

    @property
    def chosen_biller(self) -> BilledBy:
        known = {biller.value for biller in BilledBy}
        return BilledBy(self.billed_by.data) if self.billed_by.data in known else BilledBy.PARTNER

    def complain_about_lines(self, problem: InvalidInput) -> None:
        """Puts a rule's sentences at the fields of the lines they speak of."""
        rest = {}
        for where, sentence in problem.problems.items():
            kind, _dash, tail = where.partition("-")
            number, _dash, name = tail.partition("-")
            entries = {"lines": self.lines, "milestones": self.milestones}.get(kind)
            place = number_in(number)
            if entries is not None and place is not None and place < len(entries.entries):
                field = entries[place].form[name]
                field.errors = [*field.errors, sentence]
            else:
                rest[where] = sentence
        for sentence in rest.values():
            self.form_errors.append(sentence)


CHARGED: dict[str, Any] = {
    Recurrence.ONCE.value: _l("Once"),
    Recurrence.MONTH.value: _l("Monthly"),
    Recurrence.YEAR.value: _l("Yearly"),
}


def kind_label(kind: LineKind) -> str:
    """A line's kind in words: the licence, or the service as the catalogue calls it."""
    if kind is LineKind.LICENCE:
        return _("Licence")
    service = services_by_code().get(kind.value)
    return service.label if service is not None else _("Other service")


def _items(chosen: str | None) -> list[SelectChoice]:
    """The price list, then the services; a line keeps a product that is no longer offered."""
    offered = products()
    known = products_by_code().get((chosen or "").partition("/")[2])
    if known is not None and known not in offered:
        offered = [*offered, known]
    licences, work = _("Licence"), _("Services")
    return [
        *(SelectChoice(f"licence/{one.code}", one.label, optgroup=licences) for one in offered),
        SelectChoice(LineKind.LICENCE.value, _("Licence without a list price"), optgroup=licences),
        *(
            SelectChoice(kind.value, kind_label(kind), optgroup=work)
            for kind in LineKind
            if kind is not LineKind.LICENCE
        ),
    ]


def _is_open(field: Any) -> bool:
    """Nothing was typed, and nothing stands in it."""
    return (
        field.data is None if field.raw_data is None else not (field.raw_data and field.raw_data[0].strip())
    )


def _put(field: Any, value: Any) -> None:
    field.data = value
    field.raw_data = None


def read_in_currency(field: Any) -> None:
    """A sum is read by the decimals of its currency, which is known only after the whole form was read."""
    if field.raw_data:
        field.process_errors = []
        try:
            field.process_formdata(field.raw_data)
        except ValueError as error:
            field.process_errors.append(str(error))


def _plain(number: Decimal) -> Decimal:
    """Without zeros behind: 12.50 and 12.5 are one quantity."""
    plain = number.normalize()
    return plain.quantize(Decimal(1)) if plain == plain.to_integral_value() else plain
