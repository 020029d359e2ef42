"""What happens to people's accounts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from accounts.models import ApiKey, User
from core.i18n import lazy_pgettext
from core.signals import Signal


class PersonInvited(Signal[User]):
    """An invitation was written to them."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Person invited")


class PeopleInvited(Signal[Sequence[int]]):
    """Many at once, by their ids. The trail says *person invited* of each; whoever listens to
    :class:`PersonInvited` listens to this as well."""


class InvitationAccepted(Signal[User]):
    """They set a password and are in for the first time."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Invitation accepted")


class PasswordChanged(Signal[User]):
    """By themselves or by a reset link; every other session ended."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Password changed")


@dataclass(frozen=True)
class PersonChanged(Signal[User]):
    """Name, e-mail, role or preferences; ``before`` and ``after`` hold what changed."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Person changed")

    before: dict[str, str]
    after: dict[str, str]


class PersonSuspended(Signal[User]):
    """May no longer sign in; sessions and keys ended."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Person suspended")


class PeopleSuspended(Signal[Sequence[int]]):
    """Many at once, by their ids; whoever listens to :class:`PersonSuspended` listens to this as well."""


class PersonReinstated(Signal[User]):
    """May sign in again."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Person reinstated")


class SignedIn(Signal[User]):
    """With the right password."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Signed in")


class SignedOut(Signal[User]):
    """Ended a session."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Signed out")


@dataclass(frozen=True)
class FactorAdded(Signal[User]):
    """An authenticator app or a passkey more."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Second factor added")

    name: str


@dataclass(frozen=True)
class FactorRemoved(Signal[User]):
    """An authenticator app or a passkey less."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Second factor removed")

    name: str


class FactorsReset(Signal[User]):
    """An admin took every factor away, since they were lost."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Second factors reset")


class RecoveryCodesMade(Signal[User]):
    """New recovery codes; earlier ones stopped working."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Recovery codes made")


class RecoveryCodeUsed(Signal[User]):
    """Somebody signed in or confirmed with a recovery code."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Recovery code used")


class ProviderLinked(Signal[User]):
    """The vendor's identity provider vouches for them from now on."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Linked to the identity provider")


class EmailChangeAsked(Signal[User]):
    """A link went to the address they want to sign in with from now on."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Change of e-mail asked for")


@dataclass(frozen=True)
class EmailChanged(Signal[User]):
    """They sign in with another address."""

    said: ClassVar[Any] = lazy_pgettext("deed", "E-mail changed")

    before: str
    after: str


@dataclass(frozen=True)
class MailChosen(Signal[User]):
    """Which kinds of mail they do not want."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Mail preferences changed")

    stopped: list[str]


@dataclass(frozen=True)
class ViewingBegun(Signal[User]):
    """A manager looks at the portal as somebody else, reading only; the subject is who is looked as."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Looking at the portal as somebody begun")

    name: str


@dataclass(frozen=True)
class ViewingEnded(Signal[User]):
    """The manager is themselves again."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Looking at the portal as somebody ended")

    name: str


class DataExportAsked(Signal[User]):
    """Somebody wants the file of everything held about a person: the subject, where they sign in here."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Personal data asked for")


class DataExportFetched(Signal[User]):
    """That file was downloaded; the subject is who asked for it."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Personal data downloaded")


@dataclass(frozen=True)
class PersonErased(Signal[User]):
    """Everything that named them is gone; ``rows`` counts it by kind. The trail knows them by number only."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Personal data erased")

    rows: dict[str, int]


@dataclass(frozen=True)
class ContactErased(Signal[None]):
    """The same of somebody who does not sign in here: a lead's contact, a guest, an applicant. Nothing names them."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Personal data of a contact erased")

    rows: dict[str, int]


class KeyMade(Signal[ApiKey]):
    """An API key was made."""

    said: ClassVar[Any] = lazy_pgettext("deed", "API key made")


class KeyRevoked(Signal[ApiKey]):
    """An API key stopped working."""

    said: ClassVar[Any] = lazy_pgettext("deed", "API key revoked")


class KeyLeaked(Signal[ApiKey]):
    """An API key was found where others can read it, and stopped working."""

    said: ClassVar[Any] = lazy_pgettext("deed", "API key found in the open")
