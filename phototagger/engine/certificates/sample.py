"""A sample: which photos are looked at before a threshold is certified, and which labels are asked.

Everything that could be approved is written down when a sample is drawn; so it does not matter what
is learned or changed before it is tested. Photos go by the first of their contents, each once
however many files hold it: photos, not stacks or files, are what is drawn.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from secrets import randbits
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from phototagger.engine.decisions.decided import by_persons
from phototagger.engine.decisions.learned import SUGGESTED, heads_of_job, learned_scores
from phototagger.errors import EmptyAnswer, UsageError
from phototagger.store.catalogue.database import Catalogue
from phototagger.store.labels.certificates import (
    Certificate,
    Pairs,
    SampleState,
    begin_sample,
    draw,
    drawn,
    library_of,
    open_sample,
    pairs_of,
)
from phototagger.store.labels.drafts import drafted
from phototagger.store.labels.edits import WHOLE_PHOTO
from phototagger.store.labels.holding import Decision, decisions
from phototagger.store.photos.editions import firsts
from phototagger.store.vectors.keys import KeyIndex, Keys, as_bytes, as_keys
from phototagger.suggest.certificate import Promise, looks_to_begin

if TYPE_CHECKING:
    from phototagger.engine.job import Job
    from phototagger.engine.library.photos import Photos

__all__ = [
    "Approvable", "Promise", "Question", "Sample", "answers_changed", "answers_digest",
    "answers_of", "approvable", "begin", "gone_unseen", "left_to_look_at", "look_on",
    "photos_here", "questions", "sample_of", "undecided", "undecided_pairs",
]  # fmt: skip

_BORNE = 4
"""Wrong looks that a sample of the usual size can bear."""


class Question(NamedTuple):
    """A photo of a sample: its content, the labels to ask by alphabet, and what was said of it.

    ``said`` are all decisions of persons on it, also on labels that are not asked.
    """

    sha1: bytes
    labels: list[str]
    said: dict[str, bool]

    @property
    def is_looked_at(self) -> bool:
        """Whether a person has said anything of what is asked, or of the photo as a whole."""
        return WHOLE_PHOTO in self.said or any(label in self.said for label in self.labels)


@dataclass(frozen=True)
class Sample:
    """An open sample with what it was drawn from.

    ``library`` uint8 [N, 20] are the photos that were under the root, which ``pairs`` number;
    ``places`` are the numbers of those that were drawn, in their order.
    """

    kept: Certificate
    library: Keys
    pairs: Pairs
    places: NDArray[np.int64]

    @property
    def promise(self) -> Promise:
        """What it was drawn for."""
        return Promise(self.kept.precision, self.kept.confidence, self.kept.over_labels)

    @property
    def drawn_from(self) -> NDArray[np.int64]:
        """The numbers of the photos of which something could be approved, in the drawn order."""
        order = np.random.default_rng(self.kept.seed)
        numbers: NDArray[np.int64] = order.permutation(
            np.unique(self.pairs.photos).astype(np.int64)
        )
        return numbers

    def contents(self) -> list[bytes]:
        """Return the photos that were drawn, in their order."""
        return as_bytes(self.library[self.places])

    def labels_of(self) -> list[list[str]]:
        """Return the labels to ask of each photo that was drawn, by alphabet."""
        row_of = {place: row for row, place in enumerate(self.places.tolist())}
        asked: list[list[str]] = [[] for _ in row_of]
        chosen = np.flatnonzero(np.isin(self.pairs.photos, self.places))
        for photo, label in zip(
            self.pairs.photos[chosen].tolist(), self.pairs.labels[chosen].tolist(), strict=True
        ):
            asked[row_of[photo]].append(self.kept.labels[label])
        return [sorted(labels) for labels in asked]


@dataclass(frozen=True)
class Approvable:
    """What a sample can be drawn from now, learned from ``taught`` photos; see ``Sample``.

    ``photos`` is the number of those of which something could be approved.
    """

    library: Keys
    pairs: Pairs
    taught: int
    photos: int

    def looks(self, promise: Promise) -> int | None:
        """Return how many photos are looked at for a promise; None where there are too few."""
        least = looks_to_begin(promise, self.photos)
        return least and (_usual(promise, self.pairs) or least)

    def too_few(self, promise: Promise) -> EmptyAnswer:
        """Return what is said where ``looks`` has no number."""
        return EmptyAnswer(
            f"too few to prove {promise.precision:g}: {_counted(self.photos)} could be approved, "
            f"and that takes at least {looks_to_begin(promise)} looks",
            "decide them in the review, which is less work",
        )


def sample_of(catalogue: Catalogue, root: str) -> Sample | None:
    """Return the open sample of a root, None where there is none."""
    certificate = open_sample(catalogue, root)
    if certificate is None:
        return None
    library, pairs = library_of(catalogue, certificate.id), pairs_of(catalogue, certificate)
    places = KeyIndex(library).find(as_keys(drawn(catalogue, certificate.id)))
    return Sample(certificate, library, pairs, places)


def questions(catalogue: Catalogue, sample: Sample) -> list[Question]:
    """Return what is to be asked of each photo of a sample, with what persons said so far."""
    contents = sample.contents()
    answers: dict[bytes, dict[str, bool]] = {sha1: {} for sha1 in contents}
    for decision in by_persons(decisions(catalogue, contents)):
        answers[decision.sha1][decision.label] = decision.approved
    asked = zip(contents, sample.labels_of(), strict=True)
    return [Question(sha1, labels, answers[sha1]) for sha1, labels in asked]


def answers_of(
    sample: Sample, asked: Sequence[Question]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return which pairs are of a sample's photos, and whether each was approved, both [m].

    What was not approved counts as wrong.
    """
    pairs, labels = sample.pairs, sample.kept.labels
    rows = np.flatnonzero(np.isin(pairs.photos, sample.places))
    answers = {
        place: question.said for place, question in zip(sample.places.tolist(), asked, strict=True)
    }
    right = [
        answers[photo].get(labels[label], False)
        for photo, label in zip(*(column[rows].tolist() for column in pairs[:2]), strict=True)
    ]
    return rows, np.array(right, np.bool_)


def answers_digest(sample: Sample, asked: Sequence[Question], photos: int) -> bytes:
    """Return a digest of what was said of the first photos of a sample."""
    first = replace(sample, places=sample.places[:photos])
    right = answers_of(first, asked[:photos])[1]
    return hashlib.sha1(right.tobytes(), usedforsecurity=False).digest()


def answers_changed(catalogue: Catalogue, kept: Certificate) -> bool:
    """Tell whether answers on which an open sample was tested are not what they were then."""
    if kept.state is not SampleState.OPEN or kept.answers is None:
        return False
    sample = sample_of(catalogue, kept.root)
    assert sample is not None, "it is open"
    return answers_digest(sample, questions(catalogue, sample), kept.tested) != kept.answers


def approvable(job: Job, photos: Photos) -> Approvable:
    """Return what a sample can be drawn from; every photo of the root is scored for that.

    These are the photos under the root that can be read, that no person has decided as a whole and
    that have no unapproved checks, where at least one label is suggested of which nothing is
    decided: of others nothing could be approved. Raises UsageError where nothing was learned yet.
    """
    job.heads = None  # what was learned of before, it was learned from fewer decisions
    heads = heads_of_job(job)
    if not len(heads):
        raise UsageError(
            "nothing has been decided by a person yet, so nothing is learned and nothing can be "
            "promised",
            "decide about 100 photos in the review first",
        )
    library, pairs = _candidates(job, photos)
    return Approvable(library, pairs, len(heads), len(np.unique(pairs.photos)))


def begin(
    job: Job,
    found: Approvable,
    promise: Promise,
    looks: int | None = None,
    seed: int | None = None,
) -> Sample:
    """Draw a sample of ``looks`` photos, or as many as are usual, uniformly at random.

    It is drawn out of what was ``found``. ``seed`` is a fresh one but in tests. Raises EmptyAnswer
    where no sample can prove the promise.
    """
    usual = found.looks(promise)
    if usual is None:
        raise found.too_few(promise)
    begun = Certificate(
        id=0,
        root=job.root,
        when=datetime.now(UTC),
        model=job.model.known.model,
        labels=list(job.labels),
        taught=found.taught,
        precision=promise.precision,
        confidence=promise.confidence,
        over_labels=promise.over_labels,
        seed=randbits(62) if seed is None else seed,
        state=SampleState.OPEN,
    )
    with job.catalogue.transaction():
        sample = Sample(
            begin_sample(job.catalogue, begun, found.library, found.pairs),
            found.library,
            found.pairs,
            np.zeros(0, np.int64),
        )
        return look_on(job.catalogue, sample, looks or usual)


def look_on(catalogue: Catalogue, sample: Sample, looks: int) -> Sample:
    """Draw more photos until a sample has ``looks``, or all there are."""
    order = sample.drawn_from
    more = order[len(sample.places) : looks]
    if len(more):
        draw(catalogue, sample.kept.id, as_bytes(sample.library[more]))
    return Sample(sample.kept, sample.library, sample.pairs, np.concatenate([sample.places, more]))


def undecided(catalogue: Catalogue, said: Iterable[Decision], photos: Keys) -> NDArray[np.bool_]:
    """Tell which photos no person has decided as a whole or left checks of, bool [N].

    ``said`` are the decisions of persons; photos go by the first of their contents.
    """
    decided = {decision.sha1 for decision in said if decision.label == WHOLE_PHOTO}
    decided |= drafted(catalogue)
    open_still = np.ones(len(photos), np.bool_)
    places = KeyIndex(photos).find(as_keys(_as_firsts(catalogue, decided)))
    open_still[places[places >= 0]] = False
    return open_still


def undecided_pairs(
    catalogue: Catalogue,
    said: Iterable[Decision],
    library: Keys,
    pairs: Pairs,
    labels: Sequence[str],
) -> NDArray[np.bool_]:
    """Tell of which pairs no person has said anything, bool [n]; a label may be decided alone.

    ``said`` are the decisions of persons.
    """
    numbers = {label: number for number, label in enumerate(labels)}
    on_labels = [decision for decision in said if decision.label in numbers]
    places = KeyIndex(library).find(
        as_keys(_as_firsts(catalogue, [decision.sha1 for decision in on_labels]))
    )
    codes = places * len(labels) + np.array(
        [numbers[decision.label] for decision in on_labels], np.int64
    )
    return ~np.isin(pairs.photos.astype(np.int64) * len(labels) + pairs.labels, codes[places >= 0])


def photos_here(catalogue: Catalogue, photos: Photos) -> tuple[Keys, NDArray[np.int64]]:
    """Return the photos that can be read, by the first of their contents, and a place of each.

    Each is there once: uint8 [N, 20], and positions among the photos of the scan [N].
    """
    at = np.flatnonzero(photos.usable())
    keys = as_keys(_as_firsts(catalogue, as_bytes(photos.keys[at])))
    once = np.flatnonzero(KeyIndex(keys).find(keys) == np.arange(len(keys)))
    return keys[once], at[once]


def left_to_look_at(job: Job, photos: Photos, sample: Sample) -> list[tuple[int, Question]]:
    """Return the photos of a sample that are here and that nobody has looked at, with a position.

    One that is gone, or cannot be read any more, is not there: nobody can look at it, so all of
    its labels count as wrong.
    """
    present, at = photos_here(job.catalogue, photos)
    waiting = [
        question for question in questions(job.catalogue, sample) if not question.is_looked_at
    ]
    places = KeyIndex(present).find(as_keys(question.sha1 for question in waiting)).tolist()
    positions = at.tolist()
    return [
        (positions[place], question)
        for place, question in zip(places, waiting, strict=True)
        if place >= 0
    ]


def gone_unseen(job: Job, photos: Photos, sample: Sample) -> int:
    """Return how many photos of a sample nobody has looked at, or can."""
    unseen = sum(not question.is_looked_at for question in questions(job.catalogue, sample))
    return unseen - len(left_to_look_at(job, photos, sample))


def _usual(promise: Promise, pairs: Pairs) -> int | None:
    """Return how many photos are looked at where nobody says how many."""
    labels = np.bincount(pairs.photos)
    photos = int((labels > 0).sum())
    usual = looks_to_begin(promise, photos, _BORNE)
    if usual is None or not promise.over_labels:
        return usual
    return min(photos, int(np.ceil(usual * labels.max() * photos / labels.sum())))


def _candidates(job: Job, photos: Photos) -> tuple[Keys, Pairs]:
    """Return the photos under the root, and every label of them that could be approved."""
    library, at = photos_here(job.catalogue, photos)
    keys, decided = photos.keys[at], list(by_persons(decisions(job.catalogue)))
    chosen = np.flatnonzero(undecided(job.catalogue, decided, library) & job.model.images.has(keys))
    numbers, labels, values = [np.zeros(0, np.int32)], [np.zeros(0, np.int32)], [_NO_SCORES]
    for block in learned_scores(job, keys[chosen]):
        rows, columns = np.nonzero(block.scores >= np.float32(SUGGESTED))
        numbers.append(chosen[block.start + rows].astype(np.int32))
        labels.append(columns.astype(np.int32))
        values.append(block.scores[rows, columns])
    pairs = Pairs(np.concatenate(numbers), np.concatenate(labels), np.concatenate(values))
    free = undecided_pairs(job.catalogue, decided, library, pairs, job.labels)
    return library, Pairs(pairs.photos[free], pairs.labels[free], pairs.scores[free])


_NO_SCORES = np.zeros(0, np.float32)


def _as_firsts(catalogue: Catalogue, sha1s: Iterable[bytes]) -> list[bytes]:
    asked = list(sha1s)
    first = firsts(catalogue, asked)
    return [first.get(sha1, sha1) for sha1 in asked]


def _counted(photos: int) -> str:
    if not photos:
        return "no undecided photo has a label that"
    return f"only {photos:,} undecided photo{'s have' if photos > 1 else ' has'} a label that"
