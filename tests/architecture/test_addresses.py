"""Every page that code or a template names by its endpoint exists; else whoever comes there meets an error."""

import re

import pytest
from flask import Flask

from tests.architecture.tree import PRODUCT, place, text_files

pytestmark = pytest.mark.pure

#: ``url_for("partners.finder")``, and what stands for it in menus and lists of links.
NAMED = re.compile(r"""\burl_for\(\s*["']([a-z_]+(?:\.[a-z_]+)*)["']""")


def test_whatever_is_named_has_a_page(app: Flask) -> None:
    pages = {rule.endpoint for rule in app.url_map.iter_rules()}
    named = [
        (place(path), endpoint)
        for path in text_files()
        if place(path).split("/")[0].removesuffix(".py") in (*PRODUCT, "templates")
        for endpoint in NAMED.findall(path.read_text("utf-8"))
    ]
    assert len(named) > 500
    assert [(where, endpoint) for where, endpoint in named if endpoint not in pages] == []
