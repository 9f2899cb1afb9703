"""Why a photo has the score it has: what is known of the label, and which decisions pull most."""

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np

from .arrays import Floats, Ints
from .decisions import Decisions
from .logistic import WEIGHT_VARIANCE

ENOUGH_APPROVALS = 10
"""From which on a label counts as learned."""

OWN_APPROVALS = 3
"""From which on learning alone may suggest a label, whatever its cosine."""


@dataclass(frozen=True)
class LabelState:
    """How much a label has been taught: approvals, rejections, and whether that is enough."""

    positives: int
    negatives: int

    @property
    def learned(self) -> bool:
        """False means "not yet learned": fewer than 10 approvals."""
        return self.positives >= ENOUGH_APPROVALS


@dataclass(frozen=True)
class Influence:
    """One decided photo: its cosine with the photo asked about, and how far it moves the logit."""

    key: Hashable
    similarity: float
    weight: float


@dataclass(frozen=True)
class Explanation:
    """One photo and one label: plain cosine, score in 0..1, and the decisions behind it.

    ``approved`` are the photos approved for this label that raise the logit most, ``rejected``
    the ones that lower it most; strongest first.
    """

    cosine: float
    score: float
    state: LabelState
    approved: tuple[Influence, ...]
    rejected: tuple[Influence, ...]


def influences(
    image: Floats, decisions: Decisions, alpha: Floats, most: int
) -> tuple[tuple[Influence, ...], tuple[Influence, ...]]:
    """Split a photo's logit into its decisions (representer theorem; Yeh et al. 2018).

    Counted from the mean decided photo, so that the nearest photos come first and not the most
    surprising ones. ``image`` [1, D]; ``alpha`` [n] the residual of each decision. Returns the
    approved photos that raise the logit and the rejected ones that lower it.
    """
    similarity = decisions.images @ image[0]
    if not len(similarity):
        return (), ()
    nearer = similarity - decisions.images @ decisions.images.mean(axis=0)
    weight = WEIGHT_VARIANCE * nearer * alpha

    def strongest(rows: Ints) -> tuple[Influence, ...]:
        best = rows[np.argsort(-np.abs(weight[rows]), kind="stable")[:most]]
        return tuple(
            Influence(decisions.keys[row], float(similarity[row]), float(weight[row]))
            for row in best.tolist()
        )

    raising = np.flatnonzero((nearer > 0) & (alpha > 0))
    lowering = np.flatnonzero((nearer > 0) & (alpha < 0))
    return strongest(raising), strongest(lowering)
