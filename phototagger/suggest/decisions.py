"""The raw decisions, kept as they were made: heads can always be computed again from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .arrays import with_room

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from .arrays import Bools, Floats


class Decisions:
    """Decided photos in the order they were told: vector [D], approvals and known labels [M]."""

    def __init__(self, width: int, labels: int) -> None:
        self._labels = labels
        self._images = np.zeros((0, width), np.float32)
        self._approved = np.zeros((0, labels), np.bool_)
        self._known = np.zeros((0, labels), np.bool_)
        self.keys: list[Hashable] = []

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def images(self) -> Floats:
        """Vectors of the decided photos, float32 [n, D]."""
        return self._images[: len(self)]

    @property
    def approved(self) -> Bools:
        """Which labels were approved, bool [n, M]; never where they are not known."""
        return self._approved[: len(self)]

    @property
    def known(self) -> Bools:
        """Which labels were decided, bool [n, M]."""
        return self._known[: len(self)]

    def append(
        self, keys: Sequence[Hashable], images: Floats, approved: Bools, known: Bools
    ) -> None:
        """Keep some more decided photos."""
        before, after = len(self), len(self) + len(keys)
        self._images = with_room(self._images, after)
        self._approved = with_room(self._approved, after)
        self._known = with_room(self._known, after)
        self._images[before:after] = images
        self._approved[before:after] = approved
        self._known[before:after] = known
        self.keys.extend(keys)

    def rows_of(self, keys: set[Hashable]) -> list[int]:
        """Return the rows that hold these keys; keys that are not held are left out."""
        return [row for row, key in enumerate(self.keys) if key in keys]

    def remove(self, rows: Sequence[int]) -> None:
        """Drop some rows; later ones move up."""
        kept = np.delete(np.arange(len(self)), rows)
        for array in (self._images, self._approved, self._known):
            array[: len(kept)] = array[kept]
        self.keys = [self.keys[row] for row in kept]

    def add_labels(self, count: int) -> None:
        """Make place for labels that nobody has decided yet."""
        self._labels += count
        self._approved = np.pad(self._approved, ((0, 0), (0, count)))
        self._known = np.pad(self._known, ((0, 0), (0, count)))
