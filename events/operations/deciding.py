"""What every decision of the vendor holds to: nobody decides for their own firm."""

from accounts.models import User
from core.activity import Actor
from core.errors import Refusal
from core.i18n import gettext as _
from partners.queries import partner_of


def refuse_own_firm(partner_id: int, by: Actor | None) -> None:
    """Raises Refusal when ``by`` belongs to the firm that is decided about."""
    firm = partner_of(by) if isinstance(by, User) else None
    if firm is not None and firm.id == partner_id:
        raise Refusal(_("Somebody else decides about your own firm."))
