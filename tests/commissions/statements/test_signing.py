"""A statement is sent, received and signed; what is signed is exactly what was shown."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from commissions.models import Entry, Statement
from commissions.operations import disputes
from commissions.operations.signing import sign_statement
from commissions.operations.statements import issue_due_statements
from core.database import session
from core.errors import Refusal
from tests.browser import Browser
from tests.commissions.earnings import an_entry


@pytest.fixture
def statement(acme: Any, time: Any) -> Any:
    an_entry(acme)
    time.move(days=40)
    [found] = issue_due_statements()
    return found


def test_the_partner_signs_on_its_page_and_the_vendor_sees_it(
    statement: Any, ada: Any, finn: Any, app: Any
) -> None:
    assert statement.delivery == "sent"
    adas = Browser(app).sign_in(ada).open(f"/statements/{statement.number}").press("Sign the statement")
    assert adas.sees("Signed. The vendor sees it.")
    assert adas.sees("Ada Lovelace")
    assert "Sign the statement" not in adas.buttons
    assert session.get_one(Statement, statement.id).delivery == "signed"
    assert Browser(app).sign_in(finn).open(f"/statements/{statement.number}").sees("Ada Lovelace")


def test_what_is_refused(statement: Any, ada: Any, rex: Any, finn: Any) -> None:
    for stranger in (rex, finn):
        with pytest.raises(Refusal, match="Only the partner"):
            sign_statement(statement, digest=statement.digest, by=stranger)
    with pytest.raises(Refusal, match="not what was shown"):
        sign_statement(statement, digest="0", by=ada)
    sign_statement(statement, digest=statement.digest, by=ada)
    with pytest.raises(Refusal, match="already"):
        sign_statement(statement, digest=statement.digest, by=ada)


def test_a_disputed_statement_is_signed_when_that_is_decided(statement: Any, ada: Any, finn: Any) -> None:
    dispute = disputes.open_dispute(session.scalars(sa.select(Entry)).one(), "Why?", by=ada)
    with pytest.raises(Refusal, match="disputed"):
        sign_statement(statement, digest=statement.digest, by=ada)
    disputes.reject_dispute(dispute, "It is right.", by=finn)
    sign_statement(statement, digest=statement.digest, by=ada)


def test_a_signature_stays(statement: Any, ada: Any) -> None:
    sign_statement(statement, digest=statement.digest, by=ada)
    session.flush()
    with pytest.raises(DBAPIError, match="frozen"):
        session.execute(sa.update(Statement).values(signed_at=None))
    session.rollback()
