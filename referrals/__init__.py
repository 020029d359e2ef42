"""Referrals: the vendor brings orders to partners.

Leads come in, find their partner by a policy, and become deals; deals become sales. Holds the facts of what was sold;
what is earned on them is for commissions above.
"""

from flask import Flask


def init_app(app: Flask) -> None:
    """Puts this domain on ``app``."""
    from referrals import menu, models, personal_data, publications, search  # noqa: F401
    from referrals.queries import event_results, exported, gaps  # noqa: F401
    from referrals.receivers import deals as deal_receivers  # noqa: F401
    from referrals.receivers import firms as firm_receivers  # noqa: F401
    from referrals.receivers import leads as lead_receivers  # noqa: F401
    from referrals.receivers import links as link_receivers  # noqa: F401
    from referrals.receivers import measures as measure_receivers  # noqa: F401
    from referrals.receivers import ratings as rating_receivers  # noqa: F401
    from referrals.views import (  # noqa: F401
        api_deals,
        api_leads,
        api_opportunities,
        codes,
        customers,
        deal_menu,
        embed,
        estimates,
        handing_on,
        lead_places,
        lead_slots,
        lead_updates,
        licence_share,
        links,
        milestones,
        missing,
        own_opportunities,
        pages,
        partner_deals,
        partner_leads,
        rates,
        ratings,
        sale_decisions,
        sales,
        staff_accounts,
        staff_deals,
        staff_hooks,
        staff_imports,
        staff_leads,
        staff_policy,
        staff_reports,
        standing_slots,
        topics,
        waiting_facts,
    )

    app.register_blueprint(pages)
    csrf = app.extensions["csrf"]
    csrf.exempt(app.view_functions["referrals.embedded_form"])
    csrf.exempt(app.view_functions["referrals.contact"])
    csrf.exempt(app.view_functions["referrals.ask_partner"])
    csrf.exempt(app.view_functions["referrals.receive_hook"])
    csrf.exempt(app.view_functions["referrals.rating_stop"])
    for blueprint in (api_leads.blueprint, api_deals.blueprint, api_opportunities.blueprint):
        app.extensions["portal_api"].register_blueprint(blueprint)
        csrf.exempt(blueprint)
    menu.init_app()
    deal_menu.init_app()
