"""Whoever owns the ledger's tables can take its triggers away; so, in production, the application must not own them."""

import sqlalchemy as sa
from flask import Flask

from core.config import Misconfigured
from core.database import current_database

#: Says that one role does both, knowingly: ``LEDGER_OWNER_SERVES=yes``.
ALLOWED = "LEDGER_OWNER_SERVES"


def refuse_to_serve_as_owner(app: Flask) -> None:
    """Raises Misconfigured when production would serve on PostgreSQL as a superuser or as owner of the ledger.

    On SQLite whoever can write the file can do anything, so there is nothing to check.
    """
    if app.config["KIND"] != "production" or app.config[ALLOWED]:
        return
    with app.app_context():
        database = current_database()
        if database.is_sqlite:
            return
        with database.engine.connect() as connection:
            may_do_anything = connection.scalar(_MAY_DO_ANYTHING)
    if may_do_anything:
        raise Misconfigured(
            "DATABASE_URL signs in as the owner of the ledger's tables or as a superuser, who can switch off what "
            "protects them. Let that role migrate (DATABASE_OWNER_URL), and another one serve; docs/running.md says "
            f"how. {ALLOWED}=yes starts all the same."
        )


# As owner, as a member of the owner's role, or as a superuser.
_MAY_DO_ANYTHING = sa.text(
    "SELECT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) OR EXISTS (SELECT 1 FROM pg_class "
    r"WHERE relname LIKE 'commissions\_journal\_%' AND relkind = 'r' AND pg_has_role(current_user, relowner, 'MEMBER'))"
)
