"""Bringing the database to the code's own shape, with Alembic, on either database."""

from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import current_app

from core.database import current_database, session

FOLDER = Path(__file__).parent.parent / "migrations"


def alembic_config(url: str) -> Any:
    """Alembic's configuration for the database at ``url``."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    config.set_main_option(
        "file_template", "%%(year)d%%(month).2d%%(day).2d_%%(hour).2d%%(minute).2d_%%(slug)s"
    )
    return config


def migrate(url: str | None = None, revision: str = "head") -> None:
    """Moves the database at ``url`` (the application's own by default) up to ``revision``."""
    from alembic import command

    database = current_database()
    own = current_app.config["DATABASE_OWNER_URL"] or database.url.render_as_string(hide_password=False)
    if database.is_sqlite and database.url.database:
        Path(database.url.database).absolute().parent.mkdir(parents=True, exist_ok=True)
    command.upgrade(alembic_config(url or own), revision)


@cache
def _heads() -> frozenset[str]:
    from alembic.script import ScriptDirectory

    return frozenset(ScriptDirectory.from_config(alembic_config("sqlite://")).get_heads())


def is_current() -> bool:
    """Whether every migration has been applied."""
    try:
        there = set(session.scalars(sa.text("SELECT version_num FROM alembic_version")))
    except sa.exc.SQLAlchemyError:
        return False
    return there == _heads()
