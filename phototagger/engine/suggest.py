"""Suggestions that follow a person while they decide: what a review asks, without a screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from phototagger.core.score import Cosines, normalised, over
from phototagger.engine.decided import by_persons, decided
from phototagger.engine.learned import SUGGESTED, heads_of, teaching
from phototagger.store.decisions import Edit, Who, decide, decisions, redo, undo
from phototagger.store.keys import as_bytes, as_keys
from phototagger.store.photos import paths_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from phototagger.core.score import Float32
    from phototagger.engine.job import Job
    from phototagger.learn import Influence, LabelHeads, LabelState


@dataclass(frozen=True)
class Suggestion:
    """One label for one photo: its plain cosine, and its learned score in 0..1.

    ``decided`` is what holds for it: approved (True), rejected (False) or nothing (None).
    ``suggested`` labels are to be checked; ``by_decisions`` marks those whose cosine alone is not
    enough. ``learned`` says whether enough approvals taught the label.
    """

    label: str
    cosine: float
    score: float
    decided: bool | None
    suggested: bool
    by_decisions: bool
    learned: bool


@dataclass(frozen=True)
class Because:
    """A decided photo behind a score: its paths, what was decided, how alike it is.

    ``weight`` is its part of the score's logit: above 0 it speaks for the label.
    """

    paths: tuple[str, ...]
    approved: bool
    similarity: float
    weight: float


@dataclass(frozen=True)
class Why:
    """Why a photo has its score for a label; ``decisions`` are the most influential, first."""

    label: str
    cosine: float
    score: float
    state: LabelState
    decisions: tuple[Because, ...]


class Suggester:
    """Suggests labels for the photos of a job, and learns from each decision at once.

    The catalogue is the truth: a decision is on disk before anything is learned from it, and after
    each one, undone or not, the heads are told again what now holds for its photos. Use it from one
    thread.
    """

    def __init__(self, job: Job) -> None:
        self._job = job
        self._labels = list(job.labels)
        self._label_vectors = job.model.labels(self._labels)
        self._cosines = Cosines(self._label_vectors)
        self._heads = self._built()

    @property
    def heads(self) -> LabelHeads:
        """What was learned so far."""
        return self._heads

    @property
    def labels(self) -> list[str]:
        """The labels that can be suggested, in their order."""
        return list(self._labels)

    def suggestions(self, sha1: bytes) -> list[Suggestion]:
        """Return all labels for a photo that has a vector, the likeliest first.

        What a person rejected for this photo comes last and is not suggested, so the next best
        moves up; what was approved is suggested. Ties are in the order of the labels.
        """
        vector = self._vector(sha1)
        cosines = self._cosines(vector)[0]
        scores = self._heads.predict(normalised(vector))[0]
        reached = over(cosines, self._job.settings.threshold)
        likely = scores >= SUGGESTED if len(self._heads) else reached
        held = {one.label: one.approved for one in decisions(self._job.catalogue, [sha1])}
        states = self._heads.states
        rejected = np.array([held.get(label) is False for label in self._labels])
        # Before any decision the order is that of the cosines, which scores can only round.
        order = np.lexsort((-(scores if len(self._heads) else cosines), rejected))
        found = []
        for number in order.tolist():
            now = held.get(self._labels[number])
            suggested = bool(likely[number]) if now is None else now
            found.append(
                Suggestion(
                    self._labels[number],
                    float(cosines[number]),
                    float(scores[number]),
                    now,
                    suggested,
                    suggested and not bool(reached[number]),
                    states[number].learned,
                )
            )
        return found

    def decide(self, edits: Iterable[Edit], who: Who = Who.PERSON) -> None:
        """Record edits as one act, and learn from them where a person made them.

        An edit without a score gets the label's cosine, where photo and label have vectors.
        """
        edits = self._with_scores(list(edits))
        job = self._job
        decide(job.catalogue, edits, root=job.root, who=who, model=job.model.known.model)
        self._learn(edit.sha1 for edit in edits)

    def undo(self) -> list[bytes] | None:
        """Take back the last act, and un-learn it; return its photos, None where none is left."""
        return self._stepped(undo(self._job.catalogue, root=self._job.root))

    def redo(self) -> list[bytes] | None:
        """Do the last undone act again, and learn from it; return its photos."""
        return self._stepped(redo(self._job.catalogue, root=self._job.root))

    def why(self, sha1: bytes, label: str, most: int = 3) -> Why:
        """Say why a photo scores as it does: at most ``most`` decisions for, as many against."""
        vector = normalised(self._vector(sha1))[0]
        found = self._heads.explain(vector, self._labels.index(label), most)
        behind = [(one, True) for one in found.approved] + [(one, False) for one in found.rejected]
        behind.sort(key=lambda pair: -abs(pair[0].weight))
        because = tuple(self._because(one, approved=approved) for one, approved in behind)
        return Why(label, found.cosine, found.score, found.state, because)

    def add_labels(self, labels: Sequence[str]) -> None:
        """Take in new labels; the model makes their vectors, stored decisions on them teach."""
        new = [label for label in dict.fromkeys(labels) if label not in set(self._labels)]
        if not new:
            return
        vectors = self._job.model.labels(new)
        self._labels += new
        self._label_vectors = np.concatenate([self._label_vectors, vectors])
        self._cosines = Cosines(self._label_vectors)
        self._heads.add_labels(normalised(vectors))
        catalogue = self._job.catalogue
        self._learn(one.sha1 for one in decisions(catalogue) if one.label in new)

    def rebuild(self) -> None:
        """Learn anew from everything that is stored, to convergence, for when nobody waits."""
        self._heads = self._built()

    def _built(self) -> LabelHeads:
        images = self._job.model.images
        told = teaching(self._job.catalogue, images, self._labels)
        return heads_of(told, images, self._label_vectors, self._job.settings.threshold)

    def _learn(self, photos: Iterable[bytes]) -> None:
        """Tell the heads what now holds for photos; one without a vector teaches nothing."""
        asked = self._with_vectors(photos)
        told = decided(by_persons(decisions(self._job.catalogue, asked)), self._labels)
        keys = as_bytes(told.keys)
        gone = sorted(set(asked) - set(keys))
        if gone:
            self._heads.forget(gone)
        if keys:
            vectors = normalised(self._job.model.images.get(told.keys))
            self._heads.observe(vectors, told.approved, told.known, keys=keys)

    def _stepped(self, photos: list[bytes] | None) -> list[bytes] | None:
        if photos:
            self._learn(photos)
        return photos

    def _vector(self, sha1: bytes) -> Float32:
        return self._job.model.images.get(as_keys([sha1]))

    def _with_scores(self, edits: list[Edit]) -> list[Edit]:
        place = {label: number for number, label in enumerate(self._labels)}
        cosines: dict[bytes, Float32] = {}
        for sha1 in self._with_vectors(edit.sha1 for edit in edits if edit.score is None):
            cosines[sha1] = self._cosines(self._vector(sha1))[0]
        return [
            edit._replace(score=float(cosines[edit.sha1][place[edit.label]]))
            if edit.score is None and edit.sha1 in cosines and edit.label in place
            else edit
            for edit in edits
        ]

    def _with_vectors(self, photos: Iterable[bytes]) -> list[bytes]:
        asked = list(dict.fromkeys(photos))
        here = self._job.model.images.has(as_keys(asked))
        return [key for key, has in zip(asked, here.tolist(), strict=True) if has]

    def _because(self, one: Influence, *, approved: bool) -> Because:
        assert isinstance(one.key, bytes)
        paths = tuple(paths_of(self._job.catalogue, one.key))
        return Because(paths, approved, one.similarity, one.weight)
