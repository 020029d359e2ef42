"""Whom a partner's money goes to: asked upwards, of whoever pays it.

The domain that pays registers one function here; attribution asks it, to see a partner that buys from itself.
"""

from collections.abc import Callable
from dataclasses import dataclass

from core.signing import sign
from partners.models import Partner


@dataclass(frozen=True)
class Payee:
    """Who stands on a partner's payouts: the holder of the account, their tax number, the account; empty: not known."""

    holder: str = ""
    tax_id: str = ""
    country: str = ""
    account: str = ""


Finder = Callable[[Partner], Payee | None]
_finders: list[Finder] = []


def register(finder: Finder) -> Finder:
    """Registers who knows the payees; the last one registered answers."""
    if finder not in _finders:
        _finders.append(finder)
    return finder


def payee_of(partner: Partner) -> Payee:
    """Whom the partner's money goes to; an empty one where nobody knows."""
    return (_finders[-1](partner) if _finders else None) or Payee()


def account_digest(account: str) -> str | None:
    """What is kept of the account that a customer paid from: equal for equal accounts, and no more."""
    plain = "".join(one for one in account.upper() if one.isalnum())
    return sign("paying account", plain) if plain else None
