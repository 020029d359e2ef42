"""Who at the vendor looks after firms."""

from collections.abc import Sequence
from typing import Any

from wtforms import SelectField

from accounts.models import User
from core.forms import NEEDED, Form, choices
from core.i18n import gettext, lazy_gettext
from partners.models import ContactKind
from partners.queries.contacts import MANAGER, MANAGES, Place

_L = lazy_gettext


class ContactsForm(Form):
    """The manager and every kind of contact of one firm."""

    manager_id = SelectField(MANAGER, description=MANAGES)
    technical = SelectField(ContactKind.TECHNICAL.label, description=ContactKind.TECHNICAL.purpose)
    marketing = SelectField(ContactKind.MARKETING.label, description=ContactKind.MARKETING.purpose)
    finance = SelectField(ContactKind.FINANCE.label, description=ContactKind.FINANCE.purpose)
    sponsor = SelectField(ContactKind.SPONSOR.label, description=ContactKind.SPONSOR.purpose)

    def __init__(self, places: Sequence[Place], *, managers: Sequence[User], staff: Sequence[User]) -> None:
        named = {place.code: place.user for place in places}
        start = {code: str(user.id) if user is not None else "" for code, user in named.items()}
        super().__init__(data={**start, "manager_id": start["manager"]})
        self._people = {str(user.id): user for user in [*managers, *staff]}
        needs_one = named["manager"] is not None
        listed = [(str(user.id), user.name) for user in managers]
        self.manager_id.choices = choices(listed, empty=None if needs_one else gettext("nobody"))
        for kind in ContactKind:
            self[kind.value].choices = choices(
                [(str(user.id), f"{user.name} · {user.role.label}") for user in staff],
                empty=gettext("nobody"),
            )

    def answers(self) -> dict[str, Any]:
        """As :func:`partners.operations.name_contacts` takes them."""
        chosen = {kind: self._people.get(self[kind.value].data or "") for kind in ContactKind}
        return {"people": chosen, "manager": self._people.get(self.manager_id.data or "")}


class HandingOverForm(Form):
    """Who takes over everything that a colleague looks after."""

    heir = SelectField(_L("Who takes over"), [NEEDED])

    def prepare(self, colleagues: Sequence[User]) -> "HandingOverForm":
        self._people = {str(user.id): user for user in colleagues}
        self.heir.choices = choices(
            [(str(user.id), f"{user.name} · {user.role.label}") for user in colleagues],
            empty=gettext("Choose"),
        )
        return self

    @property
    def chosen(self) -> User:
        """Whoever was chosen."""
        return self._people[self.heir.data]
