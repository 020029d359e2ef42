"""Papers of firms, asked for whoever may read them."""

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload

from accounts.models import User
from accounts.permissions import Permission, Role
from partners.models import Document, Partner, PartnerStatus
from partners.queries.measures import programme_today
from partners.queries.partners import rows_visible_to
from partners.settings import DOCUMENT_DAYS


def documents_visible_to(user: User) -> sa.Select[Document]:
    """The firm's own for those who look after its papers, or every firm's for the vendor's; those in force first."""
    return (
        sa.select(Document)
        .options(joinedload(Document.uploaded_by))
        .where(rows_visible_to(user, Document.partner_id, Permission.DOCUMENTS_READ))
        .order_by(Document.withdrawn_at.is_not(None), Document.id.desc())
    )


def documents_to_renew(user: User) -> sa.Select[Document]:
    """Papers that end within the setting's days, or have ended, and have no younger one of their kind that holds on.

    For the vendor's people: of the firms they manage, and for partner managers of those that nobody manages.
    """
    limit = programme_today() + timedelta(days=DOCUMENT_DAYS.value())
    younger = aliased(Document)
    renewed = sa.exists().where(
        younger.partner_id == Document.partner_id,
        younger.kind == Document.kind,
        younger.id > Document.id,
        younger.withdrawn_at.is_(None),
        sa.or_(younger.valid_until.is_(None), younger.valid_until > Document.valid_until),
    )
    rows = (
        documents_visible_to(user)
        .join(Document.partner)
        .options(joinedload(Document.partner))
        .where(
            Document.valid_until <= limit,
            Document.withdrawn_at.is_(None),
            Partner.status != PartnerStatus.TERMINATED,
            ~renewed,
        )
        .order_by(None)
        .order_by(Document.valid_until, Document.id)
    )
    return rows.where(_in_charge(user)) if user.is_staff else rows


def _in_charge(user: User) -> sa.ColumnElement[bool]:
    if user.role is not Role.PARTNER_MANAGER:
        return Partner.manager_id == user.id
    here = sa.exists().where(User.id == Partner.manager_id, User.suspended_at.is_(None))
    return sa.or_(Partner.manager_id == user.id, ~here)
