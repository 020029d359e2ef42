"""What happens to firms, their people, their agreement and their applications."""

from dataclasses import dataclass
from typing import Any, ClassVar

from core.i18n import lazy_gettext
from core.signals import Signal
from partners.models import (
    Agreement,
    AgreementAcceptance,
    Application,
    Member,
    Partner,
    Product,
    Question,
    Service,
    Tier,
)


class ApplicationStarted(Signal[Application]):
    """A stranger gave company and e-mail; the mailbox is yet to be proved."""

    said: ClassVar[Any] = lazy_gettext("Application begun")


class ConfirmationAsked(Signal[Application]):
    """The applicant wants the mail with the link once more."""

    said: ClassVar[Any] = lazy_gettext("Confirmation asked for once more")


class ApplicationSubmitted(Signal[Application]):
    """Complete, from a proved mailbox: the review clock runs."""

    said: ClassVar[Any] = lazy_gettext("Application sent")


class ReviewBegun(Signal[Application]):
    """Somebody of the vendor took it."""

    said: ClassVar[Any] = lazy_gettext("Review begun")


class InformationRequested(Signal[Application]):
    """The reviewer asked something; the clock stands."""

    said: ClassVar[Any] = lazy_gettext("Information requested")


class InformationGiven(Signal[Application]):
    """The applicant answered; the clock runs anew."""

    said: ClassVar[Any] = lazy_gettext("Information given")


class ApplicationApproved(Signal[Application]):
    """It became a partner: ``subject.partner``."""

    said: ClassVar[Any] = lazy_gettext("Application approved")


@dataclass(frozen=True)
class ApplicationRejected(Signal[Application]):
    """Turned down, for a reason the applicant is told."""

    said: ClassVar[Any] = lazy_gettext("Application turned down")

    reason: str


class PartnerAdded(Signal[Partner]):
    """A firm is in the programme: from an application, by hand, or over the API."""

    said: ClassVar[Any] = lazy_gettext("Firm added")


class PartnerActivated(Signal[Partner]):
    """Onboarding is over."""

    said: ClassVar[Any] = lazy_gettext("Firm became active")


@dataclass(frozen=True)
class PartnerChanged(Signal[Partner]):
    """Profile, tier, manager, pause: what changed, before and after."""

    said: ClassVar[Any] = lazy_gettext("Profile changed")

    before: dict[str, Any]
    after: dict[str, Any]


@dataclass(frozen=True)
class TierChanged(Signal[Partner]):
    """Up or down, with the reason written by whoever did it."""

    said: ClassVar[Any] = lazy_gettext("Tier changed")

    before: str
    after: str
    reason: str


@dataclass(frozen=True)
class PartnerSuspended(Signal[Partner]):
    """No new leads, claims or payouts until reinstated."""

    said: ClassVar[Any] = lazy_gettext("Firm suspended")

    reason: str


@dataclass(frozen=True)
class PartnerReinstated(Signal[Partner]):
    """Takes part again."""

    said: ClassVar[Any] = lazy_gettext("Firm reinstated")

    reason: str


class AgreementPublished(Signal[Agreement]):
    """A new version asks to be accepted."""

    said: ClassVar[Any] = lazy_gettext("Agreement published")


class AgreementAccepted(Signal[AgreementAcceptance]):
    """A firm accepted a version."""

    said: ClassVar[Any] = lazy_gettext("Agreement accepted")


class MemberInvited(Signal[Member]):
    """Somebody was asked to join their firm's place in the portal; the invitation goes out by mail."""

    said: ClassVar[Any] = lazy_gettext("Person invited")


class MemberJoined(Signal[Member]):
    """Somebody belongs to a firm from now on."""

    said: ClassVar[Any] = lazy_gettext("Person joined")


@dataclass(frozen=True)
class MemberRoleChanged(Signal[Member]):
    """Another role in the firm."""

    said: ClassVar[Any] = lazy_gettext("Role changed")

    before: str
    after: str


class MemberLeft(Signal[Member]):
    """Left the firm; their sessions ended."""

    said: ClassVar[Any] = lazy_gettext("Person left")


class CatalogueChanged(Signal[Product | Service]):
    """A product or service was added, changed or retired."""

    said: ClassVar[Any] = lazy_gettext("Catalogue changed")


@dataclass(frozen=True)
class TierBenefitsChanged(Signal[Tier]):
    """What a tier gives, before and after."""

    said: ClassVar[Any] = lazy_gettext("Tier benefits changed")

    before: dict[str, Any]
    after: dict[str, Any]


class QuestionChanged(Signal[Question]):
    """The application form asks something else."""

    said: ClassVar[Any] = lazy_gettext("Question changed")
