"""Pictures as sixels: six rows of pixels at a time, one pass for each colour in them.

Follows the manual of the VT340. The runs of many rows are found and written by numpy at once, so
that the threads that encode leave the interpreter to the UI.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from phototagger.tui.graphics.blocks import Box, Painted

COLOURS = 64
FEWER = 32
"""How many colours a picture has on a slow line."""

MOST_IN_TMUX = 18
"""Pictures of a grid in tmux, which keeps 19 in all and forgets the oldest; one is shown large."""

_LARGE = 300 * 300  # pixels from which on the steps between few colours are seen
_BAND = 6
_AT_ONCE = 2**18  # columns of sixels of all colours that are looked at in one go
_BLANK = 0x3F
_PLAIN_RUN = 3  # a longer one is shorter as a repeat
_VALUE, _NO_BYTE = 0, 255  # in the table of runs: the sixel's place, and no byte at all


class Sixels:
    """Encodes pictures as sixels; ``cell`` is the width and height of a cell in pixels.

    tmux (``inside``) fills what a picture leaves of its last cells with its first colour: there
    that is black, and the picture is cut so that at most some lines of pixels are left.
    """

    narrowest = 16

    def __init__(
        self, cell: tuple[int, int], colours: int = COLOURS, *, inside: bool = False
    ) -> None:
        self.name = "sixel"
        self.cell = cell
        self.colours = colours
        self.inside = inside
        self.most = MOST_IN_TMUX if inside else 0

    def fitted_to(self, cell: tuple[int, int]) -> Sixels:
        """Return the same for another size of the cells."""
        return Sixels(cell, self.colours, inside=self.inside)

    def pixels(self, box: Box) -> tuple[int, int]:
        """Return the width and height of a box in pixels; bands do not reach below it."""
        return box.columns * self.cell[0], box.rows * self.cell[1] // _BAND * _BAND

    square = pixels  # a terminal's are

    def encode(self, image: Image.Image, box: Box) -> Painted:
        """Return an upright picture fitted into a box of at least one cell, keeping its shape."""
        width, height = within(image.size, self.pixels(box))
        colours = self.colours if width * height < _LARGE else 2 * self.colours
        small = shrunk(image, (width, height))
        if self.inside:
            small = _cut(small, self.cell)
            width, height = small.size
        data = sixels(small.quantize(colours, Image.Quantize.FASTOCTREE), black=self.inside)
        columns, lines = -(-width // self.cell[0]), -(-height // self.cell[1])
        left, top = (box.columns - columns) // 2, (box.rows - lines) // 2
        return Painted((), columns, left, top, len(data), data, lines)


def _cut(image: Image.Image, cell: tuple[int, int]) -> Image.Image:
    """Return a picture without what reaches into its last cells, of whole bands."""
    width, height = (
        max(1, size // side) * side for size, side in zip(image.size, cell, strict=True)
    )
    height = max(_BAND, height // _BAND * _BAND)
    left, top = (image.width - width) // 2, (image.height - height) // 2
    return image.crop((left, top, left + width, top + height))


def within(size: tuple[int, int], most: tuple[int, int]) -> tuple[int, int]:
    """Return the largest width and height of the same shape that fit; at least 1 each."""
    scale = min(most[0] / max(1, size[0]), most[1] / max(1, size[1]))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def shrunk(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Return a picture in RGB of another size."""
    image = image if image.mode == "RGB" else image.convert("RGB")
    return image.resize(size, Image.Resampling.HAMMING, reducing_gap=2.0)


def sixels(image: Image.Image, *, black: bool = False) -> bytes:
    """Return a picture with a palette as the whole of a sixel sequence.

    ``black``: it is the first colour, whether it occurs in the picture or not.
    """
    pixels = np.asarray(image)
    height, width = pixels.shape
    palette = np.asarray(image.getpalette(), np.uint16).reshape(-1, 3)
    numbers, pixels = np.unique(pixels, return_inverse=True)
    levels = (palette[numbers] * 100 + 127) // 255
    first = int(black)
    named = b"#0;2;0;0;0" * first + b"".join(
        b"#%d;2;%d;%d;%d" % (number, *rgb) for number, rgb in enumerate(levels.tolist(), first)
    )
    head = b'\x1bP0;1;0q"1;1;%d;%d' % (width, height)
    pixels = pixels.reshape(height, width)
    step = _BAND * max(1, _AT_ONCE // (len(numbers) * width))
    bands = (_bands(pixels[top : top + step], len(numbers)) for top in range(0, height, step))
    runs = b"-".join(_runs(band, first) for band in bands)
    return head + named + runs + b"\x1b\\"


def _bands(pixels: NDArray[np.intp], colours: int) -> NDArray[np.uint8]:
    """Return which pixels of each column have a colour, as bits, uint8 [bands, colours, width].

    The commonest colour of a band fills it: the others are painted over it.
    """
    height, width = pixels.shape
    count = -(-height // _BAND)
    bits = np.zeros((count, colours, width), np.uint8)
    columns = np.arange(width)
    for row in range(min(_BAND, height)):
        lines = pixels[row::_BAND]
        bands = np.arange(len(lines))[:, None]
        bits[bands, lines, columns] |= np.uint8(1 << row)
    used = np.count_nonzero(bits, axis=2)
    full = np.full((count, 1), (1 << _BAND) - 1, np.uint8)
    full[-1] = (1 << (height - (count - 1) * _BAND)) - 1
    bits[np.arange(count), used.argmax(1)] = full
    return bits


def _runs(bits: NDArray[np.uint8], first: int) -> bytes:
    """Return the passes of all bands: a colour's number, counted from ``first``, then its runs."""
    band, colour = np.nonzero(bits.any(axis=2))
    rows = bits[band, colour]
    # What fills its band comes first in it.
    fills = (rows == rows[:, :1]).all(axis=1)
    order = np.lexsort((~fills, band))
    band, colour, rows = band[order], colour[order], rows[order]
    count, width = rows.shape
    edges = np.ones((count, width), bool)
    edges[:, 1:] = rows[:, 1:] != rows[:, :-1]
    line, start = np.nonzero(edges)
    length = np.diff(line * width + start, append=count * width)
    value = rows[line, start]
    needed = (value != 0) | (start + length < width)  # nothing need be said of a blank end
    line, length, value = line[needed], length[needed], value[needed]
    table = _table(width)
    text = table[length]
    ends = np.cumsum(np.append(0, (text != _NO_BYTE).sum(axis=1)))
    text = np.where(text == _VALUE, value[:, None] + _BLANK, text)
    written = text[text != _NO_BYTE].tobytes()
    at = ends[np.searchsorted(line, np.arange(count + 1))].tolist()
    parts = []
    before = 0
    for number, (band_number, name) in enumerate(zip(band.tolist(), colour.tolist(), strict=True)):
        again = b"$" if number else b""
        parts.append(b"%s#%d" % (b"-" * (band_number - before) or again, name + first))
        parts.append(written[at[number] : at[number + 1]])
        before = band_number
    return b"".join(parts)


@functools.lru_cache(maxsize=16)
def _table(longest: int) -> NDArray[np.uint8]:
    """Return how runs of each length are written, uint8 [longest + 1, 8], with gaps to fill."""
    value, table = bytes([_VALUE]), np.full((longest + 1, 8), _NO_BYTE, np.uint8)
    for length in range(longest + 1):
        text = value * length if length <= _PLAIN_RUN else b"!%d%s" % (length, value)
        table[length, : len(text)] = np.frombuffer(text, np.uint8)
    return table
