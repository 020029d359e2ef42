"""The steps of a payout run, for a process that can be killed at any place of each (:mod:`tests.doomed`)."""

import sys
from pathlib import Path
from typing import Any

import requests
import sqlalchemy as sa

from accounts.models import User
from accounts.permissions import Role
from commissions.models import PaymentFile, Payout, PayoutMethod, PayoutRun, PayoutStatus, RunStatus
from commissions.operations.payouts import execute_file, pay_by_hand, start_sending
from commissions.operations.runs import approve_run, propose_run
from core.database import session, transaction
from core.jobs import run_until_idle
from tests.conftest import make_app
from tests.doomed import Step, carry_out


def main() -> None:
    url, folder, stripe = sys.argv[1:4]
    app = make_app(url, Path(folder), STRIPE_API_KEY="sk_test_x", STRIPE_API_BASE=stripe)
    carry_out(app, STEPS, _count_calls_too)


def _count_calls_too(count: Step) -> None:
    """A call to Stripe is a place as well, before and after it."""
    ask = requests.Session.request

    def asked(*arguments: Any, **named: Any) -> Any:
        count()
        answer = ask(*arguments, **named)
        count()
        return answer

    requests.Session.request = asked  # type: ignore[method-assign]


def _person(role: Role) -> User:
    return session.scalars(sa.select(User).where(User.role == role)).one()


def _run() -> PayoutRun | None:
    return session.scalar(sa.select(PayoutRun))


def propose() -> None:
    with transaction():
        if _run() is None:
            propose_run("EUR", by=_person(Role.FINANCE))


def approve() -> None:
    with transaction():
        run = _run()
        assert run is not None
        if run.status is RunStatus.PROPOSED:
            manager = _person(Role.PARTNER_MANAGER)
            approve_run(run, digest=str(run.digest), total_minor=run.total_minor, by=manager)


def send() -> None:
    with transaction():
        run = _run()
        assert run is not None
        if run.status is RunStatus.APPROVED:
            start_sending(run, by=_person(Role.FINANCE))


def work() -> None:
    """Everything that is due: Stripe is asked, web hooks are handled, mail goes out."""
    run_until_idle()


def receive() -> None:
    """The bank carried the file out, and somebody paid by hand."""
    with transaction():
        file = session.scalars(sa.select(PaymentFile)).one()
        if file.executed_at is None:
            execute_file(file, reference="BANK-7", by=_person(Role.FINANCE))
    with transaction():
        by_hand = sa.select(Payout).where(Payout.method == PayoutMethod.MANUAL)
        payout = session.scalars(by_hand).one()
        if payout.status is not PayoutStatus.PAID:
            pay_by_hand(payout, reference="HAND-7", by=_person(Role.FINANCE))


STEPS: dict[str, Step] = {
    "propose": propose,
    "approve": approve,
    "send": send,
    "work": work,
    "receive": receive,
}

if __name__ == "__main__":
    main()
