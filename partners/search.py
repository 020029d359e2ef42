"""How firms and applications are found."""

from collections.abc import Iterable

import sqlalchemy as sa
from flask import url_for

from accounts.models import User
from accounts.permissions import Permission
from core import search
from core.database import session
from core.i18n import country_name
from core.i18n import lazy_gettext as _l
from core.search import Found, Source, matches
from core.statuses import status_of
from partners.models import Application, Member, Partner
from partners.queries.applications import applications_visible_to
from partners.queries.partners import partners_visible_to


def _partners(person: User, words: str, most: int) -> Iterable[Found]:
    if not person.is_staff:
        return []
    someone = sa.exists().where(
        Member.partner_id == Partner.id, Member.user_id == User.id, matches(words, User.name, User.email)
    )
    fits = matches(words, Partner.name, Partner.legal_name, Partner.website, Partner.tax_id)
    rows = session.scalars(partners_visible_to(person).where(sa.or_(fits, someone)).limit(most))
    return [
        Found(
            row.name,
            " · ".join(
                part
                for part in (row.city, country_name(row.country), str(status_of(row.status).word))
                if part
            ),
            url_for("partners.partner", partner_id=row.id),
        )
        for row in rows
    ]


def _applications(person: User, words: str, most: int) -> Iterable[Found]:
    fits = matches(words, Application.company, Application.person, Application.email)
    rows = session.scalars(
        applications_visible_to(person).where(fits).order_by(Application.id.desc()).limit(most)
    )
    return [
        Found(
            row.company,
            f"{row.person} · {status_of(row.status).word}",
            url_for("partners.application", application_id=row.id),
        )
        for row in rows
    ]


search.add(
    Source(
        _l("Partners"), "buildings", Permission.PARTNERS_READ, _partners, order=10,
        all_url=lambda words: url_for("partners.partners", q=words),
    )
)  # fmt: skip
search.add(Source(_l("Applications"), "person-plus", Permission.APPLICATIONS_REVIEW, _applications, order=60))
