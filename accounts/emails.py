"""What accounts writes to people."""

from accounts.models import User
from core import mail
from core.settings import VENDOR_NAME


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


def no_account(email: str) -> None:
    """To an address nobody signs in with, so that the page need not say so."""
    mail.send("accounts/emails/no_account", to=email, locale=None, url=mail.absolute_url("/programme"))


def password_changed(user: User) -> None:
    """So that somebody whose password was changed by another notices."""
    mail.send(
        "accounts/emails/password_changed",
        to=user.email,
        locale=user.locale,
        name=user.name,
        url=mail.absolute_url("/password-reset"),
    )
