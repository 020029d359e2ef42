"""What happens in the academy."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from academy.models import (
    Attempt,
    AttemptSeries,
    Certificate,
    Course,
    CourseVersion,
    Enrolment,
    Question,
    Seat,
    SigningKey,
    Submission,
    Webinar,
)
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


class LearnersEnrolled(Signal[Sequence[int]]):
    """Many were enrolled by the programme, by the ids of their enrolments.

    The trail says *learner enrolled* of each; whoever listens to :class:`LearnerEnrolled` listens to this as well.
    """


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


class CertificateEndAnnounced(Signal[Certificate]):
    """A newer version of its course is taught and ends it on a day to come."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Earlier end of a certificate announced")


class CertificateEnded(Signal[Certificate]):
    """A newer version of its course has ended it."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Certificate ended by a new version")


class SigningKeyMade(Signal[SigningKey]):
    """Certificates are signed with it from now on; the one before stays public."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Key for signing certificates made")


class WorkSubmitted(Signal[Submission]):
    """Somebody handed in a practical work."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Practical work handed in")


class WorkAssessed(Signal[Submission]):
    """An examiner gave a verdict."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Practical work assessed")


class WorkAppealed(Signal[Submission]):
    """Its author asks for a second look."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Second look asked for")


class SlotBooked(Signal[Submission]):
    """A talk with an examiner has its time."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Talk with an examiner booked")


class WebinarPlanned(Signal[Webinar]):
    """A webinar has its date."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Webinar planned")


class WebinarChanged(Signal[Webinar]):
    """Another time, another place: everybody with a seat gets a new invitation."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Webinar changed")


class WebinarCancelled(Signal[Webinar]):
    """It does not take place."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Webinar cancelled")


class SeatBooked(Signal[Seat]):
    """Somebody has a seat in a webinar, at once or from the queue."""
