"""What the label's own words say about a photo, fitted to this library by a few shared numbers.

Before a label has decisions of its own, its logit is ``base rate + slope · score``, where the score
is the cosine with the mean of all label vectors taken out of the label and the mean decided photo
out of the photo, in units of its own spread. Slope and base rate are shared by all labels:

- slope: Fisher's linear discriminant on the score (Fisher 1936), the approved pairs against all
  pairs of the decided photos. The background holds labels that were not shown too, so that showing
  only the likeliest labels does not bend it;
- base rate: approvals a photo over the number of labels.

Each estimate starts with a little made-up evidence, which a few decisions outweigh. Everything is
computed from sums, so the order of decisions does not matter and a decision can be taken back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from .arrays import Bools, Doubles, Floats

_STARTING_APPROVALS = 10.0
_STARTING_SHIFT = 1.0
_LEAST_SHIFT = 0.1
_HIGHEST_RATE = 0.9


@dataclass(frozen=True)
class Line:
    """The prior logit of label m for a photo: ``scale · (photo · centred[m]) + offsets[m]``."""

    scale: float
    offsets: Floats


class TextPrior:
    """Sums over the decided photos, from which the shared line is read at any time."""

    def __init__(self, label_vectors: Floats, threshold: np.float32) -> None:
        count = max(1, len(label_vectors))
        mean = label_vectors.mean(axis=0) if len(label_vectors) else 0.0
        self._labels = label_vectors
        self._threshold = threshold
        self.centred: Floats = label_vectors - np.float32(1 - 1 / count) * mean
        self._photos = 0
        self._photo_sum: Doubles = np.zeros(label_vectors.shape[1])
        self._squares = 0.0
        self._suggested = 0
        self._approvals: Doubles = np.zeros(len(label_vectors))
        self._approved_scores = 0.0

    def count(self, images: Floats, scores: Floats, approved: Bools, sign: int = 1) -> None:
        """Add decided photos [N, D], their scores and approvals [N, M]; sign -1 takes them back."""
        self._photos += sign * len(images)
        self._photo_sum += sign * images.sum(axis=0, dtype=np.float64)
        self._squares += sign * float(np.square(scores, dtype=np.float64).sum())
        plain = images @ self._labels.T >= self._threshold
        self._suggested += sign * int(plain.sum())
        self._approvals += sign * approved.sum(axis=0)
        self._approved_scores += sign * float(scores[approved].sum(dtype=np.float64))

    def line(self) -> Line:
        """Return the shared line for what was counted so far (at least one photo)."""
        labels, width = self.centred.shape
        if labels == 0:
            return Line(0.0, np.zeros(0, np.float32))
        mean = self._photo_sum / self._photos
        middle = self.centred @ (mean * (self._photos / (self._photos + 1)))
        within = self._squares - self._photos * float(np.square(self.centred @ mean).sum())
        isotropic = float(np.square(self.centred, dtype=np.float64).sum()) / width
        spread = np.sqrt(max(0.0, within + isotropic) / ((self._photos + 1) * labels))
        if spread <= np.finfo(np.float32).eps:
            slope = scale = 0.0
        else:
            approvals = float(self._approvals.sum())
            shift = (self._approved_scores - float(self._approvals @ middle)) / spread
            shift += _STARTING_APPROVALS * _STARTING_SHIFT
            slope = max(_LEAST_SHIFT, shift / (approvals + _STARTING_APPROVALS))
            scale = slope / spread
        base = self._base_logit() - slope**2 / 2
        return Line(float(scale), (base - scale * middle).astype(np.float32))

    def _base_logit(self) -> float:
        labels = len(self._labels)
        plain = max(0.5, self._suggested / self._photos)
        approvals = float(self._approvals.sum())
        rate = min(_HIGHEST_RATE, (approvals + plain) / ((self._photos + 1) * labels))
        return float(np.log(rate / (1 - rate)))
