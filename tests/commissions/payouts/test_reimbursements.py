"""An approved funding claim is owed at once, and closed at its event when the money went out."""

from typing import Any

import sqlalchemy as sa

from commissions import ledger
from commissions.models import Entry, EntryKind
from commissions.operations.payouts import execute_file, start_sending
from commissions.queries.earnings import Balance, balances
from commissions.queries.payouts import files_of_run
from core.database import session
from events.models import ClaimStatus
from tests.commissions.earnings import a_profile, an_account_to_pay_from, an_approved_run
from tests.events import cast as gatherings


def test_a_reimbursement_is_owed_once_approved_and_closed_once_paid(
    acme: Any, finn: Any, mona: Any, time: Any
) -> None:
    an_account_to_pay_from()
    claim = gatherings.a_submitted_claim(acme, time)
    gatherings.approve(claim)
    line = session.scalars(sa.select(Entry).where(Entry.kind == EntryKind.REIMBURSEMENT)).one()
    assert line.amount_minor == claim.amount_minor
    assert balances(acme) == [Balance(claim.currency, payable_minor=line.amount_minor)]
    assert claim.status is ClaimStatus.APPROVED
    a_profile(acme)
    run = an_approved_run(finn, mona)
    start_sending(run, by=finn)
    execute_file(files_of_run(run)[0], reference="B-1", by=finn)
    assert claim.status is ClaimStatus.REIMBURSED
    assert not ledger.audit()
