"""What people type into an estimate: its lines, its milestones, and on which terms."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    FormField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Length, Optional

from core.digits import number_in
from core.errors import InvalidInput
from core.forms import (
    LINE,
    NEEDED,
    DecimalTextField,
    FieldList,
    Form,
    MoneyField,
    Part,
    SelectChoice,
    choices,
)
from core.i18n import current_locale
from core.i18n import gettext as _
from core.i18n import lazy_gettext as _l
from core.money import currencies, decimal_text
from core.settings import PROGRAMME_CURRENCY
from partners.models import LineKind, Product, Recurrence
from referrals.estimates import is_whole
from referrals.models.deals import Estimate
from referrals.models.rates import ServiceRate
from referrals.models.sales import BilledBy
from referrals.operations.estimates import (
    DECIMALS,
    LONGEST_NOTE,
    MOST_LINES,
    MOST_MILESTONES,
    MOST_QUANTITY,
    EstimateData,
    LineData,
    MilestoneData,
    is_at_list,
    is_too_fine,
    keeps_its_price,
    list_price_in_words,
    must_be_at_list,
)
from referrals.queries.catalogue import Catalogue, PricesWritten, Written

#: 1,000 and 12,500.5 as English writes them.
_IN_THOUSANDS = re.compile(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")


class QuantityField(DecimalTextField):
    """An exact number of things, in which English may set off thousands by commas."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Reads 1,000 as a thousand where the language means that by it, and 1,5 as one and a half everywhere."""
        typed = "".join(valuelist[0].split()) if valuelist else ""
        if current_locale() == "en" and _IN_THOUSANDS.fullmatch(typed) and not typed.startswith("0,"):
            typed = typed.replace(",", "")
        super().process_formdata([typed])


@dataclass(frozen=True)
class Held:
    """A licence line that has to cost what the list says, and how it stands to that."""

    listed: Product
    #: It costs what the list says now, or what an earlier version of it did; otherwise it is wrong.
    is_at_list: bool
    is_kept: bool

    @property
    def is_fixed(self) -> bool:
        """Nobody types the price."""
        return self.is_at_list or self.is_kept

    @property
    def words(self) -> str:
        """Why the price cannot be typed, and what can be done instead."""
        if self.is_at_list:
            return _("From the price list. To give less, use the discount.")
        if not self.is_kept:
            return _("To give less, use the discount.")
        return _(
            "As this estimate was written before. The list price is %(price)s now.",
            price=list_price_in_words(self.listed),
        )


class LineForm(Part):
    """One line. A line in which nothing was typed is none.

    ``item`` is a service's kind, ``licence``, ``licence/<product>`` from the price list, or ``<kind>#<rate>`` from the
    partner's own card.
    """

    catalogue = Catalogue({}, {})
    rates: Mapping[str, ServiceRate] = MappingProxyType({})
    #: What was left open and was filled in: text by field.
    filled: Mapping[str, str] = MappingProxyType({})
    #: How it stands to the price list, where that holds for it.
    held: Held | None = None

    item = SelectField(_l("What"))
    description = StringField(_l("Description"), [LINE])
    quantity = QuantityField(_l("Quantity"))
    unit_price = MoneyField(_l("Unit price"), least=0)
    discount = DecimalTextField(_l("Discount"))
    recurring = SelectField(_l("Charged"))
    at_list = BooleanField(_l("Take the present price"))
    remove = BooleanField(_l("Remove"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.recurring.choices = choices(CHARGED.items())

    def offer(self, catalogue: Catalogue, rates: Mapping[str, ServiceRate]) -> None:
        """What can be chosen: the catalogue, and the partner's own rates by their number."""
        self.catalogue = catalogue
        ours = _("Our rates")
        offered = [
            SelectChoice(f"{rate.kind.value}#{number}", rate.name, optgroup=ours)
            for number, rate in rates.items()
        ]
        self.rates = rates
        kind, _sign, number = (self.item.data or "").partition("#")
        if number and number not in rates:
            self.item.data = (
                kind  # The rate was taken off the card meanwhile; what was typed beside it stays.
            )
        self.item.choices = [*_items(catalogue, self.item.data), *offered]

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

    def offered(self, currency: str) -> dict[str, Any]:
        """What the price list or the card says of the chosen thing, by field; a price only in ``currency``."""
        known = self.rate or self.catalogue.products.get(self.product or "")
        if known is None:
            return {"description": self.catalogue.label(self.kind)} if self.kind is not None else {}
        if isinstance(known, ServiceRate):
            told, price = {"description": known.name}, known.unit_price_minor
        else:
            told, price = {"description": known.label}, known.list_price_minor
        if known.currency != currency:
            return told
        return {**told, "unit_price": price, "recurring": known.recurring.value}

    def offered_in_words(self, currency: str) -> dict[str, str]:
        """The same as it stands in the fields; what still stands so is the page's, and not typed by anybody."""
        told = self.offered(currency)
        if self.held is not None and self.held.is_fixed:
            return {**told, "unit_price": self.unit_price._value(), "recurring": self.recurring.data}
        if "unit_price" in told:
            told["unit_price"] = decimal_text(told["unit_price"], currency)
        return told

    def complete(self, currency: str) -> None:
        """Fills in what the price list and the partner's card know, and asks for what is missing."""
        told = self.offered(currency)
        filled: dict[str, str] = {}
        listed = self.catalogue.listed(self.product, currency)
        if "unit_price" in told and (_is_open(self.unit_price) or (listed is not None and self.at_list.data)):
            self.take_the_list_price(told)
            filled = {"unit_price": self.unit_price._value(), "recurring": told["recurring"]}
        if not self.description.data and told:
            self.description.data = told["description"]
            filled["description"] = told["description"]
        self.filled = filled
        if _is_open(self.quantity):
            _put(self.quantity, Decimal(1))
        if self.kind is None and not self.item.errors:
            self.item.errors = [_("Choose what this line is for.")]
        if self.unit_price.data is None and not self.unit_price.errors:
            self.unit_price.errors = [_("Enter an amount, like 180.00.")]
        quantity, discount = self.quantity.data, self.discount.data
        if quantity is not None and not 0 < quantity < MOST_QUANTITY:
            self.quantity.errors = [
                _("Give more than 0.") if quantity <= 0 else _("That is more than the books can hold.")
            ]
        elif quantity is not None and self.kind is LineKind.LICENCE and not is_whole(quantity):
            self.quantity.errors = [_("Give a whole number.")]
        if discount is not None and not 0 <= discount <= 100:
            self.discount.errors = [_("Give 0 to 100.")]
        for field in (self.quantity, self.discount):
            if field.data is not None and is_too_fine(field.data) and not field.errors:
                field.errors = [_("Give at most %(digits)s decimals.", digits=DECIMALS)]

    def take_the_list_price(self, told: Mapping[str, Any]) -> None:
        """What ``offered`` told, whatever was typed."""
        _put(self.unit_price, told["unit_price"])
        _put(self.recurring, told["recurring"])
        self.unit_price.errors = self.recurring.errors = ()
        self.at_list.data = False

    def hold(self, currency: str, written: PricesWritten) -> None:
        """Says how the line stands to the price list, in its fields too; asked once a line, in their order."""
        listed = self.catalogue.listed(self.product, currency)
        self.held = self._held(listed, written) if listed is not None else None
        self.unit_price.description = self.held.words if self.held is not None else ""
        if self.held is None:
            self.at_list.data = False
        fixed = self.recurring.data if self.held is not None and self.held.is_fixed else None
        self.recurring.choices = [
            SelectChoice(value, label, render_kw={"disabled": True} if fixed not in (None, value) else {})
            for value, label in CHARGED.items()
        ]

    def _held(self, listed: Product, written: PricesWritten) -> Held:
        if self.unit_price.data is None or self.recurring.data not in CHARGED:
            return Held(listed, is_at_list=False, is_kept=False)
        line = self.typed()
        at_list = is_at_list(line, listed)
        return Held(listed, at_list, is_kept=not at_list and keeps_its_price(line, listed, written))

    def refuse_another_price(self) -> None:
        """Says at its field that the line has to cost what the list says."""
        if self.held is not None:
            is_the_price = self.unit_price.data == self.held.listed.list_price_minor
            field = self.recurring if is_the_price else self.unit_price
            field.errors = [must_be_at_list(self.held.listed)]

    @property
    def held_in_words(self) -> dict[str, Any]:
        """How the line is held, for the page's script; empty where the price is typed."""
        if self.held is None:
            return {}
        return {
            "unit_price": self.unit_price._value(),
            "recurring": self.recurring.data,
            "words": self.held.words,
            "may_take": not self.held.is_at_list,
        }

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


class MilestoneForm(Part):
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

    based_on = HiddenField()
    currency = SelectField(_l("Currency"), [NEEDED])
    billed_by = RadioField(_l("Who bills the project"), [NEEDED])
    valid_until = DateField(
        _l("The proposal holds until"), [Optional()], description=_l("The customer reads it in the proposal.")
    )
    note = TextAreaField(
        _l("Note to the customer"),
        [Optional(), Length(max=LONGEST_NOTE, message=_l("At most 2,000 characters."))],
        description=_l("Stands below the totals: terms of payment, what is not included."),
    )
    # One more of each than can be kept: more are refused with a sentence, and not dropped in silence.
    lines = FieldList(FormField(LineForm), max_entries=MOST_LINES + 1)
    milestones = FieldList(FormField(MilestoneForm), max_entries=MOST_MILESTONES + 1)

    def __init__(
        self,
        *args: Any,
        rates: Iterable[ServiceRate] = (),
        written: Mapping[Written, int] = MappingProxyType({}),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.catalogue = Catalogue.read()
        self.rates = {str(rate.id): rate for rate in rates}
        #: Prices of earlier versions, which their lines keep.
        self.written = written
        self.offer_what_is_sold()
        self.currency.choices = choices((code, code) for code in sorted(currencies()))
        self.billed_by.choices = choices((biller.value, biller.label) for biller in BilledBy)
        chosen = self.currency.data if self.currency.data in currencies() else PROGRAMME_CURRENCY.value()
        for entry in self.lines:
            entry.unit_price.read_in(chosen)
        for entry in self.milestones:
            entry.amount.read_in(chosen)

    def offer_what_is_sold(self) -> None:
        """Every line offers the catalogue and the partner's own rates; asked again after lines were added."""
        for entry in self.lines:
            entry.form.offer(self.catalogue, self.rates)

    def hold_to_the_list(self) -> None:
        """Every line says how it stands to the price list; asked again after lines were added or changed."""
        written = PricesWritten(self.written)
        for entry in self.lines:
            entry.form.hold(self.chosen_currency, written)

    @classmethod
    def of(
        cls,
        estimate: Estimate | None,
        rates: Iterable[ServiceRate] = (),
        written: Mapping[Written, int] = MappingProxyType({}),
    ) -> "EstimateForm":
        """Filled with a version, or empty."""
        if estimate is None:
            empty = {
                "based_on": "0",
                "currency": PROGRAMME_CURRENCY.value(),
                "billed_by": BilledBy.PARTNER.value,
            }
            return cls(data=empty, rates=rates)
        return cls(
            rates=rates,
            written=written,
            data={
                "based_on": str(estimate.version),
                "valid_until": estimate.valid_until,
                "note": estimate.note,
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

    def read(self, *, takes_list_prices: bool = False) -> bool:
        """Drops what was emptied or removed, completes the lines from the price list, and tells whether all hold.

        A licence line with a price of its own is wrong, or with ``takes_list_prices`` gets the price of the list.
        """
        self.lines.entries = [one for one in self.lines if not one.remove.data and not one.form.is_blank]
        self.milestones.entries = [
            one for one in self.milestones if not one.remove.data and not one.form.is_blank
        ]
        holds = bool(self.validate())
        for entry in self.lines:
            entry.form.complete(self.chosen_currency)
        self.hold_to_the_list()
        for line in [entry.form for entry in self.lines if entry.form.held and not entry.form.held.is_fixed]:
            if takes_list_prices:
                line.take_the_list_price(line.offered(self.chosen_currency))
            elif not line.unit_price.errors and not line.recurring.errors:
                line.refuse_another_price()
        if takes_list_prices:
            self.hold_to_the_list()
        for entry in self.milestones:
            entry.form.complete()
        return holds and all(entry.form.holds for entry in [*self.lines, *self.milestones])

    def sound_lines(self) -> tuple[LineData, ...]:
        """The lines that can be counted already."""
        return tuple(entry.form.typed() for entry in self.lines if entry.form.holds)

    def sound_milestones(self) -> tuple[MilestoneData, ...]:
        """The milestones that can be counted already."""
        return tuple(entry.form.typed() for entry in self.milestones if entry.form.holds)

    def typed(self) -> EstimateData:
        return EstimateData(
            currency=self.chosen_currency,
            billed_by=self.chosen_biller,
            lines=tuple(entry.form.typed() for entry in self.lines),
            milestones=tuple(entry.form.typed() for entry in self.milestones),
            valid_until=self.valid_until.data,
            note=(self.note.data or "").replace("\r\n", "\n"),
        )

    @property
    def begun_with(self) -> int:
        """The number of the version that the writer began with; 0 for none."""
        return number_in(self.based_on.data) or 0

    def begin_anew_with(self, version: int) -> None:
        """The writer has been told of ``version``: saving once more is meant."""
        self.based_on.data = str(version)

    @property
    def has_room(self) -> bool:
        """Another line can be added."""
        return len(self.lines.entries) < MOST_LINES

    @property
    def has_room_for_milestones(self) -> bool:
        return len(self.milestones.entries) < MOST_MILESTONES

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
            elif where in self._fields and where not in {"lines", "milestones"}:
                self._fields[where].errors = [*self._fields[where].errors, sentence]
            else:
                rest[where] = sentence
        for sentence in rest.values():
            self.form_errors.append(sentence)


CHARGED: dict[str, Any] = {
    Recurrence.ONCE.value: _l("Once"),
    Recurrence.MONTH.value: _l("Monthly"),
    Recurrence.YEAR.value: _l("Yearly"),
}


def _items(catalogue: Catalogue, chosen: str | None) -> list[SelectChoice]:
    """The price list, then the services; a line keeps a product that is no longer offered."""
    offered = catalogue.offered()
    known = catalogue.products.get((chosen or "").partition("/")[2])
    if known is not None and known not in offered:
        offered = [*offered, known]
    licences, work = _("Licence"), _("Services")
    return [
        # What nobody has touched is nothing, and not the first of the list.
        *([] if chosen else [SelectChoice("", _("Choose"))]),
        *(SelectChoice(f"licence/{one.code}", one.label, optgroup=licences) for one in offered),
        SelectChoice(LineKind.LICENCE.value, _("Licence without a list price"), optgroup=licences),
        *(
            SelectChoice(kind.value, catalogue.label(kind), optgroup=work)
            for kind in catalogue.service_kinds((chosen or "").partition("#")[0])
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


def _plain(number: Decimal) -> Decimal:
    """Without zeros behind: 12.50 and 12.5 are one quantity."""
    plain = number.normalize()
    return plain.quantize(Decimal(1)) if plain == plain.to_integral_value() else plain
