"""For finance: our payouts against Stripe's transfers and the bank's statements, and what to do about each."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for

from accounts.access import requires, signed_in_user
from accounts.permissions import Permission
from commissions.forms.profiles import StatementForm
from commissions.gateways import statements, stripe
from commissions.operations import reconciliation
from commissions.queries.bank import bank_lines, bank_statements, last_comparison
from commissions.queries.payouts import debts_by_age
from commissions.reconciling import Finding, Verdict, from_json
from commissions.views import pages
from core import jobs
from core.database import session
from core.errors import Refusal
from core.i18n import gettext as _
from core.i18n import ngettext
from core.pagination import paginate

_MOST_SHOWN = 500


@pages.get("/staff/payouts/reconciliation")
@requires(Permission.RUNS_READ)
def reconciliation_page() -> Any:
    """Matched, missing, different: by the bank's statements, and by Stripe when it is asked."""
    return _page(StatementForm(formdata=None))


def _page(form: StatementForm) -> Any:
    by_bank = reconciliation.compare_with_bank()
    compared = last_comparison()
    asked = request.args.get("state", "")
    shown = [finding for finding in by_bank if not asked or finding.state == asked]
    return render_template(
        "commissions/payouts/staff/reconciliation.html",
        form=form,
        counts=_counts(by_bank),
        findings=shown[:_MOST_SHOWN],
        number=len(shown),
        state=asked,
        can_settle=any(finding.verdict is Verdict.OPEN or _came_back(finding) for finding in by_bank),
        compared=compared,
        by_stripe=[from_json(stored) for stored in compared.findings] if compared else [],
        stripe_counts=[(Verdict(name), number) for name, number in compared.counts.items()]
        if compared
        else [],
        with_stripe=stripe.is_set_up(),
        uploads=session.scalars(bank_statements().limit(10)).all(),
        debts=debts_by_age(),
    ), form.status


def _came_back(finding: Finding) -> bool:
    return finding.verdict is Verdict.DIFFERENT and finding.theirs is not None and finding.theirs.came_back


def _counts(findings: list[Finding]) -> list[tuple[Verdict, int]]:
    numbers = dict.fromkeys(Verdict, 0)
    for finding in findings:
        numbers[finding.verdict] += 1
    return [(verdict, number) for verdict, number in numbers.items() if number]


@pages.post("/staff/payouts/reconciliation/statements")
@requires(Permission.RUNS_PROPOSE)
def statement_upload() -> Any:
    """A statement of the bank's, read and kept."""
    form = StatementForm()
    if not form.was_sent_and_holds():
        return _page(form)
    content = form.file.data.stream.read(statements.MOST_BYTES + 1)
    try:
        made = reconciliation.read_bank_statement(content, form.file.data.filename or "", by=signed_in_user())
    except Refusal as problem:
        form.file.errors = [str(problem)]
        return _page(form)
    flash(_("Read: %(name)s.", name=made.name), "good")
    return redirect(url_for("commissions.reconciliation_page"))


@pages.post("/staff/payouts/reconciliation/settlement")
@requires(Permission.RUNS_PROPOSE)
def bank_settlement() -> Any:
    """Marks as paid what the statements show as paid, and as returned what came back."""
    paid, returned = reconciliation.settle_by_bank(by=signed_in_user())
    flash(
        ngettext(
            "%(num)s payout is paid, %(returned)s came back.",
            "%(num)s payouts are paid, %(returned)s came back.",
            paid,
            returned=returned,
        ),
        "good",
    )
    return redirect(url_for("commissions.reconciliation_page"))


@pages.post("/staff/payouts/reconciliation/stripe")
@requires(Permission.RUNS_PROPOSE)
def stripe_comparison() -> Any:
    """Asks Stripe for its transfers of five weeks, by a job; what was unknown is settled on the way."""
    jobs.enqueue(reconciliation.COMPARE_JOB)
    flash(_("Stripe is being asked. Load this page again in a minute."), "good")
    return redirect(url_for("commissions.reconciliation_page"))


@pages.get("/staff/payouts/reconciliation/movements")
@requires(Permission.RUNS_READ)
def bank_movements() -> Any:
    """Every movement that the statements told."""
    rows = bank_lines()
    return render_template("commissions/payouts/staff/movements.html", page=paginate(rows))
