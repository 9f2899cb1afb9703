"""What is learned at any moment: shared calibration, a fixed head, the window of decisions."""

from collections.abc import Callable, Hashable

import numpy as np

from .arrays import Bools, Floats
from .decisions import Decisions, Told
from .logistic import as_vectors, design, go_on, kernel, residuals, solve
from .prior import Text, TextPrior
from .window import Window

PHOTOS_AT_ONCE = 4096
_DECISIONS_AT_ONCE = 256
_REBUILD_AFTER = 32
_DOUBT = 0.4  # decisions on a label that weigh as much as not having asked


class Learner:
    """Logits of photos for labels, and how decisions move them; input is already checked.

    The logit of a label is the text prior, plus what the decisions in the window say (dual form),
    plus what older ones said when they left it (``past``, [M, D + 1] in units of ``design``).
    """

    def __init__(self, labels: Floats, threshold: np.float32, capacity: int) -> None:
        self._labels = labels
        self._threshold = threshold
        self._capacity = max(2, capacity)
        self.decisions = Decisions(labels.shape[1], len(labels))
        self._explicit: tuple[Floats, Floats] | None = None
        self._clear()

    @property
    def slope(self) -> float:
        """What a cosine of 1 is worth in the logit of every label."""
        return self._calibration.scale

    def learn(self, told: Told) -> None:
        """Take in decisions and move the heads; what else is known of the photos stays."""
        merged = self.decisions.merged(told)
        self.drop(set(merged.keys))
        chunk = max(1, min(_DECISIONS_AT_ONCE, self._capacity // 2))
        for start in range(0, len(merged.keys), chunk):
            self._learn(merged.of(np.arange(start, min(start + chunk, len(merged.keys)))))

    def drop(self, keys: set[Hashable]) -> int:
        """Take decisions back, one by one where they are few; return how many there were."""
        rows = self.decisions.rows_of(keys)
        if len(rows) > _REBUILD_AFTER:
            self.decisions.remove(rows)
            self.rebuild()
        else:
            for row in reversed(rows):
                self._drop_row(row)
        return len(rows)

    def settle(self, effort: int = 1) -> None:
        """Read the prior's calibration again and move the recent decisions' shares."""
        if self.decisions:
            self._calibration = self._prior.calibration()
            self._explicit = None
            self._window.settle(self._calibration, effort)

    def rebuild(self, check: Callable[[], None] = go_on) -> None:
        """Solve all decisions again, to convergence; ``check`` may raise to end it."""
        if not self.decisions:
            self._clear()
            return
        self._recount()
        decisions = self.decisions
        decided = decisions.approved, decisions.known
        heads = solve(decisions.images, decided, self._prior, self._calibration, check)
        recent = slice(max(0, len(decisions) - self._capacity // 2), None)
        images = decisions.images[recent]
        logits = self._text_logits(images) + design(images) @ heads.T
        alpha = residuals(logits, decisions.approved[recent], decisions.known[recent]).T
        self._past = heads - alpha @ design(images)
        self._restart_window(np.ascontiguousarray(alpha), self._past @ design(images).T)

    def add_labels(self, labels: Floats) -> None:
        """Add labels [K, D] without decisions; the mean of the text vectors moves with them."""
        grow = ((0, len(labels)), (0, 0))
        past = np.pad(self._past @ design(self._recent()).T, grow)
        alpha = np.pad(self._window.alpha, grow)
        self._labels = np.concatenate([self._labels, labels])
        self.decisions.add_labels(len(labels))
        if not self.decisions:
            self._clear()
            return
        self._past = np.pad(self._past, grow)
        self._recount()
        self._restart_window(alpha, past)
        self.settle()

    def solved(self, images: Floats) -> Floats:
        """Return the logits [N, M] that the decisions ask for."""
        return self._text_logits(images) + self._head_logits(images)

    def suggested(self, images: Floats, *, few: bool = False) -> Floats:
        """Return the logits [N, M] to suggest by: a label that was decided seldom is held back.

        Few decisions say little about other photos: alone, they would suggest what is like them
        everywhere. For many photos it goes through one explicit vector a label.
        """
        if few and self._explicit is None:
            return self._text_logits(images) + self._trust() * self._head_logits(images)
        vectors, offsets = self._vectors()
        logits = images @ vectors
        logits += offsets
        return logits

    def suggested_of(self, images: Floats, label: int) -> Floats:
        """Return the logits [N] to suggest one label by."""
        vectors, offsets = self._vectors_of(slice(label, label + 1))
        logits: Floats = images @ vectors[0]
        logits += offsets[0]
        return logits

    def _vectors(self) -> tuple[Floats, Floats]:
        """Return one explicit vector a label, [D, M], and offsets [M]."""
        if self._explicit is None:
            vectors, offsets = self._vectors_of(slice(None))
            self._explicit = np.ascontiguousarray(vectors.T), offsets
        return self._explicit

    def _vectors_of(self, labels: slice) -> tuple[Floats, Floats]:
        """Return explicit vectors [m, D] and offsets [m] of some labels."""
        heads = self._past[labels] + self._window.alpha[labels] @ design(self._recent())
        vectors, offsets = as_vectors(heads * self._trust(labels)[:, None])
        vectors += np.float32(self._calibration.scale) * self._prior.centred[labels]
        vectors += np.float32(self._calibration.common) * self._prior.mean
        return vectors, offsets + self._calibration.offsets[labels]

    def _learn(self, decisions: Told) -> None:
        """Take in some decisions that fit in the window."""
        if len(self._window) + len(decisions.keys) > self._capacity:
            self._summarise()
        text = self._prior.text(decisions.images)
        self._count(decisions.images, text, decisions.approved, decisions.whole)
        past = self._past @ design(decisions.images).T
        decided = [decisions.approved.T, decisions.known.T]
        self._window.append(self._recent(), decisions.images, text, past, decided)
        self.decisions.append(decisions)
        self.settle(len(decisions.keys))

    def _summarise(self) -> None:
        """Turn the older decisions of the window into a fixed head."""
        recent = self._recent()
        drop = len(recent) - self._capacity // 2
        alpha = self._window.alpha
        self._past = self._past + alpha[:, :drop] @ design(recent[:drop])
        past = self._past @ design(recent[drop:]).T
        self._restart_window(alpha[:, drop:].copy(), past)

    def _drop_row(self, row: int) -> None:
        """Take one decision back from the prior, the heads and the store."""
        decisions = self.decisions
        if len(decisions) == 1:
            decisions.remove([row])
            self._clear()
            return
        recent, image = self._recent(), decisions.images[row : row + 1].copy()
        approved, known = decisions.approved[row : row + 1], decisions.known[row : row + 1]
        covariance = kernel(image, recent)
        column = row - (len(decisions) - len(recent))
        if column >= 0:
            self._window.remove(column, covariance[0])
        else:
            alpha = residuals(self.solved(image), approved, known)
            self._past = self._past - alpha.T @ design(image)
            self._window.shift_past(-alpha.T @ covariance)
        self._count(image, self._prior.text(image), approved, decisions.whole[row : row + 1], -1)
        decisions.remove([row])
        self._calibration = self._prior.calibration()
        self._explicit = None

    def _clear(self) -> None:
        """Return to no decisions at all."""
        self._prior = TextPrior(self._labels, self._threshold)
        self._calibration = self._prior.calibration()
        self._past = np.zeros((len(self._labels), self._labels.shape[1] + 1), np.float32)
        self._window = Window(len(self._labels))
        self._explicit = None

    def _recount(self) -> None:
        """Count all decisions afresh, in blocks."""
        self._prior = TextPrior(self._labels, self._threshold)
        decisions = self.decisions
        for start in range(0, len(decisions), PHOTOS_AT_ONCE):
            block = slice(start, start + PHOTOS_AT_ONCE)
            images = decisions.images[block]
            text = self._prior.text(images)
            self._count(images, text, decisions.approved[block], decisions.whole[block])
        self._calibration = self._prior.calibration()
        self._explicit = None

    def _count(
        self, images: Floats, text: Text, approved: Bools, whole: Bools, sign: int = 1
    ) -> None:
        """Tell the prior of the photos among these that were decided as a whole."""
        if whole.any():
            self._prior.count(images[whole], text.scores[whole], approved[whole], sign)

    def _restart_window(self, alpha: Floats, past: Floats) -> None:
        """Begin the window again with the newest decisions, as many as ``alpha`` [M, n] has."""
        newest = slice(len(self.decisions) - alpha.shape[1], None)
        images = self.decisions.images[newest]
        decided = [
            np.ascontiguousarray(self.decisions.approved[newest].T),
            np.ascontiguousarray(self.decisions.known[newest].T),
        ]
        self._window = Window(len(self._labels))
        self._window.start(images, self._prior.text(images), past, alpha, decided)
        self._explicit = None

    def _recent(self) -> Floats:
        """Return the vectors of the photos in the window, [n, D]."""
        return self.decisions.images[len(self.decisions) - len(self._window) :]

    def _head_logits(self, images: Floats) -> Floats:
        """Return what decisions add to what the shared calibration says, [N, M]."""
        logits: Floats = design(images) @ self._past.T
        logits += kernel(images, self._recent()) @ self._window.alpha.T
        return logits

    def _trust(self, labels: slice = slice(None)) -> Floats:
        """Return how much of its head each of some labels uses, [m]."""
        decided = self.decisions.known[:, labels].sum(axis=0)
        trust: Floats = (decided / (decided + _DOUBT)).astype(np.float32)
        return trust

    def _text_logits(self, images: Floats) -> Floats:
        """Return what the shared calibration says, [N, M]."""
        return self._calibration.logits(self._prior.text(images))
