"""Pictures made of block characters: two, four or six pixels and two colours in every cell.

Works in every terminal that has true colour or 256 colours, tmux included. Which pixels of a cell
share a colour is chosen by the least squared error over all ways to divide them, as chafa does.
Channels are cut to 5 bits: a cell is far too big for the difference to be seen, and equal
neighbours then merge into one run, so that fewer bytes travel; the few distinct styles are shared
by all pictures.
"""

import functools
from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rich.color import Color, ColorSystem, ColorType
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

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
    has no rows, and ``data`` to be written at its place, which is ``lines`` high. One that has both
    is shown wherever its rows stand, by the ``number`` that they name.
    """

    rows: Sequence[list[Segment]]
    columns: int
    left: int
    top: int
    size: int
    data: bytes = b""
    lines: int = 0
    number: int = 0

    @property
    def bottom(self) -> int:
        """The first row of its box below it."""
        return self.top + (self.lines or len(self.rows))


class Grid(NamedTuple):
    """The pixels of a cell, and the character for each set of them that has the foreground.

    Bit 0 of a character's place in ``characters`` is the pixel at the upper left, the next one
    stands beside it, then come those below.
    """

    wide: int
    high: int
    characters: str


def _sextants() -> str:
    # The four that were there before have no second code among the new ones (Unicode 13).
    older = {0: " ", 0b010101: "▌", 0b101010: "▐", 0b111111: "█"}
    codes = iter(range(0x1FB00, 0x1FB3C))
    return "".join(older.get(place) or chr(next(codes)) for place in range(64))


GRIDS = {
    "halfcell": Grid(1, 2, " ▀▄█"),
    "quadrant": Grid(2, 2, " ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"),
    "sextant": Grid(2, 3, _sextants()),
}
"""By the setting's word for it, what divides a cell."""


class Blocks:
    """Encodes pictures as block characters of one of the ``GRIDS``."""

    narrowest = 26
    most = 0

    def __init__(self, grid: str, colours: Colours = "truecolor") -> None:
        self.name = f"{grid} {colours}"
        self._grid = GRIDS[grid]
        self._groups = _groups(self._grid.wide * self._grid.high)
        self._style = _true_style if colours == "truecolor" else _style_of_256

    def pixels(self, box: Box) -> tuple[int, int]:
        """Return the width and height of a box in pixels."""
        return self._grid.wide * box.columns, self._grid.high * box.rows

    def square(self, box: Box) -> tuple[int, int]:
        """Return the same in pixels as wide as high, of which some share a pixel of a cell."""
        return self._grid.wide * box.columns, 2 * self._grid.wide * box.rows

    def encode(self, image: Image.Image, box: Box) -> Painted:
        """Return an upright picture fitted into a box of at least one cell, keeping its shape."""
        fit = fitted(image.size, box)
        image = image if image.mode == "RGB" else image.convert("RGB")
        small = image.resize(self.pixels(fit), Image.Resampling.BOX, reducing_gap=2.0)
        masks, pairs = divided(np.asarray(small), self._grid, self._groups)
        rows = [self._row(*line) for line in zip(masks, pairs, strict=True)]
        left, top = (box.columns - fit.columns) // 2, (box.rows - fit.rows) // 2
        size = _SEGMENT_BYTES * sum(map(len, rows))
        return Painted(rows, fit.columns, left, top, size)

    def _row(self, masks: NDArray[np.intp], pairs: NDArray[np.int32]) -> list[Segment]:
        """Return a line of cells; neighbours of the same two colours are one segment."""
        characters = self._grid.characters
        text = "".join([characters[mask] for mask in masks.tolist()])
        starts = np.flatnonzero(np.diff(pairs, prepend=-1))
        ends = [*starts[1:].tolist(), len(text)]
        return [
            Segment(text[start:end], self._style(pair))
            for start, end, pair in zip(starts.tolist(), ends, pairs[starts].tolist(), strict=True)
        ]


def _groups(count: int) -> NDArray[np.float32]:
    """Return each way to divide so many pixels in two, float32 [ways, pixels]: 1 in the first part.

    The last pixel is always in the second part, so that no way comes twice.
    """
    ways = np.arange(2 ** (count - 1))
    return (ways[:, None] >> np.arange(count) & 1).astype(np.float32)


def divided(
    pixels: NDArray[np.uint8], grid: Grid, groups: NDArray[np.float32]
) -> tuple[NDArray[np.intp], NDArray[np.int32]]:
    """Return how each cell is divided [rows, columns], and its colours, first << 15 | second.

    A cell of one colour has no first part.
    """
    rows, columns = pixels.shape[0] // grid.high, pixels.shape[1] // grid.wide
    cells = pixels.reshape(rows, grid.high, columns, grid.wide, 3).transpose(0, 2, 1, 3, 4)
    cells = cells.reshape(rows, columns, grid.high * grid.wide, 3).astype(np.float32)
    sizes = groups.sum(axis=1)
    first = groups @ cells  # the sums of the first part's colours, [rows, columns, ways, 3]
    second = cells.sum(axis=2, keepdims=True) - first
    means = first / np.maximum(sizes, 1)[:, None], second / (groups.shape[1] - sizes)[:, None]
    # The squared error is the squares of all pixels, which no way changes, less these.
    gain = (first * means[0]).sum(-1) + (second * means[1]).sum(-1)
    best = gain.argmax(-1)
    first_colour, second_colour = (
        _code(np.take_along_axis(mean, best[..., None, None], 2)[..., 0, :]) for mean in means
    )
    best[first_colour == second_colour] = 0
    first_colour[best == 0] = second_colour[best == 0]
    return best, first_colour << 3 * _BITS | second_colour


def _code(colours: NDArray[np.float32]) -> NDArray[np.int32]:
    """Return colours, float32 [..., 3] in 0..255, as 15 bits each."""
    levels = ((colours + 0.5).astype(np.int32) * (_LEVELS - 1) + 127) // 255
    codes: NDArray[np.int32] = levels @ np.array([1 << 2 * _BITS, 1 << _BITS, 1], np.int32)
    return codes


def fitted(size: tuple[int, int], box: Box) -> Box:
    """Return the largest box of whole cells within another that has a picture's shape."""
    width, height = max(1, size[0]), max(1, size[1])
    scale = min(box.columns / width, 2 * box.rows / height)
    columns, rows = round(width * scale), round(height * scale / 2)
    return Box(min(max(1, columns), box.columns), min(max(1, rows), box.rows))


@functools.lru_cache(maxsize=16384)
def _true_style(pair: int) -> Style:
    return _style(_true(pair >> 3 * _BITS), _true(pair & _LOW), pair, ColorSystem.TRUECOLOR)


@functools.lru_cache(maxsize=16384)
def _style_of_256(pair: int) -> Style:
    numbers = nearest_of_256()
    first, second = _numbered(int(numbers[pair >> 3 * _BITS])), _numbered(int(numbers[pair & _LOW]))
    return _style(first, second, pair, ColorSystem.EIGHT_BIT)


def _style(first: Color, second: Color, pair: int, system: ColorSystem) -> Style:
    """Return the colours of a cell; one of one colour is blank, and needs the background only."""
    style = Style.from_color(None if pair >> 3 * _BITS == pair & _LOW else first, second)
    # The style keeps its escape sequence, so that it is made here and not in the UI's thread.
    Strip.render_ansi(style, system)
    return style


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
