"""Killed with -9 at every step of proposing, approving, sending and receiving: each partner is paid exactly once."""

import os
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from accounts.permissions import Role
from commissions import ledger
from commissions.models import JournalEntry, JournalKind, Payout, PayoutMethod, PayoutStatus
from commissions.operations.webhooks import store_event
from commissions.queries.earnings import Balance, balances
from core.database import session, transaction
from core.jobs import Job
from partners.models import Partner
from partners.operations import set_up_programme
from tests import cast
from tests.commissions.earnings import a_profile, an_account_to_pay_from, an_entry
from tests.commissions.payouts.stripe_server import FakeStripe
from tests.doomed import Doomed

SUMS = {PayoutMethod.SEPA: 60_000, PayoutMethod.MANUAL: 70_000, PayoutMethod.STRIPE: 120_000}
#: SOAK=full kills at every place; here it is every so-many-th, beginning at another one each time.
STRIDE = 1 if os.environ.get("SOAK") == "full" else 97


def _three_partners(fake: FakeStripe) -> None:
    set_up_programme(by=None)
    cast.a_user("Finn Finance", Role.FINANCE)
    cast.a_user("Mona Manager", Role.PARTNER_MANAGER)
    an_account_to_pay_from()
    for method, sum_minor in SUMS.items():
        partner = cast.a_partner(str(method).title(), country="DE")
        a_profile(partner, method)
        an_entry(partner, sum_minor // 2)
        an_entry(partner, sum_minor - sum_minor // 2)
        if method is PayoutMethod.STRIPE:
            fake.an_account(f"acct_{partner.id}")


def _restart() -> None:
    """Time passes: leases of the dead run out, and what waits is due."""
    with transaction():
        session.execute(sa.text("UPDATE core_job SET leased_until = NULL, run_at = created_at"))


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_each_partner_is_paid_once_wherever_the_process_is_killed(own_app: Any, tmp_path: Path) -> None:
    deaths = 0
    with FakeStripe() as fake, own_app.app_context():
        with transaction():
            _three_partners(fake)
        url = own_app.config["DATABASE_URL"]
        with Doomed("tests.commissions.payouts.crash_child", url, str(tmp_path), fake.url) as doomed:
            for number, step in enumerate(("propose", "approve", "send", "work", "receive", "work")):
                place = 1 + number % STRIDE
                while not doomed.do(step, place):
                    deaths += 1
                    place += STRIDE
                    _restart()
                    with transaction():
                        assert ledger.audit() == [], f"{step} killed at {place - STRIDE}"
                        assert fake.paid_out in {0, SUMS[PayoutMethod.STRIPE]}
            with transaction():
                for event in [*fake.events, *fake.events]:
                    store_event(event)
            _restart()
            assert doomed.do("work")
        with transaction():
            assert deaths > 10 or (STRIDE > 1 and deaths > 5)
            assert ledger.audit() == []
            assert fake.paid_out == SUMS[PayoutMethod.STRIPE]
            assert len(fake.transfers) == 1
            payouts = session.scalars(sa.select(Payout)).all()
            assert {payout.method: payout.amount_minor for payout in payouts} == SUMS
            assert {payout.status for payout in payouts} == {PayoutStatus.PAID}
            paid = sa.select(sa.func.count()).where(JournalEntry.kind == JournalKind.PAYOUT_PAID)
            assert session.scalar(paid) == len(SUMS)
            for partner in session.scalars(sa.select(Partner)):
                assert balances(partner) == [
                    Balance("EUR", paid_minor=SUMS[PayoutMethod(partner.name.lower())])
                ]
            assert session.scalar(sa.select(sa.func.count()).where(Job.parked_at.is_not(None))) == 0
        assert fake.odd_answers == []
