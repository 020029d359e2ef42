"""People: who signs in, with which role, and what each role may do.

Holds users, their sessions, one-time tokens and API keys. Knows nothing of firms, leads or money.
"""

from flask import Flask


def init_app(app: Flask) -> None:
    """Puts sign-in, the access check, the menu, the pages and the commands of this domain on ``app``."""
    from accounts import access, cli, limits, menu, receivers  # noqa: F401
    from accounts.views import accounts, me, public, staff  # noqa: F401

    limits.init_app(app)
    access.init_app(app)
    menu.init_app()
    app.register_blueprint(accounts)
    cli.init_app(app)
