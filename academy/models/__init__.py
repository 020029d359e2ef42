"""What the academy keeps: courses with lessons and exams, certificates, practicals, webinars, answers."""

from academy.models.articles import Article, ArticleVote
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
from academy.models.files import CourseFile
from academy.models.keys import SigningKey
from academy.models.paths import LearningPath, PathStep
from academy.models.practicals import Practical, Slot, Submission, SubmissionStatus, Verdict
from academy.models.questions import Question, QuestionKind
from academy.models.webinars import Seat, SeatStatus, Webinar

__all__ = [
    "Article",
    "ArticleVote",
    "Attempt",
    "AttemptItem",
    "AttemptSeries",
    "AttemptStatus",
    "Audience",
    "Band",
    "Certificate",
    "CertificateStatus",
    "Course",
    "CourseFile",
    "CourseVersion",
    "Edition",
    "Enrolment",
    "Exam",
    "LearningPath",
    "Lesson",
    "LessonCompletion",
    "Level",
    "Module",
    "PathStep",
    "Practical",
    "Question",
    "QuestionKind",
    "Seat",
    "SeatStatus",
    "SigningKey",
    "Slot",
    "Submission",
    "SubmissionStatus",
    "Verdict",
    "VersionStatus",
    "Webinar",
    "edition_of",
    "topic_name",
]
