"""Looking at the portal as somebody of a partner: to help on the telephone, reading only, and on record."""

from accounts import signals
from accounts.models import SignIn, User
from accounts.permissions import Permission
from core.errors import Refusal
from core.i18n import gettext as _
from core.signals import announce


def begin_viewing(sign_in: SignIn, whom: User) -> None:
    """From now on this session sees what ``whom`` sees. Never as a colleague, nor as somebody who may not sign in."""
    if not sign_in.user.may(Permission.PORTAL_VIEW_AS):
        raise Refusal(_("Your role does not look at the portal as somebody else."))
    if whom.is_staff or whom.is_machine or whom.suspended_at is not None or whom.erased_at is not None:
        raise Refusal(_("The portal can be looked at as a partner's person only."))
    sign_in.viewing_as = whom
    announce(signals.ViewingBegun(whom, sign_in.user, name=whom.name))


def end_viewing(sign_in: SignIn) -> None:
    """Everybody is themselves again."""
    whom = sign_in.viewing_as
    if whom is None:
        return
    sign_in.viewing_as = None
    announce(signals.ViewingEnded(whom, sign_in.user, name=whom.name))
