"""What becomes of money when a firm leaves, or was entered twice; and of a customer who was."""

from collections.abc import Iterable
from typing import Any

from commissions.operations.merging import (
    copy_pairs,
    follow_merged_firms,
    move_pairs,
    payable_sums,
    refuse_open_payouts,
    transfer_money,
)
from commissions.queries.earnings import balances
from core.database import session
from core.i18n import format_money
from core.i18n import gettext as _
from core.jobs import recurring
from core.signals import receives
from partners.models import Partner
from partners.queries.leaving import tells_on_leaving, tells_on_merging
from partners.signals import PartnersMerged
from referrals.signals.customers import CustomersMerged


@receives(PartnersMerged)
def move_the_money_of_a_duplicate(signal: PartnersMerged) -> None:
    """Refuses while a payout is under way; else what is payable moves now, and the rest when it is."""
    survivor = session.get_one(Partner, signal.survivor_id)
    refuse_open_payouts(signal.subject)
    copy_pairs(signal.subject, survivor)
    transfer_money(signal.subject, survivor, by=signal.by)


@receives(CustomersMerged)
def keep_first_sales_of_a_merged_customer(signal: CustomersMerged) -> None:
    move_pairs(signal.merged_id, signal.subject.id)


@recurring("commissions.follow-merged-firms", at="02:50")
def move_what_became_payable(_payload: dict[str, Any]) -> None:
    """Lines that waited when two firms were merged follow once they can be paid."""
    follow_merged_firms()


@tells_on_leaving(order=40)
def what_is_still_paid(partner: Partner, _heir: Partner | None) -> Iterable[str]:
    """Every currency in which the firm is owed something."""
    for balance in balances(partner):
        if balance.total_minor > 0:
            yield _(
                "%(amount)s is owed to it and is paid as it becomes payable, however little.",
                amount=format_money(balance.total_minor, balance.currency),
            )


@tells_on_merging(order=40)
def what_is_transferred(duplicate: Partner, survivor: Partner | None) -> Iterable[str]:
    """What is payable now moves now; what waits, later; bank details never."""
    assert survivor is not None
    for currency, amount in payable_sums(duplicate).items():
        if amount:
            yield _(
                "%(amount)s is moved to %(firm)s in the books.",
                amount=format_money(amount, currency),
                firm=survivor.name,
            )
    yield _(
        "What becomes payable later follows by itself. Payout details are not taken over: %(firm)s keeps its own.",
        firm=survivor.name,
    )
