"""The plan editor's form. Every answer is text; ``commissions.drafting`` reads it, ``rates`` judges it."""

from collections.abc import Sequence
from typing import Any

import wtforms
from babel import Locale
from wtforms import (
    BooleanField,
    DateField,
    FormField,
    HiddenField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length

from commissions import wording
from commissions.drafting import OTHER_PARTNER, operators_for
from commissions.rates.conditions import FIELDS, METADATA, field_named
from commissions.rates.plan import LINE_KINDS
from core.forms import FieldList, Form, ListField, MoneyField, choices
from core.i18n import current_locale
from core.i18n import gettext as _
from core.i18n import lazy_gettext as _l
from core.money import currencies
from partners.models import PartnerType
from partners.queries import products_by_code, tiers

OPERATORS: dict[str, Any] = {
    "is": _l("is"),
    "is_not": _l("is not"),
    "contains": _l("contains"),
    "gte": _l("at least"),
    "gt": _l("more than"),
    "lte": _l("at most"),
    "lt": _l("less than"),
    "known": _l("is known"),
    "unknown": _l("is not known"),
}
#: Lists longer than this are a box to choose from; shorter ones are ticked.
MOST_TICKS = 15


def values_of(name: str) -> list[tuple[str, str]]:
    """What a field of a condition can be, as (code, label); empty where it is typed."""
    if name.endswith(".country"):
        known = {str(code): str(name) for code, name in Locale(current_locale()).territories.items()}
        named = [(code, known[code]) for code in known if len(code) == 2 and code.isalpha() and code != "ZZ"]
        return sorted(named, key=lambda one: one[1])
    match name:
        case "line.kind":
            names = wording.names_now()
            return [(kind, names.kind(kind)) for kind in LINE_KINDS]
        case "line.product":
            return [(code, product.label) for code, product in products_by_code().items()]
        case "partner.tier":
            return [(tier.code, tier.label) for tier in tiers()]
        case "partner.type":
            return [(kind.value, str(kind.label)) for kind in PartnerType]
        case "sale.type":
            return [(code, str(label)) for code, label in wording.SALE_TYPES.items()]
        case "sale.billed_by":
            return [(code, str(label)) for code, label in wording.BILLERS.items()]
        case "sale.source":
            return [(code, str(label)) for code, label in wording.SOURCES.items()]
    return []


def _new_conditions() -> list[SelectChoice]:
    known = [(name, wording.label_of_field(name)) for name in FIELDS]
    return choices(
        [*known, (METADATA, _("Another fact that is sent with the sale"))], empty=_("Choose what it is about")
    )


class ConditionForm(wtforms.Form):
    """One condition: the field stands, how it is compared and with what is chosen or typed."""

    joiner = SelectField(
        _l("Together with the one above"),
        choices=lambda: choices({"and": _("and"), "or": _("or")}),
        validate_choice=False,
    )
    field = HiddenField()
    op = SelectField(_l("Compared"), [InputRequired()], validate_choice=False)
    values = ListField(_l("Values"), [InputRequired()], validate_choice=False)
    text = StringField(_l("Value"), [InputRequired()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name = self.field.data or ""
        is_known = bool(name) and field_named(name) is not None
        self.op.choices = choices((op, OPERATORS[op]) for op in operators_for(name)) if is_known else []
        offered = values_of(name)
        offered += [(code, code) for code in self.values.data or [] if code not in dict(offered)]
        chosen = set(self.values.data or [])
        if len(offered) > MOST_TICKS:
            offered.sort(key=lambda one: one[0] not in chosen)
        self.values.choices = choices(offered)

    @property
    def label(self) -> str:
        return wording.label_of_field(self.field.data or "")

    @property
    def is_listed(self) -> bool:
        return bool(self.values.choices)

    @property
    def is_long(self) -> bool:
        return len(self.values.choices) > MOST_TICKS

    @property
    def asks_for_a_value(self) -> bool:
        return self.op.data not in ("known", "unknown")


class BracketForm(wtforms.Form):
    """One bracket: it begins where the one above ends."""

    upto = StringField(_l("Up to (not included)"), [InputRequired()])
    rate = StringField(_l("Per cent"), [InputRequired()])


class CapForm(wtforms.Form):
    """The most a rule grants."""

    amount = StringField(_l("At most"), [InputRequired()])
    per = SelectField(
        _l("For each"),
        [InputRequired()],
        choices=lambda: choices({"partner": _("partner"), "customer": _("customer")}),
        validate_choice=False,
    )
    window = SelectField(
        _l("In"), [InputRequired()], choices=lambda: choices(wording.CAP_PERIODS), validate_choice=False
    )


class RuleForm(wtforms.Form):
    """One rule: what it pays, when, for how long, at most how much."""

    name = StringField(
        _l("Name of the rule"), [InputRequired()], description=_l("Partners read it beside every amount.")
    )
    trigger = SelectField(
        _l("It rewards"), [InputRequired()], choices=lambda: choices(wording.TRIGGERS), validate_choice=False
    )
    kind = SelectField(
        _l("It pays"),
        [InputRequired()],
        choices=lambda: choices(
            {
                "percent": _("a share of the line"),
                "fixed": _("a fixed amount"),
                "brackets": _("a share by brackets"),
                "margin": _("a share of the margin"),
            }
        ),
        validate_choice=False,
    )
    rate = StringField(_l("Per cent"), [InputRequired()])
    money = StringField(_l("Amount"), [InputRequired()])
    per = SelectField(
        _l("For each"), [InputRequired()], choices=lambda: choices({"sale": _("sale"), "unit": _("unit")}),
        validate_choice=False,
    )  # fmt: skip
    on = SelectField(
        _l("Brackets of"),
        [InputRequired()],
        choices=lambda: choices(
            (name, wording.label_of_field(name))
            for name in ("line.net_minor", "line.quantity", "sale.amount_minor")
        ),
        validate_choice=False,
    )
    mode = SelectField(
        _l("The rate counts"),
        [InputRequired()],
        choices=lambda: choices(
            {"slab": _("for the whole line"), "marginal": _("for the part in its bracket")}
        ),
        validate_choice=False,
    )
    brackets = FieldList(FormField(BracketForm))
    term = SelectField(
        _l("How long"),
        [InputRequired()],
        choices=lambda: choices(
            {
                "ever": _("as long as the customer buys"),
                "months": _("some months from the first sale"),
                "first": _("the first sale only"),
            }
        ),
        validate_choice=False,
    )
    months = StringField(_l("Months"), [InputRequired()])
    conditions = FieldList(FormField(ConditionForm))
    kept = HiddenField()
    caps = FieldList(FormField(CapForm))
    with_split = BooleanField(_l("It also pays where a split divides the line"))
    new_field = SelectField(_l("Add a condition about"), choices=_new_conditions, validate_choice=False)
    new_key = StringField(_l("Name of the other fact"))


class ShareForm(wtforms.Form):
    """One share of a split."""

    to = SelectField(_l("Whose"), [InputRequired()], validate_choice=False)
    other = StringField(_l("Number of the other partner"), [InputRequired()])
    percent = StringField(_l("Per cent"), [InputRequired()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = wording.PAYEES | {OTHER_PARTNER: _("Another partner, by its number")}
        if self.to.data and self.to.data not in known:
            known[self.to.data] = _("Partner %(id)s", id=self.to.data)
        self.to.choices = choices(known)


class SplitForm(wtforms.Form):
    """How a line's revenue is divided."""

    name = StringField(_l("Name of the split"), [InputRequired()])
    conditions = FieldList(FormField(ConditionForm))
    kept = HiddenField()
    shares = FieldList(FormField(ShareForm))
    new_field = SelectField(_l("Add a condition about"), choices=_new_conditions, validate_choice=False)
    new_key = StringField(_l("Name of the other fact"))


class PlanForm(Form):
    """A draft of a plan version, and the sale that it is tried with."""

    name = StringField(_l("Name of the version"), [InputRequired(), Length(max=200)])
    currency = SelectField(
        _l("Currency"),
        [InputRequired()],
        choices=lambda: choices((code, code) for code in sorted(currencies())),
        description=_l("Of fixed amounts, limits and brackets. Percentages count in every currency."),
        validate_choice=False,
    )
    effective_on = DateField(
        _l("In force from"), [InputRequired()], description=_l("For customers who begin then.")
    )
    effective_exactly = HiddenField()
    hold_days = StringField(_l("Days that earnings are held"), [InputRequired()])
    match = SelectField(
        _l("Which rule counts"),
        [InputRequired()],
        choices=lambda: choices(
            {"first": _("the first that fits"), "best": _("the one that gives the partner most")}
        ),
        validate_choice=False,
    )
    rebinds = BooleanField(
        _l("Also for customers who began under an older version"),
        description=_l("Otherwise they keep theirs. What was earned is never touched."),
    )
    converts = BooleanField(
        _l("Sales in another currency are paid in this one"),
        description=_l("At the rate of the day of the sale. Otherwise they are paid in their own."),
    )
    rules = FieldList(FormField(RuleForm))
    splits = FieldList(FormField(SplitForm))

    try_kind = SelectField(_l("What is sold"), [InputRequired()], validate_choice=False)
    try_amount = MoneyField(_l("Price without tax"), [InputRequired()])
    try_type = SelectField(
        _l("Kind of sale"),
        [InputRequired()],
        choices=lambda: choices(wording.SALE_TYPES),
        validate_choice=False,
    )
    try_country = SelectField(_l("Country"), [InputRequired()], validate_choice=False)
    try_tier = SelectField(_l("Tier"), [InputRequired()], validate_choice=False)
    try_billing = SelectField(
        _l("Whose invoice"),
        [InputRequired()],
        choices=lambda: choices(wording.BILLERS),
        validate_choice=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = wording.names_now()
        self.try_kind.choices = choices((kind, names.kind(kind)) for kind in LINE_KINDS)
        self.try_tier.choices = choices((tier.code, tier.label) for tier in tiers())
        self.try_country.choices = choices(values_of("customer.country"))
        self.try_amount.read_in(self.currency.data if self.currency.data in currencies() else "EUR")

    @property
    def typed(self) -> dict[str, Any]:
        """Every answer as nested plain values."""
        data: dict[str, Any] = self.data
        return data

    def complain_at(self, name: str, sentence: str) -> str:
        """Puts a sentence at the field of that name (``rules-2-caps-0-amount``); answers the field's label."""
        found: Any = self
        for step in name.split("-"):
            inner = getattr(found, "form", found)
            found = found.entries[int(step)] if step.isdigit() else inner[step]
        found.errors = [*(found.errors or ()), sentence]
        return str(found.label.text)


class NewPlanForm(Form):
    """A plan begins with its code and something to begin from."""

    code = StringField(
        _l("Code"), [InputRequired(), Length(max=40)],
        description=_l("Small letters, digits and hyphens. Partners without another plan are on “standard”."),
    )  # fmt: skip
    start = SelectField(_l("Begin with"), [InputRequired()])
    text = TextAreaField(
        _l("Or a plan as TOML"), description=_l("As another installation, or this one, wrote it.")
    )

    def __init__(self, *args: Any, starts: Sequence[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.start.choices = choices(starts)


class PlanFileForm(Form):
    """A version as text."""

    text = TextAreaField(_l("The version as TOML"), [InputRequired()])


__all__ = ["NewPlanForm", "PlanFileForm", "PlanForm"]
