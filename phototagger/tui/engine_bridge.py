"""The engine and the screen: steps are started here, and what they tell is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from phototagger.core.clip_model import EMBEDDED
from phototagger.engine.progress import Progress, State
from phototagger.engine.step import STEPS, Step, steps_of
from phototagger.engine.worker import Engine
from phototagger.printable import printable
from phototagger.review import Review
from phototagger.review.background.tables import table_steps
from phototagger.tui.keys import Handlers
from phototagger.tui.screens.firstrun import ask_for_model
from phototagger.tui.screens.review.messages import EngineProgressed, ReopenAsked, ReopenRequest
from phototagger.tui.screens.run import RunScreen, bar_of
from phototagger.tui.screens.sending import ask_before_sending
from phototagger.tui.widgets.status import SAID_SECONDS, duration

if TYPE_CHECKING:
    from phototagger.engine.job import Job
    from phototagger.tui.arriving import Arriving
    from phototagger.tui.screens.review.act_runner import ActRunner
    from phototagger.tui.screens.review.screen import ReviewScreen

AT_WORK = "the engine is at work; r shows it"
_FIRST_PAINT = 0.3  # seconds for the first pictures, before steps take their share of the machine
_TICK = 1.0  # seconds between two looks at how long the model has been loading
_READ_SECONDS = 20.0  # a path is to be read, or copied


class EngineBridge:
    """Starts, pauses and stops the engine; photos appear as they become ready.

    ``engine`` is None where another phototagger holds the run_dir. ``announce_end``: whether its
    end is worth a message. ``shown_start``: which of its starts ended last, as is shown.
    ``is_due``: something is to be done as soon as it rests.
    """

    def __init__(
        self,
        screen: ReviewScreen,
        review: Review,
        acts: ActRunner,
        arriving: Arriving,
    ) -> None:
        self._screen = screen
        self._review = review
        self._acts = acts
        self.engine: Engine | None = None
        self.announce_end = True
        self._says_where = False  # whether the tables were asked for, and so where they are
        self.shown_start = 0
        self._arriving = arriving
        self._shown_ready = 0
        self._scanned = 0  # the start whose scan was followed by a look at the root
        self.is_due = False
        self._loading = False  # as the line says it
        self.actions: Handlers = {"run": self._choose_step, "export": self.export}

    def connect(self, job: Job) -> None:
        """Make the engine of a job ready; it starts nothing by itself."""

        def hear(progress: Progress) -> None:
            self._screen.post_message(EngineProgressed(progress))

        self.engine = Engine(job, hear)
        self._screen.set_interval(_TICK, self._tick)

    def close(self) -> None:
        """End the engine and the model's process."""
        if self.engine is not None:
            self.engine.close()

    def rests(self) -> bool:
        """Tell whether there is an engine that has nothing to do."""
        return self.engine is not None and not self.engine.is_running

    # What the person asks for.

    def start(self, name: str) -> None:
        """Start a step of the pipeline, or all that is missing."""
        keys = {"sidecars": "write", "export": "export"}
        job = self._review.job.writer
        if name in keys:
            self._screen.action_act(keys[name])
        elif job is not None and any(step.name == "discover" for step in steps_of(name)):
            ask_before_sending(self._screen, job, lambda: self.start_step(name))
        else:
            self.start_step(name)

    def start_step(self, name: str) -> None:
        """Start a step as it is, without a dialog before it."""
        review = self._review
        if not self._can_write() or not self._acts.is_free():
            return
        again = review.read_labels_again if name == "vocabulary" else lambda: review.labels
        labels = self._screen.attempt(again)
        if labels is not None:
            self._start(steps_of(name), labels)

    def export(self, *, asked: bool = True) -> None:
        """Write the tables; unless the person ``asked`` for it, after a look at the root."""
        job = self._review.job.writer
        if self._can_write() and job is not None and self.engine is not None:
            self._start(table_steps(job))
            self.announce_end = self._says_where = asked
            if not asked:
                self._scanned = self.engine.latest.start  # it finds what was just found

    def pause_or_resume(self) -> None:
        """Pause, or go on."""
        if self.engine is not None:
            paused = self.engine.latest.state is State.PAUSED
            (self.engine.resume if paused else self.engine.pause)()

    def cancel(self) -> None:
        """Stop after this batch."""
        if self.engine is not None:
            self.engine.cancel()

    def suggest_new_label(self, *, announce_end: bool = False) -> None:
        """Embed a new label at once, beside the keys, so that it is suggested for all photos.

        Unless its end is to be announced, what is said of the act that made it new stays.
        """
        if self.rests() and not self._acts.busy:
            self.start_step("vocabulary")
            self.announce_end = announce_end

    def begin_missing(self, count: int) -> None:
        """Begin what is missing for photos without suggestions, a moment after they are shown."""
        if self.engine is not None and count:
            self._screen.say("suggestions come in; r shows how far it is")
            if self._review.suggestions.suggester is None:
                self._review.job.model.begin_loading()
            self.is_due = True
            self._screen.set_timer(_FIRST_PAINT, self._begin_missing)

    def _begin_missing(self) -> None:
        if self._acts.busy:
            self._acts.put_off("what is missing", self._begin_missing)
        elif self.is_due and self.rests():
            self.is_due = False
            self.start_step("run")

    def no_suggestions(self, position: int) -> str:
        """Say why nothing is suggested for a photo yet, and when something will be."""
        latest = self.engine.latest if self.engine is not None else None
        if latest is not None and self._loads(latest):
            return f"not approved: the model is loading, {latest.seconds:.0f} s so far"
        if latest is not None and latest.left is not None:
            return f"not approved: suggestions in {duration(latest.left)}"
        return f"not approved: {self._review.photos.nothing_known(position)}"

    def _choose_step(self) -> None:
        """Show the steps, and what the engine does."""
        if self._can_write() and self.engine is not None:
            RunScreen(self.engine.latest).ask_on(self._screen.app, self.start)

    def _can_write(self) -> bool:
        """Tell whether there is an engine; say why, if not."""
        if self.engine is None and self._review.read_only is not None:
            self._screen.complain(self._review.read_only)
        return self.engine is not None

    def _start(self, steps: Sequence[Step], labels: list[str] | None = None) -> None:
        self.announce_end, self._says_where = True, False
        if self.engine is not None and not self.engine.start(steps, labels=labels):
            self._screen.say(AT_WORK)

    # What the engine tells.

    def show(self, progress: Progress) -> None:
        """Show how far the engine is."""
        front = self._screen.app.screen
        if isinstance(front, RunScreen):
            front.show(progress)
        self._screen.show_engine(self._engine_line(progress))
        if progress.start != self._scanned and _has_scanned(progress):
            self._scanned = progress.start
            self._screen.background.rescan(begin=False)  # there may be photos that came since
        if not progress.busy and progress.start != self.shown_start:
            self.shown_start = progress.start
            self._show_end(progress)
        elif progress.ready != self._shown_ready:
            first, self._shown_ready = not self._shown_ready, progress.ready
            (self._arriving.now if first else self._arriving.soon)()

    def _tick(self) -> None:
        """Count the seconds that the model takes, and say when it is there."""
        if self.engine is None:
            return
        latest, before = self.engine.latest, self._loading
        self._loading = self._loads(latest)
        if self._loading or before:
            self._screen.show_engine(self._engine_line(latest))

    def _loads(self, progress: Progress) -> bool:
        """Tell whether the model is being loaded, so that nothing can be counted."""
        waits = progress.step == "embed" and not self._review.job.model.loaded
        return waits and progress.state is State.RUNNING

    def _engine_line(self, progress: Progress) -> str:
        """Return what the engine does, for the status line; nothing where it rests."""
        if self._loads(progress):
            self._loading = True
            return f"loading the model, {progress.seconds:.0f} s"
        return _short(progress) if progress.busy else ""

    def _show_end(self, progress: Progress) -> None:
        self._arriving.now()
        if self.is_due:
            self._begin_missing()
            return
        failed = progress.state is State.FAILED
        no_model = self._review.job.model.known_or_none is None
        if failed and no_model and STEPS[progress.step].loads_model:
            self._offer_model(str(progress.error))
        elif failed:
            self._screen.status.say(str(progress.error), error=True)
        elif progress.finished and self.announce_end:
            sentence = progress.lines[-1] if progress.lines else bar_of(progress)
            where = self._where_tables_are() if self._says_where else ""
            seconds = _READ_SECONDS if where else SAID_SECONDS
            self._screen.status.say(f"{where}{sentence}", seconds=seconds)

    def _where_tables_are(self) -> str:
        """Say in which folder the tables are, before what was written."""
        job = self._review.job.writer
        return f"tables in {printable(job.run.path)}: " if job is not None else ""

    def _offer_model(self, why: str) -> None:
        """Offer the model that needs no weights, where the chosen one could not be loaded."""
        settings = self._review.settings

        def reopen() -> None:
            request = ReopenRequest(replace(settings, model_name=EMBEDDED), "run")
            self._screen.post_message(ReopenAsked(request))

        question = ask_for_model(why, settings.model_name)
        self._screen.ask(question, reopen, self._show_without)

    def _show_without(self) -> None:
        """Read the photos and make thumbnails at least, so that they can be decided."""
        if self._review.photos.listing.unread.any():
            self.start_step("thumbs")


def _has_scanned(progress: Progress) -> bool:
    return any(event.step == "scan" for event in progress.finished)


def _short(progress: Progress) -> str:
    """Return what the engine does, for the status line."""
    done = f"{progress.done:,} of {progress.total:,}" if progress.total else "…"
    failed = f", {len(progress.failures):,} failed" if progress.failures else ""
    paused = " (paused)" if progress.state is State.PAUSED else ""
    return f"{progress.step} {done}{failed}{paused}"
