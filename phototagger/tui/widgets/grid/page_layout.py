"""Where the cells of a page stand: as many as fit and are recognised, at most those of a page."""

from typing import NamedTuple

from phototagger.tui.graphics.blocks import Box
from phototagger.tui.widgets.grid.cells import MARGIN, NARROWEST

CAPTION = 1
"""Lines below a picture."""

_LINE_WIDE = 38  # columns of a cell that has no picture: key, box, number, name
_SHAPE = 3 / 8  # rows to a column of a picture that is 4 to 3


class PageLayout(NamedTuple):
    """``cells`` in rows of ``columns``, each so wide and high, with its caption."""

    columns: int
    cells: int
    width: int
    height: int

    @property
    def box(self) -> Box:
        """The cells of a picture; without rows where pictures are not drawn."""
        return Box(self.width - 2 * MARGIN, self.height - CAPTION)

    def corner(self, place: int) -> tuple[int, int]:
        """Return where the cell at a place begins, x and y."""
        row, column = divmod(place, self.columns)
        return column * self.width, row * self.height

    def place_at(self, x: int, y: int) -> int | None:
        """Return the place of the cell there, None beside all cells."""
        column, place = x // self.width, y // self.height * self.columns + x // self.width
        return place if column < self.columns and place < self.cells else None


def lay_out_page(width: int, height: int, most: int, narrowest: int | None) -> PageLayout:
    """Return the layout with the most cells, and of several the one with the largest.

    In fewer than ``narrowest`` columns a picture cannot be recognised; None: there are none.
    """
    if narrowest is None:
        columns = max(1, width // _LINE_WIDE)
        count = max(1, min(most, columns * height))
        return PageLayout(columns, count, max(1, width // columns), CAPTION)
    layouts = []
    for columns in range(1, max(1, width // max(narrowest, NARROWEST)) + 1):
        wide = max(2 * MARGIN + 1, width // columns)
        rows = max(1, int(height / ((wide - 2 * MARGIN) * _SHAPE + CAPTION)))
        count = min(most, columns * rows)
        high = max(CAPTION + 1, height // -(-count // columns))
        layouts.append(PageLayout(columns, count, wide, high))
    return max(layouts, key=lambda layout: (layout.cells, layout.width * layout.height))
