"""Pictures in kitty's graphics protocol: sent once, then placed by number as often as needed.

https://sw.kovidgoyal.net/kitty/graphics-protocol/
"""

from __future__ import annotations

import base64
import io
from collections import OrderedDict
from collections.abc import Iterable, Iterator

from PIL import Image

from phototagger.tui.graphics.blocks import Box, Painted
from phototagger.tui.graphics.sixel import shrunk, within

COLOURS = 128
KEPT = 128 * 2**20
"""How many bytes of pixels the terminal is asked to keep; kitty itself would stop at 320 MB."""

GUESS = (10, 20)
"""A cell in pixels where nothing is known of it; the terminal scales what does not fit."""

_CHUNK = 4096
_BYTES_A_PIXEL = 4


class Kitty:
    """Encodes pictures as PNG with a palette; ``cell`` is the size of a cell in pixels."""

    narrowest = 16
    most = 0

    def __init__(self, cell: tuple[int, int] | None) -> None:
        self.name = "kitty"
        self.cell = cell or GUESS

    def fitted_to(self, cell: tuple[int, int]) -> Kitty:
        """Return the same for another size of the cells."""
        return Kitty(cell)

    def pixels(self, box: Box) -> tuple[int, int]:
        """Return the width and height of a box in pixels."""
        return box.columns * self.cell[0], box.rows * self.cell[1]

    square = pixels  # a terminal's are

    def encode(self, image: Image.Image, box: Box) -> Painted:
        """Return an upright picture fitted into a box of at least one cell, keeping its shape.

        What its last cells have beyond it is transparent: so it fills whole cells unstretched.
        """
        size = within(image.size, self.pixels(box))
        columns, lines = (-(-size[axis] // self.cell[axis]) for axis in (0, 1))
        whole = (columns * self.cell[0], lines * self.cell[1])
        if size[0] > image.width:  # the terminal makes it larger
            part = image.width / size[0]
            size, whole = image.size, (round(whole[0] * part), round(whole[1] * part))
            whole = (max(whole[0], size[0]), max(whole[1], size[1]))
        small = shrunk(image, size).quantize(COLOURS - 1, Image.Quantize.FASTOCTREE)
        canvas = Image.new("P", whole, COLOURS - 1)
        # A number without a colour would not be transparent, but black.
        palette = (small.getpalette() or [])[: 3 * COLOURS]
        canvas.putpalette(palette + [0] * (3 * COLOURS - len(palette)))
        canvas.paste(small, ((whole[0] - size[0]) // 2, (whole[1] - size[1]) // 2))
        file = io.BytesIO()
        canvas.save(file, "PNG", transparency=COLOURS - 1)
        data = base64.b64encode(file.getvalue())
        left, top = (box.columns - columns) // 2, (box.rows - lines) // 2
        return Painted((), columns, left, top, len(data), data, lines)


class KittyImages:
    """The pictures that a terminal keeps, each under its number; ours begin after ``start``.

    One that has a number of its own is shown wherever characters name that, once it is sent.
    """

    def __init__(self, start: int, cell: tuple[int, int] | None = None, kept: int = KEPT) -> None:
        self._last = start
        self._cell = cell or GUESS
        self._limit = kept
        self._sent: OrderedDict[bytes, tuple[int, int]] = OrderedDict()
        self._size = 0

    def is_sent(self, painted: Painted) -> bool:
        """Tell whether the terminal has a picture already."""
        return painted.data in self._sent

    def send(self, painted: Painted) -> Iterator[str]:
        """Yield what sends a picture, unless the terminal has it."""
        if painted.data in self._sent:
            return
        self._last += 1
        number = painted.number or self._last
        size = _BYTES_A_PIXEL * painted.columns * painted.lines * self._cell[0] * self._cell[1]
        self._sent[painted.data] = number, size
        self._size += size
        text = painted.data.decode("ascii")
        how = f"a=T,U=1,c={painted.columns},r={painted.lines}" if painted.number else "a=t"
        for at in range(0, len(text), _CHUNK):
            first = f"{how},f=100,i={number},q=2," if not at else ""
            more = int(at + _CHUNK < len(text))
            yield f"\x1b_G{first}m={more};{text[at : at + _CHUNK]}\x1b\\"

    def place(self, painted: Painted, place: int) -> str:
        """Return what shows a picture that was sent, at the cursor, as placement ``place``."""
        self._sent.move_to_end(painted.data)
        number = self._sent[painted.data][0]
        return f"\x1b_Ga=p,i={number},p={place},c={painted.columns},r={painted.lines},C=1,q=2\x1b\\"

    def remove(self, painted: Painted, place: int) -> str:
        """Return what removes a placement; the terminal keeps the picture."""
        return f"\x1b_Ga=d,d=i,i={self._sent[painted.data][0]},p={place},q=2\x1b\\"

    def evict(self, shown: Iterable[bytes]) -> Iterator[str]:
        """Yield what frees the oldest pictures beyond the limit, but for those that are shown."""
        shown = set(shown)
        for data in [sent for sent in self._sent if sent not in shown]:
            if self._size <= self._limit:
                return
            number, size = self._sent.pop(data)
            self._size -= size
            yield _free(number)

    def clear(self) -> Iterator[str]:
        """Yield what removes all pictures."""
        for number, _ in self._sent.values():
            yield _free(number)
        self._sent.clear()
        self._size = 0


def _free(number: int) -> str:
    return f"\x1b_Ga=d,d=I,i={number},q=2\x1b\\"
