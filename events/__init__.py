"""Running events together and paying half of them: budgets, requests, the events and their guests, claims.

Money is promised from an allocation that can't be overdrawn, and comes back for receipts that count once. What was
approved is announced; whoever keeps the books hears it. Knows nothing of leads or of the ledger.
"""

from flask import Flask


def init_app(app: Flask) -> None:
    """Puts this domain on ``app``."""
    from core import exchange
    from events import menu, personal_data, publications, receivers, search, settings  # noqa: F401
    from events.queries import exported  # noqa: F401
    from events.views import (  # noqa: F401
        board,
        claims,
        door,
        funding,
        gatherings,
        public,
        rates,
        results,
        slots,
        staff,
        topics,
        wording,
    )
    from events.views import events as pages

    app.register_blueprint(pages)
    exchange.init_app(app)
    menu.init_app()
