"""The project's own files, as the architecture tests read them."""

import ast
import os
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOMAINS = ("accounts", "partners", "referrals", "commissions", "academy", "events")
PRODUCT = ("app", "demo", "demonstration", "serving", "core", *DOMAINS)
"""Where the product's own code stands; tests, tools and migrations are elsewhere."""

_MADE = {"var", "screens", "results"}
_BINARY = {".png", ".ico", ".woff2", ".jpg", ".webp", ".pdf", ".mo"}


@cache
def text_files() -> tuple[Path, ...]:
    """Every text file that belongs to the project: nothing installed, made or cached."""
    found = list((ROOT / ".ci").iterdir())
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in _MADE and not name.startswith((".", "__"))]
        found += [Path(folder, name) for name in names]
    return tuple(
        sorted(
            path
            for path in found
            if path.is_file() and path.suffix not in _BINARY and not path.name.startswith(".coverage")
        )
    )


@cache
def modules() -> dict[Path, ast.Module]:
    """Every Python module of the project, parsed."""
    return {
        path: ast.parse(path.read_text("utf-8"), place(path)) for path in text_files() if path.suffix == ".py"
    }


def product_modules() -> dict[Path, ast.Module]:
    """The modules that run in production."""
    return {
        path: tree
        for path, tree in modules().items()
        if place(path).split("/")[0].removesuffix(".py") in PRODUCT
    }


def place(path: Path) -> str:
    """How a file is named in a message: from the project's root."""
    return path.relative_to(ROOT).as_posix()
