"""Accepting a statement: the partner signs exactly what was frozen, once, and nothing of it is disputed any more."""

from accounts.models import User
from commissions.models import Statement
from commissions.queries.disputes import disputes_on_statement
from commissions.signals import StatementSigned
from core import clock
from core.database import lock
from core.errors import Refusal
from core.i18n import gettext as _
from core.signals import announce
from partners.queries import partner_of


def sign_statement(statement: Statement, *, digest: str, by: User) -> None:
    """The partner accepts the month as it stands. ``digest`` is of what was shown.

    Raises Refusal when it is signed already, another thing was shown, or a line of it is disputed.
    """
    partner = partner_of(by)
    if partner is None or partner.id != statement.partner_id:
        raise Refusal(_("Only the partner signs its statement."))
    lock(statement)
    if statement.signed_at is not None:
        raise Refusal(_("This statement is signed already."))
    if digest != statement.digest:
        raise Refusal(_("This is not what was shown. Open the statement again."))
    if any(dispute.is_undecided for dispute in disputes_on_statement(statement).values()):
        raise Refusal(_("A line of it is disputed. Sign when that is decided."))
    statement.signed_at = clock.now()
    statement.signed_by_id = by.id
    statement.signed_digest = digest
    statement.received_at = statement.received_at or statement.signed_at
    announce(StatementSigned(statement, by, digest=digest))
