"""A sample that a person looks at: its questions one after the other, then what it proves."""

from __future__ import annotations

from collections import Counter
from itertools import takewhile
from typing import TYPE_CHECKING

from phototagger.engine.certificates.certify import Tested, approve_certified, put_to_test
from phototagger.engine.certificates.open_samples import check_sample, close, why_ended
from phototagger.engine.certificates.sample import (
    Approvable,
    Promise,
    Question,
    Sample,
    approvable,
    begin,
    look_on,
    photos_here,
    questions,
    sample_of,
)
from phototagger.engine.library.photos import Photos, photos_now
from phototagger.errors import PhototaggerError, UsageError
from phototagger.printable import counted
from phototagger.review.plans import Plan
from phototagger.review.session import Act, Review
from phototagger.store.labels.drafts import drafts
from phototagger.store.labels.edits import Edit, Who
from phototagger.store.labels.history import last_act
from phototagger.store.photos.editions import every_edition
from phototagger.store.vectors.keys import KeyIndex
from phototagger.suggest.certificate import looks_to_begin

if TYPE_CHECKING:
    from phototagger.engine.job import Job


class SampleLooks:
    """The open sample of a review, and where in it the person is.

    ``open`` looks at every photo of the root; call it, ``begin``, ``test`` and ``approve`` where no
    key waits. Each raises PhototaggerError where it cannot be done. ``found`` is what a sample can
    be drawn from, where none was open.
    """

    def __init__(self, review: Review) -> None:
        self._review = review
        self._sample: Sample | None = None
        self._photos: Photos | None = None
        self.found: Approvable | None = None
        self._showable: list[bool] = []  # of each question: whether its photo can be shown
        self.questions: list[Question] = []
        self.at = 0
        self.ended = ""
        self.bears: int | None = None  # wrong looks with which all of it could still be certified

    @property
    def sample(self) -> Sample:
        """The sample; there is one once it was opened or begun."""
        assert self._sample is not None
        return self._sample

    @property
    def now(self) -> Question:
        """The question that is asked."""
        return self.questions[self.at]

    @property
    def looked_at(self) -> int:
        """How many photos are answered."""
        return sum(question.is_looked_at for question in self.questions)

    @property
    def gone(self) -> int:
        """How many photos are not answered and cannot be, as they are gone: they count as wrong."""
        return len(self.questions) - self.looked_at - len(self._waiting())

    @property
    def is_done(self) -> bool:
        """Whether all are answered that can be."""
        return not self._waiting()

    def open(self) -> bool:
        """Take up the sample that is open; False where there is none. ``ended`` says if it has."""
        job, photos = self._ready()
        sample = sample_of(job.catalogue, job.root)
        if sample is None:
            self.found = approvable(job, photos)
            return False
        self.ended = why_ended(job, photos, sample)
        self._take(sample)
        return True

    def give_up(self) -> str:
        """Close the sample; what was said of its photos teaches from then on. Say so."""
        job, _ = self._ready()
        contents = self.sample.contents()
        sentence = close(job)
        self._review.suggestions.learn(contents)
        return sentence

    def begin(self, promise: Promise) -> None:
        """Draw a sample for a promise, of what ``open`` found."""
        job, _ = self._ready()
        assert self.found is not None, "it was opened first"
        self._take(begin(job, self.found, promise))

    def look_on(self, looks: int) -> None:
        """Draw more photos, until there are so many."""
        self._take(look_on(self._review.job.catalogue, self.sample, looks))

    def position(self) -> int | None:
        """Return where the photo of the question is in the review; None where it is nowhere."""
        catalogue = self._review.job.catalogue
        contents = every_edition(catalogue, [self.now.sha1])
        return next(iter(self._review.photos.listing.positions_of(contents)), None)

    def answer(self, approved: set[str]) -> None:
        """Say of each label that is asked whether it is true, on disk when this returns; go on."""
        question = self.now
        edits = [Edit(question.sha1, label, label in approved) for label in question.labels]
        kept_drafts = drafts(self._review.job.catalogue, [question.sha1])
        answers = {edit.label: bool(edit.approved) for edit in edits}
        labels = Counter(label for label, yes in answers.items() if yes)
        self._review.do(Plan("", "", [question.sha1], labels, edits, checks={**kept_drafts}))
        self.questions[self.at] = question._replace(said=question.said | answers)
        self._go_on()

    def back(self) -> bool:
        """Go to the photo before, to answer it again; False at the first.

        What a test stood on stays as it was said before its result was told.
        """
        first = self.sample.kept.tested
        before = [at for at in range(first, self.at) if self._showable[at]]
        if before:
            self.at = before[-1]
        return bool(before)

    def test(self) -> Tested:
        """Test the sample; nothing is approved yet."""
        job, photos = self._ready()
        check_sample(job, photos, self.sample)
        tested = put_to_test(job, photos, self.sample)
        self._take(sample_of(job.catalogue, job.root) or self.sample)  # as it is after the test
        return tested

    def plan(self, tested: Tested) -> Plan:
        """Return what would be approved, to be said first."""
        edits = list(tested.edits)
        sha1s = list(dict.fromkeys(edit.sha1 for edit in edits))
        labels = Counter(edit.label for edit in edits)
        scope = f"{counted(len(edits), 'label')} on {counted(len(sha1s), 'photo')} nobody looked at"
        return Plan("Approve", f"approved {scope}", sha1s, labels, edits, who=Who.AUTO)

    def approve(self, tested: Tested, plan: Plan) -> Act:
        """Approve what was certified, as one act, and let the sample teach."""
        catalogue = self._review.job.catalogue
        acts: list[Act] = []

        def approving() -> int:
            acts.append(self._review.do(plan))
            return last_act(catalogue)

        approve_certified(catalogue, tested, approving)
        self._review.suggestions.learn(self.sample.contents())
        return acts[0]

    def _ready(self) -> tuple[Job, Photos]:
        """Return the job and the photos that are there; raise where nothing can be promised."""
        review = self._review
        review.check_writable()
        job = review.job.writer
        if job is None:
            raise PhototaggerError("this review only reads", "decide where it is not read-only")
        if sorted(job.labels) != sorted(job.offered) or not job.model.labels_here(job.labels).all():
            raise UsageError(
                "some labels have no vectors yet, so what would be approved of them is not known",
                "`r` makes them; then `P` again",
            )
        if self._photos is None:
            self._photos = photos_now(job.root, job.catalogue, review.settings)[1]
        return job, self._photos

    def _take(self, sample: Sample) -> None:
        assert self._photos is not None, "they were looked at first"
        catalogue, listing = self._review.job.catalogue, self._review.photos.listing
        self._sample, self.questions = sample, questions(catalogue, sample)
        readable = KeyIndex(photos_here(catalogue, self._photos)[0])
        self._showable = [
            is_readable and bool(listing.positions_of(every_edition(catalogue, [question.sha1])))
            for question, is_readable in zip(
                self.questions, readable.has(sample.library[sample.places]).tolist(), strict=True
            )
        ]
        self.at = next(iter(self._waiting()), 0)
        self.bears = None if sample.kept.tests else _borne(sample)

    def _waiting(self) -> list[int]:
        """Return the questions that nobody has answered, but for those whose photo is gone."""
        asked = enumerate(zip(self.questions, self._showable, strict=True))
        return [
            at for at, (question, is_showable) in asked if is_showable and not question.is_looked_at
        ]

    def _go_on(self) -> None:
        """Go to the next photo that nobody has looked at, of those after this one first."""
        waiting = self._waiting()
        if waiting:
            self.at = next((at for at in waiting if at > self.at), waiting[0])


def _borne(sample: Sample) -> int | None:
    """Return how many wrong looks a sample can bear in its first test, at most."""
    photos, looks = len(sample.drawn_from), len(sample.places)
    needed = (looks_to_begin(sample.promise, photos, wrong) for wrong in range(looks))
    fits = sum(1 for _ in takewhile(lambda least: least is not None and least <= looks, needed))
    return fits - 1 if fits else None
