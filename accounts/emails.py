"""What accounts writes to people."""

from accounts.models import ApiKey, DataExport, User
from core import mail
from core.i18n import lazy_gettext as _l
from core.letters import kind
from core.personal_data import Person
from core.settings import VENDOR_NAME, legal_text
from core.webhooks import Endpoint

kind("accounts", _l("My account and how I sign in"), "accounts/emails/", can_be_stopped=False)
kind(
    "accounts.links",
    _l("Links to sign in with"),
    "accounts/emails/invitation",
    "accounts/emails/reset",
    "accounts/emails/email_change",
    can_be_stopped=False,
    is_noted=False,
)


def invite(user: User, secret: str, *, firm: str | None = None, by_name: str = "") -> None:
    """The link with which somebody sets their first password; good for seven days."""
    mail.send(
        "accounts/emails/invitation",
        to=user.email,
        locale=user.locale,
        name=user.name,
        firm=firm or VENDOR_NAME.value(),
        by_name=by_name,
        url=mail.absolute_url(f"/invitation/{secret}"),
    )


def reset(user: User, secret: str) -> None:
    """The link for a new password; good for an hour."""
    mail.send(
        "accounts/emails/reset",
        to=user.email,
        locale=user.locale,
        name=user.name,
        url=mail.absolute_url(f"/password-reset/{secret}"),
    )


def no_account(email: str, locale: str) -> None:
    """To an address nobody signs in with, so that the page need not say so; in the language the page was in."""
    mail.send("accounts/emails/no_account", to=email, locale=locale, url=mail.absolute_url("/programme"))


def password_changed(user: User) -> None:
    """So that somebody whose password was changed by another notices."""
    mail.send(
        "accounts/emails/password_changed",
        to=user.email,
        locale=user.locale,
        name=user.name,
        url=mail.absolute_url("/password-reset"),
    )


def security(user: User, what: str, *, factor: str = "", by_name: str = "", left: int = 0) -> None:
    """So that somebody notices when the ways into their account change.

    ``what`` is factor_added, factor_removed, factors_reset or recovery_code_used.
    """
    mail.send(
        "accounts/emails/security",
        to=user.email,
        locale=user.locale,
        what=what,
        name=user.name,
        factor=factor,
        by_name=by_name or VENDOR_NAME.value(),
        left=left,
        url=mail.absolute_url("/account/two-factor"),
    )


def confirm_address(user: User, email: str, secret: str) -> None:
    """To the new address: the link that makes it the one to sign in with; good for a day."""
    mail.send(
        "accounts/emails/email_change",
        to=email,
        locale=user.locale,
        name=user.name,
        url=mail.absolute_url(f"/account/email/{secret}"),
    )


def address_in_use(user: User) -> None:
    """To somebody whose address another account asked for, so that the page need not say so."""
    mail.send("accounts/emails/address_in_use", to=user.email, locale=user.locale, name=user.name)


def address_changed(user: User, before: str) -> None:
    """To the old address, so that somebody whose account is being taken notices."""
    mail.send(
        "accounts/emails/email_changed",
        to=before,
        locale=user.locale,
        name=user.name,
        email=user.email,
    )


def data_export_ready(export: DataExport) -> None:
    """The file of personal data is there; the mail leads to it, it does not carry it."""
    reader = export.asked_by
    mail.send(
        "accounts/emails/data_export_ready",
        to=reader.email,
        locale=reader.locale,
        name=reader.name,
        about=export.email,
        is_own=export.user_id == reader.id,
        url=mail.absolute_url("/account/data"),
    )


def key_leaked(reader: User, key: ApiKey) -> None:
    """A key was found in the open and stopped; whoever uses it needs another one."""
    mail.send(
        "accounts/emails/key_leaked",
        to=reader.email,
        locale=reader.locale,
        name=reader.name,
        key_name=key.name,
        prefix=key.prefix,
        url=mail.absolute_url("/staff/api-keys" if reader.role.is_staff else "/firm/api-keys"),
    )


def erased(person: Person, locale: str | None) -> None:
    """To whoever it was: that nothing names them any more. The last mail of all."""
    url = mail.absolute_url("/legal/privacy") if legal_text("privacy") else ""
    mail.send("accounts/emails/erased", to=person.email, locale=locale, url=url)


def webhook_stopped(admin: User, endpoint: Endpoint, reason: str) -> None:
    """Nothing has arrived there for days, or the receiver said that it is gone."""
    mail.send(
        "accounts/emails/webhook_stopped",
        to=admin.email,
        locale=admin.locale,
        name=admin.name,
        endpoint=endpoint.name,
        address=endpoint.url,
        reason=reason,
        url=mail.absolute_url(f"/staff/webhooks/{endpoint.id}"),
    )
