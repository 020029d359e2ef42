"""A whole portal with its demo on a port of this machine, and a real Chromium that walks through it."""

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect
from werkzeug.serving import WSGIRequestHandler, make_server

from core.database import current_database
from core.jobs import run_until_idle
from core.migrating import migrate
from demo import DOMAIN
from demonstration import PASSWORD
from tests.conftest import make_app

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip

PHONE, DESKTOP = (390, 844), (1440, 900)

#: Somebody of every role: the vendor's people, and those of the demo's first firm and of one that reads Russian.
PEOPLE = {
    "admin": f"pia@{DOMAIN}",
    "manager": f"mona@{DOMAIN}",
    "finance": f"finn@{DOMAIN}",
    "author": f"arthur@{DOMAIN}",
    "examiner": f"elena@{DOMAIN}",
    "partner-admin": "ada@hansen-brandt.example",
    "seller": "sam@hansen-brandt.example",
    "engineer": "jule@hansen-brandt.example",
    "partner-finance": "timo@hansen-brandt.example",
    "rival": "rex@kessler-systemhaus.example",
    "russian": "olga@snegir.example",
}

#: A policy broken in the browser is written to the console, where :class:`Watch` hears of it.
_TELL = """
document.addEventListener("securitypolicyviolation", (event) => console.error(
  `CSP: ${event.effectiveDirective} refused ${event.blockedURI} at ${event.sourceFile}:${event.lineNumber}`));
"""


@dataclass
class Portal:
    """A portal that answers on ``address``."""

    address: str
    app: Flask
    _sessions: dict[str, Any] = field(default_factory=dict)

    @property
    def elsewhere(self) -> str:
        """The same portal under another name, which is another origin for a browser."""
        return self.address.replace("localhost", "127.0.0.1")

    def endpoint_of(self, path: str) -> str | None:
        """The view behind a path, or nothing when there is none."""
        try:
            return str(self.app.url_map.bind("localhost").match(path)[0])
        except RequestRedirect as onwards:
            return self.endpoint_of(urlsplit(onwards.new_url).path)
        except HTTPException:
            return None

    def run_jobs(self) -> None:
        """Carries out what the outbox holds."""
        with self.app.app_context():
            run_until_idle()

    @contextmanager
    def visit(
        self, browser: Any, person: str | None = None, *, size: tuple[int, int] = DESKTOP, locale: str = "en",
        theme: str = "light",
    ) -> Iterator[tuple[Any, "Watch"]]:  # fmt: skip
        """A page where ``person`` (a key of :data:`PEOPLE`; nobody: a stranger) is signed in, and what watches it."""
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, color_scheme=theme, locale=locale,
            reduced_motion="reduce", storage_state=self._sessions.get(f"{person} {locale}"),
        )  # fmt: skip
        context.set_default_timeout(15_000)
        context.add_init_script(_TELL)
        page = context.new_page()
        watch = Watch(page)
        try:
            if person is not None and f"{person} {locale}" not in self._sessions:
                sign_in(page, self.address, PEOPLE[person], locale)
                self._sessions[f"{person} {locale}"] = context.storage_state()
            yield page, watch
        finally:
            context.close()


class Watch:
    """Everything a page's console complains of: scripts, refused sources, answers that never came."""

    def __init__(self, page: Any) -> None:
        self.complaints: list[str] = []
        self._page = page
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("response", self._look)

    def _hear(self, message: Any) -> None:
        # A refused form is a page of its own (409, 422), which the console calls an error
        is_the_answer = message.text.startswith("Failed to load resource")
        if message.type == "error" and not is_the_answer:
            self.complaints.append(f"{self._page.url}: {message.text}")

    def _look(self, response: Any) -> None:
        status, kind = response.status, response.request.resource_type
        if status >= 500 or (status >= 400 and kind not in {"document", "fetch"}):
            self.complaints.append(f"{self._page.url}: {status} for {response.url}")


class _Quiet(WSGIRequestHandler):
    def log_request(self, *_arguments: Any) -> None:
        """Says nothing of requests: a failed test has better things to show."""


@contextmanager
def served(app: Any) -> Iterator[str]:
    """The address at which ``app`` answers, on a port of this machine; gone at the end."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.port}"
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


@contextmanager
def a_portal(app: Flask) -> Iterator[Portal]:
    """The application, served under its own address."""
    with served(app) as address:
        app.config["BASE_URL"] = address
        yield Portal(address, app)


@contextmanager
def a_served_demo(folder: Path, url: str | None = None) -> Iterator[Portal]:
    """A portal with the demo network, on SQLite unless ``url`` names a database; gone at the end."""
    import demo

    app = make_app(url or f"sqlite:///{folder / 'demo.db'}", folder, KIND="demo", TESTING=False)
    with app.app_context():
        migrate()
        demo.make()
    try:
        with a_portal(app) as portal:
            yield portal
    finally:
        with app.app_context():
            current_database().engine.dispose()


@contextmanager
def a_chromium() -> Iterator[Any]:
    """Debian's Chromium, driven by Playwright."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        program = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def sign_in(page: Any, address: str, email: str, locale: str = "en", password: str = PASSWORD) -> None:
    """Signs somebody of the demo in, through the page."""
    page.goto(f"{address}/sign-in?lang={locale}")
    page.fill("#email", email)
    page.fill("#password", password)
    page.click("main button.btn-primary")
    page.wait_for_url(lambda url: "/sign-in" not in url)


def walk(portal: Portal, page: Any, start: str, *, most: int, seen: set[str]) -> Iterator[str]:
    """Opens what ``page`` can reach from ``start`` by links, each view once, and answers its endpoint while it is open.

    ``seen`` holds the views that need no second look; a tab of a page counts as a view.
    """
    waiting, count = [start], 0
    while waiting and count < most:
        path = waiting.pop(0)
        endpoint = portal.endpoint_of(urlsplit(path).path)
        name = "-".join(
            [str(endpoint), *(value for key, value in parse_qsl(urlsplit(path).query) if key == "tab")]
        )
        if endpoint is None or name in seen:
            continue
        seen.add(name)
        if not _opens(page, portal.address + path):
            continue
        count += 1
        yield name
        waiting += _links(page, portal.address)


def _opens(page: Any, address: str) -> bool:
    """Whether the address answers with a page, rather than a file."""
    from playwright.sync_api import Error

    try:
        answer = page.goto(address)
    except Error as problem:
        if "Download is starting" in problem.message or "ERR_ABORTED" in problem.message:
            return False
        raise
    return answer is not None and "text/html" in answer.headers.get("content-type", "")


def _links(page: Any, address: str) -> list[str]:
    """The paths of this portal that the page leads to."""
    found = page.eval_on_selector_all("a[href]:not([download])", "all => all.map(one => one.href)")
    parts = [urlsplit(link) for link in found if link.startswith(f"{address}/")]
    return [f"{part.path}?{part.query}" if "tab=" in part.query else part.path for part in parts]
