"""An open sample → a test; where it passes, one act of approvals, which can be taken back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from phototagger.core.score import BLOCK, Cosines
from phototagger.engine.certificates.sample import (
    Question,
    Sample,
    answers_digest,
    answers_of,
    photos_here,
    questions,
    undecided,
    undecided_pairs,
)
from phototagger.engine.decisions.decided import Bools, by_persons
from phototagger.store.catalogue.database import Catalogue
from phototagger.store.labels.certificates import (
    Certificate,
    Certified,
    certificates,
    note_certified,
    note_test,
)
from phototagger.store.labels.edits import Edit, Who
from phototagger.store.labels.history import decide
from phototagger.store.labels.holding import Decision, decisions
from phototagger.store.vectors.keys import KeyIndex, Keys, as_bytes
from phototagger.suggest.certificate import Candidates, Looks, Outcome, Trial, certify
from phototagger.suggest.exact import upper_bound

if TYPE_CHECKING:
    from phototagger.engine.job import Job
    from phototagger.engine.library.photos import Photos

_KEEPS = 1  # beside the seed of a sample: what decides which label of a photo counts


@dataclass(frozen=True)
class Tested:
    """What a test found: how the thresholds did, and what one that was certified would approve.

    ``tests`` is how often the sample was tested, this one included. ``edits`` are the approvals,
    each with its cosine where photo and label have vectors;
    ``estimate`` is the share of all labels of the sample at that threshold that are right.
    """

    sample: Sample
    outcome: Outcome
    tests: int
    edits: Sequence[Edit] = ()
    estimate: float = 0.0

    @property
    def certified(self) -> Trial | None:
        """The threshold that holds the promise; None where none does that approves anything."""
        trial = self.outcome.certified
        return trial if trial is not None and trial.labels else None


def put_to_test(job: Job, photos: Photos, sample: Sample) -> Tested:
    """Test a sample that was looked at; nothing is approved yet.

    The test is on record before its result is known. A test of no more looks than the last one is
    that one again, and spends nothing.
    """
    kept = sample.kept
    photos_tested = len(sample.places)
    tests = kept.tests - (photos_tested == kept.tested)
    asked = questions(job.catalogue, sample)
    if photos_tested != kept.tested:
        answers = answers_digest(sample, asked, photos_tested)
        note_test(job.catalogue, kept.id, kept.tests + 1, photos_tested, answers)
    open_still = _open(job.catalogue, photos, sample)
    candidates = _candidates(sample, open_still)
    looked = looks(sample, asked)
    tested = Tested(sample, certify(candidates, looked, sample.promise, tests), tests + 1)
    if tested.certified is None:
        return tested
    threshold = np.float32(tested.certified.threshold)
    allowed = (
        (sample.pairs.scores >= threshold)
        & open_still[sample.pairs.photos]
        & ~candidates.looked_at[sample.pairs.photos]
    )
    estimate = float(looked.right[looked.scores >= threshold].mean())
    return replace(tested, edits=_edits(job, sample, allowed), estimate=estimate)


def approve_certified(
    catalogue: Catalogue, tested: Tested, approve: Callable[[], int | None]
) -> Certificate:
    """Approve what a test certified, and keep the certificate; both or neither.

    ``approve`` records the approvals as one act of ``auto``, and returns it, or None for none.
    """
    passed, kept = tested.certified, tested.sample.kept
    assert passed is not None, "only a certified threshold approves"
    bound = 1 - upper_bound(passed.wrong, passed.looks, 1 - tested.outcome.level)
    with catalogue.transaction():
        act = approve() if tested.edits else None
        proof = (passed.threshold, bound, passed.looks, passed.wrong)
        photos = len({edit.sha1 for edit in tested.edits})
        note_certified(catalogue, kept.id, Certified(act, *proof, photos, len(tested.edits)))
    return next(certificate for certificate in certificates(catalogue) if certificate.id == kept.id)


def conclude(job: Job, photos: Photos, sample: Sample) -> tuple[Tested, Certificate | None]:
    """Test a sample, and approve what that certifies."""
    tested = put_to_test(job, photos, sample)
    if tested.certified is None:
        return tested, None

    def approve() -> int | None:
        model = sample.kept.model
        return decide(job.catalogue, tested.edits, root=job.root, who=Who.AUTO, model=model)

    return tested, approve_certified(job.catalogue, tested, approve)


def looks(sample: Sample, asked: Sequence[Question]) -> Looks:
    """Return what was said of the sample, pair by pair: what was not approved counts as wrong."""
    pairs = sample.pairs
    rows, right = answers_of(sample, asked)
    rng = np.random.default_rng([sample.kept.seed, _KEEPS])
    draws, keeps = rng.random(len(pairs.photos)), rng.random(len(sample.library))
    return Looks(
        pairs.photos[rows].astype(np.intp),
        pairs.scores[rows],
        right,
        draws[rows],
        keeps,
    )


def revoke(job: Job, certificate: Certificate) -> int:
    """Take back what holds of a certificate's approvals, as one act; return how many they were.

    What a person confirmed since is a decision of that person, and stays.
    """
    approvals = approvals_of(job.catalogue, certificate)
    edits = [Edit(approval.sha1, approval.label, None) for approval in approvals]
    decide(job.catalogue, edits, root=job.root, who=Who.AUTO, model=certificate.model)
    return len(edits)


def approvals_of(catalogue: Catalogue, certificate: Certificate) -> list[Decision]:
    """Return the approvals of a certificate that hold and that nobody has confirmed."""
    return [decision for decision in decisions(catalogue) if decision.certificate == certificate.id]


def _open(catalogue: Catalogue, photos: Photos, sample: Sample) -> Bools:
    """Tell which photos of a sample's library are still here, and nothing is said of since.

    Bool [N]. What a person said of a label before the draw is not among what could be approved.
    """
    present, _ = photos_here(catalogue, photos)
    by_person, pairs = list(by_persons(decisions(catalogue))), sample.pairs
    is_open = KeyIndex(present).has(sample.library) & undecided(
        catalogue, by_person, sample.library
    )
    free = undecided_pairs(catalogue, by_person, sample.library, pairs, sample.kept.labels)
    is_open[pairs.photos[~free]] = False
    return is_open


def _candidates(sample: Sample, open_still: Bools) -> Candidates:
    """Return what could be approved, with what was looked at, and what was decided since."""
    looked_at = np.zeros(len(sample.library), np.bool_)
    looked_at[sample.places] = True
    photos = sample.pairs.photos.astype(np.intp)
    return Candidates(photos, sample.pairs.scores, looked_at, ~open_still)


def _edits(job: Job, sample: Sample, allowed: Bools) -> list[Edit]:
    """Return the approvals, each with its cosine where photo and label have vectors.

    What ``auto`` approved before stays as it was: it does not go when a certificate is revoked.
    """
    rows = np.flatnonzero(allowed)
    cosines = _cosines(job, sample, rows)
    keys = as_bytes(sample.library[sample.pairs.photos[rows]])
    labels = [sample.kept.labels[number] for number in sample.pairs.labels[rows].tolist()]
    before = {
        (decision.sha1, decision.label)
        for decision in decisions(job.catalogue, dict.fromkeys(keys))
        if decision.approved and decision.certificate is None
    }
    approvals = zip(keys, labels, cosines, strict=True)
    return [
        Edit(sha1, label, approved=True, score=score)
        for sha1, label, score in approvals
        if (sha1, label) not in before
    ]


def _cosines(job: Job, sample: Sample, rows: NDArray[np.int64]) -> list[float | None]:
    """Return the cosine of each of these pairs; None where a vector is missing."""
    images, labels = job.model.images, sample.kept.labels
    if job.model.known.model != sample.kept.model or not job.model.labels_here(labels).all():
        return [None] * len(rows)
    cosines_of = Cosines(job.model.labels(labels))
    values: list[float | None] = []
    for start in range(0, len(rows), BLOCK):
        block = rows[start : start + BLOCK]
        keys: Keys = sample.library[sample.pairs.photos[block]]
        has_vector = images.has(keys)
        scores = np.full(len(block), np.nan)
        at = np.flatnonzero(has_vector)
        if len(at):
            cosines = cosines_of(images.get(keys[at]))
            scores[at] = cosines[np.arange(len(at)), sample.pairs.labels[block[at]]]
        values += [None if np.isnan(score) else score for score in scores.tolist()]
    return values
