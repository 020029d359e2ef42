"""A list page, against a bare Flask view that runs the same statements with the driver and answers the same bytes."""

from typing import Any

import sqlalchemy as sa
from flask import Flask, Response

from bench.claims import _token
from bench.measure import Figure, at_least, seconds
from bench.network import PASSWORD, a_lead, copied_leads
from core.database import current_database, session, transaction
from referrals.models import Lead

_TURNS = 60


def measure(app: Flask) -> list[Figure]:
    """The manager's list of 5,000 leads, called in this process."""
    with app.app_context(), transaction():
        copied_leads(a_lead(30_000), 5000)
        session.execute(sa.text("ANALYZE referrals_lead"))
    client = app.test_client()
    page = client.get("/sign-in").get_data(as_text=True)
    client.post(
        "/sign-in", data={"email": "manager@bench.example", "password": PASSWORD, "csrf_token": _token(page)}
    )
    statements: list[tuple[str, Any]] = []

    def note(
        _connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool
    ) -> None:
        statements.append((statement, parameters))

    with app.app_context(), transaction():
        engine = current_database().engine
        listed = session.scalar(sa.select(sa.func.count(Lead.id)))
    client.get("/staff/leads")
    sa.event.listen(engine, "before_cursor_execute", note)
    body = client.get("/staff/leads").get_data()
    sa.event.remove(engine, "before_cursor_execute", note)
    assert b"Handel" in body
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    ours = 1 / seconds(lambda: client.get("/staff/leads"), times=_TURNS, warm=5)
    bare, connection = _bare(url, statements, body)
    reference = 1 / seconds(lambda: bare.get("/"), times=_TURNS, warm=5)
    connection.close()
    text = f"{len(statements)} statements, {len(body) // 1024} KiB, {listed:,} leads in the table"
    return [at_least("a list page", ours, reference, 0.5, "pages", text)]


def _bare(url: str, statements: list[tuple[str, Any]], body: bytes) -> tuple[Any, Any]:
    """A client of a Flask application that only repeats what the page asks, and its connection."""
    import psycopg

    connection = psycopg.connect(url)
    bare = Flask("bare")

    @bare.get("/")
    def page() -> Response:
        for statement, parameters in statements:
            connection.execute(statement, parameters).fetchall()
        connection.rollback()
        return Response(body, mimetype="text/html")

    return bare.test_client(), connection
