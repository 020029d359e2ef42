"""The vendor's side of a bank: the accounts it pays from, the files it brings there, the statements it gets."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from commissions.models.payouts import Payout, PayoutRun
from commissions.models.profiles import PayoutMethod
from core.database import Base, JSONDocument
from core.triggers import refuse_when


class PayingAccount(Base):
    """An account of the vendor's that payouts of one way and currency come from; one at a time for each pair.

    ``details`` hold what the file of that way says about the payer. A change is a new row; the old one is closed.
    """

    __tablename__ = "commissions_paying_account"
    __table_args__ = (
        sa.Index(
            "uq_commissions_paying_account_open",
            "method",
            "currency",
            unique=True,
            postgresql_where=sa.text("closed_at IS NULL"),
            sqlite_where=sa.text("closed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    method: Mapped[PayoutMethod]
    currency: Mapped[str]
    details: Mapped[dict[str, Any]]
    opened_at: Mapped[datetime]
    opened_by_name: Mapped[str]
    closed_at: Mapped[datetime | None]


class PaymentFile(Base):
    """A file for the bank: its digest, so that the same file can be made again to the byte, and what became of it."""

    __tablename__ = "commissions_payment_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(sa.ForeignKey("commissions_payout_run.id"), index=True)
    method: Mapped[PayoutMethod] = mapped_column(default=PayoutMethod.SEPA, server_default="sepa")
    message_id: Mapped[str] = mapped_column(unique=True)
    payout_ids: Mapped[list[int]] = mapped_column(JSONDocument())
    #: The attempts that it carries, in its order.
    keys: Mapped[list[str]]
    made_at: Mapped[datetime]
    execute_on: Mapped[str]
    debtor: Mapped[dict[str, Any]]
    total_minor: Mapped[int]
    sha256: Mapped[str]
    executed_at: Mapped[datetime | None]
    bank_reference: Mapped[str | None]
    #: Payout → what the bank said about it, for those that it did not take.
    refused: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")

    run: Mapped[PayoutRun] = relationship()

    @property
    def execution_day(self) -> date:
        """The day on which the bank is asked to carry it out."""
        return date.fromisoformat(self.execute_on)


class StatementFormat(StrEnum):
    """What a bank's statement was read from."""

    CAMT053 = "camt053"
    ONEC = "onec"


class BankStatement(Base):
    """A statement of the bank's that somebody uploaded; each file once."""

    __tablename__ = "commissions_bank_statement"

    id: Mapped[int] = mapped_column(primary_key=True)
    format: Mapped[StatementFormat]
    name: Mapped[str]
    sha256: Mapped[str] = mapped_column(unique=True)
    account: Mapped[str]
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    uploaded_at: Mapped[datetime]
    uploaded_by_name: Mapped[str]


class BankLine(Base):
    """One movement on the vendor's account: what went out is negative. ``payout_id`` is what its text names."""

    __tablename__ = "commissions_bank_line"
    __table_args__ = (
        sa.UniqueConstraint("statement_id", "number"),
        sa.Index("ix_commissions_bank_line_payout", "payout_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    statement_id: Mapped[int] = mapped_column(sa.ForeignKey("commissions_bank_statement.id"))
    number: Mapped[int]
    booked_on: Mapped[date]
    amount_minor: Mapped[int]
    currency: Mapped[str]
    counterparty: Mapped[str]
    counter_account: Mapped[str]
    #: The bank's own name for the movement.
    reference: Mapped[str]
    #: The key of ours that it carries, ``payout-17-1``, if any.
    key: Mapped[str]
    text: Mapped[str]
    payout_id: Mapped[int | None] = mapped_column(sa.ForeignKey("commissions_payout.id"))

    statement: Mapped[BankStatement] = relationship()
    payout: Mapped[Payout | None] = relationship()


class StripeComparison(Base):
    """What comparing our payouts with Stripe's transfers came to; of what agrees only the number is kept."""

    __tablename__ = "commissions_stripe_comparison"

    id: Mapped[int] = mapped_column(primary_key=True)
    compared_at: Mapped[datetime]
    days: Mapped[int]
    counts: Mapped[dict[str, Any]]
    findings: Mapped[list[dict[str, Any]]]


_ACCOUNT: sa.Table = PayingAccount.__table__  # type: ignore[assignment]
_FILE: sa.Table = PaymentFile.__table__  # type: ignore[assignment]
_LINE: sa.Table = BankLine.__table__  # type: ignore[assignment]

refuse_when(
    _ACCOUNT,
    "UPDATE",
    "is_only_closed",
    [
        (
            "an account that payouts came from stays as it was",
            "NEW.id <> OLD.id OR NEW.method <> OLD.method OR NEW.currency <> OLD.currency "
            "OR CAST(NEW.details AS TEXT) <> CAST(OLD.details AS TEXT) OR OLD.closed_at IS NOT NULL",
        )
    ],
)
refuse_when(
    _FILE,
    "UPDATE",
    "is_only_executed",
    [
        (
            "a payment file stays as it was made",
            "NEW.id <> OLD.id OR NEW.run_id <> OLD.run_id OR NEW.message_id <> OLD.message_id "
            "OR NEW.method <> OLD.method OR NEW.sha256 <> OLD.sha256 OR NEW.total_minor <> OLD.total_minor "
            "OR OLD.executed_at IS NOT NULL",
        )
    ],
)
refuse_when(_FILE, "DELETE", "stays", [("a payment file is never removed", "TRUE")])
refuse_when(
    _LINE,
    "UPDATE",
    "stays",
    [
        (
            "a line of a bank statement stays as the bank wrote it",
            "NEW.amount_minor <> OLD.amount_minor OR NEW.currency <> OLD.currency "
            "OR NEW.reference <> OLD.reference OR NEW.statement_id <> OLD.statement_id",
        )
    ],
)
