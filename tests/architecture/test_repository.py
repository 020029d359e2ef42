"""What no file of the project may hold, and what every file must."""

import ast
import re

import pytest

from tests.architecture.tree import DOMAINS, modules, place, text_files

pytestmark = pytest.mark.pure

# Each pattern is written so that it does not find itself.
REGISTRY = re.compile(
    r"https?://[^\s\"'<>]*(?:/simple\b|/packages/|registr[y]\.|cd[n]\.)"
    r"|p[y]pi\.org|python[h]osted|npm[j]s\.|un[p]kg|js[d]elivr|google[a]pis|-{2}(?:extra-)?index[-]url|-{2}find[-]links",
    re.IGNORECASE,
)
MACHINE = re.compile(r"(?:^|[^\w.])/(?:wor[k]|far[m]|roo[t])/|/hom[e]/\w")
LEFT_OPEN = re.compile(
    r"\b(?:TO[D]O|FIX[M]E)\b|[#*] ?X[X]X\b|raise NotImplemented[E]rror"
    r"|pytest\.s[k]ip|mark\.(?:s[k]ip|x[f]ail)|importor[s]kip"
)
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "shared", "stuff"}


def _lines_with(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{place(path)}:{number}: {line.strip()[:100]}"
        for path in text_files()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_registry_and_no_download_address_is_named() -> None:
    assert not _lines_with(REGISTRY)


def test_no_path_of_somebodys_machine_is_named() -> None:
    assert not _lines_with(MACHINE)


def test_nothing_is_left_open_and_no_test_is_left_out() -> None:
    assert not _lines_with(LEFT_OPEN)


def test_every_module_says_what_it_is_for() -> None:
    silent = [place(path) for path, tree in modules().items() if tree.body and not ast.get_docstring(tree)]
    assert not silent


def test_every_module_is_named_after_its_subject() -> None:
    vague = [place(path) for path in modules() if VAGUE_NAMES & {path.stem, path.parent.name}]
    assert not vague


def test_every_domain_introduces_itself_and_has_tests() -> None:
    names = {place(path) for path in modules()}
    assert {f"{domain}/__init__.py" for domain in DOMAINS} <= names
    assert set(DOMAINS) <= {name.split("/")[1] for name in names if name.startswith("tests/")}


def test_every_file_ends_with_one_newline() -> None:
    ragged = [
        place(path)
        for path in text_files()
        if (content := path.read_bytes()) and (not content.endswith(b"\n") or content.endswith(b"\n\n"))
    ]
    assert not ragged


def test_only_the_database_module_ends_a_transaction() -> None:
    enders = [
        f"{place(path)}:{node.lineno}"
        for path, tree in modules().items()
        if place(path).split("/")[0] in ("core", *DOMAINS) and place(path) != "core/database.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"commit", "rollback"}
    ]
    assert not enders
