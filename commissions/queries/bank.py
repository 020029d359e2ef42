"""The bank's side of payouts: the accounts they come from, the files for it, and its statements."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from commissions.models import BankLine, BankStatement, PayingAccount, Payout, PayoutMethod, StripeComparison
from commissions.settings import debtor
from core.database import session


def paying_accounts() -> list[PayingAccount]:
    """The accounts that payouts come from now."""
    return list(
        session.scalars(
            sa.select(PayingAccount)
            .where(PayingAccount.closed_at.is_(None))
            .order_by(PayingAccount.method, PayingAccount.currency)
        )
    )


def payer(method: PayoutMethod, currency: str) -> dict[str, Any] | None:
    """Who pays, as a file of that way says it; ``None`` when no account was written down.

    Euros by SEPA come from the account in the settings unless another one was added.
    """
    found = session.scalar(
        sa.select(PayingAccount).where(
            PayingAccount.method == method,
            PayingAccount.currency == currency,
            PayingAccount.closed_at.is_(None),
        )
    )
    if found is not None:
        return dict(found.details)
    own = debtor()
    return own if method is PayoutMethod.SEPA and own["iban"] else None


def bank_statements() -> sa.Select[BankStatement]:
    """What was uploaded, the latest first."""
    return sa.select(BankStatement).order_by(BankStatement.id.desc())


def bank_lines() -> sa.Select[BankLine]:
    """Every movement that a statement told, the latest first."""
    return (
        sa.select(BankLine)
        .options(joinedload(BankLine.payout).joinedload(Payout.partner), joinedload(BankLine.statement))
        .order_by(BankLine.booked_on.desc(), BankLine.id.desc())
    )


def last_comparison() -> StripeComparison | None:
    """What comparing with Stripe came to the last time."""
    return session.scalar(sa.select(StripeComparison).order_by(StripeComparison.id.desc()).limit(1))
