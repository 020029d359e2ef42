"""What accounts does when something happened to an account."""

from typing import Any

from accounts import emails, queries
from accounts.models import TokenPurpose, User
from accounts.operations.asking import NEW_ADDRESS, WAY_IN
from accounts.operations.notices import take_note
from accounts.operations.tokens import issue_token
from accounts.permissions import Role
from accounts.signals import (
    EmailChanged,
    FactorAdded,
    FactorRemoved,
    FactorsReset,
    KeyLeaked,
    PasswordChanged,
    RecoveryCodeUsed,
)
from core.database import session
from core.jobs import job
from core.letters import knows_people
from core.signals import receives
from core.webhooks import EndpointDisabled

knows_people(take_note)


@job(WAY_IN)
def mail_a_way_in(payload: dict[str, Any]) -> None:
    user = queries.user_by_email(payload["to"])
    if user is None or user.suspended_at is not None or user.is_machine:
        emails.no_account(payload["to"], payload["locale"])
    elif not user.has_signed_up:
        emails.invite(user, issue_token(user, TokenPurpose.INVITATION))
    else:
        emails.reset(user, issue_token(user, TokenPurpose.PASSWORD_RESET))


@job(NEW_ADDRESS)
def mail_a_new_address(payload: dict[str, Any]) -> None:
    user, email = session.get_one(User, payload["user"]), payload["to"]
    there = queries.user_by_email(email)
    if there is None:
        emails.confirm_address(user, email, issue_token(user, TokenPurpose.EMAIL_CHANGE, email=email))
    elif there.suspended_at is None:
        emails.address_in_use(there)


@receives(PasswordChanged)
def tell_somebody_that_their_password_changed(signal: PasswordChanged) -> None:
    emails.password_changed(signal.subject)


@receives(FactorAdded)
def tell_somebody_of_a_new_factor(signal: FactorAdded) -> None:
    emails.security(signal.subject, "factor_added", factor=signal.name)


@receives(FactorRemoved)
def tell_somebody_of_a_removed_factor(signal: FactorRemoved) -> None:
    emails.security(signal.subject, "factor_removed", factor=signal.name)


@receives(FactorsReset)
def tell_somebody_that_their_factors_are_gone(signal: FactorsReset) -> None:
    by_name = str(signal.by.name) if signal.by is not None else ""
    emails.security(signal.subject, "factors_reset", by_name=by_name)


@receives(RecoveryCodeUsed)
def tell_somebody_that_a_recovery_code_was_used(signal: RecoveryCodeUsed) -> None:
    emails.security(signal.subject, "recovery_code_used", left=queries.recovery_codes_left(signal.subject))


@receives(EmailChanged)
def tell_the_old_address(signal: EmailChanged) -> None:
    emails.address_changed(signal.subject, signal.before)


@receives(KeyLeaked)
def tell_who_looks_after_keys(signal: KeyLeaked) -> None:
    readers = {admin.id: admin for admin in session.scalars(queries.active_staff_with(Role.PROGRAMME_ADMIN))}
    maker = session.get(User, signal.subject.created_by_id) if signal.subject.created_by_id else None
    if maker is not None and maker.suspended_at is None and not maker.is_machine:
        readers[maker.id] = maker
    for reader in readers.values():
        emails.key_leaked(reader, signal.subject)


@receives(EndpointDisabled)
def tell_who_looks_after_web_hooks(signal: EndpointDisabled) -> None:
    if signal.by is None:
        for admin in session.scalars(queries.active_staff_with(Role.PROGRAMME_ADMIN)):
            emails.webhook_stopped(admin, signal.subject, signal.reason)
