"""Every question about firms, asked for whoever may see the answer."""

from partners.queries.agreements import (
    current_agreement,
    has_valid_agreement,
    partners_with_valid_agreement,
    valid_agreement,
)
from partners.queries.catalogue import (
    products,
    products_by_code,
    questions,
    services,
    services_by_code,
    tiers,
    tiers_by_code,
)
from partners.queries.members import active_members, admins_of, members_of, partner_of, people_who_may
from partners.queries.partners import (
    partners_matching,
    partners_per_tier,
    partners_visible_to,
    routable_partners,
    rows_visible_to,
)

__all__ = [
    "active_members",
    "admins_of",
    "current_agreement",
    "has_valid_agreement",
    "members_of",
    "partner_of",
    "partners_matching",
    "partners_per_tier",
    "partners_visible_to",
    "partners_with_valid_agreement",
    "people_who_may",
    "products",
    "products_by_code",
    "questions",
    "routable_partners",
    "rows_visible_to",
    "services",
    "services_by_code",
    "tiers",
    "tiers_by_code",
    "valid_agreement",
]
