"""Templates compile, use what they import, stay in their own house, and keep to the content policy."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import Environment, StrictUndefined, nodes

from tests.architecture.tree import ROOT, product_modules

pytestmark = pytest.mark.pure

FOLDER = ROOT / "templates"
NAMES = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.is_file())
PAGES = [name for name in NAMES if name.endswith(".html") and "email" not in name]
SHARED = ("layouts/", "components/")
REFERENCES = (nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)

# `style-src 'self'; script-src 'self'` forbids all of these; mail has no such policy.
INLINE = re.compile(
    r"<style|<script(?![^>]*\ssrc=)|\sstyle\s*=|<[^>{%]*\son[a-z]+\s*=|javascript:", re.IGNORECASE
)
OUTSIDE = re.compile(r"""(?:src|srcset|href|action)\s*=\s*["']?(?:https?:)?//""", re.IGNORECASE)


@pytest.fixture
def environment(app: Flask) -> Environment:
    return app.jinja_env


def _text(name: str) -> str:
    return (FOLDER / name).read_text("utf-8")


def _used_templates(tree: nodes.Template) -> Iterator[str | None]:
    """The templates that one refers to; None where the name is computed."""
    for node in tree.find_all(REFERENCES):
        reference = node.template  # type: ignore[attr-defined]
        yield reference.value if isinstance(reference, nodes.Const) else None


@pytest.mark.parametrize("name", NAMES)
def test_a_template_compiles(environment: Environment, name: str) -> None:
    environment.compile(_text(name), name, str(FOLDER / name))


def test_a_missing_value_is_an_error(environment: Environment) -> None:
    assert issubclass(environment.undefined, StrictUndefined)


@pytest.mark.parametrize("name", NAMES)
def test_a_template_uses_what_it_imports(environment: Environment, name: str) -> None:
    tree = environment.parse(_text(name))
    imported = {node.target for node in tree.find_all(nodes.Import)}
    for node in tree.find_all(nodes.FromImport):
        imported |= {entry if isinstance(entry, str) else entry[1] for entry in node.names}
    used = {node.name for node in tree.find_all(nodes.Name) if node.ctx == "load"}
    unused = sorted(imported - used)
    assert not unused


@pytest.mark.parametrize("name", NAMES)
def test_a_template_includes_only_layouts_components_and_its_own_folder(
    environment: Environment, name: str
) -> None:
    home = name.partition("/")[0] + "/"
    strangers = [
        used
        for used in _used_templates(environment.parse(_text(name)))
        if not (used or "").startswith((home, *SHARED))
    ]
    assert not strangers


def test_every_template_is_used(environment: Environment) -> None:
    used = {other for name in NAMES for other in _used_templates(environment.parse(_text(name)))}
    used |= {
        node.value
        for tree in product_modules().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert not [name for name in NAMES if not _is_named(name, used)]


def _is_named(name: str, names: set[str | None]) -> bool:
    """Whether code names a template: whole, without `.txt`, or as folder and stem (`f"partners/emails/{name}"`)."""
    whole = name.removesuffix(".txt")
    folder, _, stem = whole.rpartition("/")
    return name in names or whole in names or (f"{folder}/" in names and stem in names)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_carries_no_inline_script_or_style_and_loads_nothing_from_outside(name: str) -> None:
    text = _text(name)
    found = [match[0] for pattern in (INLINE, OUTSIDE) for match in pattern.finditer(text)]
    assert not found


def test_every_style_sheet_loads_only_our_own_files() -> None:
    sheets: list[Path] = [*(ROOT / "static").rglob("*.css"), *FOLDER.rglob("*.css*")]
    assert not [
        sheet.name
        for sheet in sheets
        if re.search(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//", sheet.read_text())
    ]
