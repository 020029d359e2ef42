"""Every question about courses, learners, exams and certificates."""

from academy.queries.certificates import (
    certificate_by_serial,
    certificates_of,
    certificates_visible_to,
    certified_courses_by_partner,
    certified_products_by_partner,
    expiring_soon,
    standing_certificate,
)
from academy.queries.courses import (
    all_courses,
    completed_keys,
    course_by_code,
    draft_version,
    enrolment_of,
    enrolments_of,
    live_version,
    live_versions,
    product_course_titles,
    products_with_a_course,
)
from academy.queries.exams import (
    ExamState,
    attempts_visible_to,
    exam_state,
    last_attempts_of,
    open_attempt,
    overdue_attempts,
    used_up_attempts,
)
from academy.queries.questions import questions_of, questions_to_draw, tag_counts
from academy.queries.statistics import CourseFigures, ItemFigures, course_figures, item_figures
from academy.queries.team import TeamCourse, TeamMember, team_progress

__all__ = [
    "CourseFigures",
    "ExamState",
    "ItemFigures",
    "TeamCourse",
    "TeamMember",
    "all_courses",
    "attempts_visible_to",
    "certificate_by_serial",
    "certificates_of",
    "certificates_visible_to",
    "certified_courses_by_partner",
    "certified_products_by_partner",
    "completed_keys",
    "course_by_code",
    "course_figures",
    "draft_version",
    "enrolment_of",
    "enrolments_of",
    "exam_state",
    "expiring_soon",
    "item_figures",
    "last_attempts_of",
    "live_version",
    "live_versions",
    "open_attempt",
    "overdue_attempts",
    "product_course_titles",
    "products_with_a_course",
    "questions_of",
    "questions_to_draw",
    "standing_certificate",
    "tag_counts",
    "team_progress",
    "used_up_attempts",
]
