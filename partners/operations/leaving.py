"""A firm leaves the programme for good; or was entered twice and becomes one."""

from typing import Any

import sqlalchemy as sa

from accounts import operations as accounts
from core import clock
from core.activity import Actor
from core.database import lock, session
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from core.signals import announce
from partners import signals
from partners.models import (
    Application,
    DevelopmentPlan,
    Document,
    FinderEntry,
    Invitation,
    Member,
    Partner,
    PartnerStatus,
    PlanStatus,
    ResourceDownload,
    Score,
    Story,
    Thread,
    TierEvaluation,
    TierHold,
)
from partners.operations.contacts import move_contacts
from partners.operations.invitations import move_invitations
from partners.operations.tier_evaluation import close_grace
from partners.queries.development import current_plan
from partners.queries.leaving import working_keys_of
from partners.queries.members import forget_memberships


def terminate_partner(partner: Partner, *, reason: str, heir: Partner | None, by: Actor | None) -> None:
    """Ends the partnership. Leads, deals and customers go to ``heir``, or back to the programme without one.

    Its people keep reading, its keys stop, what is owed is still paid. Raises InvalidInput at ``reason`` or ``heir``.
    """
    _need(reason)
    _lock_both(partner, heir)
    if heir is not None and (heir is partner or heir.status is not PartnerStatus.ACTIVE):
        raise InvalidInput({"heir": _("Choose another firm that is active.")})
    partner.terminate(reason.strip(), heir)
    close_grace(partner, "partnership terminated")
    _end_standing(partner)
    _close_plan(partner, _("The partnership has ended."))
    for key in session.scalars(working_keys_of(partner)).all():
        accounts.revoke_api_key(key, by=by)
    session.execute(sa.update(Partner).where(Partner.parent_id == partner.id).values(parent_id=None))
    partner.parent_id = None
    session.execute(sa.delete(Invitation).where(Invitation.partner_id == partner.id))
    session.flush()
    announce(
        signals.PartnerTerminated(
            partner,
            by,
            reason=reason.strip(),
            heir_id=heir.id if heir is not None else 0,
            heir_name=heir.name if heir is not None else "",
        )
    )


def merge_partners(duplicate: Partner, survivor: Partner, *, reason: str, by: Actor | None) -> None:
    """``duplicate`` was ``survivor`` all along: everything it has moves there, money by transfer in the ledger.

    What stays under the old number: its lines of earnings with their proof, statements, payouts and signed
    agreements. Raises InvalidInput at ``reason`` or ``survivor``, Refusal while a payout of it is under way.
    """
    _need(reason)
    _lock_both(duplicate, survivor)
    if survivor is duplicate or survivor.has_left or survivor.merged_into_id is not None:
        raise InvalidInput({"survivor": _("Choose another firm that takes part.")})
    if survivor.parent_id == duplicate.id:
        raise Refusal(
            _("%(name)s is a branch of the other one. Make it stand by itself first.", name=survivor.name)
        )
    duplicate.merge_into(survivor, reason.strip())
    close_grace(duplicate, "merged into another firm")
    _end_standing(duplicate)
    _move_finder_entry(duplicate, survivor)
    _end_second_plan(duplicate, survivor)
    move_invitations(duplicate, survivor)
    move_contacts(duplicate, survivor)
    for table in (Member, Application, Thread, Story, DevelopmentPlan, ResourceDownload, Document):
        theirs = sa.update(table).where(table.partner_id == duplicate.id)
        session.execute(theirs.values(partner_id=survivor.id))
    columns: tuple[Any, ...] = (Partner.parent_id, Partner.merged_into_id)
    for column in columns:
        session.execute(
            sa.update(Partner)
            .where(column == duplicate.id)
            # A branch has no branches: those of the duplicate become those of the parent.
            .values({column.key: _parent_for(column, survivor)})
        )
    duplicate.parent_id = None
    session.flush()
    session.expire_all()
    forget_memberships()
    announce(
        signals.PartnersMerged(
            duplicate, by, reason=reason.strip(), survivor_id=survivor.id, survivor_name=survivor.name
        )
    )
    announce(
        signals.PartnerReceivedDuplicate(
            survivor, by, duplicate_id=duplicate.id, duplicate_name=duplicate.name, reason=reason.strip()
        )
    )


def _end_standing(partner: Partner) -> None:
    """It is in no tier any more: nothing holds one by hand, and it is nobody's peer. What was decided stays."""
    session.execute(
        sa.update(TierHold)
        .where(TierHold.partner_id == partner.id, TierHold.ended_at.is_(None))
        .values(ended_at=clock.now())
    )
    for table in (TierEvaluation, Score):
        session.execute(sa.delete(table).where(table.partner_id == partner.id))


def _close_plan(partner: Partner, note: str) -> None:
    session.execute(
        sa.update(DevelopmentPlan)
        .where(DevelopmentPlan.partner_id == partner.id, DevelopmentPlan.status != PlanStatus.CLOSED)
        .values(status=PlanStatus.CLOSED, closed_at=clock.now(), closing_note=note)
    )


def _end_second_plan(duplicate: Partner, survivor: Partner) -> None:
    """A firm has one plan: where the survivor has one, that of the duplicate ends, and stands among its past ones."""
    if current_plan(survivor) is not None:
        _close_plan(duplicate, _("Merged: the plan of %(name)s goes on.", name=survivor.name))


def _move_finder_entry(duplicate: Partner, survivor: Partner) -> None:
    """Words and logo go along where the survivor has none. Whether it is listed, the survivor has said itself."""
    theirs, ours = session.get(FinderEntry, duplicate.id), session.get(FinderEntry, survivor.id)
    if theirs is not None:
        if ours is None and (theirs.summary or theirs.summary_ru):
            ours = FinderEntry(partner_id=survivor.id, is_listed=True, summary="", summary_ru="")
            session.add(ours)
        if ours is not None and not (ours.summary or ours.summary_ru):
            ours.summary, ours.summary_ru = theirs.summary, theirs.summary_ru
        session.delete(theirs)
    if survivor.logo is None and duplicate.logo is not None:
        survivor.logo, duplicate.logo = duplicate.logo, None


def _parent_for(column: Any, survivor: Partner) -> int:
    if column is Partner.parent_id and survivor.parent_id is not None:
        return survivor.parent_id
    return survivor.id


def _lock_both(one: Partner, other: Partner | None) -> None:
    """In the order of their numbers, so that two who merge crosswise never wait for each other."""
    for firm in sorted({one, other} - {None}, key=lambda firm: firm.id if firm is not None else 0):
        if firm is not None:
            lock(firm)


def _need(reason: str) -> None:
    if len(reason.strip()) < 3:
        raise InvalidInput({"reason": _("Say why, in a sentence.")})
