"""What commissions add to an export of the whole network. Bank details stay here."""

from typing import Any

import sqlalchemy as sa

from commissions.models import Entry, Payout
from partners.queries.networks import exports_table


@exports_table("earnings")
def _earnings() -> sa.Select[*tuple[Any, ...]]:
    return sa.select(
        Entry.id, Entry.partner_id, Entry.beneficiary_type, Entry.sale_id, Entry.line, Entry.kind, Entry.amount_minor,
        Entry.currency, Entry.rule, Entry.cause, Entry.received_at, Entry.available_at, Entry.corrects_id,
    ).order_by(Entry.id)  # fmt: skip


@exports_table("payouts")
def _payouts() -> sa.Select[*tuple[Any, ...]]:
    return sa.select(
        Payout.id, Payout.run_id, Payout.partner_id, Payout.status, Payout.amount_minor, Payout.vat_minor,
        Payout.withheld_minor, Payout.fee_minor,
    ).order_by(Payout.id)  # fmt: skip
