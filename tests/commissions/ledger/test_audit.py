"""The audit sees what the guards would have refused; the chain sees what was changed behind everybody's back."""

from typing import Any

import pytest
import sqlalchemy as sa

from commissions import ledger
from commissions.ledger.beancount import export_lines
from commissions.operations.reconciliation import settle_by_transfers
from core import clock
from core.database import current_database, session, transaction
from tests.commissions.earnings import a_profile, an_approved_run, an_entry
from tests.commissions.guards import without_guards


@pytest.mark.parametrize(
    ("tampering", "sentence"),
    [
        (
            "UPDATE commissions_journal_line SET amount_minor = amount_minor + 1 WHERE amount_minor > 0",
            "does not balance",
        ),
        ("UPDATE commissions_journal_line SET amount_minor = amount_minor * 2", "cached balance"),
        ("UPDATE commissions_balance SET amount_minor = 0", "cached balance"),
        ("DELETE FROM commissions_journal_seal", "has no seal"),
        ("UPDATE commissions_journal_seal SET lines = 3", "its seal says 3"),
        ("DELETE FROM commissions_journal_line", "its seal says 2"),
        ("UPDATE commissions_entry SET amount_minor = 5", "is posted as"),
        ("UPDATE commissions_payout SET amount_minor = 5", "its lines sum to"),
        ("UPDATE commissions_payout SET status = 'paid', paid_at = '2026-03-02 09:00:00'", "payments of it"),
        ("UPDATE commissions_payout_run SET approved_by_id = NULL", "two people"),
        ("DELETE FROM core_activity WHERE verb = 'run approved'", "nobody wrote down"),
        ("UPDATE commissions_payout_line SET amount_minor = 5", "is not its partner, currency or amount"),
        ("UPDATE commissions_journal_entry SET actor_name = 'x', kind = 'bonus'", "when they were sealed"),
    ],
)
def test_whatever_is_changed_behind_the_guards_is_named(
    acme: Any, finn: Any, mona: Any, tampering: str, sentence: str
) -> None:
    a_profile(acme)
    an_entry(acme, 60_000)
    an_approved_run(finn, mona)
    ledger.seal_the_chain()
    assert not ledger.audit()
    with without_guards():
        for statement in (
            ["DROP TRIGGER core_activity_no_delete"]
            if "activity" in tampering and current_database().is_sqlite
            else []
        ):
            session.execute(sa.text(statement))
        if "approved_by_id" in tampering:
            _drop_check()
        session.execute(sa.text(tampering.replace(":", r"\:")))
        if current_database().is_sqlite:
            session.execute(sa.text("PRAGMA ignore_check_constraints = OFF"))
        assert any(sentence in problem for problem in ledger.audit())
    assert not ledger.audit()


def _drop_check() -> None:
    """The check constraint stands even without triggers; only the shape of the table can take it away."""
    if current_database().is_sqlite:
        session.execute(sa.text("PRAGMA ignore_check_constraints = ON"))
    else:
        session.execute(
            sa.text(
                "ALTER TABLE commissions_payout_run DROP CONSTRAINT ck_commissions_payout_run_approved_by_somebody"
            )
        )


def test_a_missing_guard_is_named(acme: Any) -> None:
    name = "commissions_journal_seal_balances"
    savepoint = session.begin_nested()
    on = "" if current_database().is_sqlite else " ON commissions_journal_seal"
    session.execute(sa.text(f"DROP TRIGGER {name}{on}"))
    assert ledger.audit() == [f"the guard {name} is missing from the database"]
    savepoint.rollback()


def test_the_chain_goes_on_from_batch_to_batch(acme: Any) -> None:
    an_entry(acme, 100)
    assert ledger.seal_the_chain() == 1
    assert ledger.seal_the_chain() == 0
    an_entry(acme, 50)
    assert ledger.seal_the_chain() == 1
    assert not ledger.audit()


def test_the_nightly_audit_raises_an_alarm_once(acme: Any, finn: Any, mails: Any) -> None:
    from commissions.receivers.nightly import prove_the_books

    an_entry(acme, 100)
    with without_guards():
        session.execute(sa.text("UPDATE commissions_balance SET amount_minor = 0"))
        for _again in range(2):
            prove_the_books({"slot": "2026-03-02T03:10"})
        session.flush()
        assert len([mail for mail in mails(to=finn.email) if "break" in mail["subject"]]) == 1


def test_the_export_says_every_posting_and_every_balance(acme: Any, finn: Any, mona: Any) -> None:
    a_profile(acme)
    an_entry(acme, 60_000)
    an_entry(acme, 123_456, currency="JPY")
    an_approved_run(finn, mona)
    text = "\n".join(export_lines())
    assert f"Liabilities:Partner:{acme.id}:Payable:Eur  -600.00 EUR" in text
    assert f"Liabilities:Partner:{acme.id}:Payable:Jpy  -123456 JPY" in text
    assert f"{clock.now():%Y-%m}-03 balance Liabilities:Partner:{acme.id}:In-run:Eur  -600.00 EUR" in text


def test_the_audit_command_ends_with_one_when_a_rule_is_broken(own_app: Any) -> None:
    runner = own_app.test_cli_runner()
    found = runner.invoke(args=["commissions", "audit"])
    assert (found.exit_code, "Every rule of the books holds." in found.output) == (0, True)
    with own_app.app_context(), current_database().engine.begin() as connection:
        name = "commissions_journal_seal_balances"
        on = "" if current_database().is_sqlite else " ON commissions_journal_seal"
        connection.execute(sa.text(f"DROP TRIGGER {name}{on}"))
    found = runner.invoke(args=["commissions", "audit"])
    assert (found.exit_code, name in found.output) == (1, True)
    assert runner.invoke(args=["commissions", "export"]).exit_code == 0
    assert runner.invoke(args=["commissions", "reconcile"]).exit_code == 0
    assert runner.invoke(args=["commissions", "statements"]).exit_code == 0


def test_the_command_tells_what_differs_at_stripe(own_app: Any) -> None:
    """A transfer that no payout ordered, as the last comparison found it; the next one that is clean ends it."""
    transfer = {
        "id": "tr_9", "amount_minor": 5_000, "currency": "EUR", "account": "acct_9", "group": "", "is_reversed": False,
    }  # fmt: skip
    runner = own_app.test_cli_runner()
    for transfers, ended in (([transfer], 1), ([], 0)):
        with own_app.app_context(), transaction():
            settle_by_transfers(transfers, days=35)
        found = runner.invoke(args=["commissions", "audit"])
        assert (found.exit_code, "tr_9" in found.output) == (ended, bool(ended)), found.output
