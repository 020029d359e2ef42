"""A believable network for the demo, made through the operations, so that it obeys every rule.

Domains tell their own part of the story in :mod:`demonstration`, from the ground up.
"""

import click
from flask import Flask

from accounts import operations as accounts
from accounts import queries
from accounts.permissions import Role
from core import settings
from core.database import transaction
from demonstration import PASSWORD

VENDOR = "Meridian"
DOMAIN = "meridian.example"

STAFF = (
    ("Pia Lindgren", Role.PROGRAMME_ADMIN),
    ("Mona Berger", Role.PARTNER_MANAGER),
    ("Finn Aalto", Role.FINANCE),
    ("Arthur Kowalski", Role.AUTHOR),
    ("Elena Sokolova", Role.EXAMINER),
)


def make(*, partners: int = 12, leads: int = 40, sales: int = 60, seed: int = 1) -> None:
    """Fills an empty database; the same seed makes the same network."""
    import demonstration

    with transaction():
        settings.change_setting(settings.VENDOR_NAME, VENDOR, by=None)
        settings.change_setting(settings.PROGRAMME_NAME, "Partner programme", by=None)
        settings.change_setting(settings.SENDER_ADDRESS, f"partners@{DOMAIN}", by=None)
        for name, role in STAFF:
            email = f"{name.split()[0].lower()}@{DOMAIN}"
            accounts.make_user(email=email, name=name, role=role, locale=None, password=PASSWORD)
    demonstration.make(partners=partners, leads=leads, sales=sales, seed=seed)


def sign_ins() -> str:
    """Who can sign in to the demo, as text for the terminal."""
    import demonstration

    rows = [(str(role.label), f"{name.split()[0].lower()}@{DOMAIN}") for name, role in STAFF]
    with transaction():
        rows += demonstration.sign_ins()
    width = max(len(role) for role, _email in rows)
    lines = [f"  {role:<{width}}  {email}" for role, email in rows]
    return "\n".join(["", f"Everybody's password is: {PASSWORD}", "", *lines])


def init_app(app: Flask) -> None:
    @app.cli.command("demo")
    @click.option("--partners", default=12, show_default=True)
    @click.option("--leads", default=40, show_default=True)
    @click.option("--sales", default=60, show_default=True)
    @click.option("--seed", default=1, show_default=True)
    def demo_command(partners: int, leads: int, sales: int, seed: int) -> None:
        """Migrate, fill an empty database with a believable network, and print who can sign in."""
        from serving import prepare_database

        if app.config["KIND"] == "production":
            raise click.ClickException("The demo is not for production.")
        prepare_database()
        with transaction():
            is_empty = queries.nobody_is_here_yet()
        if not is_empty:
            raise click.ClickException("Somebody is here already; the demo wants an empty database.")
        make(partners=partners, leads=leads, sales=sales, seed=seed)
        click.echo(sign_ins())
