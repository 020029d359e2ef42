"""What accounts does when something happened to an account."""

from accounts import emails, queries
from accounts.models import User
from accounts.operations.notices import take_note
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
from core.letters import knows_people
from core.signals import receives
from core.webhooks import EndpointDisabled

knows_people(take_note)


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
