"""What the forms of events share: currencies, countries, uploads, and sums in the currency chosen beside them."""

from typing import Any

from wtforms.validators import Length, NumberRange

from core import places, uploads
from core.errors import InvalidInput
from core.forms import Form, MoneyField, choices
from core.i18n import current_locale, gettext, lazy_gettext
from core.money import currencies
from core.settings import PROGRAMME_CURRENCY
from core.uploads import CheckedFile, RefusedFile

_L = lazy_gettext
TEXT = Length(max=4000, message=_L("At most 4,000 characters."))
COUNT = NumberRange(min=0, max=100_000, message=_L("Type a number up to 100,000."))

#: Offered first; every other currency follows.
_USUAL = ("EUR", "USD", "GBP", "CHF", "PLN", "RUB", "KZT")


def currency_choices() -> list[Any]:
    """Every currency by its code, the usual ones first."""
    first = dict.fromkeys((PROGRAMME_CURRENCY.value(), *_USUAL))
    return choices((code, code) for code in (*first, *sorted(currencies() - set(first))))


def country_choices() -> list[Any]:
    return choices(places.countries(current_locale()), empty=gettext("Choose"))


def checked_upload(field: Any) -> CheckedFile | None:
    """What was uploaded in ``field``, made safe; ``None`` when nothing was. Raises InvalidInput at the field."""
    storage = field.data
    if not storage or not getattr(storage, "filename", ""):
        return None
    try:
        return uploads.check_file(storage.stream.read(uploads.MOST_BYTES + 1), storage.filename)
    except RefusedFile as refusal:
        raise InvalidInput({field.name: str(refusal)}) from refusal


class SumsForm(Form):
    """Its sums are in the currency chosen in the same form, or in the one the form was made for."""

    sums_in: str | None = None

    def process(self, formdata: Any = None, obj: Any = None, data: Any = None, **kwargs: Any) -> None:
        # A sum is read in its currency, so the fields learn it before they read.
        formdata = self.meta.wrap_formdata(self, formdata)
        code = self.sums_in or (formdata.get("currency") if formdata else (data or {}).get("currency"))
        if code in currencies():
            for field in self.money_fields():
                field.currency = code
        super().process(formdata, obj, data, **kwargs)

    def money_fields(self) -> list[Any]:
        return [field for field in self if isinstance(field, MoneyField)]
