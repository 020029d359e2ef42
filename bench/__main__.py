"""``python -m bench``: measures, prints, and writes bench/results.md. ``--full`` takes the sizes to be at home in."""

import argparse
import os
import platform
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path

from flask import Flask

from bench import balances, claims, commissions, imports, network, pages, payouts, routing, tiers
from bench.measure import Figure, as_markdown
from core.collecting import settle
from core.database import Base, current_database, transaction
from tests.conftest import make_app
from tests.services import a_postgresql_database, an_embedded_server

RESULTS = Path(__file__).parent / "results.md"


def main() -> None:
    arguments = argparse.ArgumentParser(prog="make bench", description=__doc__)
    arguments.add_argument(
        "--full", action="store_true", help="25,000 partners, 1,000,000 sale lines, 2,000,000 leads"
    )
    arguments.add_argument("--partners", type=int)
    arguments.add_argument("--lines", type=int)
    arguments.add_argument("--leads", type=int)
    parts_known = (
        "routing",
        "commissions",
        "books",
        "pages",
        "claims",
        "balances",
        "tiers",
        "payouts",
        "imports",
        "sales",
    )
    arguments.add_argument("--only", choices=parts_known)
    asked = arguments.parse_args()
    firms = asked.partners or (25_000 if asked.full else 5_000)
    lines = asked.lines or (1_000_000 if asked.full else 20_000)
    many_leads = asked.leads or (2_000_000 if asked.full else 200_000)
    begun = time.perf_counter()
    figures: list[Figure] = []
    with _an_app() as app:
        with app.app_context(), transaction():
            sellers = network.a_network()
            leads = claims.pools() if asked.only in (None, "claims") else ([], [], [])
            network.grow(firms - len(sellers))
            if asked.only in (None, "routing", "pages"):
                network.copied_leads(network.a_lead(30_000), many_leads)
        with app.app_context():
            network.tidy()
        parts: dict[str, Callable[[], list[Figure]]] = {
            "routing": lambda: _undone(app, lambda: routing.measure(firms)),
            "commissions": lambda: _undone(app, lambda: commissions.measure(lines)),
            "books": lambda: _undone(app, lambda: commissions.measure_books(lines)),
            "pages": lambda: pages.measure(app),
            "claims": lambda: claims.measure(app, sellers, *leads),
            "balances": lambda: balances.measure(app),
            "payouts": lambda: payouts.measure(app, min(firms, 10_000)),
            # Before the tiers are evaluated: the reference goes by the tiers of now, ours by those of the sales' days.
            "sales": lambda: imports.measure_sales(app, lines),
            "tiers": lambda: tiers.measure(app),
            "imports": lambda: imports.measure(app, firms),
        }
        for name, part in parts.items():
            if asked.only not in (None, name):
                continue
            found = part()
            for one in found:
                verdict = "holds" if one.holds else "MISSED"
                print(
                    f"{one.ratio:>7} {one.target:<7} {verdict:<6} {one.what}: {one.ours} / {one.reference}",
                    flush=True,
                )
                if asked.only is not None and one.note:
                    print(f"        {one.note}", flush=True)
            figures += found
    span = time.perf_counter() - begun
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, PostgreSQL"
    heading = (
        f"# Measured\n\n{date.today().isoformat()}, {machine}; {firms:,} partners, {span:,.0f} s in all. Each figure "  # noqa: DTZ011
        "stands beside a reference from the same run; the ratio is what counts."
    )
    if asked.only is not None:
        print(f"\n{span:,.0f} s.")
        return
    RESULTS.write_text(as_markdown(heading, figures))
    print(f"\n{RESULTS} is written, {span:,.0f} s.")


@contextmanager
def _an_app() -> Iterator[Flask]:
    """The application on an empty PostgreSQL: the one TEST_DATABASE_URL names, or one of our own."""
    with ExitStack() as stack:
        if not os.environ.get("TEST_DATABASE_URL"):
            server = stack.enter_context(an_embedded_server())
            os.environ["TEST_DATABASE_URL"] = server.render_as_string(hide_password=False)
        url = stack.enter_context(a_postgresql_database())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        app = make_app(url, folder, TESTING=False, CLOCK_MOVES=False)  # as in production
        with app.app_context():
            Base.metadata.create_all(current_database().engine)
        settle()  # as the server and the worker do
        yield app
        with app.app_context():
            current_database().engine.dispose()


class _Undo(Exception):
    pass


def _undone(app: Flask, measure: Callable[[], list[Figure]]) -> list[Figure]:
    """Measures in a transaction that leaves nothing behind."""
    found: list[Figure] = []
    try:
        with app.app_context(), transaction():
            found = measure()
            raise _Undo
    except _Undo:
        return found


if __name__ == "__main__":
    main()
