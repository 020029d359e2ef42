"""Keeping a partner's own rates."""

import sqlalchemy as sa

from core.activity import Actor
from core.database import lock, session
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from core.money import LIMIT, currencies
from core.signals import announce
from partners.models import LineKind, Partner, Recurrence
from referrals.models.rates import ServiceRate
from referrals.signals.rates import ServiceRateRemoved, ServiceRateSaved

MOST_RATES = 100


def save_rate(
    partner: Partner,
    *,
    kind: LineKind,
    name: str,
    unit_price_minor: int,
    currency: str,
    recurring: Recurrence,
    by: Actor | None,
) -> ServiceRate:
    """Puts a rate on the card; the same name in the same currency gets the new price. Raises InvalidInput by field."""
    name = name.strip()
    problems: dict[str, str] = {}
    if kind is LineKind.LICENCE:
        problems["kind"] = _("The price list has the licences; rates are for services.")
    if not 1 <= len(name) <= 200:
        problems["name"] = _("Give it a name of at most 200 characters.")
    if currency not in currencies():
        problems["currency"] = _("Use an ISO 4217 code such as EUR.")
    if not 0 <= unit_price_minor < LIMIT:
        problems["unit_price"] = _("Enter an amount, like 180.00.")
    if problems:
        raise InvalidInput(problems)
    lock(partner)
    rates = session.scalars(sa.select(ServiceRate).where(ServiceRate.partner_id == partner.id)).all()
    rate = next((one for one in rates if (one.name, one.currency) == (name, currency)), None)
    if rate is None:
        if len(rates) >= MOST_RATES:
            raise Refusal(_("A card has at most %(most)s rates. Remove one first.", most=MOST_RATES))
        rate = ServiceRate(partner_id=partner.id, name=name, currency=currency)
        session.add(rate)
    rate.kind, rate.unit_price_minor, rate.recurring = kind, unit_price_minor, recurring
    session.flush()
    announce(ServiceRateSaved(partner, by, name=name, price_minor=unit_price_minor, currency=currency))
    return rate


def remove_rate(rate: ServiceRate, *, by: Actor | None) -> None:
    """Takes a rate off the card; estimates keep what they copied."""
    announce(ServiceRateRemoved(rate.partner, by, name=rate.name))
    session.delete(rate)
    session.flush()
