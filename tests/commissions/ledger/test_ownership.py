"""In production whoever serves must not own the ledger; and the books hold before a judge that is not ours."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from commissions.ledger.ownership import refuse_to_serve_as_owner
from core.config import Misconfigured
from core.database import current_database, session, transaction
from tests.conftest import make_app


def test_the_owner_of_the_ledger_does_not_serve_in_production(own_app: Any, tmp_path: Path) -> None:
    with own_app.app_context():
        database = current_database()
        if database.is_sqlite:
            return  # Whoever can write the file can do anything: nothing is checked, as the next test says.
        role = f"guildhall_app_{uuid4().hex[:8]}"
        with database.engine.begin() as connection:
            connection.execute(sa.text(f"CREATE ROLE {role} LOGIN"))
            connection.execute(
                sa.text(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}")
            )
    url = sa.make_url(own_app.config["DATABASE_URL"]).set(username=role)
    app = make_app(url.render_as_string(hide_password=False), tmp_path)
    try:
        for one in (own_app, app):
            one.config["KIND"] = "production"
        with pytest.raises(Misconfigured, match="owner"):
            refuse_to_serve_as_owner(own_app)
        refuse_to_serve_as_owner(app)
        own_app.config["LEDGER_OWNER_SERVES"] = True
        refuse_to_serve_as_owner(own_app)
    finally:
        app.extensions["database"].engine.dispose()
        with own_app.app_context(), database.engine.begin() as connection:
            connection.execute(sa.text(f"DROP OWNED BY {role}"))
            connection.execute(sa.text(f"DROP ROLE {role}"))


def test_on_sqlite_and_outside_production_everybody_serves(own_app: Any) -> None:
    refuse_to_serve_as_owner(own_app)


@pytest.fixture
def exported(acme: Any, rival: Any, finn: Any, mona: Any) -> str:
    """Sales, a reversal, tax, VAT, a payout that arrived and one that came back, as the command prints it."""
    from commissions.ledger.beancount import export_lines
    from commissions.models import EntryKind
    from commissions.operations.payouts import execute_file, fail_by_hand, start_sending
    from commissions.operations.profiles import set_tax_rates
    from commissions.queries.payouts import files_of_run
    from tests.commissions.earnings import a_profile, an_account_to_pay_from, an_approved_run, an_entry

    an_account_to_pay_from()
    for partner in (acme, rival):
        profile = a_profile(partner)
        set_tax_rates(profile, vat_bp=1900, withholding_bp=750, by=finn)
        an_entry(partner, 99_999)
        an_entry(partner, -1_234, kind=EntryKind.REVERSAL)
        an_entry(partner, 7_777, currency="USD")
    run = an_approved_run(finn, mona)
    start_sending(run, by=finn)
    execute_file(files_of_run(run)[0], reference="BANK-7", by=finn)
    fail_by_hand(run.payouts[1], reason="Account closed", by=finn)
    session.flush()
    return "\n".join(export_lines()) + "\n"


def _judged(text: str) -> list[Any]:
    from beancount import loader

    _entries, errors, _options = loader.load_string(text)
    return errors


def test_beancount_finds_no_error_in_the_books(exported: str) -> None:
    assert exported.count(" balance ") >= 4
    assert _judged(exported) == []


def test_beancount_sees_a_cent_that_was_moved(exported: str) -> None:
    line = next(line for line in exported.splitlines() if "Payable" in line and line.startswith("  "))
    account, amount, currency = line.split()
    forged = f"  {account}  {float(amount) + 0.01:.2f} {currency}"
    assert _judged(exported.replace(line, forged, 1))


def test_the_command_prints_it(own_app: Any) -> None:
    with own_app.app_context(), transaction():
        pass
    answer = own_app.test_cli_runner().invoke(args=["commissions", "export", "--format", "beancount"])
    assert answer.exit_code == 0
    assert answer.output.startswith('option "title"')
