"""The engine and the screen: steps are started here, and what they tell is shown."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from textual import work
from textual.message import Message

from phototagger.core.clip_model import EMBEDDED
from phototagger.core.labels import read_labels
from phototagger.engine.job import OPENED_WITH
from phototagger.engine.progress import Progress, State
from phototagger.engine.step import STEPS, steps_of
from phototagger.engine.worker import Engine
from phototagger.errors import PhototaggerError
from phototagger.review.photo_list import known_listing
from phototagger.store.labels.custom_labels import with_words
from phototagger.tui.screens.firstrun import ask_for_model, ask_to_embed, run_command
from phototagger.tui.screens.review.acting import complains
from phototagger.tui.screens.review.jobs import AT_WORK, Jobs
from phototagger.tui.screens.review.takeover import Takeover
from phototagger.tui.screens.run import RunScreen, bar_of
from phototagger.tui.screens.settings import SettingsScreen

if TYPE_CHECKING:
    from phototagger.engine.job import Job
    from phototagger.settings.model import Settings

_REFRESH_SECONDS = 3.0  # between two looks at what has become ready
_RESTS = 50  # times as long as the last look took, at least: keys wait for it in a large library


class Again(NamedTuple):
    """Settings that cannot be changed in an open review, and the step to begin with."""

    settings: Settings
    step: str = ""


class Bridge(Jobs):
    """Starts, pauses and stops the engine; photos appear as they become ready."""

    again: Again | None = None
    """How to open the review again once it is closed; not at all where None."""

    first_step = ""
    """What to start at once."""

    takeover: Takeover | None = None
    """What waits for the right to decide, where another phototagger has it."""

    class Told(Message):
        """The engine is further; of several, the last one says everything."""

        def __init__(self, progress: Progress) -> None:
            self.progress = progress
            super().__init__()

        def can_replace(self, message: Message) -> bool:
            """Only the last one matters: counts are absolute, failures are kept."""
            return isinstance(message, Bridge.Told)

    def on_mount(self) -> None:
        """Make the engine ready; it starts nothing by itself."""
        self._refreshed, self._took, self._shown_ready, self._shown_start = 0.0, 0.0, 0, 0
        job = self.review.job.writer
        if job is not None:
            self.engine = Engine(job, self._hear)
        else:
            self.takeover = Takeover(self)

    def begin_work(self) -> None:
        """Begin what is due, and what was asked for before this review was opened."""
        if self.first_step:
            self._start(self.first_step)
        super().begin_work()

    def take_over(self, job: Job) -> None:
        """Decide from now on: the phototagger that did has ended."""
        ended = self.review.read_only
        self.review.take_over(job)
        self.engine = Engine(job, self._hear)
        self.take_listing(known_listing(job))
        super().begin_work()
        holder = f" ({ended.holder})" if ended else ""
        self.status.say(f"you decide now: the other phototagger{holder} has ended", error=True)

    def _hear(self, progress: Progress) -> None:
        self.post_message(self.Told(progress))

    def on_bridge_told(self, event: Bridge.Told) -> None:
        """Show what the engine says."""
        event.stop()
        progress = event.progress
        if isinstance(self.screen, RunScreen):
            self.screen.show(progress)
        failed = f", {len(progress.failures):,} failed" if progress.failures else ""
        paused = " (paused)" if progress.state is State.PAUSED else ""
        self.engine_says = ""
        if progress.busy:
            done = f"{progress.done:,} of {progress.total:,}" if progress.total else "…"
            self.engine_says = f"{progress.step} {done}{failed}{paused}"
        self.show_status()
        if not progress.busy and progress.start != self._shown_start:
            self._shown_start = progress.start
            self._ended(progress)
        elif progress.ready != self._shown_ready and self.show_ready_soon():
            self._shown_ready = progress.ready

    def show_ready_soon(self) -> bool:
        """Show what has become known, unless that was done a moment ago; tell whether it is."""
        now = time.monotonic()
        is_due = now >= self._refreshed + max(_REFRESH_SECONDS, _RESTS * self._took)
        if is_due:
            self._refreshed = now
            self._show_ready()
        return is_due

    def _ended(self, progress: Progress) -> None:
        self._show_ready()
        model = self.review.job.model
        failed = progress.state is State.FAILED
        if failed and model.known_or_none is None and STEPS[progress.step].loads_model:
            self._offer_model(str(progress.error))
        elif failed:
            self.status.say(str(progress.error), error=True)
        elif progress.finished and not self.quietly:
            self.say(progress.lines[-1] if progress.lines else bar_of(progress))

    @work(thread=True, group="ready", exclusive=True)
    @complains
    def _show_ready(self) -> None:
        """Show the photos that have become known, with their suggestions."""
        began = time.monotonic()
        listing = known_listing(self.review.job)
        self._took = time.monotonic() - began

        def take() -> None:
            review = self.review
            review.renew()
            if not listing.is_same(review.listing):
                self.take_listing(listing)
            else:
                review.listing.read_marks(review.job.catalogue)
                self.grid.reload()
                self.tree_.put_counts(review.listing.counts())
                if not self.checks.changed:
                    self.focus_photo(again=True)
                self.show_status()
            self.learn()

        self.call_from_thread(take)

    def new_photos(self, count: int) -> None:
        """Offer to embed where nothing is suggested yet; else say that there are new ones."""
        if self.engine is None or self.engine.is_running:
            return
        review = self.review
        if review.suggester is not None and len(review.listing):
            self.say(f"{count:,} new photos: r looks at them")
            return
        command = run_command(review.settings)

        def answered(yes: bool | None) -> None:  # noqa: FBT001  (as Textual calls it)
            if yes:
                self.start("run")
            else:
                self._show_without()

        self.push_screen(ask_to_embed(command, count), answered)

    def start(self, name: str) -> None:
        """Start a step of the pipeline, or all that is missing."""
        if name == "sidecars":
            self.run_worker(self.action_write())
            return
        if name == "export":
            self.action_export()
            return
        self._start(name)

    def label_added(self) -> None:
        """Have a new label suggested for other photos, too, where the model is loaded."""
        engine = self.engine
        rests = engine is not None and not engine.is_running and not self.busy
        if rests and self.review.job.model.loaded:
            self._start("vocabulary")

    def _offer_model(self, why: str) -> None:
        """Offer the model that needs no weights, where the chosen one could not be loaded."""
        settings = self.review.settings

        def answered(yes: bool | None) -> None:  # noqa: FBT001  (as Textual calls it)
            if yes:
                self._open_again(Again(replace(settings, model_name=EMBEDDED), "run"))
            else:
                self._show_without()

        self.push_screen(ask_for_model(why, settings.model_name), answered)

    def _show_without(self) -> None:
        """Make thumbnails at least, where nothing can be seen yet."""
        if not len(self.review.listing):
            self._start("thumbs")

    def _start(self, name: str) -> None:
        engine, review = self.engine, self.review
        if engine is None:
            self.say(str(review.read_only))
            return
        if self.busy:
            self.say(f"one moment: {self.busy}")
            return
        try:
            labels = self._labels_again() if name == "vocabulary" else review.labels
        except PhototaggerError as error:
            self.complain(error)
            return
        self.quietly = False
        if not engine.start(steps_of(name), labels=labels):
            self.say(AT_WORK)

    def _labels_again(self) -> list[str]:
        job = self.review.job
        job.offered = with_words(job.catalogue, read_labels(self.review.settings.labels_file))
        return job.offered

    def action_run(self) -> None:
        """Show the steps, and what the engine does."""
        if self.engine is None:
            self.say(str(self.review.read_only))
            return

        def chosen(name: str | None) -> None:
            if name is not None:
                self.start(name)

        self.push_screen(RunScreen(self.engine.latest), chosen)

    def on_run_screen_pause_asked(self, event: RunScreen.PauseAsked) -> None:
        """Pause, or go on."""
        event.stop()
        if self.engine is not None:
            paused = self.engine.latest.state is State.PAUSED
            (self.engine.resume if paused else self.engine.pause)()

    def on_run_screen_cancel_asked(self, event: RunScreen.CancelAsked) -> None:
        """Stop after this batch."""
        event.stop()
        if self.engine is not None:
            self.engine.cancel()

    def action_settings(self) -> None:
        """Show the settings; changed ones hold from now on."""
        self.push_screen(SettingsScreen(self.review.settings), self._use)

    def _use(self, settings: Settings | None) -> None:
        job = self.review.job.writer
        if settings is None:
            return
        before = self.review.settings
        reopen = (*OPENED_WITH, "labels_file", "images", "max_images")
        if any(getattr(settings, one) != getattr(before, one) for one in reopen):
            self._open_again(Again(settings))
        elif self.engine is None or job is None or self.engine.is_running:
            self.say("settings can be changed when the engine rests")
        else:
            job.begin_again(settings)
            self.review.settings = settings
            self.review.threshold = settings.threshold
            self.show_view()
            self.say("these settings hold until the review is closed; config.yaml keeps them")
            self.use_theme()

    def _open_again(self, again: Again) -> None:
        self.again = again
        self.exit(0)

    def close_engine(self) -> None:
        """End the engine and the model's process, and what looks at the catalogue."""
        self.is_leaving.set()
        if self.takeover is not None:
            self.takeover.close()
        if self.engine is not None:
            self.engine.close()
