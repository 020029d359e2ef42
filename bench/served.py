"""What `bench/pages.py` lets Granian serve: the portal, and a bare Flask view that does the same work in the database.

Both read from the environment where they find it: BENCH_DATABASE, BENCH_FOLDER, BENCH_PAGE.
"""

import os
import pickle
from pathlib import Path
from threading import local
from typing import Any

from flask import Flask, Response

from core.collecting import settle
from tests.conftest import make_app


def portal() -> Flask:
    """The application as `flask run-portal` serves it."""
    folder = Path(os.environ["BENCH_FOLDER"])
    app = make_app(os.environ["BENCH_DATABASE"], folder, TESTING=False, CLOCK_MOVES=False)
    settle()
    return app


def bare() -> Flask:
    """One view: the statements of the page with the raw driver, a connection a thread, and the page's own bytes."""
    import psycopg

    statements, body = pickle.loads(Path(os.environ["BENCH_PAGE"]).read_bytes())
    seat = local()
    app = Flask("bare")

    @app.get("/")
    def page() -> Any:
        if not hasattr(seat, "connection"):
            seat.connection = psycopg.connect(os.environ["BENCH_DATABASE"].replace("+psycopg", ""))
        for statement, parameters in statements:
            seat.connection.execute(statement, parameters).fetchall()
        seat.connection.rollback()
        return Response(body, mimetype="text/html")

    return app
