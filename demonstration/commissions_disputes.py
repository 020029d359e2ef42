"""The demo's questions about money: disputes decided, answered and open, and who brought whom into the programme."""

from datetime import timedelta

import sqlalchemy as sa

from accounts.models import User
from accounts.permissions import Role
from accounts.queries import active_staff_with
from commissions.models import Entry, EntryKind
from commissions.operations import disputes
from commissions.operations.recruitments import note_recruiter
from commissions.queries.disputes import can_be_disputed_until
from core import clock
from core.database import session
from partners.models import Partner, PartnerStatus
from partners.queries import active_members

QUESTIONS = (
    "The customer moved to us in the first month, so the rate of the first year should count.",
    "Our invoice says two more seats than this sale.",
    "Which discount was taken off here? We agreed on none.",
)


def make_demo(*, partners: int = 12, leads: int = 40, sales: int = 60, seed: int = 1) -> None:
    """Three partners question a line each, as far as the network has them."""
    finn = session.scalars(active_staff_with(Role.FINANCE)).first()
    mona = session.scalars(active_staff_with(Role.PARTNER_MANAGER)).first()
    if finn is None or mona is None:
        return
    firms = session.scalars(
        sa.select(Partner).where(Partner.status == PartnerStatus.ACTIVE).order_by(Partner.id).limit(4)
    ).all()
    for firm, brought in zip(firms, firms[2:], strict=False):
        note_recruiter(brought, firm, because="They applied after a joint project.", by=mona)
    opened = []
    for number, firm in enumerate(firms[:3]):
        with clock.frozen_at(clock.now() - timedelta(days=3, hours=number)):
            entry, person = _line_of(firm), _somebody_of(firm)
            if entry is not None and person is not None:
                opened.append(disputes.open_dispute(entry, QUESTIONS[number], by=person))
    if opened:
        entry = opened[0].entry
        disputes.correct_line(
            opened[0],
            should_be_minor=entry.amount_minor + entry.amount_minor // 10,
            reason="You are right, the first year counts. The difference is posted.",
            by=finn,
        )
    if len(opened) > 1:
        disputes.answer_dispute(
            opened[1], "The two seats were sold in the month after, on an invoice of their own.", by=finn
        )


def _line_of(firm: Partner) -> Entry | None:
    """A late line that can still be disputed."""
    found = session.scalars(
        sa.select(Entry)
        .where(Entry.partner_id == firm.id, Entry.kind == EntryKind.COMMISSION, Entry.sale_id.is_not(None))
        .order_by(Entry.id.desc())
        .limit(5)
    )
    for entry in found:
        until = can_be_disputed_until(entry)
        if until is None or until > clock.now():
            return entry
    return None


def _somebody_of(firm: Partner) -> User | None:
    return next(
        (
            member.user
            for member in session.scalars(active_members(firm))
            if member.user.role in {Role.PARTNER_ADMIN, Role.PARTNER_FINANCE}
        ),
        None,
    )
