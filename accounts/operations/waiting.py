"""Forms that wait while their sender is at the identity provider."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from accounts.models import SignIn, WaitingForm
from core import clock, jobs
from core.database import session

#: Whoever is not back by then sends it again.
WAITS_FOR = timedelta(hours=1)


def keep_form(sign_in: SignIn, sealed: str) -> None:
    """Keeps a form, as :func:`accounts.held.sealed_for` made it, for the session it was sent in; one at a time."""
    row = session.get(WaitingForm, sign_in.id) or WaitingForm(sign_in_id=sign_in.id)
    row.sealed, row.kept_at = sealed, clock.now()
    session.add(row)


def waiting_form(sign_in: SignIn) -> str:
    """The sealed form that waits for this session; nothing when there is none, or it waited for too long."""
    row = session.get(WaitingForm, sign_in.id)
    return row.sealed if row is not None and clock.now() - row.kept_at < WAITS_FOR else ""


def forget_form(sign_in: SignIn) -> None:
    """It goes on, or is not wanted any more."""
    session.execute(sa.delete(WaitingForm).where(WaitingForm.sign_in_id == sign_in.id))


@jobs.recurring("accounts.forget-waiting-forms", every=WAITS_FOR)
def forget_old_forms(_payload: dict[str, Any]) -> None:
    """Of those who never came back."""
    session.execute(sa.delete(WaitingForm).where(WaitingForm.kept_at < clock.now() - WAITS_FOR))
