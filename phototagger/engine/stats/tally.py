"""One pass over a library's vectors: what is suggested, and the scores of photos and decisions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from phototagger.core.score import BLOCK, Cosines, over
from phototagger.engine.decisions.decided import Bools, Decided
from phototagger.engine.events import Event, StepProgress, StepStarted
from phototagger.engine.stats.histogram import Histogram, histogram
from phototagger.model.vectors import Float32
from phototagger.store.vectors.keys import KeyIndex

if TYPE_CHECKING:
    from phototagger.engine.library.library import Library
    from phototagger.engine.library.photos import Photos

_CELLS = 8_000_000  # cosines in memory at once, photos by labels


@dataclass
class Tally:
    """Photos by label, int64 [M], and scores: the best of each photo, those of decided labels."""

    suggested: NDArray[np.int64]
    undecided: NDArray[np.int64]
    best: Float32
    approved: Float32
    rejected: Float32

    def histograms(self, threshold: float) -> list[Histogram]:
        """Return the scores of photos, and of decided labels, by bins."""
        decided = {"approved": self.approved, "rejected": self.rejected}
        return [
            histogram("best score of each photo", threshold, photos=self.best),
            histogram("scores of decided labels", threshold, **decided),
        ]


def tally(
    library: Library, photos: Photos, table: Decided, hear: Callable[[Event], None]
) -> Tally | None:
    """Count over all photos that have vectors, in blocks; None where labels have no vectors.

    ``table`` has a column for each of the library's labels, and others after them.
    """
    images, label_vectors = library.images, library.label_vectors()
    if images is None or label_vectors is None:
        return None
    count = len(label_vectors)
    keys = photos.keys[photos.usable()]
    keys = keys[images.has(keys)]
    index, cosines_of = KeyIndex(table.keys), Cosines(label_vectors)
    suggested, undecided = np.zeros(count, np.int64), np.zeros(count, np.int64)
    none = np.zeros(0, np.float32)
    best, approved, rejected = [none], [none], [none]
    rows = max(1, min(BLOCK, _CELLS // count))
    hear(StepStarted("score", len(keys)))
    for start in range(0, len(keys), rows):
        block = keys[start : start + rows]
        cosines = cosines_of(images.get(block))
        reached = over(cosines, library.settings.threshold)
        places = index.find(block)
        known, yes = (_rows(matrix, places)[:, :count] for matrix in (table.known, table.approved))
        suggested += reached.sum(axis=0)
        undecided += (reached & ~known).sum(axis=0)
        best.append(cosines.max(axis=1))
        approved.append(cosines[yes])
        rejected.append(cosines[known & ~yes])
        hear(StepProgress("score", start + len(block), len(keys)))
    return Tally(suggested, undecided, *map(np.concatenate, (best, approved, rejected)))


def _rows(matrix: Bools, places: NDArray[np.int64]) -> Bools:
    """Return the rows at some places, and rows of False where a place is negative."""
    rows = np.zeros((len(places), matrix.shape[1]), np.bool_)
    is_there = places >= 0
    rows[is_there] = matrix[places[is_there]]
    return rows
