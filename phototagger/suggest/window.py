"""The latest decisions, kept ready so that one more costs milliseconds.

Holds the dual form of ``logistic`` for the newest photos: alpha and K alpha for each label, and
the shared K, which grows by a row for each photo and shrinks by one for undo. What older photos
taught is a fixed head (``past``) until the next rebuild. Each decision spends a bounded amount of
arithmetic, on the labels whose alpha is furthest from their residuals.

Arrays are labels x photos, so that one label's row is contiguous.
"""

import numpy as np

from .arrays import Bools, Floats, with_room
from .logistic import kernel, residuals
from .newton import TURNS, advance, distance
from .prior import Calibration, Text

_MULTIPLICATIONS = 2.0e8  # a decision
_PASSES = 300  # what else is done to each element, in multiplications
_BATCH = 0.25  # share of the labels that a decision can afford which move at once
_MOST_ROUNDS = 100
_SETTLED = 5e-4  # largest distance between shares and residuals that is not worth a step
_FIELDS = (
    "_scores",
    "_common",
    "_past",
    "_pull",
    "_alpha",
    "_approved",
    "_known",
)


class Window:
    """The dual solver over the newest photos."""

    def __init__(self, labels: int) -> None:
        self._size = 0
        self._covariance = np.zeros((0, 0), np.float32)
        self._scores = np.zeros((labels, 0), np.float32)  # photo · centred label
        self._common = np.zeros((1, 0), np.float32)  # photo · mean label
        self._past = np.zeros((labels, 0), np.float32)  # what the fixed head adds
        self._pull = np.zeros((labels, 0), np.float32)  # K alpha
        self._alpha = np.zeros((labels, 0), np.float32)
        self._approved = np.zeros((labels, 0), np.bool_)
        self._known = np.zeros((labels, 0), np.bool_)

    def __len__(self) -> int:
        return self._size

    @property
    def alpha(self) -> Floats:
        """The photos' shares in the heads, float32 [M, n]."""
        return self._alpha[:, : self._size]

    def start(
        self, images: Floats, text: Text, past: Floats, alpha: Floats, decided: list[Bools]
    ) -> None:
        """Begin again with these photos; arrays [M, n], ``decided`` is approved and known."""
        self._size = len(images)
        self._covariance = kernel(images, images)
        self._scores = np.ascontiguousarray(text.scores.T)
        self._common = text.common[None].copy()
        self._past, self._alpha = past, alpha
        self._approved, self._known = decided
        self._pull = alpha @ self._covariance

    def append(
        self, images: Floats, new: Floats, text: Text, past: Floats, decided: list[Bools]
    ) -> None:
        """Take in ``new`` photos [k, D] after ``images`` [n, D]; arrays [M, k]."""
        before, after = self._size, self._size + len(new)
        covariance = kernel(new, images)
        self._covariance = with_room(with_room(self._covariance, after), after, axis=1)
        self._covariance[before:after, :before] = covariance
        self._covariance[:before, before:after] = covariance.T
        self._covariance[before:after, before:after] = kernel(new, new)
        added = {
            "_scores": text.scores.T,
            "_common": text.common,
            "_past": past,
            "_pull": self.alpha @ covariance.T,
            "_alpha": 0,
            "_approved": decided[0],
            "_known": decided[1],
        }
        for name, value in added.items():
            field = with_room(getattr(self, name), after, axis=1)
            field[:, before:after] = value
            setattr(self, name, field)
        self._size = after

    def remove(self, column: int, covariance: Floats) -> None:
        """Forget one photo; ``covariance`` [n] is its kernel with all photos of the window."""
        size = self._size
        self._pull[:, :size] -= self._alpha[:, column, None] * covariance
        remaining = np.delete(np.arange(size), column)
        self._covariance = self._covariance[np.ix_(remaining, remaining)]
        for name in _FIELDS:
            field = getattr(self, name)
            field[:, column : size - 1] = field[:, column + 1 : size].copy()
        self._size = size - 1

    def shift_past(self, change: Floats) -> None:
        """Add to what the fixed head says about the photos, [M, n]."""
        self._past[:, : self._size] += change

    def settle(self, calibration: Calibration, effort: float = 1.0) -> None:
        """Move alpha towards its residuals, with the arithmetic of ``effort`` decisions.

        A batch of labels at a time takes Newton's step; one that stays far has its turn again.
        """
        size = self._size
        if not size:
            return
        covariance = self._covariance[:size, :size]
        fields = [getattr(self, name)[:, :size] for name in _FIELDS]
        scores, common, past, pull, alpha, approved, known = fields
        logits = np.float32(calibration.scale) * scores
        logits += np.float32(calibration.common) * common
        logits += calibration.offsets[:, None]
        logits += past
        logits += pull
        wanted = residuals(logits, approved, known)
        away = distance(wanted, alpha)
        left = int(effort * _MULTIPLICATIONS / ((TURNS + 1) * size * (size + _PASSES)))
        batch = max(1, int(left * _BATCH))
        for _ in range(_MOST_ROUNDS):
            rows = np.flatnonzero(away > _SETTLED)
            if not len(rows) or left < 1:
                break
            most = min(batch, left)
            if len(rows) > most:
                rows = rows[np.argpartition(-away[rows], most)[:most]]
            decided = approved[rows], known[rows]
            step, pulled = advance(covariance, logits[rows], alpha[rows], wanted[rows], decided)
            alpha[rows] += step
            pull[rows] += pulled
            logits[rows] += pulled
            wanted[rows] = residuals(logits[rows], *decided)
            away[rows] = distance(wanted[rows], alpha[rows])
            left -= len(rows)
