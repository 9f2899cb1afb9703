"""LabelHeads: what is suggested for a photo, and how decisions change it."""

from collections.abc import Callable, Hashable, Sequence
from itertools import count
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from phototagger.core.checklist import DIGITS

from .arrays import Bools, Floats, sigmoid
from .decisions import Told
from .explain import ENOUGH_APPROVALS, OWN_APPROVALS, Explanation, LabelState, influences
from .learner import PHOTOS_AT_ONCE, Learner
from .logistic import go_on, residuals
from .plain import BELOW_HALF, plain_scores

_FEW = 64  # photos for which making one vector a label costs more than it saves


class LabelHeads:
    """Scores of photos for labels, learned from a person's decisions.

    ``label_vectors`` [M, D] and all image vectors [N, D] are float32 rows of length 1. Before the
    first decision a score is at least 0.5 exactly where the cosine reaches ``threshold``; after it,
    scores are probabilities of a logistic head for each label (``prior`` and ``logistic`` say how),
    and a label below the threshold is suggested only after 3 approvals of its own.

    A decision costs about the same however many were made: the newest ``window`` decisions are
    solved together, older ones keep what they taught until ``rebuild`` solves all of them at once.
    Memory is 4 D + 2 M bytes a decision. Not thread-safe: build with ``from_decisions`` on another
    thread, then swap.
    """

    def __init__(
        self, label_vectors: ArrayLike, threshold: float = 0.25, *, window: int = 800
    ) -> None:
        self._labels = _rows(label_vectors, "label_vectors")
        self._threshold = np.float32(threshold)
        self._numbers = count()
        self._learner = Learner(self._labels, self._threshold, window)

    @classmethod
    def from_decisions(
        cls,
        label_vectors: ArrayLike,
        image_vectors: ArrayLike,
        approved: ArrayLike,
        known: ArrayLike | None = None,
        *,
        threshold: float = 0.25,
        keys: Sequence[Hashable] | None = None,
        whole: ArrayLike | None = None,
        check: Callable[[], None] = go_on,
    ) -> Self:
        """Return converged heads for stored decisions; their order does not matter.

        ``check`` is called again and again meanwhile; what it raises ends the work.
        """
        heads = cls(label_vectors, threshold)
        decisions = heads._checked(image_vectors, approved, known, keys, whole)
        heads._learner.decisions.append(decisions)
        heads._learner.rebuild(check)
        return heads

    def __len__(self) -> int:
        """Return how many decided photos are behind the scores."""
        return len(self._learner.decisions)

    def predict(self, image_vectors: ArrayLike, threshold: float | None = None) -> Floats:
        """Return scores in 0..1, float32 [N, M], for image vectors [N, D]; suggested: >= 0.5.

        A ``threshold`` above (below) that of the heads lowers (raises) every score as if its cosine
        were that much lower (higher); None: that of the heads.
        """
        images = self._images(image_vectors)
        line = self._threshold if threshold is None else np.float32(threshold)
        scores = np.empty((len(images), len(self._labels)), np.float32)
        for start in range(0, len(images), PHOTOS_AT_ONCE):
            block = slice(start, start + PHOTOS_AT_ONCE)
            if len(self):
                logits = self._learner.suggested(images[block], few=len(images) <= _FEW)
                logits -= np.float32(self._learner.slope) * (line - self._threshold)
                scores[block] = sigmoid(logits)
                self._hold_back(images[block], line, scores[block])
            else:
                scores[block] = plain_scores(images[block] @ self._labels.T, line)
        return scores

    def predict_label(self, image_vectors: ArrayLike, label: int) -> Floats:
        """Return the scores in 0..1, float32 [N], for the label with this index alone.

        They are to ask by, not to suggest by: a label that was seldom approved is not held back.
        """
        images = self._images(image_vectors)
        if not len(self):
            return plain_scores(images @ self._labels[label], self._threshold)
        return sigmoid(self._learner.suggested_of(images, label))

    def known(self, keys: Sequence[Hashable]) -> Bools:
        """Tell which labels of photos were decided, bool [n, M]."""
        known: Bools = np.zeros((len(keys), len(self._labels)), np.bool_)
        place_of = self._learner.decisions.places
        pairs = [(row, place_of[key]) for row, key in enumerate(keys) if key in place_of]
        if pairs:
            rows, places = (list(column) for column in zip(*pairs, strict=True))
            known[rows] = self._learner.decisions.known[places]
        return known

    def observe(
        self,
        image_vectors: ArrayLike,
        approved: ArrayLike,
        known: ArrayLike | None = None,
        *,
        keys: Sequence[Hashable] | None = None,
        whole: ArrayLike | None = None,
    ) -> None:
        """Learn from decisions on photos [N, D]: ``approved`` and ``known`` are bool [N, M].

        ``known`` tells which labels were decided (None: all); the others teach nothing, and a photo
        without any known label is ignored. ``keys`` name the photos for ``forget`` and ``explain``
        (None: 0, 1, 2, ... in the order told); what was known of a key stays, and where a label is
        decided again the newest decision holds.

        ``whole``, bool [N], tells which photos were decided as a whole, not for some labels alone
        (None: those of which nine labels are known, which a checklist always shows, or all). Only
        they teach how many labels a photo has and what a cosine is worth, so decisions of one label
        leave the scores of the others as they are.
        """
        self._learner.learn(self._checked(image_vectors, approved, known, keys, whole))

    def forget(self, keys: Sequence[Hashable]) -> None:
        """Un-learn these photos' decisions; keys that taught nothing are ignored.

        Up to 32 photos cost about as much as learning them; more cost one ``rebuild``.
        """
        dropped = self._learner.drop(set(keys))
        if dropped:
            self._learner.settle(dropped)

    def rebuild(self) -> None:
        """Solve all decisions again, to convergence, for when nobody waits.

        The result depends on the set of decisions alone: not on their order, nor on undone ones.
        """
        self._learner.rebuild()

    def add_labels(self, label_vectors: ArrayLike) -> None:
        """Add labels [K, D] after the others; they start from the prior that all labels share."""
        new = _rows(label_vectors, "label_vectors", self._labels.shape[1])
        self._labels = np.concatenate([self._labels, new])
        self._learner.add_labels(new)

    @property
    def states(self) -> list[LabelState]:
        """Approvals and rejections of each label, and whether it counts as learned."""
        approved = self._learner.decisions.approvals.tolist()
        known = self._learner.decisions.known.sum(axis=0).tolist()
        return [
            LabelState(yes, decided - yes) for yes, decided in zip(approved, known, strict=True)
        ]

    @property
    def is_plain(self) -> bool:
        """Whether no photo was decided as a whole: scores tell no chances yet, only the threshold.

        What they say is on which side of it a label is, and which photo is likelier.
        """
        return not self._learner.decisions.whole.any()

    @property
    def learned(self) -> list[bool]:
        """Whether each label was approved often enough to count as learned."""
        learned: list[bool] = (self._learner.decisions.approvals >= ENOUGH_APPROVALS).tolist()
        return learned

    def explain(
        self,
        image_vector: ArrayLike,
        label: int,
        most: int = 3,
        *,
        threshold: float | None = None,
    ) -> Explanation:
        """Say why a photo [D] scores as it does for the label with this index.

        Names at most ``most`` approved and as many rejected photos. Reads all decisions once;
        ``threshold`` is that of ``predict``.
        """
        image = self._images(np.asarray(image_vector, np.float32)[None])
        decisions = self._learner.decisions
        logits = (
            self._learner.solved(decisions.images)[:, label]
            if decisions
            else np.zeros(0, np.float32)
        )
        alpha = residuals(logits, decisions.approved[:, label], decisions.known[:, label])
        approved, rejected = influences(image, decisions, alpha, most)
        return Explanation(
            cosine=float((image @ self._labels[label])[0]),
            score=float(self.predict(image, threshold)[0, label]),
            state=self.states[label],
            approved=approved,
            rejected=rejected,
        )

    def _hold_back(self, images: Floats, line: np.float32, scores: Floats) -> None:
        """Suggest no label by learning alone that was hardly ever approved; scores [N, M]."""
        rare = np.flatnonzero(self._learner.decisions.approvals < OWN_APPROVALS)
        if len(rare):
            rare_scores = scores[:, rare]
            below = images @ self._labels[rare].T < line
            scores[:, rare] = np.where(below, np.minimum(rare_scores, BELOW_HALF), rare_scores)

    def _images(self, image_vectors: ArrayLike) -> Floats:
        return _rows(image_vectors, "image_vectors", self._labels.shape[1])

    def _checked(
        self,
        image_vectors: ArrayLike,
        approved: ArrayLike,
        known: ArrayLike | None,
        keys: Sequence[Hashable] | None,
        whole: ArrayLike | None,
    ) -> Told:
        """Return the decisions on the photos that teach something, each photo once."""
        images = self._images(image_vectors)
        shape = (len(images), len(self._labels))
        yes = np.asarray(approved, np.bool_)
        decided = np.ones(shape, np.bool_) if known is None else np.asarray(known, np.bool_)
        for name, array in (("approved", yes), ("known", decided)):
            if array.shape != shape:
                raise ValueError(f"{name} has shape {array.shape}; {shape} is needed")
        names: list[Hashable] = (
            list(keys) if keys is not None else [next(self._numbers) for _ in images]
        )
        if len(names) != len(images):
            raise ValueError(f"{len(names)} keys for {len(images)} photos")
        enough: Bools = decided.sum(axis=1) >= min(DIGITS, shape[1])
        as_whole: Bools = np.asarray(enough if whole is None else whole, np.bool_)
        if as_whole.shape != shape[:1]:
            raise ValueError(f"whole has shape {as_whole.shape}; {shape[:1]} is needed")
        teaches: Bools = np.any(decided, axis=1)
        decisions = Told(names, images, yes & decided, decided, as_whole)
        return decisions.of(np.flatnonzero(teaches)).once()


def _rows(vectors: ArrayLike, name: str, width: int | None = None) -> Floats:
    """Return vectors as float32 [N, D], or raise ValueError saying what is wrong."""
    rows = np.ascontiguousarray(vectors, np.float32)
    if rows.ndim != 2 or (width is not None and rows.shape[1] != width):  # noqa: PLR2004
        raise ValueError(f"{name} has shape {rows.shape}; [N, {width or 'D'}] is needed")
    return rows
