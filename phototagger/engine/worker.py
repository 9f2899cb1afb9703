"""The engine beside a screen: steps of a job on a thread, started, paused, cancelled by keys."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from phototagger.engine.advice import told
from phototagger.engine.events import Event, Notice
from phototagger.engine.progress import BUSY, Counter, Progress, State
from phototagger.engine.runner import run_steps
from phototagger.engine.step import Step
from phototagger.errors import InterruptedByUser
from phototagger.settings.model import Settings

if TYPE_CHECKING:
    from phototagger.engine.job import Job

TELL_SECONDS = 0.25
"""A screen is told of progress at most so often."""


class _Task(NamedTuple):
    steps: Sequence[Step]
    settings: Settings | None
    labels: Sequence[str] | None
    hear: Callable[[Event], None]


class Engine:
    """Does steps of a job on a thread of its own, one start at a time.

    ``tell`` is called with the latest progress, from another thread, at most every 0.25 s and
    always with the last one; it may be slow. Everything here may be called from any thread. The job
    is closed by its owner, after ``close``.
    """

    def __init__(
        self,
        job: Job,
        tell: Callable[[Progress], None] | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._job = job
        self._counter = Counter(clock)
        self._guard = threading.Lock()
        self._orders: queue.SimpleQueue[_Task | None] = queue.SimpleQueue()
        self._changed = threading.Event()
        self._idle = threading.Event()
        self._idle.set()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="engine", daemon=True)
        self._thread.start()
        self._teller = threading.Thread(target=self._tell, args=(tell,), daemon=True)
        if tell is not None:
            self._teller.start()

    def start(
        self,
        steps: Sequence[Step],
        *,
        settings: Settings | None = None,
        labels: Sequence[str] | None = None,
        hear: Callable[[Event], None] = lambda _: None,
    ) -> bool:
        """Begin steps; False where others are still being done.

        ``settings`` and ``labels`` hold from now on; the model stays loaded. ``hear`` gets every
        event, on the engine's thread.
        """
        with self._guard:
            if self._closed or self._counter.state in BUSY:
                return False
            self._job.cancelled.clear()
            self._job.paused.clear()
            self._counter.begin()
            self._idle.clear()
            self._orders.put(_Task(steps, settings, labels, hear))
        self._changed.set()
        return True

    def pause(self) -> None:
        """Hold the steps up, once the batch under way is done."""
        self._turn(State.RUNNING, State.PAUSED)

    def resume(self) -> None:
        """Go on."""
        self._turn(State.PAUSED, State.RUNNING)

    def _turn(self, before: State, after: State) -> None:
        with self._guard:
            if self._counter.state is not before:
                return
            self._counter.turn(after)
            if after is State.PAUSED:
                self._job.paused.set()
            else:
                self._job.paused.clear()
        self._changed.set()

    def cancel(self) -> None:
        """Stop the steps, once the batch under way is done; what is finished is kept."""
        with self._guard:
            if self._counter.state not in BUSY:
                return
            self._counter.turn(State.STOPPING)
            self._job.cancelled.set()
        self._changed.set()

    def release_model(self) -> bool:
        """End the model's process; False where it is needed now, or is being loaded."""
        with self._guard:
            return self._counter.state not in BUSY and self._job.model.release()

    def note(self, text: str) -> None:
        """Add a line to those for a person: what was done beside the steps."""
        with self._guard:
            self._counter.count(Notice(text))

    @property
    def is_running(self) -> bool:
        """Whether steps are being done, or held up."""
        return self.latest.busy

    @property
    def latest(self) -> Progress:
        """How far it is now."""
        with self._guard:
            return self._counter.snapshot()

    def wait(self, seconds: float | None = None) -> Progress:
        """Wait until nothing is being done, so long at most; return how far it is."""
        self._idle.wait(seconds)
        return self.latest

    def close(self, seconds: float = 1.0) -> bool:
        """Stop, and end the threads; the model's process is killed where a batch takes longer.

        Return whether the steps have ended: a step that reads or writes much may take longer yet.
        """
        self.cancel()
        with self._guard:
            self._closed = True
        self._orders.put(None)
        self._thread.join(seconds)
        if self._thread.is_alive():
            self._job.model.stop()
            self._thread.join(seconds)
        self._changed.set()
        ended = not self._thread.is_alive()
        if ended:  # what its owner still does with the job is not stopped
            self._job.cancelled.clear()
            self._job.paused.clear()
        return ended

    def _work(self) -> None:
        while order := self._orders.get():
            try:
                self._do(order)
            except InterruptedByUser as stop:
                self._end(stop, stopped=True)
            # The thread's edge: a screen would never hear what ends it.
            except Exception as error:  # noqa: BLE001
                self._end(error)
            else:
                self._end()

    def _do(self, order: _Task) -> None:
        job = self._job
        job.catalogue.check()  # a review may be open that has not looked at everything
        job.begin_again(order.settings, order.labels)
        try:
            for event in run_steps(job, order.steps):
                with self._guard:
                    self._counter.count(event)
                self._changed.set()
                order.hear(event)
        finally:
            job.model.flush()
            job.let_photos_go()

    def _end(self, error: Exception | None = None, *, stopped: bool = False) -> None:
        with self._guard:
            self._counter.end(told(error) if error else None, stopped=stopped)
        self._changed.set()
        self._idle.set()

    def _tell(self, tell: Callable[[Progress], None]) -> None:
        while self._changed.wait() and not self._closed:
            self._changed.clear()
            tell(self.latest)
            self._idle.wait(TELL_SECONDS)  # an end is told at once
