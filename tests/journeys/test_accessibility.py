"""Every page that somebody of the demo can reach, looked at by axe and by its width: WCAG 2.2 AA, nothing sideways."""

from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT

from tests.portal import DESKTOP, PHONE, Portal, walk

pytestmark = [pytest.mark.browser, pytest.mark.pure, pytest.mark.timeout(400)]

#: On a desktop everything; on a phone what the other layout may have changed.
RULES = {
    DESKTOP: {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    PHONE: {
        "type": "rule",
        "values": [
            "target-size",
            "aria-required-children",
            "aria-required-parent",
            "scrollable-region-focusable",
        ],
    },
}

STATUS = "performance.getEntriesByType('navigation')[0].responseStatus"

#: Who looks, in which language and colours, at how many views at most. What one has seen, the next of the same kind
#: need not look at again.
LOOKS = (
    ("stranger", "en", "light", "public", 20),
    ("admin", "en", "light", "staff", 100),
    ("manager", "en", "light", "staff", 20),
    ("finance", "en", "light", "staff", 20),
    ("author", "en", "light", "staff", 20),
    ("partner-admin", "en", "light", "partner", 60),
    ("seller", "en", "light", "partner", 20),
    ("partner-finance", "en", "light", "partner", 20),
    ("russian", "ru", "dark", "partner in Russian", 20),
    ("finance", "ru", "dark", "staff in Russian", 20),
)


@pytest.fixture(scope="module")
def seen() -> dict[str, set[str]]:
    """The views that were looked at, by kind of person."""
    return {}


@pytest.mark.parametrize(
    ("role", "locale", "theme", "kind", "most"), LOOKS, ids=[f"{one[0]}-{one[1]}" for one in LOOKS]
)
def test_pages_are_for_everybody(
    portal: Portal,
    chromium: Any,
    seen: dict[str, set[str]],
    role: str,
    locale: str,
    theme: str,
    kind: str,
    most: int,
) -> None:
    problems: list[str] = []
    person = None if role == "stranger" else role
    known = seen.setdefault(kind, set())
    known.discard("core.home")
    with portal.visit(chromium, person, locale=locale, theme=theme) as (page, watch):
        for name in walk(portal, page, "/", most=most, seen=known):
            problems += [f"{name}, {problem}" for problem in what_is_wrong(page)]
            if page.evaluate(STATUS) == 403:
                problems.append(f"{name}: a link leads there, and the door is shut")
        problems += watch.complaints
    assert "core.home" in known
    assert problems == []


def what_is_wrong(page: Any) -> list[str]:
    """What axe finds in both widths, and whether one has to scroll sideways."""
    found = []
    page.evaluate(AXE_SCRIPT)
    for (wide, high), rules in RULES.items():
        page.set_viewport_size({"width": wide, "height": high})
        options = {"runOnly": rules, "resultTypes": ["violations"]}
        for violation in page.evaluate("options => axe.run(options)", options)["violations"]:
            nodes = "; ".join(node["html"][:160] for node in violation["nodes"][:3])
            found.append(f"{wide} px: {violation['id']}: {violation['help']}: {nodes}")
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            found.append(f"{wide} px: scrolls sideways")
    return found


#: What visitors and partners read most, in the language with the longer words.
READ = {None: ("/", "/apply", "/finder"), "russian": ("/", "/firm/tier", "/firm/scorecard", "/firm/profile")}


@pytest.mark.parametrize("person", READ, ids=["stranger", "partner"])
def test_letters_twice_as_large_scroll_nothing_sideways(
    portal: Portal, chromium: Any, person: str | None
) -> None:
    with portal.visit(chromium, person, size=PHONE, locale="ru") as (page, _watch):
        too_wide = []
        for path in READ[person]:
            page.goto(portal.address + path)
            page.evaluate("""async () => {
                document.documentElement.style.fontSize = "200%";
                document.querySelectorAll("main details").forEach((one) => { one.open = true; });
                await document.fonts.ready;
            }""")
            if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                too_wide.append(path)
        assert too_wide == []
