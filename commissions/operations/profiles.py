"""Where a partner's money goes: said by the partner, told to everybody who should know, and resting after a change."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import stdnum.bic
import stdnum.exceptions
import stdnum.iban
import stdnum.ru.inn

from accounts.models import User
from commissions.gateways.onec import account_key_holds
from commissions.models import (
    PayoutMethod,
    PayoutProfile,
    TaxPaper,
    TaxPaperKind,
    VatStatus,
    masked_account,
    masked_iban,
)
from commissions.operations.payouts.results import need_finance
from commissions.queries.payouts import profile_of
from commissions.settings import CHANGE_DELAY_DAYS
from commissions.signals import PayoutProfileChanged, TaxPaperChecked, TaxPaperUploaded, TaxRatesChanged
from core import clock, uploads
from core.activity import Actor
from core.database import lock, session
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from core.i18n import lazy_gettext
from core.places import is_country
from core.signals import announce
from partners.models import Partner

_TEXTS = {"holder": 70, "street": 70, "postcode": 16, "city": 35, "arrangement": 500, "bank_name": 140}
# Changing one of these sends the money somewhere else.
_WHERE_TO = (
    "method", "holder", "iban", "bic", "country", "arrangement", "stripe_account", "account", "bank_code",
)  # fmt: skip


def save_profile(
    partner: Partner, *, method: PayoutMethod, vat_status: VatStatus, by: Actor | None, **values: str
) -> PayoutProfile:
    """Writes down where ``partner`` is paid; incomplete is allowed, wrong is not.

    ``values`` are holder, iban, bic, country, street, postcode, city, arrangement, and for other banks account,
    bank_name, bank_code, correspondent, tax_id, tax_code. A change of the destination lets
    payouts wait for the days that the programme set, and is announced. Raises InvalidInput at the field.
    """
    clean = clean_bank_details(values, method)
    profile = profile_of(partner)
    before = _masked(profile) if profile is not None else {}
    if profile is None:
        profile = PayoutProfile(
            partner_id=partner.id,
            created_at=clock.now(),
            changed_at=clock.now(),
            pays_from=clock.now(),
            changed_by_name="",
        )
        session.add(profile)
    else:
        lock(profile)
    where_to = _destination(profile)
    profile.method = method
    profile.vat_status = vat_status
    for name, value in clean.items():
        setattr(profile, name, value)
    if _destination(profile) != where_to:
        _rest(profile, by)
    session.flush()
    after = _masked(profile)
    if after != before:
        announce(PayoutProfileChanged(profile, by, before=before, after=after))
    return profile


def connect_stripe_account(partner: Partner, account: str, *, by: Actor | None) -> PayoutProfile:
    """Notes the Stripe account that was opened for the partner, and chooses it. Ready it is when Stripe says so."""
    profile = profile_of(partner)
    if profile is None:
        profile = save_profile(partner, method=PayoutMethod.STRIPE, vat_status=VatStatus.UNKNOWN, by=by)
    before = _masked(profile)
    if profile.stripe_account == account and profile.method is PayoutMethod.STRIPE:
        return profile
    profile.method = PayoutMethod.STRIPE
    profile.stripe_account = account
    profile.stripe_ready = False
    _rest(profile, by)
    session.flush()
    announce(PayoutProfileChanged(profile, by, before=before, after=_masked(profile)))
    return profile


def note_stripe_readiness(profile: PayoutProfile, is_ready: bool) -> None:
    """What Stripe itself says about the account."""
    profile.stripe_ready = is_ready


def note_stripe_trouble(profile: PayoutProfile, trouble: str | None) -> None:
    """What Stripe says about its last payment to the partner's own bank; ``None`` when it arrived."""
    profile.stripe_trouble = trouble


def set_tax_rates(profile: PayoutProfile, *, vat_bp: int, withholding_bp: int, by: User) -> None:
    """What is added to and withheld from later payouts, in hundredths of a per cent; runs that stand keep theirs."""
    need_finance(by)
    lock(profile)
    if vat_bp and profile.vat_status is not VatStatus.REGISTERED:
        raise InvalidInput({"vat": _("Only a partner that is registered for VAT is paid VAT.")})
    before = {"vat_bp": profile.vat_bp, "withholding_bp": profile.withholding_bp}
    after = {"vat_bp": vat_bp, "withholding_bp": withholding_bp}
    if before == after:
        return
    profile.vat_bp, profile.withholding_bp = vat_bp, withholding_bp
    session.flush()
    announce(TaxRatesChanged(profile, by, before=before, after=after))


def keep_tax_paper(
    partner: Partner, *, kind: TaxPaperKind, content: bytes, name: str, valid_until: date | None, by: User
) -> TaxPaper:
    """Stores a document about a partner's taxes. Raises InvalidInput at the file when it is none that is taken."""
    try:
        file = uploads.check_file(content, name)
    except uploads.RefusedFile as problem:
        raise InvalidInput({"file": str(problem)}) from problem
    paper = TaxPaper(
        partner_id=partner.id,
        kind=kind,
        name=file.name,
        content_type=file.content_type,
        storage_key=uploads.keep_file(file, folder="tax-papers"),
        sha256=file.sha256,
        valid_until=valid_until,
        uploaded_at=clock.now(),
        uploaded_by_name=by.name,
    )
    session.add(paper)
    session.flush()
    announce(TaxPaperUploaded(paper, by, kind=str(kind)))
    return paper


def check_tax_paper(paper: TaxPaper, *, by: User) -> None:
    """Finance has read it and found it good."""
    need_finance(by)
    lock(paper)
    if paper.checked_at is not None:
        raise Refusal(_("Somebody has checked this document already."))
    paper.checked_at = clock.now()
    paper.checked_by_name = by.name
    session.flush()
    announce(TaxPaperChecked(paper, by))


def _rest(profile: PayoutProfile, by: Actor | None) -> None:
    profile.changed_at = clock.now()
    profile.changed_by_name = str(by.name) if by is not None else ""
    profile.pays_from = clock.now() + timedelta(days=CHANGE_DELAY_DAYS.value())


def _destination(profile: PayoutProfile) -> tuple[Any, ...]:
    return tuple(getattr(profile, name) or "" for name in _WHERE_TO)


def _masked(profile: PayoutProfile) -> dict[str, str]:
    """What the trail may keep of a profile."""
    return {
        "method": str(profile.method),
        "holder": profile.holder or "",
        "iban": masked_iban(profile.iban or ""),
        "bic": profile.bic or "",
        "country": profile.country or "",
        "stripe_account": profile.stripe_account or "",
        "account": masked_account(profile.account or ""),
        "bank_code": profile.bank_code or "",
        "tax_id": profile.tax_id or "",
        "arrangement": profile.arrangement or "",
        "vat_status": str(profile.vat_status),
    }


def clean_bank_details(values: dict[str, str], method: PayoutMethod) -> dict[str, str]:
    """An account as it was typed, made tidy and proved. Raises InvalidInput at the fields."""
    problems: dict[str, str] = {}
    clean: dict[str, str] = {}
    for name, most in _TEXTS.items():
        clean[name] = (values.get(name) or "").strip()
        if len(clean[name]) > most:
            problems[name] = _("It can have at most %(most)s characters.", most=most)
    for name, (validate, sentence) in _NUMBERS.items():
        typed = (values.get(name) or "").strip()
        try:
            clean[name] = str(validate(typed)) if typed else ""
        except (stdnum.exceptions.ValidationError, ValueError):
            problems[name] = str(sentence)
    clean["country"] = (values.get("country") or "").strip().upper()
    if clean["country"] and not is_country(clean["country"]):
        problems["country"] = _("Choose a country.")
    if method is PayoutMethod.ONEC and not problems.keys() & {"account", "bank_code", "correspondent"}:
        code = clean["bank_code"]
        for name in ("account", "correspondent"):
            if code and clean[name] and not account_key_holds(code, clean[name]):
                problems[name] = _("This account is not one of the bank with that BIK. Compare both.")
    if problems:
        raise InvalidInput(problems)
    return clean


def valid_account(typed: str) -> str:
    """The number of an account: an IBAN where it begins like one, else up to 34 letters and digits."""
    number = "".join(typed.split()).upper()
    if number[:2].isalpha() and number[2:4].isdigit():
        return str(stdnum.iban.validate(number))
    if not number.isascii() or not number.isalnum() or len(number) > 34:
        raise ValueError(number)
    return number


def _digits(*lengths: int) -> Callable[[str], str]:
    def check(typed: str) -> str:
        number = "".join(typed.split())
        if not number.isascii() or not number.isdigit() or len(number) not in lengths:
            raise ValueError(number)
        return number

    return check


_NUMBERS: dict[str, tuple[Callable[[str], str], Any]] = {
    "iban": (
        stdnum.iban.validate, lazy_gettext("This is not a valid IBAN. Compare it with a bank statement."),
    ),
    "bic": (stdnum.bic.validate, lazy_gettext("This is not a valid BIC: 8 or 11 letters and digits.")),
    "account": (
        valid_account, lazy_gettext("This is not a valid account number. Compare it with a bank statement."),
    ),
    "bank_code": (_digits(9), lazy_gettext("A BIK has 9 digits.")),
    "correspondent": (_digits(20), lazy_gettext("A correspondent account has 20 digits.")),
    "tax_id": (stdnum.ru.inn.validate, lazy_gettext("This is not a valid INN. Compare its digits.")),
    "tax_code": (_digits(9), lazy_gettext("A KPP has 9 digits.")),
}  # fmt: skip
