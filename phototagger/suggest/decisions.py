"""The raw decisions, kept as they were made: heads can always be computed again from them."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import NamedTuple

import numpy as np

from .arrays import Bools, Floats, Ints, with_room


class Told(NamedTuple):
    """Decisions on photos with different keys: images [n, D], others bool [n, M], whole [n]."""

    keys: list[Hashable]
    images: Floats
    approved: Bools
    known: Bools
    whole: Bools

    def once(self) -> Told:
        """Return each photo once, with all that is known of it; where told twice, the last wins."""
        first: dict[Hashable, int] = {}
        for row, key in enumerate(self.keys):
            first_row = first.setdefault(key, row)
            if first_row != row:
                self.approved[first_row] &= ~self.known[row]
                for array in (self.approved, self.known, self.whole):
                    array[first_row] |= array[row]
        return self if len(first) == len(self.keys) else self.of(np.array(list(first.values())))

    def of(self, rows: Ints) -> Told:
        """Return the decisions on some of the photos."""
        return Told(
            [self.keys[row] for row in rows.tolist()],
            self.images[rows],
            self.approved[rows],
            self.known[rows],
            self.whole[rows],
        )


class Decisions:
    """Decided photos in the order they were told: vector [D], approvals and known labels [M].

    ``whole`` are the photos that were decided as a whole and not for some labels alone;
    ``approvals`` [M] counts those of each label.
    """

    def __init__(self, width: int, labels: int) -> None:
        self._labels = labels
        self._images = np.zeros((0, width), np.float32)
        self._approved = np.zeros((0, labels), np.bool_)
        self._known = np.zeros((0, labels), np.bool_)
        self._whole = np.zeros(0, np.bool_)
        self.keys: list[Hashable] = []
        self.approvals: Ints = np.zeros(labels, np.intp)

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def places(self) -> dict[Hashable, int]:
        """The rows by key."""
        return {key: row for row, key in enumerate(self.keys)}

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

    @property
    def whole(self) -> Bools:
        """Which photos were decided as a whole, bool [n]."""
        return self._whole[: len(self)]

    def append(self, told: Told) -> None:
        """Keep some more decided photos."""
        before, after = len(self), len(self) + len(told.keys)
        self._images = with_room(self._images, after)
        self._approved = with_room(self._approved, after)
        self._known = with_room(self._known, after)
        self._whole = with_room(self._whole, after)
        self._images[before:after] = told.images
        self._approved[before:after] = told.approved
        self._known[before:after] = told.known
        self._whole[before:after] = told.whole
        self.keys.extend(told.keys)
        self.approvals += told.approved.sum(axis=0)

    def merged(self, told: Told) -> Told:
        """Return what is known of these photos with what is held of them; the newest wins."""
        place = {key: row for row, key in enumerate(told.keys)}
        rows = self.rows_of(set(place))
        if not rows:
            return told
        at = [place[self.keys[row]] for row in rows]
        approved, known, whole = told.approved.copy(), told.known.copy(), told.whole.copy()
        approved[at] |= self._approved[rows] & ~known[at]
        known[at] |= self._known[rows]
        whole[at] |= self._whole[rows]
        return Told(told.keys, told.images, approved, known, whole)

    def rows_of(self, keys: set[Hashable]) -> list[int]:
        """Return the rows that hold these keys; keys that are not held are left out."""
        return [row for row, key in enumerate(self.keys) if key in keys]

    def remove(self, rows: Sequence[int]) -> None:
        """Drop some rows; later ones move up."""
        self.approvals -= self._approved[rows].sum(axis=0)
        remaining = np.delete(np.arange(len(self)), rows)
        for array in (self._images, self._approved, self._known, self._whole):
            array[: len(remaining)] = array[remaining]
        self.keys = [self.keys[row] for row in remaining]

    def add_labels(self, count: int) -> None:
        """Make room for labels that nobody has decided yet."""
        self._labels += count
        self._approved = np.pad(self._approved, ((0, 0), (0, count)))
        self._known = np.pad(self._known, ((0, 0), (0, count)))
        self.approvals = np.pad(self.approvals, (0, count))
