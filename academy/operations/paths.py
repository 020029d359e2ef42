"""Learning paths: made, changed, retired by authors."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from academy.models import Audience, Course, LearningPath, PathStep
from academy.models.editions import ORIGINAL, with_edition
from academy.queries import path_by_code
from accounts.models import User
from core import clock
from core.database import session
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _


def save_path(
    path: LearningPath | None,
    *,
    code: str,
    audience: Audience,
    texts: Mapping[str, Mapping[str, Any]],
    courses: Sequence[Course],
    by: User | None,
) -> LearningPath:
    """Adds a path or changes one. ``courses`` in the order of learning, each once.

    Raises InvalidInput at ``code``, ``title_en`` or ``courses``.
    """
    code = code.strip().lower()
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", code) or len(code) > 60:
        raise InvalidInput(
            {"code": _("Use small letters, figures and hyphens, such as cloud-implementation.")}
        )
    other = path_by_code(code)
    if other is not None and other is not path:
        raise InvalidInput({"code": _("Another path has this code.")})
    if len(courses) < 2 or len({course.id for course in courses}) != len(courses):
        raise InvalidInput({"courses": _("Choose two courses at least, each once.")})
    editions: dict[str, Any] = dict(path.editions) if path is not None else {}
    for locale, words in texts.items():
        editions = with_edition(editions, locale, words)
    if not editions.get(ORIGINAL, {}).get("title"):
        raise InvalidInput({"title_en": _("Write the title in English; it is the original.")})
    if path is None:
        path = LearningPath(created_at=clock.now())
        session.add(path)
    path.code = code
    path.audience = audience
    path.editions = editions
    path.steps.clear()
    session.flush()
    path.steps.extend(PathStep(course=course, position=place) for place, course in enumerate(courses))
    session.flush()
    return path


def retire_path(path: LearningPath, *, by: User) -> None:
    """Takes a path out of the catalogue; its courses stay."""
    if path.retired_at is not None:
        raise Refusal(_("This path is retired already."))
    path.retired_at = clock.now()
