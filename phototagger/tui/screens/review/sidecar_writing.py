"""Writing sidecars: first what would change is shown, then enter writes it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual.worker import get_current_worker

from phototagger.engine.advice import told
from phototagger.engine.events import Event, SidecarDone
from phototagger.engine.progress import State
from phototagger.engine.step import steps_of
from phototagger.engine.tables.sidecar_text import result_text
from phototagger.printable import counted, one_line, printable
from phototagger.review import TROUBLE, Review
from phototagger.review.background.sidecars import (
    can_take_back,
    last_write,
    planned_sidecars,
    taken_back_sidecars,
    written_after,
)
from phototagger.sidecars.apply import SidecarResult
from phototagger.tui.engine_bridge import AT_WORK, EngineBridge
from phototagger.tui.keys import Handlers
from phototagger.tui.screens.changes import ChangesScreen

if TYPE_CHECKING:
    from phototagger.tui.screens.review.screen import ReviewScreen

_TOLD_EVERY = 20  # sidecars


class SidecarWriting:
    """Plans and writes beside the keys, and shows both on a ``ChangesScreen``.

    What is taken back goes the same way: shown first, done at enter.
    """

    def __init__(self, screen: ReviewScreen, review: Review, engine: EngineBridge) -> None:
        self._screen = screen
        self._review = review
        self._engine = engine
        self._takes_back = False  # whether what is shown is to be taken back
        self._due = 0  # sidecars that were shown to be written
        self._after: str | None = None  # the write before the one that has not ended well
        self.actions: Handlers = {"write": self._show}

    def _show(self) -> None:
        """Show what would change in the sidecars."""
        changes, self._takes_back = ChangesScreen(), False

        async def show() -> None:
            await self._screen.app.push_screen(changes)  # or nothing could be shown in it
            self._screen.in_thread(lambda: self._plan(changes), "sidecars")

        self._screen.run_worker(show())

    def unwritten(self) -> str:
        """Say what a writing left that was stopped; nothing where none was. After the app's end."""
        if self._after is None:
            return ""
        written = written_after(self._review.job, self._after)
        left = self._due - written
        if left <= 0:
            return ""
        return (
            f"sidecars: stopped after {written:,}; {left:,} not written: press w in the review "
            "again, or run `phototagger sidecars`"
        )

    def write_shown(self) -> None:
        """Write the sidecars that are shown, or take them back."""
        changes = self._screen.app.screen
        do = self._take_back if self._takes_back else self._write
        if isinstance(changes, ChangesScreen):
            self._screen.in_thread(lambda: do(changes), "sidecars")

    def show_taken_back(self) -> None:
        """Show what taking the last write back would change."""
        changes, self._takes_back = self._screen.app.screen, True
        if isinstance(changes, ChangesScreen):
            self._screen.in_thread(lambda: self._plan_back(changes), "sidecars")

    def _plan(self, changes: ChangesScreen) -> None:
        worker, read_only = get_current_worker(), self._review.read_only
        try:
            planned = planned_sidecars(self._review.job, lambda: worker.is_cancelled)
            lines, counts = self._lines_of(planned, changes, "looked at")
        except TROUBLE as error:
            self._tell(changes, "planned", str(told(error)), [], any_change=False)
            return
        self._due = counts["written"]
        summary = f"{counted(counts['written'], 'sidecar')} would be written"
        if counts["refused"]:
            summary += f", {counts['refused']:,} refused"
        if not lines:
            summary = "Nothing to write: the sidecars hold what is approved."
        elif read_only:
            summary += f"; {read_only}"
        can_write = bool(counts["written"]) and not read_only
        self._tell(
            changes,
            "planned",
            summary,
            lines,
            any_change=can_write,
            can_take_back=not read_only and can_take_back(self._review.job),
        )

    def _plan_back(self, changes: ChangesScreen) -> None:
        job = self._review.job.writer
        if job is None or not self._engine.rests():
            self._tell(changes, "planned", AT_WORK, [], any_change=False)
            return
        try:
            lines, counts = self._lines_of(
                taken_back_sidecars(job, dry_run=True), changes, "looked at"
            )
        except TROUBLE as error:
            self._tell(changes, "planned", str(told(error)), [], any_change=False)
            return
        summary = f"The last write: {counted(counts['written'], 'sidecar')} would be as before"
        if counts["refused"]:
            summary += f", {counts['refused']:,} refused"
        any_change = bool(counts["written"])
        self._tell(changes, "planned", summary, lines, any_change=any_change, verb="take it back")

    def _take_back(self, changes: ChangesScreen) -> None:
        job = self._review.job.writer
        if job is None or not self._engine.rests():
            self._tell(changes, "planned", AT_WORK, [], any_change=False)
            return
        try:
            lines, counts = self._lines_of(taken_back_sidecars(job), changes, "taken back")
        except TROUBLE as error:
            self._tell(changes, "planned", str(told(error)), [], any_change=False)
            return
        refused = f", {counts['refused']:,} refused" if counts["refused"] else ""
        summary = f"{counted(counts['written'], 'sidecar')} taken back{refused}"
        if self._engine.engine is not None:
            self._engine.engine.note(f"sidecars: {counts['written']:,} taken back{refused}")
        self._tell(changes, "written", summary, lines)
        self._end(summary)

    def _write(self, changes: ChangesScreen) -> None:
        results: list[SidecarResult] = []

        def hear(event: Event) -> None:
            if isinstance(event, SidecarDone):
                results.append(event.result)
                if not len(results) % _TOLD_EVERY:
                    self._tell(changes, "progress", f"{counted(len(results), 'sidecar')} written …")

        engine = self._engine.engine
        self._after = last_write(self._review.job)
        if engine is None or not engine.start(steps_of("sidecars"), hear=hear):
            self._after = None
            self._tell(changes, "planned", AT_WORK, [], any_change=False)
            return
        ended = engine.wait()
        if ended.state is not State.DONE:
            self._tell(changes, "planned", str(ended.error), [], any_change=False)
            return
        self._after = None
        lines, counts = self._lines_of(results, changes, "written")
        summary = f"{counted(counts['written'], 'sidecar')} written, {counts['refused']:,} refused"
        self._tell(changes, "written", summary, lines, can_take_back=bool(counts["written"]))
        self._end(summary)

    def _end(self, summary: str) -> None:
        """Say what was written, and show which sidecars are up to date now."""

        def end() -> None:
            self._screen.grid.reload()
            self._screen.say(summary)

        self._screen.app.call_from_thread(end)

    def _lines_of(
        self, results: Iterable[SidecarResult], changes: ChangesScreen, verb: str
    ) -> tuple[list[str], dict[str, int]]:
        lines: list[str] = []
        counts = {"written": 0, "unchanged": 0, "refused": 0}
        added, removed = Counter[str](), Counter[str]()
        for number, result in enumerate(results, start=1):
            counts[result.outcome] += 1
            added.update(result.added)
            removed.update(result.removed)
            if result.outcome == "refused":
                lines.append(f"refused: {printable(result.sidecar)}: {one_line(result.reason)}")
            else:
                lines.append(result_text(result))
            if not number % _TOLD_EVERY:
                self._tell(changes, "progress", f"{counted(number, 'sidecar')} {verb} …")
        return [*totals_of(added, removed), *lines], counts

    def _tell(self, changes: ChangesScreen, what: str, *arguments: object, **more: object) -> None:
        """Call a method of the dialog from a thread, unless it was left meanwhile."""

        def tell() -> None:
            if changes.is_attached:
                getattr(changes, what)(*arguments, **more)

        self._screen.app.call_from_thread(tell)


def totals_of(added: Counter[str], removed: Counter[str]) -> list[str]:
    """Return the lines that stand before all changes: how many sidecars get and lose each label.

    The commonest come first; nothing stands before a single change.
    """
    lines = [
        f"  {sign} {printable(label)}: {counted(count, 'sidecar')}"
        for sign, counts in (("+", added), ("-", removed))
        for label, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    ]
    return ["by label", *lines, ""] if len(lines) > 1 else []
