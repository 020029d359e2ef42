"""``flask accounts …`` and ``flask routes --json``."""

import json
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext

from accounts import emails, operations, queries
from accounts.access import door_of
from accounts.permissions import MATRIX, SCOPES, Permission, Role
from core.database import transaction
from core.errors import InvalidInput, Refusal
from core.mail import absolute_url


def init_app(app: Flask) -> None:
    group = AppGroup("accounts", help="People and keys.")

    @group.command("invite-admin")
    @click.argument("email")
    @click.option("--name", default="", help="Their name; they can change it.")
    @click.option("--locale", type=click.Choice(["en", "ru"]), default="en")
    def invite_admin(email: str, name: str, locale: str) -> None:
        """Invite a programme admin: the first one, or one more. Prints the link as well as mailing it."""
        try:
            with transaction():
                user, secret = operations.invite_person(
                    email=email,
                    name=name or email.partition("@")[0],
                    role=Role.PROGRAMME_ADMIN,
                    locale=locale,
                    by=None,
                )
                emails.invite(user, secret)
        except Refusal as refusal:
            raise click.ClickException(refusal.sentence) from refusal
        click.echo(absolute_url(f"/invitation/{secret}"))

    @group.command("api-key")
    @click.option("--name", required=True, help="Who will use it.")
    @click.option(
        "--scope", "scopes", multiple=True, required=True, help=f"One of {', '.join(SCOPES)}; repeatable."
    )
    def api_key(name: str, scopes: tuple[str, ...]) -> None:
        """Make an API key and print it; it is not shown again."""
        try:
            with transaction():
                wanted = [scope for text in scopes for scope in text.replace(",", " ").split()]
                _key, secret = operations.make_api_key(name=name, scopes=wanted, by=None)
        except InvalidInput as problem:
            raise click.ClickException(str(problem)) from problem
        click.echo(secret)

    @group.command("reset-link")
    @click.argument("email")
    def reset_link(email: str) -> None:
        """Print a link with which somebody sets a new password, where mail does not work."""
        from accounts.models import TokenPurpose

        with transaction():
            user = queries.user_by_email(email)
            if user is None:
                raise click.ClickException("Nobody signs in with that address.")
            purpose = TokenPurpose.PASSWORD_RESET if user.has_signed_up else TokenPurpose.INVITATION
            secret = operations.issue_token(user, purpose)
            path = "password-reset" if user.has_signed_up else "invitation"
        click.echo(absolute_url(f"/{path}/{secret}"))

    app.cli.add_command(group)

    app.cli.add_command(routes)


@click.command("routes")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@with_appcontext
def routes(as_json: bool) -> None:
    """Every route: its rule, its methods, and who may open it."""
    rows = [describe_route(current_app, rule) for rule in current_app.url_map.iter_rules()]
    if as_json:
        click.echo(json.dumps(rows, indent=1))
        return
    for row in rows:
        click.echo(f"{','.join(row['methods']):<10} {row['rule']:<60} {row['door']}")


def describe_route(app: Flask, rule: Any) -> dict[str, Any]:
    """One route as ``{rule, endpoint, methods, door, roles, scopes, objects}``.

    ``door`` is a permission, "signed in" or "public"; ``objects`` names what its ids are of.
    """
    endpoint = rule.endpoint
    door = door_of(app.view_functions[endpoint])
    is_permission = isinstance(door, Permission)
    return {
        "rule": rule.rule,
        "endpoint": endpoint,
        "methods": sorted(set(rule.methods or ()) - {"HEAD", "OPTIONS"}),
        "door": str(door),
        "roles": sorted(role for role, granted in MATRIX.items() if door in granted) if is_permission else [],
        "scopes": sorted(scope for scope, granted in SCOPES.items() if door in granted)
        if is_permission
        else [],
        "objects": sorted(rule.arguments),
    }
