"""The steps of the pipeline, each to be started, with what the engine is doing."""

from collections.abc import Iterable
from typing import ClassVar, NamedTuple

from textual.binding import BindingType
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from phototagger.engine.progress import Progress, State
from phototagger.engine.step import RUN, STEPS
from phototagger.printable import one_line, printable
from phototagger.tui.screens.dialog import ListDialog
from phototagger.tui.widgets.status import duration
from phototagger.tui.widgets.text import plain
from phototagger.tui.widgets.virtual_list import TextRows

_BAR = 30  # cells
_FAILURES = 50  # shown, the last ones


class Choice(NamedTuple):
    """Something to start: its name, and what it does."""

    name: str
    does: str


CHOICES = (
    Choice(RUN, "Everything that is missing: all steps below, in their order."),
    *(Choice(step.name, step.sentence) for step in STEPS.values()),
)


class RunScreen(ListDialog[str]):
    """Shows the steps and the engine's progress; returns the name of the step to start.

    The app calls ``show`` when there is something new. Leaving stops nothing.
    """

    class PauseAsked(Message):
        """The person wants the engine to pause, or to go on."""

    class CancelAsked(Message):
        """The person wants the engine to stop."""

    DEFAULT_CSS = """
    RunScreen .run--steps { height: auto; max-height: 60%; }
    RunScreen .run--state { width: 100%; height: 2; margin: 1 0; text-style: bold; }
    RunScreen .run--log { height: 1fr; min-height: 3; background: $surface; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        ("enter", "accept", "start"),
        ("p", "pause", "pause"),
        ("x", "cancel", "stop"),
    ]

    heading = "run"
    hints = (
        ("enter", "start", "accept"),
        ("p", "pause or go on", "pause"),
        ("x", "stop", "cancel"),
    )
    size_class = "dialog--large"

    def __init__(self, progress: Progress) -> None:
        super().__init__()
        self._progress = progress

    def body(self) -> Iterable[Widget]:
        """Return the steps, the state and the log."""
        steps = TextRows(classes="run--steps", id="steps")
        yield steps
        yield Static("", classes="run--state", id="state")
        log = TextRows(classes="run--log", id="log")
        log.empty, log.has_cursor = "", False
        log.can_focus = True
        yield log

    def on_mount(self) -> None:
        """Show what there is."""
        wide = max(len(choice.name) for choice in CHOICES)
        rows = [[(f"{choice.name:{wide}}  ", "bold"), (choice.does, "")] for choice in CHOICES]
        steps = self.query_one("#steps", TextRows)
        steps.put(rows)
        steps.focus()
        self.show(self._progress)

    def show(self, progress: Progress) -> None:
        """Show how far the engine is."""
        self._progress = progress
        self.query_one("#state", Static).update(plain(f"{bar_of(progress)}\n{said_of(progress)}"))
        lines = [[(line, "")] for line in progress.lines]
        failed = progress.failures[-_FAILURES:]
        lines += [
            [(f"failed: {printable(failure.path)}: {one_line(failure.reason)}", "no")]
            for failure in failed
        ]
        log = self.query_one("#log", TextRows)
        is_more = len(lines) != len(log.rows)
        log.put(lines)
        if is_more:  # else whoever reads further up stays there
            log.scroll_end(animate=False)

    def action_accept(self) -> None:
        """Close with the step to start; while one goes on, say so."""
        if not self._progress.busy:
            self.dismiss(CHOICES[self.query_one("#steps", TextRows).cursor].name)

    def on_text_rows_clicked(self, event: TextRows.Clicked) -> None:
        """Start what was clicked."""
        event.stop()
        if self.query_one("#steps", TextRows).has_focus:
            self.action_accept()

    def action_pause(self) -> None:
        """Ask for a pause, or to go on."""
        self.post_message(self.PauseAsked())

    def action_cancel(self) -> None:
        """Ask for an end."""
        self.post_message(self.CancelAsked())


def bar_of(progress: Progress) -> str:
    """Return a bar as text, and its numbers."""
    if not progress.busy:
        return ""
    if not progress.total:
        return progress.step
    full = round(_BAR * progress.done / progress.total)
    return (
        f"{progress.step:9}[{'#' * full}{'.' * (_BAR - full)}] "
        f"{progress.done:,} of {progress.total:,}{_left(progress)}"
    )


def _left(progress: Progress) -> str:
    computed = progress.done - progress.fresh
    if not computed or not progress.seconds:
        return ""
    rate = computed / progress.seconds
    return f", {rate:.1f}/s, {duration((progress.total - progress.done) / rate)} left"


def said_of(progress: Progress) -> str:
    """Return what the engine does, in a sentence."""
    failed = f", {len(progress.failures):,} failed" if progress.failures else ""
    words = {
        State.IDLE: "nothing is running",
        State.RUNNING: f"running{failed}; the review goes on meanwhile",
        State.PAUSED: f"paused{failed}",
        State.STOPPING: "stopping after this batch …",
        State.DONE: f"done{failed}",
        State.STOPPED: f"stopped{failed}; what is finished is kept",
        State.FAILED: f"failed: {progress.error!s}",
    }
    return words[progress.state]
