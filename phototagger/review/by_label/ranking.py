"""The photos of which one label is open, the likeliest first, while decisions move their scores.

Scores of all are read block by block, between keys. After each decision only the likeliest few
thousand are scored again, which takes milliseconds in a library of any size; the others follow when
all are read anew.
"""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from phototagger.engine.decisions.learned import SUGGESTED
from phototagger.model.vectors import Float32
from phototagger.review.suggester import Suggester
from phototagger.store.vectors.keys import Keys

NEAR = 4096
"""How many of the likeliest photos are scored again after each decision."""

Places = NDArray[np.intp]


class Ranking:
    """Photos with vectors, by ``keys`` uint8 [N, 20], and which of them are still ``open``."""

    def __init__(self, suggester: Suggester, label: str, keys: Keys) -> None:
        self._suggester = suggester
        self._label = label
        self.keys = keys
        self.open: NDArray[np.bool_] = np.ones(len(keys), np.bool_)
        self.scores: Float32 = np.zeros(len(keys), np.float32)
        self._near: Places = np.arange(min(NEAR, len(keys)))

    @property
    def is_small(self) -> bool:
        """Whether all photos are scored again after each decision."""
        return len(self.keys) <= NEAR

    @property
    def expected(self) -> float:
        """How many of the open photos have the label, by their scores.

        Before a photo was decided as a whole they are no chances: who is over the line counts.
        """
        scores = self.scores[self.open]
        if self._suggester.heads.is_plain:
            scores = scores[scores >= SUGGESTED]
        return float(scores.sum())

    def read(self) -> Iterator[None]:
        """Score all photos anew, some at each step; who stops half-way changes nothing."""
        scores = np.zeros(len(self.keys), np.float32)
        for start in range(0, len(scores), NEAR):
            block = slice(start, start + NEAR)
            scores[block] = self._suggester.chances(self.keys[block], self._label)
            yield
        self.scores = scores
        rows = np.flatnonzero(self.open)
        if len(rows) > NEAR:
            rows = rows[np.argpartition(-scores[rows], NEAR)[:NEAR]]
        self._near = np.sort(rows)

    def follow(self) -> None:
        """Score the likeliest photos again, after a decision."""
        near = self._near
        if len(near):
            self.scores[near] = self._suggester.chances(self.keys[near], self._label)

    def best(self, count: int, without: Iterable[int] = ()) -> list[int]:
        """Return the rows of the likeliest open photos, in their order; some may be passed over."""
        rows = self._near[self.open[self._near]]
        rows = rows[~np.isin(rows, list(without))]
        best: list[int] = rows[np.argsort(-self.scores[rows], kind="stable")[:count]].tolist()
        return best

    def unseen(self) -> Places:
        """Return the rows of all open photos."""
        return np.flatnonzero(self.open)
