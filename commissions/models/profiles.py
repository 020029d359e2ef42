"""Where a partner's money goes: the way, the account, what the tax office wants, and the papers that prove it."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core import clock
from core.database import Base
from core.i18n import country_name, lazy_gettext
from core.i18n import gettext as _
from core.triggers import refuse_when
from partners.models import Partner


class PayoutMethod(StrEnum):
    """The ways to pay, equal citizens."""

    SEPA = "sepa"
    FOREIGN = "foreign"
    ONEC = "onec"
    STRIPE = "stripe"
    MANUAL = "manual"

    @property
    def label(self) -> Any:
        return _METHODS[self]

    @property
    def currency(self) -> str | None:
        """The only currency that this way can pay; ``None`` when it can pay any."""
        return {PayoutMethod.SEPA: "EUR", PayoutMethod.ONEC: "RUB"}.get(self)


_METHODS = {
    PayoutMethod.SEPA: lazy_gettext("Bank transfer (SEPA)"),
    PayoutMethod.FOREIGN: lazy_gettext("International bank transfer"),
    PayoutMethod.ONEC: lazy_gettext("Bank transfer in Russia"),
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

# What of a profile says where the money goes, way by way; it is frozen with a payout.
DESTINATION = {
    PayoutMethod.SEPA: ("holder", "iban", "bic", "country", "street", "postcode", "city"),
    PayoutMethod.FOREIGN: (
        "holder", "account", "bic", "bank_name", "country", "street", "postcode", "city",
    ),
    PayoutMethod.ONEC: (
        "holder", "account", "bank_code", "correspondent", "bank_name", "tax_id", "tax_code",
    ),
    PayoutMethod.MANUAL: ("holder", "arrangement", "country"),
}  # fmt: skip


class PayoutProfile(Base):
    """Where a partner's money goes. The first payout after a change waits until ``pays_from``.

    ``bank_code`` is the BIK of a Russian bank, ``tax_id`` and ``tax_code`` are INN and KPP. Rates are hundredths of a
    per cent, set by finance.
    """

    __tablename__ = "commissions_payout_profile"
    __table_args__ = (
        sa.CheckConstraint("withholding_bp BETWEEN 0 AND 10000 AND vat_bp BETWEEN 0 AND 10000", name="rates"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_partner.id"), unique=True)
    method: Mapped[PayoutMethod]
    holder: Mapped[str] = mapped_column(default="")
    iban: Mapped[str] = mapped_column(default="")
    bic: Mapped[str] = mapped_column(default="")
    account: Mapped[str] = mapped_column(default="", server_default="")
    bank_name: Mapped[str] = mapped_column(default="", server_default="")
    bank_code: Mapped[str] = mapped_column(default="", server_default="")
    correspondent: Mapped[str] = mapped_column(default="", server_default="")
    tax_id: Mapped[str] = mapped_column(default="", server_default="")
    tax_code: Mapped[str] = mapped_column(default="", server_default="")
    country: Mapped[str] = mapped_column(default="")
    street: Mapped[str] = mapped_column(default="")
    postcode: Mapped[str] = mapped_column(default="")
    city: Mapped[str] = mapped_column(default="")
    stripe_account: Mapped[str | None] = mapped_column(unique=True)
    stripe_ready: Mapped[bool] = mapped_column(default=False)
    #: Why Stripe could not pay to the partner's own bank, until it could.
    stripe_trouble: Mapped[str | None]
    arrangement: Mapped[str] = mapped_column(default="")
    vat_status: Mapped[VatStatus] = mapped_column(default=VatStatus.UNKNOWN)
    vat_bp: Mapped[int] = mapped_column(default=0, server_default="0")
    withholding_bp: Mapped[int] = mapped_column(default=0, server_default="0")
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
            case PayoutMethod.STRIPE:
                if not self.stripe_account:
                    sentences.append(_("Connect a Stripe account."))
                elif not self.stripe_ready:
                    sentences.append(_("Finish the questions at Stripe."))
            case PayoutMethod.MANUAL:
                if not self.holder or not self.arrangement:
                    sentences.append(_("Write down who is paid, and how."))
            case _other:
                sentences += [str(_MISSING[name]) for name in NEEDED[self.method] if not getattr(self, name)]
        return sentences

    @property
    def vat_said(self) -> str:
        """The rate of VAT as people type it: ``19`` or ``7.5``."""
        return said_rate(self.vat_bp)

    @property
    def paid_vat_bp(self) -> int:
        """The rate of VAT that is paid today: none to who is not registered for it."""
        return self.vat_bp if self.vat_status is VatStatus.REGISTERED else 0

    @property
    def withholding_said(self) -> str:
        """The rate of tax withheld, likewise."""
        return said_rate(self.withholding_bp)

    @property
    def rests(self) -> bool:
        """Whether a change is so young that the first payout still waits."""
        return self.pays_from > clock.now()

    @property
    def destination(self) -> dict[str, Any]:
        """Where a payout goes, as it is frozen with the payout."""
        if self.method is PayoutMethod.STRIPE:
            return {"account": self.stripe_account}
        return {name: getattr(self, name) for name in DESTINATION[self.method]}

    @property
    def said(self) -> str:
        """The destination in a few signs, fit for a page: ``Globex GmbH, DE•• •••• 4471``."""
        return said_destination(self.method, self.destination)


# What must be there before anything is paid.
NEEDED = {
    PayoutMethod.SEPA: ("holder", "iban", "country"),
    PayoutMethod.FOREIGN: ("holder", "account", "bic", "country", "city"),
    PayoutMethod.ONEC: ("holder", "account", "bank_code", "bank_name", "tax_id"),
    PayoutMethod.MANUAL: ("holder", "arrangement"),
}
_MISSING = {
    "holder": lazy_gettext("Name the holder of the account."),
    "iban": lazy_gettext("Give the IBAN."),
    "account": lazy_gettext("Give the number of the account."),
    "bic": lazy_gettext("Give the BIC of the bank."),
    "bank_code": lazy_gettext("Give the BIK of the bank."),
    "bank_name": lazy_gettext("Name the bank."),
    "tax_id": lazy_gettext("Give the holder's INN."),
    "country": lazy_gettext("Give the holder's country."),
    "city": lazy_gettext("Give the holder's city."),
}


def said_rate(basis_points: int) -> str:
    """Hundredths of a per cent as ``7.5``."""
    whole, part = divmod(basis_points, 100)
    return f"{whole}.{part:02}".rstrip("0").rstrip(".")


def said_destination(method: PayoutMethod, destination: dict[str, Any]) -> str:
    """A destination without what must not be read over a shoulder."""
    match method:
        case PayoutMethod.SEPA:
            return f"{destination['holder']}, {masked_iban(destination['iban'])}"
        case PayoutMethod.FOREIGN:
            return f"{destination['holder']}, {masked_account(destination['account'])}, {destination['bic']}"
        case PayoutMethod.ONEC:
            return f"{destination['holder']}, {masked_account(destination['account'])}"
        case PayoutMethod.STRIPE:
            return str(destination["account"])
        case PayoutMethod.MANUAL:
            return f"{destination['holder']}, {country_name(destination['country'])}"


def masked_iban(iban: str) -> str:
    """``DE•• •••• 4471``, with no-break spaces."""
    return f"{iban[:2]}••\N{NO-BREAK SPACE}••••\N{NO-BREAK SPACE}{iban[-4:]}" if iban else ""


def masked_account(account: str) -> str:
    """``•••• 4471``; an IBAN keeps its country."""
    if account[:2].isalpha():
        return masked_iban(account)
    return f"••••\N{NO-BREAK SPACE}{account[-4:]}" if account else ""


class TaxPaperKind(StrEnum):
    """What a paper proves to the tax office."""

    W9 = "w9"
    W8 = "w8"
    RESIDENCE = "residence"
    VAT = "vat"
    OTHER = "other"

    @property
    def label(self) -> Any:
        return _PAPERS[self]


_PAPERS = {
    TaxPaperKind.W9: lazy_gettext("W-9 (United States person)"),
    TaxPaperKind.W8: lazy_gettext("W-8 (not a United States person)"),
    TaxPaperKind.RESIDENCE: lazy_gettext("Certificate of tax residence"),
    TaxPaperKind.VAT: lazy_gettext("Certificate of VAT registration"),
    TaxPaperKind.OTHER: lazy_gettext("Another document"),
}


class TaxPaper(Base):
    """A document about a partner's taxes, as it was uploaded; finance says whether it is good."""

    __tablename__ = "commissions_tax_paper"
    __table_args__ = (sa.Index("ix_commissions_tax_paper_partner", "partner_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_partner.id"))
    kind: Mapped[TaxPaperKind]
    name: Mapped[str]
    content_type: Mapped[str]
    storage_key: Mapped[str]
    sha256: Mapped[str]
    valid_until: Mapped[date | None]
    uploaded_at: Mapped[datetime]
    uploaded_by_name: Mapped[str]
    checked_at: Mapped[datetime | None]
    checked_by_name: Mapped[str | None]

    partner: Mapped[Partner] = relationship()


_PAPER: sa.Table = TaxPaper.__table__  # type: ignore[assignment]
refuse_when(
    _PAPER,
    "UPDATE",
    "is_only_checked",
    [
        (
            "a tax paper stays as it was uploaded",
            "NEW.id <> OLD.id OR NEW.partner_id <> OLD.partner_id OR NEW.sha256 <> OLD.sha256 "
            "OR NEW.storage_key <> OLD.storage_key OR NEW.kind <> OLD.kind OR OLD.checked_at IS NOT NULL",
        )
    ],
)
