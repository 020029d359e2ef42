"""What people type about budgets, requests, events and claims."""

from collections.abc import Iterator
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms import TimeField as ClockField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from core import places, uploads
from core.errors import InvalidInput
from core.forms import DecimalTextField, Form, MoneyField, choices
from core.i18n import current_locale, gettext, language_name, lazy_gettext, lazy_pgettext, time_zone_names
from core.money import currencies
from core.settings import PROGRAMME_CURRENCY
from core.uploads import CheckedFile, RefusedFile
from events.models import Activity, Allocation, ClaimLine, CostKind, Event, FundingRequest, ProofKind
from partners.models import LANGUAGES, Partner

_L = lazy_gettext
_NEEDED = InputRequired(_L("This is needed."))
_LINE = Length(max=200, message=_L("At most 200 characters."))
_TEXT = Length(max=4000, message=_L("At most 4,000 characters."))
_COUNT = NumberRange(min=0, max=100_000, message=_L("Type a number up to 100,000."))

#: Offered first; every other currency follows.
_USUAL = ("EUR", "USD", "GBP", "CHF", "PLN", "RUB", "KZT")
CO_HOSTS = (1, 2)


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


class RequestForm(SumsForm):
    """A funding request. One amount for each kind of cost."""

    activity = SelectField(_L("Kind of event"), [_NEEDED])
    title = StringField(_L("Title"), [_NEEDED, Length(max=140, message=_L("At most 140 characters."))])
    goal = TextAreaField(
        _L("What it is to bring"),
        [_TEXT],
        description=_L("Whom you invite, and what they should do after it."),
    )
    starts_on = DateField(_L("Begins on"), [_NEEDED])
    starts_time = ClockField(_L("at"), [_NEEDED], default=time(9))
    ends_on = DateField(_L("Ends on"), [Optional()], description=_L("Empty: the same day."))
    ends_time = ClockField(_L("at"), [_NEEDED], default=time(12))
    time_zone = SelectField(_L("Time zone"), [_NEEDED])
    country = SelectField(_L("Country"), description=_L("Online events need no place."))
    city = StringField(_L("City"), [_LINE])
    venue = StringField(_L("Venue"), [_LINE], description=_L("House and address, or the link of a webinar."))
    language = SelectField(_L("Language"), [_NEEDED])
    expected_guests = IntegerField(_L("Guests expected"), [Optional(), _COUNT])
    expected_leads = IntegerField(_L("Leads expected"), [Optional(), _COUNT])
    seats = IntegerField(_L("Seats"), [Optional(), _COUNT], description=_L("Empty: as many as come."))
    currency = SelectField(_L("Currency"), [_NEEDED])
    room = MoneyField(_L("Room"), [Optional()], least=0)
    equipment = MoneyField(_L("Equipment"), [Optional()], least=0)
    speakers = MoneyField(_L("Speakers"), [Optional()], least=0)
    catering = MoneyField(_L("Catering"), [Optional()], least=0)
    printing = MoneyField(_L("Printing"), [Optional()], least=0)
    media = MoneyField(_L("Media"), [Optional()], least=0)
    agency = MoneyField(_L("Agency"), [Optional()], least=0)
    travel = MoneyField(_L("Travel"), [Optional()], least=0)
    other = MoneyField(lazy_pgettext("cost", "Other cost"), [Optional()], least=0)
    other_what = StringField(_L("What the other cost is"), [_LINE])
    own_share_minor = MoneyField(
        _L("Your own share"), [Optional()], least=0, description=_L("What your firm pays of it.")
    )
    co_host_1 = StringField(_L("Co-host"), [_LINE])
    co_host_1_share = MoneyField(_L("Its share"), [Optional()], least=0)
    co_host_2 = StringField(_L("Another co-host"), [_LINE])
    co_host_2_share = MoneyField(_L("The other's share"), [Optional()], least=0)
    answer = TextAreaField(_L("Your answer"), [_TEXT])

    def __init__(
        self, *args: Any, partner: Partner, request: FundingRequest | None = None, **kwargs: Any
    ) -> None:
        start: dict[str, Any] = _typed(request) if request is not None else _usual(partner)
        super().__init__(*args, data=start, **kwargs)
        self.activity.choices = choices((kind.value, kind.label) for kind in Activity)
        self.country.choices = country_choices()
        self.language.choices = choices(
            sorted(((code, language_name(code)) for code in LANGUAGES), key=lambda pair: pair[1])
        )
        self.time_zone.choices = choices((name, name) for name in ["UTC", *time_zone_names()])
        self.currency.choices = currency_choices()
        if request is None or not request.question:
            del self.answer

    def cost_fields(self) -> list[Any]:
        """The field of each kind of cost."""
        return [self[kind.value] for kind in CostKind]

    def values(self) -> dict[str, Any]:
        """What :func:`events.operations.save_request` takes. Raises InvalidInput for a co-host without a name."""
        zone = ZoneInfo(self.time_zone.data)
        co_hosts = []
        for number in CO_HOSTS:
            name, share = self[f"co_host_{number}"].data, self[f"co_host_{number}_share"].data
            if share and not name:
                raise InvalidInput({f"co_host_{number}": gettext("Say who pays this share.")})
            if name:
                co_hosts.append({"name": name, "share_minor": share or 0})
        return {
            "activity": Activity(self.activity.data),
            "title": self.title.data,
            "goal": self.goal.data or "",
            "starts_at": _moment(self.starts_on.data, self.starts_time.data, zone),
            "ends_at": _moment(self.ends_on.data or self.starts_on.data, self.ends_time.data, zone),
            "time_zone": self.time_zone.data,
            "country": self.country.data or "",
            "city": self.city.data or "",
            "venue": self.venue.data or "",
            "language": self.language.data,
            "expected_guests": self.expected_guests.data or 0,
            "expected_leads": self.expected_leads.data or 0,
            "seats": self.seats.data,
            "currency": self.currency.data,
            "own_share_minor": self.own_share_minor.data or 0,
            "co_hosts": co_hosts,
        }

    def lines(self) -> list[dict[str, Any]]:
        """The planned costs that were filled in."""
        return [
            {
                "kind": kind,
                "amount_minor": self[kind.value].data,
                "description": (self.other_what.data or "") if kind is CostKind.OTHER else "",
            }
            for kind in CostKind
            if self[kind.value].data
        ]


def _moment(day: Any, wall: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, wall, zone).astimezone(UTC)


def _usual(partner: Partner) -> dict[str, Any]:
    """What a new request begins with."""
    return {
        "country": partner.country,
        "city": partner.city,
        "time_zone": partner.time_zone,
        "language": (partner.languages or ["en"])[0],
        "currency": PROGRAMME_CURRENCY.value(),
        "starts_time": time(9),
        "ends_time": time(12),
    }


def _typed(request: FundingRequest) -> dict[str, Any]:
    """A request as its form shows it."""
    zone = ZoneInfo(request.time_zone)
    starts, ends = request.starts_at.astimezone(zone), request.ends_at.astimezone(zone)
    typed: dict[str, Any] = {
        name: getattr(request, name)
        for name in (
            "title", "goal", "time_zone", "country", "city", "venue", "language", "expected_guests", "expected_leads",
            "seats", "currency", "own_share_minor", "answer",
        )
    }  # fmt: skip
    typed |= {
        "activity": request.activity.value,
        "starts_on": starts.date(),
        "starts_time": starts.time(),
        "ends_on": ends.date(),
        "ends_time": ends.time(),
    }
    for line in request.lines:
        typed[line.kind.value] = (typed.get(line.kind.value) or 0) + line.amount_minor
        if line.kind is CostKind.OTHER:
            typed["other_what"] = line.description
    for number, host in zip(CO_HOSTS, request.co_hosts, strict=False):
        typed[f"co_host_{number}"] = host["name"]
        typed[f"co_host_{number}_share"] = host["share_minor"]
    return typed


class QuestionForm(Form):
    """What the vendor wants to know."""

    question = TextAreaField(_L("Question"), [_TEXT, _NEEDED])


class ReasonForm(Form):
    """Why not."""

    reason = TextAreaField(
        _L("Reason"), [_TEXT, _NEEDED], description=_L("The partner reads it word for word.")
    )


class ApprovalForm(SumsForm):
    """How much of a request, from which allocation, until when."""

    allocation_id = SelectField(_L("Paid from"), [_NEEDED])
    amount_minor = MoneyField(_L("Up to"), [_NEEDED], least=1)
    percent = DecimalTextField(_L("Share of the real cost"), [_NEEDED])
    cap_minor = MoneyField(
        _L("Cap"), [Optional()], least=1, description=_L("Empty: the approved amount is the cap.")
    )
    claim_by = DateField(_L("To be claimed by"), [_NEEDED])
    note = TextAreaField(_L("Note to the partner"), [_TEXT])

    def __init__(self, *args: Any, currency: str, allocations: list[Allocation], **kwargs: Any) -> None:
        self.sums_in = currency
        super().__init__(*args, **kwargs)
        from core.i18n import format_day, format_money

        self.allocation_id.choices = choices(
            (
                str(one.id),
                gettext(
                    "%(budget)s, %(whose)s: %(left)s left until %(day)s",
                    budget=one.budget.name,
                    whose=one.partner.name if one.partner is not None else gettext("open to all"),
                    left=format_money(one.available_minor, currency),
                    day=format_day(one.expires_on),
                ),
            )
            for one in allocations
        )


class EventForm(Form):
    """What the public page of an event says."""

    title = StringField(_L("Title"), [_NEEDED, Length(max=140, message=_L("At most 140 characters."))])
    description = TextAreaField(
        _L("Description"),
        [Length(max=8000, message=_L("At most 8,000 characters."))],
        description=_L("What guests read. Paragraphs, **bold**, lists and links work."),
    )
    venue = StringField(_L("Venue"), [_LINE])
    seats = IntegerField(_L("Seats"), [Optional(), _COUNT], description=_L("Empty: as many as come."))


class GuestForm(Form):
    """A guest registers. The field nobody sees is for programs, which fill in everything."""

    name = StringField(_L("Your name"), [_NEEDED, Length(max=120, message=_L("At most 120 characters."))])
    email = EmailField(
        _L("E-mail"), [_NEEDED, _LINE], description=_L("The confirmation and the calendar file go there.")
    )
    company = StringField(_L("Company"), [_NEEDED, Length(max=160, message=_L("At most 160 characters."))])
    position = StringField(_L("Position"), [Length(max=120, message=_L("At most 120 characters."))])
    phone = TelField(_L("Phone"), [Length(max=40, message=_L("At most 40 characters."))])
    agrees = BooleanField("")

    def __init__(self, *args: Any, consent: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.agrees.label.text = consent


class CheckInForm(Form):
    """A guest's code at the door."""

    code = StringField(_L("Check-in code"), [_NEEDED, Length(max=20)])


class LineForm(SumsForm):
    """One cost with its receipt."""

    receipt = FileField(
        _L("Receipt"),
        description=_L("A photo or a PDF of up to 10 MB. JPEG, PNG, HEIC and PDF are taken."),
        render_kw={"accept": uploads.ACCEPTED},
    )
    kind = SelectField(_L("Kind of cost"), [_NEEDED])
    description = StringField(_L("What it was"), [_LINE])
    supplier = StringField(_L("Supplier"), [_NEEDED, Length(max=160, message=_L("At most 160 characters."))])
    supplier_tax_id = StringField(
        _L("Supplier's tax number"), [Length(max=40, message=_L("At most 40 characters."))]
    )
    number = StringField(
        _L("Number of the receipt"), [_NEEDED, Length(max=60, message=_L("At most 60 characters."))]
    )
    dated_on = DateField(_L("Date of the receipt"), [_NEEDED])
    currency = SelectField(_L("Currency"), [_NEEDED])
    gross_minor = MoneyField(_L("Amount with tax"), [_NEEDED], least=1)
    tax_minor = MoneyField(_L("Tax in it"), [Optional()], least=0)
    excluded_minor = MoneyField(
        _L("Not eligible"),
        [Optional()],
        least=0,
        description=_L("Alcohol, gifts, anything private; without tax."),
    )
    excluded_because = StringField(_L("What that is"), [_LINE])

    def __init__(
        self, *args: Any, line: ClaimLine | None = None, usual_currency: str = "EUR", **kwargs: Any
    ) -> None:
        if line is not None:
            kwargs["data"] = {
                name: getattr(line, name)
                for name in (
                    "description", "supplier", "supplier_tax_id", "number", "dated_on", "currency", "gross_minor",
                    "tax_minor", "excluded_minor", "excluded_because",
                )
            } | {"kind": line.kind.value}  # fmt: skip
        else:
            kwargs.setdefault("data", {"currency": usual_currency})
        super().__init__(*args, **kwargs)
        self.kind.choices = choices((kind.value, kind.label) for kind in CostKind)
        self.currency.choices = currency_choices()

    def values(self) -> dict[str, Any]:
        """What :func:`events.operations.save_line` takes."""
        return {
            "kind": CostKind(self.kind.data),
            "description": self.description.data or "",
            "supplier": self.supplier.data,
            "supplier_tax_id": self.supplier_tax_id.data or "",
            "number": self.number.data,
            "dated_on": self.dated_on.data,
            "currency": self.currency.data,
            "gross_minor": self.gross_minor.data,
            "tax_minor": self.tax_minor.data or 0,
            "excluded_minor": self.excluded_minor.data or 0,
            "excluded_because": self.excluded_because.data or "",
        }


class ProofForm(Form):
    """A file or an address that shows the event took place."""

    kind = SelectField(_L("What it is"), [_NEEDED])
    file = FileField(_L("File"), render_kw={"accept": uploads.ACCEPTED})
    url = StringField(_L("Address"), [Length(max=500)], description=_L("For a link: begins with https://."))

    def __init__(self, *args: Any, kinds: list[ProofKind], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = choices((kind.value, kind.label) for kind in kinds)


class AppealForm(Form):
    """Why the partner sees it otherwise."""

    appeal = TextAreaField(_L("What should be looked at again"), [_TEXT, _NEEDED])


class JudgementForm(SumsForm):
    """What the vendor says about one line."""

    verdict = RadioField(_L("This cost is"), [_NEEDED])
    cut_minor = MoneyField(_L("Amount to take off"), [Optional()], least=0)
    note = StringField(_L("Why"), [Length(max=500, message=_L("At most 500 characters."))])

    def __init__(self, *args: Any, line: ClaimLine, **kwargs: Any) -> None:
        self.sums_in = line.currency
        verdict = (
            "refused"
            if line.is_refused
            else "cut"
            if line.cut_minor
            else "noted"
            if line.vendor_note
            else "accepted"
        )
        kwargs["data"] = {"verdict": verdict, "cut_minor": line.cut_minor or None, "note": line.vendor_note}
        super().__init__(*args, **kwargs)
        self.verdict.choices = choices(
            (
                ("accepted", gettext("accepted in full")),
                ("cut", gettext("accepted in part")),
                ("refused", gettext("not accepted")),
                ("noted", gettext("to be mended")),
            )
        )


class BudgetForm(SumsForm):
    """Money for events in a period."""

    name = StringField(_L("Name"), [_NEEDED, Length(max=120, message=_L("At most 120 characters."))])
    currency = SelectField(_L("Currency"), [_NEEDED])
    amount_minor = MoneyField(_L("Amount"), [_NEEDED], least=1)
    region = SelectField(_L("Country"), description=_L("Empty: for partners of every country."))
    starts_on = DateField(_L("From"), [_NEEDED])
    ends_on = DateField(_L("Until"), [_NEEDED])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency.choices = currency_choices()
        self.region.choices = choices(places.countries(current_locale()), empty=gettext("Every country"))


class AllocationForm(SumsForm):
    """A part of a budget for somebody."""

    partner_id = SelectField(_L("For"))
    amount_minor = MoneyField(_L("Amount"), [_NEEDED], least=1)
    expires_on = DateField(_L("Expires after"), [_NEEDED])

    def __init__(
        self, *args: Any, currency: str, partners: Iterator[Partner] | list[Partner], **kwargs: Any
    ) -> None:
        self.sums_in = currency
        super().__init__(*args, **kwargs)
        self.partner_id.choices = choices(
            ((str(one.id), one.name) for one in partners), empty=gettext("Open to all")
        )


class RateForm(Form):
    """One exchange rate of a day."""

    day = DateField(_L("Day"), [_NEEDED])
    base = SelectField(_L("One"), [_NEEDED])
    quote = SelectField(_L("costs so many"), [_NEEDED])
    rate = DecimalTextField(_L("Rate"), [_NEEDED])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.base.choices = currency_choices()
        self.quote.choices = currency_choices()


class RatesFileForm(Form):
    """The European Central Bank's table."""

    file = FileField(
        _L("CSV of the European Central Bank"),
        [_NEEDED],
        description=_L("The bank's daily or historical table, unpacked."),
        render_kw={"accept": ".csv"},
    )


def event_values(form: EventForm, event: Event) -> dict[str, Any]:
    """What :func:`events.operations.change_event` takes."""
    return {
        "title": form.title.data or event.title,
        "description": form.description.data or "",
        "venue": form.venue.data or "",
        "seats": form.seats.data,
    }
