"""Text that can be read on its background, in whatever theme: a contrast of at least 4.5 : 1.

Contrast as the Web Content Accessibility Guidelines 2.2 define it (1.4.3): the ratio of relative
luminances of sRGB colours. Colours of the terminal's own palette are nobody's to know, and stay.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from rich.color import Color
from rich.style import Style

if TYPE_CHECKING:
    from rich.color_triplet import ColorTriplet

LEAST = 4.5
_STEPS = 40
_WHITE, _BLACK = (255, 255, 255), (0, 0, 0)


def luminance(colour: tuple[int, ...]) -> float:
    """Return the relative luminance of red, green and blue (0..255): from 0, black, to 1, white."""
    parts = [level / 255 for level in colour]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4  # noqa: PLR2004
        for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    """Return how much two colours stand out from each other, from 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@lru_cache(1024)
def readable(style: Style) -> Style:
    """Return a style with its text as far towards white or black as it takes to be read."""
    colours = _colours(style)
    if colours is None or contrast(*colours) >= LEAST:
        return style
    front, back = colours
    is_lighter = luminance(front) >= luminance(back)
    ends = (_WHITE, _BLACK) if is_lighter else (_BLACK, _WHITE)  # as the theme has it, if it can be
    target = next((end for end in ends if contrast(end, back) >= LEAST), ends[0])
    return style + _first(front, target, back)


@lru_cache(1024)
def faint(style: Style) -> Style:
    """Return a style with its text as near to the background as it can still be read."""
    colours = _colours(style)
    if colours is None:
        return style + Style(dim=True)
    front, back = colours
    return readable(style) if contrast(front, back) < LEAST else style + _first(back, front, back)


def _first(start: tuple[int, ...], end: tuple[int, ...], back: tuple[int, ...]) -> Style:
    """Return the first colour on the way from one to another that can be read."""
    for step in range(_STEPS + 1):
        mixed = tuple(round(a + (b - a) * step / _STEPS) for a, b in zip(start, end, strict=True))
        if contrast(mixed, back) >= LEAST:
            return Style(color=Color.from_rgb(*mixed))
    return Style(color=Color.from_rgb(*end))


def _colours(style: Style) -> tuple[ColorTriplet, ColorTriplet] | None:
    """Return the colours of text and background, where both are known."""
    if style.color is None or style.bgcolor is None:
        return None
    front, back = style.color.triplet, style.bgcolor.triplet
    if front is None or back is None:
        return None
    return front, back
