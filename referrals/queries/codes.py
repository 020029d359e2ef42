"""Whose a referral code is, and when it was."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from core.database import session
from partners.models import Partner
from referrals.models.codes import CodeGap, ReferralCode
from referrals.models.leads import Lead

#: From when to when a code named nobody, before it was brought back.
Gap = tuple[datetime, datetime]


@dataclass(frozen=True)
class KnownCode:
    """A code, whether it lives or not, with the times in which it named nobody."""

    row: ReferralCode
    gaps: tuple[Gap, ...] = ()

    @property
    def partner(self) -> Partner:
        return self.row.partner

    def has_not_ended(self, moment: datetime) -> bool:
        """Whether somebody who came with it at that moment is counted as its partner's."""
        if self.row.ended_at is not None and moment >= self.row.ended_at:
            return False
        return not any(ended <= moment < revived for ended, revived in self.gaps)

    def brought(self, lead: Lead) -> bool:
        """Whether it lived when the lead came; what came before it was made was brought by somebody else."""
        return self.row.created_at <= lead.received_at and self.has_not_ended(lead.received_at)


def codes_named(words: Collection[str]) -> dict[str, KnownCode]:
    """The codes that people typed, whatever their case, by the word as it is given; one that never was is missing."""
    plain = {word: word.strip().upper() for word in words}
    if not plain:
        return {}
    rows = session.scalars(
        sa.select(ReferralCode)
        .where(ReferralCode.code.in_(set(plain.values())))
        .options(joinedload(ReferralCode.partner))
    ).all()
    gaps = gaps_of(rows)
    known = {row.code: KnownCode(row, gaps.get(row.id, ())) for row in rows}
    return {word: known[own] for word, own in plain.items() if own in known}


def code_named(word: str | None) -> KnownCode | None:
    """The same for one word."""
    return codes_named([word]).get(word) if word else None


def spelling_of(word: str | None) -> str | None:
    """``word`` as a code, ended or not, is written; as it is when there is no such code."""
    if not word:
        return word
    code = session.scalar(sa.select(ReferralCode.code).where(ReferralCode.code == word.strip().upper()))
    return code or word


def gaps_of(codes: Iterable[ReferralCode]) -> dict[int, tuple[Gap, ...]]:
    """When codes were ended for a while, by their ids; one that never was is missing."""
    ids = [code.id for code in codes]
    if not ids:
        return {}
    found: dict[int, list[Gap]] = defaultdict(list)
    rows = sa.select(CodeGap).where(CodeGap.code_id.in_(ids)).order_by(CodeGap.ended_at)
    for gap in session.scalars(rows):
        found[gap.code_id].append((gap.ended_at, gap.revived_at))
    return {code_id: tuple(gaps) for code_id, gaps in found.items()}


def not_ended_at(code: KnownCode, moment: Any) -> sa.ColumnElement[bool]:
    """As :meth:`KnownCode.has_not_ended`, for a column of moments."""
    conditions = [sa.or_(moment < ended, moment >= revived) for ended, revived in code.gaps]
    if code.row.ended_at is not None:
        conditions.append(moment < code.row.ended_at)
    return sa.and_(sa.true(), *conditions)


def partner_of_code(code: str | None, *, at: datetime) -> Partner | None:
    """The partner whose ``code`` it was at that moment, whatever its case; ``None`` when it was nobody's."""
    known = code_named(code)
    return known.partner if known is not None and known.has_not_ended(at) else None


def number_of_live_codes(partner: Partner) -> int:
    """How many codes of ``partner`` have not ended."""
    query = sa.select(sa.func.count(ReferralCode.id))
    return session.scalars(
        query.where(ReferralCode.partner_id == partner.id, ReferralCode.ended_at.is_(None))
    ).one()


def codes_of(partner: Partner) -> sa.Select[ReferralCode]:
    """The codes a partner may give away, the newest first."""
    return (
        sa.select(ReferralCode)
        .where(ReferralCode.partner_id == partner.id, ReferralCode.ended_at.is_(None))
        .order_by(ReferralCode.id.desc())
    )
