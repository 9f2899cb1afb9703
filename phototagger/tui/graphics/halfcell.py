"""Pictures made of half blocks: two pixels in every cell, in true colour or in 256 colours.

Works in every terminal that has colours, tmux included. Channels are cut to 5 bits: a cell is far
too big for the difference to be seen, and equal neighbours then merge into one run, so that fewer
bytes travel; the few distinct styles are shared by all pictures.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from PIL import Image
from rich.color import Color, ColorSystem, ColorType
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

Colours = Literal["truecolor", "256"]

_BITS = 5
_LEVELS = 2**_BITS
_LOW = (1 << 3 * _BITS) - 1
_CUBE = np.array([0, 95, 135, 175, 215, 255])
_GREYS = 24
_SEGMENT_BYTES = 500  # a segment, its style, and their share of what is behind them; measured


class Box(NamedTuple):
    """The cells a picture has; a cell is taken to be twice as high as wide."""

    columns: int
    rows: int


class Painted(NamedTuple):
    """A picture as cells: rows of segments, each ``columns`` wide, to be set ``left, top`` in.

    ``size`` is what it takes of memory, in bytes. A picture that is painted past Textual's drawing
    has no rows, and ``data`` to be written at its place, which is ``lines`` high.
    """

    rows: Sequence[list[Segment]]
    columns: int
    left: int
    top: int
    size: int
    data: bytes = b""
    lines: int = 0


class HalfCells:
    """Encodes pictures as half blocks."""

    def __init__(self, colours: Colours = "truecolor") -> None:
        self.name = f"halfcell {colours}"
        self._run: Callable[[int], tuple[str, Style]] = (
            _true_run if colours == "truecolor" else _run_of_256
        )

    def pixels(self, box: Box) -> tuple[int, int]:
        """Return the width and height of a box in pixels."""
        return box.columns, 2 * box.rows

    def encode(self, image: Image.Image, box: Box) -> Painted:
        """Return an upright picture fitted into a box of at least one cell, keeping its shape."""
        fit = fitted(image.size, box)
        image = image if image.mode == "RGB" else image.convert("RGB")
        small = image.resize((fit.columns, 2 * fit.rows), Image.Resampling.BOX, reducing_gap=2.0)
        pairs = _pairs(np.asarray(small))
        rows = [_row(line, self._run) for line in pairs]
        left, top = (box.columns - fit.columns) // 2, (box.rows - fit.rows) // 2
        size = _SEGMENT_BYTES * sum(map(len, rows))
        return Painted(rows, fit.columns, left, top, size)


def fitted(size: tuple[int, int], box: Box) -> Box:
    """Return the largest box of whole cells within another that has a picture's shape."""
    width, height = max(1, size[0]), max(1, size[1])
    scale = min(box.columns / width, 2 * box.rows / height)
    columns, rows = round(width * scale), round(height * scale / 2)
    return Box(min(max(1, columns), box.columns), min(max(1, rows), box.rows))


def _pairs(pixels: NDArray[np.uint8]) -> NDArray[np.int32]:
    """Return the colours of each cell, upper << 15 | lower, int32 [rows, columns]."""
    levels = (pixels.astype(np.int32) * (_LEVELS - 1) + 127) // 255
    codes = levels[..., 0] << 2 * _BITS | levels[..., 1] << _BITS | levels[..., 2]
    pairs: NDArray[np.int32] = codes[0::2] << 3 * _BITS | codes[1::2]
    return pairs


def _row(pairs: NDArray[np.int32], run: Callable[[int], tuple[str, Style]]) -> list[Segment]:
    starts = np.flatnonzero(np.diff(pairs, prepend=-1))
    widths = np.diff(starts, append=len(pairs)).tolist()
    made = map(run, pairs[starts].tolist())
    return [Segment(char * width, style) for (char, style), width in zip(made, widths, strict=True)]


@functools.lru_cache(maxsize=16384)
def _true_run(pair: int) -> tuple[str, Style]:
    upper, lower = _true(pair >> 3 * _BITS), _true(pair & _LOW)
    return _styled(upper, lower, ColorSystem.TRUECOLOR)


@functools.lru_cache(maxsize=16384)
def _run_of_256(pair: int) -> tuple[str, Style]:
    numbers = nearest_of_256()
    upper, lower = int(numbers[pair >> 3 * _BITS]), int(numbers[pair & _LOW])
    return _styled(_numbered(upper), _numbered(lower), ColorSystem.EIGHT_BIT)


def _styled(upper: Color, lower: Color, system: ColorSystem) -> tuple[str, Style]:
    """Return what to draw in a cell. Equal halves are a space, which needs one colour only."""
    same = upper == lower
    style = Style.from_color(None if same else upper, lower)
    # The style keeps its escape sequence, so that it is made here and not in the UI's thread.
    Strip.render_ansi(style, system)
    return " " if same else "▀", style


@functools.cache
def _true(code: int) -> Color:
    red, green, blue = (code >> 2 * _BITS, code >> _BITS & (_LEVELS - 1), code & (_LEVELS - 1))
    return Color.from_rgb(*(level * 255 // (_LEVELS - 1) for level in (red, green, blue)))


@functools.cache
def _numbered(number: int) -> Color:
    return Color(str(number), ColorType.EIGHT_BIT, number=number)


@functools.cache
def nearest_of_256() -> NDArray[np.uint8]:
    """Return the number of the xterm colour nearest to each 15-bit colour, uint8 [32768].

    Of the 6 x 6 x 6 cube and the 24 greys; the first 16 look different in every terminal.
    """
    codes = np.arange(_LEVELS**3)
    rgb = np.stack([codes >> 2 * _BITS, codes >> _BITS & (_LEVELS - 1), codes & (_LEVELS - 1)], -1)
    rgb = rgb * 255 // (_LEVELS - 1)
    levels = np.abs(rgb[..., None] - _CUBE).argmin(-1)
    grey = np.clip(np.rint((rgb.mean(-1) - 8) / 10), 0, _GREYS - 1).astype(int)
    to_cube = ((_CUBE[levels] - rgb) ** 2).sum(-1)
    to_grey = ((8 + 10 * grey[:, None] - rgb) ** 2).sum(-1)
    cube = 16 + levels @ [36, 6, 1]
    nearest: NDArray[np.uint8] = np.where(to_grey < to_cube, 232 + grey, cube).astype(np.uint8)
    return nearest
