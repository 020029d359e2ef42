"""What finance writes to a partner's balance by hand: a bonus, a correction, or something set off."""

import sqlalchemy as sa

from accounts.models import User
from accounts.permissions import Permission
from commissions.models import Entry, EntryKind
from commissions.operations.accrual import hold_book
from commissions.operations.entries import adjust_by_hand
from commissions.signals import WrittenByHand
from core.database import session
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from core.money import LIMIT, currencies
from core.signals import announce
from partners.models import Member, Partner

KINDS = (EntryKind.BONUS, EntryKind.ADJUSTMENT, EntryKind.SET_OFF)
LONGEST_REASON = 200


def write_by_hand(
    partner: Partner, *, kind: EntryKind, amount_minor: int, currency: str, reason: str, token: str, by: User
) -> Entry:
    """Posts an amount in minor units with its reason, payable at once; below 0 the partner owes it.

    It is paid by a run that a second person approves. The same ``token`` again answers the first line. Raises
    InvalidInput at ``amount``, ``currency`` or ``reason``; Refusal for who may not, belongs to the firm, or takes a
    firm that was merged into another one.
    """
    if not by.may(Permission.RUNS_PROPOSE):
        raise Refusal(_("Finance does this."))
    mine = sa.select(Member.id).where(Member.user_id == by.id, Member.partner_id == partner.id)
    if session.scalar(mine) is not None:
        raise Refusal(_("You belong to this firm, so somebody else must write it down."))
    if partner.merged_into is not None:
        raise Refusal(
            _(
                "%(name)s was merged into %(other)s. Write it down there.",
                name=partner.name,
                other=partner.merged_into.name,
            )
        )
    reason = " ".join(reason.split())
    problems = _problems(kind, amount_minor, currency, reason)
    if problems:
        raise InvalidInput(problems)
    hold_book(partner.id)
    cause = f"by-hand:{token}"
    before = session.scalar(sa.select(Entry).where(Entry.cause == cause, Entry.partner_id == partner.id))
    if before is not None:
        return before
    entry = adjust_by_hand(
        partner_id=partner.id,
        amount_minor=amount_minor,
        currency=currency,
        kind=kind,
        reason=reason,
        key=cause,
        by=by,
    )
    announce(
        WrittenByHand(entry, by, kind=str(kind), amount_minor=amount_minor, currency=currency, reason=reason)
    )
    return entry


def _problems(kind: EntryKind, amount_minor: int, currency: str, reason: str) -> dict[str, str]:
    problems = {}
    if kind not in KINDS:
        problems["kind"] = _("Choose what it is.")
    if not amount_minor:
        problems["amount"] = _("Give an amount other than 0.")
    elif kind is EntryKind.BONUS and amount_minor < 0:
        problems["amount"] = _("A bonus is above 0. What takes back is a correction.")
    elif abs(amount_minor) >= LIMIT:
        problems["amount"] = _("That is more than the books can hold.")
    if currency not in currencies():
        problems["currency"] = _("Choose a currency.")
    if not reason:
        problems["reason"] = _("This is needed.")
    elif len(reason) > LONGEST_REASON:
        problems["reason"] = _("It can have at most %(most)s characters.", most=LONGEST_REASON)
    return problems
