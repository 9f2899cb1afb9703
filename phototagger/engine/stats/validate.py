"""How good suggestions are on photos that were decided: precision and recall of each label.

Plain suggestions need no training. The heads are judged by cross-validation (Stone 1974): the
decided photos are dealt into five folds, each judged by heads that learned from the other four.
Only labels that were decided count, so a label that was never shown is not missed by anybody; and
photos of one burst may stand in different folds, which flatters the heads.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phototagger.core.score import BLOCK, Cosines, over
from phototagger.engine.decisions.decided import Bools, Decided
from phototagger.engine.decisions.learned import SUGGESTED, heads_of
from phototagger.model.vectors import Float32, normalised
from phototagger.store.vectors.by_content import Vectors

FOLDS = 5
"""How often it is learned to judge what is learned; fewer decided photos are not judged at all."""


class Quality(NamedTuple):
    """Precision and recall, in 0..1; None where nothing was suggested, or nothing was right."""

    precision: float | None
    recall: float | None


class Judged(NamedTuple):
    """Decided labels that were suggested rightly, wrongly, and missed: int64 [M] each."""

    right: NDArray[np.int64]
    wrong: NDArray[np.int64]
    missed: NDArray[np.int64]

    def of(self, label: int) -> Quality:
        """Return the quality of one label's suggestions."""
        return _quality(*(int(column[label]) for column in self))

    def of_all(self) -> Quality:
        """Return the quality over all labels together."""
        return _quality(*(int(column.sum()) for column in self))


def judge_plain(told: Decided, images: Vectors, label_vectors: Float32, threshold: float) -> Judged:
    """Return what plain suggestions are worth on these decided photos."""
    plain, cosines_of = _nothing(told.known.shape[1]), Cosines(label_vectors)
    block = np.arange(len(told.keys)) // BLOCK
    for number in range(-(-len(told.keys) // BLOCK)):
        part = told.of(block == number)
        plain = _add(plain, over(cosines_of(images.get(part.keys)), threshold), part)
    return plain


def cross_validate(
    told: Decided, images: Vectors, label_vectors: Float32, threshold: float, judge: Bools
) -> Iterator[Judged]:
    """Yield what learned suggestions are worth after each fold; the last one counts.

    ``judge`` bool [n] tells which of the decided photos are judged; all of them teach. Each fold
    learns anew, which takes minutes where thousands of photos are decided.
    """
    count, labels = told.known.shape
    # The photos are in the order of their contents, which is as good as dealt by chance.
    fold = np.arange(count) % FOLDS
    learned = _nothing(labels)
    for number in range(FOLDS):
        heads = heads_of(told.of(fold != number), images, label_vectors, threshold)
        test = told.of((fold == number) & judge)
        if len(test.keys):
            scores = heads.predict(normalised(images.get(test.keys)), threshold)
            learned = _add(learned, scores >= SUGGESTED, test)
        yield learned


def _nothing(labels: int) -> Judged:
    return Judged(*(np.zeros(labels, np.int64) for _ in Judged._fields))


def _add(before: Judged, suggested: Bools, test: Decided) -> Judged:
    wrong = suggested & test.known & ~test.approved
    counts = suggested & test.approved, wrong, test.approved & ~suggested
    return Judged(*(old + new.sum(axis=0) for old, new in zip(before, counts, strict=True)))


def _quality(right: int, wrong: int, missed: int) -> Quality:
    return Quality(
        right / (right + wrong) if right + wrong else None,
        right / (right + missed) if right + missed else None,
    )
