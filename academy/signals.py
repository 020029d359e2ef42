"""What happens in the academy."""

from dataclasses import dataclass
from typing import Any, ClassVar

from academy.models import Attempt, AttemptSeries, Certificate, Course, CourseVersion, Enrolment, Question
from core.i18n import lazy_pgettext
from core.signals import Signal


class CourseAdded(Signal[Course]):
    """An author began a course."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Course added")


class CourseChanged(Signal[Course]):
    """For whom it is, or what it qualifies for."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Course changed")


class CourseRetired(Signal[Course]):
    """Not taught any more; certificates last to their end."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Course retired")


class CourseVersionPublished(Signal[CourseVersion]):
    """Taught from now on; the version before is superseded."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Version of a course published")


class QuestionChanged(Signal[Question]):
    """Added, changed or retired."""


@dataclass(frozen=True)
class QuestionsImported(Signal[Course]):
    """A file of questions came in."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Questions imported")

    added: int
    changed: int
    locale: str


class LearnerEnrolled(Signal[Enrolment]):
    """Somebody began to learn a course."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Enrolled in a course")


class ExamStarted(Signal[Attempt]):
    """The clock of an attempt runs."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Exam started")


class ExamPassed(Signal[Attempt]):
    """Enough right answers in time."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Exam passed")


class ExamFailed(Signal[Attempt]):
    """Not enough right answers, or not in time."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Exam not passed")


class AttemptsGranted(Signal[AttemptSeries]):
    """Another series of attempts."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Attempts granted")


class CertificateIssued(Signal[Certificate]):
    """Holds from now on. What routing asks for, it answers at once."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Certificate issued")


@dataclass(frozen=True)
class CertificateRevoked(Signal[Certificate]):
    """Holds no more, from this moment."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Certificate revoked")

    reason: str


class CertificateExpired(Signal[Certificate]):
    """Its time is over."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Certificate expired")
