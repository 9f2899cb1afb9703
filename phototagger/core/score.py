"""Vectors → suggestions: the cosine similarity of photos and the labels of the vocabulary.

Labels from beyond it (nearest-label expansion, an open-vocabulary detector, a remote vision pass)
are proposals of ``phototagger.discover``; they never mix with these.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypedDict

import numpy as np
from numpy.typing import NDArray

from phototagger.model.vectors import Float32, normalised

BLOCK = 4096
"""How many photos are scored at once; bounds the memory to BLOCK by labels floats."""

_ROWS = 512  # photos ranked at once: each look at their cosines finds them in the cache
_GROUPS = 64  # of labels, of each of which the greatest is looked at first
_SORTED = 2**18  # labels sorted at once


class Suggestions(TypedDict):
    """What is suggested for one photo; cosines are in -1..1, lists are best first."""

    top1: str
    top1_score: float
    topk_labels: list[str]
    topk_scores: list[float]
    over_threshold: list[tuple[str, float]]


class Ranked(NamedTuple):
    """One photo's best labels as positions in the label list (int32) with cosines (float32).

    Best first, ties by position; as many as the top K or as are over the threshold, whichever
    are more.
    """

    labels: NDArray[np.int32]
    scores: Float32


def score(
    image_vectors: Float32,
    label_vectors: Float32,
    labels: Sequence[str],
    threshold: float = 0.25,
    topk: int = 5,
) -> list[Suggestions]:
    """Suggest labels for each photo.

    ``image_vectors`` float32 [N, D] and ``label_vectors`` float32 [M, D] need not be normalised;
    ``labels`` are the M names. Ties are broken by label order. Raises ValueError where the
    shapes do not fit.
    """
    if len(labels) != len(label_vectors):
        raise ValueError(f"{len(labels)} labels, but {len(label_vectors)} label vectors")
    return [
        suggestions(ranked, labels, threshold, topk)
        for ranked in rank(image_vectors, label_vectors, threshold, topk)
    ]


def rank(
    image_vectors: Float32, label_vectors: Float32, threshold: float, topk: int
) -> Iterator[Ranked]:
    """Yield each photo's best labels, computed in blocks of bounded memory."""
    if not len(label_vectors):
        raise ValueError("there is no label to score against")
    different, where = _different(normalised(label_vectors))
    transposed = np.ascontiguousarray(different.T)
    # One buffer for all blocks: fresh memory would cost as much as half the product.
    size = min(BLOCK, len(image_vectors))
    buffer = np.empty((size, different.shape[0]), np.float32)
    for start in range(0, len(image_vectors), BLOCK):
        vectors = image_vectors[start : start + BLOCK]
        block = np.matmul(normalised(vectors), transposed, out=buffer[: len(vectors)])
        for first in range(0, len(block), _ROWS):
            cosines = block[first : first + _ROWS]
            if where is not None:
                cosines = cosines[:, where]
            yield from _rank_block(cosines, threshold, min(topk, len(label_vectors)))


class Cosines:
    """Gives the cosines of photos with labels [M, D]: float32 [n, M] of vectors [n, D].

    The caller bounds n, and with it the memory. No vector needs to be normalised.
    """

    def __init__(self, label_vectors: Float32) -> None:
        different, self._where = _different(normalised(label_vectors))
        self._transposed = np.ascontiguousarray(different.T)

    def __call__(self, image_vectors: Float32) -> Float32:
        """Return the cosines of some photos."""
        cosines: Float32 = normalised(image_vectors) @ self._transposed
        return cosines if self._where is None else cosines[:, self._where]


def over(cosines: Float32, threshold: float) -> NDArray[np.bool_]:
    """Tell which cosines are over the threshold, which means at least the threshold."""
    # float64, so that a threshold means the same here as in Python's own comparison
    reached: NDArray[np.bool_] = cosines >= np.float64(threshold)
    return reached


def _different(rows: Float32) -> tuple[Float32, NDArray[np.int64] | None]:
    """Return each different row once, and where each row is among them; None: all differ.

    Equal labels have to tie, but a matrix product rounds a column by the place where it stands.
    """
    seen: dict[bytes, int] = {}
    where = np.array([seen.setdefault(row.tobytes(), len(seen)) for row in rows])
    if len(seen) == len(rows):
        return rows, None
    return rows[np.unique(where, return_index=True)[1]], where


def _rank_block(cosines: Float32, threshold: float, topk: int) -> Iterator[Ranked]:
    """Yield the ranked labels of a block [n, M] of cosines.

    Only labels that can be among the best are sorted: those that reach a bound which the topk
    best of the row surely reach, or the threshold.
    """
    least = _float32_from(threshold)
    bounds = np.minimum(_bounds(cosines, topk), least)
    counts = np.count_nonzero(cosines >= bounds, axis=1)
    first = 0
    for last in _cuts(counts):
        part = cosines[first:last]
        yield from _sorted_rows(part, bounds[first:last], counts[first:last], least, topk)
        first = last


def _sorted_rows(
    cosines: Float32,
    bounds: Float32,
    counts: NDArray[np.int64],
    least: np.float32,
    topk: int,
) -> Iterator[Ranked]:
    cells = np.flatnonzero(cosines >= bounds)  # by row, then by position
    values = cosines.reshape(-1)[cells]
    rows = np.repeat(np.arange(len(cosines)), counts)
    order = np.lexsort((-values, rows))  # stable, so ties stay by position
    positions = (cells[order] % cosines.shape[1]).astype(np.int32)
    values = values[order]
    ends = np.cumsum(counts)
    starts = ends - counts
    over = np.bincount(rows[values >= least], minlength=len(cosines))
    ends = starts + np.maximum(over, topk)
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        yield Ranked(positions[start:end], values[start:end])


def _float32_from(threshold: float) -> np.float32:
    """Return the least float32 that is no less than the threshold, as Python would compare it."""
    near = np.float32(threshold)
    return near if float(near) >= threshold else np.nextafter(near, np.float32(np.inf))


def _bounds(cosines: Float32, topk: int) -> Float32:
    """Return for each row [n, 1] a value that at least topk of its labels reach.

    It is the topk-th of the greatest of each of many groups of labels, near the topk-th of all.
    """
    groups = max(_GROUPS, 4 * topk)
    greatest = cosines[:, :groups].copy()
    for start in range(groups, cosines.shape[1], groups):
        block = cosines[:, start : start + groups]
        into = greatest[:, : block.shape[1]]
        np.maximum(into, block, out=into)
    at = greatest.shape[1] - topk
    greatest.partition(at, axis=1)
    bounds: Float32 = greatest[:, at, None]
    return bounds


def _cuts(counts: NDArray[np.int64]) -> list[int]:
    """Return where to cut rows so that each part has a bounded number of labels to sort."""
    parts = np.cumsum(counts) // _SORTED
    return [*(np.flatnonzero(np.diff(parts)) + 1).tolist(), len(counts)]


def suggestions(ranked: Ranked, labels: Sequence[str], threshold: float, topk: int) -> Suggestions:
    """Spell a photo's ranked labels out."""
    pairs = [
        (labels[position], value)
        for position, value in zip(ranked.labels.tolist(), ranked.scores.tolist(), strict=True)
    ]
    return {
        "top1": pairs[0][0],
        "top1_score": pairs[0][1],
        "topk_labels": [label for label, _ in pairs[:topk]],
        "topk_scores": [value for _, value in pairs[:topk]],
        "over_threshold": [pair for pair in pairs if pair[1] >= threshold],
    }
