"""What accounts does when something happened to an account."""

from accounts import emails
from accounts.signals import PasswordChanged
from core.signals import receives


@receives(PasswordChanged)
def tell_somebody_that_their_password_changed(signal: PasswordChanged) -> None:
    emails.password_changed(signal.subject)
