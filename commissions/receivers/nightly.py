"""What commissions do every night: seal the chain, prove the books, issue statements, look up what is in the air."""

import hashlib
from datetime import timedelta
from typing import Any

from commissions import ledger
from commissions.emails import payouts as emails
from commissions.models import PayoutMethod, Statement
from commissions.operations import payouts, reconciliation, statements
from commissions.operations.documents import statement_document
from commissions.operations.papers import make_papers
from commissions.queries.payouts import payouts_in_the_air
from core import activity, storage
from core.database import session
from core.i18n import LOCALES
from core.jobs import job, recurring


@recurring("commissions.seal-the-chain", every=timedelta(hours=1))
def seal_the_chain(_payload: dict[str, Any]) -> None:
    """Puts every new journal entry under the next digest."""
    ledger.seal_the_chain()


@recurring("commissions.audit", at="03:10")
def prove_the_books(payload: dict[str, Any]) -> None:
    """Asks the books for proof; a broken rule is written down, and mailed to programme admins and finance."""
    problems = ledger.audit()
    if problems:
        activity.record(
            "audit failed", None, by=None, details={"problems": problems[:50], "number": len(problems)}
        )
        digest = hashlib.sha256("\n".join(problems).encode()).hexdigest()[:16]
        emails.raise_the_alarm(problems, key=f"audit:{payload['slot']}:{digest}")


@recurring("commissions.statements", at="02:20")
def issue_statements(_payload: dict[str, Any]) -> None:
    """Closes every month that is over."""
    statements.issue_due_statements()


@job(statements.DOCUMENT_JOB)
def make_documents(payload: dict[str, Any]) -> None:
    """Makes a statement's document in every language, from what was frozen."""
    statement = session.get_one(Statement, payload["statement_id"])
    made = {
        locale: storage.keep(statement_document(statement.content, locale), folder="statements")
        for locale in LOCALES
    }
    statements.keep_documents(statement, made)
    make_papers(statement, by=None)
    emails.say_that_a_statement_is_there(statement)


@recurring("commissions.compare-with-stripe-nightly", at="04:10")
def compare_with_stripe(_payload: dict[str, Any]) -> None:
    """Our payouts against Stripe's transfers: closes what a lost message left open, and alarms about the rest."""
    findings = reconciliation.compare_with_stripe()
    bad = [finding.said for finding in findings if not finding.is_good]
    if bad:
        digest = hashlib.sha256("\n".join(bad).encode()).hexdigest()[:16]
        emails.raise_the_alarm(bad, key=f"reconciliation:{digest}")


@job(reconciliation.COMPARE_JOB)
def compare_with_stripe_now(_payload: dict[str, Any]) -> None:
    """The same, because somebody asked."""
    reconciliation.compare_with_stripe()


@recurring("commissions.look-up-payouts", every=timedelta(minutes=15))
def look_up_what_is_in_the_air(_payload: dict[str, Any]) -> None:
    """Whatever was asked of Stripe and not answered is asked about again."""
    for payout in session.scalars(payouts_in_the_air(PayoutMethod.STRIPE)):
        payouts.look_up_later(payout)
