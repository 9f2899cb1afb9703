"""A review: what is shown, and what a person does. On disk before it returns, always."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from phototagger.core.checklist import Checklist, Draft, approve
from phototagger.core.labels import as_new_label, read_labels
from phototagger.engine.decisions.naming import Kind, NamingPlan, do_naming, plan_naming
from phototagger.errors import LabelsError, LockedError, PhototaggerError, UsageError
from phototagger.printable import counted
from phototagger.review.history import Checks, Coming, Done, Drafts, Step, Steps, said_of
from phototagger.review.photos_shown import PhotosShown, refuse_unread
from phototagger.review.plans import Plan, Plans, edits_of
from phototagger.review.proposals import approved_first
from phototagger.review.remembered import RememberedLabels
from phototagger.review.stacks.deciding import StackDecisions
from phototagger.review.suggestions import LiveSuggestions
from phototagger.settings.model import Settings
from phototagger.store.catalogue.database import Catalogue
from phototagger.store.labels.custom_labels import add_word, with_words
from phototagger.store.labels.drafts import drafts, drafts_as_kept, save_drafts
from phototagger.store.labels.edits import WHOLE_PHOTO, Edit, Who
from phototagger.store.labels.history import (
    Past,
    decide,
    last_act,
    next_redo,
    next_undo,
    photos_ahead,
    redo,
    undo,
    undone,
)
from phototagger.store.labels.names import GONE, names
from phototagger.store.photos.editions import by_first, every_edition, firsts

if TYPE_CHECKING:
    from phototagger.engine.job import Job
    from phototagger.engine.library.library import Opened

TROUBLE = (PhototaggerError, OSError, sqlite3.Error)
"""What keeps a decision from the disk."""

_HALF = 0.5  # of a step back or forth, when it can be stopped last: then marks are read


@dataclass(frozen=True)
class Act:
    """What was done: a sentence, and the positions of every photo that looks different now.

    ``is_naming``: a label is called otherwise now, so the labels that are offered are others.
    ``is_grouping``: photos stand in other stacks now.
    """

    said: str
    positions: list[int]
    is_naming: bool = False
    is_grouping: bool = False


class Review:
    """The acts of a review. Each raises PhototaggerError where it cannot be put on disk.

    An act on many photos takes as long as its transaction; call it where no key waits.
    ``searches``: how many a person made of this root.
    """

    def __init__(self, job: Opened, read_only: LockedError | None = None) -> None:
        self.job = job
        self.root = job.root
        self.read_only = read_only
        self.suggestions = LiveSuggestions(job)
        self.photos = PhotosShown(job, self.suggestions)
        self.marked = self.photos.marked
        self.searches = 0
        self.remembered = RememberedLabels()
        self.plans = Plans(self.photos, self.suggestions)
        self.stacks = StackDecisions(self.photos, self.suggestions)
        self.photos.held_back = self.stacks.held.everywhere
        self._history = Steps()
        self._undone = Steps()
        self._goes_on = False  # whether checks came after what the catalogue could do again
        self._asked: Past | None = None  # what undo or redo was asked for, until it is done
        self._taken: Job | None = None
        self._is_unaware = False
        self._earlier = last_act(job.catalogue)  # up to this act others decided, or another day

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
        self._earlier = last_act(job.catalogue)
        self.suggestions.begin_again(job)
        self.photos.renew()

    def use(self, settings: Settings) -> None:
        """Review with other settings from now on, and begin the next run of the engine with them.

        Only where nothing else reads or writes with this review's job.
        """
        if self.job.writer is not None:
            self.job.writer.begin_again(settings)
        before, self.photos.settings = self.settings.threshold, settings
        if settings.threshold != before:  # else it stays where a person moved it since
            self.suggestions.threshold = settings.threshold

    def read_labels_again(self) -> list[str]:
        """Return the labels of the file as it is now and those added here; they are offered now.

        Raises LabelsError where the file is not one of labels.
        """
        job = self.job
        job.model.use(self.settings)
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
        refuse_unread(self.photos, [position])
        self._keep({self.photos.listing.sha1(position): now.draft()})

    def approve(self, position: int, now: Checklist) -> Act:
        """Approve what is checked on a photo, reject what else was shown."""
        refuse_unread(self.photos, [position])
        edits = edits_of(self.photos.listing.sha1(position), approve(now))
        self._decide(edits, Who.PERSON, [edits[0].sha1], {})
        self.photos.paces.decided()
        named = ", ".join(map(self.job.model.tree.shown, sorted(now.checked))) or "no label"
        return self._act(f"{self.photos.name(position)}: {named}", [edits[0].sha1])

    def decide_label(self, label: str, verdicts: Mapping[bytes, bool]) -> Act:
        """Approve or reject a label on photos, given by their contents, and nothing else of them.

        Checks that wait to be approved stay, with this label as it is decided now.
        """
        edits = [Edit(sha1, label, yes) for sha1, yes in verdicts.items()]
        checks: Drafts = {
            sha1: Draft(_with(draft.checked, label, is_in=verdicts[sha1]), draft.shown)
            for sha1, draft in drafts(self.job.catalogue, list(verdicts)).items()
        }
        self._decide(edits, Who.PERSON, list(verdicts), checks)
        yes = sum(verdicts.values())
        named = self.job.model.tree.shown(label)
        return self._act(f"{named}: {yes:,} yes, {len(verdicts) - yes:,} no", list(verdicts))

    def do(self, plan: Plan) -> Act:
        """Do what was planned, as one act."""
        if plan.grouping is not None:
            self.check_writable()
            decide(self.job.catalogue, [], root=self.root, grouping=plan.grouping)
            self._history.push(Done({}, {}))
            self._undone.clear()
        elif plan.edits:
            self._decide(plan.edits, plan.who, plan.sha1s, plan.checks, plan.source)
        elif plan.checks:
            self._keep(plan.checks, plan.undone)
        else:
            self.check_writable()
        act = self._act(plan.done, plan.sha1s)
        return replace(act, is_grouping=plan.grouping is not None)

    def coming(self, on_screen: Iterable[int] = (), *, redo: bool = False) -> Coming | None:
        """Return what ``undo``, or ``redo``, would do; None where nothing is left.

        ``on_screen``: the positions that a person sees, with what happens to them.
        """
        self.check_writable()
        if not redo:
            return self._coming(self._history.last, next_undo, on_screen)
        step = self._undone.last
        if step is None and self._goes_on:
            return None
        return self._coming(step, next_redo, on_screen)

    def photos_ahead(self, *, redo: bool = False) -> int:
        """Return how many photos ``undo``, or ``redo``, is about; to say what it does takes longer.

        Of a million photos that takes seconds.
        """
        step = (self._undone if redo else self._history).last
        if isinstance(step, Checks):
            return len(step.before)
        return photos_ahead(self.job.catalogue, root=self.root, redo=redo)

    def _coming(
        self, step: Step | None, look: Callable[..., Past | None], on_screen: Iterable[int]
    ) -> Coming | None:
        """Return what would be taken back or done again; ``step`` is what is remembered of it.

        ``look`` finds the act in the catalogue.
        """
        if not isinstance(step, Checks):
            self._asked = look(self.job.catalogue, root=self.root, known=self._asked)
        act = step if isinstance(step, Checks) else self._asked
        if act is None:
            return None
        if isinstance(act, Checks):
            sha1s = list(act.before)
        else:  # clearing forgets checks also of photos that were not decided
            sha1s = [*act.photos, *(step.before.keys() - act.photos if step else ())]
        listing = self.photos.listing
        first = firsts(self.job.catalogue, sha1s)
        photos = {first.get(sha1, sha1) for sha1 in sha1s}
        seen = by_first(self.job.catalogue, {listing.sha1(position) for position in on_screen})
        positions = listing.positions_of(every_edition(self.job.catalogue, sha1s[:1]))
        single = self.photos.name(positions[0]) if positions else "a photo that is not here"
        where = single if len(photos) == 1 else counted(len(photos), "photo")
        ask = ""
        if not isinstance(act, Checks) and act.act <= self._earlier:
            ask = "It is of an earlier session."
        elif unseen := len(photos - seen.keys()):
            ask = f"{counted(unseen, 'photo')} of it can't be seen here."
        elif not photos:
            ask = "No photo was decided for it."
        sentence = said_of(act, where, shown=self.job.model.tree.shown)
        if isinstance(act, Checks):
            return Coming(sentence, sha1s, ask)
        return Coming(sentence, sha1s, ask, act.naming, act.grouping is not None)

    def undo(self) -> Act | None:
        """Take back what was done last, also before a restart; None where nothing is left."""
        coming, self._asked = self.coming(), None
        if coming is None:
            return None
        sentence = f"taken back: {coming.said}"
        step = self._history.last
        if isinstance(step, Checks):
            save_drafts(self.job.catalogue, step.before)
            self._history.drop()
            self._undone.push(step)
            return self._act(sentence, step.before)
        with self.job.catalogue.transaction():
            touched = undo(self.job.catalogue, root=self.root)
            if touched is None:
                return None
            done = step or self._done_without_step(undone(self.job.catalogue, root=self.root))
            if not coming.keeps_checks:  # naming: they stay, by what their labels are called
                save_drafts(self.job.catalogue, dict.fromkeys(touched) | done.before)
            self.photos.tell(_HALF)
        self._history.drop()
        self._undone.push(done)
        touched += done.before.keys() - touched
        return self._stepped(sentence, touched, coming, is_back=True)

    def redo(self) -> Act | None:
        """Do again what was undone last; None where nothing was."""
        coming, self._asked = self.coming(redo=True), None
        if coming is None:
            return None
        sentence = f"done again: {coming.said}"
        step = self._undone.last
        if isinstance(step, Checks):
            save_drafts(self.job.catalogue, step.after)
            self._undone.drop()
            self._history.push(step)
            return self._act(sentence, step.after)
        with self.job.catalogue.transaction():
            edits = [] if step else undone(self.job.catalogue, root=self.root)
            touched = redo(self.job.catalogue, root=self.root)
            if touched is None:
                return None
            done = step or Done(
                {}, {} if _is_whole(edits) else _drafts_of(self.job.catalogue, touched)
            )
            if not coming.keeps_checks:
                save_drafts(self.job.catalogue, dict.fromkeys(touched) | done.after)
            self.photos.tell(_HALF)
        self._undone.drop()
        self._history.push(done)
        touched += done.before.keys() - touched
        return self._stepped(sentence, touched, coming)

    def name_label(self, plan: NamingPlan) -> Act:
        """Rename, merge or remove a label, or give it a synonym, as it was planned: one act.

        ``plan_naming`` makes plans, of these ``labels``. What it taught is learned anew.
        """
        self.check_writable()
        do_naming(self.job.catalogue, plan, root=self.root)
        self._history.push(Done({}, {}))
        self._undone.clear()
        touched = list(dict.fromkeys(edit.sha1 for edit in plan.moved.edits))
        return self._stepped(plan.said, touched, Coming("", [], naming=plan.naming))

    def _stepped(
        self, sentence: str, touched: list[bytes], step: Coming, *, is_back: bool = False
    ) -> Act:
        if step.naming is not None:
            called = step.naming.before if is_back else step.naming.after
            self.remembered.follow(called)
            self.photos.order_label = called(self.photos.order_label)
            with contextlib.suppress(LabelsError):  # the file may be in the middle of an edit
                self.read_labels_again()
            self.suggestions.begin_again(self.job)
            self.suggestions.stale = True
        else:
            self.suggestions.learn(touched)
        act = self._act(sentence, touched)
        return replace(act, is_naming=step.is_naming, is_grouping=step.is_grouping)

    def add_label(self, text: str) -> str:
        """Add a label to those that are offered; return it as labels are written.

        A word of a label that was renamed or merged is that label. Raises UsageError with the
        reason where it cannot be one.
        """
        self.check_writable()
        try:
            word = as_new_label(text)
        except ValueError as error:
            raise UsageError(f"new label: {error}", "write another word or phrase") from error
        label = names(self.job.catalogue).label_of(self.job.model.tree.label_of(word))
        if label == GONE:  # it was removed, and is wanted again
            plan = plan_naming(self.job.catalogue, Kind.ADD, word, "", self.labels)
            self.name_label(plan)
            return word
        if label not in self.labels:
            add_word(self.job.catalogue, label)
            self.labels.append(label)
        return label

    def _decide(
        self,
        edits: Collection[Edit],
        who: Who,
        sha1s: list[bytes],
        checks: Drafts,
        source: str | None = None,
    ) -> None:
        """Record edits as one act that finishes their photos' drafts, and learn from them.

        ``checks`` are kept of the photos from now on.
        """
        self.check_writable()
        checks_before: Drafts = dict.fromkeys(checks)
        checks_before |= drafts_as_kept(self.job.catalogue, sha1s)
        suggester = self.suggestions.suggester
        new = approved_first(self.job, edits)

        def tell(written: int) -> None:
            self.photos.tell(written / len(edits))

        with self.job.catalogue.transaction():
            if suggester is not None:
                suggester.decide(edits, who, finished=True, learn=False, source=source, tell=tell)
            else:
                where, root = self.job.catalogue, self.root
                decide(where, edits, root=root, who=who, finished=True, source=source, tell=tell)
            save_drafts(self.job.catalogue, checks)
            for label in new:
                add_word(self.job.catalogue, label)
        self.labels.extend(new)
        self._history.push(Done(checks_before, checks))
        self._undone.clear()
        if who is Who.PERSON:
            self.suggestions.learn(sha1s)

    def _keep(self, changed: Drafts, what: str = "changed checks") -> None:
        self.check_writable()
        before = _drafts_of(self.job.catalogue, list(changed))
        save_drafts(self.job.catalogue, changed)
        self._history.push(Checks(before, changed, what))
        self._undone.clear()
        self._goes_on = True

    def _done_without_step(self, edits: list[Edit]) -> Done:
        """Return what is to be kept of photos' checks after an act of an earlier session is undone.

        Who undoes an approval wants to correct it, not to begin again; an act on one label has
        nothing to do with the checks.
        """
        photos = {edit.sha1 for edit in edits}
        if not _is_whole(edits):
            return Done(
                _drafts_of(self.job.catalogue, every_edition(self.job.catalogue, photos)), {}
            )
        if len(photos) != 1:
            return Done({}, {})
        labels = [edit for edit in edits if edit.label != WHOLE_PHOTO and edit.approved is not None]
        checked = frozenset(edit.label for edit in labels if edit.approved)
        draft = Draft(checked, frozenset(edit.label for edit in labels))
        return Done({photos.pop(): draft}, {})

    def _act(self, sentence: str, sha1s: Iterable[bytes]) -> Act:
        touched = every_edition(self.job.catalogue, sha1s)
        self.photos.touched.add(touched)
        self.photos.listing.read_marks_of(self.job.catalogue, touched)
        return Act(sentence, self.photos.listing.positions_of(touched))

    def check_writable(self) -> None:
        """Raise LockedError where this review only reads, and once after it began to decide."""
        if self.read_only is not None:
            raise self.read_only.with_traceback(None)
        if self._is_unaware:
            self._is_unaware = False
            raise PhototaggerError("you decide now, so this key did nothing", "press it again")


def _is_whole(edits: Iterable[Edit]) -> bool:
    """Tell whether an act was on photos as a whole, and not on labels of theirs alone."""
    return any(edit.label == WHOLE_PHOTO for edit in edits)


def _with(labels: frozenset[str], label: str, *, is_in: bool) -> frozenset[str]:
    return labels | {label} if is_in else labels - {label}


def _drafts_of(catalogue: Catalogue, sha1s: Sequence[bytes]) -> Drafts:
    none: Drafts = dict.fromkeys(sha1s)
    return none | drafts_as_kept(catalogue, sha1s)
