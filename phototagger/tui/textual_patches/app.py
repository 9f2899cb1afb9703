"""The one base of our apps: what is changed of Textual's ``App``, private hooks included.

- No text can act on the terminal: widgets make printable what they show, and what one of them
  forgot is taken out at the last look at each line.
- What breaks an app is kept, in place of pages about it on the terminal.
- Of each paint only the cells that differ are sent.
- A screen is left once, however many keys that leave it come at once.
- Pictures that are drawn past Textual follow what it paints.

What is private to Textual here is looked for by ``guards``.
"""

import os
from collections.abc import Iterable, Sequence
from typing import Any, Protocol, TypeVar

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.app import App
from textual.color import Color
from textual.filter import LineFilter
from textual.geometry import Region

from phototagger.printable import without_unfit
from phototagger.tui.textual_patches import guards
from phototagger.tui.textual_patches.differences import ShownCells, erases_in_colour
from phototagger.tui.textual_patches.left_once import leave_once
from phototagger.tui.textual_patches.lines_kept import let_lines_go

ReturnType = TypeVar("ReturnType")

let_lines_go()
leave_once()

LOOK = 0.1
"""How often pictures are looked after where no paint is told, in seconds."""

_BROKE = 1  # the code that Textual returns then, and nobody else here


class PaintListener(Protocol):
    """What draws beside Textual, and hears what that does."""

    def passing(self) -> Iterable[Region]:
        """Return where pictures go at the coming paint: text is to be written there."""

    def painted(self, update: Any) -> None:
        """Hear of a paint."""

    def look(self) -> None:
        """Look after what is drawn, where no paint is told."""

    def key_pressed(self) -> None:
        """Hear of a key."""

    def forget(self) -> None:
        """Know nothing of what is drawn any more."""

    def resized(self) -> None:
        """Hear of another size."""

    def answered(self) -> None:
        """Hear that the terminal has read all that it was sent before it was asked."""

    def focused(self) -> None:
        """Hear that its window is looked at again."""

    def stop(self) -> None:
        """Leave the terminal to another program."""

    def resume(self) -> None:
        """Have it again."""


class _Screening(LineFilter):
    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        # Cells of a picture are a segment each, and a screen has thousands of them.
        if "".join([segment[0] for segment in segments]).isprintable():
            return segments
        return [segment if segment.control else _screened(segment) for segment in segments]


def _screened(segment: Segment) -> Segment:
    """Return a segment of as many cells, without what is unfit for a screen."""
    text = without_unfit(segment.text)
    lost = cell_len(segment.text) - cell_len(text)
    return Segment(text + " " * lost, segment.style)


_SCREENING = _Screening()


class PatchedApp(App[ReturnType]):
    """An app whose ``graphics``, once set, follow what is painted."""

    graphics: PaintListener | None = None

    def __init__(self) -> None:
        super().__init__()
        self.shown = ShownCells(erases=erases_in_colour(os.environ))

    @property
    def broke(self) -> Exception | None:
        """What no part of the screen expected, if anything."""
        error: Exception | None = getattr(self, "_exception", None) if guards.CRASHES else None
        if error is None and self.return_code == _BROKE:
            return RuntimeError("what Textual printed says more")
        return error

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return the filters of every line."""
        return [*super().get_line_filters(), _SCREENING]

    def on_mount(self) -> None:
        """Have pictures step aside while another program has the terminal."""
        graphics = self.graphics
        if graphics is not None:
            self.app_suspend_signal.subscribe(self, lambda _: graphics.stop(), immediate=True)
            self.app_resume_signal.subscribe(self, lambda _: graphics.resume(), immediate=True)
            if not guards.PAINTS:
                self.set_interval(LOOK, graphics.look)

    async def on_event(self, event: events.Event) -> None:
        """Note keys, for pictures make way for them on a slow line."""
        if self.graphics is not None and isinstance(event, events.Key):
            self.graphics.key_pressed()
        await super().on_event(event)

    def on_resize(self, _: events.Resize) -> None:
        """Paint everything, and draw the pictures anew."""
        self.shown.forget()
        if self.graphics is not None:
            self.graphics.resized()

    def on_terminal_supports_synchronized_output(self) -> None:
        """Hear an answer of the terminal: of Textual's question at the start, or of another."""
        if self.graphics is not None:
            self.graphics.answered()

    def on_app_focus(self, _: events.AppFocus) -> None:
        """Draw the pictures that another window has cost."""
        if self.graphics is not None:
            self.graphics.focused()

    def on_unmount(self) -> None:
        """Leave no picture behind."""
        if self.graphics is not None:
            self.graphics.stop()

    def _display(self, *args: Any) -> None:
        if not guards.PAINTS or getattr(self, "_batch_count", False):
            super()._display(*args)
            return
        screen, update = args
        update = self._different(update)
        super()._display(screen, update)
        if self.graphics is not None:
            self.graphics.painted(update)

    def _different(self, update: Any) -> Any:
        """Return what of a paint has to be sent; all of it where that is not known."""
        if update is None or not guards.LINES:
            return update
        for region in self.graphics.passing() if self.graphics is not None else ():
            self.shown.forget(region)
        return self.shown.differences(update, self.console, self.size) or update

    def _fatal_error(self) -> None:
        if guards.CRASHES and hasattr(self, "_exception"):
            self._close_messages_no_wait()
        else:
            super()._fatal_error()
