"""Scores counted by bins, of which the threshold is an edge."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from phototagger.model.vectors import Float32

_WIDTHS = (0.005, 0.01, 0.02, 0.05, 0.1)
_MOST_BINS = 21


class Histogram(NamedTuple):
    """Several sets of scores, counted by the same bins: K sets, B bins, B + 1 edges.

    A bin holds the scores from its edge up to, but without, the next one.
    """

    title: str
    names: tuple[str, ...]
    edges: list[float]
    counts: list[list[int]]
    threshold: float


def histogram(title: str, threshold: float, **sets: Float32) -> Histogram:
    """Count sets of scores, each under its name; no bin where there is no score at all.

    The bins reach from the least score to the greatest, and to the threshold.
    """
    scores = {name: values.astype(np.float64) for name, values in sets.items()}
    filled = [values for values in scores.values() if len(values)]
    if not filled:
        return Histogram(title, tuple(sets), [], [[] for _ in sets], threshold)
    low = min(threshold, *(float(values.min()) for values in filled))
    high = max(threshold, *(float(values.max()) for values in filled))
    for width in _WIDTHS:
        first = int(np.floor((low - threshold) / width))
        last = int(np.floor((high - threshold) / width)) + 1
        if last - first <= _MOST_BINS:
            break
    edges = [threshold + number * width for number in range(first, last + 1)]
    counts = [_counted(values, edges) for values in scores.values()]
    return Histogram(title, tuple(sets), [round(edge, 6) for edge in edges], counts, threshold)


def _counted(values: np.ndarray, edges: Sequence[float]) -> list[int]:
    # Not np.histogram: its last bin holds its upper edge, too.
    bins = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, len(edges) - 2)
    counted: list[int] = np.bincount(bins, minlength=len(edges) - 1).tolist()
    return counted
