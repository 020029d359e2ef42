"""Where a partner's money goes: said by the partner, told to everybody who should know, and resting after a change."""

from datetime import timedelta
from typing import Any

import stdnum.bic
import stdnum.exceptions
import stdnum.iban

from commissions.models import PayoutMethod, PayoutProfile, VatStatus, masked_iban
from commissions.queries.payouts import profile_of
from commissions.settings import CHANGE_DELAY_DAYS
from commissions.signals import PayoutProfileChanged
from core import clock
from core.activity import Actor
from core.database import lock, session
from core.errors import InvalidInput
from core.i18n import gettext as _
from core.places import is_country
from core.signals import announce
from partners.models import Partner

_TEXTS = {"holder": 70, "street": 70, "postcode": 16, "city": 35, "arrangement": 500}
# Changing one of these sends the money somewhere else.
_WHERE_TO = ("method", "holder", "iban", "bic", "country", "arrangement", "stripe_account")


def save_profile(
    partner: Partner, *, method: PayoutMethod, vat_status: VatStatus, by: Actor | None, **values: str
) -> PayoutProfile:
    """Writes down where ``partner`` is paid; incomplete is allowed, wrong is not.

    ``values`` are holder, iban, bic, country, street, postcode, city, arrangement. A change of the destination lets
    payouts wait for the days that the programme set, and is announced. Raises InvalidInput at the field.
    """
    clean = _clean(values)
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
        "arrangement": profile.arrangement or "",
        "vat_status": str(profile.vat_status),
    }


def _clean(values: dict[str, str]) -> dict[str, str]:
    problems: dict[str, str] = {}
    clean: dict[str, str] = {}
    for name, most in _TEXTS.items():
        clean[name] = (values.get(name) or "").strip()
        if len(clean[name]) > most:
            problems[name] = _("It can have at most %(most)s characters.", most=most)
    iban, bic = (values.get("iban") or "").strip(), (values.get("bic") or "").strip()
    try:
        clean["iban"] = stdnum.iban.validate(iban) if iban else ""
    except stdnum.exceptions.ValidationError:
        problems["iban"] = _("This is not a valid IBAN. Compare it with a bank statement.")
    try:
        clean["bic"] = stdnum.bic.validate(bic) if bic else ""
    except stdnum.exceptions.ValidationError:
        problems["bic"] = _("This is not a valid BIC: 8 or 11 letters and digits.")
    clean["country"] = (values.get("country") or "").strip().upper()
    if clean["country"] and not is_country(clean["country"]):
        problems["country"] = _("Choose a country.")
    if problems:
        raise InvalidInput(problems)
    return clean
