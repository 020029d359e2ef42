"""Which version of the agreement counts, and who accepted it.

A firm's agreement is valid while it has accepted the version that must be accepted by now, or a later one. A new
version must be accepted by its date; until then the one before is good enough.
"""

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from core import clock
from core.database import session
from core.settings import PROGRAMME_TIME_ZONE
from partners.models import Agreement, AgreementAcceptance, Partner, PartnerStatus

#: Firms that are asked to accept a new version.
_ASKED = (PartnerStatus.ONBOARDING, PartnerStatus.ACTIVE, PartnerStatus.SUSPENDED)


def current_agreement() -> Agreement | None:
    """The latest version; ``None`` on a fresh installation."""
    return session.scalar(sa.select(Agreement).order_by(Agreement.number.desc()).limit(1))


def agreements() -> sa.Select[Agreement]:
    """Every version, latest first."""
    return sa.select(Agreement).order_by(Agreement.number.desc())


def _today() -> date:
    return clock.today(PROGRAMME_TIME_ZONE.value())


def is_overdue(agreement: Agreement) -> bool:
    """Whether the day by which firms with an earlier version accept this one is over."""
    return agreement.accept_by is not None and agreement.accept_by < _today()


def _least_number(today: Any) -> sa.ScalarSelect[int]:
    """The number of the version that must have been accepted by ``today``."""
    return (
        sa.select(sa.func.max(Agreement.number))
        .where(sa.or_(Agreement.accept_by.is_(None), Agreement.accept_by < today))
        .scalar_subquery()
    )


def partners_with_valid_agreement() -> sa.Select[int]:
    """The numbers of all firms whose agreement is valid, for ``Partner.id.in_(…)``."""
    return (
        sa.select(AgreementAcceptance.partner_id)
        .join(AgreementAcceptance.agreement)
        .where(Agreement.number >= _least_number(_today()))
    )


def valid_agreement(partner: Partner) -> AgreementAcceptance | None:
    """The acceptance that makes the firm's agreement valid today."""
    return session.scalar(_valid_acceptance(), {"firm": partner.id, "today": _today()})


@cache
def _valid_acceptance() -> sa.Select[AgreementAcceptance]:
    least = _least_number(sa.bindparam("today", type_=sa.Date()))
    return (
        sa.select(AgreementAcceptance)
        .join(AgreementAcceptance.agreement)
        .where(AgreementAcceptance.partner_id == sa.bindparam("firm"), Agreement.number >= least)
        .order_by(Agreement.number.desc())
        .limit(1)
    )


def has_valid_agreement(partner: Partner) -> bool:
    """Whether the firm accepted what it must have accepted by today; without it nothing is paid out."""
    return valid_agreement(partner) is not None


def acceptances_of(partner: Partner) -> sa.Select[AgreementAcceptance]:
    """What the firm accepted, latest version first."""
    return (
        sa.select(AgreementAcceptance)
        .join(AgreementAcceptance.agreement)
        .options(joinedload(AgreementAcceptance.agreement))
        .where(AgreementAcceptance.partner_id == partner.id)
        .order_by(Agreement.number.desc())
    )


def has_accepted(partner: Partner, agreement: Agreement) -> bool:
    """Whether the firm accepted this very version."""
    return bool(
        session.scalar(
            sa.select(
                sa.exists().where(
                    AgreementAcceptance.partner_id == partner.id,
                    AgreementAcceptance.agreement_id == agreement.id,
                )
            )
        )
    )


def firms_to_accept(agreement: Agreement) -> sa.Select[Partner]:
    """The firms that take part, or are about to, and accepted neither this version nor a later one; by name."""
    accepted = (
        sa.select(AgreementAcceptance.partner_id)
        .join(AgreementAcceptance.agreement)
        .where(Agreement.number >= agreement.number)
    )
    return (
        sa.select(Partner)
        .options(joinedload(Partner.manager))
        .where(Partner.status.in_(_ASKED), Partner.id.not_in(accepted))
        .order_by(Partner.name, Partner.id)
    )


def number_of_firms_to_accept(agreement: Agreement) -> sa.Select[int]:
    """How many those are."""
    return firms_to_accept(agreement).order_by(None).with_only_columns(sa.func.count())


def acceptance_counts(numbers: Sequence[int]) -> dict[int, int]:
    """How many firms accepted each of the versions with these ids."""
    rows = session.execute(
        sa.select(AgreementAcceptance.agreement_id, sa.func.count())
        .where(AgreementAcceptance.agreement_id.in_(numbers))
        .group_by(AgreementAcceptance.agreement_id)
    )
    return dict(iter(rows))
