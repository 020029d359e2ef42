"""Who at the vendor looks after which firm, the papers both sides keep, and a colleague who is invited."""

from datetime import timedelta

import sqlalchemy as sa

from accounts.models import User
from accounts.permissions import Role
from core import clock
from core.database import session
from demonstration.scans import a_scan
from partners import operations
from partners.models import ContactKind, Partner
from partners.queries import admins_of
from partners.queries.measures import programme_today

#: Whom firms ask about what; only firms that sell much have a sponsor.
CARE = (
    (ContactKind.TECHNICAL, Role.EXAMINER),
    (ContactKind.MARKETING, Role.AUTHOR),
    (ContactKind.FINANCE, Role.FINANCE),
)
SPONSORED = ("gold", "platinum")

#: Kind, title, the days until it ends (``None``: it has no end), whether the vendor put it there.
PAPERS = (
    ("contract", "Framework contract", None, True),
    ("registration", "Extract from the commercial register", 400, False),
    ("insurance", "Liability insurance", 18, False),
)


def make_demo(**_sizes: int) -> None:
    """Everybody is looked after; the first firm has its papers and has invited somebody."""
    staff = {user.role: user for user in session.scalars(sa.select(User).order_by(User.id.desc()))}
    manager = staff[Role.PARTNER_MANAGER]
    firms = session.scalars(sa.select(Partner).order_by(Partner.id)).all()
    for firm in firms:
        people = {kind: staff.get(role) for kind, role in CARE}
        if firm.tier in SPONSORED:
            people[ContactKind.SPONSOR] = staff.get(Role.PROGRAMME_ADMIN)
        operations.name_contacts(firm, people, by=manager)
    for firm in firms[:1]:
        admin = session.scalars(admins_of(firm)).first()
        if admin is None:
            continue
        _keep_papers(firm, manager, admin.user)
        operations.invite_colleague(
            firm, email=f"nele@{firm.domain}", name="Nele Harms", role=Role.ENGINEER, by=admin.user
        )


def _keep_papers(firm: Partner, manager: User, admin: User) -> None:
    for shade, (kind, title, days, by_vendor) in enumerate(PAPERS):
        with clock.frozen_at(clock.now() - timedelta(days=200 - shade)):
            row = operations.keep_document(
                firm,
                kind=kind,
                title=title,
                valid_until=None,
                content=a_scan(f"{title}\n\n{firm.legal_name}", shade=shade),
                name=f"{kind}.png",
                by=manager if by_vendor else admin,
            )
        row.valid_until = programme_today() + timedelta(days=days) if days is not None else None
