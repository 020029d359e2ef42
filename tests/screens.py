"""``make screens``: a picture of every page that somebody of the demo can reach, on a phone and on a desktop.

Each role follows the links from its first page. ``--locale ru --theme dark --role manager`` narrow it, ``--at`` looks
at a demo that is served already; pictures go to var/screens.
"""

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.portal import DESKTOP, PEOPLE, PHONE, Portal, a_chromium, a_served_demo, walk

WIDTHS = {"phone": PHONE, "desktop": DESKTOP}
WIDER = "document.documentElement.scrollWidth > window.innerWidth"


def main() -> None:
    arguments = argparse.ArgumentParser(prog="make screens", description=__doc__)
    arguments.add_argument("--locale", action="append", choices=["en", "ru"])
    arguments.add_argument("--theme", action="append", choices=["light", "dark"])
    arguments.add_argument("--role", action="append", choices=["stranger", *PEOPLE])
    arguments.add_argument("--most", type=int, default=80, help="pages a role")
    arguments.add_argument("--at", help="the address of a demo that is served already")
    arguments.add_argument("--to", type=Path, default=Path("var/screens"))
    asked = arguments.parse_args()
    with _portal(asked.at) as portal, a_chromium() as browser:
        for role in asked.role or ["stranger", *PEOPLE]:
            for locale in asked.locale or ["en", "ru"]:
                for theme in asked.theme or ["light", "dark"]:
                    take(portal, browser, role, locale, theme, asked.most, asked.to)


@contextmanager
def _portal(address: str | None) -> Iterator[Portal]:
    if address:
        from app import create_app

        yield Portal(address, create_app())
    else:
        with tempfile.TemporaryDirectory() as folder, a_served_demo(Path(folder)) as portal:
            yield portal


def take(portal: Portal, browser: Any, role: str, locale: str, theme: str, most: int, to: Path) -> None:
    """Pictures of what ``role`` can reach from the first page, in both widths."""
    folder = to / f"{role}-{locale}-{theme}"
    folder.mkdir(parents=True, exist_ok=True)
    person = None if role == "stranger" else role
    with portal.visit(browser, person, locale=locale, theme=theme) as (page, watch):
        count = 0
        for name in walk(portal, page, "/", most=most, seen=set()):
            count += 1
            for width, (wide, high) in WIDTHS.items():
                page.set_viewport_size({"width": wide, "height": high})
                page.screenshot(path=folder / f"{name}-{width}.png", full_page=True)
                if page.evaluate(WIDER):
                    print(f"{role} {page.url}: scrolls sideways at {wide}")  # noqa: T201
        for complaint in watch.complaints:
            print(f"{role} {complaint}")  # noqa: T201
        print(f"{role} {locale} {theme}: {count} pages")  # noqa: T201


if __name__ == "__main__":
    main()
