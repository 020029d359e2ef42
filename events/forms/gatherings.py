"""What hosts and guests type about an event."""

from typing import Any

from wtforms import BooleanField, EmailField, IntegerField, StringField, TelField, TextAreaField
from wtforms.validators import Length, Optional

from core.forms import LINE, NEEDED, Form, MoneyField
from core.i18n import lazy_gettext
from events.forms.fields import COUNT, SumsForm
from events.models import Event

_L = lazy_gettext


class EventForm(Form):
    """What the public page of an event says."""

    title = StringField(_L("Title"), [NEEDED, Length(max=140, message=_L("At most 140 characters."))])
    description = TextAreaField(
        _L("Description"),
        [Length(max=8000, message=_L("At most 8,000 characters."))],
        description=_L("What guests read. Paragraphs, **bold**, lists and links work."),
    )
    venue = StringField(_L("Venue"), [LINE])
    seats = IntegerField(_L("Seats"), [Optional(), COUNT], description=_L("Empty: as many as come."))


def event_values(form: EventForm, event: Event) -> dict[str, Any]:
    """What :func:`events.operations.change_event` takes."""
    return {
        "title": form.title.data or event.title,
        "description": form.description.data or "",
        "venue": form.venue.data or "",
        "seats": form.seats.data,
    }


class GuestForm(Form):
    """A guest registers. The field nobody sees is for programs, which fill in everything."""

    name = StringField(_L("Your name"), [NEEDED, Length(max=120, message=_L("At most 120 characters."))])
    email = EmailField(
        _L("E-mail"), [NEEDED, LINE], description=_L("The confirmation and the calendar file go there.")
    )
    company = StringField(_L("Company"), [NEEDED, Length(max=160, message=_L("At most 160 characters."))])
    position = StringField(_L("Position"), [Length(max=120, message=_L("At most 120 characters."))])
    phone = TelField(_L("Phone"), [Length(max=40, message=_L("At most 40 characters."))])
    agrees = BooleanField("")

    def __init__(self, *args: Any, consent: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.agrees.label.text = consent


class CheckInForm(Form):
    """A guest's code at the door."""

    code = StringField(_L("Check-in code"), [NEEDED, Length(max=20)])


class JoiningForm(SumsForm):
    """A partner asks to join another's event."""

    share_minor = MoneyField(
        _L("Your share"),
        [Optional()],
        least=0,
        description=_L("What you would pay of the host's own part; nothing is fine too."),
    )
    note = TextAreaField(_L("Word to the host"), [Length(max=500, message=_L("At most 500 characters."))])

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        self.sums_in = currency
        super().__init__(*args, **kwargs)


class JoiningAnswerForm(Form):
    """Why the host would rather not."""

    answer = StringField(_L("Reason"), [NEEDED, Length(max=500, message=_L("At most 500 characters."))])
