"""The photos before and after the one that is shown large: a row of small pictures below it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style

from phototagger.tui.graphics.blocks import Box
from phototagger.tui.graphics.pictures import Pictures, Placed, files_of
from phototagger.tui.widgets.grid.cells import MARGIN, NARROWEST, cells_of, notice, picture
from phototagger.tui.widgets.text import padded

if TYPE_CHECKING:
    from phototagger.tui.widgets.page_grid import PagePhotos

_BOX = Box(NARROWEST - 2 * MARGIN, 5)
ROWS = _BOX.rows + 1
"""How many lines it takes: pictures, and the names below them."""


def around(at: int, count: int, most: int) -> slice:
    """Return which of ``count`` are the ``most`` around an index, which is in their middle."""
    first = max(0, min(at - most // 2, count - most))
    return slice(first, first + most)


class Neighbours:
    """Lays out, draws and asks for pictures; ``Preview`` shows them."""

    def __init__(self, photos: PagePhotos, pictures: Pictures) -> None:
        self._photos = photos
        self._pictures = pictures
        self._positions: Sequence[int] = ()
        self._large = -1

    @staticmethod
    def most(width: int) -> int:
        """Return how many photos stand in so many columns."""
        return max(1, width // NARROWEST)

    def put(self, positions: Sequence[int], here: int) -> bool:
        """Show some photos, of which ``here`` is the large one; tell whether that is new."""
        before = self._positions, self._large
        self._positions, self._large = positions, here
        return before != (positions, here)

    def wanted(self) -> list[tuple[str, Box]]:
        """Return the files that pictures are wanted of."""
        return [(files_of(self._photos, position).wanted, _BOX) for position in self._positions]

    def line(self, row: int, plain: Style, here: Style) -> list[Segment]:
        """Return a line of it."""
        if row == _BOX.rows:
            return [self._name(position, plain, here) for position in self._positions]
        parts: list[Segment] = []
        for file in self.wanted():
            painted = self._pictures.request(*file)
            if painted is None and self._pictures.is_missing(*file):
                parts += notice("no picture", row, _BOX, NARROWEST, plain)
            else:
                parts += picture(painted, row, NARROWEST, plain)
        return parts

    def placed(self, y: int) -> Iterator[Placed]:
        """Yield the pictures that Textual does not draw, where it begins in this line."""
        for place, file in enumerate(self.wanted()):
            painted = self._pictures.request(*file)
            if painted is not None and painted.lines:
                yield Placed(cells_of(painted, place * NARROWEST + MARGIN, y), painted)

    def _name(self, position: int, plain: Style, highlighted: Style) -> Segment:
        is_here = position == self._large
        name = f"{'▸' if is_here else ' '}{self._photos.name(position)}"
        return Segment(f"{padded(name, NARROWEST - 1)} ", highlighted if is_here else plain)
