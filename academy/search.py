"""How courses, answers of the knowledge base and certificates are found."""

from collections.abc import Iterable

import sqlalchemy as sa
from flask import url_for

from academy.models import Certificate
from academy.operations.articles import words_of
from academy.queries.articles import articles_found, articles_visible_to
from academy.queries.certificates import certificates_visible_to
from academy.queries.courses import live_versions
from accounts.models import User
from accounts.permissions import Permission
from core import search
from core.database import session
from core.i18n import gettext as _
from core.i18n import lazy_gettext as _l
from core.search import Found, Source, matches


def _courses(_person: User, words: str, most: int) -> Iterable[Found]:
    # A course's titles stand in its editions, one a language; a programme has some dozens of courses
    wanted = words.casefold()
    live = session.scalars(live_versions()).unique()
    fitting = [
        version for version in live if wanted in version.title.casefold() or wanted in version.course.code
    ]
    return [
        Found(version.title, version.course.code, url_for("academy.course", code=version.course.code))
        for version in fitting[:most]
    ]


def _articles(person: User, words: str, most: int) -> Iterable[Found]:
    """As the knowledge base itself searches: every word begins one of the answer's, in any language of it."""
    wanted = words_of(words)
    if not wanted:
        return []
    rows = session.scalars(articles_found(articles_visible_to(person), wanted).limit(most))
    return [
        Found(
            row.title,
            _("Draft") if row.published_at is None else "",
            url_for("academy.article", slug=row.slug),
        )
        for row in rows
    ]


def _certificates(person: User, words: str, most: int) -> Iterable[Found]:
    holder = sa.exists().where(User.id == Certificate.user_id, matches(words, User.name))
    rows = session.scalars(
        certificates_visible_to(person).where(sa.or_(matches(words, Certificate.serial), holder)).limit(most)
    ).unique()
    return [
        Found(
            row.serial,
            f"{row.user.name} · {row.course_version.title}",
            url_for("academy.certificate", serial=row.serial),
        )
        for row in rows
    ]


search.add(Source(_l("Courses"), "mortarboard", Permission.COURSES_LEARN, _courses, order=30))
search.add(
    Source(
        _l("Knowledge base"), "question-circle", Permission.COURSES_LEARN, _articles, order=31,
        all_url=lambda words: url_for("academy.articles", q=words),
    )
)  # fmt: skip
search.add(Source(_l("Certificates"), "patch-check", Permission.CERTIFICATES_READ, _certificates, order=32))
