"""What the academy keeps: courses and their versions, questions, attempts at exams, certificates."""

from academy.models.certificates import Band, Certificate, CertificateStatus
from academy.models.courses import (
    Audience,
    Course,
    CourseVersion,
    Enrolment,
    Exam,
    Lesson,
    LessonCompletion,
    Level,
    Module,
    VersionStatus,
)
from academy.models.editions import Edition, edition_of
from academy.models.exams import Attempt, AttemptItem, AttemptSeries, AttemptStatus, topic_name
from academy.models.questions import Question, QuestionKind

__all__ = [
    "Attempt",
    "AttemptItem",
    "AttemptSeries",
    "AttemptStatus",
    "Audience",
    "Band",
    "Certificate",
    "CertificateStatus",
    "Course",
    "CourseVersion",
    "Edition",
    "Enrolment",
    "Exam",
    "Lesson",
    "LessonCompletion",
    "Level",
    "Module",
    "Question",
    "QuestionKind",
    "VersionStatus",
    "edition_of",
    "topic_name",
]
