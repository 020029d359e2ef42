"""What is announced about milestones of a project."""

from dataclasses import dataclass
from typing import Any, ClassVar

from core.i18n import lazy_pgettext
from core.signals import Signal
from referrals.models.milestones import ReachedMilestone


@dataclass(frozen=True)
class MilestoneReached(Signal[ReachedMilestone]):
    """It was accepted or paid."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Milestone reached")

    name: str
    document: str


@dataclass(frozen=True)
class MilestoneUndone(Signal[ReachedMilestone]):
    """It was noted by mistake."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Milestone noted by mistake")

    name: str
