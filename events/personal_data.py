"""What events hold about people: their guests, and for how long."""

from typing import Any

import sqlalchemy as sa

from core import retention
from core.contacts import email_key
from core.database import session
from core.i18n import lazy_gettext as _l
from core.personal_data import Holding, Person, holds
from events.models import Event, Registration


def _guests(person: Person) -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(
            Event.title.label("event"), Registration.created_at, Registration.status, Registration.name,
            Registration.email, Registration.company, Registration.position, Registration.phone,
            Registration.country, Registration.consented_at, Registration.consent_text,
            Registration.checked_in_at,
        )
        .join(Event, Event.id == Registration.event_id)
        .where(_came(person))
        .order_by(Registration.id)
    )  # fmt: skip


def _came(person: Person) -> sa.ColumnElement[bool]:
    return sa.or_(
        sa.func.lower(Registration.email) == person.email,
        Registration.email_key == (email_key(person.email) or person.email),
    )


def _erase_guests(person: Person) -> int:
    ids = list(session.scalars(sa.select(Registration.id).where(_came(person))))
    _forget_guests(ids)
    return len(ids)


def _forget_guests(ids: list[int]) -> None:
    """That somebody came, and whether they agreed to hear from us, still counts; who it was does not stay."""
    nobody = sa.literal("erased-") + sa.cast(Registration.id, sa.String) + sa.literal("@invalid")
    session.execute(
        sa.update(Registration)
        .where(Registration.id.in_(ids))
        .values(name="", email=nobody, email_key=nobody, company="", position="", phone="")
        .execution_options(synchronize_session=False)
    )
    session.expire_all()


holds(
    Holding(
        "event_guests", _l("Registrations for events"), _guests, _erase_guests,
        kept=_l("That a guest came stays as a number."),
    )
)  # fmt: skip

retention.rule(
    "event_guests",
    _l("Guests of events"),
    _l(
        "Counted from the event's end: name, firm and contact data go; how many came stays. "
        "Their leads have their own time."
    ),
    months=12,
    due=lambda limit: (
        sa.select(Registration.id)
        .join(Event, Event.id == Registration.event_id)
        .where(Event.ends_at < limit, Registration.name != "")
    ),
    clear=_forget_guests,
)
