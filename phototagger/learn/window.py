"""The latest decisions, kept ready so that one more costs milliseconds.

Holds the dual form of ``logistic`` for the newest photos: alpha and K alpha for each label, and
the shared inverse H, which grows by a bordered row for each photo and shrinks by one for undo.
What older photos taught is a fixed head (``past``) until the next rebuild. Each decision spends a
bounded amount of arithmetic, on the labels whose alpha is furthest from their residuals.

Arrays are labels x photos, so that one label's row is contiguous.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .arrays import with_room
from .logistic import CURVATURE, inverse, kernel, residuals

if TYPE_CHECKING:
    from .arrays import Bools, Doubles, Floats, Ints
    from .prior import Line

_MULTIPLICATIONS = 2.0e8  # a decision
_PASSES = 300  # what else is done to each element, in multiplications
_MOST_ROUNDS = 100
_SETTLED = 1e-4  # largest residual not yet taken in that is not worth a round
_FIELDS = (
    "_scores",
    "_past",
    "_pull",
    "_alpha",
    "_moved",
    "_pulled",
    "_approved",
    "_known",
)


class Window:
    """The dual solver over the newest photos."""

    def __init__(self, labels: int) -> None:
        self._size = 0
        self._inverse: Doubles = np.zeros((0, 0))
        self._scores = np.zeros((labels, 0), np.float32)  # photo · centred label
        self._past = np.zeros((labels, 0), np.float32)  # what the fixed head adds
        self._pull = np.zeros((labels, 0), np.float32)  # K alpha
        self._alpha = np.zeros((labels, 0), np.float32)
        self._moved = np.zeros((labels, 0), np.float32)  # the last change of alpha
        self._pulled = np.zeros((labels, 0), np.float32)  # the last change of K alpha
        self._weight = np.zeros(labels, np.float32)  # how much of it to add to the next change
        self._pace = np.ones(labels, np.float32)
        self._approved = np.zeros((labels, 0), np.bool_)
        self._known = np.zeros((labels, 0), np.bool_)

    def __len__(self) -> int:
        return self._size

    @property
    def alpha(self) -> Floats:
        """The photos' shares in the heads, float32 [M, n]."""
        return self._alpha[:, : self._size]

    def start(
        self, images: Floats, scores: Floats, past: Floats, alpha: Floats, decided: list[Bools]
    ) -> None:
        """Begin again with these photos; arrays [M, n], ``decided`` is approved and known."""
        self._size = len(images)
        self._inverse = inverse(images)
        self._scores, self._past, self._alpha = scores, past, alpha
        self._approved, self._known = decided
        self._pull = alpha @ kernel(images, images)
        self._moved, self._pulled = np.zeros_like(alpha), np.zeros_like(alpha)

    def append(
        self, images: Floats, new: Floats, scores: Floats, past: Floats, decided: list[Bools]
    ) -> None:
        """Take in ``new`` photos [k, D] after ``images`` [n, D]; arrays [M, k]."""
        before, after = self._size, self._size + len(new)
        covariance = kernel(new, images)
        own = kernel(new, new).astype(np.float64)
        own[np.diag_indices(len(new))] += CURVATURE
        self._inverse = _bordered(self._inverse[:before, :before], covariance.T, own)
        added = {
            "_scores": scores,
            "_past": past,
            "_pull": self.alpha @ covariance.T,
            "_alpha": 0,
            "_moved": 0,
            "_pulled": self._moved[:, :before] @ covariance.T,
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
        self._pulled[:, :size] -= self._moved[:, column, None] * covariance
        edge = self._inverse[:, column] / np.sqrt(self._inverse[column, column])
        rest = np.delete(np.arange(size), column)
        self._inverse = (self._inverse - np.outer(edge, edge))[np.ix_(rest, rest)]
        for name in _FIELDS:
            field = getattr(self, name)
            field[:, column : size - 1] = field[:, column + 1 : size].copy()
        self._size = size - 1

    def shift_past(self, change: Floats) -> None:
        """Add to what the fixed head says about the photos, [M, n]."""
        self._past[:, : self._size] += change

    def settle(self, line: Line, effort: float = 1.0) -> None:
        """Move alpha towards its residuals, with the arithmetic of ``effort`` decisions.

        The step of ``logistic`` with Nesterov's momentum, kept from one decision to the next and
        dropped where it leads uphill (O'Donoghue & Candès 2015).
        """
        size = self._size
        if not size:
            return
        step = self._inverse.astype(np.float32)
        left = effort * _MULTIPLICATIONS / (size * (size + _PASSES))
        chosen = np.arange(len(self._scores))
        for _ in range(_MOST_ROUNDS):
            rows = slice(None) if len(chosen) == len(self._scores) else chosen
            fields = [getattr(self, name)[rows, :size] for name in _FIELDS]
            scores, past, pull, alpha, moved, pulled, approved, known = fields
            weight = self._weight[rows, None]
            ahead, towards = alpha + weight * moved, pull + weight * pulled
            logits = np.float32(line.scale) * scores
            logits += line.offsets[rows, None]
            logits += past
            logits += towards
            wanted = residuals(logits, approved, known)
            away = np.abs(wanted - ahead).max(axis=1)
            best = np.flatnonzero(away > _SETTLED)
            if len(best) > left:
                best = best[np.argpartition(-away[best], int(left))[: max(1, int(left))]]
            if not len(best):
                break
            if len(best) < len(chosen):
                chosen = chosen[best]
                wanted, towards, ahead = wanted[best], towards[best], ahead[best]
                alpha, pull = alpha[best], pull[best]
            towards += np.float32(CURVATURE) * wanted
            new = towards @ step
            towards -= np.float32(CURVATURE) * new
            self._move(chosen, ahead, (alpha, new), (pull, towards))
            left -= len(chosen)
            if left < 1:
                break

    def _move(
        self, chosen: Ints, ahead: Floats, alpha: tuple[Floats, Floats], pull: tuple[Floats, Floats]
    ) -> None:
        """Put new values in place, and say how much of the move to add to the next one."""
        moved, pulled = alpha[1] - alpha[0], pull[1] - pull[0]
        pace = self._pace[chosen]
        grown = (1 + np.sqrt(1 + 4 * pace**2)) / 2
        weight = (pace - 1) / grown
        uphill = np.einsum("ij,ij->i", ahead - alpha[1], pulled) > 0
        weight[uphill], grown[uphill] = 0, 1
        self._weight[chosen], self._pace[chosen] = weight, grown
        rows = slice(None) if len(chosen) == len(self._scores) else chosen
        self._alpha[rows, : self._size], self._moved[rows, : self._size] = alpha[1], moved
        self._pull[rows, : self._size], self._pulled[rows, : self._size] = pull[1], pulled


def _bordered(inverse: Doubles, cross: Floats, own: Doubles) -> Doubles:
    """Return the inverse of [[A, cross], [crossᵀ, own]], given A⁻¹ (block inversion)."""
    size = len(inverse)
    reach = inverse @ cross.astype(np.float64)
    corner = np.linalg.inv(own - cross.T @ reach)
    side = reach @ corner
    grown = np.empty((size + len(own),) * 2)
    np.matmul(side, reach.T, out=grown[:size, :size])
    grown[:size, :size] += inverse
    grown[:size, size:] = -side
    grown[size:, :size] = -side.T
    grown[size:, size:] = corner
    return grown
