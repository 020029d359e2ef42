"""Every question of referrals, one module a subject; each asks for whom."""

from referrals.queries.leads import leads_visible_to, may_see_contact
from referrals.queries.offers import offers_visible_to
from referrals.queries.pool import pool_visible_to

__all__ = ["leads_visible_to", "may_see_contact", "offers_visible_to", "pool_visible_to"]
