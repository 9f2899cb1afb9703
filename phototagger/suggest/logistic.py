"""Logistic heads drawn to the text prior: one for each label, solved together.

The head of a label adds ``offset + weights · photo`` to the prior logit, with Gaussian priors of
mean zero on both (variances below). The posterior mode of the logits is ``prior + K alpha``, where
K is the covariance of the decided photos (``kernel``) and each photo's share alpha equals its
residual, ``known · (approved - sigmoid(logit))``.

Heads are solved here from nothing, to convergence; ``newton`` moves those that are nearly right.
"""

from collections.abc import Callable

import numpy as np

from .arrays import Bools, Floats, sigmoid
from .prior import Calibration, TextPrior

OFFSET_VARIANCE = 12.0
WEIGHT_VARIANCE = 8.0
CURVATURE = 4.0  # one over the largest curvature of the logistic loss
_TOLERANCE = 3e-7
_MOST_STEPS = 1000
_LABELS_AT_ONCE = 256


def kernel(images: Floats, others: Floats) -> Floats:
    """Return the prior covariance of two sets of photos' logits, float32 [N, n]."""
    covariance: Floats = images @ others.T
    covariance *= np.float32(WEIGHT_VARIANCE)
    covariance += np.float32(OFFSET_VARIANCE)
    return covariance


def residuals(logits: Floats, approved: Bools, known: Bools) -> Floats:
    """Return what each decision still asks for: approved - sigmoid(logit), zero where not known."""
    error: Floats = approved - sigmoid(logits)
    error *= known
    return error


def design(images: Floats) -> Floats:
    """Return Z [n, D + 1] with Z Zᵀ = K: weights first, the offset last."""
    weights = images * np.float32(np.sqrt(WEIGHT_VARIANCE))
    offset = np.full((len(images), 1), np.sqrt(OFFSET_VARIANCE), np.float32)
    return np.concatenate([weights, offset], axis=1)


def go_on() -> None:
    """Stop nothing."""


def solve(
    images: Floats,
    decided: tuple[Bools, Bools],
    prior: TextPrior,
    calibration: Calibration,
    check: Callable[[], None] = go_on,
) -> Floats:
    """Return the converged heads for all decisions, float32 [M, D + 1], in units of ``design``.

    ``decided``: which labels were approved, and which are known. ``check`` is called before each
    step; what it raises ends the work.

    The logistic loss curves by at most 1/4 (Böhning & Lindsay 1988), so the step
    ``heads += (residual Z - heads) (I + ZᵀZ / 4)⁻¹`` never overshoots, whatever is known of a
    label; with Nesterov's momentum and O'Donoghue & Candès' restarts (2015).
    """
    rows = design(images)
    curvature = np.eye(rows.shape[1]) + rows.T.astype(np.float64) @ rows / CURVATURE
    step = np.linalg.inv(curvature).astype(np.float32)
    approved, known = decided
    labels = approved.shape[1]
    heads = np.zeros((labels, rows.shape[1]), np.float32)
    common = np.float32(calibration.common) * (images @ prior.mean)
    for start in range(0, labels, _LABELS_AT_ONCE):
        block = slice(start, start + _LABELS_AT_ONCE)
        logits = np.float32(calibration.scale) * (prior.centred[block] @ images.T)
        logits += common
        logits += calibration.offsets[block, None]
        of_block = approved[:, block].T, known[:, block].T
        heads[block] = _descend(rows, step, logits, of_block, check)
    return heads


def _descend(
    rows: Floats,
    step: Floats,
    prior: Floats,
    decided: tuple[Bools, Bools],
    check: Callable[[], None],
) -> Floats:
    """Iterate some labels' heads until no logit moves; labels that stand still drop out."""
    approved, known = decided
    heads = np.zeros((len(prior), rows.shape[1]), np.float32)
    active = np.flatnonzero(known.any(axis=1))
    ahead, momentum = heads[active], np.ones(len(active), np.float32)
    prior, approved, known = prior[active], approved[active], known[active]
    for _ in range(_MOST_STEPS):
        if not len(active):
            break
        check()
        error = residuals(prior + ahead @ rows.T, approved, known)
        new = ahead + (error @ rows - ahead) @ step
        moved = new - heads[active]
        grew = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        weight = (momentum - 1) / grew
        uphill = ((ahead - new) * moved).sum(axis=1) > 0
        weight[uphill], grew[uphill] = 0, 1
        heads[active] = new
        going = np.abs(new - ahead).max(axis=1) > _TOLERANCE
        ahead = (new + weight[:, None] * moved)[going]
        momentum, active = grew[going], active[going]
        prior, approved, known = prior[going], approved[going], known[going]
    return heads


def as_vectors(heads: Floats) -> tuple[Floats, Floats]:
    """Return heads [M, D + 1] in units of ``design`` as plain vectors [M, D] and offsets [M]."""
    vectors = heads[:, :-1] * np.float32(np.sqrt(WEIGHT_VARIANCE))
    return vectors, heads[:, -1] * np.float32(np.sqrt(OFFSET_VARIANCE))
