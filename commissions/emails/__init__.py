"""What commissions write to people."""

from core.i18n import lazy_gettext as _l
from core.letters import kind

kind("commissions", _l("Money: statements, payouts, objections"), "commissions/emails/")
kind(
    "commissions.essential",
    _l("Changed payout details"),
    "commissions/emails/profile_changed",
    can_be_stopped=False,
)
