"""What the project needs from others: declared, used, pinned with hashes, and nothing else."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.architecture.tree import PRODUCT, ROOT, modules, place, product_modules

pytestmark = pytest.mark.pure

LOCKS = ("requirements.txt", "requirements-dev.txt")
# What these bring along is part of what they offer.
FAMILIES = {
    "flask-smorest": {"webargs"},
    "flask": {"werkzeug", "jinja2", "markupsafe", "click", "itsdangerous", "blinker"},
    "import-linter": {"grimp"},
    "moto": {"boto3", "flask_cors"},
    "pytest": {"packaging", "pluggy"},
}
# SQLAlchemy imports its driver by the database's address.
NOT_IMPORTED = {"psycopg"}
LOADED_BY_NAME = {"fontpkg_inter", "fontpkg_pt_sans"}
OWN = {*PRODUCT, "tests", "bench", "migrations", "translations"}


def _declared(group: str | None = None) -> list[Requirement]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    texts = settings["dependency-groups"][group] if group else settings["project"]["dependencies"]
    return [Requirement(text) for text in texts]


def _pinned(lock: str) -> dict[str, Version]:
    lines = re.findall(r"^([a-z0-9-]+)==([^\s;\\]+)", (ROOT / lock).read_text("utf-8"), re.MULTILINE)
    return {name: Version(version) for name, version in lines}


def _imported(trees: dict[Path, ast.Module]) -> dict[str, set[str]]:
    """The distributions that modules import, or name to be loaded later, and where."""
    offered = packages_distributions()
    found: dict[str, set[str]] = {}
    for path, tree in trees.items():
        for node in ast.walk(tree):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            elif isinstance(node, ast.Constant) and node.value in LOADED_BY_NAME:
                names = [str(node.value)]
            for top in {name.partition(".")[0] for name in names} - OWN - set(sys.stdlib_module_names):
                for distribution in offered.get(top, [top]):
                    found.setdefault(canonicalize_name(distribution), set()).add(place(path))
    return found


def _with_families(requirements: list[Requirement]) -> set[str]:
    names = {canonicalize_name(requirement.name) for requirement in requirements}
    return names | {member for name in names for member in FAMILIES.get(name, ())}


def test_every_dependency_is_used() -> None:
    declared = {canonicalize_name(requirement.name) for requirement in _declared()}
    unused = sorted(declared - NOT_IMPORTED - _imported(product_modules()).keys())
    assert not unused


def test_what_the_product_imports_is_declared() -> None:
    imported = _imported(product_modules())
    undeclared = {name: imported[name] for name in imported.keys() - _with_families(_declared())}
    assert not undeclared


def test_what_the_tests_and_tools_import_is_declared() -> None:
    imported = _imported(modules())
    assert not {
        name: imported[name] for name in imported.keys() - _with_families(_declared() + _declared("dev"))
    }


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_pins_what_is_declared(lock: str) -> None:
    declared = _declared() + (_declared("dev") if lock == "requirements-dev.txt" else [])
    pins = _pinned(lock)
    stale = [
        str(requirement)
        for requirement in declared
        if (version := pins.get(canonicalize_name(requirement.name))) is None
        or not requirement.specifier.contains(version, prereleases=True)
    ]
    assert not stale, "`make lock` brings the locks up to date"


def test_tests_run_on_what_production_runs_on() -> None:
    assert _pinned("requirements.txt").items() <= _pinned("requirements-dev.txt").items()


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_names_versions_and_hashes_alone(lock: str) -> None:
    line = re.compile(r"[a-z0-9-]+==\S+( ; .+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?")
    strange = [text for text in (ROOT / lock).read_text("utf-8").splitlines() if not line.fullmatch(text)]
    assert not strange
