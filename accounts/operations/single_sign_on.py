"""Whom of us the vendor's identity provider means."""

from accounts import queries, signals
from accounts.models import User
from accounts.operations.people import make_user
from accounts.permissions import STAFF_ROLES, Role
from accounts.provider import Identity
from core.database import lock
from core.errors import Refusal
from core.i18n import gettext as _
from core.signals import announce


def person_behind(identity: Identity, *, new_role: str, domains: list[str]) -> User:
    """The colleague whom the provider has recognised: known by their number there, else linked by their e-mail.

    Only the vendor's own people are linked. Where the installation says so (``new_role`` and ``domains``), somebody new
    with an address of those domains becomes one. Raises Refusal for anybody else.
    """
    user = queries.user_by_subject(identity.subject)
    if user is None:
        user = queries.user_by_email(identity.email)
        if user is None:
            return _newcomer(identity, new_role, domains)
        _link(user, identity)
    if user.suspended_at is not None or not user.is_staff:
        raise _unknown(identity)
    return user


def _link(user: User, identity: Identity) -> None:
    lock(user)
    if not user.is_staff or user.suspended_at is not None or user.provider_subject is not None:
        raise _unknown(identity)
    user.provider_subject = identity.subject
    announce(signals.ProviderLinked(user, user))


def _newcomer(identity: Identity, new_role: str, domains: list[str]) -> User:
    domain = identity.email.rpartition("@")[2]
    if new_role not in STAFF_ROLES or domain not in domains:
        raise _unknown(identity)
    user = make_user(email=identity.email, name=identity.name, role=Role(new_role))
    user.provider_subject = identity.subject
    announce(signals.ProviderLinked(user, user))
    return user


def refuse_another(user: User, identity: Identity, *, began_at: int) -> None:
    """Raises Refusal unless it is ``user`` who has just signed in at the provider once more."""
    is_new = identity.signed_in_at is not None and identity.signed_in_at >= began_at - 60
    if user.provider_subject != identity.subject or not is_new:
        raise Refusal(_("That was not you, or the provider did not ask you again."))


def _unknown(identity: Identity) -> Refusal:
    return Refusal(
        _("Nobody of the vendor's works here as %(email)s. Ask an admin to invite you.", email=identity.email)
    )
