"""``flask partners …``."""

import click
import sqlalchemy as sa
from flask import Flask
from flask.cli import AppGroup

from core.database import session, transaction
from core.digits import number_in
from core.errors import InvalidInput
from partners import operations
from partners.models import Partner, TierRun
from partners.operations.members import PARTNER_SCOPES
from partners.queries.measures import measures


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

    @group.command("evaluate-tiers")
    def evaluate_tiers() -> None:
        """Hold every firm against the tier rules now, as the nightly job does, and keep the scorecards."""
        with transaction():
            begun = operations.begin_evaluation()
            number = begun.id if begun is not None else None
        if number is None:
            raise click.ClickException("No tier rules are published yet.")
        after: int | None = 0
        while after is not None:
            with transaction():
                after = operations.evaluate_some(session.get_one(TierRun, number), after=after)
        for measure in measures():
            with transaction():
                operations.keep_scores_of(measure)
        with transaction():
            operations.forget_lost_measures()
            run = session.get_one(TierRun, number)
            said = f"{run.firms} firms: {run.promoted} up, {run.demoted} down, {run.warned} told of a coming loss."
        click.echo(said)

    app.cli.add_command(group)


def _firm(words: str) -> Partner:
    named = sa.or_(Partner.id == number_in(words), Partner.name == words)
    found = session.scalars(sa.select(Partner).where(named).limit(2)).all()
    if len(found) != 1:
        raise click.ClickException("No firm, or more than one, has that number or name.")
    return found[0]
