"""Firms: how they apply, what they agree to, which tier they are in, and who their people are.

Owns the programme's public page, the catalogue and the agreement. Knows nothing of leads, courses or money.
"""

from flask import Flask


def init_app(app: Flask) -> None:
    """Puts this domain on ``app``."""
    from partners import cli, menu, models, personal_data, publications, receivers, search  # noqa: F401
    from partners.views import (  # noqa: F401
        announcements,
        api,
        development,
        documents,
        finder,
        firm,
        group,
        invitations,
        messages,
        public,
        resources,
        scorecard,
        slots,
        staff,
        standing,
        stories,
    )
    from partners.views import partners as pages

    app.register_blueprint(pages)
    app.extensions["portal_api"].register_blueprint(api.blueprint)
    app.extensions["csrf"].exempt(api.blueprint)
    menu.init_app()
    cli.init_app(app)
