"""``flask commissions …``: prove the books, compare with Stripe, hand the books to an accountant."""

import sys

import click
from flask import Flask
from flask.cli import AppGroup

from commissions import ledger
from commissions.ledger.beancount import export_lines
from commissions.operations import reconciliation
from commissions.operations.proofs import check_proofs
from commissions.operations.statements import issue_due_statements
from core.database import reading, transaction


def init_app(app: Flask) -> None:
    group = AppGroup("commissions", help="Earnings, the books, payouts.")

    @group.command("audit")
    def audit() -> None:
        """Prove the books; prints every broken rule with its row, and ends with 1 when there is one."""
        with reading(), transaction():
            problems = ledger.audit()
        for problem in problems:
            click.echo(problem)
        if problems:
            sys.exit(1)
        click.echo("Every rule of the books holds.")

    @group.command("prove")
    @click.option(
        "--all",
        "everything",
        is_flag=True,
        help="Every line, not only open ones and the last twelve months'.",
    )
    def prove(everything: bool) -> None:
        """Work every line of earnings out again from its proof; ends with 1 when one comes to another number."""
        with transaction():
            check = check_proofs(by=None, everything=everything)
            differing, lines = check.differing, check.lines
        for found in differing:
            click.echo(
                f"line {found['entry_id']}: {found['amount_minor']} in the books, again {found['again_minor']}"
            )
        if differing:
            sys.exit(1)
        click.echo(f"{lines} lines worked out again: the same.")

    @group.command("export")
    @click.option(
        "--format", "kind", type=click.Choice(["beancount"]), default="beancount", show_default=True
    )
    def export(kind: str) -> None:
        """Print the whole journal as plain-text accounting, with every cached balance as an assertion."""
        with reading(), transaction():
            for line in export_lines():
                click.echo(line)

    @group.command("reconcile")
    @click.option("--days", default=35, show_default=True, help="How far to look back.")
    def reconcile(days: int) -> None:
        """Compare payouts with Stripe's transfers; ends with 1 when they differ."""
        with transaction():
            found = reconciliation.compare_with_stripe(days=days)
        for finding in found:
            click.echo(finding.said)
        if any(not finding.is_good for finding in found):
            sys.exit(1)
        click.echo(f"{len(found)} compared, all agree." if found else "Nothing to compare.")

    @group.command("statements")
    def statements() -> None:
        """Issue the statements of every month that is over."""
        with transaction():
            issued = issue_due_statements()
        click.echo(f"{len(issued)} statements issued.")

    app.cli.add_command(group)
