"""How earnings are paid: the profile that says where to, the run that two people decide, its payouts and attempts.

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
from core import clock
from core.database import Base, JSONDocument
from core.i18n import country_name, lazy_gettext
from core.i18n import gettext as _
from core.triggers import refuse_when
from partners.models import Partner


class PayoutMethod(StrEnum):
    """The ways to pay, equal citizens."""

    SEPA = "sepa"
    STRIPE = "stripe"
    MANUAL = "manual"

    @property
    def label(self) -> Any:
        return _METHODS[self]


_METHODS = {
    PayoutMethod.SEPA: lazy_gettext("Bank transfer (SEPA)"),
    PayoutMethod.STRIPE: lazy_gettext("Stripe account"),
    PayoutMethod.MANUAL: lazy_gettext("By agreement, by hand"),
}


class VatStatus(StrEnum):
    """How a partner stands to value added tax; the statement says it."""

    UNKNOWN = "unknown"
    REGISTERED = "registered"
    SMALL_BUSINESS = "small_business"
    ABROAD = "abroad"

    @property
    def label(self) -> Any:
        return _VAT[self]


_VAT = {
    VatStatus.UNKNOWN: lazy_gettext("Not said yet"),
    VatStatus.REGISTERED: lazy_gettext("Registered for VAT"),
    VatStatus.SMALL_BUSINESS: lazy_gettext("Small business, no VAT charged"),
    VatStatus.ABROAD: lazy_gettext("Abroad, reverse charge or outside VAT"),
}


class PayoutProfile(Base):
    """Where a partner's money goes. The first payout after a change waits until ``pays_from``."""

    __tablename__ = "commissions_payout_profile"

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_partner.id"), unique=True)
    method: Mapped[PayoutMethod]
    holder: Mapped[str] = mapped_column(default="")
    iban: Mapped[str] = mapped_column(default="")
    bic: Mapped[str] = mapped_column(default="")
    country: Mapped[str] = mapped_column(default="")
    street: Mapped[str] = mapped_column(default="")
    postcode: Mapped[str] = mapped_column(default="")
    city: Mapped[str] = mapped_column(default="")
    stripe_account: Mapped[str | None] = mapped_column(unique=True)
    stripe_ready: Mapped[bool] = mapped_column(default=False)
    arrangement: Mapped[str] = mapped_column(default="")
    vat_status: Mapped[VatStatus] = mapped_column(default=VatStatus.UNKNOWN)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    changed_by_name: Mapped[str]
    pays_from: Mapped[datetime]

    partner: Mapped[Partner] = relationship()

    @property
    def missing(self) -> list[str]:
        """What must be there before anything is paid, as sentences; empty when the profile is complete."""
        sentences: list[str] = []
        if self.vat_status is VatStatus.UNKNOWN:
            sentences.append(_("Say how you stand to value added tax."))
        match self.method:
            case PayoutMethod.SEPA:
                if not self.holder:
                    sentences.append(_("Name the holder of the account."))
                if not self.iban:
                    sentences.append(_("Give the IBAN."))
                if not self.country:
                    sentences.append(_("Give the holder's country."))
            case PayoutMethod.STRIPE:
                if not self.stripe_account:
                    sentences.append(_("Connect a Stripe account."))
                elif not self.stripe_ready:
                    sentences.append(_("Finish the questions at Stripe."))
            case PayoutMethod.MANUAL:
                if not self.holder or not self.arrangement:
                    sentences.append(_("Write down who is paid, and how."))
        return sentences

    @property
    def rests(self) -> bool:
        """Whether a change is so young that the first payout still waits."""
        return self.pays_from > clock.now()

    @property
    def destination(self) -> dict[str, Any]:
        """Where a payout goes, as it is frozen with the payout."""
        match self.method:
            case PayoutMethod.SEPA:
                return {
                    "holder": self.holder,
                    "iban": self.iban,
                    "bic": self.bic,
                    "country": self.country,
                    "street": self.street,
                    "postcode": self.postcode,
                    "city": self.city,
                }
            case PayoutMethod.STRIPE:
                return {"account": self.stripe_account}
            case PayoutMethod.MANUAL:
                return {"holder": self.holder, "arrangement": self.arrangement, "country": self.country}

    @property
    def said(self) -> str:
        """The destination in a few signs, fit for a page: ``Globex GmbH, DE•• •••• 4471``."""
        return said_destination(self.method, self.destination)


def said_destination(method: PayoutMethod, destination: dict[str, Any]) -> str:
    """A destination without what must not be read over a shoulder."""
    match method:
        case PayoutMethod.SEPA:
            return f"{destination['holder']}, {masked_iban(destination['iban'])}"
        case PayoutMethod.STRIPE:
            return str(destination["account"])
        case PayoutMethod.MANUAL:
            return f"{destination['holder']}, {country_name(destination['country'])}"


def masked_iban(iban: str) -> str:
    """``DE•• •••• 4471``."""
    return f"{iban[:2]}•• •••• {iban[-4:]}" if iban else ""


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
    #: Who is left out and why, as it was when proposed.
    left_out: Mapped[list[dict[str, Any]]] = mapped_column(default=list)

    proposed_by: Mapped[User | None] = relationship(foreign_keys=[proposed_by_id])
    approved_by: Mapped[User | None] = relationship(foreign_keys=[approved_by_id])
    payouts: Mapped[list["Payout"]] = relationship(
        back_populates="run", order_by="Payout.id", passive_deletes="all"
    )

    def may_become(self, status: RunStatus) -> bool:
        return status in RUN_STEPS[self.status]


class Payout(Base):
    """The lines of one partner in a run, in one currency, by one method, to one place: one sum of money."""

    __tablename__ = "commissions_payout"
    __table_args__ = (
        sa.UniqueConstraint("run_id", "partner_id"),
        sa.CheckConstraint("amount_minor > 0", name="positive"),
        sa.Index("ix_commissions_payout_partner", "partner_id", "id"),
        sa.Index("ix_commissions_payout_status", "status", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(sa.ForeignKey("commissions_payout_run.id"))
    partner_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_partner.id"))
    currency: Mapped[str]
    amount_minor: Mapped[int]
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


class PaymentFile(Base):
    """A file for the bank: its digest, so that the same file can be made again to the byte, and what became of it."""

    __tablename__ = "commissions_payment_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(sa.ForeignKey("commissions_payout_run.id"), index=True)
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

    run: Mapped[PayoutRun] = relationship()


def _steps(column: str, steps: Any) -> str:
    """The condition under which a change of state is none of ``steps``."""
    pairs = ", ".join(f"'{before}>{after}'" for before, ways in steps.items() for after in ways)
    return f"NEW.{column} <> OLD.{column} AND OLD.{column} || '>' || NEW.{column} NOT IN ({pairs})"


_RUN: sa.Table = PayoutRun.__table__  # type: ignore[assignment]
_PAYOUT: sa.Table = Payout.__table__  # type: ignore[assignment]
_LINE: sa.Table = PayoutLine.__table__  # type: ignore[assignment]
_ATTEMPT: sa.Table = PayoutAttempt.__table__  # type: ignore[assignment]
_FILE: sa.Table = PaymentFile.__table__  # type: ignore[assignment]

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
            "OR NEW.amount_minor <> OLD.amount_minor OR NEW.frozen_at <> OLD.frozen_at OR OLD.released_at IS NOT NULL",
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
refuse_when(
    _FILE,
    "UPDATE",
    "is_only_executed",
    [
        (
            "a payment file stays as it was made",
            "NEW.id <> OLD.id OR NEW.run_id <> OLD.run_id OR NEW.message_id <> OLD.message_id "
            "OR NEW.sha256 <> OLD.sha256 OR NEW.total_minor <> OLD.total_minor OR OLD.executed_at IS NOT NULL",
        )
    ],
)
refuse_when(_FILE, "DELETE", "stays", [("a payment file is never removed", "TRUE")])
