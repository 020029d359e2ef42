"""What referrals writes to people, one module a subject."""

from core.i18n import lazy_gettext as _l
from core.letters import kind

kind("referrals.leads", _l("Leads: offers, clocks, what became of them"), "referrals/emails/lead")
kind("referrals.deals", _l("Deals: decisions, deadlines, orders"), "referrals/emails/")
kind(
    "referrals.ratings",
    _l("Questions to customers"),
    "referrals/emails/rating",
    can_be_stopped=False,
    is_noted=False,
)
