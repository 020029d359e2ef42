"""What happens to firms, their people, their agreement and their applications."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from accounts.models import User
from core.i18n import lazy_gettext
from core.signals import Signal
from partners.models import (
    Agreement,
    AgreementAcceptance,
    Announcement,
    Application,
    DevelopmentPlan,
    Document,
    Invitation,
    Member,
    Message,
    NetworkExport,
    NetworkImport,
    Partner,
    Product,
    Question,
    Resource,
    Service,
    Story,
    Thread,
    Tier,
    TierGrace,
    TierRules,
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


class PartnersAdded(Signal[Sequence[int]]):
    """Many firms came with a file, by their ids; they have no people yet.

    The trail says *partner added* of each. Whoever listens to :class:`PartnerAdded` listens to this as well; so it is
    with the others below that speak of many.
    """


class PartnerActivated(Signal[Partner]):
    """Onboarding is over."""

    said: ClassVar[Any] = lazy_gettext("Firm became active")


class PartnersActivated(Signal[Sequence[int]]):
    """Many firms take part from the moment they came with their file, by their ids.

    So nobody has brought them to the programme, and they have no people who could be told.
    """


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
    #: When the nightly evaluation did it: the requirements that decided, each with value and needed.
    evidence: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class TierGraceAnnounced(Signal[TierGrace]):
    """A firm no longer meets its tier, and is told until when it keeps it."""

    said: ClassVar[Any] = lazy_gettext("Loss of the tier announced")


class TierKept(Signal[Partner]):
    """The requirements are met again within the grace."""

    said: ClassVar[Any] = lazy_gettext("Tier kept")


@dataclass(frozen=True)
class TierHeld(Signal[Partner]):
    """A tier was set by hand until a day."""

    said: ClassVar[Any] = lazy_gettext("Tier held by hand")

    tier: str
    until: str
    reason: str


@dataclass(frozen=True)
class TierReleased(Signal[Partner]):
    """The figures decide again."""

    said: ClassVar[Any] = lazy_gettext("Tier no longer held by hand")

    reason: str


class TierRulesPublished(Signal[TierRules]):
    """Firms are held against another version from tonight."""

    said: ClassVar[Any] = lazy_gettext("Tier rules published")


class DevelopmentPlanAgreed(Signal[DevelopmentPlan]):
    """Both sides agreed to a firm's development plan."""

    said: ClassVar[Any] = lazy_gettext("Development plan agreed")


class DevelopmentPlanProposed(Signal[DevelopmentPlan]):
    """One side agreed, the other is asked."""

    said: ClassVar[Any] = lazy_gettext("Development plan proposed")


class DevelopmentPlanClosed(Signal[DevelopmentPlan]):
    """It is over, with a word on what came of it."""

    said: ClassVar[Any] = lazy_gettext("Development plan closed")


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


@dataclass(frozen=True)
class PartnerTerminated(Signal[Partner]):
    """Left the programme; ``heir_id`` takes over, or 0: nobody in particular."""

    said: ClassVar[Any] = lazy_gettext("Partnership terminated")

    reason: str
    heir_id: int
    heir_name: str


@dataclass(frozen=True)
class PartnersTakenBack(Signal[Sequence[int]]):
    """The partnership with many firms ended since they came with a wrong file, by their ids.

    The trail says *partner terminated* of each. Nothing was ever done with them: no table knows of them but for their
    people and their signature, so there is nothing to hand on.
    """

    reason: str


@dataclass(frozen=True)
class PartnersMerged(Signal[Partner]):
    """The subject was entered twice: what it had moves to ``survivor_id``, and its page leads there."""

    said: ClassVar[Any] = lazy_gettext("Merged into another firm")

    reason: str
    survivor_id: int
    survivor_name: str


@dataclass(frozen=True)
class PartnerReceivedDuplicate(Signal[Partner]):
    """The other side of a merge, for the trail of the firm that stays."""

    said: ClassVar[Any] = lazy_gettext("Another firm merged into this one")

    duplicate_id: int
    duplicate_name: str
    reason: str


@dataclass(frozen=True)
class BranchMoved(Signal[Partner]):
    """Became a branch of a firm, or stands by itself again (``parent_id`` 0)."""

    said: ClassVar[Any] = lazy_gettext("Branch of another firm changed")

    parent_id: int
    parent_name: str


class AgreementPublished(Signal[Agreement]):
    """A new version asks to be accepted."""

    said: ClassVar[Any] = lazy_gettext("Agreement published")


class AgreementAccepted(Signal[AgreementAcceptance]):
    """A firm accepted a version."""

    said: ClassVar[Any] = lazy_gettext("Agreement accepted")


class AgreementsAccepted(Signal[Sequence[int]]):
    """Many firms accepted the same version on paper, by the ids of their acceptances."""


class MemberInvited(Signal[Member]):
    """Somebody was asked to join their firm's place in the portal; the invitation goes out by mail."""

    said: ClassVar[Any] = lazy_gettext("Person invited")


class MemberJoined(Signal[Member]):
    """Somebody belongs to a firm from now on."""

    said: ClassVar[Any] = lazy_gettext("Person joined")


class MembersInvited(Signal[Sequence[Member]]):
    """Many people who came with a file are asked at once; the invitations go out by mail."""


class MembersJoined(Signal[Sequence[int]]):
    """Many people, all new, belong to firms from now on; by the ids of their memberships."""


@dataclass(frozen=True)
class MemberMoved(Signal[Member]):
    """Had left a firm and belongs to another one from now on; what they learned came along."""

    said: ClassVar[Any] = lazy_gettext("Person came from another firm")

    before: str


@dataclass(frozen=True)
class MemberRoleChanged(Signal[Member]):
    """Another role in the firm."""

    said: ClassVar[Any] = lazy_gettext("Role changed")

    before: str
    after: str


class MemberMailSeenTo(Signal[Member]):
    """Somebody says that mail reaches the person again."""

    said: ClassVar[Any] = lazy_gettext("Bounced mail seen to")


@dataclass(frozen=True)
class MemberLeft(Signal[Member]):
    """Left the firm; their sessions ended. What was open goes to a colleague, or to nobody in particular (0)."""

    said: ClassVar[Any] = lazy_gettext("Person left")

    successor_id: int
    successor_name: str
    note: str


@dataclass(frozen=True)
class ColleagueInvited(Signal[Invitation]):
    """A firm asked somebody to join it; the mail goes out once the request is kept."""

    said: ClassVar[Any] = lazy_gettext("Colleague invited")

    role: str


class ColleagueInvitedAgain(Signal[Invitation]):
    """The mail goes out once more, with a new link."""

    said: ClassVar[Any] = lazy_gettext("Colleague invited again")


@dataclass(frozen=True)
class ColleagueInvitationAccepted(Signal[Invitation]):
    """Whoever has the mailbox followed the link, and is a member."""

    said: ClassVar[Any] = lazy_gettext("Invitation of a colleague accepted")

    member_id: int


class ColleagueInvitationWithdrawn(Signal[Invitation]):
    """The link works no more."""

    said: ClassVar[Any] = lazy_gettext("Invitation of a colleague withdrawn")


@dataclass(frozen=True)
class ContactsChanged(Signal[Partner]):
    """Who at the vendor looks after the firm, besides its manager: numbers of people by what for; 0 is nobody."""

    said: ClassVar[Any] = lazy_gettext("People at the vendor changed")

    before: dict[str, int]
    after: dict[str, int]


@dataclass(frozen=True)
class FirmsHandedOver(Signal[User]):
    """A colleague looks after everything from now on that the subject looked after."""

    said: ClassVar[Any] = lazy_gettext("Firms handed over to a colleague")

    to_id: int
    firms: int
    conversations: int


@dataclass(frozen=True)
class DocumentKept(Signal[Document]):
    """A paper of the firm was uploaded."""

    said: ClassVar[Any] = lazy_gettext("Document of the firm uploaded")

    kind: str
    title: str


@dataclass(frozen=True)
class DocumentChanged(Signal[Document]):
    """What stands about a paper was corrected: its kind, title or last day; the file is as it was."""

    said: ClassVar[Any] = lazy_gettext("Document of the firm changed")

    before: dict[str, Any]
    after: dict[str, Any]


@dataclass(frozen=True)
class DocumentWithdrawn(Signal[Document]):
    """It is no longer in force; the file stays for some time."""

    said: ClassVar[Any] = lazy_gettext("Document of the firm withdrawn")

    title: str


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


class MessageWritten(Signal[Message]):
    """Somebody of the firm or of the vendor wrote in a conversation."""

    said: ClassVar[Any] = lazy_gettext("Message written")


@dataclass(frozen=True)
class ThreadPeopleChanged(Signal[Thread]):
    """Other people of the vendor are named in a conversation: ``people``, by name."""

    said: ClassVar[Any] = lazy_gettext("People of a conversation changed")

    people: list[str]


class ThreadClosed(Signal[Thread]):
    """Nothing was left to say."""

    said: ClassVar[Any] = lazy_gettext("Conversation closed")


@dataclass(frozen=True)
class AnnouncementPublished(Signal[Announcement]):
    """The network, or a segment of it, is told something."""

    said: ClassVar[Any] = lazy_gettext("Announcement published")

    by_mail: bool


class AnnouncementWithdrawn(Signal[Announcement]):
    """It is no longer shown."""

    said: ClassVar[Any] = lazy_gettext("Announcement withdrawn")


@dataclass(frozen=True)
class FinderEntryChanged(Signal[Partner]):
    """The firm stands otherwise in the public finder."""

    said: ClassVar[Any] = lazy_gettext("Entry in the finder changed")

    is_listed: bool


@dataclass(frozen=True)
class ResourceSaved(Signal[Resource]):
    """A file for partners was added or changed."""

    said: ClassVar[Any] = lazy_gettext("File for partners saved")

    version: int


class ResourceRetired(Signal[Resource]):
    """Partners no longer see it."""

    said: ClassVar[Any] = lazy_gettext("File for partners retired")


class LogoChanged(Signal[Partner]):
    """The firm has another logo, or none."""

    said: ClassVar[Any] = lazy_gettext("Logo of the firm changed")


class StorySaved(Signal[Story]):
    """A draft was written or changed."""

    said: ClassVar[Any] = lazy_gettext("Success story written")


class StorySubmitted(Signal[Story]):
    """The firm asks to publish it."""

    said: ClassVar[Any] = lazy_gettext("Success story sent")


class StoryPublished(Signal[Story]):
    """It stands in the finder."""

    said: ClassVar[Any] = lazy_gettext("Success story published")


@dataclass(frozen=True)
class StoryReturned(Signal[Story]):
    """The firm is asked to mend it."""

    said: ClassVar[Any] = lazy_gettext("Success story given back")

    reason: str


class StoryWithdrawn(Signal[Story]):
    """Nobody reads it any more."""

    said: ClassVar[Any] = lazy_gettext("Success story withdrawn")


@dataclass(frozen=True)
class FirmsUploaded(Signal[NetworkImport]):
    """A file of firms came in, to be looked at."""

    said: ClassVar[Any] = lazy_gettext("File of firms uploaded")

    rows: int


@dataclass(frozen=True)
class FirmsTaken(Signal[NetworkImport]):
    """Somebody decided to take the file in, without so many rows that are wrong."""

    said: ClassVar[Any] = lazy_gettext("File of firms taken in")

    leaves_out: int
    invites: bool


@dataclass(frozen=True)
class FirmsImported(Signal[NetworkImport]):
    """Every firm of the file is in the programme."""

    said: ClassVar[Any] = lazy_gettext("File of firms imported")

    taken: int
    invited: int


class FirmsTakenBack(Signal[NetworkImport]):
    """Somebody took the file back; firms with which something was done stay."""

    said: ClassVar[Any] = lazy_gettext("File of firms taken back")


class NetworkExportAsked(Signal[NetworkExport]):
    """Somebody asked for everything as a file."""

    said: ClassVar[Any] = lazy_gettext("Export of the network asked for")


@dataclass(frozen=True)
class NetworkExportDownloaded(Signal[NetworkExport]):
    """Somebody took the file."""

    said: ClassVar[Any] = lazy_gettext("Export of the network downloaded")

    size: int
