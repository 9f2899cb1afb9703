"""Vectors → suggestions: the cosine similarity of photos and labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypedDict

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Float32 = NDArray[np.float32]

BLOCK = 4096
"""How many photos are scored at once; bounds the memory to BLOCK by labels floats."""


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


def normalised(vectors: Float32) -> Float32:
    """Return rows of length 1; a row of zeros stays zeros."""
    vectors = np.asarray(vectors, dtype=np.float32)
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return (vectors / np.where(lengths == 0, 1, lengths)).astype(np.float32, copy=False)


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
    # TODO(discovery): nearest-label expansion adds label vectors here (phototagger.discover)
    cosines = Cosines(label_vectors)
    for start in range(0, len(image_vectors), BLOCK):
        block = cosines(image_vectors[start : start + BLOCK])
        yield from _rank_block(block, threshold, min(topk, len(label_vectors)))


class Cosines:
    """Gives the cosines of photos with labels [M, D]: float32 [n, M] of vectors [n, D].

    The caller bounds n, and with it the memory. No vector needs to be normalised.
    """

    def __init__(self, label_vectors: Float32) -> None:
        different, self._where = _different(normalised(label_vectors))
        self._transposed = np.ascontiguousarray(different.T)

    def __call__(self, image_vectors: Float32) -> Float32:
        """Return the cosines of some photos."""
        found: Float32 = normalised(image_vectors) @ self._transposed
        return found if self._where is None else found[:, self._where]


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
    """Yield the ranked labels of a block [n, M] of cosines."""
    counts = np.count_nonzero(over(cosines, threshold), axis=1)
    best, best_scores = _top(cosines, topk)
    for row, count in enumerate(counts):
        if count <= topk:
            yield Ranked(best[row], best_scores[row])
        else:
            order = np.argsort(-cosines[row], kind="stable")[:count].astype(np.int32)
            yield Ranked(order, cosines[row, order])


def _top(cosines: Float32, topk: int) -> tuple[NDArray[np.int32], Float32]:
    """Return the positions and values of each row's topk greatest, ties by position."""
    count = cosines.shape[1]
    if topk < count:
        edge = np.partition(cosines, count - topk, axis=1)[:, count - topk, None]
        # argpartition would pick any of several labels that tie at the edge.
        tied = np.count_nonzero(cosines >= edge, axis=1) > topk
        picked = np.argpartition(cosines, count - topk, axis=1)[:, count - topk :]
        for row in np.flatnonzero(tied):
            picked[row] = np.argsort(-cosines[row], kind="stable")[:topk]
        picked.sort(axis=1)
    else:
        picked = np.broadcast_to(np.arange(count), cosines.shape)
    values = np.take_along_axis(cosines, picked, axis=1)
    order = np.argsort(-values, axis=1, kind="stable")
    best = np.take_along_axis(picked, order, axis=1).astype(np.int32)
    return best, np.take_along_axis(values, order, axis=1)


def suggestions(ranked: Ranked, labels: Sequence[str], threshold: float, topk: int) -> Suggestions:
    """Spell a photo's ranked labels out."""
    # TODO(discovery): an open-vocabulary detector hook adds its labels here (phototagger.discover)
    # TODO(discovery): an optional remote API pass (openai_vision) joins here (phototagger.discover)
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
