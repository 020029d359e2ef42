"""A programme's own accent, made fit to be read: every tone derived from it passes WCAG AA in light and dark.

Tones keep the accent's hue; lightness moves until the contrast is reached. Arithmetic is in OKLCH (Ottosson 2020),
where equal steps look equal.
"""

import math
import re
from dataclasses import dataclass

DEFAULT_ACCENT = "#5a2a63"

# The grounds that a tone is read on: static/css/tokens.css holds the same values
LIGHT_GROUNDS = ("#ffffff", "#f8f6f3", "#f2efea")
DARK_GROUNDS = ("#201d1a", "#161412", "#2a2622")

_TEXT = 4.6  # 4.5:1 asked for, with room for rounding
_EDGE = 3.1  # 3:1 asked for


@dataclass(frozen=True, slots=True)
class Tones:
    """The accent's tones for one scheme, as ``#rrggbb``."""

    accent: str
    deep: str
    wash: str
    on_accent: str
    focus: str
    chart_1: str
    chart_2: str


@dataclass(frozen=True, slots=True)
class BrandTones:
    """The accent's tones for both schemes."""

    light: Tones
    dark: Tones


def is_colour(text: str) -> bool:
    """Whether ``text`` is a colour such as ``#5a2a63``."""
    return re.fullmatch(r"#[0-9a-fA-F]{6}", text) is not None


def contrast(one: str, other: str) -> float:
    """WCAG's contrast ratio between two colours, 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def brand_tones(accent: str) -> BrandTones:
    """Everything the interface derives from ``accent``. Raises ValueError for what is not ``#rrggbb``."""
    if not is_colour(accent):
        raise ValueError(f"{accent!r} is not a colour such as #5a2a63")
    lightness, chroma, hue = _oklch(accent)

    wash = _hex(0.955, min(chroma, 0.018), hue)
    light_accent = _until(min(lightness, 0.56), -0.005, min(chroma, 0.2), hue, (*LIGHT_GROUNDS, wash), _TEXT)
    depth = _oklch(light_accent)[0]
    light = Tones(
        accent=light_accent,
        deep=_hex(max(depth - 0.08, 0.12), min(chroma, 0.18), hue),
        wash=wash,
        on_accent="#ffffff",
        focus=_until(max(depth, 0.5), -0.005, min(chroma, 0.2), hue, LIGHT_GROUNDS, _EDGE),
        chart_1=light_accent,
        chart_2=_hex(0.76, min(chroma, 0.06), hue),
    )

    dark_wash = _hex(0.29, min(chroma, 0.045), hue)
    dark_accent = _until(0.82, 0.005, min(chroma, 0.09), hue, (*DARK_GROUNDS, dark_wash), _TEXT)
    height = _oklch(dark_accent)[0]
    dark = Tones(
        accent=dark_accent,
        deep=_hex(min(height + 0.07, 0.95), min(chroma, 0.06), hue),
        wash=dark_wash,
        on_accent=_until(0.3, -0.005, min(chroma, 0.06), hue, (dark_accent,), _TEXT),
        focus=dark_accent,
        chart_1=dark_accent,
        chart_2=_hex(0.5, min(chroma, 0.08), hue),
    )
    return BrandTones(light, dark)


def _until(
    lightness: float, step: float, chroma: float, hue: float, grounds: tuple[str, ...], ratio: float
) -> str:
    """The first tone from ``lightness`` on, walking by ``step``, that has ``ratio`` against every ground."""
    while 0.0 < lightness < 1.0:
        tone = _hex(lightness, chroma, hue)
        if all(contrast(tone, ground) >= ratio for ground in grounds):
            return tone
        lightness += step
    return "#000000" if step < 0 else "#ffffff"


def _channels(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return red, green, blue


def _to_linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _from_linear(channel: float) -> float:
    return channel * 12.92 if channel <= 0.0031308 else 1.055 * channel ** (1 / 2.4) - 0.055


def _luminance(colour: str) -> float:
    red, green, blue = (_to_linear(channel) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _oklch(colour: str) -> tuple[float, float, float]:
    red, green, blue = (_to_linear(channel) for channel in _channels(colour))
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    green_red = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    blue_yellow = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return lightness, math.hypot(green_red, blue_yellow), math.atan2(blue_yellow, green_red)


def _linear_rgb(lightness: float, chroma: float, hue: float) -> tuple[float, float, float]:
    green_red, blue_yellow = chroma * math.cos(hue), chroma * math.sin(hue)
    long = (lightness + 0.3963377774 * green_red + 0.2158037573 * blue_yellow) ** 3
    medium = (lightness - 0.1055613458 * green_red - 0.0638541728 * blue_yellow) ** 3
    short = (lightness - 0.0894841775 * green_red - 1.2914855480 * blue_yellow) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _hex(lightness: float, chroma: float, hue: float) -> str:
    """The colour, with as much of its chroma as the screen can show."""
    while chroma > 0 and not all(
        -0.0005 <= channel <= 1.0005 for channel in _linear_rgb(lightness, chroma, hue)
    ):
        chroma = max(0.0, chroma - 0.004)
    channels = (_from_linear(max(0.0, min(1.0, channel))) for channel in _linear_rgb(lightness, chroma, hue))
    return "#" + "".join(f"{round(channel * 255):02x}" for channel in channels)
