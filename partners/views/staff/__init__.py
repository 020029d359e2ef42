"""What the vendor's staff do with applications, firms, tiers, the catalogue and the agreement."""

from partners.views.staff import (
    agreements,
    applications,
    catalogue,
    concentration,
    contacts,
    development,
    leaving,
    network_map,
    networks,
    partners,
    tier_rules,
)

__all__ = [
    "agreements",
    "applications",
    "catalogue",
    "concentration",
    "contacts",
    "development",
    "leaving",
    "network_map",
    "networks",
    "partners",
    "tier_rules",
]
