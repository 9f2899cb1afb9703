"""Sharp pictures inside tmux: sent through it to kitty, shown where characters stand for them.

tmux passes on what is wrapped for it and knows nothing of pictures; but it keeps characters where
they are, and the terminal around it shows the cells of a picture in place of its placeholders
(https://sw.kovidgoyal.net/kitty/graphics-protocol/#unicode-placeholders). textual-image writes
these: it has the table of the accents that say row and column.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Iterator

from PIL import Image
from rich.color import Color
from rich.segment import Segment
from rich.style import Style

from phototagger.tui.graphics.blocks import Box, Painted
from phototagger.tui.graphics.kitty import Kitty

_LOWEST, _COLOURS, _HIGH = 16, 240, 256
"""The low byte of a number is a colour of 256, as tmux changes others; an accent says the high."""

NUMBERS = _COLOURS * _HIGH
"""How many pictures have numbers of their own."""


@contextlib.contextmanager
def _unasked() -> Iterator[None]:
    """Keep textual-image from asking the terminal as it is imported: it was asked already."""
    stdout, sys.__stdout__ = sys.__stdout__, None  # type: ignore[misc]
    try:
        yield
    finally:
        sys.__stdout__ = stdout  # type: ignore[misc]


class Placeholders:
    """Encodes pictures as ``Kitty`` does, with the characters that stand for their cells."""

    narrowest = 16
    most = 0

    def __init__(self, cell: tuple[int, int] | None, start: int = 0) -> None:
        with _unasked():
            from textual_image.renderable import TGPImage
        self._drawn = TGPImage
        self.name = "kitty inside tmux"
        self._kitty = Kitty(cell)
        self.cell = self._kitty.cell
        self._start = start
        self._lock = threading.Lock()
        self._numbers: dict[int, int] = {}

    def pixels(self, box: Box) -> tuple[int, int]:
        """Return the width and height of a box in pixels."""
        return self._kitty.pixels(box)

    square = pixels  # a terminal's are

    def encode(self, image: Image.Image, box: Box) -> Painted:
        """Return an upright picture fitted into a box of at least one cell, keeping its shape."""
        painted = self._kitty.encode(image, box)
        number = self._number(hash(painted.data))
        rows = [[line] for line in self._characters(number, painted.columns, painted.lines)]
        return painted._replace(rows=rows, number=number)

    def fitted_to(self, cell: tuple[int, int]) -> Placeholders:
        """Return the same for another size of the cells; it gives no number a second time."""
        return Placeholders(cell, self._start + len(self._numbers))

    def _number(self, key: int) -> int:
        """Return a picture's number: the same picture has the same, while there are any."""
        with self._lock:
            if key not in self._numbers and len(self._numbers) == NUMBERS:
                self._numbers.clear()
            place = self._numbers.setdefault(key, (self._start + len(self._numbers)) % NUMBERS)
        high, low = divmod(place, _COLOURS)
        return high << 24 | low + _LOWEST

    def _characters(self, number: int, columns: int, lines: int) -> Iterator[Segment]:
        """Yield the lines of characters that stand for a picture's cells."""
        drawn = self._drawn(Image.new("RGB", (1, 1)))
        drawn.terminal_image_id = number
        style = Style(color=Color.from_ansi(number & 0xFF))
        for line in drawn._render_diacritics(columns, lines):
            yield Segment(line.text.rstrip("\n"), style)
