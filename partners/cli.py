"""``flask partners …``."""

import click
import sqlalchemy as sa
from flask import Flask
from flask.cli import AppGroup

from core.database import session, transaction
from core.errors import InvalidInput
from partners import operations
from partners.models import Partner
from partners.operations.members import PARTNER_SCOPES


def init_app(app: Flask) -> None:
    group = AppGroup("partners", help="Firms, their keys, and the programme's first day.")

    @group.command("api-key")
    @click.option("--partner", required=True, help="The firm, by its number or its exact name.")
    @click.option("--name", required=True, help="Who will use it.")
    @click.option(
        "--scope",
        "scopes",
        multiple=True,
        required=True,
        help=f"One of {', '.join(PARTNER_SCOPES)}; repeatable.",
    )
    def api_key(partner: str, name: str, scopes: tuple[str, ...]) -> None:
        """Make an API key bound to a firm and print it; it is not shown again."""
        wanted = [scope for text in scopes for scope in text.replace(",", " ").split()]
        try:
            with transaction():
                _key, secret = operations.make_partner_key(_firm(partner), name=name, scopes=wanted, by=None)
        except InvalidInput as problem:
            raise click.ClickException(" ".join(problem.problems.values())) from problem
        click.echo(secret)

    @group.command("set-up")
    def set_up() -> None:
        """Add what a programme needs from its first day: tiers, services, questions, a first agreement."""
        with transaction():
            operations.set_up_programme(by=None)
        click.echo("The programme has its tiers, services, questions and agreement.")

    app.cli.add_command(group)


def _firm(words: str) -> Partner:
    by_number = (
        Partner.id == int(words) if words.isascii() and words.isdigit() and len(words) < 18 else sa.false()
    )
    found = session.scalars(sa.select(Partner).where(sa.or_(by_number, Partner.name == words)).limit(2)).all()
    if len(found) != 1:
        raise click.ClickException("No firm, or more than one, has that number or name.")
    return found[0]
