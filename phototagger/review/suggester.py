"""Suggestions that follow a person while they decide: what a review asks, without a screen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from phototagger.batches import batches
from phototagger.core.checklist import Line
from phototagger.core.score import Cosines, over
from phototagger.engine.decisions.decided import Bools, decided, that_teach
from phototagger.engine.decisions.learned import SUGGESTED, heads_of, teaching
from phototagger.model.vectors import Float32, normalised
from phototagger.store.labels.edits import Edit, Edits, Who
from phototagger.store.labels.history import decide, redo, undo
from phototagger.store.labels.holding import decisions
from phototagger.store.photos.contents import paths_of
from phototagger.store.vectors.keys import Keys, as_bytes, as_keys
from phototagger.suggest import Influence, LabelHeads, LabelState, go_on

if TYPE_CHECKING:
    from phototagger.engine.library.library import Opened

_AT_ONCE = 256  # photos scored at once: with 20,000 labels 20 MB


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
    thread; ``built`` alone may be called from another, and its heads given to ``take``.

    ``labels`` are those of the job that are to be suggested (all); ``learn`` False begins with
    plain suggestions, so that a screen need not wait for the heads.
    """

    def __init__(
        self, job: Opened, labels: Sequence[str] | None = None, *, learn: bool = True
    ) -> None:
        self._job = job
        self._labels = list(job.labels if labels is None else labels)
        self._label_vectors = job.model.labels(self._labels)
        self._cosines = Cosines(self._label_vectors)
        self.threshold = job.settings.threshold
        plain = LabelHeads(normalised(self._label_vectors), job.settings.threshold)
        self._heads = self.built() if learn else plain

    @property
    def heads(self) -> LabelHeads:
        """What was learned so far."""
        return self._heads

    @property
    def labels(self) -> list[str]:
        """The labels that can be suggested, in their order."""
        return list(self._labels)

    def suggestions(
        self, sha1: bytes, held: Mapping[str, bool] | None = None, also: Sequence[bytes] = ()
    ) -> list[Line]:
        """Return all labels for a photo that has a vector, the likeliest first.

        What a person rejected for this photo comes last and is not suggested, so the next best
        moves up; what was approved is suggested. Ties are in the order of the labels. ``held`` is
        what is decided of the photo's labels, where it has been read already. With others that
        have vectors ``also``, such as those of its stack, it is the mean of all that counts.
        """
        verdict_of = held
        if verdict_of is None:
            verdict_of = {
                decision.label: decision.approved
                for decision in decisions(self._job.catalogue, [sha1])
            }
        cosines, scores, _ = (values.mean(axis=0) for values in self.scores([sha1, *also]))
        reached = over(cosines, self.threshold)
        likely = scores >= SUGGESTED if len(self._heads) else reached
        learned, labels = self._heads.learned, self._labels
        rejected = np.array([verdict_of.get(label) is False for label in labels])
        # Before any decision the order is that of the cosines, which scores can only round.
        is_plain = not len(self._heads)
        order = np.lexsort((-(cosines if is_plain else scores), rejected))
        # As lists: this is a thousand labels for each photo that the cursor comes to.
        columns = (column.tolist() for column in (cosines, scores, likely, reached))
        rows = list(zip(*columns, strict=True))
        lines = []
        for number in order.tolist():
            cosine, score, is_likely, is_reached = rows[number]
            verdict = verdict_of.get(labels[number])
            yes = is_likely if verdict is None else verdict
            by_decisions = yes and not is_reached
            lines.append(
                Line(
                    labels[number],
                    cosine,
                    None if is_plain else score,
                    verdict,
                    yes,
                    by_decisions,
                    learned[number],
                )
            )
        return lines

    def with_vectors(self, photos: Iterable[bytes]) -> list[bytes]:
        """Return those of some photos that have a vector."""
        asked = list(dict.fromkeys(photos))
        has_vector = self._job.model.images.has(as_keys(asked))
        return [key for key, is_known in zip(asked, has_vector.tolist(), strict=True) if is_known]

    def has(self, keys: Keys) -> Bools:
        """Tell which photos have a vector, bool [N]."""
        return self._job.model.images.has(keys)

    def scores(self, sha1s: Sequence[bytes]) -> tuple[Float32, Float32, Bools]:
        """Return cosines, learned scores and what is likely, [N, M], of photos with vectors.

        A label is likely from a learned score of 0.5 on; before any decision, from the threshold
        on.
        """
        vectors = self._job.model.images.get(as_keys(sha1s))
        cosines = self._cosines(vectors)
        scores = self._heads.predict(normalised(vectors), self.threshold)
        likely = scores >= SUGGESTED if len(self._heads) else over(cosines, self.threshold)
        return cosines, scores, likely

    def likely(self, sha1s: Sequence[bytes]) -> tuple[Float32, Bools]:
        """Return cosines and what is likely, as ``scores`` does, in half the time."""
        if len(self._heads):
            cosines, _, likely = self.scores(sha1s)
            return cosines, likely
        cosines = self._cosines(self._job.model.images.get(as_keys(sha1s)))
        return cosines, over(cosines, self.threshold)

    def best(self, sha1s: Sequence[bytes], count: int) -> list[list[tuple[str, float, bool]]]:
        """Return the likeliest labels of photos with vectors: label, cosine, whether suggested."""
        cosines, scores, likely = self.scores(sha1s)
        ranked = np.argsort(-(scores if len(self._heads) else cosines), axis=1, kind="stable")
        return [
            [
                (self._labels[number], float(cosines[row, number]), bool(likely[row, number]))
                for number in best
            ]
            for row, best in enumerate(ranked[:, :count].tolist())
        ]

    def over_threshold(
        self, sha1s: Sequence[bytes]
    ) -> Iterator[tuple[bytes, list[tuple[str, float]]]]:
        """Yield (photo, its labels whose cosine reaches the threshold) of those with vectors."""
        known = self.with_vectors(sha1s)
        if not known:
            return
        cosines = self._cosines(self._job.model.images.get(as_keys(known)))
        for sha1, row, reached in zip(known, cosines, over(cosines, self.threshold), strict=True):
            numbers = np.flatnonzero(reached).tolist()
            yield sha1, [(self._labels[number], float(row[number])) for number in numbers]

    def uncertainty(self, keys: Keys) -> Float32:
        """Return how many corrections each photo with a vector is expected to need, float32 [N].

        It is the sum over labels of the chance that what is suggested is wrong.
        """
        by_block = []
        for block in self._job.model.images.blocks(keys):
            scores = self._heads.predict(normalised(block), self.threshold)
            by_block.append(np.minimum(scores, 1 - scores).sum(axis=1))
        return np.concatenate([np.zeros(0, np.float32), *by_block])

    def cosines_of(self, keys: Keys, label: str) -> Float32:
        """Return a label's cosine with each of some photos that have vectors, float32 [N]."""
        cosines = Cosines(self._label_vectors[[self._labels.index(label)]])
        by_block = [cosines(block)[:, 0] for block in self._job.model.images.blocks(keys)]
        return np.concatenate([np.zeros(0, np.float32), *by_block])

    def chances(self, keys: Keys, label: str) -> Float32:
        """Return how likely a label is there on photos that have vectors, 0..1, float32 [N]."""
        vectors = normalised(self._job.model.images.get(keys))
        return self._heads.predict_label(vectors, self._labels.index(label))

    def decide(
        self,
        edits: Iterable[Edit],
        who: Who = Who.PERSON,
        *,
        finished: bool = False,
        learn: bool = True,
        source: str | None = None,
        tell: Callable[[int], None] = lambda _: None,
    ) -> None:
        """Record edits as one act, and learn from them where a person made them.

        An edit without a score gets the label's cosine, where photo and label have vectors.
        ``finished`` forgets the photos' drafts. Without ``learn`` nothing is learned until
        ``rebuild`` or ``take``, as after an act on thousands of photos. ``tell`` is given how many
        edits of many are written, and may raise: then nothing is decided.
        """
        if learn:
            edits = list(edits)
        job = self._job
        model = job.model.known.model
        decide(
            job.catalogue,
            edits if isinstance(edits, Edits) else self._with_scores(edits),
            root=job.root,
            who=who,
            model=model,
            finished=finished,
            source=source,
            tell=tell,
        )
        if learn:
            self.learn(edit.sha1 for edit in edits)

    def undo(self) -> list[bytes] | None:
        """Take back the last act, and un-learn it; return its photos, None where none is left."""
        return self._stepped(undo(self._job.catalogue, root=self._job.root))

    def redo(self) -> list[bytes] | None:
        """Do the last undone act again, and learn from it; return its photos."""
        return self._stepped(redo(self._job.catalogue, root=self._job.root))

    def why(self, sha1: bytes, label: str, most: int = 3) -> Why:
        """Say why a photo scores as it does: at most ``most`` decisions for, as many against."""
        vector = normalised(self._job.model.images.get(as_keys([sha1])))[0]
        place = self._labels.index(label)
        explained = self._heads.explain(vector, place, most, threshold=self.threshold)
        behind = [(influence, True) for influence in explained.approved] + [
            (influence, False) for influence in explained.rejected
        ]
        behind.sort(key=lambda pair: -abs(pair[0].weight))
        because = tuple(
            self._because(influence, approved=approved) for influence, approved in behind
        )
        return Why(label, explained.cosine, explained.score, explained.state, because)

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
        self.learn(decision.sha1 for decision in decisions(catalogue) if decision.label in new)

    def rebuild(self) -> None:
        """Learn anew from everything that is stored, to convergence, for when nobody waits."""
        self._heads = self.built()

    def built(self, check: Callable[[], None] = go_on) -> LabelHeads:
        """Return heads that learned everything that is stored, to convergence.

        ``check`` is called again and again meanwhile; what it raises ends the work.
        """
        images = self._job.model.images
        taught = teaching(self._job.catalogue, images, self._labels)
        return heads_of(taught, images, self._label_vectors, self._job.settings.threshold, check)

    def take(self, heads: LabelHeads, since: Iterable[bytes] = ()) -> None:
        """Use heads that ``built`` gave; ``since`` are the photos decided after it began."""
        self._heads = heads
        self.learn(since)

    def learn(self, photos: Iterable[bytes]) -> None:
        """Tell the heads what now holds for photos; one without a vector teaches nothing."""
        asked, catalogue = self.with_vectors(photos), self._job.catalogue
        taught = decided(that_teach(catalogue, decisions(catalogue, asked)), self._labels)
        keys = as_bytes(taught.keys)
        self._heads.forget(asked)  # what was taken back must not stay known
        if keys:
            vectors = normalised(self._job.model.images.get(taught.keys))
            self._heads.observe(
                vectors, taught.approved, taught.known, keys=keys, whole=taught.whole
            )

    def _stepped(self, photos: list[bytes] | None) -> list[bytes] | None:
        if photos:
            self.learn(photos)
        return photos

    def _with_scores(self, edits: Iterable[Edit]) -> Iterator[Edit]:
        place = {label: number for number, label in enumerate(self._labels)}
        for batch in batches(edits, _AT_ONCE):
            lacking = [
                candidate.sha1
                for candidate in batch
                if candidate.score is None and candidate.label in place
            ]
            asked = self.with_vectors(lacking) if lacking else []
            cosines: dict[bytes, Float32] = {}
            if asked:
                rows = self._cosines(self._job.model.images.get(as_keys(asked)))
                cosines = dict(zip(asked, rows, strict=True))
            for edit in batch:
                if edit.score is None and edit.sha1 in cosines and edit.label in place:
                    yield edit._replace(score=float(cosines[edit.sha1][place[edit.label]]))
                else:
                    yield edit

    def _because(self, influence: Influence, *, approved: bool) -> Because:
        assert isinstance(influence.key, bytes)
        paths = tuple(paths_of(self._job.catalogue, influence.key))
        return Because(paths, approved, influence.similarity, influence.weight)
