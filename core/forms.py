"""What people type: one ``Form`` for the whole portal, with CSRF, clean text, and fields for money and days.

A template draws a field by the ``field`` component, which prints label, hint, error and ``aria-describedby``.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from wtforms import Field, SelectField, SelectMultipleField, StringField
from wtforms import FieldList as AnyFieldList
from wtforms import Form as PlainForm
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, StopValidation
from wtforms.widgets import TextInput

from core.digits import numbers_in
from core.errors import InvalidInput, Refusal
from core.i18n import format_money, gettext, lazy_gettext, minor_digits

#: What most fields ask for: something, and no more than a line of it.
NEEDED = InputRequired(lazy_gettext("This is needed."))
LINE = Length(max=200, message=lazy_gettext("At most 200 characters."))
#: Beside fields whose text is Markdown, a word that few who type there know.
MARKS = lazy_gettext("## begins a heading, - a list item; **two stars** on each side make bold.")


#: Fields whose text is tidied: no spaces around it, no characters that no keyboard types.
_TEXTS = {"StringField", "TextAreaField", "EmailField", "URLField", "TelField"}


class _Tidying:
    """What binds the fields of a form: those of text are tidied."""

    def bind_field(self, form: Any, unbound_field: Any, options: Any) -> Any:
        filters = list(unbound_field.kwargs.get("filters", ()))
        if unbound_field.field_class.__name__ in _TEXTS:
            filters.append(_tidy)
        return unbound_field.bind(form=form, filters=filters, **options)


class Form(FlaskForm):
    """A form that knows when it was sent, keeps what was typed, and can carry a rule's complaints at its fields."""

    class Meta(_Tidying, FlaskForm.Meta):
        pass

    def process(self, *args: Any, **kwargs: Any) -> None:
        """Reads what was sent. Spaces alone count as nothing typed, though ``InputRequired`` looks at the raw text."""
        super().process(*args, **kwargs)
        for field in self:
            if type(field).__name__ in _TEXTS and field.raw_data:
                field.raw_data = [_tidy(text) for text in field.raw_data]

    def was_sent_and_holds(self) -> bool:
        """True when this request sent the form and every field is in order."""
        return bool(self.validate_on_submit())

    def complain(self, problem: InvalidInput) -> None:
        """Puts a rule's sentences at the fields they speak of; what has no field stands above the form."""
        for where, sentence in problem.problems.items():
            field = self._fields.get(where)
            if field is None:
                self.form_errors.append(sentence)
            else:
                field.errors = [*field.errors, sentence]

    def refuse(self, refusal: Refusal, at: str = "") -> None:
        """Puts the sentence of a refused deed at the field that it is about, so that what was typed is not lost."""
        self.complain(InvalidInput({at: refusal.sentence}))

    @property
    def status(self) -> int:
        """The HTTP status to answer with: 422 when it comes back with errors."""
        return 422 if request.method == "POST" else 200


class Part(PlainForm):
    """A part of a form, such as one line of several; the whole carries the token."""

    class Meta(_Tidying, PlainForm.Meta):
        pass


class FieldList(AnyFieldList):
    """Several parts of one kind. A number in a field's name that nobody's page writes is no part."""

    def _extract_indices(self, prefix: str, formdata: Iterable[str]) -> list[int]:
        start = f"{prefix}{self._separator}"
        names = (name for name in formdata if name.startswith(start))
        return numbers_in(name.removeprefix(start).partition(self._separator)[0] for name in names)


def _tidy(value: Any) -> Any:
    """Without spaces around, and without characters that no keyboard types."""
    if not isinstance(value, str):
        return value
    return "".join(sign for sign in value.strip() if sign in "\n\r\t" or sign.isprintable())


def choices(pairs: Iterable[tuple[str, Any]] | Mapping[str, Any], *, empty: Any = None) -> list[SelectChoice]:
    """Choices of a select from (value, label); ``empty`` is the label of choosing nothing."""
    entries = pairs.items() if isinstance(pairs, Mapping) else pairs
    first = [SelectChoice("", empty)] if empty is not None else []
    return first + [SelectChoice(str(value), label) for value, label in entries]


class ListField(SelectMultipleField):
    """Several of a list; drawn as check boxes."""


@dataclass(frozen=True)
class Match:
    """One of those that typed words may mean: its number, its name, and what tells it from others of that name."""

    key: str
    name: str
    note: str = ""

    @property
    def words(self) -> str:
        """What is typed to mean just this one: ``Acme · 12``."""
        return f"{self.name}{BEFORE_KEY}{self.key}"


#: Between a name and the number of just the one that is meant.
BEFORE_KEY = " · "
#: So many of those that fit are shown to choose from.
MOST_MATCHES = 12


class FindField(StringField):
    """One of more than a list could hold, typed by name or number; ``data`` is the key of who was meant, or empty.

    A single match whose name has every typed word is taken. Otherwise the form comes back and asks which is meant:
    ``matches``, at most :data:`MOST_MATCHES`, are drawn as a choice that is sent under the field's own name behind what
    is typed. It counts while it is among those that fit, so that words typed anew are not overruled by an old choice.
    """

    #: Where a script asks for names as somebody types; empty when nobody answers. The form works without.
    suggestions = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.matches: Sequence[Match] = ()
        self.chosen_key = ""

    def find(self, words: str) -> Sequence[Match]:
        """Those that fit, the nearest first, one more than are shown when there are more; each kind says which."""
        return ()

    def nobody_fits(self) -> str:
        """The sentence when nothing fits."""
        return gettext("Nothing here has that name or number.")

    def process_formdata(self, valuelist: list[str]) -> None:
        typed = _tidy(valuelist[0]) if valuelist else ""
        self.data = typed
        self.raw_data = [typed]
        self.chosen_key = valuelist[1] if len(valuelist) > 1 else ""

    def pre_validate(self, form: Any) -> None:
        """Finds who is meant. Only now is it known among whom."""
        typed = str(self.data or "")
        if not typed:
            return
        if len(typed) > 200:
            raise StopValidation(gettext("At most 200 characters."))
        found = self.find(typed)
        meant = next((one for one in found if one.key == self.chosen_key), None) or _surely(typed, found)
        if meant is not None:
            # So that a form that comes back for another reason does not ask again.
            self.data, self.raw_data = meant.key, [meant.words]
            return
        self.data = ""
        if not found:
            raise StopValidation(self.nobody_fits())
        self.matches = found[:MOST_MATCHES]
        if len(found) > MOST_MATCHES:
            raise StopValidation(gettext("Very many fit. Type more of the name, or choose one of these."))
        raise StopValidation(gettext("Choose which one you mean."))

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else str(self.data or "")


_NAME_AND_KEY = re.compile(rf"(.*){re.escape(BEFORE_KEY.strip())}\s*([\w-]{{1,40}})")


def name_and_key(words: str) -> tuple[str, str | None]:
    """``Globex · 12``, as :attr:`Match.words` says it, in its parts; a name alone has no key."""
    named = _NAME_AND_KEY.fullmatch(words.strip())
    return (named[1].strip(), named[2]) if named else (words.strip(), None)


def suggested(find: Callable[[str], Sequence[Match]]) -> list[dict[str, str]]:
    """What the script of a :class:`FindField` asks for: of ``q`` in the address the nearest, as ``find`` finds them."""
    words = request.args.get("q", "").strip()[:200]
    found = find(words)[:MOST_MATCHES] if words else []
    return [{"words": one.words, "note": one.note} for one in found]


def _surely(typed: str, found: Sequence[Match]) -> Match | None:
    """The only match, when it has all that was typed in its name, or as its number."""
    if len(found) != 1:
        return None
    words = typed.casefold().replace(BEFORE_KEY.strip(), " ").split()
    return found[0] if {*words} <= {*found[0].name.casefold().split(), found[0].key.casefold()} else None


class MoneyField(Field):
    """A sum in minor units: typed with the language's or a plain decimal point, never rounded.

    ``currency`` is set on the field before it is drawn or read; it defaults to EUR.
    """

    widget = TextInput()
    input_mode = "decimal"

    def __init__(self, *args: Any, currency: str = "EUR", least: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency
        self.least = least
        self.data: int | None = None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        if self.data is None:
            return ""
        return (
            format_money(self.data, self.currency, locale="en", bare=True)
            .replace(",", "")
            .replace("\u2212", "-")
        )

    def process_formdata(self, valuelist: list[str]) -> None:
        typed = valuelist[0].strip() if valuelist else ""
        self.data = None
        if not typed:
            return
        self.data = parse_minor(typed, self.currency)
        if self.least is not None and self.data < self.least:
            raise ValueError(gettext("At least %(least)s.", least=format_money(self.least, self.currency)))

    def read_in(self, currency: str) -> None:
        """Reads what was typed by the decimals of ``currency``, which may be known only once the form was read."""
        self.currency = currency
        if self.raw_data:
            self.process_errors = []
            try:
                self.process_formdata(self.raw_data)
            except ValueError as error:
                self.process_errors.append(str(error))


def parse_minor(typed: str, currency: str) -> int:
    """``1 234,50`` or ``1,234.50`` as minor units of ``currency``. Raises ValueError with a sentence.

    The last separator is the decimal one when as many digits follow as the currency can have.
    """
    digits = minor_digits(currency)
    plain = "".join(typed.split()).replace("\u2212", "-").replace("'", "")
    last = max(plain.rfind(","), plain.rfind("."))
    if last >= 0:
        whole, fraction = plain[:last], plain[last + 1 :]
        if (
            len(fraction) == 3
            and digits != 3
            and (plain.count(",") + plain.count(".") > 1 or whole not in {"0", "-0"})
        ):
            plain = whole.replace(",", "").replace(".", "") + fraction
        else:
            plain = whole.replace(",", "").replace(".", "") + "." + fraction
    try:
        value = Decimal(plain)
    except InvalidOperation:
        raise ValueError(gettext("Type an amount, such as 1234.50.")) from None
    if not value.is_finite():
        raise ValueError(gettext("Type an amount, such as 1234.50."))
    if value.adjusted() > 20:  # Beyond any sum, and beyond what can be scaled
        raise ValueError(gettext("That is more than the books can hold."))
    minor = value.scaleb(digits)
    if minor != minor.to_integral_value():
        raise ValueError(
            gettext("%(currency)s has %(digits)s decimals at most.", currency=currency, digits=digits)
        )
    if abs(minor) >= 10**15:
        raise ValueError(gettext("That is more than the books can hold."))
    return int(minor)


class DecimalTextField(StringField):
    """An exact decimal, kept as :class:`decimal.Decimal`."""

    def process_formdata(self, valuelist: list[str]) -> None:
        typed = "".join(valuelist[0].split()).replace(",", ".") if valuelist else ""
        self.data = None
        if not typed:
            return
        try:
            number = Decimal(typed)
        except InvalidOperation:
            raise ValueError(gettext("Type a number, such as 12.5.")) from None
        if not number.is_finite() or number.adjusted() >= 12:
            raise ValueError(gettext("Type a number, such as 12.5."))
        self.data = number

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{Decimal(str(self.data)):f}"


__all__ = [
    "MARKS",
    "DecimalTextField",
    "FieldList",
    "FindField",
    "Form",
    "ListField",
    "Match",
    "MoneyField",
    "Part",
    "SelectChoice",
    "SelectField",
    "choices",
    "name_and_key",
    "parse_minor",
    "suggested",
]
