"""What partners earn and how it is paid: plans and their proof, the ledger, statements, payouts.

Hears of sales, refunds and approved funding claims from the domains below, and stands above all of them.
"""

from flask import Flask


def init_app(app: Flask) -> None:
    """Puts the API, the pages, the commands and the nightly work of this domain on ``app``."""
    from commissions.operations import plans  # noqa: F401
    from commissions.receivers import estimates, proofs, sales, stripe_sales  # noqa: F401
    from commissions.views import (  # noqa: F401
        api_plans,
        api_sales,
        pages,
        partner_earnings,
        proof,
        staff_payouts,
        webhooks,
    )
    from commissions.views import calculator, partner_plan, staff_plans  # noqa: F401  isort: skip

    app.register_blueprint(pages)
    api_sales.init_app(app)
    api_plans.init_app(app)
    _pay_out(app)


def _pay_out(app: Flask) -> None:
    """The books, payouts and statements: their pages, API, commands and nightly work."""
    from commissions import cli, menu
    from commissions.gateways import stripe
    from commissions.receivers import funding, nightly, payouts, webhooks  # noqa: F401
    from commissions.views import api_ledger
    from commissions.views import webhooks as inbox

    stripe.check_configuration(app.config)
    app.extensions["portal_api"].register_blueprint(api_ledger.blueprint)
    app.extensions["csrf"].exempt(api_ledger.blueprint)
    app.extensions["csrf"].exempt(inbox.stripe_webhook)
    menu.init_app()
    cli.init_app(app)
