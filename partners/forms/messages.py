"""What people type in conversations and announcements."""

from collections.abc import Sequence

from wtforms import BooleanField, DateField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from accounts.models import User
from core.forms import LINE, MARKS, NEEDED, Form, ListField, choices
from core.i18n import country_name, lazy_gettext
from partners import queries
from partners.models import PartnerType
from partners.queries.contacts import Place
from partners.queries.partners import countries_of_partners

_L = lazy_gettext
_TEXT = Length(max=20_000, message=_L("At most 20,000 characters."))


class MessageForm(Form):
    """The next word in a conversation."""

    text = TextAreaField(_L("Message"), [NEEDED, Length(max=8000, message=_L("At most 8,000 characters."))])


class ThreadForm(MessageForm):
    """The first word of a conversation."""

    subject = StringField(_L("Subject"), [NEEDED, LINE])
    people = ListField(
        _L("To whom"), [Optional()], description=_L("Nobody chosen: your manager reads it first.")
    )

    def __init__(self, places: Sequence[Place], *, subject: str = "", to: int | None = None) -> None:
        start = [str(place.user.id) for place in places if place.user is not None and place.user.id == to]
        super().__init__(data={"subject": subject, "people": start[:1]})
        self._people: dict[str, User] = {}
        said: dict[str, list[str]] = {}
        for place in places:
            if place.user is not None:
                self._people[str(place.user.id)] = place.user
                said.setdefault(str(place.user.id), []).append(str(place.label))
        if self._people:
            self.people.choices = choices(
                (number, f"{user.name} · {', '.join(said[number])}") for number, user in self._people.items()
            )
        else:
            del self.people

    def chosen(self) -> list[User]:
        """Those who are named in the conversation from its first word."""
        return [self._people[number] for number in self.people.data or []] if "people" in self else []


class ThreadPeopleForm(Form):
    """Who of the vendor is named in a conversation."""

    people = ListField(_L("People who get new messages"), [Optional()])

    def __init__(self, staff: list[User], chosen: list[User] | None = None) -> None:
        start = {"people": [str(person.id) for person in chosen]} if chosen is not None else {}
        super().__init__(data=start)
        self._staff = {str(person.id): person for person in staff if person.suspended_at is None}
        self.people.choices = choices((number, person.name) for number, person in self._staff.items())

    def chosen(self) -> list[User]:
        """The people ticked."""
        return [self._staff[number] for number in self.people.data or []]


class AnnouncementForm(Form):
    """What is announced, and to whom."""

    title = StringField(_L("Title in English"), [NEEDED, LINE])
    title_ru = StringField(_L("Title in Russian"), [LINE])
    text = TextAreaField(_L("Text in English"), [NEEDED, _TEXT], description=MARKS)
    text_ru = TextAreaField(_L("Text in Russian"), [_TEXT], description=MARKS)
    tiers = ListField(_L("Tiers"), [Optional()])
    types = ListField(_L("Kinds of partner"), [Optional()])
    countries = ListField(_L("Countries"), [Optional()])
    ends_on = DateField(_L("Shown on home pages until"), [Optional()])
    by_mail = BooleanField(_L("Also by mail to the admins of the firms"))

    def __init__(self) -> None:
        super().__init__()
        self.tiers.choices = choices((tier.code, tier.label) for tier in queries.tiers())
        self.types.choices = choices((kind.value, kind.label) for kind in PartnerType)
        self.countries.choices = choices((code, country_name(code)) for code in countries_of_partners())
