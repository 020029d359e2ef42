"""What people type about tiers and development plans: a value is typed in the measure's own unit."""

from decimal import Decimal
from typing import Any

from wtforms import DateField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from core.forms import LINE, NEEDED, Form, choices, parse_minor
from core.i18n import gettext, lazy_gettext, minor_digits
from core.settings import PROGRAMME_CURRENCY
from partners import queries
from partners.models import DevelopmentPlan, GoalKind, TierRequirement
from partners.queries.measures import (
    Measure,
    MeasureUnit,
    course_titles,
    measure_of,
    measures,
    programme_today,
)
from partners.tiers.windows import Per, Window

_L = lazy_gettext
_TEXT = Length(max=4000, message=_L("At most 4,000 characters."))

_UNITS = {
    MeasureUnit.COUNT: _L("a number"),
    MeasureUnit.SHARE: _L("per cent"),
    MeasureUnit.MINUTES: _L("minutes of working time"),
    MeasureUnit.STARS: _L("stars"),
}
_HUNDREDTHS = (MeasureUnit.SHARE, MeasureUnit.STARS)


def typed_value(measure: Measure, typed: str) -> int:
    """What was typed, in the measure's own unit. Raises ValueError with a sentence."""
    if measure.unit is MeasureUnit.MONEY:
        return parse_minor(typed, PROGRAMME_CURRENCY.value())
    plain = "".join(typed.split()).replace(",", ".")
    try:
        number = Decimal(plain) * (100 if measure.unit in _HUNDREDTHS else 1)
    except ArithmeticError:
        raise ValueError(gettext("Type a number, such as 12.")) from None
    if not number.is_finite() or number != number.to_integral_value() or abs(number) >= 10**12:
        raise ValueError(gettext("Type a number, such as 12."))
    return int(number)


def shown_value(measure: Measure | None, value: int | None) -> str:
    """A value as one would type it."""
    if measure is None or value is None:
        return ""
    if measure.unit is MeasureUnit.MONEY:
        digits = minor_digits(PROGRAMME_CURRENCY.value())
        return f"{Decimal(value).scaleb(-digits):f}"
    if measure.unit in _HUNDREDTHS:
        return f"{(Decimal(value) / 100).normalize():f}"
    return str(value)


def measure_choices(*, for_tiers: bool, empty: Any = None) -> list[Any]:
    """What can be measured, each with the unit it is typed in."""
    known = [
        (one.code, f"{one.label} ({_UNITS.get(one.unit, PROGRAMME_CURRENCY.value())})")
        for one in measures()
        if one.for_tiers or not for_tiers
    ]
    return choices(known, empty=empty)


def course_choices() -> list[Any]:
    """Every course that a measure can be narrowed to."""
    known: dict[str, str] = {}
    for one in measures():
        known |= course_titles(one)
    return choices(known, empty=gettext("Any course"))


class _Measured(Form):
    """A form with a measure and a value in its unit."""

    field_of_value = "value"

    def validate(self, extra_validators: Any = None) -> bool:
        holds: bool = super().validate(extra_validators)
        self.amount: int | None = None
        measure = measure_of(self.measure.data or "")
        field = self._fields[self.field_of_value]
        if measure is None or not field.data:
            return holds
        try:
            self.amount = typed_value(measure, field.data)
        except ValueError as problem:
            field.errors = [*field.errors, str(problem)]
            return False
        return holds


class RequirementForm(_Measured):
    tier = SelectField(_L("Tier"), [NEEDED])
    measure = SelectField(_L("What is measured"), [NEEDED])
    course = SelectField(_L("Course"), [Optional()], description=_L("For certified people only."))
    value = StringField(
        _L("Value"), [NEEDED, LINE], description=_L("In the unit that stands beside the measure.")
    )
    per = SelectField(_L("Counted"), [NEEDED], default=Per.FIRM.value)
    window = SelectField(
        _L("Over which time"),
        [NEEDED],
        default=Window.ROLLING.value,
        description=_L("Certificates count while they are valid, whatever is chosen here."),
    )
    days = IntegerField(_L("Days"), [Optional()], default=365, description=_L("For the last days only."))

    def __init__(self, row: TierRequirement | None = None, **kwargs: Any) -> None:
        start: dict[str, Any] = {}
        if row is not None:
            names = ("tier", "measure", "course", "window", "days", "per")
            start = {name: getattr(row, name) for name in names}
            start["value"] = shown_value(measure_of(row.measure), row.value)
        super().__init__(data=start, **kwargs)
        self.tier.choices = choices((tier.code, tier.label) for tier in queries.tiers()[1:])
        self.measure.choices = measure_choices(for_tiers=True)
        self.course.choices = course_choices()
        self.window.choices = choices((one.value, one.label) for one in Window)
        self.per.choices = choices((one.value, one.label) for one in Per)

    def values(self) -> dict[str, Any]:
        """What :func:`save_requirement` takes."""
        measure = measure_of(self.measure.data)
        by_course = measure is not None and measure.courses is not None
        return {
            "tier": self.tier.data,
            "measure": self.measure.data,
            "course": (self.course.data or "") if by_course else "",
            "window": self.window.data,
            "days": self.days.data,
            "value": self.amount,
            "per": self.per.data,
        }


class TierNoteForm(Form):
    note = TextAreaField(
        _L("What changes, and why"), [NEEDED, _TEXT], description=_L("Stands beside the version for good.")
    )


class PlanForm(Form):
    title = StringField(_L("Name of the plan"), [NEEDED, LINE])
    summary = TextAreaField(_L("What it is about"), [_TEXT])
    starts_on = DateField(_L("First day"), [NEEDED])
    ends_on = DateField(_L("Last day"), [NEEDED])

    def __init__(self, plan: DevelopmentPlan | None = None, **kwargs: Any) -> None:
        today = programme_today()
        start: dict[str, Any] = {
            "title": gettext("Plan %(year)s", year=today.year),
            "starts_on": today,
            "ends_on": today.replace(year=today.year + 1, day=min(today.day, 28)),
        }
        super().__init__(obj=plan, **({} if plan is not None else {"data": start}), **kwargs)


class GoalForm(_Measured):
    field_of_value = "target"

    kind = SelectField(_L("Kind"), [NEEDED], default=GoalKind.STEP.value)
    text = StringField(_L("What"), [LINE], description=_L("In words; a figure can do without."))
    measure = SelectField(
        _L("Measured by"), [Optional()], description=_L("Progress then comes from real data.")
    )
    course = SelectField(_L("Course"), [Optional()], description=_L("For certified people only."))
    target = StringField(
        _L("To reach"), [LINE], description=_L("In the unit that stands beside the measure.")
    )
    due_on = DateField(_L("To reach by"), [NEEDED])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = choices((one.value, one.label) for one in GoalKind)
        self.measure.choices = measure_choices(for_tiers=False, empty=gettext("Nothing; it is ticked off"))
        self.course.choices = course_choices()

    def values(self) -> dict[str, Any]:
        """What :func:`add_goal` takes."""
        return {
            "kind": self.kind.data,
            "text": self.text.data or "",
            "measure": self.measure.data or "",
            "course": self.course.data or "",
            "target": self.amount,
            "due_on": self.due_on.data,
        }


class ClosingForm(Form):
    note = TextAreaField(_L("What came of it"), [NEEDED, _TEXT])
