"""The nightly check of proofs: how many lines were worked out again, and which came to another number."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base
from core.triggers import append_only


class ProofCheck(Base):
    """One check, written when it is over. ``differing``: ``{"entry_id", "amount_minor", "again_minor"}`` of each."""

    __tablename__ = "commissions_proof_check"
    __table_args__ = (sa.Index("ix_commissions_proof_check_finished_at", "finished_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime]
    #: Lines posted before this were left out, unless they are still open.
    since: Mapped[datetime]
    lines: Mapped[int]
    last_entry_id: Mapped[int]
    differing: Mapped[list[dict[str, Any]]]


append_only(ProofCheck.__table__)  # type: ignore[arg-type]
