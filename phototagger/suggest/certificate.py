"""How far down a threshold may go and still keep what was promised: Learn then Test.

A promise speaks of the labels that a threshold would approve on photos nobody looked at. A sample
of photos is drawn at random and a person says which of their labels are true. Thresholds are then
tested one after the other, from the highest on, until one fails; the last that passed is certified
(fixed-sequence testing: Angelopoulos, Bates, Candès, Jordan and Lei 2021, "Learn then Test",
section 4). Where the sequence begins, and which label of a photo counts, depends on no answer.

- **By photo**: of each photo of the sample one accepted label is drawn, so that looks are
  independent draws without replacement, and an exact test applies to them (``exact``).
- **Over labels**: photos count with the probability k / k_max, where k is how many of their labels
  are accepted; of one that counts, one label is drawn. So any accepted label is equally likely.

What is tested is what is left: the photos that nobody looked at, less those that were decided since
the draw, all of whose wrong labels are counted against the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .arrays import Bools, Doubles, Floats, Ints
from .exact import chance_of_few, chance_of_few_drawn, looks_needed, most_wrong

FIRST_SHARE = 0.8
"""What the first test spends of the risk; each later one spends half of what is left."""

_STEP = 1.1  # accepted labels from one threshold to the next
_LEAST_ACCEPTED = 10  # labels that the highest threshold accepts
_SPARE = 1  # wrong answers that the sample could bear where the sequence begins


@dataclass(frozen=True)
class Promise:
    """What is to be proved: a precision, with which confidence, by photo or over all labels."""

    precision: float
    confidence: float = 0.9
    over_labels: bool = False

    def level(self, tests: int) -> float:
        """Return the risk that the next test may spend, after ``tests`` others."""
        risk = 1 - self.confidence
        return risk * FIRST_SHARE if not tests else risk * (1 - FIRST_SHARE) / 2**tests


class Candidates(NamedTuple):
    """Every label that a threshold could approve: n pairs of a photo and a label, in any order.

    ``photos`` int [n] are numbers from 0, ``scores`` float32 [n]. ``looked_at`` and ``decided``,
    bool by photo, are the sample, and what was decided by a person since it was drawn.
    """

    photos: Ints
    scores: Floats
    looked_at: Bools
    decided: Bools


class Looks(NamedTuple):
    """What a person said of the candidates of the sample, m pairs.

    ``photos`` int [m], ``scores`` float32 [m], ``right`` bool [m], and numbers in 0..1 drawn
    without regard to them: ``draws`` [m] choose the label of a photo, ``keeps`` (by photo) whether
    it counts for a promise over labels.
    """

    photos: Ints
    scores: Floats
    right: Bools
    draws: Doubles
    keeps: Doubles


@dataclass(frozen=True)
class Trial:
    """A threshold with what the sample says of it.

    ``looks`` labels were looked at, ``wrong`` of them were wrong; ``photos`` and ``labels`` would
    be approved. ``chance`` is how likely such a sample is where the promise does not hold.
    """

    threshold: float
    looks: int
    wrong: int
    photos: int
    labels: int
    chance: float


@dataclass(frozen=True)
class Outcome:
    """The thresholds that were tested, in order, and at which level; the last may have failed."""

    trials: Sequence[Trial]
    level: float

    @property
    def certified(self) -> Trial | None:
        """The lowest threshold that holds the promise; None where none does."""
        passed = [step for step in self.trials if step.chance <= self.level]
        return passed[-1] if passed else None


def certify(candidates: Candidates, answers: Looks, promise: Promise, tests: int = 0) -> Outcome:
    """Test thresholds from the highest at which the sample has enough, until one fails.

    ``tests`` is how many tests this sample has been through. Enough is what would be enough with
    one wrong answer, counted without any: about 1.7 times what no wrong answer needs.
    """
    level = promise.level(tests)
    trials: list[Trial] = []
    for threshold in thresholds(candidates.scores):
        counted = _Counted.at(float(threshold), candidates, answers, promise)
        if not trials and counted.chance(_SPARE, float(_SPARE)) > level:
            continue
        trials.append(counted.trial())
        if trials[-1].chance > level:
            break
    return Outcome(trials, level)


def looks_to_begin(promise: Promise, photos: int | None = None, borne: int = _SPARE) -> int | None:
    """Return how many looks out of so many photos begin a sequence; None where all are too few.

    They bear ``borne`` wrong answers. Without ``photos`` there are more than could matter.
    """
    precision, level = promise.precision, promise.level(0)
    least = looks_needed(precision, 1 - level, borne)
    if photos is None:
        return least
    for looks in range(least, photos):
        bad = most_wrong(precision, photos - looks) + 1
        if chance_of_few_drawn(borne, looks, photos - looks, bad) <= level:
            return looks
    return None


def thresholds(scores: Floats) -> Floats:
    """Return the thresholds that are tested, the highest first, from the scores of the candidates.

    Each accepts a tenth more labels than the one before; the last accepts all.
    """
    best = np.sort(scores)[::-1]
    if not len(best):
        return best
    turns = max(0, int(np.log(len(best) / _LEAST_ACCEPTED) / np.log(_STEP))) + 1
    accepted = np.minimum(_LEAST_ACCEPTED * _STEP ** np.arange(turns), len(best)).astype(np.intp)
    tested: Floats = np.unique(best[np.append(accepted, len(best)) - 1])[::-1]
    return tested


@dataclass(frozen=True)
class _Counted:
    """What there is at a threshold: of all, of the sample, and of what would be approved."""

    threshold: float
    promise: Promise
    all: int  # photos, or labels where the promise is over labels
    left: int  # of these, what nobody looked at
    approved: int  # of these, what would be approved
    photos: int
    labels: int
    looks: int
    wrong: int
    known: float  # wrong ones among all that was looked at

    @classmethod
    def at(
        cls, threshold: float, candidates: Candidates, answers: Looks, promise: Promise
    ) -> _Counted:
        over = candidates.scores >= threshold
        of_photo = np.bincount(candidates.photos[over], minlength=len(candidates.looked_at))
        unseen = ~candidates.looked_at
        free = unseen & ~candidates.decided
        units = of_photo if promise.over_labels else (of_photo > 0).astype(np.intp)
        looks, wrong, known = _looked(threshold, int(of_photo.max(initial=1)), answers, promise)
        return cls(
            threshold,
            promise,
            all=int(units.sum()),
            left=int(units[unseen].sum()),
            approved=int(units[free].sum()),
            photos=int((of_photo[free] > 0).sum()),
            labels=int(of_photo[free].sum()),
            looks=looks,
            wrong=wrong,
            known=known,
        )

    def chance(self, wrong: int, known: float) -> float:
        """Return how likely at most ``wrong`` wrong looks are where the promise does not hold.

        ``known`` are the wrong ones among all that was looked at.
        """
        if not (self.looks and self.approved):
            return 1.0
        precision = self.promise.precision
        bears = (1 - precision) * self.approved  # wrong ones among what nobody looked at
        if self.promise.over_labels:
            rate = min(1 - precision, (bears + known) / self.all)
            return chance_of_few(wrong, self.looks, rate)
        drawn = chance_of_few_drawn(
            wrong, self.looks, self.left, most_wrong(precision, self.approved) + 1
        )
        return max(drawn, chance_of_few(wrong, self.looks, bears / self.left))

    def trial(self) -> Trial:
        """Return the step with the answers that were given."""
        chance = self.chance(self.wrong, self.known)
        return Trial(self.threshold, self.looks, self.wrong, self.photos, self.labels, chance)


def _looked(
    threshold: float, most: int, answers: Looks, promise: Promise
) -> tuple[int, int, float]:
    """Return how many looks count at a threshold, how many of them are wrong, and of all labels."""
    over = np.flatnonzero(answers.scores >= threshold)
    # The accepted label of each photo with the smallest draw: it comes first of its photo.
    order = over[np.lexsort((answers.draws[over], answers.photos[over]))]
    photos, first, counts = np.unique(answers.photos[order], return_index=True, return_counts=True)
    chosen = order[first]
    if promise.over_labels:
        chosen = chosen[answers.keeps[photos] < counts / most]
    wrong = ~answers.right
    return len(chosen), int(wrong[chosen].sum()), float(wrong[over].sum())
