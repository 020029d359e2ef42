"""Links that are asked for by an address: whether somebody signs in with it, only the mail says.

A job looks it up after the page has answered. So the page says the same, and takes as long, for everybody.
"""

from accounts import signals
from accounts.models import User
from core import jobs
from core.errors import InvalidInput
from core.i18n import gettext as _
from core.signals import announce

WAY_IN = "accounts.mail-a-way-in"
NEW_ADDRESS = "accounts.mail-a-new-address"


def ask_for_a_way_in(email: str, *, locale: str) -> None:
    """Mails whoever has the mailbox how to come in: a new password, the invitation, or that nobody signs in with it."""
    jobs.enqueue(WAY_IN, {"to": email.strip().lower(), "locale": locale})


def ask_for_another_email(user: User, email: str) -> None:
    """Begins a change of the address to sign in with: the link goes to the new one, unless somebody has it already.

    Raises InvalidInput at ``email``.
    """
    email = email.strip().lower()
    if email == user.email:
        raise InvalidInput({"email": _("That is your address already.")})
    announce(signals.EmailChangeAsked(user, user))
    jobs.enqueue(NEW_ADDRESS, {"to": email, "user": user.id})
