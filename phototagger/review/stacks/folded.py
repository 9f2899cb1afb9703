"""A view in which each stack is one cell, but for the one that is open."""

import numpy as np
from numpy.typing import NDArray

from phototagger.review.stacks.finding import Stacks


class Folded:
    """The photos of a view, members of a stack one after the other where its first one stands.

    ``photos`` int32 [n] are all of them, ``view`` int32 [c] the one of each cell: of a stack, the
    member of the view nearest to the mean of the stack.
    """

    def __init__(self, view: NDArray[np.int32], stacks: Stacks, is_open: int | None) -> None:
        numbers = stacks.numbers[view]
        if (numbers >= 0).any():  # else a million photos need no sorting
            alone = int(stacks.numbers.max(initial=-1)) + 1 + np.arange(len(view))
            _, first, which = np.unique(
                np.where(numbers < 0, alone, numbers), return_index=True, return_inverse=True
            )
            view = view[np.lexsort((np.arange(len(view)), first[which]))]
            numbers = stacks.numbers[view]
        self.photos = view
        same = np.zeros(len(view), np.bool_)
        same[1:] = (numbers[1:] == numbers[:-1]) & (numbers[1:] >= 0)
        if is_open is not None:
            same &= numbers != is_open
        self._starts = np.flatnonzero(~same)
        self._ends = np.append(self._starts[1:], len(view))
        self._cell_of = np.full(len(stacks.numbers), -1, np.int64)
        cells = np.repeat(np.arange(len(self._starts)), self._ends - self._starts)
        self._cell_of[self.photos] = cells
        # Of each cell the most central photo, the first of several that are.
        if same.any():
            view = view[np.lexsort((-stacks.central[view], cells))][self._starts]
        self.view = view

    def index_of(self, position: int) -> int | None:
        """Return the index of the cell in which a photo stands; None where it is not shown."""
        cell = int(self._cell_of[position])
        return None if cell < 0 else cell

    def members(self, index: int) -> list[int]:
        """Return the photos of a cell."""
        members: list[int] = self.photos[self._starts[index] : self._ends[index]].tolist()
        return members

    def least(self, values: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return the least value of each cell, of values by position."""
        if not len(self._starts):
            return values[:0]
        return np.minimum.reduceat(values[self.photos], self._starts)
