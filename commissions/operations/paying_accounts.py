"""The vendor's own accounts: one for each way and currency; a change is a new one, the old one stays in the books."""

import sqlalchemy as sa

from accounts.models import User
from commissions.models import PayingAccount, PayoutMethod, masked_account
from commissions.operations.payouts.results import need_finance
from commissions.operations.profiles import clean_bank_details
from commissions.signals import PayingAccountChanged
from core import clock
from core.database import session
from core.errors import InvalidInput
from core.i18n import gettext as _
from core.signals import announce

_NEEDED = {
    PayoutMethod.SEPA: ("holder", "iban"),
    PayoutMethod.FOREIGN: ("holder", "account", "bic", "country"),
    PayoutMethod.ONEC: ("holder", "account", "bank_code", "bank_name", "correspondent", "tax_id"),
}


def pay_from(method: PayoutMethod, currency: str, *, by: User, **values: str) -> PayingAccount:
    """Payouts of that way and currency come from this account from now on. Raises InvalidInput at the field.

    ``values`` are those of a payout profile, and ``charges`` (SHAR, DEBT) or ``coding`` (windows, utf-8).
    """
    need_finance(by)
    if method not in _NEEDED or method.currency not in {None, currency}:
        raise InvalidInput({"currency": _("This way does not pay that currency.")})
    clean = clean_bank_details(values, method)
    missing = [name for name in _NEEDED[method] if not clean[name]]
    if missing:
        raise InvalidInput({name: _("Fill this in.") for name in missing})
    details = {
        "name": clean.pop("holder"),
        **{name: text for name, text in clean.items() if name != "arrangement"},
    }
    details |= {name: values[name] for name in ("charges", "coding") if values.get(name)}
    now = clock.now()
    session.execute(
        sa.update(PayingAccount)
        .where(
            PayingAccount.method == method,
            PayingAccount.currency == currency,
            PayingAccount.closed_at.is_(None),
        )
        .values(closed_at=now)
        .execution_options(synchronize_session=False)
    )
    account = PayingAccount(
        method=method, currency=currency, details=details, opened_at=now, opened_by_name=by.name
    )
    session.add(account)
    session.flush()
    number = masked_account(details["iban"] or details["account"])
    announce(PayingAccountChanged(account, by, way=str(method), currency=currency, account=number))
    return account
