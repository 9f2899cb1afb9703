"""What the label's own words say about a photo, fitted to this library by a few shared numbers.

Before a label has decisions of its own, its logit is ``base rate + slope · score``, where the score
is the cosine with the mean of all label vectors taken out of the label and the mean decided photo
out of the photo, in units of its own spread. Slope and base rate are shared by all labels:

- slope: Fisher's linear discriminant on the score (Fisher 1936), the approved pairs against all
  pairs of the decided photos. The background holds labels that were not shown too, so that showing
  only the likeliest labels does not bend it;
- base rate: approvals a photo over the number of labels.

Only photos that were decided as a whole are counted: who decides one label on many photos says
nothing about the others. Each estimate starts with a little made-up evidence, which a few decisions
outweigh. Until then the plain cosine against the threshold speaks, with the weight of some photos.

Everything is computed from sums, so the order of decisions does not matter and a decision can be
taken back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .arrays import Bools, Doubles, Floats

_STARTING_APPROVALS = 10.0
_STARTING_SHIFT = 1.0
_LEAST_SHIFT = 0.1
_HIGHEST_RATE = 0.9
_PLAIN_PHOTOS = 5.0  # decided photos that weigh as much as the threshold does
_PLAIN_SLOPE = 30.0  # logits to a cosine of 1


@dataclass(frozen=True)
class Calibration:
    """The prior logit of label m for a photo.

    It is ``scale · (photo · centred[m]) + common · (photo · mean) + offsets[m]``, where ``mean`` is
    that of the label vectors.
    """

    scale: float
    common: float
    offsets: Floats

    def logits(self, text: Text) -> Floats:
        """Return the prior logits of photos, [N, M]."""
        logits = text.scores * np.float32(self.scale)
        logits += np.float32(self.common) * text.common[:, None]
        logits += self.offsets
        return logits


class Text(NamedTuple):
    """What the labels' words say of photos: ``photo · centred`` [N, M], ``photo · mean`` [N]."""

    scores: Floats
    common: Floats


class TextPrior:
    """Sums over the decided photos, from which the shared calibration is read at any time."""

    def __init__(self, label_vectors: Floats, threshold: np.float32) -> None:
        count = max(1, len(label_vectors))
        width = label_vectors.shape[1]
        self._labels = label_vectors
        self._threshold = threshold
        self._taken_out = 1 - 1 / count  # of the mean, from each label vector
        self.mean: Floats = label_vectors.sum(axis=0) / np.float32(count)
        self.centred: Floats = label_vectors - np.float32(self._taken_out) * self.mean
        self._photos = 0
        self._photo_sum: Doubles = np.zeros(width)
        self._squares = 0.0
        self._suggested = 0
        self._approvals: Doubles = np.zeros(len(label_vectors))
        self._approved_scores = 0.0

    def text(self, images: Floats) -> Text:
        """Return what the labels' words say of photos [N, D]."""
        return Text(images @ self.centred.T, images @ self.mean)

    def count(self, images: Floats, scores: Floats, approved: Bools, sign: int = 1) -> None:
        """Add photos [N, D] decided as a whole, their scores and approvals [N, M].

        With sign -1 they are taken back.
        """
        self._photos += sign * len(images)
        self._photo_sum += sign * images.sum(axis=0, dtype=np.float64)
        self._squares += sign * float(np.square(scores, dtype=np.float64).sum())
        plain = images @ self._labels.T >= self._threshold
        self._suggested += sign * int(plain.sum())
        self._approvals += sign * approved.sum(axis=0)
        self._approved_scores += sign * float(scores[approved].sum(dtype=np.float64))

    def calibration(self) -> Calibration:
        """Return what fits the photos counted so far; without photos, the plain threshold."""
        plain_offsets = np.full(len(self._labels), -_PLAIN_SLOPE * self._threshold, np.float32)
        if self._photos == 0 or not len(self._labels):
            return Calibration(_PLAIN_SLOPE, _PLAIN_SLOPE * self._taken_out, plain_offsets)
        fitted = np.float32(self._photos / (self._photos + _PLAIN_PHOTOS))
        scale, offsets = self._fitted()
        plain = float(1 - fitted) * _PLAIN_SLOPE
        return Calibration(
            float(fitted) * scale + plain,
            plain * self._taken_out,
            fitted * offsets + (1 - fitted) * plain_offsets,
        )

    def _fitted(self) -> tuple[float, Floats]:
        """Return slope and offsets [M] that fit the photos that were counted."""
        labels, width = self.centred.shape
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
        return float(scale), (base - scale * middle).astype(np.float32)

    def _base_logit(self) -> float:
        labels = len(self._labels)
        plain = max(0.5, self._suggested / self._photos)
        approvals = float(self._approvals.sum())
        rate = min(_HIGHEST_RATE, (approvals + plain) / ((self._photos + 1) * labels))
        return float(np.log(rate / (1 - rate)))
