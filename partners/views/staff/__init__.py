"""What the vendor's staff do with applications, firms, tiers, the catalogue and the agreement."""

from partners.views.staff import agreements, applications, catalogue, partners

__all__ = ["agreements", "applications", "catalogue", "partners"]
