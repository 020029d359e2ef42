"""How earnings are paid: the run that two people decide, its payouts and attempts.

The database itself holds to it: states change only along :data:`RUN_STEPS` and :data:`PAYOUT_STEPS`; whoever approves
is not who proposed; from the proposal on the lines, amounts and destinations are frozen; a line is in one live payout;
nothing is sent from a run that nobody approved.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import User
from commissions.models.entries import Entry
from commissions.models.profiles import PayoutMethod, said_destination
from core.database import Base
from core.triggers import refuse_when
from partners.models import Partner


class RunStatus(StrEnum):
    """Where a payout run stands."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    APPROVED = "approved"
    SENDING = "sending"
    PARTLY_SENT = "partly_sent"
    DONE = "done"
    WITHDRAWN = "withdrawn"


R = RunStatus
RUN_STEPS: dict[RunStatus, tuple[RunStatus, ...]] = {
    R.DRAFT: (R.PROPOSED, R.WITHDRAWN),
    R.PROPOSED: (R.APPROVED, R.DRAFT),
    R.APPROVED: (R.SENDING, R.WITHDRAWN),
    R.SENDING: (R.PARTLY_SENT, R.DONE),
    R.PARTLY_SENT: (R.DONE, R.SENDING),
    R.DONE: (R.PARTLY_SENT,),
    R.WITHDRAWN: (),
}
"""From each state, where a run may go. What is changed is proposed anew; what was approved is withdrawn whole."""


class PayoutStatus(StrEnum):
    """Where the money of one payout is."""

    PENDING = "pending"
    SENDING = "sending"
    UNKNOWN = "unknown"
    SENT = "sent"
    PAID = "paid"
    FAILED = "failed"
    REVERSED = "reversed"


S = PayoutStatus
PAYOUT_STEPS: dict[PayoutStatus, tuple[PayoutStatus, ...]] = {
    S.PENDING: (S.SENDING,),
    S.SENDING: (S.UNKNOWN, S.SENT, S.FAILED),
    S.UNKNOWN: (S.SENT, S.FAILED),
    S.SENT: (S.PAID, S.FAILED),
    S.PAID: (S.REVERSED,),
    S.FAILED: (S.PENDING, S.SENT),
    S.REVERSED: (),
}
"""From each state, where a payout may go. What failed may turn out to have been sent after all."""


class PayoutRun(Base):
    """An explicit list of lines in one currency that two people decide about: one proposes, another approves."""

    __tablename__ = "commissions_payout_run"
    __table_args__ = (
        sa.CheckConstraint("approved_by_id <> proposed_by_id", name="two_people"),
        sa.CheckConstraint(
            "(status NOT IN ('approved', 'sending', 'partly_sent', 'done') OR approved_by_id IS NOT NULL) "
            "AND (status NOT IN ('draft', 'proposed') OR approved_by_id IS NULL)",
            name="approved_by_somebody",
        ),
        sa.Index("ix_commissions_payout_run_status", "status", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    currency: Mapped[str]
    status: Mapped[RunStatus] = mapped_column(default=RunStatus.DRAFT)
    total_minor: Mapped[int] = mapped_column(default=0)
    digest: Mapped[str | None]
    created_at: Mapped[datetime]
    proposed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts_user.id"), index=True)
    proposed_at: Mapped[datetime | None]
    approved_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts_user.id"), index=True)
    approved_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    #: What the second person wrote when sending it back.
    note: Mapped[str] = mapped_column(default="")
    #: Who is left out and why, as it was when proposed; long, and read on the run's own page alone.
    left_out: Mapped[list[dict[str, Any]]] = mapped_column(default=list, deferred=True)

    proposed_by: Mapped[User | None] = relationship(foreign_keys=[proposed_by_id])
    approved_by: Mapped[User | None] = relationship(foreign_keys=[approved_by_id])
    payouts: Mapped[list["Payout"]] = relationship(
        back_populates="run", order_by="Payout.id", passive_deletes="all"
    )

    def may_become(self, status: RunStatus) -> bool:
        return status in RUN_STEPS[self.status]


class Payout(Base):
    """The lines of one partner in a run, in one currency, by one method, to one place: one sum of money.

    ``amount_minor`` is the sum of its lines. What is sent is that, and the VAT of the services among them (below 0
    where they take back more than they grant), without tax withheld and the fee.
    """

    __tablename__ = "commissions_payout"
    __table_args__ = (
        sa.UniqueConstraint("run_id", "partner_id"),
        sa.CheckConstraint("amount_minor > 0", name="positive"),
        sa.CheckConstraint(
            "withheld_minor >= 0 AND fee_minor >= 0 "
            "AND amount_minor + vat_minor - withheld_minor - fee_minor > 0",
            name="something_is_sent",
        ),
        sa.Index("ix_commissions_payout_run_state", "run_id", "status"),
        sa.Index("ix_commissions_payout_partner", "partner_id", "id"),
        sa.Index("ix_commissions_payout_status", "status", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(sa.ForeignKey("commissions_payout_run.id"))
    partner_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_partner.id"))
    currency: Mapped[str]
    amount_minor: Mapped[int]
    vat_minor: Mapped[int] = mapped_column(default=0, server_default="0")
    withheld_minor: Mapped[int] = mapped_column(default=0, server_default="0")
    fee_minor: Mapped[int] = mapped_column(default=0, server_default="0")
    method: Mapped[PayoutMethod]
    destination: Mapped[dict[str, Any]]
    status: Mapped[PayoutStatus] = mapped_column(default=PayoutStatus.PENDING)
    attempt: Mapped[int] = mapped_column(default=0)
    #: The bank's or Stripe's own name for the transfer.
    reference: Mapped[str | None]
    reason: Mapped[str | None]
    sent_at: Mapped[datetime | None]
    paid_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    reversed_at: Mapped[datetime | None]
    #: When a failed payout was given up, and its lines became payable again.
    released_at: Mapped[datetime | None]

    run: Mapped[PayoutRun] = relationship(back_populates="payouts")
    partner: Mapped[Partner] = relationship()
    lines: Mapped[list["PayoutLine"]] = relationship(viewonly=True, order_by="PayoutLine.entry_id")

    @property
    def net_minor(self) -> int:
        """What is sent."""
        return self.amount_minor + self.vat_minor - self.withheld_minor - self.fee_minor

    @property
    def has_parts(self) -> bool:
        """Whether what is sent is another sum than its lines."""
        return bool(self.vat_minor or self.withheld_minor or self.fee_minor)

    @property
    def key(self) -> str:
        """What this attempt is called wherever money moves: ``payout-17-1``."""
        return f"payout-{self.id}-{self.attempt}"

    @property
    def said_destination(self) -> str:
        return said_destination(self.method, self.destination)

    def may_become(self, status: PayoutStatus) -> bool:
        return status in PAYOUT_STEPS[self.status]


class PayoutLine(Base):
    """A line of earnings that a payout settles. It is released when the run is withdrawn or the payout given up."""

    __tablename__ = "commissions_payout_line"
    __table_args__ = (
        sa.Index(
            "uq_commissions_payout_line_entry_once",
            "entry_id",
            unique=True,
            postgresql_where=sa.text("released_at IS NULL"),
            sqlite_where=sa.text("released_at IS NULL"),
        ),
        sa.Index("ix_commissions_payout_line_entry", "entry_id"),
        sa.Index("ix_commissions_payout_line_payout", "payout_id", "entry_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    payout_id: Mapped[int] = mapped_column(sa.ForeignKey("commissions_payout.id"))
    entry_id: Mapped[int] = mapped_column(sa.ForeignKey("commissions_entry.id"))
    amount_minor: Mapped[int]
    #: The rate and the VAT of the line, 0 on what is no service; without a rate VAT was taken of the whole payout.
    vat_bp: Mapped[int | None]
    vat_minor: Mapped[int] = mapped_column(default=0, server_default="0")
    frozen_at: Mapped[datetime]
    released_at: Mapped[datetime | None]

    entry: Mapped[Entry] = relationship()


class PayoutAttempt(Base):
    """One try to send a payout, written and committed before anything leaves the building."""

    __tablename__ = "commissions_payout_attempt"
    __table_args__ = (
        sa.UniqueConstraint("payout_id", "number"),
        sa.Index(
            "uq_commissions_payout_attempt_one_open",
            "payout_id",
            unique=True,
            postgresql_where=sa.text("closed_at IS NULL"),
            sqlite_where=sa.text("closed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    payout_id: Mapped[int] = mapped_column(sa.ForeignKey("commissions_payout.id"))
    number: Mapped[int]
    key: Mapped[str] = mapped_column(unique=True)
    order: Mapped[dict[str, Any]]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    reason: Mapped[str | None]


def _steps(column: str, steps: Any) -> str:
    """The condition under which a change of state is none of ``steps``."""
    pairs = ", ".join(f"'{before}>{after}'" for before, ways in steps.items() for after in ways)
    return f"NEW.{column} <> OLD.{column} AND OLD.{column} || '>' || NEW.{column} NOT IN ({pairs})"


_RUN: sa.Table = PayoutRun.__table__  # type: ignore[assignment]
_PAYOUT: sa.Table = Payout.__table__  # type: ignore[assignment]
_LINE: sa.Table = PayoutLine.__table__  # type: ignore[assignment]
_ATTEMPT: sa.Table = PayoutAttempt.__table__  # type: ignore[assignment]

_SUM_OF_LINES = (
    "(SELECT COALESCE(SUM(line.amount_minor), 0) FROM commissions_payout_line AS line "
    "JOIN commissions_payout AS payout ON payout.id = line.payout_id WHERE payout.run_id = NEW.id)"
)
_SUM_OF_PAYOUTS = "(SELECT COALESCE(SUM(amount_minor), 0) FROM commissions_payout WHERE run_id = NEW.id)"

refuse_when(
    _RUN,
    "INSERT",
    "begins_as_a_draft",
    [("a payout run begins as a draft", "NEW.status <> 'draft'")],
)
refuse_when(
    _RUN,
    "UPDATE",
    "keeps_the_rules",
    [
        ("a payout run cannot take this step", _steps("status", RUN_STEPS)),
        (
            "a proposed run is frozen: its list, total and proposer stay",
            "OLD.status <> 'draft' AND (NEW.total_minor <> OLD.total_minor OR NEW.digest IS DISTINCT FROM OLD.digest "
            "OR NEW.proposed_by_id IS DISTINCT FROM OLD.proposed_by_id OR NEW.currency <> OLD.currency) "
            "AND NOT (NEW.status = 'draft' AND NEW.digest IS NULL)",
        ),
        (
            "who approved a run stays",
            "OLD.approved_by_id IS NOT NULL AND NEW.approved_by_id IS DISTINCT FROM OLD.approved_by_id",
        ),
        (
            "a run is proposed by somebody, with a digest and the sum of its lines",
            "NEW.status = 'proposed' AND OLD.status = 'draft' AND (NEW.proposed_by_id IS NULL OR NEW.digest IS NULL "
            f"OR NEW.total_minor <= 0 OR NEW.total_minor <> {_SUM_OF_LINES} OR NEW.total_minor <> {_SUM_OF_PAYOUTS})",
        ),
    ],
)
refuse_when(_RUN, "DELETE", "stays", [("a payout run is never removed", "TRUE")])

_RUN_STATUS = "(SELECT status FROM commissions_payout_run WHERE id = {row}.run_id)"
refuse_when(
    _PAYOUT,
    "INSERT",
    "into_a_draft",
    [
        (
            "payouts are put together while their run is a draft, in its currency",
            "NOT EXISTS (SELECT 1 FROM commissions_payout_run WHERE id = NEW.run_id AND status = 'draft' "
            "AND currency = NEW.currency) OR NEW.status <> 'pending'",
        )
    ],
)
refuse_when(
    _PAYOUT,
    "UPDATE",
    "keeps_the_rules",
    [
        ("a payout cannot take this step", _steps("status", PAYOUT_STEPS)),
        (
            "amount, partner, method and destination of a payout are frozen",
            "NEW.run_id <> OLD.run_id OR NEW.partner_id <> OLD.partner_id OR NEW.currency <> OLD.currency "
            "OR NEW.amount_minor <> OLD.amount_minor OR NEW.method <> OLD.method "
            "OR NEW.vat_minor <> OLD.vat_minor OR NEW.withheld_minor <> OLD.withheld_minor "
            "OR NEW.fee_minor <> OLD.fee_minor "
            "OR CAST(NEW.destination AS TEXT) <> CAST(OLD.destination AS TEXT)",
        ),
        (
            "nothing is sent from a run that nobody approved",
            f"NEW.status <> 'pending' AND {_RUN_STATUS.format(row='NEW')} NOT IN ('approved', 'sending', "
            "'partly_sent', 'done')",
        ),
    ],
)
refuse_when(
    _PAYOUT,
    "DELETE",
    "from_a_draft",
    [("a payout is only removed from a draft", f"{_RUN_STATUS.format(row='OLD')} <> 'draft'")],
)

_RUN_OF_LINE = (
    "(SELECT run.status FROM commissions_payout AS payout JOIN commissions_payout_run AS run "
    "ON run.id = payout.run_id WHERE payout.id = {row}.payout_id)"
)
refuse_when(
    _LINE,
    "INSERT",
    "into_a_draft",
    [
        ("lines are put together while their run is a draft", f"{_RUN_OF_LINE.format(row='NEW')} <> 'draft'"),
        (
            "a payout settles its own partners lines, each with its own amount",
            "NOT EXISTS (SELECT 1 FROM commissions_payout AS payout JOIN commissions_entry AS entry "
            "ON entry.id = NEW.entry_id AND entry.partner_id = payout.partner_id "
            "AND entry.currency = payout.currency AND entry.amount_minor = NEW.amount_minor "
            "WHERE payout.id = NEW.payout_id)",
        ),
    ],
)
refuse_when(
    _LINE,
    "UPDATE",
    "is_frozen",
    [
        (
            "a line of a payout is frozen; it can only be released, once",
            "NEW.id <> OLD.id OR NEW.payout_id <> OLD.payout_id OR NEW.entry_id <> OLD.entry_id "
            "OR NEW.amount_minor <> OLD.amount_minor OR NEW.vat_bp IS DISTINCT FROM OLD.vat_bp "
            "OR NEW.vat_minor <> OLD.vat_minor OR NEW.frozen_at <> OLD.frozen_at OR OLD.released_at IS NOT NULL",
        )
    ],
)
refuse_when(
    _LINE,
    "DELETE",
    "from_a_draft",
    [("a line is only removed from a draft", f"{_RUN_OF_LINE.format(row='OLD')} <> 'draft'")],
)
refuse_when(
    _ATTEMPT,
    "UPDATE",
    "is_only_closed",
    [
        (
            "an attempt is closed once and otherwise stays as it is",
            "NEW.id <> OLD.id OR NEW.payout_id <> OLD.payout_id OR NEW.number <> OLD.number OR NEW.key <> OLD.key "
            "OR NEW.opened_at <> OLD.opened_at OR OLD.closed_at IS NOT NULL",
        )
    ],
)
refuse_when(_ATTEMPT, "DELETE", "stays", [("an attempt is never removed", "TRUE")])
