"""How people are found: everybody, by those who look after people."""

from collections.abc import Iterable

from flask import url_for

from accounts import queries
from accounts.models import User
from accounts.permissions import PARTNER_ROLES, STAFF_ROLES, Permission
from core import search
from core.database import session
from core.i18n import lazy_gettext as _l
from core.search import Found, Source


def _people(_person: User, words: str, most: int) -> Iterable[Found]:
    rows = session.scalars(queries.people([*STAFF_ROLES, *PARTNER_ROLES], words).limit(most))
    return [
        Found(row.name, f"{row.email} · {row.role.label}", url_for("accounts.person", user_id=row.id))
        for row in rows
    ]


search.add(Source(_l("People"), "person-badge", Permission.PEOPLE_MANAGE, _people, order=80))
