"""The books as beancount text, so that a program that is not ours can check them."""

from collections.abc import Iterator

import sqlalchemy as sa

from commissions.models import Account, AccountType, CachedBalance, JournalEntry
from core.database import session
from core.money import decimal_text

_ROOTS = {
    AccountType.ASSET: "Assets",
    AccountType.LIABILITY: "Liabilities",
    AccountType.EXPENSE: "Expenses",
    AccountType.INCOME: "Income",
    AccountType.EQUITY: "Equity",
}


def _named(code: str, kind: AccountType) -> str:
    """``partner:17:payable:eur`` as ``Liabilities:Partner:17:Payable:Eur``."""
    parts = (part.replace("_", "-") for part in code.split(":"))
    return ":".join([_ROOTS[kind], *(part[:1].upper() + part[1:] for part in parts)])


def export_lines() -> Iterator[str]:
    """Every account, every journal entry in the order posted, and at the end each cached balance as an assertion."""
    yield 'option "title" "Guildhall"'
    accounts = {account.id: account for account in session.scalars(sa.select(Account).order_by(Account.id))}
    first = session.scalar(sa.select(sa.func.min(JournalEntry.occurred_at)))
    last = session.scalar(sa.select(sa.func.max(JournalEntry.occurred_at)))
    if first is None or last is None:
        return
    for account in accounts.values():
        yield f"{first:%Y-%m-%d} open {_named(account.code, account.type)} {account.currency}"
    query = sa.select(JournalEntry).options(sa.orm.selectinload(JournalEntry.lines)).order_by(JournalEntry.id)
    for entry in session.scalars(query.execution_options(yield_per=1000)):
        yield ""
        yield f'{entry.occurred_at:%Y-%m-%d} * "{entry.kind}" "{entry.key}"'
        for line in entry.lines:
            account = accounts[line.account_id]
            amount = decimal_text(line.amount_minor, line.currency)
            yield f"  {_named(account.code, account.type)}  {amount} {line.currency}"
    yield ""
    following = last.date().toordinal() + 1
    day = type(last.date()).fromordinal(following)
    for balance in session.scalars(sa.select(CachedBalance).order_by(CachedBalance.account_id)):
        account = accounts[balance.account_id]
        amount = decimal_text(balance.amount_minor, account.currency)
        yield f"{day:%Y-%m-%d} balance {_named(account.code, account.type)}  {amount} {account.currency}"
