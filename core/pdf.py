"""PDF documents from Typst sources: data goes in as JSON, so that nobody's text can become markup."""

import json
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

SOURCES = Path(__file__).parent.parent / "templates"


@cache
def _font_folders() -> list[str]:
    folders = []
    for package in ("fontpkg_pt_sans", "fontpkg_inter"):
        try:
            folders.append(str(files(package)))
        except ModuleNotFoundError:
            continue
    return folders


def render_pdf(source: str, data: dict[str, Any], images: dict[str, bytes] | None = None) -> bytes:
    """Compiles ``templates/<source>`` (a ``.typ`` file) with ``data``.

    The source reads it by ``#let data = json(bytes(sys.inputs.data))``. ``images`` stand beside the source under their
    names; without any, no folder is written.
    """
    import tempfile

    import typst

    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    options: dict[str, Any] = {
        "font_paths": _font_folders(),
        "ignore_system_fonts": True,
        "sys_inputs": inputs,
    }
    if not images:
        return bytes(typst.compile(str(SOURCES / source), root=str(SOURCES), **options))
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / Path(source).name
        copy.write_bytes((SOURCES / source).read_bytes())
        for name, content in images.items():
            (Path(folder) / name).write_bytes(content)
        return bytes(typst.compile(str(copy), root=folder, **options))
