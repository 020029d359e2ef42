"""``flask commissions …``: prove the books, compare with Stripe, hand the books to an accountant."""

import sys
from collections.abc import Callable
from pathlib import Path

import click
from flask import Flask
from flask.cli import AppGroup

from commissions import ledger
from commissions.ledger.beancount import export_lines
from commissions.models import LongRunStatus, PlanVersion, Recomputation, SaleImport
from commissions.operations import plans, recomputations, reconciliation, sale_imports
from commissions.operations.proofs import check_proofs
from commissions.operations.statements import issue_due_statements
from commissions.queries import recomputations as recomputation_queries
from commissions.queries.plans import version_of
from core.database import reading, session, transaction
from core.digits import number_in
from core.errors import InvalidInput, Refusal
from core.imports import ImportStatus


def init_app(app: Flask) -> None:
    group = AppGroup("commissions", help="Earnings, the books, payouts.")

    @group.command("audit")
    def audit() -> None:
        """Prove the books; prints every broken rule with its row, and ends with 1 when there is one.

        What the last comparison with Stripe's transfers left open is one, too.
        """
        with reading(), transaction():
            problems = [*ledger.audit(), *reconciliation.differences_at_stripe()]
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

    @group.command("recompute")
    @click.option("--stop", is_flag=True, help="Stop the one that is under way.")
    def recompute(stop: bool) -> None:
        """Work all sales out again and post what the books lack; goes on where one was stopped or killed."""
        with transaction():
            running = recomputations.running_recomputation()
            if stop and running is not None:
                recomputations.stop_recomputation(running)
            elif not stop:
                last = session.scalar(recomputation_queries.recomputations().limit(1))
                if running is None and last is not None and last.status is LongRunStatus.STOPPED:
                    recomputations.resume_recomputation(last)
                running = recomputations.start_recomputation(by=None)
            run_id = running.id if running is not None else None
        if run_id is None or stop:
            click.echo("Stopped." if run_id is not None else "None is under way.")
            return
        _recompute(run_id)

    @group.command("import-sales")
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option(
        "--leave-out-wrong", is_flag=True, help="Take in what is in order where some rows are wrong."
    )
    @click.option("--check-only", is_flag=True, help="Say what is wrong, and take nothing in.")
    def import_sales(file: Path, leave_out_wrong: bool, check_only: bool) -> None:
        """Take in the sales of the CSV file FILE, whose headings name the columns; ends with 1 when rows are wrong."""
        _import_sales(file, leave_out_wrong=leave_out_wrong, check_only=check_only)

    @group.command("simulate")
    @click.argument("version")
    @click.option("--months", type=int, help="How far back, 12 unless said; said, it begins anew.")
    @click.option("--stop", is_flag=True, help="Stop the simulation of that draft.")
    def simulate(version: str, months: int | None, stop: bool) -> None:
        """Run the draft VERSION, such as standard/3, over past sales; goes on where one was stopped or killed."""
        code, _slash, number = version.partition("/")
        with transaction():
            draft = version_of(code, number_in(number) or 0)
            if draft is None:
                raise click.ClickException(f"There is no version {version}.")
            if stop:
                _stop_simulation(draft)
                return
            was_stopped = (draft.simulation or {}).get("running", {}).get("stopped")
            whole = (
                plans.resume_simulation(draft)
                if was_stopped and months is None
                else plans.begin_simulation(draft, months=months or 12, by=None)
            )
            draft_id = draft.id
        _simulate(draft_id, whole)

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
        """Compare payouts with Stripe's transfers and the bank's statements; ends with 1 when they differ."""
        with transaction():
            found = reconciliation.compare_with_stripe(days=days) + reconciliation.compare_with_bank()
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


def _import_sales(file: Path, *, leave_out_wrong: bool, check_only: bool) -> None:
    """Step by step, each kept: said again after a kill, the same file takes in what is missing."""
    try:
        with transaction():
            row = sale_imports.upload_sales(file.read_bytes(), file.name, by=None)
            sale_imports.check_with(row, row.places)
            import_id = row.id
    except InvalidInput as problem:
        raise click.ClickException(" ".join(problem.problems.values())) from problem
    row = _rows(import_id, "Checking", sale_imports.check_rows)
    for found in row.problems:
        click.echo(f"row {found['row']}, {found['column'] or 'all of it'}: {found['sentence']}", err=True)
    click.echo(f"{row.sales} sales, {row.known} of them known; {row.wrong_rows} rows are wrong.")
    if row.wrong_rows and not leave_out_wrong:
        sys.exit(1)
    if check_only:
        return
    try:
        with transaction():
            sale_imports.start_taking(session.get_one(SaleImport, import_id), leave_out_wrong=leave_out_wrong)
    except Refusal as refused:
        raise click.ClickException(refused.sentence) from refused
    row = _rows(import_id, "Taking in", sale_imports.take_rows)
    click.echo(f"{row.taken} sales taken in, {row.left_out} left out.")
    if row.status is ImportStatus.STOPPED:
        click.echo("Somebody stopped it. Say the same again to go on.")


def _rows(import_id: int, label: str, step: Callable[[SaleImport], bool]) -> SaleImport:
    """Goes through a file to its end. The worker may be at it too: steps follow one another."""
    with transaction():
        whole = session.get_one(SaleImport, import_id).row_count
    with click.progressbar(length=whole, label=label) as bar:
        is_open = True
        while is_open:
            with transaction():
                row = session.get_one(SaleImport, import_id)
                is_open = step(row)
                if row.status is not ImportStatus.WORKING_OUT:
                    bar.update(max(0, row.read_to - 1 - bar.pos))
                session.flush()
                session.refresh(row)
                session.expunge(row)
        bar.update(whole - bar.pos)
    return row


def _stop_simulation(draft: PlanVersion) -> None:
    try:
        plans.stop_simulation(draft)
    except Refusal as refused:
        raise click.ClickException(refused.sentence) from refused
    click.echo("Stopped.")


def _simulate(draft_id: int, whole: int) -> None:
    """Step by step, each kept; Ctrl-C or a kill loses the running step and no more."""
    with click.progressbar(length=whole, label="Sales") as bar:
        is_open = True
        while is_open:
            with transaction():
                draft = session.get_one(PlanVersion, draft_id)
                is_open = plans.simulate_further(draft, by=None)
                state = draft.simulation or {}
                bar.update(state.get("sales", 0) - bar.pos)
    for total in state.get("totals", []):
        click.echo(
            f"{total['currency']}: {total['was_minor']} was granted, {total['would_be_minor']} would be"
        )
    if "totals" not in state:
        click.echo("Somebody stopped it. Say the same again to go on.")


def _recompute(run_id: int) -> None:
    """Step by step, each kept; Ctrl-C or a kill loses the running step and no more."""
    with transaction():
        run = session.get_one(Recomputation, run_id)
        whole, done = run.of, run.done
    with click.progressbar(length=whole, label="Sales") as bar:
        bar.update(done)
        is_open = True
        while is_open:
            with transaction():
                run = session.get_one(Recomputation, run_id)
                is_open = recomputations.recompute_further(run)
                bar.update(run.done - bar.pos)
                status, lines, posted, differences = run.status, run.lines, run.posted, run.differences
    click.echo(f"{lines} lines worked out, {posted} posted, {differences} sales differed.")
    if status is LongRunStatus.STOPPED:
        click.echo("Somebody stopped it. Say the same again to go on.")
