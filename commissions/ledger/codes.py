"""How accounts are called: a code says whose it is, what for and in which currency, and so its type."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Self

from commissions.models import AccountType

_VENDOR = {
    "expense:commission": AccountType.EXPENSE,
    "expense:share": AccountType.EXPENSE,
    "expense:bonus": AccountType.EXPENSE,
    "expense:adjustment": AccountType.EXPENSE,
    "expense:event": AccountType.EXPENSE,
    "income:share": AccountType.INCOME,
    "asset:projects": AccountType.ASSET,
    "asset:sepa": AccountType.ASSET,
    "asset:foreign": AccountType.ASSET,
    "asset:onec": AccountType.ASSET,
    "asset:vat": AccountType.ASSET,
    "liability:withholding": AccountType.LIABILITY,
    "income:fee": AccountType.INCOME,
    "asset:stripe": AccountType.ASSET,
    "asset:manual": AccountType.ASSET,
}


@dataclass(frozen=True, slots=True)
class AccountCode:
    """``partner:17:payable:eur``, ``…:receivable:…``, ``…:in_run:…``, or ``vendor:<what>:eur``."""

    text: str
    type: AccountType
    currency: str
    partner_id: int | None = None

    @classmethod
    @lru_cache(maxsize=10_000)
    def payable(cls, partner_id: int, currency: str) -> Self:
        """What is owed to a partner and not in an approved run. Guarded: no payout takes more than is there."""
        return cls(
            f"partner:{partner_id}:payable:{currency.lower()}", AccountType.LIABILITY, currency, partner_id
        )

    @classmethod
    def receivable(cls, partner_id: int, currency: str) -> Self:
        """What a partner owes: what was taken back, until a payout sets it off."""
        return cls(
            f"partner:{partner_id}:receivable:{currency.lower()}", AccountType.ASSET, currency, partner_id
        )

    @classmethod
    def of_a_line(cls, partner_id: int, currency: str, amount_minor: int) -> Self:
        """Where a line of earnings of that sum stands: what is earned is payable, what is taken back is receivable."""
        return (cls.payable if amount_minor > 0 else cls.receivable)(partner_id, currency)

    @classmethod
    def in_run(cls, partner_id: int, currency: str) -> Self:
        """What an approved run has set aside for a partner."""
        return cls(
            f"partner:{partner_id}:in_run:{currency.lower()}", AccountType.LIABILITY, currency, partner_id
        )

    @classmethod
    @lru_cache
    def vendor(cls, what: str, currency: str) -> Self:
        """An account of the vendor's: ``expense:commission``, ``asset:sepa`` and so on; the list is fixed."""
        return cls(f"vendor:{what}:{currency.lower()}", _VENDOR[what], currency)

    @property
    def is_guarded(self) -> bool:
        return self.partner_id is not None
