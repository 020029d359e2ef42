"""What partners adds to the side menu and to what waits for people."""

from collections.abc import Hashable, Iterable
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from accounts.models import User
from accounts.permissions import Permission
from core import clock, navigation
from core.database import session
from core.i18n import gettext, lazy_gettext
from core.interface import dotted
from core.navigation import Entry
from core.waiting import Waiting, waits
from partners import queries, wording
from partners.models import WITH_THE_VENDOR, Application, Partner, PartnerStatus
from partners.queries import announcements, applications, onboarding, stories
from partners.queries import messages as conversations
from partners.queries.agreements import has_accepted
from partners.queries.development import current_plan, plans_to_agree
from partners.queries.members import partner_of
from partners.queries.partners import numbers_of
from partners.queries.standing import open_grace

_L = lazy_gettext


@navigation.rests_on
def whose_firm(person: User) -> Hashable:
    """What the lists of a firm's people are built from beside themselves."""
    firm = None if person.is_staff else partner_of(person)
    if firm is None:
        return None
    return firm.id, firm.tier, firm.type, firm.country, tuple(numbers_of(firm))


def init_app() -> None:
    for entry in (
        Entry(
            _L("Applications"),
            "partners.applications",
            "inbox",
            Permission.APPLICATIONS_REVIEW,
            group="network",
            order=20,
            count=applications.waiting_applications,
            due=True,
            on_phone=True,
            audience="staff",
        ),
        Entry(
            _L("Partners"),
            "partners.partners",
            "buildings",
            Permission.PARTNERS_READ,
            group="network",
            order=21,
            audience="staff",
            on_phone=True,
        ),
        Entry(
            _L("Onboarding"),
            "partners.onboarding",
            "list-check",
            Permission.PARTNERS_WRITE,
            group="network",
            order=22,
            audience="staff",
        ),
        Entry(
            _L("Tiers"),
            "partners.tiers",
            "award",
            Permission.PARTNERS_READ,
            group="programme",
            order=60,
            audience="staff",
        ),
        Entry(
            _L("Network map"),
            "partners.network",
            "geo-alt",
            Permission.PARTNERS_READ,
            group="network",
            order=22,
            audience="staff",
        ),
        Entry(
            _L("Concentration"),
            "partners.concentration",
            "pie-chart",
            Permission.PARTNERS_READ,
            group="network",
            order=23,
            audience="staff",
        ),
        Entry(
            _L("Catalogue"),
            "partners.catalogue",
            "tags",
            Permission.CATALOGUE_MANAGE,
            group="programme",
            order=61,
            audience="staff",
        ),
        Entry(
            _L("Agreement"),
            "partners.agreements",
            "file-earmark-text",
            Permission.AGREEMENTS_PUBLISH,
            group="programme",
            order=62,
            audience="staff",
        ),
        Entry(
            _L("Messages"),
            "partners.messages",
            "chat-left-text",
            Permission.MESSAGES_WRITE,
            order=15,
            count=conversations.unread_threads,
        ),
        Entry(
            _L("Announcements"),
            "partners.staff_announcements",
            "megaphone",
            Permission.ANNOUNCEMENTS_WRITE,
            group="network",
            order=24,
            audience="staff",
        ),
        Entry(
            _L("Announcements"),
            "partners.announcements",
            "megaphone",
            Permission.FIRM_READ,
            group="network",
            order=74,
            count=announcements.unread_announcements,
            audience="partner",
        ),
        Entry(
            _L("Resources"),
            "partners.staff_resources",
            "folder",
            Permission.RESOURCES_WRITE,
            group="programme",
            order=63,
            audience="staff",
        ),
        Entry(
            _L("Resources"),
            "partners.resources",
            "folder",
            Permission.FIRM_READ,
            group="network",
            order=75,
            audience="partner",
        ),
        Entry(
            _L("Success stories"),
            "partners.staff_stories",
            "chat-quote",
            Permission.PARTNERS_READ,
            group="network",
            order=25,
            count=stories.stories_to_publish,
            audience="staff",
        ),
        Entry(
            _L("Success stories"),
            "partners.stories",
            "chat-quote",
            Permission.FIRM_READ,
            group="network",
            order=76,
            audience="partner",
        ),
        Entry(
            _L("Our firm"),
            "partners.firm",
            "building",
            Permission.FIRM_READ,
            group="network",
            order=70,
            audience="partner",
        ),
        Entry(
            _L("Where we stand"),
            "partners.firm_tier",
            "award",
            Permission.FIRM_READ,
            group="network",
            order=69,
            audience="partner",
        ),
        Entry(
            _L("Our people"),
            "partners.members",
            "people",
            Permission.FIRM_READ,
            group="network",
            order=71,
            audience="partner",
        ),
        Entry(
            _L("Agreement"),
            "partners.agreement",
            "file-earmark-text",
            Permission.FIRM_READ,
            group="network",
            order=72,
            audience="partner",
        ),
    ):
        navigation.add(entry)


@waits
def applications_that_wait(person: User) -> Iterable[Waiting]:
    """For reviewers: what was sent and is not decided, nearest clock first."""
    if not person.is_staff or not person.may(Permission.APPLICATIONS_REVIEW):
        return []
    rows = session.scalars(
        applications.applications_visible_to(person)
        .where(Application.status.in_(WITH_THE_VENDOR))
        .order_by(Application.review_due_at, Application.id)
        .limit(20)
    ).all()
    return [_application(row) for row in rows]


def _application(row: Application) -> Waiting:
    from flask import url_for

    from core.i18n import country_name

    kind = str(row.type.label) if row.type is not None else ""
    flags = gettext("flags to look at: %(count)s", count=len(row.flags)) if row.flags else ""
    place = ", ".join(part for part in (row.city, country_name(row.country)) if part)
    return Waiting(
        title=gettext("Application: %(company)s", company=row.company),
        detail=dotted(kind, place, flags),
        url=url_for("partners.application", application_id=row.id),
        verb=gettext("Review"),
        icon="person-plus",
        due_at=row.review_due_at,
    )


@waits
def what_a_firm_has_to_do(person: User) -> Iterable[Waiting]:
    """For a firm's people: a new agreement to accept; for its admins the first steps that are still open."""
    from flask import url_for

    firm = None if person.is_staff else queries.partner_of(person)
    if firm is None or firm.status is PartnerStatus.TERMINATED or not person.may(Permission.FIRM_MANAGE):
        return []
    waiting = []
    current = queries.current_agreement()
    if current is not None and current.accept_by is not None and not has_accepted(firm, current):
        waiting.append(
            Waiting(
                title=gettext("Accept the new agreement"),
                detail=current.said_summary or gettext("Version %(number)s", number=current.number),
                url=url_for("partners.agreement"),
                verb=gettext("Read it"),
                icon="file-earmark-text",
                due_at=end_of(current.accept_by),
            )
        )
    for entry in onboarding.open_checklist(firm):
        is_said_already = entry.step.code == "agreement" and waiting
        if not entry.is_done and not is_said_already:
            waiting.append(
                Waiting(
                    title=str(entry.step.label),
                    detail=str(entry.step.why),
                    url=url_for(entry.step.endpoint),
                    verb=gettext("Do it"),
                    icon="list-check",
                    due_at=entry.due_at,
                )
            )
    return waiting[:20]


@waits
def tiers_and_plans_that_wait(person: User) -> Iterable[Waiting]:
    """For a firm's admins: a tier about to be lost, a plan to agree to. For managers: plans that firms agreed to."""
    if person.is_staff:
        return _plans_for_the_vendor(person) if person.may(Permission.PARTNERS_WRITE) else []
    firm = queries.partner_of(person)
    if firm is None or not person.may(Permission.FIRM_MANAGE):
        return []
    return [*_grace_of(firm), *_plan_of(firm)]


def _grace_of(firm: Partner) -> Iterable[Waiting]:
    from flask import url_for

    grace = open_grace(firm)
    if grace is not None:
        yield Waiting(
            title=gettext("Keep %(tier)s", tier=firm.tier_row.label),
            detail="; ".join(wording.evidence_words(said) for said in grace.missing[:2]),
            url=url_for("partners.firm_tier"),
            verb=gettext("See what is missing"),
            icon="award",
            due_at=end_of(grace.ends_on),
        )


def _plan_of(firm: Partner) -> Iterable[Waiting]:
    from flask import url_for

    plan = current_plan(firm)
    if plan is not None and plan.vendor_agreed_at is not None and plan.partner_agreed_at is None:
        yield Waiting(
            title=gettext("Development plan: %(title)s", title=plan.title),
            detail=gettext("The vendor has agreed; your word is missing."),
            url=url_for("partners.firm_plan"),
            verb=gettext("Read it"),
            icon="signpost-2",
        )


def _plans_for_the_vendor(person: User) -> list[Waiting]:
    from flask import url_for

    return [
        Waiting(
            title=gettext("Development plan of %(partner)s", partner=plan.partner.name),
            detail=gettext("The firm has agreed; the vendor's word is missing."),
            url=url_for("partners.partner_plan", partner_id=plan.partner_id),
            verb=gettext("Read it"),
            icon="signpost-2",
        )
        for plan in session.scalars(plans_to_agree(person).limit(20))
    ]


def end_of(day: Any) -> Any:
    """The last moment of a day in the programme's zone."""
    from datetime import datetime, time
    from zoneinfo import ZoneInfo

    from core.settings import PROGRAMME_TIME_ZONE

    return datetime.combine(day + timedelta(days=1), time(0), ZoneInfo(PROGRAMME_TIME_ZONE.value()))


def recent_applications(person: User) -> dict[str, int]:
    """How many applications are in each age: within a day, within the clock, past it."""
    soon = clock.now() + timedelta(days=1)
    due = Application.review_due_at
    ages = sa.case((due < clock.now(), "late"), (due < soon, "soon"), else_="later")
    rows = (
        applications.applications_visible_to(person)
        .where(Application.status.in_(WITH_THE_VENDOR))
        .with_only_columns(ages, sa.func.count())
        .group_by(ages)
    )
    return dict(iter(session.execute(rows)))


@waits
def conversations_to_answer(person: User) -> Iterable[Waiting]:
    """For the vendor's people: words of firms that nobody has answered; for a firm's: answers they have not read."""
    if not person.may(Permission.MESSAGES_WRITE):
        return []
    rows = (
        conversations.threads_to_answer(person) if person.is_staff else conversations.unread_threads(person)
    )
    verb = gettext("Answer") if person.is_staff else gettext("Read")
    return [
        Waiting(
            title=thread.subject,
            detail=thread.partner.name if person.is_staff else thread.about_title,
            url=f"/messages/{thread.id}",
            verb=verb,
            icon="chat-left-text",
            due_at=thread.answer_due_at if person.is_staff else None,
        )
        for thread in session.scalars(conversations.with_names(rows).limit(20)).unique()
    ]
