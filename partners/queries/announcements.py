"""Announcements: whose they are to read, and by how many they were."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from accounts.models import User
from accounts.permissions import Permission
from core import clock
from core.database import holds, session
from partners.models import Announcement, AnnouncementReading, Member, Partner, PartnerStatus
from partners.queries.members import partner_of


def announcements_visible_to(user: User) -> sa.Select[Announcement]:
    """All for whoever writes them; for a firm's people those published for it. Latest first."""
    rows = sa.select(Announcement).order_by(Announcement.id.desc())
    if user.may(Permission.ANNOUNCEMENTS_WRITE):
        return rows
    firm = partner_of(user)
    if firm is None or not user.may(Permission.MESSAGES_WRITE):
        return rows.where(sa.false())
    return rows.where(
        Announcement.withdrawn_at.is_(None),
        _is_for(Announcement.tiers, firm.tier),
        _is_for(Announcement.types, firm.type),
        _is_for(Announcement.countries, firm.country),
    )


def _is_for(segment: Any, value: str) -> sa.ColumnElement[bool]:
    """An empty list does not narrow."""
    return sa.or_(segment == [], holds(segment, value))


def unread_announcements(user: User) -> sa.Select[Announcement]:
    """Those in force that this person has not opened yet."""
    read = sa.select(AnnouncementReading.announcement_id).where(AnnouncementReading.user_id == user.id)
    return announcements_visible_to(user).where(
        Announcement.id.not_in(read),
        sa.or_(Announcement.ends_at.is_(None), Announcement.ends_at > clock.when_asked()),
    )


def read_by(user: User, announcements: list[Announcement]) -> set[int]:
    """Which of ``announcements`` this person has opened."""
    return set(
        session.scalars(
            sa.select(AnnouncementReading.announcement_id).where(
                AnnouncementReading.user_id == user.id,
                AnnouncementReading.announcement_id.in_([one.id for one in announcements]),
            )
        )
    )


def addressed_firms(tiers: list[str], types: list[str], countries: list[str]) -> sa.Select[Partner]:
    """The firms that take part and are in the segment."""
    firms = sa.select(Partner).where(Partner.status.in_((PartnerStatus.ACTIVE, PartnerStatus.ONBOARDING)))
    if tiers:
        firms = firms.where(Partner.tier.in_(tiers))
    if types:
        firms = firms.where(Partner.type.in_(types))
    if countries:
        firms = firms.where(Partner.country.in_(countries))
    return firms.order_by(Partner.id)


def number_of_addressed_firms(tiers: list[str], types: list[str], countries: list[str]) -> sa.Select[int]:
    """How many those are."""
    firms = addressed_firms(tiers, types, countries)
    return firms.order_by(None).with_only_columns(sa.func.count())


@dataclass(frozen=True)
class Reach:
    """How many firms an announcement is for, and how many firms and people have opened it."""

    firms: int
    firms_read: int
    people_read: int


def reach_of(announcement: Announcement) -> Reach:
    """Who has read it, of those it is for today."""
    asked = number_of_addressed_firms(announcement.tiers, announcement.types, announcement.countries)
    people, reading_firms = session.execute(
        sa.select(sa.func.count(AnnouncementReading.user_id), sa.func.count(sa.distinct(Member.partner_id)))
        .select_from(AnnouncementReading)
        .outerjoin(Member, sa.and_(Member.user_id == AnnouncementReading.user_id, Member.left_at.is_(None)))
        .where(AnnouncementReading.announcement_id == announcement.id)
    ).one()
    return Reach(int(session.scalar(asked) or 0), int(reading_firms), int(people))


def people_read(announcements: list[Announcement]) -> dict[int, int]:
    """How many people have opened each of ``announcements``; one query."""
    rows = session.execute(
        sa.select(AnnouncementReading.announcement_id, sa.func.count())
        .where(AnnouncementReading.announcement_id.in_([one.id for one in announcements]))
        .group_by(AnnouncementReading.announcement_id)
    )
    return dict(iter(rows))
