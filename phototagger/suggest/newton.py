"""Newton's step for many labels at once, in the dual form of ``logistic``.

Where a label's shares alpha move by d, its logits move by K d and its residuals fall by about
``W K d``, with W = p (1 - p) where the label is known. So shares and residuals meet at
``(I + W K) d = residual - alpha``. That matrix is symmetric in the inner product ``x · K y``, in
which conjugate gradients (Hestenes & Stiefel 1952) solve it with one product with K a turn.
Stopped early, d still leads downhill.

Where photos are alike, K makes nothing of what is said of one and against the other, and what is
left of such products is rounding: their quotients are kept to what they can be.

Arrays are labels x photos.
"""

import numpy as np

from .arrays import Bools, Floats
from .logistic import residuals

TURNS = 4  # of conjugate gradients; a label that needs more has its turn again
_MOST_TRIES = 12
_LEVEL = 0.25  # a slope that counts as level, as a share of the first one
_UNSEEN = 1e-2  # a variance that counts as none
_MOST_TURNED = 100  # of the way before, what a turn may keep at most
_LEAST = np.float32(np.finfo(np.float32).tiny)


def distance(wanted: Floats, alpha: Floats) -> Floats:
    """Return how far each label's shares are from its residuals, [m].

    The largest single residual, or what they ask for together: many small ones move the offset.
    """
    error = wanted - alpha
    together = np.abs(error.sum(axis=1)) / (1 + _curvature(wanted).sum(axis=1))
    largest: Floats = np.maximum(np.maximum(error.max(axis=1), -error.min(axis=1)), together)
    return largest


def advance(
    covariance: Floats, logits: Floats, alpha: Floats, wanted: Floats, decided: tuple[Bools, Bools]
) -> tuple[Floats, Floats]:
    """Return how alpha and K alpha should change, float32 [m, n]; ``wanted`` are the residuals."""
    error = wanted - alpha
    step, pulled = _direction(covariance, _curvature(wanted), error)
    part = _part(logits, alpha, (step, pulled), _dot(pulled, error), decided)[:, None]
    step *= part
    pulled *= part
    return step, pulled


def _part(
    logits: Floats,
    alpha: Floats,
    moves: tuple[Floats, Floats],
    falls: Floats,
    decided: tuple[Bools, Bools],
) -> Floats:
    """Return how much of its step each label takes, [m]: less where all of it leads uphill again.

    Far from the goal a step can be many times too long, so the place where the slope is level is
    bracketed, by false position and by halves in turn.
    """
    ends = np.zeros((2, len(falls)), np.float32)
    ends[1] = 1
    slopes = np.stack([-falls, np.zeros_like(falls)])
    part: Floats = ends[1].copy()
    rows = np.arange(len(falls))
    for turn in range(_MOST_TRIES):
        there, now = logits[rows], alpha[rows]
        share = part[rows, None]
        there += share * moves[1][rows]
        now += share * moves[0][rows]
        now -= residuals(there, decided[0][rows], decided[1][rows])
        slope = _dot(moves[1][rows], now)
        side = (slope > 0).astype(np.intp)
        steep = np.abs(slope) > _LEVEL * falls[rows]
        if turn == 0:
            steep &= slope > 0
        ends[side, rows], slopes[side, rows] = part[rows], slope
        rows = rows[steep]
        if not len(rows):
            break
        (low, high), (down, up) = ends[:, rows], slopes[:, rows]
        crossing = _share(-down, up - down) if turn % 2 == 0 else 0.5
        part[rows] = low + crossing * (high - low)
    return part


def _curvature(wanted: Floats) -> Floats:
    """Return W: a residual is 1 - p or -p, and 0 where the label is not known."""
    size = np.abs(wanted)
    size -= np.square(wanted)
    return size


def _direction(covariance: Floats, curvature: Floats, error: Floats) -> tuple[Floats, Floats]:
    """Return d and K d after some turns of conjugate gradients from zero."""
    residual = error.copy()
    reach = residual @ covariance
    along, pulls = residual.copy(), reach.copy()
    step, pulled = np.zeros_like(residual), np.zeros_like(residual)
    size = _dot(residual, reach)
    for _ in range(TURNS):
        image = curvature * pulls
        image += along
        # At most 1, as K and W are not negative; 1 where K makes nothing of what is left.
        length = np.where(size > 0, _share(size, _dot(pulls, image)), 1)[:, None]
        step += length * along
        pulled += length * pulls
        residual -= length * image
        reach = residual @ covariance
        before, size = size, _dot(residual, reach)
        turned = (_MOST_TURNED * _share(size, _MOST_TURNED * before))[:, None]
        along *= turned
        along += residual
        pulls *= turned
        pulls += reach
    # The turns do not see what K makes nothing of, which is its own share.
    unseen = (size <= _UNSEEN * _dot(residual, residual))[:, None]
    step += unseen * residual
    pulled += unseen * reach
    return step, pulled


def _share(part: Floats, whole: Floats) -> Floats:
    """Return part / whole, [m], within 0 and 1: 0 where the part is none, 1 where it is larger."""
    positive: Floats = np.maximum(part, np.float32(0))
    least: Floats = np.maximum(np.maximum(whole, positive), _LEAST)
    return positive / least


def _dot(left: Floats, right: Floats) -> Floats:
    """Return the inner product of each row with its partner, [m]."""
    products: Floats = np.einsum("ij,ij->i", left, right)
    return products
