"""What partners earn and how it is paid: plans and their proof, the ledger, statements, payouts.

Hears of sales, refunds and approved funding claims from the domains below, and stands above all of them.
"""

from flask import Flask


def init_app(app: Flask) -> None:
    """Puts the API, the pages, the commands and the nightly work of this domain on ``app``."""
    from commissions.operations import plans  # noqa: F401
    from commissions.queries import exported as _exported  # noqa: F401
    from commissions.queries import offered_plans as _offered  # noqa: F401
    from commissions.receivers import (  # noqa: F401
        bonuses,
        estimates,
        payees,
        proofs,
        sales,
        stripe_sales,
    )
    from commissions.receivers import disputes as _of_disputes  # noqa: F401
    from commissions.receivers import firms as _of_firms  # noqa: F401
    from commissions.receivers import milestones as _of_milestones  # noqa: F401
    from commissions.receivers import sale_reports as _of_sale_reports  # noqa: F401
    from commissions.views import (  # noqa: F401
        adjustments,
        api_plans,
        api_sales,
        calculator,
        earlier_sales,
        pages,
        partner_earnings,
        partner_payouts,
        partner_plan,
        plan_simulations,
        proof,
        recomputations,
        sale_imports,
        sale_plans,
        shared_payments,
        staff_books,
        staff_one_payout,
        staff_payouts,
        staff_plans,
        staff_profiles,
        staff_reconciliation,
        staff_runs,
        webhooks,
    )
    from commissions.views import dispute_menu, disputes, papers, recruitments, statement_signing  # noqa: F401  isort: skip
    from commissions.views import sale_reports

    dispute_menu.init_app()
    sale_reports.init_app()
    app.register_blueprint(pages)
    api_sales.init_app(app)
    api_plans.init_app(app)
    _pay_out(app)


def _pay_out(app: Flask) -> None:
    """The books, payouts and statements: their pages, API, commands and nightly work."""
    from commissions import cli, menu, personal_data, publications, search  # noqa: F401
    from commissions.gateways import stripe
    from commissions.receivers import funding, nightly, payouts, stripe_accounts, webhooks  # noqa: F401
    from commissions.views import api_disputes, api_ledger
    from commissions.views import webhooks as inbox

    stripe.check_configuration(app.config)
    for api in (api_ledger, api_disputes):
        app.extensions["portal_api"].register_blueprint(api.blueprint)
        app.extensions["csrf"].exempt(api.blueprint)
    app.extensions["csrf"].exempt(inbox.stripe_webhook)
    menu.init_app()
    cli.init_app(app)
