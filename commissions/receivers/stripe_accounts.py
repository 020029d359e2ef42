"""Every night each partner's account at Stripe is asked how it is: events of connected accounts that were lost are not
in the platform's own list of events.
"""

from typing import Any

import sqlalchemy as sa

from commissions.emails import payouts as emails
from commissions.gateways import stripe
from commissions.models import PayoutProfile
from commissions.operations.profiles import note_stripe_readiness, note_stripe_trouble
from core import jobs
from core.database import aside, lock, outside, session
from core.jobs import job, recurring

# Two questions an account: a batch is some ten seconds at the pace that Stripe allows, well within a job's lease.
BATCH = 50
_NEXT_JOB = "commissions.ask-the-next-accounts"


@recurring("commissions.ask-the-accounts", at="04:40")
def ask_the_accounts(payload: dict[str, Any]) -> None:
    """Begins with the first accounts; the rest follows batch by batch, and goes on after any crash where it was."""
    if stripe.is_set_up():
        jobs.enqueue(_NEXT_JOB, {"slot": payload["slot"], "after": 0}, key=f"accounts:{payload['slot']}:0")


@job(_NEXT_JOB)
def ask_the_next_accounts(payload: dict[str, Any]) -> None:
    """Asks Stripe about the next accounts, and writes down what it says."""
    with aside() as own:
        rows = own.execute(
            sa.select(PayoutProfile.id, PayoutProfile.stripe_account)
            .where(PayoutProfile.stripe_account.is_not(None), PayoutProfile.id > payload["after"])
            .order_by(PayoutProfile.id)
            .limit(BATCH)
        ).all()
    with outside():
        answers = [(row.id, row.stripe_account, stripe.account_now(row.stripe_account)) for row in rows]
    for profile_id, account, answer in answers:
        _note(profile_id, account, answer)
    if len(rows) == BATCH:
        after = rows[-1].id
        jobs.enqueue(
            _NEXT_JOB, {"slot": payload["slot"], "after": after}, key=f"accounts:{payload['slot']}:{after}"
        )


def _note(profile_id: int, account: str, answer: stripe.AccountNow) -> None:
    profile = lock(session.get_one(PayoutProfile, profile_id))
    if profile.stripe_account != account:
        return
    if profile.stripe_ready != answer.is_ready:
        note_stripe_readiness(profile, answer.is_ready)
    if answer.arrived:
        note_stripe_trouble(profile, None)
    elif answer.arrived is False and profile.stripe_trouble != answer.trouble:
        note_stripe_trouble(profile, answer.trouble)
        emails.say_that_stripe_could_not_pay(profile, event_id=answer.payment)
