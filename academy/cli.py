"""``flask academy …``."""

import click
from flask import Flask
from flask.cli import AppGroup

from academy import operations
from core.database import transaction


def init_app(app: Flask) -> None:
    group = AppGroup("academy", help="Certificates and the key they are signed with.")

    @group.command("new-signing-key")
    def new_signing_key() -> None:
        """Sign certificates with a new key from now on. What the old one signed stays verifiable."""
        with transaction():
            name = operations.new_signing_key(by=None).name
        click.echo(f"The key {name} signs from now on.")

    app.cli.add_command(group)
