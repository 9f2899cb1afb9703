"""A review: what is shown, and what a person does. On disk before it returns, always."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING

from phototagger.core.checklist import Draft, Mark, approve
from phototagger.core.labels import parse_labels, read_labels
from phototagger.errors import LockedError, PhototaggerError, UsageError
from phototagger.printable import counted
from phototagger.review.history import Checks, Done, Drafts
from phototagger.review.photos_shown import PhotosShown, labels_held
from phototagger.review.suggestions import LiveSuggestions
from phototagger.store.labels.custom_labels import add_word, with_words
from phototagger.store.labels.drafts import drafted, drafts, save_drafts
from phototagger.store.labels.history import (
    WHOLE_PHOTO,
    Edit,
    Who,
    decide,
    decisions,
    redo,
    undo,
    undone,
)
from phototagger.store.photos.editions import every_edition

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from phototagger.core.checklist import Checklist, Verdicts
    from phototagger.engine.job import Job
    from phototagger.engine.library.library import Opened
    from phototagger.settings.model import Settings
    from phototagger.store.catalogue.database import Catalogue

TROUBLE = (PhototaggerError, OSError, sqlite3.Error)
"""What keeps a decision from the disk."""

_AT_ONCE = 1000  # photos looked up at once


@dataclass(frozen=True)
class Act:
    """What was done: a sentence, and the positions of every photo that looks different now."""

    said: str
    positions: list[int]


class Review:
    """The acts of a review. Each raises PhototaggerError where it cannot be put on disk.

    An act on many photos takes as long as its transaction; call it where no key waits.
    """

    def __init__(self, job: Opened, read_only: LockedError | None = None) -> None:
        self.job = job
        self.root = job.root
        self.read_only = read_only
        self.suggestions = LiveSuggestions(job)
        self.photos = PhotosShown(job, self.suggestions)
        self._history: list[Checks | Done] = []
        self._undone: list[Checks | Done] = []
        self._goes_on = False  # whether checks came after what the catalogue could do again
        self._taken: Job | None = None
        self._is_unaware = False

    @property
    def settings(self) -> Settings:
        """The settings that hold."""
        return self.photos.settings

    @property
    def labels(self) -> list[str]:
        """The labels that are offered, those that were added here last."""
        return self.job.offered

    def take_over(self, job: Job) -> None:
        """Decide from now on, by a job that holds the run_dir; it is closed with this review.

        The first act after that is refused: who asks for it may not have seen that it counts.
        """
        self.job = self.photos.job = self._taken = job
        self.read_only, self._is_unaware = None, True
        self.suggestions.begin_again(job)
        self.photos.renew()

    def use(self, settings: Settings) -> None:
        """Review with other settings from now on, and begin the next run of the engine with them.

        Only where nothing else reads or writes with this review's job.
        """
        if self.job.writer is not None:
            self.job.writer.begin_again(settings)
        self.photos.settings = settings
        self.suggestions.threshold = settings.threshold

    def read_labels_again(self) -> list[str]:
        """Return the labels of the file as it is now and those added here; they are offered now.

        Raises LabelsError where the file is not one of labels.
        """
        job = self.job
        job.offered = with_words(job.catalogue, read_labels(self.settings.labels_file))
        return job.offered

    def __enter__(self) -> Review:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: object
    ) -> None:
        if self._taken is not None:
            self._taken.__exit__(kind, error, trace)

    def change(self, position: int, now: Checklist) -> None:
        """Keep a photo's changed checks until they are approved."""
        self._keep({self.photos.listing.sha1(position): now.draft()})

    def change_each(self, positions: Iterable[int], how: Callable[[Checklist], Checklist]) -> Act:
        """Change the checks of several photos and keep them, as one step to undo."""
        changed: Drafts = {
            self.photos.listing.sha1(one): how(self.photos.checklist(one)).draft()
            for one in positions
        }
        self._keep(changed)
        return self._act(f"checks changed on {counted(len(changed), 'photo')}", changed)

    def approve(self, position: int, now: Checklist) -> Act:
        """Approve what is checked on a photo, reject what else was shown."""
        edits = list(_edits(self.photos.listing.sha1(position), approve(now)))
        self._decide(edits, Who.PERSON)
        self.photos.paces.decided()
        said = ", ".join(sorted(now.checked)) or "no label"
        return self._act(f"{self.photos.name(position)}: {said}", [edits[0].sha1])

    def open_among(self, positions: Iterable[int]) -> tuple[int, int]:
        """Return how many photos are undecided, and how many decided ones have changed checks."""
        marks = [self.photos.listing.mark(one) for one in _still_open(self.photos, positions)]
        undecided = marks.count(Mark.UNDECIDED)
        return undecided, len(marks) - undecided

    def approve_all(self, positions: Iterable[int]) -> Act:
        """Approve what is checked on each photo that is undecided or whose checks were changed."""
        listing, edits = self.photos.listing, list[Edit]()
        marks = {
            listing.sha1(one): listing.mark(one) for one in _still_open(self.photos, positions)
        }
        held = labels_held(
            self.job, [one for one, mark in marks.items() if mark is not Mark.UNDECIDED]
        )
        for sha1, checked in self._checked(list(marks)).items():
            # a label that was approved and is unchecked now must not stay approved
            verdicts: Verdicts = dict.fromkeys(held.get(sha1, {}), False)
            edits += _edits(sha1, verdicts | dict.fromkeys(checked, True))
        self._decide(edits, Who.PERSON)
        return self._act(f"approved {counted(len(marks), 'photo')} as checked", marks)

    def approve_over(self, positions: Iterable[int]) -> Act:
        """Approve by auto what is over the threshold, where no person has decided."""
        suggester, catalogue = self.suggestions.suggester, self.job.catalogue
        sha1s = list(dict.fromkeys(self.photos.listing.sha1(one) for one in positions))
        edits: list[Edit] = []
        for some in _parts(sha1s):
            if suggester is None:
                break
            theirs = {one.sha1 for one in decisions(catalogue, some) if one.who is Who.PERSON}
            for sha1, labels in suggester.over_threshold(
                [one for one in some if one not in theirs]
            ):
                edits += [Edit(sha1, label, approved=True, score=value) for label, value in labels]
        self._decide(edits, Who.AUTO)
        touched = {edit.sha1 for edit in edits}
        over = f"{len(edits):,} labels over {self.suggestions.threshold:.2f}"
        return self._act(f"{over} on {counted(len(touched), 'photo')}", touched)

    def take_before(self, positions: Iterable[int]) -> Act:
        """Decide photos as the picture was that was there before, where ``before`` has any."""
        found = {self.photos.listing.sha1(one): self.photos.before(one) for one in positions}
        edits = [
            Edit(sha1, one.label, one.approved) for sha1, held in found.items() for one in held
        ]
        self._decide(edits, Who.PERSON)
        touched = [sha1 for sha1, held in found.items() if held]
        return self._act(f"{counted(len(touched), 'photo')} decided as the picture before", touched)

    def clear(self, positions: Iterable[int]) -> Act:
        """Uncheck everything, and make decided photos undecided."""
        sha1s = list(dict.fromkeys(self.photos.listing.sha1(one) for one in positions))
        held = [one for part in _parts(sha1s) for one in decisions(self.job.catalogue, part)]
        edits = [Edit(one.sha1, one.label, None) for one in held]
        empty: Drafts = dict.fromkeys(sha1s, Draft(frozenset()))
        if edits:
            self._decide(edits, Who.PERSON, before=self._kept(sha1s), after=empty)
        else:
            self._keep(empty)
        decided = len({edit.sha1 for edit in edits})
        more = f", {decided:,} of them decided" if decided else ""
        return self._act(f"cleared {counted(len(sha1s), 'photo')}{more}", sha1s)

    def undo(self) -> Act | None:
        """Take back what was done last, also before a restart; None where nothing is left."""
        self._writable()
        step = self._history[-1] if self._history else None
        if isinstance(step, Checks):
            save_drafts(self.job.catalogue, step.before)
            self._undone.append(self._history.pop())
            return self._act("checks taken back", step.before)
        with self.job.catalogue.transaction():
            touched = undo(self.job.catalogue, root=self.root)
            if touched is None:
                return None
            done = step or Done(_checks_undone(self.job.catalogue, self.root), {})
            save_drafts(self.job.catalogue, dict.fromkeys(touched) | done.before)
        self._history[-1:] = []
        self._undone.append(done)
        self.suggestions.learn(touched)
        return self._act(f"undone on {counted(len(touched), 'photo')}", touched)

    def redo(self) -> Act | None:
        """Do again what was undone last; None where nothing was."""
        self._writable()
        step = self._undone[-1] if self._undone else None
        if isinstance(step, Checks):
            save_drafts(self.job.catalogue, step.after)
            self._history.append(self._undone.pop())
            return self._act("checks put back", step.after)
        if step is None and self._goes_on:
            return None
        with self.job.catalogue.transaction():
            touched = redo(self.job.catalogue, root=self.root)
            if touched is None:
                return None
            done = step or Done({}, {})
            save_drafts(self.job.catalogue, dict.fromkeys(touched) | done.after)
        self._undone[-1:] = []
        self._history.append(done)
        self.suggestions.learn(touched)
        return self._act(f"done again on {counted(len(touched), 'photo')}", touched)

    def add_label(self, text: str) -> str:
        """Add a label to those that are offered; return it as labels are written.

        Raises UsageError with the reason where it cannot be one.
        """
        self._writable()
        found = parse_labels(text, "new label")
        if len(found) != 1:
            raise UsageError("new label: is not one label", "write one word or phrase")
        if found[0] not in self.labels:
            add_word(self.job.catalogue, found[0])
            self.labels.append(found[0])
        return found[0]

    def _decide(
        self, edits: list[Edit], who: Who, before: Drafts | None = None, after: Drafts | None = None
    ) -> None:
        """Record edits as one act that finishes their photos' drafts, and learn from them."""
        self._writable()
        if not edits:
            return
        sha1s = list(dict.fromkeys(edit.sha1 for edit in edits))
        kept = self._kept(sha1s) if before is None else before
        suggester = self.suggestions.suggester
        with self.job.catalogue.transaction():
            if suggester is not None:
                suggester.decide(edits, who, finished=True, learn=False)
            else:
                decide(self.job.catalogue, edits, root=self.root, who=who, finished=True)
            save_drafts(self.job.catalogue, after or {})
        self._history.append(Done(kept, after or {}))
        self._undone.clear()
        if who is Who.PERSON:
            self.suggestions.learn(sha1s)

    def _keep(self, changed: Drafts) -> None:
        self._writable()
        before = self._kept(list(changed))
        save_drafts(self.job.catalogue, changed)
        self._history.append(Checks(before, changed))
        self._undone.clear()
        self._goes_on = True

    def _kept(self, sha1s: Sequence[bytes]) -> Drafts:
        none: Drafts = dict.fromkeys(sha1s)
        return none | drafts(self.job.catalogue, sha1s)

    def _checked(self, sha1s: list[bytes]) -> dict[bytes, list[str]]:
        """Return the labels that are checked on undecided photos: drafts, or what is suggested."""
        found: dict[bytes, list[str]] = {}
        for some in _parts(sha1s):
            kept = drafts(self.job.catalogue, some)
            plain = [one for one in some if one not in kept]
            here = (
                self.suggestions.suggester.with_vectors(plain) if self.suggestions.suggester else []
            )
            if self.suggestions.suggester is not None and here:
                likely = self.suggestions.suggester.scores(here)[2]
                for sha1, row in zip(here, likely, strict=True):
                    labels = self.suggestions.suggester.labels
                    found[sha1] = [labels[one] for one in row.nonzero()[0].tolist()]
            found |= {one: [] for one in plain if one not in found}
            found |= {one: sorted(draft.checked) for one, draft in kept.items()}
        return found

    def _act(self, said: str, sha1s: Iterable[bytes]) -> Act:
        touched = every_edition(self.job.catalogue, sha1s)
        self.photos.listing.read_marks_of(self.job.catalogue, touched)
        return Act(said, self.photos.listing.positions_of(touched))

    def _writable(self) -> None:
        if self.read_only is not None:
            raise self.read_only.with_traceback(None)
        if self._is_unaware:
            self._is_unaware = False
            raise PhototaggerError("you decide now, so this key did nothing", "press it again")


def _edits(sha1: bytes, verdicts: Verdicts) -> list[Edit]:
    seen = Edit(sha1, WHOLE_PHOTO, approved=True)
    return [seen, *(Edit(sha1, label, yes) for label, yes in verdicts.items())]


def _checks_undone(catalogue: Catalogue, root: str) -> Drafts:
    """Return the checks that the act undone just now was made of, if it was on one photo.

    Who undoes an approval wants to correct it, not to begin again.
    """
    edits = undone(catalogue, root=root)
    photos = {edit.sha1 for edit in edits}
    if len(photos) != 1:
        return {}
    labels = [edit for edit in edits if edit.label != WHOLE_PHOTO and edit.approved is not None]
    checked = frozenset(edit.label for edit in labels if edit.approved)
    return {photos.pop(): Draft(checked, frozenset(edit.label for edit in labels))}


def _still_open(photos: PhotosShown, positions: Iterable[int]) -> list[int]:
    """Return the photos that are undecided, or whose checks were changed since."""
    kept, listing = drafted(photos.job.catalogue), photos.listing
    return [
        one
        for one in positions
        if listing.mark(one) is Mark.UNDECIDED or (kept and listing.sha1(one) in kept)
    ]


def _parts(sha1s: list[bytes]) -> Iterator[list[bytes]]:
    for start in range(0, len(sha1s), _AT_ONCE):
        yield sha1s[start : start + _AT_ONCE]
