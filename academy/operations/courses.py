"""What authors do to courses: write a draft, publish it, begin the next."""

import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from random import SystemRandom
from typing import Any
from zoneinfo import ZoneInfo

from academy import grading
from academy.models import (
    Audience,
    Course,
    CourseVersion,
    Exam,
    Lesson,
    Level,
    Module,
    VersionStatus,
)
from academy.models.editions import ORIGINAL, with_edition
from academy.operations.certificates import end_early
from academy.queries import (
    certificates_of_earlier_versions,
    course_by_code,
    draft_version,
    live_version,
    questions_to_draw,
)
from academy.signals import CourseAdded, CourseChanged, CourseRetired, CourseVersionPublished
from accounts.models import User
from core import clock
from core.database import lock, session
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from core.settings import PROGRAMME_TIME_ZONE
from core.signals import announce

Texts = Mapping[str, Mapping[str, Any]]
"""Texts by language: ``{"en": {"title": …}, "ru": {…}}``. A language left out stays as it was."""


def make_course(
    *,
    code: str,
    audience: Audience,
    level: Level,
    product_codes: Sequence[str] = (),
    texts: Texts,
    position: int = 0,
    by: User | None,
) -> Course:
    """A course with its first draft. Raises InvalidInput at ``code`` when it is taken or cannot stand in an address."""
    code = code.strip().lower()
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", code) or len(code) > 60:
        raise InvalidInput(
            {"code": _("Use small letters, figures and hyphens, such as cloud-implementation.")}
        )
    if course_by_code(code) is not None:
        raise InvalidInput({"code": _("Another course has this code.")})
    course = Course(
        code=code,
        audience=audience,
        level=level,
        product_codes=sorted(set(product_codes)),
        position=position,
        created_at=clock.now(),
    )
    version = CourseVersion(
        course=course,
        number=1,
        status=VersionStatus.DRAFT,
        editions=_edited({}, texts),
        created_at=clock.now(),
        exam=Exam(minutes=30, draws=[]),
    )
    _refuse_without_title(version.editions)
    session.add(course)
    session.flush()
    announce(CourseAdded(course, by))
    return course


def change_course(
    course: Course, *, audience: Audience, level: Level, product_codes: Sequence[str], by: User | None
) -> None:
    """For whom it is, how far it goes, what it qualifies for. Routing follows at once."""
    course.audience = audience
    course.level = level
    course.product_codes = sorted(set(product_codes))
    announce(CourseChanged(course, by))


def retire_course(course: Course, *, by: User | None) -> None:
    """Takes it out of the catalogue. Certificates that were issued last to their end."""
    if course.retired_at is not None:
        raise Refusal(_("This course is retired already."))
    course.retired_at = clock.now()
    announce(CourseRetired(course, by))


def begin_draft(course: Course, *, by: User | None) -> CourseVersion:
    """The next version, begun as a copy of the one that is taught; answers the draft there is, if there is one."""
    lock(course)
    known = draft_version(course)
    if known is not None:
        return known
    taught = live_version(course.code)
    latest = max((version.number for version in course.versions), default=0)
    draft = CourseVersion(
        course=course,
        number=latest + 1,
        status=VersionStatus.DRAFT,
        editions=dict(taught.editions) if taught else {},
        created_at=clock.now(),
        exam=Exam(
            minutes=taught.exam.minutes if taught else 30,
            draws=[dict(draw) for draw in taught.exam.draws] if taught else [],
            penalty=taught.exam.penalty if taught else 0,
        ),
        modules=[_copy(module) for module in taught.modules] if taught else [],
    )
    session.add(draft)
    session.flush()
    return draft


def _copy(module: Module) -> Module:
    return Module(
        position=module.position,
        editions=dict(module.editions),
        lessons=[
            Lesson(
                key=lesson.key,
                position=lesson.position,
                minutes=lesson.minutes,
                editions=dict(lesson.editions),
            )
            for lesson in module.lessons
        ],
    )


def change_version(
    version: CourseVersion,
    *,
    texts: Texts,
    minutes: int | None = None,
    draws: Sequence[Mapping[str, Any]] | None = None,
    penalty: int | None = None,
    by: User | None,
) -> None:
    """Title, summary, how the exam is drawn, and what a wrong answer takes away."""
    version.refuse_unless_draft()
    editions = _edited(version.editions, texts)
    _refuse_without_title(editions)
    version.editions = editions
    if minutes is not None:
        version.exam.minutes = minutes
    if penalty is not None:
        version.exam.penalty = penalty
    if draws is not None:
        tags = [str(draw["tag"]) for draw in draws]
        if len(set(tags)) != len(tags):
            raise InvalidInput({"draws": _("Name every topic once.")})
        version.exam.draws = [dict(draw) for draw in draws]


def add_module(version: CourseVersion, *, texts: Texts, by: User | None) -> Module:
    """A chapter, at the end."""
    version.refuse_unless_draft()
    module = Module(
        version=version,
        position=_next(module.position for module in version.modules),
        editions=_edited({}, texts),
    )
    _refuse_without_title(module.editions)
    session.add(module)
    session.flush()
    return module


def change_module(module: Module, *, texts: Texts, by: User | None) -> None:
    """A chapter's title."""
    module.version.refuse_unless_draft()
    editions = _edited(module.editions, texts)
    _refuse_without_title(editions)
    module.editions = editions


def remove_module(module: Module, *, by: User | None) -> None:
    """Takes an empty chapter out."""
    module.version.refuse_unless_draft()
    if module.lessons:
        raise Refusal(_("There are lessons in this chapter. Remove them first."))
    module.version.modules.remove(module)


def add_lesson(module: Module, *, texts: Texts, minutes: int = 5, by: User | None) -> Lesson:
    """A lesson, at the end of its chapter."""
    module.version.refuse_unless_draft()
    lesson = Lesson(
        module=module,
        key=secrets.token_hex(6),
        position=_next(lesson.position for lesson in module.lessons),
        minutes=minutes,
        editions=_edited({}, texts),
    )
    _refuse_without_title(lesson.editions)
    session.add(lesson)
    session.flush()
    return lesson


def change_lesson(lesson: Lesson, *, texts: Texts, minutes: int, by: User | None) -> None:
    """A lesson's texts, edition by edition, and how long it takes to read."""
    lesson.module.version.refuse_unless_draft()
    editions = _edited(lesson.editions, texts)
    _refuse_without_title(editions)
    lesson.editions = editions
    lesson.minutes = minutes


def move_lesson(lesson: Lesson, *, up: bool, by: User | None) -> None:
    """One place up or down within its chapter; at the end nothing happens."""
    lesson.module.version.refuse_unless_draft()
    row = lesson.module.lessons
    place = row.index(lesson)
    other = place - 1 if up else place + 1
    if 0 <= other < len(row):
        lesson.position, row[other].position = row[other].position, lesson.position
        session.flush()
        session.expire(lesson.module, ["lessons"])


def remove_lesson(lesson: Lesson, *, by: User | None) -> None:
    """Takes a lesson out of the draft; versions that were published keep it."""
    lesson.module.version.refuse_unless_draft()
    lesson.module.lessons.remove(lesson)


def what_is_missing(version: CourseVersion) -> list[str]:
    """Why a draft cannot be published yet, in sentences."""
    missing = []
    if not version.editions.get(ORIGINAL, {}).get("title"):
        missing.append(_("It has no title in English."))
    if not version.lessons:
        missing.append(_("It has no lesson."))
    empty = [lesson for lesson in version.lessons if not lesson.editions.get(ORIGINAL, {}).get("text")]
    missing += [
        _("The lesson “%(title)s” has no text in English.", title=lesson.edition["title"]) for lesson in empty
    ]
    if not version.exam.draws:
        missing.append(_("The exam asks nothing: name its topics and how many questions of each."))
    else:
        wanted = [(str(draw["tag"]), int(draw["count"])) for draw in version.exam.draws]
        bank = {
            row.id: row.tags for row in questions_to_draw(version.course_id, [tag for tag, _count in wanted])
        }
        if grading.draw(bank, wanted, SystemRandom()) is None:
            missing.append(_("The bank holds too few questions for what the exam draws."))
    return missing


def publish_version(
    version: CourseVersion, *, last_day_of_earlier: date | None = None, by: User | None
) -> CourseVersion:
    """Teaches it from now on. Raises Refusal with the first thing that is missing.

    Certificates of earlier versions last to their end, or through ``last_day_of_earlier`` in the programme's time
    zone; InvalidInput at that name when the day is over.
    """
    course = lock(version.course)
    zone = ZoneInfo(PROGRAMME_TIME_ZONE.value())
    if last_day_of_earlier is not None and last_day_of_earlier < clock.today(PROGRAMME_TIME_ZONE.value()):
        raise InvalidInput({"last_day_of_earlier": _("That day is over.")})
    missing = what_is_missing(version)
    if missing:
        raise Refusal(missing[0])
    taught = next((row for row in course.versions if row.status is VersionStatus.PUBLISHED), None)
    if taught is not None:
        taught.supersede()
        session.flush()
    version.publish()
    version.published_by_id = by.id if by is not None else None
    if last_day_of_earlier is not None:
        end = datetime.combine(last_day_of_earlier, time(23, 59, 59), zone).astimezone(UTC)
        version.ends_earlier_at = end
    session.flush()
    announce(CourseVersionPublished(version, by))
    if version.ends_earlier_at is not None:
        for certificate in session.scalars(certificates_of_earlier_versions(version)).all():
            end_early(certificate, version.ends_earlier_at, by=by)
    return version


def _next(positions: Any) -> int:
    return max(positions, default=0) + 1


def _edited(editions: Mapping[str, Any], texts: Texts) -> dict[str, Any]:
    edited = dict(editions)
    for locale, words in texts.items():
        edited = with_edition(edited, locale, words)
    return edited


def _refuse_without_title(editions: Mapping[str, Any]) -> None:
    if not editions.get(ORIGINAL, {}).get("title"):
        raise InvalidInput({"title_en": _("Write the title in English; it is the original.")})
    for locale, words in editions.items():
        if not words.get("title"):
            raise InvalidInput({f"title_{locale}": _("This edition has a text and no title.")})
