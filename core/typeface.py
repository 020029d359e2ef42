"""The interface's typeface, cut from its package to what the pages use: Latin and Cyrillic, three weights.

``make`` does it at installation, and a first start without it does it then; the result is never in the repository.
"""

import os
from importlib.resources import as_file, files
from pathlib import Path

FILE = Path(__file__).parent.parent / "static" / "fonts" / "inter.woff2"

#: Latin with its accents, Cyrillic, punctuation, arrows, currency signs, minus and multiplication.
RANGES = (
    (0x20, 0x7F), (0xA0, 0x180), (0x400, 0x460), (0x490, 0x492), (0x2010, 0x2040), (0x20A0, 0x20C0), (0x2116, 0x2117),
    (0x2122, 0x2123), (0x2190, 0x219A), (0x2212, 0x2213), (0x2248, 0x2249), (0x2260, 0x2266),
)  # fmt: skip


def cut_typeface(target: Path = FILE) -> Path:
    """Writes the web font to ``target`` unless it is there; answers where it is."""
    if target.exists():
        return target
    from fontTools import subset
    from fontTools.ttLib import TTFont
    from fontTools.varLib import instancer

    source = next(one for one in (files("fontpkg_inter") / "files").iterdir() if _is_upright(one.name))
    with as_file(source) as path:
        font = TTFont(path)
    options = subset.Options(layout_features=["kern", "liga", "calt", "tnum", "ccmp", "mark"])
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=[code for first, end in RANGES for code in range(first, end)])
    cutter.subset(font)
    pinned = {axis.axisTag: axis.defaultValue for axis in font["fvar"].axes if axis.axisTag != "wght"}
    font = instancer.instantiateVariableFont(font, {"wght": (400, 600), **pinned})
    font.flavor = "woff2"
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_suffix(f".{os.getpid()}")
    font.save(unfinished)
    unfinished.replace(target)
    return target


def _is_upright(name: str) -> bool:
    return name.endswith(".ttf") and "Italic" not in name


if __name__ == "__main__":
    cut_typeface()
