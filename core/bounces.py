"""Mail that the other side refused for good: kept until somebody has mended the address or seen to it."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.database import Base, session
from core.errors import Refusal
from core.i18n import gettext as _


class Bounce(Base):
    """One refused mail: to whom, about what, and what the other side said."""

    __tablename__ = "core_bounce"

    id: Mapped[int] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(index=True)
    subject: Mapped[str]
    reason: Mapped[str]
    at: Mapped[datetime] = mapped_column(index=True)
    settled_at: Mapped[datetime | None]


def note_bounce(*, address: str, subject: str, reason: str) -> Bounce:
    """Keeps what the other side refused."""
    row = Bounce(address=address.lower(), subject=subject, reason=reason[:500], at=clock.now())
    session.add(row)
    session.flush()
    return row


def open_bounces() -> sa.Select[Bounce]:
    """Refused mail that nobody has seen to, latest first."""
    return sa.select(Bounce).where(Bounce.settled_at.is_(None)).order_by(Bounce.id.desc())


def bounced_among(addresses: list[str]) -> dict[str, Bounce]:
    """The latest open bounce of each of ``addresses`` that has one: one query."""
    if not addresses:
        return {}
    rows = session.scalars(
        open_bounces()
        .where(Bounce.address.in_([one.lower() for one in addresses]))
        .order_by(None)
        .order_by(Bounce.id)
    )
    return {row.address: row for row in rows}


def settle(bounce: Bounce) -> None:
    """Somebody has seen to it."""
    if bounce.settled_at is not None:
        raise Refusal(_("That has been seen to already."))
    bounce.settled_at = clock.now()


def settle_address(address: str) -> None:
    """The address was changed or confirmed, so what came back from it is over."""
    session.execute(
        sa.update(Bounce)
        .where(Bounce.address == address.lower(), Bounce.settled_at.is_(None))
        .values(settled_at=clock.now())
    )
