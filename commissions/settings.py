"""What a programme may decide about payouts, and the account that it pays from."""

from typing import Any

from core.i18n import country_name, lazy_gettext
from core.i18n import gettext as _
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
FOREIGN_FEE = whole_number(
    "commissions.foreign_fee", 0, lazy_gettext("Fee of an international transfer, in minor units"), _PAYOUTS,
    most=100_000,
    hint=lazy_gettext("It is taken off the payout, as its own line. 0: the vendor bears it."),
)  # fmt: skip
STRIPE_FEE = whole_number(
    "commissions.stripe_fee", 0, lazy_gettext("Fee of a payout through Stripe, in minor units"), _PAYOUTS,
    most=100_000,
    hint=lazy_gettext("It is taken off the payout, as its own line. 0: the vendor bears it."),
)  # fmt: skip
CHANGE_DELAY_DAYS = whole_number(
    "commissions.change_delay_days",
    3,
    lazy_gettext("Days that payouts wait after bank details changed"),
    _PAYOUTS,
    most=60,
)
REFUND_WINDOW_DAYS = whole_number(
    "commissions.refund_window_days",
    0,
    lazy_gettext("Days in which customers can give a purchase back"),
    _PAYOUTS,
    most=400,
    hint=lazy_gettext(
        "Earnings are held so long at least, if the plan holds them for less. Lines that are there keep theirs."
    ),
)
_DISPUTES = lazy_gettext("Disputes about earnings")
DISPUTE_DAYS = whole_number(
    "commissions.dispute_days",
    30,
    lazy_gettext("Days in which a line can be disputed"),
    _DISPUTES,
    least=1,
    most=365,
    hint=lazy_gettext("They count from the line, or from the statement it stands on if that came later."),
)
DISPUTE_ANSWER_DAYS = whole_number(
    "commissions.dispute_answer_days",
    5,
    lazy_gettext("Working days in which the vendor answers a dispute"),
    _DISPUTES,
    least=1,
    most=60,
)
SALE_REPORT_DAYS = whole_number(
    "commissions.sale_report_days",
    5,
    lazy_gettext("Working days in which the vendor decides on a reported sale"),
    lazy_gettext("Sales that partners report"),
    least=1,
    most=60,
)
DEBTOR_NAME = line_of_text("commissions.debtor_name", "", lazy_gettext("Holder"), _OWN_ACCOUNT, most=70)
DEBTOR_IBAN = line_of_text(
    "commissions.debtor_iban", "", lazy_gettext("IBAN"), _OWN_ACCOUNT, most=42, check=_iban
)
DEBTOR_BIC = line_of_text(
    "commissions.debtor_bic", "", lazy_gettext("BIC"), _OWN_ACCOUNT, most=11, check=_bic
)
_PAPERS = lazy_gettext("Papers that go with a statement")


def _countries(text: str) -> str:
    """Codes of countries in capitals, by commas; ``*`` is every country."""
    if text.strip() == "*":
        return "*"
    codes = [code.upper() for code in text.replace(",", " ").split()]
    wrong = [code for code in codes if country_name(code) == code]
    if wrong:
        raise ValueError(_("%(code)s is no country. Write codes such as DE, RU or * for all.", code=wrong[0]))
    return ", ".join(dict.fromkeys(codes))


ACT_COUNTRIES = line_of_text(
    "commissions.act_countries", "RU", lazy_gettext("Countries whose partners get an acceptance act"), _PAPERS,
    most=400, check=_countries,
    hint=lazy_gettext("Codes such as RU, KZ; * for all; empty for none."),
)  # fmt: skip
ACT_AGREEMENT = whole_number(
    "commissions.act_agreement", 1, lazy_gettext("First version of the agreement that has acceptance acts"), _PAPERS,
    most=10_000,
    hint=lazy_gettext("Partners that accepted it or a later one get them. 0: none has them."),
)  # fmt: skip
SELF_BILLING_COUNTRIES = line_of_text(
    "commissions.self_billing_countries", "*", lazy_gettext("Countries whose partners get a self-billing invoice"),
    _PAPERS, most=400, check=_countries,
    hint=lazy_gettext("Codes such as DE, AT; * for all; empty for none."),
)  # fmt: skip
SELF_BILLING_AGREEMENT = whole_number(
    "commissions.self_billing_agreement", 0, lazy_gettext("First version of the agreement that has self-billing"),
    _PAPERS, most=10_000,
    hint=lazy_gettext("Self-billing needs the partner's consent in the agreement. 0: none has it."),
)  # fmt: skip
LEGAL_NAME = line_of_text(
    "commissions.legal_name", "", lazy_gettext("Vendor's legal name"), _PAPERS,
    hint=lazy_gettext("Empty: the vendor's name."),
)  # fmt: skip
LEGAL_ADDRESS = line_of_text("commissions.legal_address", "", lazy_gettext("Vendor's address"), _PAPERS)
LEGAL_TAX_ID = line_of_text(
    "commissions.legal_tax_id", "", lazy_gettext("Vendor's tax number"), _PAPERS, most=60
)
SIGNATORY = line_of_text(
    "commissions.signatory", "", lazy_gettext("Who signs for the vendor"), _PAPERS, most=120,
    hint=lazy_gettext("Position and name, as it stands under the signature."),
)  # fmt: skip


def debtor() -> dict[str, Any]:
    """The vendor's own account, as it is written into a payment file."""
    from core.settings import VENDOR_NAME

    return {
        "name": DEBTOR_NAME.value() or VENDOR_NAME.value(),
        "iban": DEBTOR_IBAN.value(),
        "bic": DEBTOR_BIC.value(),
    }
