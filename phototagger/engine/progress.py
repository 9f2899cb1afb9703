"""How far the engine is: counted from its events, given as a snapshot that no thread can change."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from phototagger.engine.events import (
    Event,
    Notice,
    PhotoFailed,
    PhotoReady,
    StepFinished,
    StepProgress,
    StepStarted,
)
from phototagger.engine.runner import line_of
from phototagger.errors import PhototaggerError

_LINES = 100


class State(StrEnum):
    """What the engine does."""

    IDLE = "idle"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPING = "stopping"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


BUSY = frozenset({State.RUNNING, State.PAUSED, State.STOPPING})


@dataclass(frozen=True)
class Progress:
    """How far the engine was at one moment.

    ``start`` numbers the starts, from 1. Of the ``total`` things of ``step`` so many are ``done``,
    of which ``fresh`` were done before; it began ``seconds`` ago. ``ready`` photos got suggestions
    since the start. ``failures`` are all of this start, ``finished`` its complete steps, ``lines``
    the last ones for a person. ``error`` ended it, where one did.
    """

    start: int = 0
    state: State = State.IDLE
    step: str = ""
    done: int = 0
    total: int = 0
    fresh: int = 0
    seconds: float = 0.0
    ready: int = 0
    failures: tuple[PhotoFailed, ...] = ()
    finished: tuple[StepFinished, ...] = ()
    lines: tuple[str, ...] = ()
    error: PhototaggerError | None = None

    @property
    def busy(self) -> bool:
        """Whether steps are being done, or held up."""
        return self.state in BUSY

    @property
    def left(self) -> float | None:
        """Seconds until this step is done at the pace so far; None where nobody can tell."""
        done = self.done - self.fresh
        if self.state is not State.RUNNING or done < 1:
            return None
        return (self.total - self.done) * self.seconds / done


@dataclass
class Counter:
    """Counts events of one start after the other. Not for several threads at once."""

    clock: Callable[[], float] = time.monotonic
    _progress: Progress = field(default_factory=Progress)
    _began: float = 0.0
    _ready: int = 0
    _failures: list[PhotoFailed] = field(default_factory=list)
    _lines: deque[str] = field(default_factory=lambda: deque(maxlen=_LINES))

    @property
    def state(self) -> State:
        """What the engine does."""
        return self._progress.state

    def begin(self) -> None:
        """Begin the next start."""
        self._progress = Progress(self._progress.start + 1, State.RUNNING)
        self._began, self._ready = self.clock(), 0
        self._failures.clear()

    def turn(self, state: State) -> None:
        """Note what the engine does now."""
        self._progress = replace(self._progress, state=state)

    def end(self, error: PhototaggerError | None = None, *, stopped: bool = False) -> None:
        """Note how a start ended."""
        if error is None:
            self.turn(State.DONE)
            return
        state = State.STOPPED if stopped else State.FAILED
        self._progress = replace(self._progress, state=state, error=error)
        self._lines.append(str(error))

    def count(self, event: Event) -> None:
        """Take an event in."""
        match event:
            case PhotoReady():
                self._ready += 1
            case PhotoFailed():
                self._failures.append(event)
            case Notice(text):
                self._lines.append(text)
            case StepStarted(step, total, fresh):
                self._began = self.clock()
                self._progress = replace(
                    self._progress, step=step, done=fresh, total=total, fresh=fresh
                )
            case StepProgress(step, done, total):
                self._progress = replace(self._progress, step=step, done=done, total=total)
            case StepFinished():
                self._lines.append(line_of(event))
                self._progress = replace(self._progress, finished=(*self._progress.finished, event))

    def snapshot(self) -> Progress:
        """Return how far it is."""
        progress, failures = self._progress, self._progress.failures
        if len(failures) != len(self._failures):
            failures = tuple(self._failures)
        self._progress = progress = replace(
            progress, failures=failures, ready=self._ready, lines=tuple(self._lines)
        )
        return replace(progress, seconds=self.clock() - self._began if progress.busy else 0.0)
