"""Imports and exports of the whole network; and what an export holds, a registry that domains above fill."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from accounts.models import User
from accounts.permissions import Permission
from partners.models import (
    Agreement,
    AgreementAcceptance,
    Application,
    Contact,
    Document,
    Invitation,
    Member,
    NetworkExport,
    NetworkImport,
    Partner,
    Score,
    Tier,
    TierDecision,
)


def network_imports_visible_to(user: User) -> sa.Select[NetworkImport]:
    """For the vendor's people who may add firms: all, latest first."""
    rows = sa.select(NetworkImport).order_by(NetworkImport.id.desc())
    return rows if user.is_staff and user.may(Permission.PARTNERS_WRITE) else rows.where(sa.false())


def network_exports_visible_to(user: User) -> sa.Select[NetworkExport]:
    """For whoever may take everything along: all, latest first."""
    rows = sa.select(NetworkExport).order_by(NetworkExport.id.desc())
    return rows if user.is_staff and user.may(Permission.NETWORK_EXPORT) else rows.where(sa.false())


@dataclass(frozen=True)
class ExportTable:
    """One file of an export: its name, and a statement whose columns, by their labels, are its headings."""

    name: str
    rows: Callable[[], sa.Select[*tuple[Any, ...]]]


_tables: list[ExportTable] = []


def exports_table(
    name: str,
) -> Callable[[Callable[[], sa.Select[*tuple[Any, ...]]]], Callable[[], sa.Select[*tuple[Any, ...]]]]:
    """Registers a function that answers the statement of the file ``<name>.csv``."""

    def register(
        rows: Callable[[], sa.Select[*tuple[Any, ...]]],
    ) -> Callable[[], sa.Select[*tuple[Any, ...]]]:
        _tables.append(ExportTable(name, rows))
        return rows

    return register


def export_tables() -> Sequence[ExportTable]:
    """Everything an export holds, by name."""
    return sorted(_tables, key=lambda table: table.name)


def rows_of(table: ExportTable, reader: Session) -> tuple[list[str], Iterable[Sequence[Any]]]:
    """The headings and, a thousand at a time, the rows of one file, as ``reader`` finds them."""
    result = reader.execute(table.rows().execution_options(yield_per=1000))
    return list(result.keys()), result


def columns_of(model: Any, *left_out: str) -> list[InstrumentedAttribute[Any]]:
    """Every column of a table but these; for tables that are exported as they are."""
    return [getattr(model, one.key) for one in model.__mapper__.column_attrs if one.key not in left_out]


@exports_table("partners")
def _partners() -> sa.Select[*tuple[Any, ...]]:
    return sa.select(*columns_of(Partner, "search_text", "logo")).order_by(Partner.id)


@exports_table("members")
def _members() -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(
            Member.id,
            Member.partner_id,
            User.email,
            User.name,
            User.role,
            User.locale,
            Member.joined_at,
            Member.left_at,
        )
        .join(Member.user)
        .order_by(Member.id)
    )


@exports_table("partner_contacts")
def _contacts() -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(Contact.partner_id, Contact.kind, User.email, User.name)
        .join(Contact.user)
        .order_by(Contact.partner_id, Contact.kind)
    )


@exports_table("partner_documents")
def _documents() -> sa.Select[*tuple[Any, ...]]:
    return sa.select(*columns_of(Document, "storage_key")).order_by(Document.id)


@exports_table("invitations")
def _invitations() -> sa.Select[*tuple[Any, ...]]:
    # What opens the door of a firm stays here.
    return sa.select(*columns_of(Invitation, "token_digest")).order_by(Invitation.id)


@exports_table("tiers")
def _tiers() -> sa.Select[*tuple[Any, ...]]:
    return sa.select(*columns_of(Tier)).order_by(Tier.rank)


@exports_table("tier_decisions")
def _tier_decisions() -> sa.Select[*tuple[Any, ...]]:
    return sa.select(*columns_of(TierDecision)).order_by(TierDecision.id)


@exports_table("scores")
def _scores() -> sa.Select[*tuple[Any, ...]]:
    return sa.select(*columns_of(Score)).order_by(Score.partner_id, Score.measure)


@exports_table("applications")
def _applications() -> sa.Select[*tuple[Any, ...]]:
    # The token opens the applicant's own page, so it stays here.
    names = [one.key for one in Application.__mapper__.column_attrs]
    secrets = [name for name in names if "token" in name or "digest" in name]
    return sa.select(*columns_of(Application, *secrets)).order_by(Application.id)


@exports_table("agreements")
def _agreements() -> sa.Select[*tuple[Any, ...]]:
    return sa.select(*columns_of(Agreement)).order_by(Agreement.number)


@exports_table("agreement_acceptances")
def _acceptances() -> sa.Select[*tuple[Any, ...]]:
    return sa.select(*columns_of(AgreementAcceptance)).order_by(AgreementAcceptance.id)
