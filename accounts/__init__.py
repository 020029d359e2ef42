"""People: who signs in, with which role, and what each role may do.

Holds users, their sessions, one-time tokens and API keys. Knows nothing of firms, leads or money.
"""

from flask import Flask


def init_app(app: Flask) -> None:
    """Puts sign-in, the access check, the menu, the pages and the commands of this domain on ``app``."""
    from accounts import access, cli, limits, menu, personal_data, receivers, search  # noqa: F401
    from accounts.views import (  # noqa: F401
        accounts,
        api,
        around,
        confirming,
        me,
        my_data,
        public,
        security,
        single_sign_on,
        staff,
        staff_data,
        webhooks,
    )

    limits.init_app(app)
    access.init_app(app)
    menu.init_app()
    app.register_blueprint(accounts)
    api.init_app(app)
    cli.init_app(app)
    # Mail programs ask it by themselves when somebody presses their button; its address is signed
    app.extensions["csrf"].exempt(app.view_functions["accounts.mail_stop"])
