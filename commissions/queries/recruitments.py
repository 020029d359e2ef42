"""Who recruited whom."""

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from commissions.models import Recruitment
from core.database import session
from core.digits import number_in
from partners.models import Partner


def recruitment_of(partner_id: int) -> Recruitment | None:
    """Who brought a partner, as far as is known today."""
    return session.scalar(
        sa.select(Recruitment)
        .where(Recruitment.partner_id == partner_id, Recruitment.ended_at.is_(None))
        .options(joinedload(Recruitment.recruiter))
    )


def recruited_by(partner_id: int) -> sa.Select[Recruitment]:
    """Whom a partner brought, the latest first."""
    return (
        sa.select(Recruitment)
        .where(Recruitment.recruiter_id == partner_id, Recruitment.ended_at.is_(None))
        .options(joinedload(Recruitment.partner))
        .order_by(Recruitment.id.desc())
    )


def recruits_above(partner_id: int) -> set[int]:
    """The recruiter of a partner, that one's recruiter, and so on: nobody may be recruited by whom it brought."""
    found: set[int] = set()
    current = recruitment_of(partner_id)
    while current is not None and current.recruiter_id not in found:
        found.add(current.recruiter_id)
        current = recruitment_of(current.recruiter_id)
    return found


class PartnerIds:
    """The numbers of all partners as texts, asked one by one: a plan names few of many."""

    def __contains__(self, text: object) -> bool:
        number = number_in(text) if isinstance(text, str) else None
        return session.scalar(sa.select(Partner.id).where(Partner.id == number)) is not None

    def __iter__(self) -> Iterator[str]:
        return (str(partner_id) for partner_id in session.scalars(sa.select(Partner.id)))

    def __len__(self) -> int:
        return session.scalar(sa.select(sa.func.count()).select_from(Partner)) or 0
