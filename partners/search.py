"""How firms, applications, and what passes between firms and the vendor are found."""

from collections.abc import Iterable

import sqlalchemy as sa
from flask import url_for
from sqlalchemy.orm import joinedload

from accounts.models import User
from accounts.permissions import Permission
from core import search
from core.database import session
from core.i18n import country_name, format_day
from core.i18n import lazy_gettext as _l
from core.interface import dotted
from core.search import Found, Source, matches
from core.statuses import status_of
from partners.models import Announcement, Application, Document, Member, Partner, Resource, Story, Thread
from partners.queries.announcements import announcements_visible_to
from partners.queries.applications import applications_visible_to
from partners.queries.documents import documents_visible_to
from partners.queries.members import active_members, partner_of
from partners.queries.messages import threads_visible_to
from partners.queries.partners import partners_visible_to
from partners.queries.resources import resources_visible_to
from partners.queries.stories import stories_visible_to


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
            dotted(row.city, country_name(row.country), status_of(row.status).word),
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


def _colleagues(person: User, words: str, most: int) -> Iterable[Found]:
    """For a firm's people: who works there today. The vendor's people find them by their firm."""
    firm = None if person.is_staff else partner_of(person)
    if firm is None:
        return []
    rows = active_members(firm).where(matches(words, User.name, User.email)).limit(most)
    return [
        Found(row.user.name, f"{row.user.email} · {row.user.role.label}", url_for("partners.members"))
        for row in session.scalars(rows)
    ]


def _conversations(person: User, words: str, most: int) -> Iterable[Found]:
    fits = matches(words, Thread.subject, Thread.about_title)
    rows = threads_visible_to(person).options(joinedload(Thread.partner)).where(fits).limit(most)
    return [
        Found(
            row.subject,
            dotted(
                row.about_title, row.partner.name if person.is_staff else "", format_day(row.last_message_at)
            ),
            url_for("partners.message_thread", thread_id=row.id),
        )
        for row in session.scalars(rows)
    ]


def _announcements(person: User, words: str, most: int) -> Iterable[Found]:
    page = "partners.staff_announcement" if person.is_staff else "partners.announcement"
    fits = matches(words, Announcement.title, Announcement.title_ru)
    rows = announcements_visible_to(person).where(fits).limit(most)
    return [
        Found(row.said_title, format_day(row.published_at), url_for(page, announcement_id=row.id))
        for row in session.scalars(rows)
    ]


def _resources(person: User, words: str, most: int) -> Iterable[Found]:
    page = "partners.staff_resource" if person.is_staff else "partners.resource_file"
    fits = matches(words, Resource.title, Resource.title_ru, Resource.file_name)
    rows = resources_visible_to(person).where(fits).limit(most)
    return [
        Found(row.said_title, dotted(row.kind.label, row.file_name), url_for(page, resource_id=row.id))
        for row in session.scalars(rows)
    ]


def _documents(person: User, words: str, most: int) -> Iterable[Found]:
    fits = matches(words, Document.title, Document.name)
    rows = documents_visible_to(person).options(joinedload(Document.partner)).where(fits).limit(most)
    return [
        Found(
            row.title,
            dotted(row.kind.label, row.partner.name if person.is_staff else ""),
            url_for("partners.partner_documents", partner_id=row.partner_id)
            if person.is_staff
            else url_for("partners.firm_documents"),
        )
        for row in session.scalars(rows)
    ]


def _stories(person: User, words: str, most: int) -> Iterable[Found]:
    fits = matches(words, Story.title, Story.title_ru, Story.customer)

    def page(row: Story) -> str:
        if person.is_staff:
            return url_for("partners.staff_story", story_id=row.id)
        may_change = person.may(Permission.FIRM_MANAGE)
        return url_for("partners.story", story_id=row.id) if may_change else url_for("partners.stories")

    rows = session.scalars(stories_visible_to(person).where(fits).limit(most))
    return [Found(row.said_title, dotted(row.customer, row.partner.name), page(row)) for row in rows]


search.add(
    Source(
        _l("Partners"), "buildings", Permission.PARTNERS_READ, _partners, order=10,
        all_url=lambda words: url_for("partners.partners", q=words),
    )
)  # fmt: skip
search.add(Source(_l("Applications"), "person-plus", Permission.APPLICATIONS_REVIEW, _applications, order=60))
search.add(Source(_l("Our people"), "people", Permission.FIRM_READ, _colleagues, order=70))
search.add(Source(_l("Messages"), "chat-left-text", Permission.MESSAGES_WRITE, _conversations, order=71))
search.add(Source(_l("Announcements"), "megaphone", None, _announcements, order=72))
search.add(Source(_l("Resources"), "folder", None, _resources, order=73))
search.add(Source(_l("Documents"), "file-earmark-text", Permission.DOCUMENTS_READ, _documents, order=74))
search.add(Source(_l("Success stories"), "chat-quote", None, _stories, order=75))
