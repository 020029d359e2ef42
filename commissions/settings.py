"""What a programme may decide about payouts, and the account that it pays from."""

from typing import Any

from core.i18n import gettext as _
from core.i18n import lazy_gettext
from core.settings import line_of_text, whole_number

_PAYOUTS = lazy_gettext("Payouts")
_OWN_ACCOUNT = lazy_gettext("The account that payouts come from")


def _iban(text: str) -> str:
    import stdnum.exceptions
    import stdnum.iban

    try:
        return str(stdnum.iban.validate(text))
    except stdnum.exceptions.ValidationError:
        raise ValueError(_("This is not a valid IBAN. Compare it with a bank statement.")) from None


def _bic(text: str) -> str:
    import stdnum.bic
    import stdnum.exceptions

    try:
        return str(stdnum.bic.validate(text))
    except stdnum.exceptions.ValidationError:
        raise ValueError(_("This is not a valid BIC: 8 or 11 letters and digits.")) from None


MINIMUM_PAYOUT = whole_number(
    "commissions.minimum_payout", 5000, lazy_gettext("Least that is paid out, in minor units"), _PAYOUTS,
    most=10_000_000,
    hint=lazy_gettext("5000 is 50.00. What is below it stays on the balance."),
)  # fmt: skip
SET_OFF_SHARE = whole_number(
    "commissions.set_off_share", 100, lazy_gettext("Most of a payout that may be set off, in per cent"), _PAYOUTS,
    least=1, most=100,
)  # fmt: skip
CHANGE_DELAY_DAYS = whole_number(
    "commissions.change_delay_days",
    3,
    lazy_gettext("Days that payouts wait after bank details changed"),
    _PAYOUTS,
    most=60,
)
DEBTOR_NAME = line_of_text("commissions.debtor_name", "", lazy_gettext("Holder"), _OWN_ACCOUNT, most=70)
DEBTOR_IBAN = line_of_text(
    "commissions.debtor_iban", "", lazy_gettext("IBAN"), _OWN_ACCOUNT, most=42, check=_iban
)
DEBTOR_BIC = line_of_text(
    "commissions.debtor_bic", "", lazy_gettext("BIC"), _OWN_ACCOUNT, most=11, check=_bic
)


def debtor() -> dict[str, Any]:
    """The vendor's own account, as it is written into a payment file."""
    from core.settings import VENDOR_NAME

    return {
        "name": DEBTOR_NAME.value() or VENDOR_NAME.value(),
        "iban": DEBTOR_IBAN.value(),
        "bic": DEBTOR_BIC.value(),
    }
