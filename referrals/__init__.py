"""Referrals: the vendor brings orders to partners.

Leads come in, find their partner by a policy, and become deals; deals become sales. Holds the facts of what was sold;
what is earned on them is for commissions above.
"""

from flask import Flask


def init_app(app: Flask) -> None:
    """Puts this domain on ``app``."""
    from referrals import menu, models  # noqa: F401
    from referrals.receivers import deals as deal_receivers  # noqa: F401
    from referrals.receivers import leads as lead_receivers  # noqa: F401
    from referrals.views import (  # noqa: F401
        api_deals,
        api_leads,
        customers,
        deal_menu,
        embed,
        lead_slots,
        pages,
        partner_deals,
        partner_leads,
        sales,
        staff_deals,
        staff_leads,
        staff_policy,
    )

    app.register_blueprint(pages)
    csrf = app.extensions["csrf"]
    csrf.exempt(app.view_functions["referrals.embedded_form"])
    csrf.exempt(app.view_functions["referrals.contact"])
    for blueprint in (api_leads.blueprint, api_deals.blueprint):
        app.extensions["portal_api"].register_blueprint(blueprint)
        csrf.exempt(blueprint)
    menu.init_app()
    deal_menu.init_app()
