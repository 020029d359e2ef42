"""What leads announce."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from core.i18n import lazy_pgettext
from core.signals import Signal
from referrals.models.leads import Lead
from referrals.models.routing import Offer, RoutingPolicy


class LeadReceived(Signal[Lead]):
    """A lead came in and was looked at; its status says with which result."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Lead received")


class LeadsReceived(Signal[Sequence[int]]):
    """Many leads came in at once, by their ids, and were looked at; none came by a link.

    The trail says *lead received* of each. Whoever listens to :class:`LeadReceived` listens to this as well.
    """


@dataclass(frozen=True)
class LeadRouted(Signal[Lead]):
    """A decision was made; ``mode`` says how, ``eligible`` how many could have it."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Lead routed")

    policy: str
    mode: str
    eligible: int


class LeadOffered(Signal[Offer]):
    """A partner is asked and has until ``due_at``."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Lead offered")


class OfferReminded(Signal[Offer]):
    """Half of the time to answer is over."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Reminder of an offer sent")


class LeadAccepted(Signal[Offer]):
    """The partner who was asked took the lead."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Lead accepted")


@dataclass(frozen=True)
class LeadDeclined(Signal[Offer]):
    """The partner who was asked said no."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Lead declined")

    reason: str


class OfferLapsed(Signal[Offer]):
    """The partner who was asked did not answer in time."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Offer lapsed")


class OfferWithdrawn(Signal[Offer]):
    """The offer was taken back: somebody else got the lead, or a manager decided."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Offer withdrawn")


class OffersWithdrawn(Signal[Sequence[int]]):
    """Many offers were taken back at once, by their ids; the trail says *offer withdrawn* of each.

    Whoever listens to :class:`OfferWithdrawn` listens to this as well.
    """


class LeadClaimed(Signal[Lead]):
    """A partner took the lead from the pool."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Lead claimed")


@dataclass(frozen=True)
class LeadContacted(Signal[Lead]):
    """The partner wrote down a contact; ``first`` when it was the first."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Contact logged")

    kind: str
    first: bool


@dataclass(frozen=True)
class LeadReturned(Signal[Lead]):
    """The lead left its partner and looks for another one."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Lead given back")

    reason: str
    former_partner_id: int


@dataclass(frozen=True)
class LeadWentToTriage(Signal[Lead]):
    """Nobody could be given the lead, so a person decides."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Lead went to triage")

    reason: str


@dataclass(frozen=True)
class LeadSorted(Signal[Lead]):
    """A person said what a lead is: spam, a duplicate, not qualified, or a real one after all."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Lead sorted")

    status: str
    reason: str


class LeadsSortedOut(Signal[Sequence[int]]):
    """Many leads that no partner holds are no leads after all, by their ids.

    The trail says *lead sorted* of each. Whoever listens to :class:`LeadSorted` listens to this as well.
    """


@dataclass(frozen=True)
class LeadAssigned(Signal[Lead]):
    """A manager chose the partner by hand."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Lead given by hand")

    to_partner_id: int
    reason: str


class LeadWon(Signal[Lead]):
    """The lead's deal was won."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Lead won")


@dataclass(frozen=True)
class LeadLost(Signal[Lead]):
    """The lead's deal was lost."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Lead lost")

    reason: str


class PolicyPublished(Signal[RoutingPolicy]):
    """Leads are routed by this version from now on."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Routing policy published")


@dataclass(frozen=True)
class LeadWarmed(Signal[Lead]):
    """Something happened in the vendor's product that speaks for calling soon."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Lead grew warmer")

    event: str
    warmth: int


@dataclass(frozen=True)
class LeadsMerged(Signal[Lead]):
    """Another lead of the same company was merged into this one."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Lead merged")

    merged_id: int


@dataclass(frozen=True)
class LeadExtended(Signal[Lead]):
    """The partner asked for more time, once."""

    said: ClassVar[Any] = lazy_pgettext("deed", "More time for a lead")

    reason: str


@dataclass(frozen=True)
class UpdateReminded(Signal[Lead]):
    """The partner was asked where the lead stands; ``why`` is update or progress."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Reminder of an update sent")

    why: str
