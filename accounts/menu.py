"""The headings of the side menu, in their order, and what accounts adds to it."""

from collections.abc import Hashable, Iterable

import sqlalchemy as sa
from flask import url_for

from accounts.models import User
from accounts.permissions import STAFF_ROLES, Permission
from accounts.queries import unread_notices_of
from core import navigation
from core.bounces import open_bounces
from core.database import session
from core.i18n import gettext, ngettext
from core.i18n import lazy_gettext as _
from core.navigation import Entry
from core.settings import LEGAL, legal_text
from core.waiting import Waiting, waits

#: Pages that are reached from a place of the menu and stand beside it in the address.
_BELONGS = {
    "accounts.people": ("/staff/permissions",),
    "accounts.personal_data": ("/staff/retention",),
}


def init_app() -> None:
    navigation.count_beside("core.bell", unread_notices_of)
    for name, label in (
        ("money", _("Money")),
        ("growth", _("Growth")),
        ("network", _("Network")),
        ("programme", _("Programme")),
        ("admin", _("Administration")),
    ):
        navigation.group(name, label)
    navigation.add(Entry(_("Home"), "core.home", "house", None, order=0, on_phone=True))
    for label, endpoint, icon, permission in (
        (_("People"), "accounts.people", "person-badge", Permission.PEOPLE_MANAGE),
        (_("Settings"), "accounts.settings", "sliders", Permission.SETTINGS_CHANGE),
        (_("API keys"), "accounts.api_keys", "key", Permission.KEYS_MANAGE),
        (_("Bounced mail"), "accounts.bounced_mail", "envelope-exclamation", Permission.PEOPLE_MANAGE),
        (_("Web hooks"), "accounts.webhooks", "broadcast", Permission.WEBHOOKS_MANAGE),
        (_("Jobs"), "accounts.jobs", "arrow-repeat", Permission.JOBS_MANAGE),
        (_("Personal data"), "accounts.personal_data", "person-lock", Permission.PEOPLE_MANAGE),
        (_("Audit trail"), "accounts.activity", "clock-history", Permission.ACTIVITY_READ),
    ):
        navigation.add(
            Entry(
                label,
                endpoint,
                icon,
                permission,
                group="admin",
                order=90,
                audience="staff",
                also=_BELONGS.get(endpoint, ()),
            )
        )


@navigation.rests_on
def who_it_is(person: User) -> Hashable:
    """What a person's lists are built from."""
    return person.id, person.role, person.suspended_at is None, tuple(person.scopes or ())


@waits
def colleagues_to_invite(person: User) -> Iterable[Waiting]:
    """For the first admin of a fresh installation, who is still alone."""
    if not person.may(Permission.PEOPLE_MANAGE):
        return []
    others = sa.select(sa.exists().where(User.role.in_(STAFF_ROLES), User.id != person.id))
    if session.scalar(others):
        return []
    return [
        Waiting(
            title=gettext("Invite your colleagues"),
            detail=gettext("You are the only one here; a payout needs two people."),
            url=url_for("accounts.new_person"),
            verb=gettext("Invite a colleague"),
            icon="person-plus",
        )
    ]


@waits
def legal_texts_to_write(person: User) -> Iterable[Waiting]:
    """For whoever looks after the settings, as long as visitors do not find what the law asks for."""
    missing = [str(written.label) for page, (written, _ru) in LEGAL.items() if not legal_text(page)]
    if not missing or not person.may(Permission.SETTINGS_CHANGE):
        return []
    return [
        Waiting(
            title=gettext("Write what visitors have to find"),
            detail=gettext("Still missing: %(texts)s.", texts=", ".join(missing)),
            url=url_for("accounts.settings", _anchor="s-legal-privacy"),
            verb=gettext("Write them"),
            icon="file-text",
        )
    ]


@waits
def mail_that_came_back(person: User) -> Iterable[Waiting]:
    """For whoever looks after people: how much mail came back and was not seen to."""
    if not person.may(Permission.PEOPLE_MANAGE):
        return []
    count = (
        session.scalar(sa.select(sa.func.count()).select_from(open_bounces().order_by(None).subquery())) or 0
    )
    if not count:
        return []
    return [
        Waiting(
            title=ngettext("%(num)s mail came back", "%(num)s mails came back", count),
            detail=gettext("The address is wrong, or the mailbox is gone."),
            url=url_for("accounts.bounced_mail"),
            verb=gettext("Look"),
            icon="envelope-exclamation",
        )
    ]
