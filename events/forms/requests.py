"""What people type about a request: the event, its cost, and the vendor's answer."""

from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from wtforms import BooleanField, DateField, IntegerField, SelectField, StringField, TextAreaField
from wtforms import TimeField as ClockField
from wtforms.validators import Length, Optional

from core.errors import InvalidInput
from core.forms import LINE, NEEDED, DecimalTextField, Form, MoneyField, choices
from core.i18n import (
    format_day,
    format_money,
    gettext,
    language_name,
    lazy_gettext,
    lazy_pgettext,
    time_zone_names,
)
from core.settings import PROGRAMME_CURRENCY
from events.forms.fields import COUNT, TEXT, SumsForm, country_choices, currency_choices
from events.models import Activity, Allocation, CostKind, FundingRequest
from partners.models import LANGUAGES, Partner

_L = lazy_gettext
CO_HOSTS = (1, 2)


class RequestForm(SumsForm):
    """A funding request. One amount for each kind of cost."""

    activity = SelectField(_L("Kind of event"), [NEEDED])
    title = StringField(_L("Title"), [NEEDED, Length(max=140, message=_L("At most 140 characters."))])
    goal = TextAreaField(
        _L("What it is to bring"),
        [TEXT],
        description=_L("Whom you invite, and what they should do after it."),
    )
    starts_on = DateField(_L("Begins on"), [NEEDED])
    starts_time = ClockField(_L("at"), [NEEDED], default=time(9))
    ends_on = DateField(_L("Ends on"), [Optional()], description=_L("Empty: the same day."))
    ends_time = ClockField(_L("at"), [NEEDED], default=time(12))
    time_zone = SelectField(_L("Time zone"), [NEEDED])
    country = SelectField(_L("Country"), description=_L("Online events need no place."))
    city = StringField(_L("City"), [LINE])
    venue = StringField(_L("Venue"), [LINE], description=_L("House and address, or the link of a webinar."))
    language = SelectField(_L("Language"), [NEEDED])
    expected_guests = IntegerField(_L("Guests expected"), [Optional(), COUNT])
    expected_leads = IntegerField(_L("Leads expected"), [Optional(), COUNT])
    seats = IntegerField(_L("Seats"), [Optional(), COUNT], description=_L("Empty: as many as come."))
    currency = SelectField(_L("Currency"), [NEEDED])
    room = MoneyField(_L("Room"), [Optional()], least=0)
    equipment = MoneyField(_L("Equipment"), [Optional()], least=0)
    speakers = MoneyField(_L("Speakers"), [Optional()], least=0)
    catering = MoneyField(_L("Catering"), [Optional()], least=0)
    printing = MoneyField(_L("Printing"), [Optional()], least=0)
    media = MoneyField(_L("Media"), [Optional()], least=0)
    agency = MoneyField(_L("Agency"), [Optional()], least=0)
    travel = MoneyField(_L("Travel"), [Optional()], least=0)
    other = MoneyField(lazy_pgettext("cost", "Other cost"), [Optional()], least=0)
    other_what = StringField(_L("What the other cost is"), [LINE])
    own_share_minor = MoneyField(
        _L("Your own share"), [Optional()], least=0, description=_L("What your firm pays of it.")
    )
    co_host_1 = StringField(_L("Co-host"), [LINE])
    co_host_1_share = MoneyField(_L("Its share"), [Optional()], least=0)
    co_host_2 = StringField(_L("Another co-host"), [LINE])
    co_host_2_share = MoneyField(_L("The other's share"), [Optional()], least=0)
    wants_advance = BooleanField(_L("We need a part of the money before the event."))
    answer = TextAreaField(_L("Your answer"), [TEXT])

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
            "wants_advance": self.wants_advance.data,
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
            "seats", "currency", "own_share_minor", "answer", "wants_advance",
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

    question = TextAreaField(_L("Question"), [TEXT, NEEDED])


class ReasonForm(Form):
    """Why not."""

    reason = TextAreaField(
        _L("Reason"), [TEXT, NEEDED], description=_L("The partner reads it word for word.")
    )


class ApprovalForm(SumsForm):
    """How much of a request, from which allocation, until when."""

    allocation_id = SelectField(_L("Paid from"), [NEEDED])
    amount_minor = MoneyField(_L("Up to"), [NEEDED], least=1)
    percent = DecimalTextField(_L("Share of the real cost"), [NEEDED])
    cap_minor = MoneyField(
        _L("Cap"), [Optional()], least=1, description=_L("Empty: the approved amount is the cap.")
    )
    advance_minor = MoneyField(
        _L("Of it in advance"), [Optional()], least=0, description=_L("Empty: nothing before the event.")
    )
    claim_by = DateField(_L("To be claimed by"), [NEEDED])
    note = TextAreaField(_L("Note to the partner"), [TEXT])

    def __init__(self, *args: Any, currency: str, allocations: list[Allocation], **kwargs: Any) -> None:
        self.sums_in = currency
        super().__init__(*args, **kwargs)
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
