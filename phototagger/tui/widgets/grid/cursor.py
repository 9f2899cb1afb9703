"""Where the cursor is in the grid, and what range is selected: pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Cursor:
    """An index into the view, and the index a selection began at, or None."""

    index: int = 0
    anchor: int | None = None

    def at(self, index: int, count: int) -> Cursor:
        """Return the cursor at an index, kept within a view of so many photos."""
        last = max(0, count - 1)
        anchor = None if self.anchor is None else min(self.anchor, last)
        return Cursor(min(max(0, index), last), anchor)

    def moved(self, dx: int, dy: int, columns: int, count: int) -> Cursor:
        """Return the cursor so many columns and rows further.

        Left and right go on in the next row; down from above a short last row ends in it.
        """
        index = min(max(0, self.index + dx), max(0, count - 1))
        row = min(max(0, index // columns + dy), max(0, count - 1) // columns)
        return self.at(index + (row - index // columns) * columns, count)

    def begun(self) -> Cursor:
        """Return the cursor with a selection that begins here."""
        return replace(self, anchor=self.index)

    def ended(self) -> Cursor:
        """Return the cursor without a selection."""
        return replace(self, anchor=None)

    @property
    def selection(self) -> range:
        """The indices that are selected."""
        if self.anchor is None:
            return range(0)
        return range(min(self.index, self.anchor), max(self.index, self.anchor) + 1)

    def looks(self, index: int) -> tuple[bool, bool]:
        """Tell whether an index has the cursor, and whether it is selected."""
        return index == self.index, index in self.selection

    def changed(self, new: Cursor, visible: range) -> list[int]:
        """Return the visible indices whose looks differ between this cursor and a new one."""
        return [index for index in visible if self.looks(index) != new.looks(index)]


def index_of(view: NDArray[np.int32], position: int | None) -> int | None:
    """Return where a photo stands in the view, or None."""
    indices = np.flatnonzero(view == position) if position is not None else np.zeros(0, np.intp)
    return int(indices[0]) if indices.size else None


def place_of(view: NDArray[np.int32], position: int | None, index: int) -> int:
    """Return where a photo stands in the view, or would stand where folders follow each other.

    In another order a photo that is not in the view leaves the cursor at its index.
    """
    place = index_of(view, position)
    if place is None and position is not None and bool((view[1:] > view[:-1]).all()):
        return int(np.searchsorted(view, position))
    return index if place is None else place
