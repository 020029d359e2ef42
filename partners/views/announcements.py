"""Announcements: firms read them, the vendor publishes them and sees by how many they were read."""

from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from flask import abort, flash, redirect, render_template, request, url_for
from markupsafe import Markup

from accounts.access import requires, signed_in_user
from accounts.models import User
from accounts.permissions import Permission
from core.database import session, writes
from core.errors import InvalidInput
from core.i18n import gettext as _
from core.i18n import lazy_gettext as _l
from core.pagination import paginate
from core.settings import PROGRAMME_TIME_ZONE
from core.slots import fills, rendered
from partners import operations, queries
from partners.forms.messages import AnnouncementForm
from partners.models import Announcement, PartnerType
from partners.queries import announcements as asked
from partners.subjects import Topic, topics
from partners.views import partners


def _announcement(number: int) -> Announcement:
    rows = asked.announcements_visible_to(signed_in_user()).where(Announcement.id == number)
    return session.scalar(rows) or abort(404)


@partners.get("/announcements")
@requires(Permission.FIRM_READ)
def announcements() -> Any:
    """What the vendor told us, the latest first."""
    user = signed_in_user()
    page = paginate(asked.announcements_visible_to(user))
    read = asked.read_by(user, list(page.items))
    return render_template("partners/announcements/announcements.html", page=page, read=read)


@partners.get("/announcements/<int:announcement_id>")
@requires(Permission.FIRM_READ)
@writes
def announcement(announcement_id: int) -> Any:
    """One of them; opening it marks it as read."""
    row = _announcement(announcement_id)
    operations.read_announcement(row, by=signed_in_user())
    return render_template("partners/announcements/announcement.html", announcement=row)


@partners.get("/staff/announcements")
@requires(Permission.ANNOUNCEMENTS_WRITE)
def staff_announcements() -> Any:
    """Everything that was announced, and how many people read it."""
    page = paginate(asked.announcements_visible_to(signed_in_user()))
    return render_template(
        "partners/announcements/staff/announcements.html",
        page=page,
        people_read=asked.people_read(list(page.items)),
        tiers=queries.tiers_by_code(),
    )


@partners.route("/staff/announcements/new", methods=["GET", "POST"])
@requires(Permission.ANNOUNCEMENTS_WRITE)
def new_announcement() -> Any:
    """To all firms that take part, or to a segment; first looked at, then published."""
    form = AnnouncementForm()
    looks = request.method == "POST" and "publish" not in request.form
    if not looks and form.was_sent_and_holds():
        try:
            row = operations.publish_announcement(
                title=form.title.data,
                title_ru=form.title_ru.data or "",
                text=form.text.data,
                text_ru=form.text_ru.data or "",
                tiers=form.tiers.data,
                types=form.types.data,
                countries=form.countries.data,
                ends_at=_end_of(form.ends_on.data),
                by_mail=form.by_mail.data,
                by=signed_in_user(),
            )
            flash(_("Published."), "good")
            return redirect(url_for("partners.staff_announcement", announcement_id=row.id))
        except InvalidInput as problem:
            form.complain(problem)
    segment = form.tiers.data or [], form.types.data or [], form.countries.data or []
    page = render_template(
        "partners/announcements/staff/new_announcement.html",
        form=form,
        looks=looks,
        firms=session.scalar(asked.number_of_addressed_firms(*segment)) if looks else None,
    )
    return page, 200 if looks else form.status


@partners.get("/staff/announcements/<int:announcement_id>")
@requires(Permission.ANNOUNCEMENTS_WRITE)
def staff_announcement(announcement_id: int) -> Any:
    """One of them as firms see it, and who has read it."""
    row = _announcement(announcement_id)
    return render_template(
        "partners/announcements/staff/announcement.html",
        announcement=row,
        reach=asked.reach_of(row),
        tiers=queries.tiers_by_code(),
    )


@partners.post("/staff/announcements/<int:announcement_id>/withdrawal")
@requires(Permission.ANNOUNCEMENTS_WRITE)
def announcement_withdrawal(announcement_id: int) -> Any:
    """Takes it off the partners' pages."""
    operations.withdraw_announcement(_announcement(announcement_id), by=signed_in_user())
    flash(_("Withdrawn: partners no longer see it."), "good")
    return redirect(url_for("partners.staff_announcement", announcement_id=announcement_id))


def _end_of(day: Any) -> datetime | None:
    """The end of ``day`` in the programme's time zone."""
    if day is None:
        return None
    return datetime.combine(day, time(23, 59, 59), ZoneInfo(PROGRAMME_TIME_ZONE.value()))


@topics("announcement", _l("Announcement"))
def announcement_as_topic(user: User, number: int) -> Topic | None:
    row = session.scalar(asked.announcements_visible_to(user).where(Announcement.id == number))
    if row is None:
        return None
    page = "partners.staff_announcement" if user.is_staff else "partners.announcement"
    return Topic(row.said_title, url_for(page, announcement_id=number), None)


@partners.app_template_global("partner_type")
def partner_type(code: str) -> str:
    """``reseller`` as *Reseller*."""
    return str(PartnerType(code).label)


@fills("core.home.main", order=5)
def news_for_the_firm(person: User) -> Markup | None:
    """For a firm's people: announcements they have not opened yet."""
    if person.is_staff or not person.may(Permission.FIRM_READ):
        return None
    unread = session.scalars(asked.unread_announcements(person).limit(3)).all()
    return rendered("partners/announcements/_home.html", announcements=unread) if unread else None
