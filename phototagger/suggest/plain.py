"""Suggestions before any decision: the cosine against the threshold, on a scale of 0 to 1."""

import numpy as np

from phototagger.core.checklist import STEEPNESS

from .arrays import Floats

_HALF = np.float32(0.5)

BELOW_HALF = np.nextafter(_HALF, np.float32(0))
"""The highest score that does not suggest."""


def plain_scores(cosines: Floats, threshold: np.float32) -> Floats:
    """Map cosines to 0..1, rising with the cosine, at least 0.5 exactly where it is >= threshold.

    Cosine and threshold are compared as float32, as ``score`` compares them; a cosine one step
    below the threshold stays below 0.5.
    """
    logits = STEEPNESS * (cosines.astype(np.float64) - float(threshold))
    scores: Floats = (0.5 + 0.5 * np.tanh(0.5 * logits)).astype(np.float32)
    return np.where(cosines >= threshold, np.maximum(scores, _HALF), np.minimum(scores, BELOW_HALF))
