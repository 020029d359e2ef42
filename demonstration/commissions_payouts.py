"""The demo's money: where partners are paid, a run that was paid a month ago, one that waits for a second person."""

import random
from datetime import timedelta

import sqlalchemy as sa

from accounts.models import User
from accounts.permissions import Role
from accounts.queries import active_staff_with
from commissions import ledger, settings
from commissions.models import PayoutMethod, PayoutProfile, PayoutStatus, VatStatus
from commissions.operations.paying_accounts import pay_from
from commissions.operations.payouts import execute_file, pay_by_hand, start_sending
from commissions.operations.profiles import save_profile
from commissions.operations.runs import approve_run, propose_run
from commissions.operations.statements import issue_due_statements
from commissions.queries.earnings import currencies_owed
from commissions.queries.payouts import files_of_run, payouts_of_run, profile_of
from commissions.queries.proposals import proposal
from core import clock
from core.database import session
from core.settings import change_setting
from partners.models import Partner, PartnerStatus
from partners.operations import change_partner

# Where SEPA reaches; elsewhere partners are paid by hand.
_SEPA = {"DE": "10070000", "AT": "19043", "NL": "RABO", "PL": "10900004", "GB": "NWBK601613"}


def make_demo(*, partners: int = 12, leads: int = 40, sales: int = 60, seed: int = 1) -> None:
    """Writes down payout details for most partners, pays one past run, proposes another, and closes the months."""
    chance = random.Random(seed)  # noqa: S311 - a story, not a secret
    change_setting(settings.DEBTOR_NAME, "Meridian Software GmbH", by=None)
    change_setting(settings.DEBTOR_IBAN, "DE02120300000000202051", by=None)
    change_setting(settings.DEBTOR_BIC, "BYLADEM1001", by=None)
    for setting, value in (
        (settings.LEGAL_NAME, "Meridian Software GmbH"),
        (settings.LEGAL_ADDRESS, "Torstraße 44, 10119 Berlin"),
        (settings.LEGAL_TAX_ID, "DE811907980"),
        (settings.SIGNATORY, "Finn Aalto, head of finance"),
        (settings.ACT_COUNTRIES, "RU, KZ"),
        (settings.SELF_BILLING_COUNTRIES, "DE, AT, NL, PL, GB, ES"),
        (settings.SELF_BILLING_AGREEMENT, "1"),
    ):
        change_setting(setting, value, by=None)
    firms = session.scalars(
        sa.select(Partner).where(Partner.status == PartnerStatus.ACTIVE).order_by(Partner.id)
    ).all()
    with clock.frozen_at(clock.now() - timedelta(days=75)):
        # The last one has yet to say where its money goes.
        for firm in firms[:-1] if len(firms) > 3 else firms:
            change_partner(firm, tax_id=_a_tax_number(firm), by=None)
            _say_where_money_goes(firm, chance)
    finn = session.scalars(active_staff_with(Role.FINANCE)).first()
    mona = session.scalars(active_staff_with(Role.PARTNER_MANAGER)).first()
    if finn is None or mona is None:
        return
    for currency in currencies_owed():
        with clock.frozen_at(clock.now() - timedelta(days=70)):
            pay_from(
                PayoutMethod.FOREIGN, currency, by=finn, holder="Meridian Software GmbH", country="DE",
                account="DE02120300000000202051", bic="BYLADEM1001", charges="SHAR",
            )  # fmt: skip
        for days_ago in (64, 33):
            with clock.frozen_at(clock.now() - timedelta(days=days_ago)):
                _pay(currency, finn, mona)
    issue_due_statements()
    if proposal("EUR").candidates:
        with clock.frozen_at(clock.now() - timedelta(hours=18)):
            if proposal("EUR").candidates:
                propose_run("EUR", by=finn)
    ledger.seal_the_chain()


def _a_tax_number(firm: Partner) -> str:
    """A number that is well-formed and nobody's, where we can make one up."""
    import stdnum.iso7064.mod_11_10
    import stdnum.ru.inn

    if firm.country == "DE":
        digits = f"27364{firm.id:03}"
        return f"DE{digits}{stdnum.iso7064.mod_11_10.calc_check_digit(digits)}"
    if firm.country == "RU":
        digits = f"165512{firm.id:03}"
        return f"{digits}{stdnum.ru.inn.calc_company_check_digit(digits)}"
    return firm.tax_id


def _say_where_money_goes(firm: Partner, chance: random.Random) -> PayoutProfile:
    known = profile_of(firm)
    if known is not None:
        return known
    about = {
        "holder": firm.legal_name[:70],
        "country": firm.country,
        "city": firm.city,
        "postcode": firm.postcode,
    }
    vat = VatStatus.REGISTERED if firm.country in _SEPA else VatStatus.ABROAD
    if firm.country in _SEPA:
        iban = _an_iban(firm.country, chance)
        return save_profile(firm, method=PayoutMethod.SEPA, vat_status=vat, by=None, iban=iban, **about)
    if firm.country == "KZ":
        account = str(chance.randrange(10**11, 10**12))
        return save_profile(
            firm,
            method=PayoutMethod.FOREIGN,
            vat_status=vat,
            by=None,
            account=account,
            bic="HSBKKZKX",
            **about,
        )
    words = f"Account 40702{chance.randrange(10**14, 10**15)}, by the agreement of {clock.now():%Y}"
    return save_profile(firm, method=PayoutMethod.MANUAL, vat_status=vat, by=None, arrangement=words, **about)


def _an_iban(country: str, chance: random.Random) -> str:
    """A number that is well-formed and nobody's."""
    lengths = {"DE": 10, "AT": 11, "NL": 10, "PL": 16, "GB": 8}
    account = "".join(str(chance.randrange(10)) for _digit in range(lengths[country]))
    bban = _SEPA[country] + account
    digits = "".join(str(int(sign, 36)) for sign in f"{bban}{country}00")
    return f"{country}{98 - int(digits) % 97:02}{bban}"


def _pay(currency: str, finn: User, mona: User) -> None:
    """One whole run, if anything is payable: proposed, approved, sent, and carried out two days later."""
    if not proposal(currency).candidates:
        return
    run = propose_run(currency, by=finn)
    with clock.frozen_at(clock.now() + timedelta(hours=4)):
        approve_run(run, digest=str(run.digest), total_minor=run.total_minor, by=mona)
        start_sending(run, by=finn)
    with clock.frozen_at(clock.now() + timedelta(days=2)):
        for file in files_of_run(run):
            execute_file(file, reference=f"BA-{clock.now():%Y%m%d}-{run.id}", by=finn)
        for payout in session.scalars(payouts_of_run(run)).all():
            if payout.method is PayoutMethod.MANUAL and payout.status is PayoutStatus.SENDING:
                pay_by_hand(payout, reference=f"SWIFT-{payout.id:06}", by=finn)
