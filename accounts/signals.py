"""What happens to people's accounts."""

from dataclasses import dataclass
from typing import Any, ClassVar

from accounts.models import ApiKey, User
from core.i18n import lazy_pgettext
from core.signals import Signal


class PersonInvited(Signal[User]):
    """An invitation was written to them."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Person invited")


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


class PersonReinstated(Signal[User]):
    """May sign in again."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Person reinstated")


class SignedIn(Signal[User]):
    """With the right password."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Signed in")


class SignedOut(Signal[User]):
    """Ended a session."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Signed out")


class KeyMade(Signal[ApiKey]):
    """An API key was made."""

    said: ClassVar[Any] = lazy_pgettext("deed", "API key made")


class KeyRevoked(Signal[ApiKey]):
    """An API key stopped working."""

    said: ClassVar[Any] = lazy_pgettext("deed", "API key revoked")
